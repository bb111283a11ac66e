"""Somebody who reads and writes pages all the while, and looks at the clock."""

from __future__ import annotations

import threading
import time
from http.client import HTTPConnection, HTTPException
from itertools import count
from typing import Any
from urllib.parse import urlencode, urlsplit

PAUSE = 0.2  # seconds between two rounds
FIRST_ROUNDS = 10


class Reading:
    """In a `with`: asks for one page after the other, in a thread of its own."""

    JOINING = "@joining.test"  # who asks for the newsletter meanwhile

    def __init__(self, address: str, digest: Any) -> None:
        from django.test import Client
        from django.urls import reverse

        self.answers: list[tuple[float, int, str]] = []  # seconds, status, path
        self._host = urlsplit(address).netloc
        self._origin = address
        editor = Client()
        editor.force_login(digest.started_by)
        token = "t" * 32
        session = editor.cookies["sessionid"].value
        self._cookie = f"sessionid={session}; csrftoken={token}"
        self._token = token
        self._pages = [
            reverse("site:home"),
            digest.issue.get_absolute_url(),
            reverse("readers:digest", args=[digest.issue.slug]),
            reverse("desk:my_turn"),
        ]
        self._form = reverse("site:subscribe")
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._read, daemon=True)

    def __enter__(self) -> Reading:
        for _ in range(FIRST_ROUNDS):  # what a new process loads once, it loads here
            for path in self._pages:
                self._ask("GET", path)
        self.answers.clear()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    @property
    def slowest(self) -> float:
        return max(seconds for seconds, _, _ in self.answers)

    def by_page(self) -> dict[str, float]:
        """The longest that each page took."""
        paths = sorted({path for _, _, path in self.answers})
        return {
            one: max(seconds for seconds, _, path in self.answers if path == one)
            for one in paths
        }

    @property
    def wrong(self) -> list[tuple[int, str]]:
        """Answers that are no answer (429 is one: too many asked for the mail)."""
        right = {200, 302, 429}
        return [
            (status, path) for _, status, path in self.answers if status not in right
        ]

    def _read(self) -> None:
        for n in count():
            for path in self._pages:
                self._ask("GET", path)
            form = {"address": f"n{n}{self.JOINING}"}
            self._ask("POST", self._form, urlencode(form))
            if self._over.wait(PAUSE):
                return

    def _ask(self, method: str, path: str, body: str | None = None) -> None:
        headers = {"Cookie": self._cookie, "Origin": self._origin}
        if body is not None:
            headers |= {
                "X-CSRFToken": self._token,
                "Content-Type": "application/x-www-form-urlencoded",
            }
        begun, status = time.monotonic(), 0
        connection = HTTPConnection(self._host, timeout=60)
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            answer.read()
            status = answer.status
        except (OSError, HTTPException):
            pass  # counted as status 0
        finally:
            connection.close()
        self.answers.append((time.monotonic() - begun, status, path))
