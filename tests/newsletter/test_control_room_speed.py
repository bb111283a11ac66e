"""How fast it goes, how long it takes, and how fast it may go."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db.models.functions import Now
from django.urls import reverse

from editorial.states import IllegalTransition
from newsletter import digests
from newsletter.digests import ledger
from newsletter.models import Delivery
from newsletter.postbox import Reply
from newsletter.states import DeliveryState, DigestState, DigestVerb
from tests.factories import (
    DigestFactory,
    EditorFactory,
    PublicationFactory,
    SubscriberFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _publication():
    PublicationFactory(language="en")


@pytest.fixture
def editor(client):
    user = EditorFactory(language="en")
    client.force_login(user)
    return user


def settle(digest, count: int, *, seconds_ago: int) -> None:
    """So many were accepted, all that long ago."""
    for claim in ledger.claim(digest_id=digest.pk, limit=count):
        ledger.intend([claim])
        ledger.accept([(claim, Reply(250, "ok"))])
    accepted = Delivery.objects.filter(digest=digest, state=DeliveryState.SENT)
    accepted.update(answered_at=Now() - timedelta(seconds=seconds_ago))


def press(client, digest, **said):
    path = reverse("readers:rate", args=[digest.issue.slug])
    response = client.post(path, {"version": digest.version, **said})
    digest.refresh_from_db()
    return response


def page(client, digest) -> str:
    path = reverse("readers:digest", args=[digest.issue.slug])
    return client.get(path).content.decode().replace("\xa0", " ")


def test_pace_is_that_of_the_last_minute():
    digest = DigestFactory(sending=True, readers=30)
    settle(digest, 20, seconds_ago=10)

    pace = digests.report(digest).pace

    assert pace.per_second == pytest.approx(2.0, rel=0.2)


def test_what_was_answered_before_that_is_no_pace():
    digest = DigestFactory(sending=True, readers=4)
    settle(digest, 2, seconds_ago=90)

    assert digests.report(digest).pace.ends_at is None


def test_time_left_is_said_in_words(client, editor):
    digest = DigestFactory(sending=True, readers=13)
    settle(digest, 3, seconds_ago=59)

    text = page(client, digest)

    assert "0.1 mails a second over the last minute" in text
    assert "<dd>3 minutes</dd>" in text


def test_what_stands_still_has_no_time_left(client, editor):
    digest = DigestFactory(sending=True, readers=4)
    settle(digest, 2, seconds_ago=5)
    digests.pause_digest(digest=digest, by=editor)

    assert "Time left" not in page(client, digest)


def test_editor_changes_the_speed_and_the_history_says_so(client, editor):
    digest = DigestFactory(sending=True, readers=1)

    assert press(client, digest, rate="5").status_code == 302

    assert (digest.rate, digest.state) == (5, DigestState.SENDING)
    event = digest.events.get(verb=DigestVerb.RATE)
    assert (event.by, event.note) == (editor, "5")
    assert "5 mails a second" in page(client, digest)


def test_empty_is_the_relays_own_speed(client, editor):
    digest = DigestFactory(sending=True, rate=5)

    press(client, digest, rate="")

    assert digest.rate is None


@pytest.mark.parametrize("rate", ["0", "-1", "1001", "fast", "9" * 400])
def test_speed_out_of_bounds_is_refused_and_kept_in_its_field(client, editor, rate):
    digest = DigestFactory(sending=True, rate=5)

    response = press(client, digest, rate=rate)

    assert response.status_code == 400
    assert f'value="{rate}"' in response.content.decode()
    assert digest.rate == 5


def test_speed_changed_on_a_page_that_is_out_of_date_is_refused(client, editor):
    digest = DigestFactory(sending=True)
    press(client, digest, rate="5")

    assert press(client, digest, rate="9", version="1").status_code == 409
    assert digest.rate == 5


def test_finished_digest_has_no_speed_to_change(editor):
    digest = DigestFactory(sending=True, state=DigestState.DONE)

    with pytest.raises(IllegalTransition):
        digests.change_rate(digest=digest, by=editor, rate=5)


def test_author_changes_no_speed():
    with pytest.raises(PermissionDenied):
        digests.change_rate(digest=DigestFactory(), by=UserFactory(), rate=5)


@pytest.mark.parametrize("state", [DigestState.SENDING, DigestState.PAUSED])
def test_question_before_a_cancellation_states_the_number(client, editor, state):
    digest = DigestFactory(sending=True, state=state, readers=3)
    path = reverse("readers:decide", args=[digest.issue.slug, "cancel"])

    assert "3 readers will not get it" in client.get(path).content.decode()


def test_digest_being_prepared_can_be_cancelled(client, editor):
    SubscriberFactory.create_batch(2)
    digest = DigestFactory(state=DigestState.FREEZING)
    path = reverse("readers:decide", args=[digest.issue.slug, "cancel"])

    asked = client.get(path).content.decode()
    client.post(path, {"version": digest.version})

    assert "2 readers will not get it" in asked
    digest.refresh_from_db()
    assert digest.state == DigestState.CANCELLED
    assert not digests.freeze_digest(digest_id=digest.pk)
    assert not Delivery.objects.exists()


def test_list_shows_the_numbers_of_each_digest(client, editor):
    digest = DigestFactory(sending=True, readers=3)
    settle(digest, 2, seconds_ago=5)

    text = client.get(reverse("readers:digests")).content.decode()

    assert "2 of 3 sent" in text
