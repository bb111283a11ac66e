"""Readers get the publication's language and colleagues their own, whoever asks."""

from datetime import timedelta

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone, translation

from editorial import notices
from editorial.content.faces import web
from editorial.models import Invitation
from newsletter import subscriptions
from newsletter.digests import rendering

from .factories import (
    EditorFactory,
    IssueFactory,
    ItemFactory,
    PublicationFactory,
    UserFactory,
)
from .newsletter.printing import outline, printed

pytestmark = pytest.mark.django_db

# The publication's language, another one in force, and how "unsubscribe" reads.
both_ways = pytest.mark.parametrize(
    ("spoken", "in_force", "unsubscribe"),
    [("zh-hans", "en", "退订"), ("en", "zh-hans", "Unsubscribe")],
)
each = pytest.mark.parametrize(
    ("spoken", "in_force", "words"),
    [("zh-hans", "en", "往期"), ("en", "zh-hans", "Issues")],
)


@both_ways
def test_digest_speaks_the_publications_language(spoken, in_force, unsubscribe):
    PublicationFactory(language=spoken)
    issue = printed("23")

    with translation.override(in_force):
        letter = rendering.render(issue, issue.live_revision)

    assert unsubscribe in letter.text
    assert unsubscribe in letter.html
    assert f'lang="{spoken}"' in letter.html


@pytest.mark.parametrize(
    ("spoken", "subject"),
    [
        ("zh-hans", "云边周报 第23期：第 23 期的标题"),
        ("en", "云边周报 Issue 23: 第 23 期的标题"),
    ],
)
def test_subject_of_a_digest_is_punctuated_as_its_language_does(spoken, subject):
    PublicationFactory(language=spoken)
    issue = printed("23")

    assert rendering.render(issue, issue.live_revision).subject == subject


@both_ways
def test_confirmation_speaks_the_publications_language(spoken, in_force, unsubscribe):
    PublicationFactory(language=spoken)
    confirm = {"zh-hans": "请确认订阅", "en": "Confirm that you want"}[spoken]

    with translation.override(in_force):
        subscriptions.request_subscription(address="a@readers.test", client="::1")
        subscriptions.send_owed_confirmations()

    assert mail.outbox[0].subject.startswith(confirm)


@each
@pytest.mark.parametrize(
    "page", ["home", "archive", "sections", "topics", "authors", "subscribe", "sent"]
)
def test_page_speaks_the_publications_language(client, spoken, in_force, words, page):
    PublicationFactory(language=spoken)
    printed("23")

    answer = client.get(reverse(f"site:{page}"), headers={"accept-language": in_force})

    assert f'<html lang="{spoken}' in answer.text
    assert words in answer.text


@each
def test_missing_page_speaks_the_publications_language(client, spoken, in_force, words):
    PublicationFactory(language=spoken)

    answer = client.get("/issues/99/", headers={"accept-language": in_force})

    assert answer.status_code == 404
    assert words in answer.text


@pytest.mark.parametrize(
    ("language", "label"), [("zh-hans", "本期作者"), ("en", "Authors")]
)
def test_byline_is_labelled_in_the_language_in_force(language, label):
    with translation.override(language):
        assert label in web.byline(outline())


@pytest.mark.parametrize(
    ("own", "subject"), [("en", "To review: 新闻"), ("", "待审：新闻")]
)
def test_colleague_is_told_in_their_own_language(own, subject):
    PublicationFactory(language="zh-hans")
    notice = notices.Notice.objects.create(
        key="one",
        kind="submitted",
        recipient=EditorFactory(language=own),
        context={
            "by": "墨封",
            "headline": "新闻",
            "number": "23",
            "url": "https://t.test",
        },
    )

    notices.send_owed()

    notice.refresh_from_db()
    assert notice.sent_at
    assert mail.outbox[0].subject == subject


def test_invitation_speaks_the_publications_language():
    PublicationFactory(language="zh-hans")
    invitation = Invitation(
        email="new@team.test",
        invited_by=UserFactory(name="墨封"),
        expires_at=timezone.now() + timedelta(days=14),
    )

    with translation.override("en"):
        notices.mail_invitation(invitation, url="https://team.test/join/x/")

    assert mail.outbox[0].subject == "墨封邀请你为《云边周报》写稿"


def test_desk_speaks_the_users_language_then_the_publications(client):
    PublicationFactory(language="zh-hans")
    client.force_login(UserFactory(language="en"))

    english = client.get(reverse("desk:my_turn")).text
    client.force_login(UserFactory())
    chinese = client.get(reverse("desk:my_turn")).text

    assert "My turn" in english
    assert "本期任务" not in english
    assert "本期任务" in chinese
    assert "My turn" not in chinese


def test_text_for_the_group_is_typed_as_chinese():
    PublicationFactory(language="zh-hans")
    author = UserFactory(name="墨封")
    item = ItemFactory(headline="新闻", issue=IssueFactory(), submitted_by=author)

    with translation.override("zh-hans"):
        assert "墨封：新闻（草稿）" in notices.group_text(item.issue)
