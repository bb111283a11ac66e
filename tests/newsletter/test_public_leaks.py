"""P11: what is on the desk is nowhere to be read, whatever public address one asks."""

import re

import pytest
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from editorial import workflow
from editorial.models import Author, Credit, Section, Topic
from editorial.states import IssueState, ItemState
from tests.factories import (
    AdminFactory,
    AuthorFactory,
    IssueFactory,
    ItemFactory,
    PublicationFactory,
    SectionFactory,
    SubscriberFactory,
    TopicFactory,
)

from .printing import printed

pytestmark = pytest.mark.django_db

SECRET = "不可泄露"
LINK = re.compile(r"""(?:href|src|action)="([^"#]+)|<(?:loc|link|id)>([^<]+)<""")
ORIGIN = "http://testserver"


@pytest.fixture(autouse=True)
def newsroom(settings):
    """A published issue, and a thousand secrets around it."""
    settings.PUBLIC_URL = ORIGIN
    PublicationFactory(language="en")
    printed("1")
    printed("2")
    withdrawn = printed("3", title=f"{SECRET}的撤稿", dek=SECRET)
    workflow.withdraw_issue(issue=withdrawn, by=AdminFactory(), note=SECRET)
    for state in (IssueState.DRAFT, IssueState.REVIEW, IssueState.APPROVED):
        _fill(IssueFactory(number=f"9-{state}", title=SECRET, dek=SECRET, state=state))
    published = Section.objects.get(title="业界要闻").issue_sections.first().issue
    common = {"headline": SECRET, "commentary": SECRET}
    ItemFactory(
        issue=published,
        section=Section.objects.get(title="业界要闻"),
        topic=Topic.objects.get(name="etcd"),
        credit=Author.objects.get(name="墨封"),
        state=ItemState.REJECTED,
        **common,
    )
    ItemFactory.create_batch(1000, **common)
    SubscriberFactory(address="secret@readers.test")


def _fill(issue):
    """Everything of an unpublished issue that a page could show."""
    section = SectionFactory(title=f"{SECRET}栏{issue.number}")
    topic = TopicFactory(name=f"{SECRET}题{issue.number}")
    author = AuthorFactory(name=f"{SECRET}者{issue.number}")
    issue.issue_sections.create(section=section)
    Credit.objects.create(issue=issue, author=author)
    Credit.objects.create(issue=issue, author=Author.objects.get(name="墨封"))
    states = (ItemState.DRAFT, ItemState.SUBMITTED, ItemState.APPROVED)
    for state, about in zip(
        states, (topic, topic, Topic.objects.get(name="etcd")), strict=True
    ):
        ItemFactory(
            issue=issue,
            section=section,
            topic=about,
            credit=Author.objects.get(name="墨封"),
            state=state,
            headline=f"{SECRET} {state}",
            commentary=SECRET,
        )


def crawl(client, start):
    """Every page one can reach from these addresses, each once."""
    waiting, seen = list(start), {}
    while waiting:
        path = waiting.pop()
        if path in seen or path.startswith(("/desk/", "/accounts/", "/static/")):
            continue
        answer = client.get(path)
        seen[path] = answer
        if answer.streaming or "javascript" in answer.get("Content-Type", ""):
            continue
        for found in LINK.findall(answer.text):
            path = "".join(found).removeprefix(ORIGIN)
            if path.startswith("/"):
                waiting.append(path)
    return seen


def guessed() -> list[str]:
    """Addresses nobody is led to, with every slug the database knows."""
    slugs = {
        "site:issue": [f"9-{state}" for state in IssueState] + ["3"],
        "site:section": Section.objects.values_list("slug", flat=True),
        "site:topic": Topic.objects.values_list("slug", flat=True),
        "site:author": Author.objects.values_list("slug", flat=True),
        "api:issue-detail": [f"9-{state}" for state in IssueState] + ["3"],
    }
    return [reverse(name, args=[slug]) for name, many in slugs.items() for slug in many]


def plain_routes() -> list[str]:
    """Every public route without a parameter, from the resolver itself."""
    names = []
    for resolver in get_resolver().url_patterns:
        if isinstance(resolver, URLResolver) and resolver.app_name in {"site", "api"}:
            names += [
                f"{resolver.app_name}:{pattern.name}"
                for pattern in resolver.url_patterns
                if isinstance(pattern, URLPattern) and not pattern.pattern.converters
            ]
    return [reverse(name) for name in names] + [reverse("api:issue-list")]


def test_no_public_address_shows_what_is_on_the_desk(client):
    pages = crawl(client, [*plain_routes(), *guessed()])

    leaks = [path for path, page in pages.items() if _leaks(page)]
    assert len(pages) > 30
    assert "/issues/2/" in pages
    assert not leaks


def _leaks(page) -> bool:
    return not page.streaming and (SECRET in page.text or "readers.test" in page.text)


def test_crawl_would_find_a_leak(client):
    """The net is not torn: what is published is found by the same crawl."""
    pages = crawl(client, plain_routes())

    assert any("第 1 期的头条" in page.text for page in pages.values())
    assert {"/topics/etcd/", "/authors/mo-feng/", "/sitemap.xml"} <= set(pages)
