"""Readers and scanners told apart."""

from newsletter.clicks import (
    LONGEST_VISIT,
    SCAN_LINKS,
    SCAN_SECONDS,
    Visit,
    sort_out,
)

LATER = 10_000.0


def visits(*steps: tuple[int, float], network: str = "n", robot: bool = False):
    """Links followed at moments, by one network."""
    return [Visit(1, link, network, at, robot) for link, at in steps]


def test_a_reader_s_clicks_are_counted_per_link():
    tally = sort_out(visits((1, 0), (2, 30), (1, 300)), now=LATER)

    assert tally.clicks == {1: 2, 2: 1}
    assert not tally.scans


def test_the_same_link_again_within_one_visit_is_one_click():
    tally = sort_out(visits((1, 0), (1, 1), (1, 5)), now=LATER)

    assert tally.clicks == {1: 1}


def test_many_links_within_seconds_are_a_scanner_s():
    steps = [(link, link * 0.5) for link in range(SCAN_LINKS)]

    tally = sort_out(visits(*steps), now=LATER)

    assert not tally.clicks
    assert tally.scans == dict.fromkeys(range(SCAN_LINKS), 1)


def test_as_many_links_by_several_networks_are_readers():
    steps = [(link, link * 0.5) for link in range(SCAN_LINKS)]
    by_two = visits(*steps[:3], network="a") + visits(*steps[3:], network="b")

    assert not sort_out(by_two, now=LATER).scans


def test_as_many_links_of_several_digests_are_a_reader_s():
    steps = [Visit(link % 2, link, "n", 1.0, False) for link in range(SCAN_LINKS)]

    assert not sort_out(steps, now=LATER).scans


def test_a_reader_s_clicks_in_a_visit_that_a_scanner_s_burst_follows_are_kept():
    burst = [(link, 30.0) for link in range(SCAN_LINKS)]
    bridge = [(99, 8.0), (99, 16.0), (99, 24.0)]

    tally = sort_out(visits((98, 0), *bridge, *burst), now=LATER)

    assert tally.clicks == {98: 1, 99: 1}


def test_programs_that_say_what_they_are_are_counted_apart():
    tally = sort_out(visits((1, 0), robot=True), now=LATER)

    assert (tally.clicks, tally.scans) == ({}, {1: 1})


def test_a_visit_that_may_go_on_is_judged_later():
    steps = visits((1, 0), (2, 9))

    assert sort_out(steps, now=9 + SCAN_SECONDS).open == steps
    assert not sort_out(steps, now=9.1 + SCAN_SECONDS).open


def test_a_visit_without_end_is_judged_all_the_same():
    steps = visits(*((1, float(at)) for at in range(0, int(LONGEST_VISIT) + 10, 5)))

    tally = sort_out(steps, now=steps[-1].at)

    assert tally.clicks == {1: 1}
    assert not tally.open
