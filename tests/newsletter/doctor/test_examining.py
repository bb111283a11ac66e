import json
from datetime import timedelta
from io import StringIO

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone, translation

from newsletter import tasks
from newsletter.doctor import examining, findings, words
from newsletter.models import DoctorRun
from newsletter.states import Fitness
from tests.factories import (
    DigestFactory,
    EditorFactory,
    PublicationFactory,
    UserFactory,
)
from tests.nameserver import BROKEN

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _publication(name_server, mail_server):
    PublicationFactory(sender_email="weekly@news.test")
    DigestFactory()
    name_server.records["news.test", "MX"] = ["10 mx.test."]


def kinds() -> set[tuple[str, str]]:
    return {(one.topic, one.kind) for one in examining.examine()}


def test_everything_is_looked_at_and_has_its_words():
    found = examining.examine()

    # A mail that arrived comes by another way; only a provider reports.
    others = {"arrival", "receiver", "reports"}
    assert {one.topic for one in found} == set(words.TITLES) - others
    for language in ("en", "zh-hans"):
        with translation.override(language):
            assert all(
                words.words_of(one) and words.title_of(one.topic) for one in found
            )


def test_server_that_does_not_answer_hinders_no_other_look(name_server):
    name_server.records["news.test", "TXT"] = BROKEN

    found = kinds()

    assert ("spf", "unanswered") in found
    assert ("mx", "ok") in found


def test_look_that_goes_wrong_hinders_no_other(monkeypatch):
    def broken(case, names):
        raise RuntimeError

    monkeypatch.setitem(examining.LOOKS, "spf", broken)

    found = kinds()

    assert ("spf", "trouble") in found
    assert ("dmarc", "none") in found


def test_worker_carries_out_what_was_asked_for():
    run = examining.ask(by=EditorFactory())

    tasks.examine_mail(run.pk)

    run.refresh_from_db()
    assert run.finished_at is not None
    assert examining.latest() == run
    assert findings.worst(examining.findings_of(run)) == Fitness.FAILING


def test_run_is_carried_out_once():
    run = examining.ask(by=EditorFactory())
    tasks.examine_mail(run.pk)
    first = DoctorRun.objects.get(pk=run.pk).finished_at

    tasks.examine_mail(run.pk)

    assert DoctorRun.objects.get(pk=run.pk).finished_at == first


def test_two_presses_are_one_examination():
    editor = EditorFactory()

    assert examining.ask(by=editor) == examining.ask(by=editor)


def test_authors_do_not_ask():
    with pytest.raises(PermissionDenied):
        examining.ask(by=UserFactory())


def test_sweep_finds_what_nobody_rang_for():
    run = examining.ask(by=EditorFactory())
    tasks.sweep_examinations()
    assert examining.latest() is None

    DoctorRun.objects.update(asked_at=timezone.now() - timedelta(minutes=1))
    tasks.sweep_examinations()

    assert examining.latest() == run


def test_only_the_newest_runs_are_kept(monkeypatch):
    monkeypatch.setattr(examining, "KEPT", 2)
    for _time in range(3):
        DoctorRun.objects.create(finished_at=timezone.now())

    run = examining.ask(by=EditorFactory())
    examining.carry_out(run_id=run.pk)

    assert DoctorRun.objects.count() == 2
    assert examining.latest() == run


def test_command_prints_what_to_put_where_and_fails():
    out = StringIO()

    with pytest.raises(SystemExit):
        call_command("mail_doctor", stdout=out)

    assert '_dmarc.news.test. IN TXT "v=DMARC1; p=none' in out.getvalue()
    assert out.getvalue().startswith("Must be mended: ")


def test_command_prints_json_for_programs():
    out = StringIO()

    with pytest.raises(SystemExit):
        call_command("mail_doctor", "--json", stdout=out)

    data = json.loads(out.getvalue())
    assert data["verdict"] == "failing"
    assert {"topic", "kind", "status", "values", "put", "words"} <= data["findings"][
        0
    ].keys()


def test_page_shows_the_newest_run_and_lines_to_copy(client):
    client.force_login(EditorFactory())
    examining.examine_here()

    page = client.get(reverse("readers:doctor")).content.decode()

    assert "v=DMARC1; p=none" in page
    assert 'data-copy="put-dmarc-1"' in page
    assert "hx-get" not in page


def test_page_asks_for_a_look_and_watches_for_it(client):
    client.force_login(EditorFactory())

    page = client.post(reverse("readers:doctor"), follow=True).content.decode()

    assert DoctorRun.objects.waiting().count() == 1
    assert 'hx-trigger="every 2s"' in page


def test_page_begins_with_what_it_is_for(client):
    client.force_login(EditorFactory(language="en"))

    page = client.get(reverse("readers:doctor")).content.decode()

    assert "it sends nothing" in page
