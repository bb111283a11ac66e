"""Sign-up is closed on every path, also through GitHub."""

import pytest
from allauth.account.models import EmailAddress
from allauth.core import context
from allauth.socialaccount.adapter import get_adapter as get_social_adapter
from allauth.socialaccount.internal.flows.login import complete_login
from allauth.socialaccount.models import SocialAccount, SocialLogin
from allauth.socialaccount.providers import registry
from allauth.socialaccount.providers.github.provider import GitHubProvider
from django.contrib.auth.models import AnonymousUser
from django.contrib.messages.storage.fallback import FallbackStorage
from django.contrib.sessions.backends.db import SessionStore
from django.urls import reverse

from editorial import people
from editorial.models import User
from tests.factories import EditorFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def mo():
    return UserFactory(email="mo@team.test", name="墨青")


@pytest.mark.parametrize(
    "path",
    ["/accounts/signup/", "/accounts/3rdparty/signup/", "/accounts/signup/passkey/"],
)
@pytest.mark.parametrize("method", ["get", "post"])
def test_sign_up_is_closed(client, path, method):
    data = {"email": "new@team.test", "password1": "long-enough-4-once"}

    getattr(client, method)(path, data, follow=True)

    assert not User.objects.exists()
    assert "_auth_user_id" not in client.session


@pytest.fixture
def github(rf, settings, monkeypatch):
    """Come back from GitHub with these addresses."""
    monkeypatch.setitem(registry.provider_map, GitHubProvider.id, GitHubProvider)
    settings.SOCIALACCOUNT_PROVIDERS = {
        "github": {"APPS": [{"client_id": "id", "secret": "secret"}]}
    }

    def come_back(*addresses: tuple[str, bool]):
        request = rf.get("/accounts/github/login/callback/")
        request.session = SessionStore()
        request._messages = FallbackStorage(request)
        request.user = AnonymousUser()
        provider = get_social_adapter().get_provider(request, GitHubProvider.id)
        emails = [
            {"email": e, "primary": n == 0, "verified": verified}
            for n, (e, verified) in enumerate(addresses)
        ]
        with context.request_context(request):
            login: SocialLogin = provider.sociallogin_from_response(
                request, {"id": 7, "login": "mo", "name": "Mo", "emails": emails}
            )
            complete_login(request, login)
        return request.session.get("_auth_user_id")

    return come_back


def test_github_opens_no_account(github):
    assert github(("stranger@team.test", True)) is None
    assert not User.objects.exists()


def test_github_signs_in_an_account_by_an_address_it_verified(github, mo):
    EmailAddress.objects.create(user=mo, email=mo.email, verified=True, primary=True)

    assert github(("private@mo.test", True), (mo.email, True)) == str(mo.pk)
    assert SocialAccount.objects.get().user == mo


def test_github_signs_nobody_in_by_an_address_it_did_not_verify(github, mo):
    assert github(("mine@evil.test", True), (mo.email, False)) is None
    assert not SocialAccount.objects.exists()


def test_github_lets_in_who_was_invited_at_a_verified_address(github):
    people.invite_by_mail(by=EditorFactory(), email="new@team.test")

    uid = github(("new@team.test", True))

    assert User.objects.get(pk=uid).email == "new@team.test"
    assert not people.open_invitations().exists()


def test_github_lets_nobody_in_for_an_invited_address_it_did_not_verify(github):
    people.invite_by_mail(by=EditorFactory(), email="new@team.test")

    assert github(("new@team.test", False)) is None
    assert people.open_invitations().exists()


def test_github_is_no_address_of_a_desk_that_does_not_offer_it(client):
    assert client.get("/accounts/github/login/").status_code == 404
    assert client.get("/accounts/github/login/callback/").status_code == 404


def test_page_of_other_ways_in_outlasts_the_last_of_them(client, mo):
    """GitHub is no longer offered here: its settings were taken out."""
    SocialAccount.objects.create(user=mo, provider=GitHubProvider.id, uid="7")
    client.force_login(mo)

    page = client.get(reverse("socialaccount_connections"), follow=True)

    assert page.status_code == 200


@pytest.mark.usefixtures("github")
def test_profile_leads_to_other_ways_in_where_one_is_offered(client, mo):
    client.force_login(mo)

    page = client.get(reverse("desk:profile"))

    assert reverse("socialaccount_connections") in page.text
