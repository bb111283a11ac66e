"""Celery's door to the readers' side: load nothing, decide nothing, call one function.

Every task is safe to run twice and at any time; a sweep finds what nobody rang for.
"""

import mmap

from celery import shared_task
from celery.signals import worker_shutting_down

from newsletter import clicks, digests, returns, subscriptions
from newsletter.doctor import examining
from newsletter.subscriptions import imports

# One byte shared with the pool's processes, which are forked after this import: only
# the main process hears of a shutdown, only the pool can stop before its next mail.
_shutdown = mmap.mmap(-1, 1)


@worker_shutting_down.connect
def _tell_the_pool(**kwargs: object) -> None:
    _shutdown[0] = 1


def _is_shutting_down() -> bool:
    return _shutdown[0] == 1


@shared_task(name="newsletter.freeze_digest")
def freeze_digest(digest_id: int) -> None:
    digests.freeze_digest(digest_id=digest_id)


@shared_task(name="newsletter.send_digest")
def send_digest(digest_id: int) -> None:
    digests.send_digest(digest_id=digest_id, stopping=_is_shutting_down)


@shared_task(name="newsletter.sweep_digests")
def sweep_digests() -> None:
    digests.sweep()


@shared_task(name="newsletter.reap_deliveries")
def reap_deliveries() -> None:
    digests.reap()


@shared_task(name="newsletter.send_confirmations")
def send_confirmations() -> None:
    subscriptions.send_owed_confirmations()


@shared_task(name="newsletter.count_clicks")
def count_clicks() -> None:
    clicks.count_visits()


@shared_task(name="newsletter.look_into_mailbox")
def look_into_mailbox() -> None:
    returns.look_into_mailbox()


@shared_task(name=examining.TASK)
def examine_mail(run_id: int) -> None:
    examining.carry_out(run_id=run_id)


@shared_task(name="newsletter.sweep_examinations")
def sweep_examinations() -> None:
    examining.sweep()


@shared_task(name="newsletter.work_on_import")
def work_on_import(import_id: int) -> None:
    imports.work(import_id)


@shared_task(name="newsletter.sweep_imports")
def sweep_imports() -> None:
    imports.work_on_all()
