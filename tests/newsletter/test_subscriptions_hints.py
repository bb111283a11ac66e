"""What may be wrong with an address that is one."""

import pytest
from django.core.exceptions import ValidationError

from newsletter import subscriptions
from newsletter.models import Subscriber
from tests.factories import PublicationFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def publication():
    return PublicationFactory(language="en")


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("a@gmial.com", "a@gmail.com"),
        ("a@gamil.com", "a@gmail.com"),
        ("a@hotmial.com", "a@hotmail.com"),
        ("a@outlok.com", "a@outlook.com"),
    ],
)
def test_slip_of_a_great_provider_is_asked_about(typed, meant):
    assert subscriptions.doubt(typed).suggestion == meant


@pytest.mark.parametrize(
    "domain", ["gmail.com", "mail.com", "gmx.com", "126.com", "163.com", "kernel.org"]
)
def test_what_is_right_is_not_asked_about(domain):
    assert subscriptions.doubt(f"reader@{domain}") is None


def test_mailbox_of_several_people_is_asked_about():
    assert subscriptions.doubt("info@weekly.example").is_shared


@pytest.mark.parametrize("domain", ["mailinator.com", "sub.yopmail.com"])
def test_mailbox_for_minutes_is_refused(domain):
    with pytest.raises(ValidationError, match="minutes"):
        subscriptions.request_subscription(address=f"a@{domain}", client="::1")

    assert not Subscriber.objects.exists()


@pytest.mark.parametrize(
    "domain", ["duck.com", "mozmail.com", "privaterelay.appleid.com", "qq.com"]
)
def test_mailbox_that_only_hides_its_owner_is_taken(domain):
    subscriptions.request_subscription(address=f"a@{domain}", client="::1")

    assert Subscriber.objects.exists()


def test_letters_beyond_ascii_before_the_at_are_refused_with_the_reason():
    with pytest.raises(ValidationError, match="SMTPUTF8"):
        subscriptions.clean_address("墨封@readers.test")


def test_domain_beyond_ascii_is_taken():
    assert subscriptions.clean_address("reader@例子.test") == "reader@例子.test"


def test_form_asks_once_and_takes_either_answer(client):
    asked = client.post("/subscribe/", {"address": "a@gmial.com"})
    assert "a@gmail.com" in asked.text
    assert not Subscriber.objects.exists()

    kept = {"address": "a@gmial.com", "keep": "1"}

    assert client.post("/subscribe/", kept).status_code == 302
    assert Subscriber.objects.get().address == "a@gmial.com"


def test_form_refuses_a_mailbox_for_minutes_and_keeps_what_was_typed(client):
    answer = client.post("/subscribe/", {"address": "a@mailinator.com"})

    assert answer.status_code == 400
    assert 'value="a@mailinator.com"' in answer.text
