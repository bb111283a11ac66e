"""What an import makes of readers, and whom it leaves alone."""

from datetime import UTC, datetime

import pytest
from django.core.exceptions import PermissionDenied

from editorial.states import IllegalTransition
from newsletter import subscriptions, suppressions
from newsletter.models import (
    Confirmation,
    Consent,
    ImportedFile,
    Subscriber,
    Suppression,
)
from newsletter.states import ImportState, SubscriberState
from newsletter.subscriptions import imports
from tests.factories import EditorFactory, PublicationFactory, SubscriberFactory

from . import lists
from .lists import check, refused, take

pytestmark = [pytest.mark.django_db, pytest.mark.engines]

ONE, GONE, DEAD = "one@readers.test", "gone@readers.test", "dead@readers.test"


@pytest.fixture(autouse=True)
def publication():
    return PublicationFactory(language="en")


def states() -> dict[str, str]:
    return dict(Subscriber.objects.values_list("address", "state"))


def mailable() -> set[str]:
    return set(Subscriber.objects.mailable().values_list("address", flat=True))


def test_check_writes_nothing_about_anybody():
    row = check(lists.LISTMONK, "listmonk")

    assert row.state == ImportState.CHECKED
    assert not Subscriber.objects.exists()
    assert not Suppression.objects.exists()


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("mailchimp", lists.archive(subscribed=lists.SUBSCRIBED, u=lists.UNSUBSCRIBED)),
        ("substack", lists.SUBSTACK),
        ("substack", lists.substack_archive()),
        ("buttondown", lists.BUTTONDOWN),
        ("buttondown", lists.buttondown_archive()),
        ("ghost", lists.GHOST),
        ("listmonk", lists.LISTMONK),
    ],
)
def test_each_service_s_export_is_understood(kind, content):
    row = take(content, kind)

    assert row.state == ImportState.DONE, row.error
    assert mailable() == {ONE}
    assert states()[GONE] == SubscriberState.UNSUBSCRIBED


def test_what_is_checked_is_what_is_imported():
    checked = check(lists.LISTMONK, "listmonk").counts

    assert take(lists.LISTMONK, "listmonk").counts == checked


def test_nobody_is_asked_again():
    take(lists.LISTMONK, "listmonk")

    assert not Confirmation.objects.exists()


def test_recorded_consent_is_kept_with_its_date_and_source():
    row = take(lists.archive(subscribed=lists.SUBSCRIBED), "mailchimp")

    consent = Consent.objects.get(subscriber__address=ONE)
    assert (consent.deed, consent.how) == (Consent.Deed.CONFIRMED, "import")
    assert consent.at == datetime(2019, 3, 1, 10, tzinfo=UTC)
    assert "203.0.113.4" in consent.source
    assert consent.imported.statement == lists.STATEMENT == row.statement


def test_suppressed_ones_of_an_archive_come_first():
    listed = lists.SUBSCRIBED.replace(ONE, DEAD)

    row = take(lists.archive(a=listed, z=lists.CLEANED), "mailchimp")

    assert DEAD not in mailable()
    assert suppressions.is_suppressed(DEAD)
    assert refused(row)[DEAD] == "duplicate"


def test_blocklisted_is_suppressed_for_ever():
    take(lists.LISTMONK, "listmonk")

    assert Suppression.objects.get().cause == Suppression.Cause.COMPLAINT


def test_who_left_here_is_not_brought_back():
    subscriptions.unsubscribe(key=SubscriberFactory(address=ONE).key, how="page")

    row = take(lists.GHOST, "ghost")

    assert refused(row)[ONE] == "left"
    assert not mailable()


def test_suppressed_here_is_not_confirmed():
    suppressions.suppress_bounced(address=ONE)

    assert refused(take(lists.GHOST, "ghost"))[ONE] == "suppressed"
    assert ONE not in states()


def test_who_was_deleted_is_not_brought_back():
    subscriptions.erase(reader=SubscriberFactory(address=ONE))

    assert refused(take(lists.GHOST, "ghost"))[ONE] == "erased"
    assert ONE not in states()


def test_who_asked_substack_to_be_forgotten_is_not_taken():
    row = take(lists.SUBSTACK, "substack")

    assert set(refused(row).values()) == {"no_address"}


def test_buttondown_s_undeliverable_are_suppressed():
    take(lists.BUTTONDOWN_NOW, "buttondown")

    assert Suppression.objects.get().canonical_address == "dead@readers.test"


def test_never_confirmed_there_is_not_a_reader_here():
    row = take(lists.BUTTONDOWN, "buttondown")

    assert refused(row)["new@readers.test"] == "unconfirmed"


def confirmed_here(address, **more):
    reader = SubscriberFactory(address=address)
    Consent.objects.create(
        subscriber=reader, deed=Consent.Deed.CONFIRMED, how="link", **more
    )
    return reader


def test_who_confirmed_here_stays_against_an_old_goodbye():
    confirmed_here(GONE)

    row = take(lists.UNSUBSCRIBED, "mailchimp")

    assert refused(row)[GONE] == "stays"
    assert GONE in mailable()


def test_later_goodbye_there_counts_here():
    confirmed_here(GONE, at=datetime(2019, 1, 1, tzinfo=UTC))

    take(lists.UNSUBSCRIBED, "mailchimp")

    assert GONE not in mailable()


def test_who_asked_here_and_confirmed_there_is_a_reader():
    subscriptions.request_subscription(address=ONE, client="::1")

    take(lists.GHOST, "ghost")

    assert ONE in mailable()


def test_second_import_of_the_same_file_changes_nothing():
    take(lists.LISTMONK, "listmonk")
    before = list(Subscriber.objects.values()), Consent.objects.count()

    row = take(lists.LISTMONK, "listmonk")

    assert set(refused(row).values()) == {"known"}
    assert (list(Subscriber.objects.values()), Consent.objects.count()) == before


def test_second_press_is_a_conflict():
    row = check(lists.GHOST, "ghost")
    imports.accept(row=row, by=row.by)

    with pytest.raises(IllegalTransition):
        imports.accept(row=row, by=row.by)


def test_file_is_kept_no_longer_than_it_takes():
    check(lists.GHOST, "ghost")
    assert ImportedFile.objects.exists()
    ImportedFile.objects.all().delete()

    take(lists.GHOST, "ghost")

    assert not ImportedFile.objects.exists()


def test_editor_brings_no_list():
    with pytest.raises(PermissionDenied):
        check(lists.GHOST, "ghost", by=EditorFactory())
