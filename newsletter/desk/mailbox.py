"""The development mailbox: what the loopback mail server took, as files. Nowhere else."""

import re
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import cast

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from .framed import framed

SHOWN = 100
_NAME = re.compile(r"[0-9A-Za-z_-]+\.eml")


@dataclass(frozen=True)
class Letter:
    """One kept mail."""

    name: str
    taken_at: datetime
    message: EmailMessage

    @classmethod
    def read(cls, path: Path) -> "Letter":
        taken_at = datetime.fromtimestamp(
            path.stat().st_mtime, tz=timezone.get_current_timezone()
        )
        message = message_from_bytes(path.read_bytes(), policy=policy.default)
        return cls(path.name, taken_at, cast(EmailMessage, message))

    def body(self, kind: str) -> str:
        """The part of this kind ("plain" or "html"), or ""."""
        part = self.message.get_body((kind,))
        return part.get_content() if part else ""

    def header(self, name: str) -> str:
        return str(self.message.get(name, ""))

    @property
    def headers(self) -> list[tuple[str, str]]:
        return [(name, str(value)) for name, value in self.message.items()]

    @property
    def subject(self) -> str:
        return self.header("Subject")

    @property
    def to(self) -> str:
        return self.header("To")

    @property
    def text(self) -> str:
        return self.body("plain")

    @property
    def has_html(self) -> bool:
        return bool(self.body("html"))


@require_safe
@login_required
def mailbox(request: HttpRequest) -> HttpResponse:
    """The newest mails first."""
    folder = _folder()
    newest = sorted(folder.glob("[!.]*.eml"), reverse=True)[:SHOWN]
    context = {"letters": [Letter.read(path) for path in newest], "shown": SHOWN}
    return render(request, "newsletter/desk/mailbox.html", context)


@require_safe
@login_required
def mail(request: HttpRequest, name: str) -> HttpResponse:
    """One mail: its text, its HTML in a frame, its headers."""
    return render(request, "newsletter/desk/mail.html", {"letter": _letter(name)})


@framed
@require_safe
@login_required
def html(request: HttpRequest, name: str) -> HttpResponse:
    """The HTML of a mail, for the frame."""
    return HttpResponse(_letter(name).body("html"))


def _folder() -> Path:
    if not settings.DEVELOPMENT or settings.MAILBOX_DIR is None:
        raise Http404
    return Path(settings.MAILBOX_DIR)


def _letter(name: str) -> Letter:
    path = _folder() / name
    if not _NAME.fullmatch(name) or not path.is_file():
        raise Http404
    return Letter.read(path)
