"""What is read out of returned mails of every shape we know."""

import re
from itertools import count, islice

import pytest

from newsletter import returns
from newsletter.digests import verp_address
from newsletter.digests.identity import delivery_token
from newsletter.models import MailEvent, Stray
from newsletter.returns.reading import NoReport
from newsletter.returns.verdicts import judge, reply_in
from tests.factories import DeliveryFactory
from tests.newsletter.returned import SAMPLES, about, returned

pytestmark = pytest.mark.django_db

Kind = MailEvent.Kind
SHAPES = {
    "postfix": Kind.BOUNCE_HARD,
    "exim": Kind.BOUNCE_HARD,  # its status is always 5.0.0
    "exchange": Kind.BOUNCE_HARD,  # German words, a folded id
    "gmail": Kind.BOUNCE_SOFT,
    "qq": Kind.BOUNCE_HARD,  # Chinese HTML, no machine-readable part
    "netease": Kind.BOUNCE_HARD,  # an encoded status part without recipient
    "qmail": Kind.BOUNCE_HARD,  # prose; the returned mail quotes another status
    "complaint": Kind.COMPLAINT,
}


def changed(name: str, delivery, old: str, new: str) -> bytes:
    text = SAMPLES.joinpath(f"{name}.eml").read_text("utf-8")
    assert old in text
    return about(text.replace(old, new), delivery)


@pytest.mark.parametrize(("shape", "kind"), SHAPES.items())
def test_every_shape_names_its_delivery_and_its_kind(shape, kind):
    delivery = DeliveryFactory()

    report = returns.read(returned(shape, delivery))

    assert report.delivery_id == delivery.pk
    assert judge(report.said, report.status, report.words) == kind


@pytest.mark.parametrize("shape", SHAPES)
def test_a_delivery_id_that_we_did_not_sign_is_forged(shape):
    with pytest.raises(returns.Forged):
        returns.read(returned(shape))


@pytest.mark.parametrize("shape", SHAPES)
def test_a_report_that_names_no_delivery_is_for_a_person(shape):
    raw = changed(shape, None, "X-Delivery-ID", "X-Other")

    with pytest.raises(returns.NotUnderstood) as caught:
        returns.read(raw)

    assert caught.value.reason == Stray.Reason.NAMELESS


def test_a_report_about_two_deliveries_is_for_a_person():
    one, other = DeliveryFactory(), DeliveryFactory()
    second = returned("gmail", other).split(b"X-Delivery-ID: ")[1].split(b"\r\n")[0]
    raw = returned("gmail", one).replace(
        b"Subject: Issue 23", b"\r\nX-Delivery-ID: " + second
    )

    with pytest.raises(returns.NotUnderstood) as caught:
        returns.read(raw)

    assert caught.value.reason == Stray.Reason.SEVERAL


def test_an_absence_note_is_no_report():
    with pytest.raises(NoReport):
        returns.read(returned("vacation", DeliveryFactory()))


def test_an_id_that_holds_three_digits_is_no_reply_code():
    """The signature of an id is random letters and digits, "…k550-" among them."""
    alike = re.compile("[45][0-9][0-9](?![0-9])")
    numbers = (pk for pk in count(1) if alike.search(delivery_token(pk).split(".")[1]))

    for pk in islice(numbers, 50):
        with pytest.raises(NoReport):
            returns.read(returned("vacation", DeliveryFactory(pk=pk)))


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("smtp;550 no such user", 550),
        ("错误代码550：用户不存在", 550),
        ("said: 452-4.2.2 mailbox full", 452),
        ("queued as k550-x and 7-451_", 0),
        ("see ticket A550B", 0),
    ],
)
def test_a_reply_code_stands_by_itself(words, code):
    assert reply_in(words).code == code


@pytest.mark.parametrize("kind", ["not-spam", "auth-failure"])
def test_feedback_that_is_no_complaint_is_no_report(kind):
    raw = changed("complaint", DeliveryFactory(), "Type: abuse", f"Type: {kind}")

    with pytest.raises(NoReport):
        returns.read(raw)


def test_a_delay_is_no_failure():
    raw = changed("gmail", DeliveryFactory(), "Action: failed", "Action: delayed")

    assert returns.read(raw).said is returns.Said.DELAYED


def test_a_reader_s_own_words_are_for_a_person():
    raw = about("From: a@b.test\nSubject: Hi\n\n> X-Delivery-ID: @ID@\n\nThanks!")

    with pytest.raises(returns.Forged):
        returns.read(raw)


def test_a_human_answer_to_a_digest_is_for_a_person():
    text = "From: a@b.test\nSubject: Hi\n\n> X-Delivery-ID: @ID@\n\n550 thanks!"

    with pytest.raises(returns.NotUnderstood) as caught:
        returns.read(about(text, DeliveryFactory()))

    assert caught.value.reason == Stray.Reason.NO_REPORT


@pytest.mark.parametrize("raw", [b"", b"\0\xff\xfe", b"no header\r\n\r\n"])
def test_what_is_no_mail_is_for_a_person(raw):
    with pytest.raises(returns.NotUnderstood):
        returns.read(raw)


def test_the_same_report_has_the_same_source_whatever_way_it_came():
    raw = returned("postfix", DeliveryFactory())

    again = returns.read(b"Received: by another.test\r\n" + raw)

    assert again.source == returns.read(raw).source


BOUNCES = "bounces@masthead.test"


def test_the_envelope_s_own_address_names_the_delivery(settings):
    settings.BOUNCE_ADDRESS = BOUNCES
    delivery = DeliveryFactory()
    raw = changed("postfix", None, "X-Delivery-ID", "X-Other")
    raw = raw.replace(b"bounce@masthead.test", verp_address(delivery.pk).encode())

    assert returns.read(raw).delivery_id == delivery.pk


def test_the_envelope_knows_better_than_the_mail_that_is_returned(settings):
    settings.BOUNCE_ADDRESS = BOUNCES
    delivery, forwarded = DeliveryFactory(), DeliveryFactory()
    raw = returned("postfix", forwarded)
    raw = raw.replace(b"bounce@masthead.test", verp_address(delivery.pk).encode())

    assert returns.read(raw).delivery_id == delivery.pk


def test_an_envelope_s_address_that_we_did_not_sign_is_forged(settings):
    settings.BOUNCE_ADDRESS = BOUNCES
    raw = changed("postfix", None, "X-Delivery-ID", "X-Other")
    raw = raw.replace(b"bounce@masthead.test", b"bounces+7.00000000@masthead.test")

    with pytest.raises(returns.Forged):
        returns.read(raw)
