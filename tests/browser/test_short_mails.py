"""The mails about one thing, as a mail program shows them in the light and in the dark."""

from __future__ import annotations

import pytest
from axe_playwright_python.base import AXE_SCRIPT

from newsletter import subscriptions
from tests.factories import PublicationFactory, SubscriberFactory

from .conftest import DESKTOP, PHONE
from .test_accessibility import IN_A_MAIL, IN_THE_DARK, violations

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db]


@pytest.fixture
def letters(mailoutbox) -> list[str]:
    """The HTML of each kind of them."""
    PublicationFactory(postal_address="1 Paper Street")
    known, curious, moving = SubscriberFactory.create_batch(3)
    for address in ("new@readers.test", known.address):
        subscriptions.request_subscription(address=address, client="")
    subscriptions.request_data(reader=curious)
    subscriptions.request_move(reader=moving, address="moved@readers.test", client="")
    subscriptions.send_owed_confirmations()
    return [mail.alternatives[0].content for mail in mailoutbox]


@pytest.mark.parametrize("width", [PHONE, DESKTOP])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_short_mail_can_be_read(scheme, width, letters, chromium):
    page = chromium.new_page(
        viewport={"width": width, "height": 700}, color_scheme=scheme
    )

    found = []
    for html in letters:
        page.set_content(html)
        page.evaluate(AXE_SCRIPT)
        found += violations(page, IN_THE_DARK if scheme == "dark" else IN_A_MAIL)
        found += page.evaluate(TOO_WIDE)

    page.close()
    assert not found, "\n".join(found)
    assert len(letters) == 4


TOO_WIDE = """() => document.documentElement.scrollWidth > innerWidth
  ? [`too wide: ${document.documentElement.scrollWidth}`] : []"""
