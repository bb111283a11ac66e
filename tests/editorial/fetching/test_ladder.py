"""The ladder: what one answer means."""

from datetime import UTC, datetime

import pytest

from editorial.fetching.fingerprints import take_fingerprint
from editorial.fetching.ladder import judge
from editorial.fetching.outcomes import (
    MAX_RETRY_AFTER,
    FetchError,
    Hop,
    HostBusy,
    HostResting,
    Refusal,
    Refused,
    Response,
    TimedOut,
    read_retry_after,
)
from editorial.fetching.verdicts import Reason, Verdict


def answer(status=200, *, headers=None, body=b"", chain=None, complete=True):
    chain = chain or (Hop("https://a.test/", status),)
    return Response(
        url=chain[0].url,
        final_url=chain[-1].url,
        status=status,
        headers=headers or {},
        body=body,
        complete=complete,
        chain=chain,
        elapsed=0.25,
    )


def place(outcome):
    judgement = judge(outcome)
    return judgement.verdict, judgement.reason


@pytest.mark.parametrize(
    ("status", "verdict", "reason"),
    [
        (200, Verdict.OK, Reason.ALIVE),
        (204, Verdict.OK, Reason.ALIVE),
        (206, Verdict.OK, Reason.ALIVE),
        (300, Verdict.UNSURE, Reason.ODD_ANSWER),
        (304, Verdict.UNSURE, Reason.ODD_ANSWER),
        (400, Verdict.UNSURE, Reason.ODD_ANSWER),
        (401, Verdict.UNSURE, Reason.BLOCKED_BY_SITE),
        (403, Verdict.UNSURE, Reason.BLOCKED_BY_SITE),
        (404, Verdict.BROKEN, Reason.GONE),
        (405, Verdict.UNSURE, Reason.ODD_ANSWER),
        (410, Verdict.BROKEN, Reason.GONE),
        (429, Verdict.UNSURE, Reason.BLOCKED_BY_SITE),
        (451, Verdict.UNSURE, Reason.BLOCKED_BY_SITE),
        (500, Verdict.UNSURE, Reason.SERVER_ERROR),
        (503, Verdict.UNSURE, Reason.SERVER_ERROR),
        (999, Verdict.UNSURE, Reason.BLOCKED_BY_SITE),
    ],
)
def test_a_status_has_its_place_on_the_ladder(status, verdict, reason):
    assert place(answer(status)) == (verdict, reason)


def test_too_many_requests_with_a_time_to_return_is_a_matter_of_waiting():
    judgement = judge(answer(429, headers={"retry-after": "120"}))

    assert judgement.reason is Reason.RATE_LIMITED
    assert judgement.retry_after == 120


@pytest.mark.parametrize(
    ("status", "headers", "body"),
    [
        (403, {"cf-mitigated": "challenge"}, b""),
        (503, {"cf-mitigated": "challenge"}, b""),
        (202, {"x-amzn-waf-action": "challenge"}, b""),
        (405, {"x-amzn-waf-action": "captcha"}, b""),
        (200, {}, b"<iframe src='/_Incapsula_Resource?x'></iframe>"),
        (200, {}, b"<script src='https://geo.captcha-delivery.com/x'></script>"),
        (503, {}, b"<script>window._cf_chl_opt={}</script>"),
    ],
)
def test_challenges_are_bot_walls_whatever_their_status(status, headers, body):
    expected = (Verdict.UNSURE, Reason.BLOCKED_BY_SITE)

    assert place(answer(status, headers=headers, body=body)) == expected


def test_a_long_page_with_a_guard_script_is_a_page():
    body = b"<script src='/_Incapsula_Resource'></script>" + b"news " * 4000

    assert place(answer(body=body)) == (Verdict.OK, Reason.ALIVE)


@pytest.mark.parametrize("path", ["login", "signin?next=/x", "auth/realms", "sso"])
def test_a_page_that_sends_to_its_login_asks_for_one(path):
    chain = (Hop("https://a.test/story", 302), Hop(f"https://id.a.test/{path}", 200))

    assert place(answer(chain=chain)) == (Verdict.UNSURE, Reason.LOGIN)


