"""The verdict comes from the status line; nobody makes us wait or eat for ever."""

import json
import os
import socket
import subprocess
import sys

import pytest

from editorial.fetching.client import Limits
from editorial.fetching.verdicts import Reason, Verdict

from . import measure, rude
from .world import PUBLIC, page

SOON = Limits(seconds=0.3, look_up_seconds=0.2, pause_seconds=0)
MEBIBYTE = 2**20


def visit_in_another_process(world, seam):
    urls = [f"http://{host}/" for host in world.hosts]
    done = subprocess.run(
        [sys.executable, "-m", measure.__name__, "1", *urls],
        env=os.environ | {"FETCHING_SEAM": str(seam)},
        capture_output=True,
        check=True,
    )
    return json.loads(done.stdout)


@pytest.mark.parametrize(
    "server",
    [rude.huge_body, rude.endless_chunks, rude.dripping_body, rude.bomb],
    ids=lambda server: server.__name__,
)
def test_a_rude_body_leaves_the_verdict_to_the_status(world, server):
    world.add("rude.test", server)

    result = world.check("http://rude.test/", limits=SOON)

    assert (result.verdict, result.status) == (Verdict.OK, 200)


def test_a_body_cut_short_leaves_the_verdict_to_the_status(world):
    world.add("rude.test", rude.cut_short)

    assert world.check("http://rude.test/").reason is Reason.GONE


@pytest.mark.parametrize(
    "server",
    [rude.many_headers, rude.endless_head, rude.endless_line, rude.garbage],
    ids=lambda server: server.__name__,
)
def test_what_is_not_reasonable_http_is_a_protocol_error(world, server):
    world.add("rude.test", server)

    result = world.check("http://rude.test/")

    assert (result.verdict, result.reason) == (Verdict.BROKEN, Reason.PROTOCOL)


@pytest.mark.parametrize(
    ("server", "detail"),
    [
        (rude.silence, "timeout"),
        (rude.dripping_head, "timeout"),
        (rude.endless_hints, "timeout"),
        (rude.hang_up, "reset"),
        (rude.reset, "reset"),
    ],
    ids=lambda value: getattr(value, "__name__", value),
)
def test_no_answer_at_all_proves_nothing(world, server, detail):
    world.add("rude.test", server)

    result = world.check("http://rude.test/", limits=SOON)

    assert result.verdict is Verdict.UNSURE
    assert (result.reason, result.detail) == (Reason.UNREACHABLE_FROM_HERE, detail)


def test_an_unknown_name_proves_nothing(world):
    result = world.check("http://nobody.test/")

    assert result.reason is Reason.UNREACHABLE_FROM_HERE
    assert result.detail == "dns_no_such_host"


@pytest.mark.parametrize("host", ["gone.test", "anything.invalid"])
def test_a_name_that_nobody_knows_is_broken(world, host):
    world.missing.add("gone.test")

    result = world.check(f"http://{host}/")

    assert (result.verdict, result.reason) == (Verdict.BROKEN, Reason.NO_SUCH_HOST)


@pytest.mark.parametrize(
    "host", ["ata2-img.oss.aliyun-inc.com", "wiki.corp.example.test", "x.intranet.test"]
)
def test_a_companys_inner_name_that_nobody_knows_leads_inside(world, host):
    world.missing.add(host)

    result = world.check(f"http://{host}/")

    assert (result.verdict, result.reason) == (Verdict.BROKEN, Reason.REFUSED_INSIDE)


def test_a_closed_port_proves_nothing(world):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        free = listener.getsockname()
    world.hosts["closed.test"] = {"addresses": [PUBLIC], "dial": free}

    result = world.check("http://closed.test/")

    assert result.reason is Reason.UNREACHABLE_FROM_HERE
    assert result.detail == "no_connection"


def test_linkedins_999_is_a_bot_wall(world):
    world.add("rude.test", page("", 999))

    assert world.check("http://rude.test/").reason is Reason.BLOCKED_BY_SITE


@pytest.mark.slow
def test_no_server_makes_us_grow(world, tmp_path):
    world.add("calm.test")
    for number, server in enumerate(rude.ALL):
        world.add(f"rude{number}.test", server)
    seam = tmp_path / "seam.json"
    seam.write_text(json.dumps(world.data))

    measured = visit_in_another_process(world, seam)

    assert measured["reasons"]["http://calm.test/"] == Reason.ALIVE
    assert measured["grown"] <= 20 * MEBIBYTE
