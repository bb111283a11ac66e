import pytest
from django.urls import reverse

from newsletter.digests import ledger
from newsletter.models import Delivery, Digest
from newsletter.postbox import Reply
from newsletter.states import (
    DeliveryState,
    DigestState,
    DigestVerb,
    Outcome,
    PauseReason,
)
from tests.factories import (
    AdminFactory,
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


def url(name: str, digest: Digest, *arguments: str) -> str:
    return reverse(f"readers:{name}", args=[digest.issue.slug, *arguments])


def start(client, digest: Digest, **data):
    """As the question has it filled in, with the tick to go without a test mail."""
    seen = {"version": digest.version, "revision": digest.issue.live_revision_id}
    ticked = {**seen, "untested": "on", **data}
    response = client.post(url("start", digest), ticked)
    digest.refresh_from_db()
    return response


def press(client, digest: Digest, deed: str, **data):
    response = client.post(url("decide", digest, deed), data)
    digest.refresh_from_db()
    return response


def make_uncertain(digest: Digest) -> Delivery:
    (claim,) = ledger.claim(digest_id=digest.pk, limit=1)
    ledger.intend([claim])
    ledger.doubt(claim, "silence")
    return Delivery.objects.get(pk=claim.delivery_id)


def test_held_digest_states_what_would_go_to_whom(client, editor):
    SubscriberFactory.create_batch(3)
    digest = DigestFactory()

    page = client.get(url("digest", digest)).content.decode()

    assert "3 confirmed readers" in page
    assert "weekly@masthead.test" in page
    assert "边缘上的第一步" in page


def test_question_states_the_numbers_and_starts_nothing(client, editor):
    SubscriberFactory.create_batch(3)
    digest = DigestFactory()

    page = client.get(url("start", digest)).content.decode()

    assert "Send to 3 readers?" in page
    digest.refresh_from_db()
    assert digest.state == DigestState.HELD


def test_press_starts_the_digest(client, editor):
    SubscriberFactory()
    digest = DigestFactory()

    response = start(client, digest)

    assert response.status_code == 302
    assert (digest.state, digest.started_by) == (DigestState.FREEZING, editor)


def test_second_press_is_told_that_it_has_moved_on(client, editor):
    SubscriberFactory()
    digest = DigestFactory()
    start(client, digest)

    assert start(client, digest).status_code == 409


def test_digest_for_nobody_says_so(client, editor):
    digest = DigestFactory()

    assert "nobody to send to" in client.get(url("digest", digest)).content.decode()
    response = start(client, digest)
    assert response.status_code == 400
    assert digest.state == DigestState.HELD


@pytest.mark.parametrize(
    ("before", "deed", "after"),
    [
        (DigestState.SENDING, "pause", DigestState.PAUSED),
        (DigestState.PAUSED, "resume", DigestState.SENDING),
        (DigestState.PAUSED, "cancel", DigestState.CANCELLED),
    ],
)
def test_editor_pauses_resumes_and_cancels(client, editor, before, deed, after):
    digest = DigestFactory(sending=True, state=before, readers=1)

    assert press(client, digest, deed).status_code == 302

    assert digest.state == after


@pytest.mark.parametrize("deed", ["start", "pause", "resume", "cancel", "resend"])
def test_reading_a_page_changes_nothing(client, editor, deed):
    digest = DigestFactory(sending=True, readers=2)
    make_uncertain(digest)

    client.get(url("decide", digest, deed))
    client.head(url("decide", digest, deed))

    digest.refresh_from_db()
    assert digest.state == DigestState.SENDING


def test_unknown_deed_does_not_exist(client, editor):
    assert press(client, DigestFactory(), "explode").status_code == 404


def test_uncertain_ones_come_with_two_choices(client, editor):
    digest = DigestFactory(sending=True, readers=2)
    row = make_uncertain(digest)

    page = client.get(url("digest", digest)).content.decode()

    assert "Assume delivered" in page
    assert "Send it again" in page
    assert str(row.pk) in page


@pytest.mark.parametrize(
    ("deed", "state"),
    [("assume", DeliveryState.SENT), ("resend", DeliveryState.PENDING)],
)
def test_choice_holds_for_the_number_that_was_shown(client, editor, deed, state):
    digest = DigestFactory(sending=True, readers=1)
    row = make_uncertain(digest)

    assert press(client, digest, deed, count="2").status_code == 409
    assert press(client, digest, deed, count="1").status_code == 302

    row.refresh_from_db()
    assert row.state == state


def test_errors_are_counted_by_class(client, editor):
    digest = DigestFactory(sending=True, readers=3)
    for claim in ledger.claim(digest_id=digest.pk, limit=2):
        ledger.fail(claim, Outcome.REFUSED, Reply(554, "5.7.1 listed"))

    page = client.get(url("digest", digest)).content.decode()

    assert "Refused by the mail server" in page
    assert "554 5.7.1 listed" in page


def test_pause_tells_why(client, editor):
    digest = DigestFactory(
        sending=True,
        state=DigestState.PAUSED,
        pause_reason=PauseReason.RELAY,
        pause_detail="mail: 530 log in first",
    )

    page = client.get(url("digest", digest)).content.decode()

    assert "does not let us in: mail: 530 log in first" in page


def test_history_counts_readers_in_words(client, editor):
    digest = DigestFactory(sending=True, readers=1)
    digest.events.create(verb=DigestVerb.FREEZE, note="30")

    page = client.get(url("digest", digest)).content.decode()

    assert "Text and readers written down · 30 readers" in page


def test_digest_being_prepared_names_no_number_yet(client, editor):
    digest = DigestFactory(state=DigestState.FREEZING)

    assert "as of now" not in client.get(url("digest", digest)).content.decode()


def test_progress_looks_again_only_while_something_moves(client, editor):
    digest = DigestFactory(sending=True, readers=1)
    moving = client.get(url("progress", digest), {"version": "1"})
    press(client, digest, "pause")
    still = client.get(url("progress", digest), {"version": "1"})

    assert b"hx-trigger" in moving.content
    assert "HX-Refresh" not in moving
    assert b"hx-trigger" not in still.content
    assert still["HX-Refresh"] == "true"


def test_editor_sees_no_address_and_an_admin_does(client, editor):
    digest = DigestFactory(sending=True, readers=1)
    row = make_uncertain(digest)
    as_editor = client.get(url("digest", digest)).content.decode()
    client.force_login(AdminFactory())

    as_admin = client.get(url("digest", digest)).content.decode()

    assert row.address not in as_editor
    assert row.address in as_admin


@pytest.mark.parametrize("name", ["digest", "progress", "preview"])
def test_author_is_refused_and_the_lead_editor_let_in(client, name):
    lead = UserFactory()
    digest = DigestFactory(issue__lead_editor=lead)
    client.force_login(UserFactory())
    assert client.get(url(name, digest)).status_code == 403

    client.force_login(lead)

    assert client.get(url(name, digest)).status_code == 200


def test_stranger_is_asked_to_sign_in(client):
    response = client.get(url("digest", DigestFactory()))

    assert response.status_code == 302
    assert reverse("account_login") in response["Location"]


def test_test_mail_goes_to_whoever_asks_and_touches_no_ledger(
    client, editor, mail_server
):
    SubscriberFactory()
    digest = DigestFactory()

    client.post(url("trial", digest))

    (mail,) = mail_server.accepted
    assert mail.recipients == (editor.email,)
    assert mail.message["Subject"].startswith("[Test]")
    assert mail.message["List-Unsubscribe"] is None
    assert not Delivery.objects.exists()


def test_refused_test_mail_shows_the_servers_words(client, editor, mail_server):
    mail_server.script = lambda step, address: (
        "550 5.7.1 we know you not" if step == "mail" else None
    )

    response = client.post(url("trial", DigestFactory()))

    assert response.status_code == 502
    assert "we know you not" in response.content.decode()


def test_preview_is_framed_by_us_alone_and_can_do_nothing(client, editor):
    response = client.get(url("preview", DigestFactory()))

    policy = response["Content-Security-Policy"]
    assert "给 API 请求排优先级" in response.content.decode()
    assert response["X-Frame-Options"] == "SAMEORIGIN"
    assert "default-src 'none'" in policy
    assert "script-src 'none'" in policy
    assert "sandbox" in policy


def test_a_number_of_any_length_is_no_count(client):
    digest = DigestFactory(sending=True, readers=1)
    client.force_login(EditorFactory())
    page = reverse("readers:decide", args=[digest.issue.slug, "assume"])

    assert client.post(page, {"count": "9" * 5000}).status_code == 302
