"""Coordinates of small pictures."""

from datetime import date

import pytest

from editorial.models import Issue
from newsletter.desk.charts import HEIGHT, arrival_bar, complaints_chart, growth_chart
from newsletter.issue_report import IssueReport
from newsletter.list_health import ISSUES, IssueHealth, Week
from newsletter.models import Digest


def weeks(*numbers: tuple[int, int]) -> list[Week]:
    return [Week(date(2026, 11, 2), up, down, 0) for up, down in numbers]


def health(mails: int, complaints: int) -> IssueHealth:
    digest = Digest(issue=Issue(number="7"))
    return IssueHealth(digest, mails, bounced=0, complaints=complaints, clicks=0)


def report(**numbers) -> IssueReport:
    nothing = dict.fromkeys(
        ("sent", "bounced", "soft", "refused", "uncertain", "complaints", "left"), 0
    )
    none = {"clicks": 0, "scans": 0, "elsewhere": 0, "items": (), "sections": ()}
    return IssueReport(**(nothing | none | {"counts_clicks": False} | numbers))


def test_who_came_stands_on_the_line_from_which_who_left_hangs():
    chart = growth_chart(weeks((3, 1), (1, 0)))

    (line,) = chart.lines
    up, down, small = chart.bars
    assert line.y == HEIGHT * 3 / 4
    assert up.y + up.height == down.y == line.y
    assert small.height == up.height / 3


def test_a_picture_of_nothing_has_no_bars():
    assert growth_chart(weeks((0, 0))).bars == ()


def test_the_newest_issue_stands_at_the_right():
    chart = complaints_chart([health(100, 0), health(100, 1)])

    assert chart.bars[-1].x > chart.bars[0].x > chart.width / 2
    assert chart.width == ISSUES * 24


@pytest.mark.parametrize("complaints", [1, 100])
def test_the_highest_rate_fits_with_both_lines(complaints):
    chart = complaints_chart([health(100, complaints)])

    heights = [bar.y for bar in chart.bars] + [line.y for line in chart.lines]
    assert all(0 <= y <= HEIGHT for y in heights)


def test_where_mails_ended_up_makes_a_whole():
    parts = arrival_bar(report(sent=8, bounced=1, refused=1))

    assert [part.width for part in parts] == [80, 10, 0, 10]
    assert parts[-1].x + parts[-1].width == 100
