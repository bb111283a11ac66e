"""Founding one's own publication, and the sample that goes with it."""

from io import StringIO
from pathlib import Path

import pytest
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command

from editorial import founding
from editorial.models import (
    Issue,
    Item,
    ItemImage,
    Notice,
    Publication,
    Role,
    Section,
    Transition,
    User,
)
from editorial.sample import LOG_INS, SampleRefused, load_sample
from editorial.states import IssueState, ItemState
from newsletter.models import Digest, Subscriber
from tests.factories import (
    DigestFactory,
    IssueFactory,
    PublicationFactory,
    SubscriberFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

FLAGS = {
    "name": "山海周报",
    "sections": "要闻，读书",
    "sender": "山海 <weekly@shanhai.test>",
    "admin_name": "清和",
    "admin_email": "Qinghe@shanhai.test",
    "yes": True,
}


def found(**changes) -> str:
    out = StringIO()
    call_command("found_publication", **{**FLAGS, **changes}, stdout=out)
    return out.getvalue()


@pytest.fixture
def sample(settings, tmp_path):
    settings.DEVELOPMENT = True
    settings.VAR_DIR = tmp_path
    settings.MEDIA_ROOT = tmp_path / "media"
    load_sample()
    return Publication.objects.get()


def test_flags_found_a_publication_with_admin_and_sections():
    found(deadline="thu 20:30", publish="fri 09:00", time_zone="Europe/Berlin")

    publication = Publication.objects.get()
    assert (publication.name, publication.is_sample) == ("山海周报", False)
    assert (publication.deadline_weekday, str(publication.deadline_time)) == (
        3,
        "20:30:00",
    )
    assert publication.sender_email == "weekly@shanhai.test"
    assert [s.title for s in Section.objects.recurring()] == ["要闻", "读书"]
    admin = User.objects.get()
    assert (admin.email, admin.role) == ("qinghe@shanhai.test", Role.ADMIN)


@pytest.mark.parametrize(
    ("flag", "value", "said"),
    [
        ("name", "", "name"),
        ("sections", " , ", "sections"),
        ("sections", "要闻,要闻", "twice"),
        ("deadline", "someday", "--deadline"),
        ("time_zone", "Mars/Olympus", "time_zone"),
        ("cadence", "hourly", "cadence"),
        ("language", "tlh", "language"),
        ("sender", "nobody", "--sender"),
        ("sender", f"a@{'é' * 60}.test", "sender"),
        ("admin_email", "nobody", "admin_email"),
        ("admin_name", "", "admin_name"),
    ],
)
def test_bad_flag_is_named_and_the_sample_stays(flag, value, said):
    PublicationFactory(is_sample=True)
    IssueFactory()

    with pytest.raises(CommandError, match=said):
        found(**{flag: value})

    assert Publication.objects.get().is_sample
    assert Issue.objects.count() == 1


def test_own_publication_is_never_replaced():
    PublicationFactory(name="云边周报")

    with pytest.raises(CommandError, match="founded already"):
        found()

    assert Publication.objects.get().name == "云边周报"


def test_questions_are_asked_for_what_no_flag_says(monkeypatch):
    answers = iter(["", "", "", "", ""])
    monkeypatch.setattr("builtins.input", lambda _question: next(answers))

    found(yes=False)

    assert Publication.objects.get().time_zone == "Asia/Shanghai"


def test_sample_stays_when_the_question_is_answered_no(sample, monkeypatch):
    monkeypatch.setattr("builtins.input", lambda _question: "no")

    with pytest.raises(CommandError, match="Nothing was changed"):
        found(yes=False)

    assert Publication.objects.get().is_sample


def test_nobody_at_the_keyboard_is_one_line(monkeypatch):
    def nobody(_question):
        raise EOFError

    monkeypatch.setattr("builtins.input", nobody)

    with pytest.raises(CommandError, match="Nobody is there"):
        found(yes=False)


def test_sample_goes_with_its_readers_words_people_and_pictures(
    sample, django_capture_on_commit_callbacks
):
    files = [
        default_storage.path(i.file.name) for i in ItemImage.objects.exclude(file="")
    ]
    DigestFactory(issue=Issue.objects.get(number="23"))
    SubscriberFactory(is_sample=True)

    with django_capture_on_commit_callbacks(execute=True):
        found()

    for model in (Issue, Item, Digest, Subscriber, Notice):
        assert not model.objects.exists(), model
    assert [u.email for u in User.objects.all()] == ["qinghe@shanhai.test"]
    assert files
    assert not any(Path(file).exists() for file in files)


def test_account_made_by_hand_outlives_the_sample(sample):
    UserFactory(email="root@shanhai.test")

    found()

    assert User.objects.filter(email="root@shanhai.test").exists()


def test_link_opens_set_up_for_a_day_and_founds_nothing():
    out = StringIO()

    call_command("found_publication", link=True, stdout=out)

    url = out.getvalue().strip()
    assert url.startswith("http://testserver/desk/setup/")
    assert founding.is_setup_token(url.rstrip("/").rpartition("/")[2])
    assert not Publication.objects.exists()


def test_sample_has_people_an_archive_and_an_item_in_every_state(sample):
    assert User.objects.filter(is_sample=True).count() == len(LOG_INS) == 5
    assert Issue.objects.published().count() == 2
    current = Issue.objects.get(state=IssueState.DRAFT)
    assert {item.state for item in current.items.all()} == set(ItemState)


def test_sample_mails_nobody(sample, mailoutbox):
    assert not Notice.objects.exists()
    assert not Digest.objects.exists()
    assert mailoutbox == []


def test_sample_loads_once_and_writes_its_log_ins(sample, settings):
    call_command("load_sample", stdout=StringIO())

    assert Issue.objects.count() == 3
    lines = Path(settings.VAR_DIR, "sample-logins.txt").read_text().splitlines()
    assert [line.split("\t")[1] for line in lines] == [each.email for each in LOG_INS]


def test_sample_log_ins_sign_in(sample, client):
    assert client.login(email=LOG_INS[0].email, password=LOG_INS[0].password)


def test_sample_is_refused_in_production(settings):
    settings.DEVELOPMENT = False

    with pytest.raises(SampleRefused):
        load_sample()

    assert not User.objects.exists()


def test_sample_is_refused_beside_ones_own(settings):
    settings.DEVELOPMENT = True
    PublicationFactory()

    with pytest.raises(CommandError):
        call_command("load_sample")


def test_founding_is_in_the_trail():
    found()

    assert Transition.objects.get().verb == "founded"
