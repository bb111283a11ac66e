"""What deploy/ ships fits the code it deploys."""

import os
import re
import secrets
import sys
from urllib.error import HTTPError
from urllib.request import HTTPRedirectHandler, Request, build_opener

import pytest
import yaml

from scripts import processes
from scripts.environment import ROOT
from scripts.home import WORKER

ENV_EXAMPLE = ROOT / "deploy" / "env.example"
PROGRAMS = {
    "web": "gunicorn newsletter.wsgi",
    "worker": f"celery -A newsletter {' '.join(WORKER)}",
    "beat": "celery -A newsletter beat",
}


def read_env_example():
    """Every variable it names, with its example, commented out or not."""
    pairs = re.findall(r"^#?([A-Z_]+)=(.*)$", ENV_EXAMPLE.read_text(), re.MULTILINE)
    return dict(pairs)


def test_env_example_names_every_variable_of_the_settings():
    settings = (ROOT / "newsletter" / "settings.py").read_text()
    read = set(re.findall(r"""\benv(?:\.\w+)?\(\s*"([A-Z_]+)""", settings))
    # django-anymail's are read by their prefix, whichever a provider needs.
    named = {name for name in read_env_example() if not name.startswith("ANYMAIL_")}

    assert read == named


@pytest.mark.parametrize("part", ["web", "worker", "beat"])
def test_systemd_and_compose_start_the_same_program(part):
    compose = yaml.safe_load((ROOT / "deploy" / "compose.yaml").read_text())
    in_compose = compose["services"][part].get("command", PROGRAMS["web"])
    unit = (ROOT / f"deploy/systemd/masthead-{part}.service").read_text()
    [in_unit] = re.findall(r"^ExecStart=\S+/bin/(.*)$", unit, re.MULTILINE)

    assert in_compose.startswith(PROGRAMS[part])
    assert in_unit.startswith(PROGRAMS[part])


@pytest.mark.parametrize("part", ["web", "worker", "beat"])
def test_the_docs_name_the_same_program(part):
    docs = (ROOT / "docs" / "deployment.md").read_text()

    assert f"| {part} | `{PROGRAMS[part]}` |" in docs


def test_worker_unit_spares_the_mail_being_sent():
    unit = (ROOT / "deploy/systemd/masthead-worker.service").read_text()

    assert "KillMode=mixed" in unit


class Stay(HTTPRedirectHandler):
    def redirect_request(self, *args):
        return None


@pytest.fixture
def production(tmp_path):
    """gunicorn as deployed, with the example's settings and an own secret."""
    port = processes.free_port()
    with (tmp_path / "log").open("wb") as log:
        process = processes.spawn(
            [
                *(sys.executable, "-m", "gunicorn", "newsletter.wsgi"),
                *(f"--bind=127.0.0.1:{port}", "--no-control-socket"),
            ],
            env=os.environ | example_as_filled_in(tmp_path),
            cwd=ROOT,
            output=log,
        )
    processes.wait_until(
        lambda: processes.accepts(port) or process.poll() is not None, seconds=60
    )
    yield port
    processes.stop([process])


def example_as_filled_in(folder):
    return read_env_example() | {
        "DJANGO_SETTINGS_MODULE": "newsletter.settings",
        "SECRET_KEY": secrets.token_urlsafe(50),
        "ALLOWED_HOSTS": "news.example.org",
        "VAR_DIR": str(folder),
        "MEDIA_ROOT": str(folder / "media"),
        "DATABASE_URL": f"sqlite:///{folder / 'production.sqlite3'}",
        "GITHUB_CLIENT_ID": "",
    }


def ask(port, path, **headers):
    request = Request(
        f"http://127.0.0.1:{port}{path}",
        headers={"Host": "news.example.org"} | headers,
    )
    try:
        with build_opener(Stay).open(request, timeout=30) as response:
            return response.status, response.headers
    except HTTPError as error:
        return error.code, error.headers


@pytest.mark.slow
def test_production_starts_and_sends_plain_http_to_https(production):
    assert ask(production, "/healthz")[0] == 200

    status, headers = ask(production, "/")

    assert status == 301
    assert headers["Location"] == "https://news.example.org/"


@pytest.mark.slow
def test_production_is_not_ready_without_its_schema(production):
    status, _ = ask(production, "/readyz", **{"X-Forwarded-Proto": "https"})

    assert status == 503


@pytest.mark.slow
def test_production_answers_to_no_other_name(production):
    status, _ = ask(production, "/healthz", Host="other.example")

    assert status == 400
