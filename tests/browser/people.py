"""People before a screen: what they press, fill in and see, each in their language.

Words are given in English, as the source has them, and looked for on the page as this
person reads them; what is looked for has to be visible.
"""

from __future__ import annotations

import re

from django.utils import translation
from playwright.sync_api import Locator, Page, expect

from scripts.processes import wait_until
from tests.mailserver import Mail, MailServer

from .conftest import Visitor


class Person:
    def __init__(self, visitor: Visitor, *, language: str = "zh-hans") -> None:
        self.visitor = visitor
        self.language = language

    @property
    def page(self) -> Page:
        return self.visitor.page

    def words(self, english: str, **values: object) -> str:
        """The same words in this person's language."""
        with translation.override(self.language):
            found = translation.gettext(english)
        return found % values if values else found

    def opens(self, address: str) -> None:
        self.page.goto(address)
        self._looks_well()

    def follows(self, english: str, **values: object) -> None:
        self._find("link", english, **values).click()

    def presses(self, english: str, **values: object) -> None:
        self._find("button", english, **values).click()

    def chooses(self, label: str, option: str) -> None:
        self.field(label).select_option(label=option)

    def field(self, label: str) -> Locator:
        return self.page.get_by_label(self.words(label), exact=True)

    def sees(self, english: str, **values: object) -> None:
        words = self.words(english, **values)
        expect(self.page.get_by_text(words).filter(visible=True).first).to_be_visible()
        self._looks_well()

    def sees_heading(self, english: str, **values: object) -> None:
        words = self.words(english, **values)
        expect(self.page.get_by_role("heading", name=words).first).to_be_visible()
        self._looks_well()

    def _find(self, role, english: str, **values: object) -> Locator:
        """On the page itself, not in the navigation beside it."""
        words = self.words(english, **values)
        page = self.page.locator("main, aside, dialog")
        found = page.get_by_role(role, name=words, exact=True)
        return found.filter(visible=True).first

    def _looks_well(self) -> None:
        """Nothing hangs over the edge of the screen, and the console is silent."""
        assert self.visitor.overflow() <= 0, f"too wide: {self.page.url}"
        assert not self.visitor.complaints, self.page.url


class Post:
    """The mail that really arrived, by addressee and something its text says."""

    def __init__(self, server: MailServer) -> None:
        self._server = server

    def letter(self, to: str, *, saying: str = "") -> str:
        """The text of the newest such mail, waited for."""
        found: list[str] = []

        def arrived() -> bool:
            found[:] = [text_of(mail) for mail in self._server.sent_to(to)]
            found[:] = [text for text in found if saying in text]
            return bool(found)

        assert wait_until(arrived, seconds=30), f"no mail to {to} says {saying!r}"
        return found[-1]

    def link(self, to: str, path: str) -> str:
        """The link below `path` in the newest mail that has one."""
        letter = self.letter(to, saying=path)
        return re.findall(rf"http://\S+?{re.escape(path)}\S*", letter)[-1]

    def code(self, to: str) -> str:
        """The six digits of the newest mail to sign in with."""
        return re.findall(r"^\d{6}$", self.letter(to, saying="/enter/"), re.M)[-1]


def text_of(mail: Mail) -> str:
    return mail.message.get_body(("plain",)).get_content().replace("\r\n", "\n")
