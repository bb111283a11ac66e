"""Ways in: a code, a link, a password, and the sample's one press."""

import re
from urllib.parse import urlsplit

import pytest
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.core import mail
from django.urls import reverse

from editorial import people
from tests.factories import PublicationFactory, UserFactory

pytestmark = pytest.mark.django_db

LOGIN = "/accounts/login/"


def ask_for_code(client, email="mo@team.test", **more):
    return client.post(LOGIN, {"login": email, **more}, follow=True)


def mailed_code() -> str:
    return re.search(r"^\d{6}$", mail.outbox[-1].body, re.M)[0]


def mailed_link() -> str:
    url = re.search(r"http\S+/desk/enter/\S+", mail.outbox[-1].body)[0]
    parts = urlsplit(url)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def signed_in(client) -> bool:
    return "_auth_user_id" in client.session


@pytest.fixture
def mo():
    return UserFactory(email="mo@team.test", name="墨青")


def test_address_alone_mails_six_digits_that_sign_in(client, mo):
    ask_for_code(client)

    client.post("/accounts/login/code/confirm/", {"code": mailed_code()})

    assert signed_in(client)


def test_session_lasts_sixty_days(client, mo):
    ask_for_code(client)
    client.post("/accounts/login/code/confirm/", {"code": mailed_code()})

    assert client.session.get_expiry_age() == 60 * 24 * 60 * 60


def test_code_page_suits_a_phone(client, mo):
    page = ask_for_code(client).content.decode()

    assert 'inputmode="numeric"' in page
    assert 'autocomplete="one-time-code"' in page


def test_three_wrong_codes_end_the_try(client, mo):
    ask_for_code(client)
    right = mailed_code()
    wrong = "000000" if right != "000000" else "111111"
    for _ in range(3):
        client.post("/accounts/login/code/confirm/", {"code": wrong})

    client.post("/accounts/login/code/confirm/", {"code": right})

    assert not signed_in(client)


def test_unknown_address_gets_the_same_answer(client, mo):
    known = ask_for_code(client).content.decode()
    client.cookies.clear()

    unknown = ask_for_code(client, "nobody@team.test").content.decode()

    def bare(page):
        return re.sub(r'value="\w{64}"', "", page).replace("nobody@", "mo@")

    assert bare(known) == bare(unknown)


def test_mail_to_an_unknown_address_has_no_code_and_no_sign_up(client):
    ask_for_code(client, "nobody@team.test")

    [sent] = mail.outbox
    assert not re.search(r"\d{6}", sent.body)
    assert "signup" not in sent.body


def test_deactivated_account_gets_no_code(client):
    UserFactory(email="mo@team.test", is_active=False)

    ask_for_code(client)

    assert not re.search(r"^\d{6}$", mail.outbox[-1].body, re.M)


def test_codes_are_rationed(client, mo):
    for _ in range(6):
        client.cookies.clear()
        ask_for_code(client)

    assert len(mail.outbox) <= 3


@pytest.mark.parametrize("method", ["get", "head", "options"])
def test_opening_the_mailed_link_changes_nothing(client, mo, method):
    ask_for_code(client)
    client.cookies.clear()

    for _ in range(3):
        getattr(client, method)(mailed_link())

    assert not signed_in(client)
    assert people.user_of_sign_in_token(mailed_link().split("/")[3]) == mo


def test_press_on_the_mailed_link_signs_in_another_browser_once(client, mo):
    ask_for_code(client)
    client.cookies.clear()

    client.post(mailed_link())

    assert signed_in(client)
    client.logout()
    assert client.post(mailed_link()).status_code == 410
    assert not signed_in(client)


def test_mailed_link_leads_where_one_was_going(client, mo):
    client.post(f"{LOGIN}?next=/desk/profile/", {"login": mo.email})
    client.cookies.clear()
    link = mailed_link()

    response = client.post(link, {"next": "/desk/profile/"})

    assert "next=%2Fdesk%2Fprofile%2F" in link
    assert response["Location"] == "/desk/profile/"


