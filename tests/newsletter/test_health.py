"""Alive, ready, consuming: three questions with three answers."""

import pytest
from django.core.management import CommandError, call_command
from django.db.migrations.recorder import MigrationRecorder

from newsletter import health
from scripts import processes


@pytest.fixture
def broker_away(settings):
    settings.REDIS_URL = f"redis://127.0.0.1:{processes.free_port()}/0"


def test_process_is_alive_whatever_else_is_away(client, broker_away):
    response = client.get("/healthz")

    assert response.status_code == 200
    assert "no-store" in response.headers["Cache-Control"]


@pytest.mark.engines
@pytest.mark.django_db
def test_process_with_all_it_needs_is_ready(client):
    response = client.get("/readyz")

    assert response.status_code == 200
    assert response.json() == {"database": True, "migrations": True, "broker": True}


@pytest.mark.django_db
def test_process_without_a_broker_is_not_ready_and_says_so(client, broker_away):
    response = client.get("/readyz")

    assert response.status_code == 503
    assert response.json() == {"database": True, "migrations": True, "broker": False}


@pytest.mark.django_db
def test_process_with_a_missing_migration_is_not_ready(client, monkeypatch):
    monkeypatch.setattr(health, "_migrated", False)
    MigrationRecorder.Migration.objects.filter(app="newsletter").delete()

    response = client.get("/readyz")

    assert response.status_code == 503
    assert response.json()["migrations"] is False


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_asking_changes_nothing_so_only_reading_is_allowed(client, path):
    assert client.post(path).status_code == 405


def test_worker_that_is_not_there_is_an_exit_status():
    with pytest.raises(CommandError, match="did not carry out a canary task"):
        call_command("worker_health", "--timeout=0.2")


def test_worker_behind_a_dead_broker_is_an_exit_status(broker_away):
    with pytest.raises(CommandError, match="Look at the worker's log and the broker"):
        call_command("worker_health", "--timeout=0.2")


def test_beat_that_never_ticked_is_an_exit_status():
    with pytest.raises(CommandError, match="No tick of beat"):
        call_command("beat_health")


def test_beat_that_ticked_long_ago_is_an_exit_status():
    health.heartbeat()

    with pytest.raises(CommandError, match="No tick of beat"):
        call_command("beat_health", "--within=-1")


def test_beat_that_ticked_just_now_is_well(capsys):
    health.heartbeat()

    call_command("beat_health")

    assert capsys.readouterr().out == "Beat ticks.\n"
