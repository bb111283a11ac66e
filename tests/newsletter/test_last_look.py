"""Before the press: every number stated, and the text seen in a mailbox or a tick."""

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from editorial.states import ContentChanged
from newsletter import digests
from newsletter.digests import LastLook
from newsletter.doctor.findings import failing
from newsletter.models import Digest, DigestEvent, DoctorRun, Suppression, Trial
from newsletter.states import DigestState, DigestVerb
from tests.factories import (
    AdminFactory,
    DigestFactory,
    EditorFactory,
    IssueRevisionFactory,
    PublicationFactory,
    SubscriberFactory,
)
from tests.newsletter.sending import all_at_once, answer

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _publication():
    PublicationFactory(language="en")
    SubscriberFactory()


@pytest.fixture
def editor(client):
    user = EditorFactory(language="en", name="Rowan")
    client.force_login(user)
    return user


def look_at(digest, *, untested: bool = False) -> LastLook:
    return LastLook(digest.issue.live_revision_id, untested)


def mend(digest) -> None:
    """A fix after publication: a new revision is live."""
    issue = digest.issue
    issue.live_revision = IssueRevisionFactory(issue=issue, ordinal=2)
    issue.save()


def ask(client, digest):
    return client.get(reverse("readers:start", args=[digest.issue.slug]))


def answer_it(client, digest, **said):
    seen = {"version": digest.version, "revision": digest.issue.live_revision_id}
    return client.post(reverse("readers:start", args=[digest.issue.slug]), seen | said)


def test_neither_tested_nor_ticked_starts_nothing(editor):
    digest = DigestFactory()

    with pytest.raises(ValidationError, match="Send a test mail of this text first"):
        digests.start_digest(digest=digest, by=editor, look=look_at(digest))

    digest.refresh_from_db()
    assert digest.state == DigestState.HELD


def test_tick_is_kept_with_who_and_which_revision(editor):
    digest = DigestFactory()

    digests.start_digest(digest=digest, by=editor, look=look_at(digest, untested=True))

    tick = DigestEvent.objects.get(verb=DigestVerb.UNTESTED)
    assert (tick.by, tick.revision) == (editor, digest.issue.live_revision)


def test_tested_text_needs_no_tick(editor, mail_server):
    digest = DigestFactory()
    digests.send_trial(digest=digest, by=editor)

    digests.start_digest(digest=digest, by=editor, look=look_at(digest))

    assert digest.state == DigestState.FREEZING
    test = DigestEvent.objects.get(verb=DigestVerb.TEST)
    assert (test.by, test.revision) == (editor, digest.issue.live_revision)


def test_fix_voids_the_test(editor, mail_server):
    digest = DigestFactory()
    digests.send_trial(digest=digest, by=editor)
    mend(digest)

    with pytest.raises(ValidationError, match="Send a test mail"):
        digests.start_digest(digest=digest, by=editor, look=look_at(digest))


def test_fix_after_the_question_was_asked_is_told(editor):
    digest = DigestFactory()
    seen = look_at(digest, untested=True)
    mend(Digest.objects.get())

    with pytest.raises(ContentChanged, match="changed since you looked"):
        digests.start_digest(digest=digest, by=editor, look=seen)


def test_refused_test_mail_is_no_test(editor, mail_server):
    mail_server.script = answer("rcpt", "550 5.1.1 no such user")
    digest = DigestFactory()

    with pytest.raises(Exception, match="no such user"):
        digests.send_trial(digest=digest, by=editor)

    assert digests.trial_of(digest) is None


def test_question_states_whom_it_passes_by_and_the_size(client, editor):
    SubscriberFactory(paused_until="2999-01-01T00:00Z")
    left = SubscriberFactory()
    Suppression.objects.create(canonical_address=left.address, cause="complaint")

    page = ask(client, DigestFactory()).content.decode().replace("\xa0", " ")

    assert "Send to 1 reader?" in page
    assert "1 who asked for a pause, 1 suppressed address" in page
    assert " KB each" in page
    assert "Revision 1, as published now" in page
    assert "not been looked at in a mailbox yet" in page


