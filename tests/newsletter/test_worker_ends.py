"""A worker that is asked to end does so, whatever has become of its broker."""

import contextlib
import os
import signal
import socket
import sys
import threading
from urllib.parse import urlsplit

import pytest
from django.conf import settings

from scripts import processes
from scripts.environment import ROOT
from scripts.home import WORKER
from tests.launching import PATIENCE

CELERY = (sys.executable, "-m", "celery", "-A", "newsletter")
GENEROUS = 30  # seconds, far above what it takes; a hang must not pass


class Vanishing:
    """A way to the test's broker that is gone with the first message of `last_words`."""

    def __init__(self, last_words: bytes) -> None:
        self._last_words = last_words
        self._broker = urlsplit(settings.REDIS_URL)
        self._door = socket.create_server(("127.0.0.1", 0))
        self._sides = [self._door]
        self.is_gone = False
        self._in_a_thread(self._receive)

    @property
    def url(self) -> str:
        port = self._door.getsockname()[1]
        return f"redis://127.0.0.1:{port}{self._broker.path}"

    def vanish(self) -> None:
        """Hang up on everyone, and let nobody in again."""
        self.is_gone = True
        for side in self._sides:
            with contextlib.suppress(OSError):  # they may have hung up before
                side.shutdown(socket.SHUT_RDWR)
            side.close()

    def _receive(self) -> None:
        place = (self._broker.hostname, self._broker.port)
        while True:
            here, _ = self._door.accept()
            there = socket.create_connection(place)
            self._sides += [here, there]
            self._in_a_thread(self._pour, here, there)
            self._in_a_thread(self._pour, there, here)

    def _pour(self, source: socket.socket, sink: socket.socket) -> None:
        while data := source.recv(65_536):
            if self._last_words in data:
                self.vanish()
            sink.sendall(data)

    def _in_a_thread(self, work, *args) -> None:
        def until_it_vanishes() -> None:
            with contextlib.suppress(OSError):
                work(*args)

        threading.Thread(target=until_it_vanishes, daemon=True).start()


@pytest.fixture
def broker():
    way = Vanishing(b"celeryev")
    yield way
    way.vanish()


@pytest.mark.slow
def test_worker_whose_broker_goes_as_it_starts_can_be_ended(broker, tmp_path):
    log = tmp_path / "worker.log"
    with log.open("wb") as output:
        worker = processes.spawn(
            [*CELERY, *WORKER, "--loglevel=INFO"],
            env=os.environ
            | {
                "DJANGO_SETTINGS_MODULE": "newsletter.settings",
                "DATABASE_URL": f"sqlite:///{tmp_path / 'empty.sqlite3'}",
                "REDIS_URL": broker.url,
            },
            cwd=ROOT,
            output=output,
        )
    try:
        assert processes.wait_until(
            lambda: broker.is_gone or " ready." in log.read_text(), seconds=PATIENCE
        ), log.read_text()
        broker.vanish()

        worker.send_signal(signal.SIGTERM)

        assert worker.wait(timeout=GENEROUS) == 0, log.read_text()
    finally:
        processes.stop([worker])
