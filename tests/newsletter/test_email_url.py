"""EMAIL_URL: one address chooses the relay, or the provider."""

import pytest
from django.core import mail as django_mail
from django.core.exceptions import ImproperlyConfigured

from newsletter.postbox import providers
from newsletter.postbox.providers import PROVIDERS, read_url
from newsletter.webhooks import VIEWS


def read(url: str, *, development: bool = False):
    return read_url(url, development=development, seconds=60)


@pytest.mark.parametrize(
    ("url", "anymail"),
    [
        (
            "anymail+mailgun://k%3A1@mg.example.org",
            {"MAILGUN_API_KEY": "k:1", "MAILGUN_SENDER_DOMAIN": "mg.example.org"},
        ),
        (
            "anymail+mailgun://k@mg.example.org?region=eu",
            {
                "MAILGUN_API_KEY": "k",
                "MAILGUN_SENDER_DOMAIN": "mg.example.org",
                "MAILGUN_API_URL": "https://api.eu.mailgun.net/v3",
            },
        ),
        ("anymail+postmark://token@", {"POSTMARK_SERVER_TOKEN": "token"}),
        ("anymail+sendgrid://SG.a.b@", {"SENDGRID_API_KEY": "SG.a.b"}),
        (
            "anymail+mailjet://key:secret@",
            {"MAILJET_API_KEY": "key", "MAILJET_SECRET_KEY": "secret"},
        ),
        ("anymail+mailersend://t@", {"MAILERSEND_API_TOKEN": "t"}),
    ],
)
def test_an_address_becomes_settings_of_anymail(url, anymail):
    assert read(url).anymail == anymail


def test_amazon_never_tries_again_by_itself():
    params = read("anymail+ses://KEY:s%2Fe@eu-west-1").anymail[
        "AMAZON_SES_CLIENT_PARAMS"
    ]

    assert params["region_name"] == "eu-west-1"
    assert params["aws_secret_access_key"] == "s/e"
    assert params["config"]["retries"] == {"total_max_attempts": 1}


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("anymail+nobody://k@", "names no provider"),
        ("anymail+postmark://", "anymail+postmark://SERVER_TOKEN@"),
        ("anymail+mailjet://key@", "anymail+mailjet://API_KEY:SECRET_KEY@"),
        ("anymail+mailgun://k@", "names no domain"),
        ("anymail+ses://KEY:s@", "names no region"),
        ("anymail+sparkpost://k@?region=mars", "region=mars"),
        ("anymail+brevo://k@?stream=a", "does not know: stream=a"),
        ("anymail+brevo://k@?batch=many", "does not know: batch=many"),
        ("anymail+brevo://k@?api_url=http://127.0.0.1:1/", "for development only"),
        ("anymail+brevo://k@[", "cannot be read"),
    ],
)
def test_what_is_wrong_is_said_without_the_key(url, words):
    with pytest.raises(ImproperlyConfigured, match=r"docs/mail\.md") as error:
        read(url.replace("k@", "s3cret@"))

    assert words in str(error.value)
    assert "s3cret" not in str(error.value)


def test_only_development_may_put_another_in_the_place_of_a_provider():
    url = "anymail+brevo://k@?api_url=http://127.0.0.1:1/"

    assert read(url, development=True).api_url == "http://127.0.0.1:1/"


@pytest.mark.parametrize("provider", PROVIDERS.values(), ids=list(PROVIDERS))
def test_each_provider_has_a_webhook_for_its_reports(provider):
    assert provider.slug in VIEWS


@pytest.mark.parametrize("name", ["mailgun", "postmark", "brevo"])
def test_mail_of_other_kinds_leaves_through_the_provider_as_well(provider, name):
    server = provider(name)
    with django_mail.get_connection() as connection:
        django_mail.EmailMessage(
            "s", "Your code", "desk@masthead.test", ["a@b.test"], connection=connection
        ).send()

    assert (server.accepted[0].to, server.accepted[0].text) == ("a@b.test", "Your code")


def test_an_address_of_a_relay_is_none_of_a_provider():
    assert not providers.is_provider_url("smtp://127.0.0.1:25")