def test_question_names_who_tested(client, editor, mail_server):
    digest = DigestFactory()
    digests.send_trial(digest=digest, by=editor)

    page = ask(client, digest).content.decode()

    assert "Rowan, " in page
    assert "Send it without a test mail" not in page


def test_press_without_test_or_tick_comes_back_with_the_way_on(client, editor):
    response = answer_it(client, DigestFactory())

    assert response.status_code == 400
    assert "Send a test mail of this text first" in response.content.decode()


def test_press_of_a_question_from_before_is_refused(client, editor):
    digest = DigestFactory()
    stale = {"version": digest.version, "untested": "on"}
    Digest.objects.update(version=7)

    assert answer_it(client, digest, **stale).status_code == 409


def test_press_without_what_the_question_showed_is_not_understood(client, editor):
    path = reverse("readers:start", args=[DigestFactory().issue.slug])

    assert client.post(path, {"untested": "on"}).status_code == 400


def test_test_mail_asked_for_in_the_question_leads_back_to_it(
    client, editor, mail_server
):
    digest = DigestFactory()
    path = reverse("readers:trial", args=[digest.issue.slug])

    response = client.post(path, {"then": "start"})

    assert response["Location"] == reverse("readers:start", args=[digest.issue.slug])


def test_only_so_many_test_mails_leave_in_an_hour(client, editor, mail_server):
    digest = DigestFactory()
    revision = digest.issue.live_revision
    Trial.objects.create(digest=digest, revision=revision, copies=40, by_name="x")

    response = client.post(reverse("readers:trial", args=[digest.issue.slug]))

    assert response.status_code == 400
    assert "more than 40 test mails in an hour" in response.content.decode()
    assert not mail_server.accepted


@pytest.mark.engines
@pytest.mark.django_db(transaction=True)
def test_limit_holds_for_tests_sent_side_by_side(editor, mail_server):
    digest = DigestFactory()
    revision = digest.issue.live_revision
    Trial.objects.create(digest=digest, revision=revision, copies=37, by_name="x")

    def send():
        digests.send_trial(digest=Digest.objects.get(), by=editor)

    refused = all_at_once(8, send)

    assert {error.code for error in refused} == {"too_often"}
    assert (len(refused), len(mail_server.accepted)) == (5, 3)


@pytest.fixture
def unfit(settings):
    """A first digest, for which the mail check-up found something failing."""
    settings.DEVELOPMENT = False
    found = [failing("spf", "none", domain="news.test").to_dict()]
    DoctorRun.objects.create(findings=found, finished_at=timezone.now())
    return DigestFactory()


def test_question_says_that_the_check_up_objects_and_who_may_overrule(
    client, editor, unfit
):
    page = ask(client, unfit).content.decode()

    assert "found something to mend" in page
    assert "An admin can let it go all the same." in page
    assert "Send it all the same, because" not in page


def test_admin_overrules_the_check_up_in_writing(client, unfit):
    client.force_login(AdminFactory(language="en"))
    assert "Send it all the same, because" in ask(client, unfit).content.decode()

    answer_it(client, unfit, untested="on", despite="DNS changes tonight")

    unfit.refresh_from_db()
    assert unfit.state == DigestState.FREEZING
    assert "DNS changes tonight (spf)" in unfit.events.values_list("note", flat=True)


def test_admins_reason_is_kept_when_something_else_stands_in_the_way(client, unfit):
    client.force_login(AdminFactory(language="en"))

    page = answer_it(client, unfit, despite="DNS changes tonight")

    assert page.status_code == 400
    assert "DNS changes tonight" in page.content.decode()


def test_preview_shows_ones_own_copy_and_no_empty_slot(client, editor):
    address = reverse("readers:preview", args=[DigestFactory().issue.slug])

    page = client.get(address).content.decode()

    assert "Hello Rowan," in page
    assert "slot.invalid" not in page
