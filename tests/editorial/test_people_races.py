"""Two presses at once: one account, one publication, and always an admin."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection

from editorial import founding, people
from editorial.models import Invitation, Publication, Role, User
from tests.factories import AdminFactory, EditorFactory

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.engines]

REFUSALS = (
    PermissionDenied,
    ValidationError,
    people.InvitationClosed,
    founding.AlreadyFounded,
)


def at_once(*deeds):
    """Start every deed at the same moment; the outcomes, refusals among them."""
    barrier = threading.Barrier(len(deeds))

    def run(deed):
        barrier.wait(timeout=10)
        try:
            return deed()
        except REFUSALS as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(deeds)) as pool:
        return list(pool.map(run, deeds))


def refused(outcomes):
    return [outcome for outcome in outcomes if isinstance(outcome, Exception)]


def test_invitation_that_works_once_makes_one_account(mailoutbox):
    people.invite_by_mail(by=EditorFactory(), email="new@team.test")
    [url] = [w for w in mailoutbox[0].body.split() if "/desk/join/" in w]
    token = url.rstrip("/").rpartition("/")[2]

    outcomes = at_once(
        *[
            lambda n=n: people.accept_invitation(token=token, name=f"墨青{n}")
            for n in range(6)
        ]
    )

    assert len(refused(outcomes)) == 5
    assert User.objects.filter(role=Role.AUTHOR).count() == 1
    assert Invitation.objects.get().uses == 1


def test_two_admins_who_demote_each_other_leave_one():
    first, second = AdminFactory(), AdminFactory()

    outcomes = at_once(
        lambda: people.change_role(user=second, by=first, role=Role.AUTHOR),
        lambda: people.change_role(user=first, by=second, role=Role.AUTHOR),
    )

    assert len(refused(outcomes)) == 1
    assert User.objects.active().filter(role=Role.ADMIN).count() == 1


def test_publication_is_founded_once():
    def found(n):
        return founding.found_publication(
            founding.Charter(
                name=f"周报{n}",
                admin_name=f"主编{n}",
                admin_email=f"chief{n}@team.test",
                sections=["要闻"],
            )
        )

    outcomes = at_once(*[lambda n=n: found(n) for n in range(4)])

    assert len(refused(outcomes)) == 3
    assert Publication.objects.count() == User.objects.count() == 1