def test_nobody_is_led_to_another_site(client, mo):
    ask_for_code(client)
    client.cookies.clear()

    response = client.post(mailed_link(), {"next": "https://evil.test/"})

    assert "evil.test" not in response["Location"]


def test_links_in_mail_come_from_the_setting(client, mo, settings):
    settings.ALLOWED_HOSTS = ["*"]

    client.post(LOGIN, {"login": mo.email}, headers={"host": "evil.test"})
    client.cookies.clear()
    client.post(
        "/accounts/password/reset/", {"email": mo.email}, headers={"host": "evil.test"}
    )

    assert len(mail.outbox) == 2
    assert not any("evil.test" in sent.body for sent in mail.outbox)


def test_password_is_an_option(client, mo):
    mo.set_password("long-enough-4-once")
    mo.save()

    client.post(LOGIN, {"login": mo.email, "password": "long-enough-4-once"})

    assert signed_in(client)
    assert client.session.get_expiry_age() == 60 * 24 * 60 * 60


def test_refusing_mail_server_is_told_and_no_error_page(client, mo, monkeypatch):
    def refuse(*_args, **_kwargs):
        raise ConnectionRefusedError

    monkeypatch.setattr(
        "django.core.mail.backends.locmem.EmailBackend.send_messages", refuse
    )

    page = ask_for_code(client)

    assert page.status_code == 200
    assert "could not be sent" in page.content.decode()


# --- the sample's people ----------------------------------------------------------


def press_sample(client, email):
    return client.post(reverse("desk:enter_sample"), {"email": email})


def test_sample_log_in_is_one_press_in_development(client, settings):
    settings.DEVELOPMENT = True
    PublicationFactory(is_sample=True)
    UserFactory(email="admin@sample.example", is_sample=True)

    press_sample(client, "admin@sample.example")

    assert signed_in(client)


@pytest.mark.parametrize(
    ("development", "sample_publication", "sample_person"),
    [(False, True, True), (True, False, True), (True, True, False)],
)
def test_sample_press_opens_nothing_else(
    client, settings, development, sample_publication, sample_person
):
    settings.DEVELOPMENT = development
    PublicationFactory(is_sample=sample_publication)
    UserFactory(email="admin@sample.example", is_sample=sample_person)

    assert press_sample(client, "admin@sample.example").status_code == 404
    assert not signed_in(client)


def test_signing_in_remembers_the_persons_language(client):
    UserFactory(email="mo@team.test", language="en")
    ask_for_code(client)

    client.post("/accounts/login/code/confirm/", {"code": mailed_code()})

    assert client.cookies["django_language"].value == "en"


def test_second_factor_is_asked_for_after_the_mailed_link_too(client, mo):
    TOTP.activate(mo, generate_totp_secret())
    ask_for_code(client)
    client.cookies.clear()

    response = client.post(mailed_link())

    assert response["Location"] == "/accounts/2fa/authenticate/"
    assert not signed_in(client)


@pytest.mark.parametrize("development", [True, False])
def test_login_page_offers_the_sample_in_development_only(
    client, settings, development
):
    settings.DEVELOPMENT = development
    PublicationFactory(is_sample=True)

    page = client.get(LOGIN).content.decode()

    assert ("admin@sample.example" in page) == development
    assert (reverse("desk:setup") in page) == development


@pytest.mark.parametrize(
    "name",
    [
        *("account_inactive", "account_reset_password_done"),
        *("account_reset_password_from_key_done", "socialaccount_login_error"),
    ],
)
def test_page_where_a_way_in_ends_leads_back_to_signing_in(client, name):
    assert f'<a href="{LOGIN}">' in client.get(reverse(name)).text


def test_page_that_adds_a_passkey_speaks_chinese(client):
    newcomer = UserFactory(language="zh-hans")
    newcomer.set_unusable_password()
    newcomer.save()
    client.force_login(newcomer)

    page = client.get(reverse("mfa_add_webauthn"), headers={"accept-language": "zh-CN"})

    assert "密钥名称" in page.text
