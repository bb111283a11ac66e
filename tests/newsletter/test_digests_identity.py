import hmac
import re
from hashlib import sha256

import pytest
from django.conf import settings

from newsletter.digests import identity
from newsletter.digests.identity import (
    delivery_of_token,
    delivery_of_verp,
    delivery_token,
    verp_address,
)


@pytest.fixture(autouse=True)
def _bounces_have_a_mailbox(settings):
    settings.BOUNCE_ADDRESS = "bounces@news.test"


def test_token_is_what_the_signer_makes_of_the_number():
    assert delivery_token(7) == identity.delivery_signer.sign("7")
    assert delivery_of_token(delivery_token(7)) == 7


@pytest.mark.parametrize("number", [1, 7, 2**63 - 1])
def test_what_is_derived_is_what_it_was_when_mail_under_way_was_sent(number):
    key = f"newsletter.message{settings.SECRET_KEY}".encode()
    mac = hmac.digest(sha256(key).digest(), b"%d" % number, "sha256").hex()

    who = identity.identifier(settings.SECRET_KEY, settings.BOUNCE_ADDRESS)(number)

    assert who.message_id == identity.message_id(number) == mac[:40]
    assert who.token == identity.delivery_signer.sign(str(number))
    assert who.verp_address == verp_address(number)


def test_message_id_in_a_reply_says_nothing_of_what_proves_a_bounce():
    signature = verp_address(7).partition("+7.")[2].partition("@")[0]

    assert signature not in identity.message_id(7)


@pytest.mark.parametrize("token", ["", "7", "7.forged", "x." + "a" * 43])
def test_token_that_is_not_ours_names_no_delivery(token):
    assert delivery_of_token(token) is None


def test_bounce_comes_back_to_its_delivery_even_in_capitals():
    address = verp_address(7)

    assert re.fullmatch(r"bounces\+7\.[0-9a-f]{20}@news\.test", address)
    assert delivery_of_verp(address) == 7
    assert delivery_of_verp(address.upper()) == 7


def test_local_part_of_the_largest_number_fits():
    local = verp_address(2**63 - 1).partition("@")[0]

    assert len(local) <= 64
    assert delivery_of_verp(f"{local}@news.test") == 2**63 - 1


@pytest.mark.parametrize(
    "forge",
    [
        lambda address: address.replace("+7.", "+8."),
        lambda address: address.replace("news.test", "other.test"),
        lambda address: address.replace("bounces", "weekly"),
        lambda address: "bounces@news.test",
        lambda address: "",
    ],
)
def test_forged_bounce_address_names_no_delivery(forge):
    assert delivery_of_verp(forge(verp_address(7))) is None


def test_without_a_mailbox_for_bounces_there_is_no_such_address(settings):
    address = verp_address(7)
    settings.BOUNCE_ADDRESS = ""

    assert verp_address(7) == ""
    assert delivery_of_verp(address) is None


def test_another_secret_key_accepts_nothing_of_the_old(settings):
    address, token = verp_address(7), delivery_token(7)
    settings.SECRET_KEY = "another"

    assert delivery_of_verp(address) is None
    assert delivery_token(7) != token
