"""What every test gets, fixtures for journeys, and what a skip means in CI."""

import os
from collections.abc import Callable, Iterator

import pytest
from django.conf import settings
from django.core.cache import cache
from django.utils import translation
from hypothesis import settings as hypothesis_settings

from newsletter.celery import app as celery_app
from newsletter.postbox import providers
from scripts import processes
from tests.launching import Launcher, empty_broker
from tests.mailserver import MailServer
from tests.providerserver import ProviderServer

ON_SQLITE = os.environ["DATABASE_URL"].startswith("sqlite")
# No test asserts a duration, and hypothesis would: 200 ms for each example.
hypothesis_settings.register_profile("untimed", deadline=None)
hypothesis_settings.load_profile("untimed")
REQUIRED = ("browser",) if ON_SQLITE else ("browser", "postgresql")


@pytest.fixture(autouse=True)
def _forget_cached() -> None:
    """No test meets the throttles or renderings that another left in the cache."""
    cache.clear()


@pytest.fixture(autouse=True)
def _forget_language() -> Iterator[None]:
    """No test meets the language in which a page answered another."""
    with translation.override(settings.LANGUAGE_CODE):
        yield


@pytest.fixture
def mail_server(settings) -> Iterator[MailServer]:
    """A real SMTP server; mail of this process and of launched ones goes there."""
    with MailServer() as server:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = server.address
        yield server


@pytest.fixture
def provider(settings) -> Iterator[Callable[[str], ProviderServer]]:
    """`provider("mailgun")`: mail of this process leaves through its API, on loopback."""
    with ProviderServer() as server:

        def through(name: str, **options: str) -> ProviderServer:
            more = "".join(f"&{key}={value}" for key, value in options.items())
            url = server.url(name) + more
            route = providers.read_url(url, development=True, seconds=5)
            settings.EMAIL_PROVIDER = route.provider.name
            settings.EMAIL_BACKEND = route.provider.backend
            settings.EMAIL_API_URL, settings.EMAIL_STREAM = route.api_url, route.stream
            settings.EMAIL_BATCH, settings.EMAIL_DOT_TIMEOUT = route.batch, 5
            settings.EMAIL_HOST = ""
            settings.ANYMAIL = {**settings.ANYMAIL, **route.anymail}
            return server

        yield through


@pytest.fixture
def launch(transactional_db, settings, tmp_path, mail_server) -> Iterator[Launcher]:
    """Starts a real worker, beat or web server: `launch.worker()`, `launch.web()`.

    PUBLIC_URL becomes the address where `launch.web()` answers. Everything is stopped
    before the database is emptied for the next test.
    """
    empty_broker()
    settings.PUBLIC_URL = f"http://127.0.0.1:{processes.free_port()}"
    launcher = Launcher(tmp_path, email_url=mail_server.url)
    try:
        yield launcher
    finally:
        launcher.stop()


@pytest.fixture
def dead_broker() -> Iterator[None]:
    """Nobody answers where this process rings for workers; afterwards all is as before.

    Celery reads its settings once and keeps connections, so changing Django's settings
    alone would come too late, or stay for every later test.
    """
    url = celery_app.conf.broker_url
    celery_app.conf.broker_url = f"redis://127.0.0.1:{processes.free_port()}/0"
    celery_app._after_fork()  # forget the connections, as a forked worker does
    yield
    celery_app.conf.broker_url = url
    celery_app._after_fork()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """Where everything is required (CI), a browser or PostgreSQL skip is a failure."""
    report = yield
    required = any(item.get_closest_marker(name) for name in REQUIRED)
    if report.skipped and required and os.environ.get("MASTHEAD_REQUIRE_ALL"):
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} may not be skipped here: {report.longrepr}"
    return report


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if ON_SQLITE and item.get_closest_marker("postgresql"):
            item.add_marker(pytest.mark.skip(reason="needs PostgreSQL"))
