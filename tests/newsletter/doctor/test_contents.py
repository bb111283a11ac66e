import pytest

from newsletter import signing
from newsletter.doctor import contents
from newsletter.doctor.case import Case
from newsletter.doctor.names import Names
from newsletter.states import Fitness
from tests.factories import DigestFactory, PublicationFactory

pytestmark = pytest.mark.django_db

OK, ADVICE, FAILING = Fitness.OK, Fitness.ADVICE, Fitness.FAILING


def seen(look, case) -> dict[str, tuple[str, str]]:
    found = look(case, Names())
    return {one.topic: (one.kind, one.status) for one in found}


@pytest.fixture
def published(settings):
    settings.PUBLIC_URL = "https://weekly.test"
    PublicationFactory()
    return DigestFactory()


@pytest.mark.parametrize(
    ("fields", "kind", "status"),
    [
        ({"sender": "weekly@news.org"}, "ok", OK),
        ({"sender": "weekly@news.org", "has_own_sender": False}, "shared", ADVICE),
        ({"sender": "weekly@gmail.com"}, "free_mail", FAILING),
        ({"sender": "weekly@QQ.com"}, "free_mail", FAILING),
        ({"sender": "desk@localhost"}, "reserved", FAILING),
        ({"sender": "desk@[192.0.2.1]"}, "reserved", FAILING),
        ({"sender": "desk@news.example"}, "reserved", FAILING),
        ({"sender": "desk@example.com"}, "reserved", FAILING),
        ({"sender": "desk@notexample.com"}, "ok", OK),
    ],
)
def test_sender(case, fields, kind, status):
    assert seen(contents.look_at_sender, case(**fields))["sender"] == (kind, status)


def test_foot_and_replies_are_advice(case):
    found = seen(contents.look_at_sender, case(reply_to="", postal_address=""))

    assert found["reply_to"] == found["postal"] == ("none", ADVICE)


def test_case_is_what_publication_and_settings_say(settings):
    settings.DKIM_DOMAIN, settings.BOUNCE_ADDRESS = "", "b@Bounce.Test"
    PublicationFactory(sender_email="weekly@新闻.test", reply_to="a@b.test")

    case = Case.current()

    assert case.domain == case.signing_domain == "xn--efvy88h.test"
    assert case.envelope_domain == "bounce.test"
    assert (case.reply_to, case.has_own_sender) == ("a@b.test", True)


def test_case_without_a_publication_is_that_of_the_settings(settings):
    settings.DEFAULT_FROM_EMAIL = "Masthead <desk@news.test>"

    assert Case.current().sender == "desk@news.test"


def test_newest_mail_has_its_headers_and_its_size(case, published):
    found = seen(contents.look_at_mail, case())

    assert found == {"mail": ("ok", OK), "size": ("ok", OK)}


def test_newest_mail_is_signed_where_we_sign(case, published, settings, tmp_path):
    settings.DKIM_SELECTOR, settings.DKIM_KEY = "2026a", f"{tmp_path}/2026a.pem"
    signing.make_key("2026a")

    assert seen(contents.look_at_mail, case())["mail"] == ("signed", OK)


def test_mail_that_unsubscribes_without_https_fails(case, published, settings):
    settings.PUBLIC_URL = "http://weekly.test"

    assert seen(contents.look_at_mail, case())["mail"] == ("one_click", FAILING)


def test_key_that_is_missing_lets_no_mail_be_made(case, published, settings):
    settings.DKIM_SELECTOR, settings.DKIM_KEY = "2026a", "/nowhere"

    assert seen(contents.look_at_mail, case())["mail"] == ("unrenderable", FAILING)


def test_before_the_first_issue_there_is_no_mail(case):
    assert seen(contents.look_at_mail, case())["mail"] == ("nothing", Fitness.UNKNOWN)
