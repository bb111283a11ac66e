from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from newsletter import signing
from tests.factories import PublicationFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _place(settings, tmp_path):
    settings.DKIM_KEY = f"{tmp_path}/{{selector}}.pem"


def made(*options: str) -> str:
    out = StringIO()
    call_command("make_dkim_key", "--selector", "2026a", *options, stdout=out)
    return out.getvalue()


def test_command_prints_the_record_for_the_senders_domain():
    PublicationFactory(sender_email="weekly@news.test")

    printed = made()

    key = signing.Key.load("2026a")
    assert "2026a._domainkey.news.test. IN TXT" in printed
    assert key.record in printed
    assert "DKIM_SELECTOR=2026a" in printed


def test_command_prints_it_for_another_domain():
    printed = made("--domain", "other.test")

    assert "2026a._domainkey.other.test" in printed


def test_command_prints_no_private_key():
    assert "PRIVATE" not in made()


def test_second_key_under_the_same_name_is_refused():
    made()

    with pytest.raises(CommandError, match="another selector"):
        made()
