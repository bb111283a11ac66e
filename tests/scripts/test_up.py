"""scripts/up: starts everything, ends everything, and says what stands in the way."""

import os
import signal
import socket
import subprocess
import sys

import pytest

from scripts.environment import ROOT
from scripts.home import answers
from scripts.processes import birth_of, wait_until
from scripts.supervisor import end_left_overs

# Far above what it takes (Ctrl-C is promised within 5 s); a hang must not pass.
GENEROUS = 30

pytestmark = pytest.mark.slow


def test_ctrl_c_ends_every_process(up):
    supervisor = up.start()
    assert up.everything_runs()

    supervisor.send_signal(signal.SIGINT)

    assert supervisor.wait(timeout=GENEROUS) == 0
    assert up.living() == []


def test_killed_supervisor_leaves_no_orphan(up):
    supervisor = up.start()
    assert up.everything_runs()

    supervisor.kill()

    assert up.all_ended(seconds=GENEROUS), up.living()


def test_start_after_a_kill_answers_again(up):
    up.start().kill()

    up.start()

    assert answers(f"http://127.0.0.1:{up.port}/readyz")


def test_part_that_dies_is_started_again(up):
    up.start()
    before = up.pids()

    os.killpg(before["web"], signal.SIGKILL)

    assert wait_until(
        lambda: up.pids().get("web") not in (None, before["web"]), seconds=GENEROUS
    )
    assert wait_until(
        lambda: answers(f"http://127.0.0.1:{up.port}/readyz"), seconds=GENEROUS
    )
    assert "web ended with status -9" in up.said()


def test_second_start_names_where_the_first_runs(up):
    up.start()

    second = up.run()

    assert second.returncode == 1
    assert f"already runs at http://127.0.0.1:{up.port}" in second.stderr


def test_what_it_keeps_is_for_its_owner_only(up):
    up.start()

    for kept in (up.var, up.var / "secret-key", up.var / "masthead.sqlite3"):
        assert kept.stat().st_mode & 0o077 == 0, kept


def test_check_sees_every_part_work(up):
    checked = up.run("--check")

    assert checked.returncode == 0, checked.stdout + checked.stderr
    parts = [line.split()[0] for line in checked.stdout.splitlines()]
    assert parts[-7:] == [
        *("database", "broker", "web", "worker", "beat", "mailbox"),
        "Stopped.",
    ]


def test_left_overs_of_a_killed_start_are_ended(tmp_path):
    left = subprocess.Popen(
        [sys.executable, "-c", "import time; time.sleep(600)"], start_new_session=True
    )
    state = tmp_path / "parts.json"
    state.write_text(f'{{"web": [{left.pid}, "{birth_of(left.pid)}"]}}')

    assert end_left_overs(state) == ["web"]

    assert left.wait(timeout=GENEROUS) == -signal.SIGTERM
    assert not state.exists()


def test_stranger_with_a_recorded_pid_is_left_alone(tmp_path):
    stranger = subprocess.Popen(
        [sys.executable, "-c", "import time; time.sleep(600)"], start_new_session=True
    )
    state = tmp_path / "parts.json"
    state.write_text(f'{{"web": [{stranger.pid}, "another birth"]}}')

    assert end_left_overs(state) == []

    assert stranger.poll() is None
    stranger.kill()
    stranger.wait()


def test_taken_port_is_one_line_with_a_way_out(up):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]

        refused = up.run("--empty", f"--port={port}")

    assert refused.returncode == 1
    [line] = refused.stderr.splitlines()
    assert line.startswith(f"Port {port} is taken")
    assert "scripts/up --port" in line


def test_help_names_every_option(up):
    shown = up.run("--help")

    assert shown.returncode == 0
    for option in ("--port", "--empty", "--reset", "--check", "--env"):
        assert option in shown.stdout


def test_port_that_is_no_port_is_refused(up):
    refused = up.run("--port", "ninety")

    assert refused.returncode == 2
    assert "'ninety' is no port" in refused.stderr


def test_reset_without_a_yes_throws_nothing_away(up):
    up.var.mkdir()
    (up.var / "secret-key").write_text("kept")

    refused = up.run("--reset", words="no\n")

    assert refused.returncode == 1
    assert "Nothing was thrown away" in refused.stderr
    assert (up.var / "secret-key").read_text() == "kept"


def test_reset_refuses_a_folder_it_did_not_make(up):
    up.var.mkdir()
    (up.var / "letters").write_text("precious")

    refused = up.run("--reset", "--yes")

    assert refused.returncode == 1
    assert "left alone" in refused.stderr
    assert (up.var / "letters").read_text() == "precious"


def test_too_old_python_is_one_line(tmp_path):
    for name in ("python3", "python"):
        fake = tmp_path / name
        fake.write_text('#!/bin/sh\n[ "$1" = --version ] && echo Python 3.8.1\n')
        fake.chmod(0o755)
    (tmp_path / "dirname").symlink_to("/usr/bin/dirname")

    refused = subprocess.run(
        ["/bin/sh", ROOT / "scripts" / "up"],
        env={"PATH": str(tmp_path)},
        capture_output=True,
        text=True,
    )

    assert refused.returncode == 1
    [line] = refused.stderr.splitlines()
    assert line == "Masthead needs Python 3.11 or newer; found: Python 3.8.1."


def test_shell_gets_what_manage_needs(up):
    up.start()

    shown = up.run("--env")

    assert shown.returncode == 0
    assert f"export PUBLIC_URL=http://127.0.0.1:{up.port}\n" in shown.stdout
    assert "export REDIS_URL=redis://127.0.0.1:" in shown.stdout


def test_shell_is_told_to_start_first(up):
    refused = up.run("--env")

    assert refused.returncode == 1
    assert refused.stderr == "Nothing has run here yet. Start scripts/up first.\n"
