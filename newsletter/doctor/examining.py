"""All of it at once: carried out by a worker, kept as a run, read at once."""

import logging
from collections.abc import Callable, Iterator
from datetime import timedelta

from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone

from editorial import doorbell, rules
from editorial.models import Publication, User
from newsletter.models import DoctorRun

from . import check_mails, contents, hosts, records
from .case import Case
from .findings import Finding, unknown
from .names import Names, Unanswered

logger = logging.getLogger(__name__)

TASK = "newsletter.examine_mail"
KEPT = 20  # runs
# What DNS leaves open, and a mail that arrived answers.
ANSWERED = frozenset({("dkim", "relay"), ("alignment", "provider")})
Look = Callable[[Case, Names], Iterator[Finding]]

LOOKS: dict[str, Look] = {
    "sender": contents.look_at_sender,
    "spf": records.look_at_spf,
    "dkim": records.look_at_dkim,
    "dmarc": records.look_at_dmarc,
    "alignment": records.look_at_alignment,
    "mx": records.look_at_mx,
    "relay": hosts.look_at_relay,
    "host": hosts.look_at_host,
    "one_click": hosts.look_at_one_click,
    "mail": contents.look_at_mail,
}


def examine() -> list[Finding]:
    """Look at everything now; takes up to a minute where nobody answers."""
    case, names = Case.current(), Names()
    return [
        finding
        for topic, look in LOOKS.items()
        for finding in _look(topic, look, case, names)
    ]


def ask(*, by: User) -> DoctorRun:
    """Have a worker look; the run that waits already, if there is one."""
    rules.require(rules.is_editor, by)
    with transaction.atomic():
        Publication.objects.select_for_update().first()  # of two presses one asks
        waiting = DoctorRun.objects.waiting().first()
        run = waiting or DoctorRun.objects.create(asked_by=by)
        doorbell.ring(TASK, run.pk)
    return run


def carry_out(*, run_id: int) -> None:
    """Examine for a run that waits. Safe to call twice: the first answer stays."""
    run = DoctorRun.objects.waiting().filter(pk=run_id).first()
    if run is not None:
        _keep(run, examine())


def examine_here() -> DoctorRun:
    """Examine in this process and keep it, for the command line."""
    run = DoctorRun.objects.create()
    _keep(run, examine())
    run.refresh_from_db()
    return run


def sweep() -> None:
    """Carry out what was asked for when nobody rang; the oldest first."""
    lost = DoctorRun.objects.waiting().filter(
        asked_at__lt=timezone.now() - timedelta(seconds=30)
    )
    for run in lost.order_by("pk")[:1]:
        carry_out(run_id=run.pk)


def latest() -> DoctorRun | None:
    """The newest run that was carried out."""
    return DoctorRun.objects.finished().first()


def findings_of(run: DoctorRun | None) -> list[Finding]:
    """What this run found, and what the test mail that was read last says."""
    arrived = check_mails.findings()
    found = [Finding.from_dict(data) for data in run.findings] if run else []
    if arrived:
        found = [one for one in found if (one.topic, one.kind) not in ANSWERED]
    return [*found, *arrived]


def _keep(run: DoctorRun, found: list[Finding]) -> None:
    DoctorRun.objects.waiting().filter(pk=run.pk).update(
        findings=[finding.to_dict() for finding in found], finished_at=Now()
    )
    newest = DoctorRun.objects.values_list("pk", flat=True)[:KEPT]
    DoctorRun.objects.exclude(pk__in=list(newest)).delete()


def _look(topic: str, look: Look, case: Case, names: Names) -> list[Finding]:
    """One topic; what hinders the look is a finding, and no hindrance to the others."""
    try:
        return list(look(case, names))
    except Unanswered as error:
        return [unknown(topic, "unanswered", name=error.name, why=error.why)]
    except Exception as error:
        logger.exception("the doctor could not look at %s", topic)
        return [unknown(topic, "trouble", why=type(error).__name__)]
