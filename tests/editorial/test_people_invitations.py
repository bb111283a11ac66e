"""How people get in: invited, once or by the group, and never by themselves."""

import smtplib
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from editorial import people
from editorial.models import Author, Invitation, Role, Transition, User
from tests.factories import (
    AdminFactory,
    AuthorFactory,
    EditorFactory,
    PublicationFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db


def token_of(url: str) -> str:
    return url.rstrip("/").rpartition("/")[2]


@pytest.fixture
def group_token():
    _invitation, url = people.invite_by_link(by=EditorFactory(name="远舟"))
    return token_of(url)


def mailed_token() -> str:
    [url] = [w for w in mail.outbox[-1].body.split() if "/desk/join/" in w]
    return token_of(url)


def test_invitation_mail_names_newsroom_and_inviter_and_has_the_link():
    PublicationFactory(name="云边周报", language="en")

    people.invite_by_mail(by=EditorFactory(name="远舟"), email="New@Team.test")

    [sent] = mail.outbox
    assert sent.to == ["new@team.test"]
    assert "云边周报" in sent.subject
    assert "远舟" in sent.body
    assert "http://testserver/desk/join/" in sent.body


def test_token_is_stored_as_a_hash_only(group_token):
    row = Invitation.objects.get()

    assert row.token_hash == people.hash_token(group_token)
    assert group_token not in str(Invitation.objects.values().get())


def test_mailed_invitation_makes_a_verified_account_with_its_author():
    people.invite_by_mail(by=EditorFactory(), email="new@team.test")

    user = people.accept_invitation(token=mailed_token(), name="墨青")

    assert (user.email, user.role) == ("new@team.test", Role.AUTHOR)
    assert Author.objects.get(user=user).name == "墨青"
    assert EmailAddress.objects.get(user=user).verified
    assert not user.has_usable_password()


def test_mailed_invitation_works_once():
    people.invite_by_mail(by=EditorFactory(), email="new@team.test")
    token = mailed_token()
    people.accept_invitation(token=token, name="墨青")

    with pytest.raises(people.InvitationClosed):
        people.accept_invitation(token=token, name="又一个")


def test_address_in_the_form_cannot_replace_the_invited_one():
    people.invite_by_mail(by=EditorFactory(), email="new@team.test")

    user = people.accept_invitation(
        token=mailed_token(), name="墨青", email="thief@elsewhere.test"
    )

    assert user.email == "new@team.test"


def test_link_for_the_group_lets_several_in(group_token):
    for n in range(3):
        people.accept_invitation(
            token=group_token, name=f"作者{n}", email=f"a{n}@t.test"
        )

    assert User.objects.filter(role=Role.AUTHOR).count() == 3
    assert Invitation.objects.get().uses == 3


def test_link_for_the_group_leaves_the_address_unproven(group_token):
    user = people.accept_invitation(token=group_token, name="墨青", email="a@t.test")

    assert not EmailAddress.objects.get(user=user).verified


def test_expired_invitation_lets_nobody_in(group_token):
    Invitation.objects.update(expires_at=timezone.now() - timedelta(seconds=1))

    with pytest.raises(people.InvitationClosed):
        people.accept_invitation(token=group_token, name="墨青", email="a@t.test")


def test_revoked_invitation_lets_nobody_in(group_token):
    editor = User.objects.get()

    people.revoke_invitation(invitation=Invitation.objects.get(), by=editor)

    with pytest.raises(people.InvitationClosed):
        people.find_invitation(group_token)
    assert not people.open_invitations().exists()


def test_second_invitation_to_an_address_closes_the_first():
    editor = EditorFactory()
    people.invite_by_mail(by=editor, email="new@team.test")
    first = mailed_token()

    people.invite_by_mail(by=editor, email="new@team.test")

    with pytest.raises(people.InvitationClosed):
        people.find_invitation(first)
    assert people.find_invitation(mailed_token())


@pytest.mark.parametrize("role", [Role.EDITOR, Role.ADMIN])
def test_editor_invites_authors_only(role):
    with pytest.raises(PermissionDenied):
        people.invite_by_link(by=EditorFactory(), role=role)

    assert not Invitation.objects.exists()


def test_admin_invites_an_editor():
    invitation, _url = people.invite_by_link(by=AdminFactory(), role=Role.EDITOR)

    assert invitation.role == Role.EDITOR


def test_author_invites_nobody():
    with pytest.raises(PermissionDenied):
        people.invite_by_mail(by=UserFactory(), email="new@team.test")

    assert mail.outbox == []


def test_address_with_an_account_is_not_invited_again():
    UserFactory(email="here@team.test")

    with pytest.raises(ValidationError) as refused:
        people.invite_by_mail(by=EditorFactory(), email="Here@team.test")

    assert "email" in refused.value.message_dict


@pytest.mark.parametrize(
    "email",
    ["", "nobody", "a@t.test, b@t.test", "a@t.test\n", f"a@{'é' * 60}.test"],
)
def test_what_is_no_single_address_is_refused(email, group_token):
    if email.endswith("\n"):
        email += "Bcc: b@t.test"

    with pytest.raises(ValidationError):
        people.accept_invitation(token=group_token, name="墨青", email=email)


def test_refusing_mail_server_leaves_no_invitation(monkeypatch):
    def refuse(*_args, **_kwargs):
        raise smtplib.SMTPServerDisconnected("not today")

    monkeypatch.setattr("django.core.mail.backends.locmem.EmailBackend.open", refuse)
    monkeypatch.setattr(
        "django.core.mail.backends.locmem.EmailBackend.send_messages", refuse
    )

    with pytest.raises(people.MailRefused):
        people.invite_by_mail(by=EditorFactory(), email="new@team.test")

    assert not Invitation.objects.exists()


def test_credited_author_asks_for_confirmation(group_token):
    author = AuthorFactory(name="墨青")

    with pytest.raises(people.NameIsCredited):
        people.accept_invitation(token=group_token, name="墨青", email="a@t.test")
    user = people.accept_invitation(
        token=group_token, name="墨青", email="a@t.test", is_credited=True
    )

    author.refresh_from_db()
    assert author.user == user
    assert Author.objects.count() == 1


def test_author_named_by_the_invitation_is_linked_without_asking():
    author = AuthorFactory(name="墨青")
    people.invite_by_mail(by=EditorFactory(), email="new@team.test", name="墨青")

    user = people.accept_invitation(token=mailed_token(), name="墨青")

    author.refresh_from_db()
    assert author.user == user


def test_name_of_a_colleague_cannot_be_taken(group_token):
    AuthorFactory(name="墨青", user=UserFactory())

    with pytest.raises(ValidationError) as refused:
        people.accept_invitation(
            token=group_token, name="墨青", email="a@t.test", is_credited=True
        )

    assert "name" in refused.value.message_dict


def test_whoever_joins_the_sample_goes_with_it(group_token):
    PublicationFactory(is_sample=True)

    user = people.accept_invitation(token=group_token, name="墨青", email="a@t.test")

    assert user.is_sample


def test_joining_is_in_the_trail(group_token):
    people.accept_invitation(token=group_token, name="墨青", email="a@t.test")

    assert list(Transition.objects.values_list("verb", flat=True)) == [
        "joined",
        "invited",
    ]
