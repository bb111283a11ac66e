"""Roles, leaving, profiles, and the mailed link that signs in."""

from datetime import timedelta

import pytest
import time_machine
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from editorial import founding, people
from editorial.models import Author, Role, Transition, User
from tests.factories import AdminFactory, AuthorFactory, EditorFactory, UserFactory

pytestmark = pytest.mark.django_db


def test_admin_makes_an_author_editor():
    admin, author = AdminFactory(), UserFactory()

    people.change_role(user=author, by=admin, role=Role.EDITOR)

    author.refresh_from_db()
    assert author.role == Role.EDITOR
    deed = Transition.objects.get()
    assert (deed.verb, deed.from_state, deed.to_state, deed.by) == (
        "role_changed",
        Role.AUTHOR,
        Role.EDITOR,
        admin,
    )


@pytest.mark.parametrize("make", [UserFactory, EditorFactory])
@pytest.mark.parametrize(
    "deed",
    [
        lambda user, by: people.change_role(user=user, by=by, role=Role.ADMIN),
        lambda user, by: people.deactivate(user=user, by=by),
        lambda user, by: people.reactivate(user=user, by=by),
    ],
)
def test_only_admins_manage_people(make, deed):
    AdminFactory()
    colleague = UserFactory()

    with pytest.raises(PermissionDenied):
        deed(colleague, make())

    colleague.refresh_from_db()
    assert (colleague.role, colleague.is_active) == (Role.AUTHOR, True)


def test_nobody_changes_their_own_role():
    admin = AdminFactory()
    AdminFactory()

    with pytest.raises(ValidationError):
        people.change_role(user=admin, by=admin, role=Role.AUTHOR)


def test_the_last_admin_cannot_be_closed_out():
    admin, other = AdminFactory(), AdminFactory()
    people.deactivate(user=other, by=admin)

    with pytest.raises(PermissionDenied):
        people.deactivate(user=admin, by=other)

    assert User.objects.active().filter(role=Role.ADMIN).get() == admin


def test_admin_demoted_meanwhile_demotes_nobody():
    first, second = AdminFactory(), AdminFactory()
    read_before = User.objects.get(pk=second.pk)
    people.change_role(user=second, by=first, role=Role.EDITOR)

    with pytest.raises(PermissionDenied):
        people.change_role(user=first, by=read_before, role=Role.EDITOR)

    first.refresh_from_db()
    assert first.role == Role.ADMIN


@pytest.mark.parametrize("role", ["owner", "", "is_superuser"])
def test_unknown_role_is_refused(role):
    with pytest.raises(ValidationError):
        people.change_role(user=UserFactory(), by=AdminFactory(), role=role)


def test_closed_account_is_out_at_its_next_page(client):
    admin, author = AdminFactory(), UserFactory()
    client.force_login(author)
    assert client.get("/desk/profile/").status_code == 200

    people.deactivate(user=author, by=admin)

    assert client.get("/desk/profile/").status_code == 302


def test_closed_account_comes_back_in_its_role():
    admin, editor = AdminFactory(), EditorFactory()
    people.deactivate(user=editor, by=admin)

    people.reactivate(user=editor, by=admin)

    editor.refresh_from_db()
    assert (editor.is_active, editor.role) == (True, Role.EDITOR)


def test_profile_saves_name_language_and_what_readers_see():
    user = UserFactory()

    people.edit_profile(
        user=user, name="墨青", language="en", bio="写存储", website="https://mo.test/"
    )

    author = Author.objects.get(user=user)
    assert (user.name, user.language) == ("墨青", "en")
    assert (author.name, author.bio) == ("墨青", "写存储")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", "a" * 61),
        ("name", "a\nBcc: b@t.test"),
        ("author_name", "墨青"),
        ("website", "javascript:alert(1)"),
        ("language", "tlh"),
    ],
)
def test_profile_refuses_by_field_and_saves_nothing(field, value):
    AuthorFactory(name="墨青")
    user = UserFactory(name="半夏")

    with pytest.raises(ValidationError) as refused:
        people.edit_profile(user=user, **{"name": "新名字", field: value})

    assert field in refused.value.message_dict
    user.refresh_from_db()
    assert user.name == "半夏"


def test_mailed_link_names_its_user():
    user = UserFactory()

    assert people.user_of_sign_in_token(people.sign_in_token(user)) == user


def test_mailed_link_dies_with_any_sign_in():
    user = UserFactory()
    token = people.sign_in_token(user)

    User.objects.filter(pk=user.pk).update(last_login=timezone.now())

    assert people.user_of_sign_in_token(token) is None


def test_mailed_link_dies_after_a_quarter_of_an_hour():
    token = people.sign_in_token(UserFactory())

    with time_machine.travel(timezone.now() + timedelta(minutes=16)):
        assert people.user_of_sign_in_token(token) is None


def test_mailed_link_of_a_closed_account_is_dead():
    user = UserFactory()
    token = people.sign_in_token(user)
    people.deactivate(user=user, by=AdminFactory())

    assert people.user_of_sign_in_token(token) is None


def test_set_up_token_signs_nobody_in():
    assert people.user_of_sign_in_token(founding.setup_token()) is None
    assert not founding.is_setup_token(people.sign_in_token(UserFactory()))
