"""What is personal about each copy of a digest."""

from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple, Self

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from . import identity
from .ledger import Claim


class Copy(NamedTuple):
    """What is personal about one reader's copy."""

    to: str
    message_id: str
    delivery_id: str
    unsubscribe_url: str  # a page that asks first
    one_click_url: str = ""  # for the mail program's own button (RFC 8058)
    preferences_url: str = ""
    name: str = ""
    envelope_sender: str = ""  # where a bounce goes; empty: to the letter's sender
    text_only: bool = False

    @classmethod
    def for_claim(cls, claim: Claim) -> "Copy":
        """The copy of a delivery: the same identity however often it is sent."""
        return copier()(claim)

    @classmethod
    def for_test(cls, address: str, *, name: str = "") -> Self:
        """A copy for the desk's own eyes; nobody can be unsubscribed through it."""
        url = settings.PUBLIC_URL + reverse("site:home")
        return cls(
            to=address,
            message_id=identity.message_id(address, timezone.now()),
            delivery_id="test",
            unsubscribe_url=url,
            preferences_url=url,
            name=name,
        )


def copier() -> Callable[[Claim], Copy]:
    """`Copy.for_claim` for many, with everything looked up once that they share."""
    return _copier(settings.PUBLIC_URL, settings.SECRET_KEY, settings.BOUNCE_ADDRESS)


@lru_cache(maxsize=8)
def _copier(site: str, secret: str, bounces_to: str) -> Callable[[Claim], Copy]:
    identify = identity.identifier(secret, bounces_to)
    asking, asking_end = _reader_url("site:unsubscribe", site)
    one_click, one_click_end = _reader_url("site:one_click", site)
    preferences, preferences_end = _reader_url("site:preferences", site)

    def copy(claim: Claim) -> Copy:
        message_id, token, envelope_sender = identify(claim.delivery_id)
        key = claim.key
        return Copy(
            claim.address,
            message_id,
            token,
            f"{asking}{key}{asking_end}",
            f"{one_click}{key}{one_click_end}",
            f"{preferences}{key}{preferences_end}",
            claim.name,
            envelope_sender,
            claim.text_only,
        )

    return copy


def _reader_url(name: str, site: str) -> tuple[str, str]:
    """What stands before and after a key; resolving costs as much as a whole copy."""
    before, _key, after = reverse(name, args=["KEY"]).partition("KEY")
    return site + before, after
