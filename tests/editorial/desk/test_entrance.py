"""The invitation's page and the profile, as pages."""

import pytest
from django.urls import reverse

from editorial import people
from editorial.models import Author, Invitation, User
from tests.factories import (
    AuthorFactory,
    EditorFactory,
    PublicationFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def link():
    """The path of a link for the group."""
    PublicationFactory(name="云边周报")
    _invitation, url = people.invite_by_link(by=EditorFactory(name="远舟"))
    return url.removeprefix("http://testserver")


@pytest.mark.parametrize("method", ["get", "head"])
def test_opening_an_invitation_changes_nothing(client, link, method):
    before = list(Invitation.objects.values())

    for _ in range(3):
        response = getattr(client, method)(link)

    assert response.status_code == 200
    assert list(Invitation.objects.values()) == before
    assert User.objects.count() == 1


def test_invitation_says_whose_newsroom_it_is(client, link):
    page = client.get(link).content.decode()

    assert "云边周报" in page
    assert "远舟" in page


def test_press_joins_and_signs_in(client, link):
    response = client.post(link, {"name": "墨青", "email": "mo@team.test"})

    assert response["Location"] == reverse("desk:my_turn")
    assert client.session["_auth_user_id"] == str(User.objects.get(name="墨青").pk)


def test_refused_form_keeps_what_was_typed_and_names_the_field(client, link):
    response = client.post(link, {"name": "墨青", "email": "not an address"})

    page = response.content.decode()
    assert response.status_code == 400
    assert 'value="墨青"' in page
    assert 'id="id_email_error"' in page
    assert Invitation.objects.get().uses == 0


def test_known_address_is_sent_to_sign_in_and_gets_no_session(client, link):
    UserFactory(email="mo@team.test")

    response = client.post(link, {"name": "墨青", "email": "mo@team.test"})

    assert response.status_code == 400
    assert "/accounts/login/?email=mo%40team.test" in response.content.decode()
    assert "_auth_user_id" not in client.session


def test_credited_name_is_asked_about_then_linked(client, link):
    author = AuthorFactory(name="墨青")
    said = {"name": "墨青", "email": "mo@team.test"}

    asked = client.post(link, said)
    client.post(link, {**said, "is_credited": "on"})

    assert 'type="checkbox" name="is_credited"' in asked.content.decode()
    author.refresh_from_db()
    assert author.user.email == "mo@team.test"
    assert Author.objects.filter(name="墨青").count() == 1


def test_role_cannot_be_forged_while_joining(client, link):
    client.post(
        link,
        {
            "name": "墨青",
            "email": "mo@team.test",
            "role": "admin",
            "is_superuser": "on",
        },
    )

    user = User.objects.get(name="墨青")
    assert (user.role, user.is_superuser) == ("author", False)


@pytest.mark.parametrize("token", ["x", "a" * 43])
@pytest.mark.parametrize("method", ["get", "post"])
def test_made_up_invitation_is_over(client, token, method):
    response = getattr(client, method)(reverse("desk:join", args=[token]))

    assert response.status_code == 410


def test_signed_in_person_accepts_nothing(client, link):
    client.force_login(UserFactory())

    response = client.post(link, {"name": "又一个", "email": "two@team.test"})

    assert response.status_code == 403
    assert not User.objects.filter(email="two@team.test").exists()


def test_profile_is_ones_own(client):
    user, other = UserFactory(), UserFactory(name="半夏")
    client.force_login(user)

    client.post(
        reverse("desk:profile"), {"name": "墨青", "pk": other.pk, "role": "admin"}
    )

    user.refresh_from_db()
    other.refresh_from_db()
    assert (user.name, user.role, other.name) == ("墨青", "author", "半夏")


def test_refused_profile_keeps_what_was_typed(client):
    AuthorFactory(name="墨青")
    client.force_login(UserFactory())

    response = client.post(
        reverse("desk:profile"), {"name": "新名字", "author_name": "墨青"}
    )

    assert response.status_code == 400
    assert 'value="新名字"' in response.content.decode()
