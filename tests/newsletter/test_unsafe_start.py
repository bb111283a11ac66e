"""Production refuses to start with what everybody knows."""

import os
import secrets
import subprocess
import sys

import pytest
from django.core.exceptions import ImproperlyConfigured

from editorial.models import User
from newsletter import checks
from scripts.environment import ROOT

pytestmark = pytest.mark.django_db


@pytest.fixture
def production(settings):
    """Settings with which production may start."""
    settings.DEVELOPMENT = False
    settings.SECRET_KEY = secrets.token_urlsafe(50)
    settings.PUBLIC_URL = "https://news.example.org"
    settings.FETCHING_SEAM = None
    return settings


def test_careful_production_starts(production):
    User.objects.create(email="chief@example.org", name="Chief")

    checks.refuse_unsafe_start()


@pytest.mark.parametrize("secret", checks.SAMPLE_SECRETS)
def test_sample_secret_is_refused(production, secret):
    production.SECRET_KEY = secret + "x" * 60

    with pytest.raises(ImproperlyConfigured, match="SECRET_KEY is a sample"):
        checks.refuse_unsafe_start()


def test_sample_log_in_is_refused(production):
    User.objects.create(email="sample@example.org", name="Sample", is_sample=True)

    with pytest.raises(ImproperlyConfigured, match="1 sample log-ins are present"):
        checks.refuse_unsafe_start()


def test_plain_http_is_refused(production):
    production.PUBLIC_URL = "http://news.example.org"

    with pytest.raises(ImproperlyConfigured, match="not https"):
        checks.refuse_unsafe_start()


def test_broker_that_would_hand_a_task_out_twice_is_refused(production):
    production.CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 120}
    production.CELERY_TASK_TIME_LIMIT = 120

    with pytest.raises(ImproperlyConfigured, match="tasks could run twice"):
        checks.refuse_unsafe_start()


def test_development_may_have_samples(production):
    production.DEVELOPMENT = True
    production.SECRET_KEY = "development-key"
    production.PUBLIC_URL = "http://127.0.0.1:8000"
    User.objects.create(email="sample@example.org", name="Sample", is_sample=True)

    checks.refuse_unsafe_start()


@pytest.mark.slow
@pytest.mark.parametrize(
    "program",
    [
        ["-m", "gunicorn", "newsletter.wsgi", "--bind=127.0.0.1:0"],
        ["-m", "celery", "-A", "newsletter", "worker", "--pool=solo"],
        ["-m", "celery", "-A", "newsletter", "beat"],
    ],
    ids=["web", "worker", "beat"],
)
def test_each_program_ends_with_the_reason(program, tmp_path):
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "newsletter.settings",
        "MASTHEAD_DEVELOPMENT": "0",
        "SECRET_KEY": "change-me",
        "PUBLIC_URL": "https://news.example.org",
        "DATABASE_URL": f"sqlite:///{tmp_path / 'empty.sqlite3'}",
    }

    ended = subprocess.run(
        [sys.executable, *program],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
    )

    assert ended.returncode != 0
    assert "SECRET_KEY is a sample" in ended.stdout + ended.stderr
