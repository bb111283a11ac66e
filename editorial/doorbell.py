"""Wake a worker by task name. The database is the truth; this only saves waiting.

A dead broker is logged and never waited for: every task rung for here is also found
by a periodic sweep.
"""

import logging

from celery import current_app
from django.db import transaction

logger = logging.getLogger(__name__)


def ring(task_name: str, *args: object) -> None:
    """Send the named task when the current transaction commits.

    Waits at most about half a second for a broker that does not answer (the transport
    settings bound it), and never raises.
    """
    transaction.on_commit(lambda: _send(task_name, args))


def _send(task_name: str, args: tuple[object, ...]) -> None:
    try:
        current_app.send_task(task_name, args=args, ignore_result=True)
    except Exception as error:  # noqa: BLE001  (any broker failure is the same to us)
        logger.warning("no answer at the door for %s%s: %s", task_name, args, error)
