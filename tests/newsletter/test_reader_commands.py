"""`import_subscribers` and `export_subscribers`."""

import io
import json

import pytest
from django.core.management import CommandError, call_command

from newsletter import subscriptions, suppressions
from newsletter.models import ReaderExport, ReaderImport, Subscriber
from tests.factories import (
    AdminFactory,
    EditorFactory,
    PublicationFactory,
    SubscriberFactory,
)

from .imports import lists

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def publication():
    return PublicationFactory(language="en")


@pytest.fixture
def admin():
    return AdminFactory()


@pytest.fixture
def bring(tmp_path, admin):
    def run(content, *more, by=admin):
        path = tmp_path / "list.csv"
        path.write_text(content, "utf-8")
        out = io.StringIO()
        said = ("--by", by.email, "--statement", lists.STATEMENT)
        arguments = ("import_subscribers", str(path), *said, *more)
        call_command(*arguments, stdout=out, stderr=out)
        return out.getvalue()

    return run


def test_import_says_what_became_of_each_line(bring):
    said = bring(lists.LISTMONK, "--kind", "listmonk")

    assert "1 subscribed" in said
    assert "3 lines. Done." in said
    assert Subscriber.objects.mailable().count() == 1


def test_dry_run_writes_nothing(bring):
    said = bring(lists.GHOST, "--kind", "ghost", "--dry-run")

    assert "Nothing was written" in said
    assert not Subscriber.objects.exists()
    assert not ReaderImport.objects.exists()


def test_json_tells_the_same(bring):
    bring(lists.GHOST, "--kind", "ghost")

    told = json.loads(bring(lists.GHOST, "--kind", "ghost", "--json"))

    assert told["refused"] == {"known": 2}
    assert told["refused_lines"][0]["reason"] == "known"


def test_columns_can_be_named(bring):
    with pytest.raises(CommandError, match="Wohin"):
        bring("Wohin\none@readers.test\n")

    bring("Wohin\none@readers.test\n", "--column", "address=Wohin")

    assert Subscriber.objects.get().address == "one@readers.test"


def test_editor_may_neither_import_nor_export(bring):
    editor = EditorFactory()

    with pytest.raises(CommandError):
        bring(lists.GHOST, by=editor)
    with pytest.raises(CommandError):
        call_command("export_subscribers", "--by", editor.email)

    assert not ReaderExport.objects.exists()


def exported(admin) -> str:
    out = io.StringIO()
    call_command("export_subscribers", "--by", admin.email, stdout=out)
    return out.getvalue()


def test_export_is_on_record(admin):
    SubscriberFactory.create_batch(3)

    exported(admin)

    record = ReaderExport.objects.get()
    assert (record.by, record.rows) == (admin, 3)


def test_no_cell_is_run_by_a_spreadsheet(admin):
    for local in "=+-":
        SubscriberFactory(address=f"{local}cmd@readers.test", name=f"{local}1+1")

    cells = [
        cell for line in exported(admin).split("\r\n")[1:] for cell in line.split(",")
    ]

    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))]


def test_export_comes_back_as_it_was(admin, bring):
    for number in range(3):
        SubscriberFactory(address=f"=reader{number}@readers.test", name="墨封")
    left = SubscriberFactory(address="left@readers.test")
    subscriptions.unsubscribe(key=left.key, how="page")
    suppressions.suppress_bounced(address="dead@readers.test")
    before = {*Subscriber.objects.values_list("address", "name", "state")}
    table = exported(admin)
    Subscriber.objects.all().delete()
    suppressions.Suppression.objects.all().delete()

    bring(table)

    assert {*Subscriber.objects.values_list("address", "name", "state")} == before
    assert suppressions.is_suppressed("dead@readers.test")


def test_two_accounts_of_one_name_are_told_from_none(bring, admin):
    AdminFactory(name=admin.name)

    with pytest.raises(CommandError, match="2 accounts have this name; use a mail"):
        call_command("export_subscribers", "-", "--by", admin.name)
    with pytest.raises(CommandError, match="no active account with this address"):
        call_command("export_subscribers", "-", "--by", "nobody@team.test")
