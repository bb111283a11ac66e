"""The team page: who may do what there, and what it shows to whom."""

import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from editorial import people
from editorial.models import Invitation, Role, User
from tests.factories import AdminFactory, EditorFactory, PublicationFactory, UserFactory

pytestmark = pytest.mark.django_db

MAKERS = {"author": UserFactory, "editor": EditorFactory, "admin": AdminFactory}
PRESSES = [
    ("invite", {"email": "new@team.test", "role": "author"}, {"editor", "admin"}),
    ("invite_link", {"role": "author"}, {"editor", "admin"}),
    ("revoke_invitation", {}, {"editor", "admin"}),
    ("change_role", {"role": "editor"}, {"admin"}),
    ("deactivate", {}, {"admin"}),
    ("reactivate", {}, {"admin"}),
]


def press(client, name, data):
    target = {"revoke_invitation": Invitation, "invite": None, "invite_link": None}
    if target.get(name, User) is None:
        return client.post(reverse(f"desk:{name}"), data)
    if name == "revoke_invitation":
        invitation, _url = people.invite_by_link(by=AdminFactory())
        return client.post(reverse(f"desk:{name}", args=[invitation.pk]), data)
    return client.post(reverse(f"desk:{name}", args=[UserFactory().pk]), data)


@pytest.mark.parametrize("role", MAKERS)
@pytest.mark.parametrize(("name", "data", "allowed"), PRESSES)
def test_presses_obey_the_matrix(client, role, name, data, allowed):
    client.force_login(MAKERS[role]())

    response = press(client, name, data)

    assert (response.status_code < 400) == (role in allowed)
    assert response.status_code in {200, 302, 403}


@pytest.mark.parametrize(("name", "data", "_allowed"), PRESSES)
def test_strangers_are_sent_to_sign_in(client, name, data, _allowed):
    response = press(client, name, data)

    assert response["Location"].startswith("/accounts/login/")


@pytest.mark.parametrize(
    "name", ["change_role", "deactivate", "reactivate", "revoke_invitation"]
)
def test_opening_a_press_changes_nothing(client, name):
    client.force_login(AdminFactory())

    assert client.get(reverse(f"desk:{name}", args=[1])).status_code == 405


def test_link_is_shown_once(client):
    PublicationFactory()
    client.force_login(EditorFactory())

    made = client.post(reverse("desk:invite_link"), {"role": "author"}).content.decode()
    later = client.get(reverse("desk:team")).content.decode()

    assert "http://testserver/desk/join/" in made
    assert "/desk/join/" not in later


def test_editor_cannot_forge_an_invitation_to_admin(client):
    client.force_login(EditorFactory())

    client.post(reverse("desk:invite"), {"email": "new@team.test", "role": "admin"})

    assert not Invitation.objects.exists()
    assert mail.outbox == []


def test_refused_invitation_keeps_the_address(client):
    UserFactory(email="here@team.test")
    client.force_login(EditorFactory())

    response = client.post(
        reverse("desk:invite"), {"email": "here@team.test", "role": "author"}
    )

    assert response.status_code == 400
    assert 'value="here@team.test"' in response.content.decode()


def test_refusing_mail_server_is_told_on_the_page(client, monkeypatch):
    def refuse(*_args, **_kwargs):
        raise ConnectionRefusedError

    monkeypatch.setattr(
        "django.core.mail.backends.locmem.EmailBackend.send_messages", refuse
    )
    client.force_login(EditorFactory())

    response = client.post(
        reverse("desk:invite"), {"email": "new@team.test", "role": "author"}
    )

    assert response.status_code == 502
    assert "could not be sent" in response.content.decode()
    assert not Invitation.objects.exists()


@pytest.mark.parametrize(("role", "seen"), [("editor", False), ("admin", True)])
def test_addresses_of_colleagues_are_for_admins(client, role, seen):
    UserFactory(email="private@team.test")
    client.force_login(MAKERS[role]())

    page = client.get(reverse("desk:team")).content.decode()

    assert ("private@team.test" in page) == seen


def test_demotion_holds_from_the_next_press_on(client):
    admin, other = AdminFactory(), AdminFactory()
    client.force_login(other)
    people.change_role(user=other, by=admin, role=Role.AUTHOR)

    response = client.post(
        reverse("desk:change_role", args=[admin.pk]), {"role": "author"}
    )

    assert response.status_code == 403


def test_team_page_asks_as_much_for_three_people_as_for_one(client):
    client.force_login(AdminFactory())

    def queries():
        with CaptureQueriesContext(connection) as captured:
            client.get(reverse("desk:team"))
        return len(captured)

    UserFactory()
    people.invite_by_link(by=EditorFactory())
    one = queries()
    for _ in range(2):
        UserFactory()
        people.invite_by_link(by=EditorFactory())

    assert queries() == one
