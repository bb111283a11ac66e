"""System checks refuse what must not go live."""

import pytest

from newsletter import checks, signing


@pytest.mark.parametrize("seam", ['{"hosts": {}}', "/tmp/seam.json"])  # noqa: S108
def test_an_open_seam_is_an_error_in_production(settings, monkeypatch, seam):
    settings.FETCHING_SEAM = seam
    monkeypatch.setenv("DJANGO_SETTINGS_MODULE", "newsletter.settings")

    assert [error.id for error in checks.check_fetching_seam(None)] == ["masthead.E001"]


def test_a_seam_is_allowed_under_the_settings_of_the_tests(settings):
    settings.FETCHING_SEAM = '{"hosts": {}}'

    assert checks.check_fetching_seam(None) == []


def test_production_without_a_seam_is_fine(settings, monkeypatch):
    settings.FETCHING_SEAM = None
    monkeypatch.setenv("DJANGO_SETTINGS_MODULE", "newsletter.settings")

    assert checks.check_fetching_seam(None) == []


def test_selector_without_a_key_is_an_error(settings, tmp_path):
    settings.DKIM_SELECTOR, settings.DKIM_KEY = "2026a", f"{tmp_path}/2026a.pem"

    (error,) = checks.check_dkim_key(None)

    assert error.id == "masthead.E006"
    assert "No such file" in error.msg


def test_selector_with_its_key_is_fine(settings, tmp_path):
    settings.DKIM_SELECTOR, settings.DKIM_KEY = "2026a", f"{tmp_path}/2026a.pem"
    signing.make_key("2026a")

    assert checks.check_dkim_key(None) == []


@pytest.mark.parametrize(
    "url", ["bounces@host", "https://host/", "imaps://", "imaps://u:p@host:x/INBOX"]
)
def test_a_mailbox_that_cannot_be_told_is_an_error(settings, url):
    settings.BOUNCE_MAILBOX = url

    assert [error.id for error in checks.check_bounce_mailbox(None)] == [
        "masthead.E007"
    ]


@pytest.mark.parametrize("url", ["", "imaps://bounces:pa%2Fss@mail.test/INBOX"])
def test_a_mailbox_or_none_is_fine(settings, url):
    settings.BOUNCE_MAILBOX = url

    assert checks.check_bounce_mailbox(None) == []


def test_rate_that_cannot_be_read_is_an_error(settings):
    settings.EMAIL_RATE = "50 a second"

    assert [error.id for error in checks.check_mail_rates(None)] == ["masthead.E008"]


@pytest.mark.parametrize(
    "proxy",
    [
        *("proxy.test:3128", "https://proxy.test:3128", "socks5://proxy.test:1080"),
        *("http://proxy.test", "http://:3128", "http://proxy.test:99999"),
        *("http://proxy.test:3128/way", "http://proxy.test:3128 ", "http://[::1:3128"),
    ],
)
def test_proxy_that_cannot_be_understood_is_an_error(settings, proxy):
    settings.EGRESS_PROXY = proxy

    (error,) = checks.check_egress_proxy(None)

    assert error.id == "masthead.E009"


def test_password_of_a_proxy_is_not_repeated(settings):
    settings.EGRESS_PROXY = "https://desk:hush@proxy.test:3128"

    (error,) = checks.check_egress_proxy(None)

    assert "hush" not in str(error)


@pytest.mark.parametrize(
    "proxy", ["", "http://10.0.0.7:3128", "http://a:b@proxy.test:8080/"]
)
def test_proxy_that_can_be_understood_is_fine(settings, proxy):
    settings.EGRESS_PROXY = proxy

    assert checks.check_egress_proxy(None) == []


def test_provider_whose_package_is_missing_is_an_error_with_the_way_out(settings):
    settings.EMAIL_PROVIDER = "ses"

    (error,) = checks.check_mail_provider(None)

    assert error.id == "masthead.E010"
    assert "pip install boto3" in error.hint


def test_provider_whose_reports_are_ignored_is_a_warning(settings):
    settings.EMAIL_PROVIDER, settings.ANYMAIL = "postmark", {}

    (warning,) = checks.check_mail_provider(None)

    assert (warning.id, warning.is_serious()) == ("masthead.W001", False)
    assert "/hooks/mail/postmark/" in warning.hint


def test_provider_with_a_webhook_secret_and_a_relay_are_fine(settings):
    settings.ANYMAIL = {"WEBHOOK_SECRET": "name:password"}
    assert checks.check_mail_provider(None) == []
    settings.EMAIL_PROVIDER = "postmark"

    assert checks.check_mail_provider(None) == []
