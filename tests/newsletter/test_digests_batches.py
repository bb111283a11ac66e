"""A digest through a provider's API: every reader once, whatever it answers."""

from collections import Counter
from html import unescape

import pytest

from newsletter import digests
from newsletter.digests.letter import GREETING_MARKERS
from newsletter.models import Delivery, Digest, Subscriber
from newsletter.states import DeliveryState, DigestState, Outcome
from tests.factories import DigestFactory, EditorFactory, PublicationFactory
from tests.newsletter.sending import all_at_once, digest_for, elsewhere, send, states
from tests.newsletter.test_digests_refreezing import freeze_another_text
from tests.providerserver import URLS

pytestmark = pytest.mark.django_db

FOR_MANY = ["mailgun", "sendgrid", "postmark", "resend", "mailjet", "mailtrap"]


@pytest.mark.parametrize("name", URLS)
def test_each_reader_gets_one_mail_with_nobody_else_s_links(provider, name):
    server = provider(name)
    digest = digest_for(5)
    Subscriber.objects.update(name="A <b> & c")

    assert send(digest) == 5

    assert (digest.state, set(states())) == (DigestState.DONE, {DeliveryState.SENT})
    assert len(server.calls) == (1 if name in FOR_MANY else 5)
    for row in Delivery.objects.select_related("subscriber"):
        (mail,) = server.sent_to(row.address)
        key = row.subscriber.key
        assert mail.headers["List-Unsubscribe"] == f"<http://testserver/u/{key}/>"
        assert mail.headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        assert mail.text.startswith("Hello A <b> & c,\n\nHi.\nLeave: http")
        assert "Hello A &lt;b&gt; &amp; c," in mail.html
        assert key in mail.text
        assert key in mail.html
        assert "slot.invalid" not in mail.text + mail.html


@pytest.mark.parametrize("name", URLS)
def test_the_provider_s_name_of_each_mail_is_kept(provider, name):
    server = provider(name)
    send(digest_for(3))

    for row in Delivery.objects.all():
        (mail,) = server.sent_to(row.address)
        assert row.provider_id == mail.name
        assert digests.delivery_of_token(mail.headers["X-Delivery-ID"]) == row.pk
        if name != "mailersend":
            assert mail.metadata["delivery"] == mail.headers["X-Delivery-ID"]


@pytest.mark.parametrize("name", ["mailgun", "postmark", "brevo"])
def test_a_reader_without_a_name_gets_no_empty_greeting(provider, name):
    server = provider(name)
    greeting = GREETING_MARKERS["en"]
    html = f'<p class="x">{greeting}</p>\n<p>{greeting} Hi.</p>'
    digest = digest_for(2, html=html)
    named = Subscriber.objects.first()
    Subscriber.objects.filter(pk=named.pk).update(name="A & B")

    send(digest)

    for mail in server.accepted:
        own = '<p class="x">Hello A &amp; B,</p><p>Hello A &amp; B,\n\n Hi.</p>'
        assert mail.html == (own if mail.to == named.address else "<p> Hi.</p>")


READ_BRACES = ["brevo", "mailersend", "sparkpost"]


@pytest.mark.parametrize("name", URLS)
def test_braces_of_a_text_about_templates_reach_the_reader(provider, name):
    server = provider(name)
    html = "<p>{{ .Values.x }} {{{raw}}}</p>"
    send(digest_for(1, text="{{ .Values.x }} {{{raw}}}", html=html))

    (mail,) = server.accepted
    assert unescape(mail.html) == html
    assert mail.text.replace(" ", "") == "{{.Values.x}}{{{raw}}}"
    assert ("{{" in mail.text + mail.html) == (name not in READ_BRACES)


@pytest.mark.parametrize("name", ["mailgun", "postmark", "brevo"])
def test_who_wants_plain_text_gets_no_html(provider, name):
    server = provider(name)
    digest = digest_for(3)
    short = Subscriber.objects.first()
    Subscriber.objects.filter(pk=short.pk).update(wants=Subscriber.Wants.TEXT)

    assert send(digest) == 3

    assert {mail.to for mail in server.accepted if not mail.html} == {short.address}


