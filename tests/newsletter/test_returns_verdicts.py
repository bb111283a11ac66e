"""The table of what a report means."""

import pytest

from newsletter.digests.answers import HARD_BOUNCES
from newsletter.models import MailEvent
from newsletter.returns.verdicts import EFFECTS, Effect, Said, exact_status, judge

Kind = MailEvent.Kind
FAILURES = [
    *((status, "", Kind.BOUNCE_HARD) for status in sorted(HARD_BOUNCES)),
    ("4.2.2", "smtp; 452 4.2.2 full", Kind.BOUNCE_SOFT),
    ("4.4.7", "", Kind.BOUNCE_SOFT),
    ("", "421 try later", Kind.BOUNCE_SOFT),
    ("5.7.1", "smtp; 550 5.7.1 blocked", Kind.BOUNCE_OTHER),
    ("5.2.2", "smtp; 552 5.2.2 full", Kind.BOUNCE_OTHER),
    ("5.7.1", "smtp; 550 no such user", Kind.BOUNCE_OTHER),
    ("5.0.0", "smtp; 550 no such user", Kind.BOUNCE_HARD),
    ("5.0.0", "smtp; 550 5.1.1 gone", Kind.BOUNCE_HARD),
    ("5.0.0", "smtp; 550 5.7.1 no such user", Kind.BOUNCE_OTHER),
    ("", "550 User not found: x", Kind.BOUNCE_HARD),
    ("", "554 no such user", Kind.BOUNCE_OTHER),
    ("", "Linux 5.1.1 was released", Kind.BOUNCE_OTHER),
    ("5.1.11", "", Kind.BOUNCE_OTHER),
    ("", "host 5.1.1.2 said nothing", Kind.BOUNCE_OTHER),
    ("", "", Kind.BOUNCE_OTHER),
]


@pytest.mark.parametrize(("status", "words", "kind"), FAILURES)
def test_a_failure_is_judged_by_its_status(status, words, kind):
    assert judge(Said.FAILED, status, words) == kind


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        (Said.DELIVERED, Kind.DELIVERED),
        (Said.DELAYED, Kind.DELAYED),
        (Said.COMPLAINED, Kind.COMPLAINT),
    ],
)
def test_what_is_no_failure_is_judged_by_what_it_says(said, kind):
    assert judge(said, "5.1.1", "550 5.1.1 no such user") == kind


def test_every_kind_has_its_effect():
    assert set(EFFECTS) == set(Kind)
    assert [kind for kind in Kind if EFFECTS[kind] is Effect.SUPPRESS] == [
        Kind.BOUNCE_HARD
    ]


def test_a_comment_behind_a_status_is_no_part_of_it():
    assert exact_status("5.1.1 (bad mailbox)", "") == "5.1.1"
