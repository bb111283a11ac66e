"""Test mails to groups of one's own people: by name, few, and never a cannon."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from newsletter import digests, suppressions
from newsletter.digests import GroupWords
from newsletter.models import Delivery, TrialGroup
from tests.factories import (
    AdminFactory,
    DigestFactory,
    EditorFactory,
    PublicationFactory,
    UserFactory,
)
from tests.newsletter.sending import answer

pytestmark = pytest.mark.django_db

OUTSIDE = "probe@big-provider.test"


@pytest.fixture(autouse=True)
def _publication():
    PublicationFactory(language="en")


@pytest.fixture
def editor(client):
    user = EditorFactory(language="en")
    client.force_login(user)
    return user


@pytest.fixture
def group():
    """Two colleagues, and a mailbox that an admin added."""
    words = GroupWords("proofreaders", UserFactory.create_batch(2), [OUTSIDE])
    return digests.save_trial_group(by=AdminFactory(), words=words)


def to(mail_server) -> set[str]:
    return {mail.recipients[0] for mail in mail_server.accepted}


def test_editor_mails_colleagues_and_an_admin_the_other_addresses_too(
    editor, group, mail_server
):
    colleagues = {member.email for member in group.members.all()}

    digests.send_trial(digest=DigestFactory(), by=editor, group=group)
    by_editor = to(mail_server)
    digests.send_trial(digest=DigestFactory(), by=AdminFactory(), group=group)

    assert by_editor == colleagues
    assert to(mail_server) == colleagues | {OUTSIDE}


def test_each_copy_is_marked_and_unsubscribes_nobody(editor, group, mail_server):
    digests.send_trial(digest=DigestFactory(), by=editor, group=group)

    for mail in mail_server.accepted:
        assert mail.message["Subject"].startswith("[Test]")
        assert mail.message["List-Unsubscribe"] is None
        assert "/unsubscribe/" not in mail.message.as_string()
    assert not Delivery.objects.exists()


def test_who_left_the_team_or_is_suppressed_gets_none(editor, group, mail_server):
    gone, quiet = group.members.all()
    gone.is_active = False
    gone.save()
    suppressions.suppress_by_hand(address=quiet.email)

    with pytest.raises(ValidationError, match="Nobody in this group"):
        digests.send_trial(digest=DigestFactory(), by=editor, group=group)

    assert not mail_server.accepted


def test_one_refused_mailbox_stops_no_other(client, editor, group, mail_server):
    refused = group.members.first().email
    mail_server.script = answer("rcpt", "550 5.1.1 no such user", to=refused)
    digest = DigestFactory()
    path = reverse("readers:trial", args=[digest.issue.slug])

    page = client.post(path, {"group": group.pk}, follow=True).content.decode()

    assert "1 of 2 test mails to proofreaders are on their way." in page


def test_group_has_ten_mailboxes_at_most(editor):
    with pytest.raises(ValidationError, match="between 1 and 10"):
        digests.save_trial_group(
            by=editor, words=GroupWords("many", UserFactory.create_batch(11))
        )
    with pytest.raises(ValidationError, match="between 1 and 10"):
        digests.save_trial_group(by=editor, words=GroupWords("none"))


def test_editor_enters_no_address(editor, group):
    words = GroupWords("proofreaders", [editor], ["elsewhere@else.test"])

    with pytest.raises(PermissionDenied):
        digests.save_trial_group(by=editor, words=words, group=group)


def test_editor_changes_people_and_leaves_the_addresses(client, editor, group):
    page = reverse("readers:trial_group", args=[group.pk])

    shown = client.get(page).content.decode()
    client.post(page, {"name": "close readers", "members": [editor.pk]})

    group.refresh_from_db()
    assert OUTSIDE not in shown
    assert "And 1 other address, which admins see." in shown
    assert (group.name, group.addresses) == ("close readers", [OUTSIDE])
    assert list(group.members.all()) == [editor]


@pytest.mark.parametrize("address", ["nobody", "a@b.test, c@d.test", "a@b\x00.test"])
def test_what_is_no_address_is_refused_and_kept(client, address):
    client.force_login(AdminFactory(language="en"))

    response = client.post(
        reverse("readers:trial_groups"), {"name": "x", "addresses": address}
    )

    assert response.status_code == 400
    assert not TrialGroup.objects.exists()


def test_two_groups_have_two_names(client, editor, group):
    said = {"name": group.name, "members": [editor.pk]}

    response = client.post(reverse("readers:trial_groups"), said)

    assert "There is a group of this name already." in response.content.decode()


def test_group_is_deleted_after_a_question(client, editor, group):
    page = reverse("readers:trial_group_delete", args=[group.pk])

    assert "Delete the group proofreaders?" in client.get(page).content.decode()
    assert TrialGroup.objects.exists()
    client.post(page)

    assert not TrialGroup.objects.exists()


def test_empty_list_says_what_goes_there(client, editor):
    page = client.get(reverse("readers:trial_groups")).content.decode()

    assert "No test group yet." in page


def test_list_costs_the_same_for_one_group_and_for_three(client, editor):
    costs = []
    for names in (["a"], ["b", "c"]):
        for name in names:
            words = GroupWords(name, [editor])
            digests.save_trial_group(by=editor, words=words)
        with CaptureQueriesContext(connection) as queries:
            client.get(reverse("readers:trial_groups"))
        costs.append(len(queries))

    assert costs[0] == costs[1]
