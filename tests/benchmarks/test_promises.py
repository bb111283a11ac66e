"""The commands that prove promises: the verdict can fail, and small ones are kept.

Each command has engines of its own, because it stops and restarts them.
"""

import os
import subprocess
import sys
from collections import Counter

import pytest
from django.conf import settings

from benchmarks.sending.promises.pace import most_within
from benchmarks.sending.promises.verdict import Verdict


def count(*, copies: dict[str, int], unknown: set[str]) -> Verdict:
    verdict = Verdict("S0")
    verdict.count(copies=Counter(copies), everybody={"a", "b"}, unknown=unknown)
    return verdict


def test_verdict_is_kept_where_everybody_is_mailed_or_listed():
    verdict = count(copies={"a": 1}, unknown={"b"})

    assert verdict.status == 0
    assert str(verdict) == "S0: kept lost=0 duplicates=0 unknown=1"


@pytest.mark.parametrize(
    ("copies", "says"),
    [
        ({"a": 1}, "S0: FAILED lost=1 duplicates=0 unknown=0; 1 were lost"),
        (
            {"a": 2, "b": 1, "c": 1},
            "S0: FAILED lost=0 duplicates=1 unknown=0; 1 got it who should not",
        ),
    ],
)
def test_verdict_fails_where_somebody_is_lost_or_a_stranger(copies, says):
    verdict = count(copies=copies, unknown=set())

    assert verdict.status == 1
    assert str(verdict) == says


def test_clock_is_left_out_of_an_untimed_verdict():
    verdict = Verdict("S0", timed=False)

    verdict.require_in_time(False, "late")

    assert verdict.status == 0


def test_busiest_stretch_is_found_wherever_it_begins():
    assert most_within([0.0, 0.9, 1.8, 1.9, 2.0, 9.0], 1.0) == 3


@pytest.mark.slow
@pytest.mark.parametrize(
    "arguments",
    [
        "S3 --recipients 2000 --times 1 --rate 60 --down 3 --untimed",
        "S4 --recipients 600 --times 2 --connections 8 --down 1",
        "S15 --recipients 200 --wait 25",
    ],
)
def test_small_version_of_a_promise_is_kept(arguments):
    engines = ("DATABASE_URL", "REDIS_URL", "VAR_DIR", "PYTEST_XDIST_WORKER")
    own = {
        k: v
        for k, v in os.environ.items()
        if not k.startswith(("MASTHEAD_TESTS", *engines))
    }
    command = [sys.executable, "-m", "benchmarks.sending.promises", *arguments.split()]

    run = subprocess.run(
        command, cwd=settings.BASE_DIR, env=own, capture_output=True, text=True
    )

    assert run.returncode == 0, run.stdout + run.stderr
    assert "kept" in run.stdout.splitlines()[-1]
