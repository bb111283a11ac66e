"""A backup comes back whole, into an empty database only, and mails nobody."""

import tarfile
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from django.utils import timezone

from editorial import workflow
from editorial.models import Issue, IssueRevision, Item, Notice, Publication
from editorial.states import IssueState, ItemState
from newsletter import backups
from newsletter.models import Confirmation, Delivery, Digest, Subscriber
from newsletter.states import DigestState, PauseReason
from tests.factories import (
    DeliveryFactory,
    EditorFactory,
    IssueFactory,
    ItemFactory,
    ItemImageFactory,
    PublicationFactory,
    SubscriberFactory,
)

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.engines]


@pytest.fixture
def backup(tmp_path, settings):
    """A newsroom in the middle of a digest, backed up and then lost."""
    settings.MEDIA_ROOT = tmp_path / "media"
    (settings.MEDIA_ROOT / "images").mkdir(parents=True)
    (settings.MEDIA_ROOT / "images" / "chart.png").write_bytes(b"picture")
    PublicationFactory(name="云边周报")
    issue = IssueFactory(state=IssueState.REVIEW, number="40–41")
    item = ItemFactory(issue=issue, state=ItemState.APPROVED, headline="排队 <b>&")
    ItemImageFactory(item=item, file="images/chart.png")
    editor = EditorFactory()
    approved = workflow.approve_issue(issue=issue, by=editor)
    workflow.publish_issue(issue=approved, by=editor)
    Digest.objects.update(
        state=DigestState.SENDING, prepared_at=timezone.now(), expected_count=1
    )
    DeliveryFactory(digest=Digest.objects.get(), subscriber=SubscriberFactory())
    file = tmp_path / "weekly.tar.gz"
    backups.write_backup(file)
    lose_everything()
    (settings.MEDIA_ROOT / "images" / "chart.png").unlink()
    return file


def lose_everything() -> None:
    with transaction.atomic():
        Delivery.objects.all().delete()
        Digest.objects.all().delete()
        Issue.objects.update(state=IssueState.DRAFT, published_at=None)
        Issue.objects.update(live_revision=None)
        for model in reversed(backups._models()):
            model._default_manager.all().delete()


def test_everything_comes_back(backup, settings):
    counts = backups.restore_backup(backup)

    issue = Issue.objects.published().get()
    assert (issue.number, issue.slug) == ("40–41", "40-41")
    assert issue.live_revision == IssueRevision.objects.get()
    assert Item.objects.get().headline == "排队 <b>&"
    assert Publication.objects.get().name == "云边周报"
    assert Delivery.objects.get().subscriber == Subscriber.objects.get()
    assert counts["editorial.Item"] == 1
    assert (settings.MEDIA_ROOT / "images" / "chart.png").read_bytes() == b"picture"


def test_what_comes_back_mails_nobody(backup):
    backups.restore_backup(backup)

    digest = Digest.objects.get()
    assert digest.state == DigestState.PAUSED
    assert digest.pause_reason == PauseReason.RESTORED
    assert not Notice.objects.filter(sent_at=None, failed_at=None).exists()
    assert not Confirmation.objects.filter(sent_at=None, failed_at=None).exists()


def test_a_countdown_that_was_running_waits_for_a_person(backup, tmp_path):
    backups.restore_backup(backup)
    Digest.objects.update(
        state=DigestState.HELD, starts_at=timezone.now() + timedelta(minutes=5)
    )
    file = tmp_path / "counting.tar.gz"
    backups.write_backup(file)
    lose_everything()

    backups.restore_backup(file)

    digest = Digest.objects.get()
    assert (digest.state, digest.starts_at) == (DigestState.HELD, None)
    assert digest.pause_reason == PauseReason.RESTORED
    assert not Notice.objects.filter(sent_at=None, failed_at=None).exists()


def test_new_rows_get_new_numbers_after_a_restore(backup):
    backups.restore_backup(backup)

    assert ItemFactory().pk > Item.objects.order_by("pk").first().pk


def test_a_database_with_rows_in_it_is_left_alone(backup):
    PublicationFactory(name="在用的刊物")

    with pytest.raises(CommandError, match="not empty"):
        call_command("restore", str(backup))

    assert Publication.objects.get().name == "在用的刊物"
    assert not Issue.objects.exists()


def test_a_damaged_file_is_refused_and_nothing_written(backup, tmp_path):
    damaged = tmp_path / "damaged.tar.gz"
    damaged.write_bytes(backup.read_bytes()[:-200])

    with pytest.raises(CommandError):
        call_command("restore", str(damaged))

    assert not Issue.objects.exists()


@pytest.mark.parametrize("content", [b"", b"hello"])
def test_another_file_is_no_backup(content, tmp_path):
    file = tmp_path / "other"
    file.write_bytes(content)

    with pytest.raises(CommandError, match="no backup"):
        call_command("restore", str(file))


def test_another_tar_file_is_no_backup(tmp_path):
    file = tmp_path / "other.tar.gz"
    with tarfile.open(file, "w:gz") as archive:
        archive.add(__file__, "something.py")

    with pytest.raises(CommandError, match="no backup"):
        call_command("restore", str(file))


def test_a_backup_overwrites_nothing(tmp_path):
    file = tmp_path / "kept.tar.gz"
    file.write_bytes(b"yesterday")

    with pytest.raises(CommandError, match="exists already"):
        call_command("backup", str(file))

    assert file.read_bytes() == b"yesterday"
