"""Subscribing from another site and from a program."""

import pytest
from django.test import Client

from newsletter import suppressions
from newsletter.models import Confirmation, Consent, Subscriber
from tests.factories import PublicationFactory, SubscriberFactory

pytestmark = pytest.mark.django_db

API = "/api/v1/subscribers/"
ADDRESS = "reader@readers.test"
JSON = {"content_type": "application/json"}


@pytest.fixture(autouse=True)
def publication():
    return PublicationFactory(language="en")


@pytest.fixture
def stranger():
    return Client(enforce_csrf_checks=True)


def test_form_on_another_site_leads_to_a_mail_and_says_where_it_stood(stranger):
    headers = {"origin": "https://blog.example"}

    answer = stranger.post(
        "/subscribe/embedded/", {"address": ADDRESS}, headers=headers
    )

    assert answer.url == "/subscribe/sent/"
    assert Confirmation.objects.count() == 1
    consent = Consent.objects.get()
    assert (consent.how, consent.source) == ("embed", "blog.example")


def test_embedded_form_shares_the_limits_of_ours(stranger):
    for number in range(5):
        stranger.post("/subscribe/", {"address": f"r{number}@a.test"})

    answer = stranger.post("/subscribe/embedded/", {"address": "r6@a.test"})

    assert answer.status_code == 429


def test_program_asks_without_a_key(stranger):
    answer = stranger.post(API, {"address": ADDRESS}, **JSON)

    assert answer.status_code == 202
    assert Consent.objects.get().how == "api"
    assert Confirmation.objects.count() == 1


def test_program_gets_the_same_answer_for_new_known_and_suppressed(client):
    SubscriberFactory(address="known@a.test")
    suppressions.suppress_bounced(address="bounced@a.test")

    answers = [
        client.post(API, {"address": f"{name}@a.test"}, **JSON)
        for name in ("new", "known", "bounced")
    ]

    assert len({(a.status_code, a.text) for a in answers}) == 1


@pytest.mark.parametrize(
    "sent", [{}, {"address": ""}, {"address": "nobody"}, {"address": "a@b.test\r\nx"}]
)
def test_program_is_told_what_is_wrong(client, sent):
    answer = client.post(API, sent, **JSON)

    assert answer.status_code == 400
    assert "address" in answer.json()
    assert not Subscriber.objects.exists()


def test_program_that_asks_too_often_is_told_when_to_come_back(client):
    for number in range(6):
        answer = client.post(API, {"address": f"r{number}@a.test"}, **JSON)

    assert answer.status_code == 429
    assert 0 < int(answer["Retry-After"]) <= 300


def test_program_is_told_of_a_slip(client):
    answer = client.post(API, {"address": "a@gmial.com"}, **JSON)

    assert answer.json()["suggestion"] == "a@gmail.com"