def test_a_batch_is_no_larger_than_was_asked_for(provider):
    server = provider("sendgrid", batch="4")

    assert send(digest_for(10)) == 10

    assert [len(call.to) for call in server.calls] == [4, 4, 2]


def test_a_broadcast_goes_over_its_own_stream_and_is_not_tracked(provider):
    server = provider("postmark")
    send(digest_for(1))

    (mail,) = server.calls[0].data
    assert mail["MessageStream"] == "broadcast"
    assert (mail["TrackOpens"], mail["TrackLinks"]) == (False, "None")
    assert server.calls[0].headers["x-postmark-server-token"] == "key-1"


@pytest.mark.engines
@pytest.mark.django_db(transaction=True)
def test_intents_of_the_batch_are_committed_before_the_call(provider):
    server = provider("mailgun")
    digest, seen = digest_for(3), []
    server.script = lambda request: elsewhere(lambda: seen.append(states()))

    send(digest)

    assert seen == [["sending"] * 3]
    assert set(states()) == {"sent"}


@pytest.mark.django_db(transaction=True)
def test_who_leaves_while_a_batch_is_out_gets_nothing_from_the_next(provider):
    server = provider("mailgun", batch="2")
    digest = digest_for(4)
    last = Subscriber.objects.order_by("pk").last()

    def leave(request):
        elsewhere(
            lambda: Subscriber.objects.filter(pk=last.pk).update(state="unsubscribed")
        )

    server.script = leave

    assert send(digest) == 3

    assert server.sent_to(last.address) == []
    assert Delivery.objects.get(subscriber=last).outcome == Outcome.LEFT


@pytest.mark.django_db(transaction=True)
def test_a_pause_stops_before_the_next_batch(provider):
    server = provider("postmark", batch="2")
    digest = digest_for(6)
    server.script = lambda request: elsewhere(
        lambda: Digest.objects.update(state=DigestState.PAUSED)
    )

    assert send(digest) == 2

    assert len(server.accepted) == 2
    assert Counter(states())["pending"] == 4


def test_a_text_frozen_anew_within_a_shift_goes_to_the_rest(provider):
    PublicationFactory()
    editor = EditorFactory()
    server = provider("postmark", batch="1")
    digest, mended = DigestFactory(sending=True, readers=2), []

    def mend() -> bool:
        if not mended and DeliveryState.SENT in states():
            mended.append(freeze_another_text(Digest.objects.get(), by=editor))
        return False

    assert send(digest, stopping=mend) == 2

    old, new = [call.data[0]["Subject"] for call in server.calls]
    assert old == "边缘上的第一步"
    assert new.endswith("A mended title")


def test_what_a_recipients_provider_takes_is_kept_to(provider, settings):
    settings.EMAIL_DOMAIN_RATES = {"readers.test": "2/d"}
    server = provider("sendgrid")
    digest = digest_for(5)
    for row in Delivery.objects.all():
        address = f"r{row.pk}@readers.test"
        Delivery.objects.filter(pk=row.pk).update(
            address=address, canonical_address=address
        )

    assert send(digest) == 2

    assert len(server.accepted) == 2
    assert Counter(states())["pending"] == 3


def test_limits_hold_for_a_provider_too(provider, settings):
    settings.EMAIL_RATE = "3/d"
    server = provider("mailgun")

    assert send(digest_for(5)) == 3

    assert len(server.accepted) == 3


@pytest.mark.engines
@pytest.mark.django_db(transaction=True)
def test_ten_senders_at_once_mail_nobody_twice(provider, settings):
    settings.DIGEST_SENDERS = 10
    server = provider("mailgun", batch="7")
    digest = digest_for(120)

    raised = all_at_once(10, lambda: digests.send_digest(digest_id=digest.pk))

    assert raised == []
    everybody = Counter(Subscriber.objects.values_list("address", flat=True))
    assert Counter(mail.to for mail in server.accepted) == everybody
    assert set(states()) == {DeliveryState.SENT}
