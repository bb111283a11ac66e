"""Every verdict in a sentence a colleague would say."""

import pytest
from django.utils import translation

from editorial.fetching.verdicts import Reason, Verdict
from editorial.links.report import Wanted, rows_of
from editorial.links.words import Finding, finding_of, say

from .rows import WALL, break_link, printed_link, visit

SAID = {
    "gone": (
        Finding("broken", "gone", "news.example", status=404),
        "The page is gone (404)",
        "这个页面已经不在了（404）",
    ),
    "not found once": (
        Finding("unsure", "gone", "news.example", status=404),
        "The page was not found (404)",
        "这次没有找到这个页面（404）",
    ),
    "moved": (
        Finding("ok", "redirected", "github.com", moved_to="https://github.com/b"),
        "GitHub says it moved to https://github.com/b",
        "GitHub说它已搬到https://github.com/b",
    ),
    "expired": (
        Finding("broken", "tls", "news.example", detail="expired"),
        "Browsers will warn of news.example: its certificate has expired",
        "浏览器会对news.example发出警告：证书已过期",
    ),
    "no domain": (
        Finding("broken", "no_such_host", "github.com"),
        "There is no domain github.com (any more)",
        "域名github.com不存在（或已注销）",
    ),
    "parked": (
        Finding("broken", "parked", "medium.com"),
        "The domain medium.com is parked or for sale",
        "域名medium.com已停用或在出售",
    ),
    "opened": (
        Finding("ok", "blocked_by_site", "news.example", opened_by="墨封"),
        "墨封 opened it and saw the page",
        "墨封打开看过，页面在",
    ),
    "shut in": (
        Finding("unsure", "unreachable_from_here", "news.example", detail="proxy"),
        "Our own proxy did not let the visit out; news.example was not asked",
        "我们自己的代理没有放行，没有访问到news.example",
    ),
    "our line": (
        Finding("unsure", "unreachable_from_here", "news.example", detail="line"),
        "No site answered this machine then, which says nothing about news.example",
        "当时没有一个网站应答本机，说明不了news.example的好坏",
    ),
    "never visited": (
        Finding("unchecked", "", "news.example"),
        "Not checked yet",
        "还没检查",
    ),
}


@pytest.mark.parametrize("case", SAID)
def test_a_verdict_is_said_in_both_languages(case):
    finding, english, chinese = SAID[case]

    assert say(finding) == english
    with translation.override("zh-hans"):
        assert say(finding) == chinese


@pytest.mark.parametrize("verdict", Verdict)
@pytest.mark.parametrize("reason", Reason)
def test_there_are_words_for_every_verdict_and_reason(reason, verdict):
    said = say(Finding(verdict, reason, "news.example", opened_by="墨封"))

    assert said
    assert "%(" not in said


@pytest.mark.django_db
def test_what_is_held_is_not_said_with_the_status_of_a_later_visit():
    link = visit(break_link(printed_link()), WALL)

    [row] = rows_of(Wanted())

    assert say(finding_of(link)) == say(row.finding) == "The page is gone"