@pytest.mark.parametrize("path", ["author/kim", "blog/login-flows", "authors"])
def test_pages_about_logins_are_no_logins(path):
    chain = (Hop("https://a.test/old", 301), Hop(f"https://a.test/{path}", 200))

    assert place(answer(chain=chain)) == (Verdict.OK, Reason.REDIRECTED)


@pytest.mark.parametrize("status", [302, 303, 307])
def test_what_moved_for_now_keeps_its_url(status):
    chain = (Hop("https://a.test/", status), Hop("https://b.test/", 200))

    judgement = judge(answer(chain=chain))

    assert (judgement.verdict, judgement.reason) == (Verdict.OK, Reason.MOVED_FOR_NOW)
    assert judgement.moved_to == ""


def test_whatever_a_host_says_it_has_answered():
    assert judge(answer(503)).answered


def test_a_host_that_redirected_has_answered_even_if_the_next_did_not():
    error = TimedOut("timeout")
    error.chain = (Hop("https://a.test/", 302), Hop("https://b.test/"))

    assert judge(error).answered


def test_silence_is_no_answer():
    error = TimedOut("timeout")
    error.chain = (Hop("https://a.test/"),)

    assert not judge(error).answered


def test_no_new_url_is_offered_for_what_is_gone():
    chain = (Hop("https://a.test/", 301), Hop("https://b.test/", 404))

    assert judge(answer(404, chain=chain)).moved_to == ""


def test_a_new_url_too_long_to_store_is_not_offered():
    long = Hop(f"https://a.test/{'x' * 2048}"[:2048], 200)

    judgement = judge(answer(chain=(Hop("https://a.test/", 301), long)))

    assert (judgement.moved_to, judgement.final_url) == ("", "")


@pytest.mark.parametrize("kind", FetchError.__subclasses__())
def test_every_failure_has_a_verdict(kind):
    arguments = {Refused: [Refusal.INSIDE], HostResting: [20.0], HostBusy: []}.get(
        kind, ["detail"]
    )

    assert judge(kind(*arguments)).verdict in {Verdict.UNSURE, Verdict.BROKEN}


@pytest.mark.parametrize("code", Refusal)
def test_every_refusal_has_a_verdict_and_a_message(code):
    error = Refused(code)

    assert judge(error).verdict in {Verdict.BROKEN, Verdict.UNCHECKED}
    assert str(error.message)


def test_a_timeout_is_never_broken():
    assert place(TimedOut("timeout")) == (Verdict.UNSURE, Reason.UNREACHABLE_FROM_HERE)


def test_a_living_page_is_remembered_by_title_and_words():
    words = " ".join(f"{a}{b}ly{a}" for a in "bcdfghk" for b in "aeiouy")
    body = f"<title>News &amp; more</title><body>{words}".encode()

    judgement = judge(answer(body=body))

    assert judgement.title == "News & more"
    assert judgement.fingerprint == take_fingerprint(words)


@pytest.mark.parametrize(
    "outcome",
    [
        answer(404, body=b"<title>Not here</title>"),
        answer(headers={"content-type": "image/png"}, body=b"<title>x</title>"),
    ],
)
def test_what_is_no_living_page_is_not_remembered(outcome):
    judgement = judge(outcome)

    assert (judgement.title, judgement.fingerprint) == ("", "")


NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("120", 120),
        ("0", 0),
        ("Thu, 01 Jan 2026 00:01:00 GMT", 60),
        ("Thu, 01 Jan 2026 00:01:00 -0000", 60),
        ("Wed, 31 Dec 2025 00:00:00 GMT", 0),
        ("999999999999", MAX_RETRY_AFTER),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("１２０", None),
        ("9" * 5000, None),
        (f"Thu, 01 Jan {'9' * 20} 00:01:00 GMT", None),
        (f"Thu, 01 Jan 2026 00:01:00 +{'9' * 11}", None),
    ],
)
def test_retry_after_is_read_as_seconds_or_date(text, seconds):
    assert read_retry_after({"retry-after": text}, now=NOW) == seconds
