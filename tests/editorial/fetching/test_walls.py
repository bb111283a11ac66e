"""What stands before a page says nothing about the page."""

import pytest

from editorial.fetching.ladder import judge
from editorial.fetching.outcomes import Hop, Response
from editorial.fetching.verdicts import Reason, Verdict

LONG = "A whole article about the news of this week. " * 50


def answer(body="", *, status=200, url="https://a.test/story", final_url=""):
    chain = (Hop(url, status),)
    if final_url:
        chain = (Hop(url, 302), Hop(final_url, status))
    return Response(
        url=url,
        final_url=chain[-1].url,
        status=status,
        headers={"content-type": "text/html; charset=utf-8"},
        body=body.encode(),
        complete=True,
        chain=chain,
        elapsed=0.1,
    )


def place(outcome):
    judgement = judge(outcome)
    return judgement.verdict, judgement.reason


@pytest.mark.parametrize(
    "body",
    [
        "<title>Just a moment...</title>",
        "<title>百度安全验证</title>",
        "<title></title><p>当前环境异常，完成验证后即可继续访问。",
        "<script>var arg1='" + "A" * 40 + "'</script>",
        "<script src=/.within.website/x/cmd/anubis/static/js/main.mjs></script>",
    ],
)
def test_a_question_for_humans_is_a_bot_wall(body):
    assert place(answer(body)) == (Verdict.UNSURE, Reason.BLOCKED_BY_SITE)


@pytest.mark.parametrize(
    "outcome",
    [
        answer(final_url="https://passport.a.test/?next=x"),
        answer(final_url="https://a.test/account/login"),
        answer("<title>登录 - 某网</title><form><input type='password'></form>"),
        answer("<title>Sign in to A</title><input type=password>"),
    ],
)
def test_a_page_for_members_asks_for_a_login(outcome):
    assert place(outcome) == (Verdict.UNSURE, Reason.LOGIN)


@pytest.mark.parametrize(
    "outcome",
    [
        answer(status=402),
        answer(f'<script>{{"isAccessibleForFree": false}}</script>{LONG}'),
        answer(f'<script>{{"isAccessibleForFree":"False"}}</script>{LONG}'),
        answer(f'<meta property="article:content_tier" content="locked">{LONG}'),
    ],
)
def test_a_page_for_payers_is_behind_a_paywall(outcome):
    assert place(outcome) == (Verdict.UNSURE, Reason.PAYWALL)


@pytest.mark.parametrize(
    "outcome",
    [
        answer("<title>a.test is for sale</title><h1>This domain is for sale</h1>"),
        answer("<title>该域名正在出售</title><p>联系我们"),
        answer("<script src=//sedoparking.com/a.js></script><p>Buy this domain"),
        answer(final_url="https://www.hugedomains.com/domain_profile.cfm?d=a"),
    ],
)
def test_a_domain_for_sale_is_parked(outcome):
    assert place(outcome) == (Verdict.BROKEN, Reason.PARKED)


@pytest.mark.parametrize(
    "outcome",
    [
        answer(f"<title>Why this domain is for sale</title>{LONG}"),
        answer(f"<title>News</title>{LONG}<p>Buy this domain and sedoparking.com"),
        answer("<title>Dan</title>", url="https://dan.com/blog/x"),
        answer(f"<title>Just a moment</title>{LONG}"),
        answer(f"<title>Sign in to A</title>{LONG}<input type=password>"),
        answer(
            "<title>Log in</title><input type=password>", url="https://a.test/login"
        ),
        answer(f'<script>{{"isAccessibleForFree": true}}</script>{LONG}'),
        answer(f'<meta property="article:content_tier" content="metered">{LONG}'),
    ],
)
def test_pages_about_such_things_are_alive(outcome):
    assert judge(outcome).verdict is Verdict.OK
