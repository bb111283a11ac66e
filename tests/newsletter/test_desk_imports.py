"""Bringing a list on the desk."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from newsletter.models import ReaderImport, Subscriber
from newsletter.states import ImportState
from tests.factories import AdminFactory, PublicationFactory

from .imports import lists
from .imports.lists import finish

pytestmark = pytest.mark.django_db

BRING = "/desk/subscribers/import/"


@pytest.fixture(autouse=True)
def admin(client):
    PublicationFactory(language="en")
    person = AdminFactory(language="en")
    client.force_login(person)
    return person


def bring(client, content=lists.GHOST, kind="ghost", statement=lists.STATEMENT):
    file = SimpleUploadedFile("members.csv", content.encode())
    return client.post(BRING, {"kind": kind, "file": file, "statement": statement})


def brought(client, **more) -> ReaderImport:
    bring(client, **more)
    return finish(ReaderImport.objects.get())


def page(row) -> str:
    return reverse("readers:import", args=[row.pk])


def test_list_is_checked_then_imported_by_a_press(client):
    row = brought(client)
    assert "Import 1 reader" in client.get(page(row)).text
    assert not Subscriber.objects.exists()

    client.post(page(row), {"do": "accept"})

    assert finish(row).state == ImportState.DONE
    assert Subscriber.objects.mailable().count() == 1


def test_origin_is_asked_for_and_what_was_typed_is_kept(client):
    answer = bring(client, statement="no")

    assert answer.status_code == 400
    assert "Write down where the list is from" in answer.text
    assert not ReaderImport.objects.exists()


def test_file_that_is_no_table_is_refused(client):
    answer = bring(client, content="\x01\x02\x03")

    assert answer.status_code == 400


def test_columns_are_corrected_on_the_page(client):
    row = brought(client, content="Wohin,Wer\none@readers.test,Eins\n", kind="csv")
    assert "Say below which one it is" in client.get(page(row)).text

    client.post(page(row), {"do": "columns", "address": "Wohin", "name": "Wer"})

    assert finish(row).state == ImportState.CHECKED


def test_lines_not_taken_are_told_on_the_page_and_in_a_file(client):
    row = brought(client, content="email\n=nobody\none@readers.test\n", kind="csv")

    shown = client.get(page(row)).text
    file = client.get(reverse("readers:refused", args=[row.pk])).getvalue().decode()

    assert "Not a mail address" in shown
    assert "'=nobody" in file


def test_second_press_is_told(client):
    row = brought(client)
    client.post(page(row), {"do": "accept"})

    assert client.post(page(row), {"do": "accept"}).status_code == 409


def test_discarded_list_is_gone(client):
    client.post(page(brought(client)), {"do": "discard"})

    assert not ReaderImport.objects.exists()


def test_progress_is_shown_while_a_worker_is_at_it(client):
    bring(client)
    row = ReaderImport.objects.get()

    text = client.get(page(row)).text

    assert "hx-trigger" in text
    finish(row)
    moving = client.get(reverse("readers:import_progress", args=[row.pk]))
    assert moving["HX-Refresh"] == "true"
