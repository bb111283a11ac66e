from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from newsletter import digests
from newsletter.doctor import fitness
from newsletter.doctor.findings import advice, failing, ok, unknown
from newsletter.models import DoctorRun
from newsletter.states import DigestState, DigestVerb
from tests.factories import (
    AdminFactory,
    DigestFactory,
    EditorFactory,
    PublicationFactory,
    SubscriberFactory,
)

pytestmark = pytest.mark.django_db

SPF = failing("spf", "none", domain="news.test")


@pytest.fixture(autouse=True)
def _in_production(settings):
    settings.DEVELOPMENT = False
    PublicationFactory()
    SubscriberFactory()


def examined(*found, days_ago: float = 0) -> DoctorRun:
    return DoctorRun.objects.create(
        findings=[one.to_dict() for one in found],
        finished_at=timezone.now() - timedelta(days=days_ago),
    )


@pytest.mark.parametrize(
    "found", [[], [ok("spf", "ok")], [advice("postal", "none")], [unknown("dkim", "relay")]]
)  # fmt: skip
def test_first_digest_goes_when_nothing_fails(found):
    examined(*found)
    digest = DigestFactory()

    digests.start_digest(digest=digest, by=EditorFactory())

    assert digest.state == DigestState.FREEZING


@pytest.mark.parametrize(
    ("runs", "code"),
    [([], "not_examined"), ([([SPF], 0)], "unfit"), ([([], 8)], "not_examined")],
)
def test_first_digest_stays_while_something_fails_or_nobody_looked(runs, code):
    for found, days_ago in runs:
        examined(*found, days_ago=days_ago)
    digest = DigestFactory()

    with pytest.raises(ValidationError) as raised:
        digests.start_digest(digest=digest, by=AdminFactory())

    assert raised.value.code == code
    digest.refresh_from_db()
    assert digest.state == DigestState.HELD


def test_newer_examination_counts():
    examined(SPF)
    examined(ok("spf", "ok"))

    fitness.require_fit(DigestFactory(), EditorFactory())


def test_examination_that_is_not_over_counts_for_nothing():
    examined(ok("spf", "ok"))
    DoctorRun.objects.create()

    fitness.require_fit(DigestFactory(), EditorFactory())


def test_admin_may_let_it_go_in_writing():
    examined(SPF)
    digest, admin = DigestFactory(), AdminFactory()

    digests.start_digest(digest=digest, by=admin, despite="记录今晚生效")

    event = digest.events.get(verb=DigestVerb.OVERRULED)
    assert (event.by, event.note) == (admin, "记录今晚生效 (spf)")
    assert digest.state == DigestState.FREEZING


def test_editor_may_not():
    examined(SPF)

    with pytest.raises(PermissionDenied):
        fitness.require_fit(DigestFactory(), EditorFactory(), "because")


@pytest.mark.parametrize("reason", ["", "  "])
def test_nothing_said_is_no_reason(reason):
    examined(SPF)

    with pytest.raises(ValidationError):
        fitness.require_fit(DigestFactory(), AdminFactory(), reason)


def test_later_digests_go_whatever_the_doctor_says():
    examined(SPF)
    DigestFactory(sending=True, state=DigestState.DONE)

    fitness.require_fit(DigestFactory(), EditorFactory())


@pytest.mark.parametrize(
    ("development", "host", "exempt"),
    [
        (True, "127.0.0.1", True),
        (True, "localhost", True),
        (True, "mail.relay.test", False),
        (False, "127.0.0.1", False),
    ],
)
def test_only_development_on_ones_own_machine_is_exempt(
    settings, development, host, exempt
):
    settings.DEVELOPMENT, settings.EMAIL_HOST = development, host

    assert fitness.is_exempt() is exempt
