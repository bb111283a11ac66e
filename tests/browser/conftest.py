"""Chromium for the browser tests: Debian's, driven by Playwright."""

import os
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PHONE, DESKTOP = 390, 1280
PATIENCE = 15_000  # ms for a busy machine to show what was asked for

expect.set_options(timeout=PATIENCE)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """One browser per module: its event loop would break later tests' asyncio.run()."""
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine (Debian: apt install chromium)")
    # Playwright keeps an event loop in this thread; the ORM is used beside it, not in it.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield browser
        browser.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


class Visitor:
    """One person's browser: own cookies, a screen width and a colour scheme.

    What the console or a blocked script complains of is in `complaints`.
    """

    def __init__(self, browser: Browser, address: str, *, width: int, scheme: str):
        height = 844 if width < 600 else 900
        self.context: BrowserContext = browser.new_context(
            base_url=address,
            viewport={"width": width, "height": height},
            color_scheme=scheme,
            locale="zh-CN",
            has_touch=width < 600,
        )
        self.context.set_default_timeout(PATIENCE)
        self.complaints: list[str] = []
        self.page: Page = self.context.new_page()
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _hear(self, message) -> None:
        refused_pages = "Failed to load resource"  # a 404 we asked for is no complaint
        if message.type == "error" and refused_pages not in message.text:
            self.complaints.append(message.text)

    def open(self, path: str) -> Page:
        self.page.goto(path)
        return self.page

    def overflow(self) -> int:
        """How many pixels the page is wider than the screen."""
        return self.page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )


@pytest.fixture
def environment() -> dict[str, str]:
    """What more the web server finds in its environment; a module may say."""
    return {}


@pytest.fixture
def visit(chromium, launch, environment) -> Iterator:
    """`visit(width=390, scheme="dark")` is a new person before a running web server."""
    address = launch.web(**environment)
    visitors: list[Visitor] = []

    def arrive(width: int = DESKTOP, scheme: str = "light") -> Visitor:
        visitor = Visitor(chromium, address, width=width, scheme=scheme)
        visitors.append(visitor)
        return visitor

    yield arrive
    for visitor in visitors:
        visitor.context.close()
