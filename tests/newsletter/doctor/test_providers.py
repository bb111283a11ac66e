"""What the doctor says where a provider's API carries the mail: nothing is connected."""

import pytest

from newsletter.doctor import fitness, hosts, records
from newsletter.doctor.case import Case
from newsletter.doctor.names import Names
from newsletter.doctor.words import words_of
from newsletter.states import Fitness
from tests.factories import PublicationFactory

OK, ADVICE, FAILING, UNKNOWN = (
    Fitness.OK,
    Fitness.ADVICE,
    Fitness.FAILING,
    Fitness.UNKNOWN,
)


def seen(look, case) -> dict[str, tuple[str, str]]:
    return {one.topic: (one.kind, one.status) for one in look(case, Names())}


@pytest.mark.parametrize(
    ("name", "label", "said"),
    [
        ("mailgun", "Mailgun", ("provider", OK)),
        ("resend", "Resend", ("tracking", ADVICE)),
        ("ses", "Amazon SES", ("package", FAILING)),
    ],
)
def test_what_is_to_be_set_there(case, settings, name, label, said):
    settings.ANYMAIL = {"WEBHOOK_SECRET": "a:b"}

    found = seen(hosts.look_at_relay, case(provider=name, relay=label))

    assert found == {"relay": said, "reports": ("ok", OK)}


def test_reports_that_would_get_lost_keep_the_first_mail_back(case, settings):
    settings.ANYMAIL = {}
    _relay, reports = hosts.look_at_relay(
        case(provider="postmark", relay="Postmark"), Names()
    )

    assert (reports.kind, reports.status) == ("none", FAILING)
    assert "https://weekly.test/hooks/mail/postmark/" in words_of(reports)


@pytest.mark.parametrize("look", [records.look_at_spf, records.look_at_alignment])
def test_what_only_the_provider_knows_is_not_guessed(case, look):
    (found,) = look(case(provider="mailgun", relay="Mailgun"), Names())

    assert (found.kind, found.status) == ("provider", UNKNOWN)
    assert "Mailgun" in words_of(found)


def test_no_mailbox_for_bounces_is_asked_for(case, name_server):
    name_server.records["news.test", "MX"] = ["10 mx.news.test."]

    found = seen(records.look_at_mx, case(provider="mailgun"))

    assert set(found) == {"mx"}


@pytest.mark.django_db
def test_case_of_a_provider(provider, settings):
    PublicationFactory()
    settings.DKIM_SELECTOR = "2026a"
    provider("postmark")

    case = Case.current()

    assert (case.provider, case.relay, case.selector) == ("postmark", "Postmark", "")


def test_one_that_something_on_loopback_plays_needs_no_look(provider, settings):
    provider("mailgun")
    assert fitness.is_exempt()

    settings.EMAIL_API_URL = ""

    assert not fitness.is_exempt()
