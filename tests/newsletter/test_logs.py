"""No log line holds the secret of a link."""

import logging
from io import StringIO

import pytest
from django.urls import reverse

from newsletter.logs import logging_config, mask_secrets

SECRET = "Zk3xTSECRETx9Q"
PATHS = [
    reverse("desk:join", args=[SECRET]),
    reverse("desk:enter", args=[SECRET]),
    reverse("desk:setup_by_link", args=[SECRET]),
    reverse("site:confirm", args=[SECRET]),
    reverse("site:unsubscribe", args=[SECRET]),
    reverse("site:one_click", args=[SECRET]),
    reverse("account_reset_password_from_key", args=["1", SECRET]),
]


def formatter_of(config) -> logging.Formatter:
    options = dict(config["formatters"]["event"])
    return options.pop("()")(**options)


@pytest.mark.parametrize("path", PATHS)
def test_the_secret_of_a_link_is_masked(path):
    event = mask_secrets(None, "info", {"request": f"GET {path}?x=1"})

    assert SECRET not in event["request"]
    assert "…" in event["request"]


@pytest.mark.parametrize("as_json", [True, False])
def test_lines_of_the_standard_library_are_masked_too(as_json):
    config = logging_config(level="INFO", as_json=as_json)
    formatter = formatter_of(config)
    record = logging.LogRecord(
        "django.request", logging.WARNING, "", 0, "Not Found: %s", (PATHS[3],), None
    )

    line = formatter.format(record)

    assert "/confirm/…" in line
    assert SECRET not in line


@pytest.mark.django_db
def test_a_request_leaves_no_secret_in_the_log(client, settings):
    log = StringIO()
    console = logging.StreamHandler(log)
    console.setFormatter(formatter_of(settings.LOGGING))
    logging.getLogger().addHandler(console)

    client.get(PATHS[4])

    logging.getLogger().removeHandler(console)
    assert "/unsubscribe/…" in log.getvalue()
    assert SECRET not in log.getvalue()
