"""Where mail leaves through a provider, the control room speaks of no mail server."""

import pytest
from django.urls import reverse
from django.utils import timezone, translation

from editorial.models import Notice
from newsletter.digests import controls
from newsletter.models import Delivery
from newsletter.states import DeliveryState, Outcome, PauseReason, words_of
from tests.factories import DigestFactory, EditorFactory, PublicationFactory
from tests.newsletter.sending import digest_for

pytestmark = pytest.mark.django_db

WORDS = {"en": ("mail server", "provider"), "zh-hans": ("邮件服务器", "邮件服务商")}
PLACES = {
    Outcome.ACCEPTED,
    Outcome.DEFERRED,
    Outcome.REFUSED,
    PauseReason.RELAY,
}


def page(client, digest, language: str) -> str:
    PublicationFactory(language=language)
    client.force_login(EditorFactory(language=language))
    return client.get(reverse("readers:digest", args=[digest.issue.slug])).text


def troubled_digest():
    """Put off now, and with one mail refused and one deferred."""
    digest = digest_for(
        3, backoff_reason="slow down", backoff_until=timezone.now(), backoffs=1
    )
    first, second, _third = Delivery.objects.order_by("pk")
    for row, outcome in ((first, Outcome.REFUSED), (second, Outcome.DEFERRED)):
        Delivery.objects.filter(pk=row.pk).update(
            state=DeliveryState.FAILED, outcome=outcome, code=550, reply="no"
        )
    controls.change(digest, verb="rate")  # its history says how fast it goes
    return digest


@pytest.mark.parametrize("language", WORDS)
@pytest.mark.parametrize("name", ["", "mailgun"])
def test_control_room_names_what_takes_the_mail(client, settings, language, name):
    settings.EMAIL_PROVIDER = name
    digest = troubled_digest()

    text = page(client, digest, language)

    server, provider = WORDS[language]
    named, other = (provider, server) if name else (server, provider)
    assert text.count(named) >= 5
    assert other not in text


@pytest.mark.parametrize("language", WORDS)
def test_pause_and_its_event_name_the_provider(client, settings, language):
    settings.EMAIL_PROVIDER = "mailgun"
    digest = digest_for(1)
    controls.stop_sending(digest, reason=PauseReason.RELAY, detail="401 no such key")

    text = page(client, digest, language)

    with translation.override(language):
        assert text.count(words_of(PauseReason.RELAY)) == 2
    assert WORDS[language][0] not in text


@pytest.mark.parametrize("choice", [*Outcome, *PauseReason])
def test_only_words_about_the_mail_server_change(settings, choice):
    settings.EMAIL_PROVIDER = "mailgun"

    assert (words_of(choice) != choice.label) == (
        choice in PLACES and "mail server" in choice.label
    )


def test_notice_of_a_pause_names_the_provider(settings):
    settings.EMAIL_PROVIDER = "mailgun"
    digest = DigestFactory(sending=True, readers=1, started_by=EditorFactory())

    controls.stop_sending(digest, reason=PauseReason.RELAY)

    notice = Notice.objects.filter(kind="digest_stopped").first()
    assert notice.context["reason"] == "The provider does not let us in"
