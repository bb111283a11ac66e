"""Files as they come: encodings, separators, what is not taken and why."""

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from newsletter.models import ReaderImport, Subscriber
from newsletter.states import ImportState
from newsletter.subscriptions import imports
from newsletter.subscriptions.imports import reading, running
from tests.factories import AdminFactory, PublicationFactory

from . import lists
from .lists import check, finish, refused, take

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def publication():
    return PublicationFactory(language="en")


def addresses() -> set[str]:
    return set(Subscriber.objects.values_list("address", flat=True))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_chinese_names_arrive_whole(encoding):
    table = "邮箱,姓名\none@readers.test,墨封的朋友们\ntwo@readers.test,青石与云\n"

    take(table.encode(encoding))

    assert Subscriber.objects.get(address="two@readers.test").name == "青石与云"


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_separators_and_line_ends(separator, end):
    rows = [["email", "name"], ["one@readers.test", "One"], ["two@readers.test", ""]]

    take(end.join(separator.join(row) for row in rows))

    assert addresses() == {"one@readers.test", "two@readers.test"}


def test_every_line_is_taken_or_told_why_not():
    table = (
        "email,status,notes\n"
        "one@readers.test,subscribed,\n"
        "\n"
        "ONE@readers.test,subscribed,\n"
        "nobody,subscribed,\n"
        ",subscribed,\n"
        "two@readers.test,wizard,\n"
        'three@readers.test,subscribed,"a note\nof two lines"\n'
        "four@readers.test,subscribed,\n"
        "five@readers.test; six@readers.test,subscribed,\n"
    )

    row = take(table)

    reasons = dict(row.refused.values_list("line", "reason"))
    assert reasons == {
        4: "duplicate",
        5: "invalid",
        6: "no_address",
        7: "standing",
        11: "invalid",
    }
    taken = sum(row.counts["taken"].values())
    assert taken + len(reasons) == row.counts["lines"] == 8


def test_duplicate_names_the_line_it_repeats():
    row = take("email\none@readers.test\ntwo@readers.test\nOne@Readers.test\n")

    assert [(r.line, r.detail) for r in row.refused.all()] == [(4, "2")]


def test_file_that_is_no_text_is_refused():
    with pytest.raises(ValidationError) as refusal:
        check(b"\x00\x01\x02\x03")

    assert "file" in refusal.value.message_dict


def test_archive_that_claims_too_much_is_refused(monkeypatch):
    monkeypatch.setattr(reading, "MOST_BYTES", 10)

    with pytest.raises(ValidationError):
        reading.tables(lists.archive(subscribed=lists.SUBSCRIBED), "a.zip")


def test_table_that_does_not_say_who_wants_no_mail_is_refused():
    with pytest.raises(ValidationError) as refusal:
        check(lists.SUBSTACK_DASHBOARD, "substack")

    assert "email_list" in refusal.value.message_dict["file"][0]


def test_archive_without_the_list_is_refused():
    content = lists.archive(posts=lists.SUBSTACK_POSTS)

    with pytest.raises(ValidationError, match="no list of readers"):
        check(content, "substack")


@pytest.mark.parametrize("statement", ["", "  ", "short", "a\x00b" * 9])
def test_origin_of_the_list_must_be_written_down(statement):
    with pytest.raises(ValidationError) as refusal:
        imports.begin(
            kind="csv",
            file_name="a.csv",
            content=b"email\n",
            statement=statement,
            by=AdminFactory(),
        )

    assert "statement" in refusal.value.message_dict


def test_columns_that_are_not_recognised_are_asked_for():
    row = check("Wohin,Wer\none@readers.test,Eins\n")
    assert row.state == ImportState.DRAFT

    mapping = {"address": "Wohin", "name": "Wer"}
    imports.choose_columns(row=row, mapping=mapping, by=row.by)
    imports.accept(row=finish(row), by=row.by)
    finish(row)

    assert Subscriber.objects.get().name == "Eins"


def test_headings_that_are_not_in_the_file_are_no_columns():
    row = check("email\none@readers.test\n")

    with pytest.raises(ValidationError):
        imports.choose_columns(row=row, mapping={"address": "mail"}, by=row.by)


def many(count=2500) -> str:
    lines = (f"reader{n}@readers.test" for n in range(count))
    return "\n".join(["email", *lines, "reader7@readers.test"])


def test_worker_that_dies_is_followed_by_one_that_goes_on(monkeypatch):
    row = check(many())
    imports.accept(row=row, by=row.by)
    assert imports.work(row.pk, shift=0.0)  # not a batch done in no time
    monkeypatch.setattr(running, "_finish", _dies)
    imports.work(row.pk)
    ReaderImport.objects.update(state=ImportState.RUNNING, lease_until=None)
    monkeypatch.undo()

    imports.work_on_all()

    row.refresh_from_db()
    assert row.state == ImportState.DONE
    assert Subscriber.objects.count() == 2500
    assert list(refused(row).values()) == ["duplicate"]


def _dies(row):
    raise RuntimeError("the worker is gone")


def test_two_workers_never_hold_the_same_import():
    row = check(many(3))
    imports.accept(row=row, by=row.by)
    ReaderImport.objects.update(lease_until=running.timezone.now() + running.LEASE)

    assert not imports.work(row.pk)
    assert not Subscriber.objects.exists()


@pytest.mark.parametrize("standing", ["subscribed", "unsubscribed", "bounced"])
def test_statements_do_not_grow_with_the_lines(standing):
    counted = []
    for name, count in (("a", 1), ("b", 30)):
        lines = "".join(f"{name}{n}@readers.test,{standing}\n" for n in range(count))
        row = check(f"email,status\n{lines}")
        imports.accept(row=row, by=row.by)
        with CaptureQueriesContext(connection) as captured:
            finish(row)
        counted.append(len(captured))

    assert counted[0] == counted[1]
