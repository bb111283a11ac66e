"""The Celery application and its clock."""

import gc
import os
import sys

from celery import Celery
from celery.signals import beat_init, worker_init, worker_process_init
from kombu.transport import redis as broker

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "newsletter.settings")

NEW_OBJECTS = 10_000  # after so many a process of the pool looks for garbage among them


class Doorbell(broker.QoS):
    """What a lost connection leaves unacknowledged is forgotten: a sweep finds it.

    kombu 5.7 would give it back at once, or acknowledge it when its task ends, over the
    channel that is closed. The worker dies of either, and every sender with it.
    """

    restore_at_shutdown = False

    def ack(self, delivery_tag: str) -> None:
        if not self.channel.closed:
            super().ack(delivery_tag)

    def reject(self, delivery_tag: str, requeue: bool = False) -> None:
        if not self.channel.closed:
            super().reject(delivery_tag, requeue=requeue)


broker.Channel.QoS = Doorbell

app = Celery("masthead")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["editorial", "newsletter"])
app.autodiscover_tasks(["newsletter"], related_name="health")

# Sweeps are the guarantee, messages only the doorbell: each finds what a lost
# wake-up left behind. `expires` keeps a stopped worker from meeting a heap of them.
app.conf.beat_schedule = {
    "heartbeat": {
        "task": "newsletter.heartbeat",
        "schedule": 10.0,
        "options": {"expires": 10},
    },
    "publish-due": {
        "task": "editorial.publish_due",
        "schedule": 15.0,
        "options": {"expires": 15},
    },
    "send-notices": {
        "task": "editorial.send_notices",
        "schedule": 15.0,
        "options": {"expires": 15},
    },
    "check-due-links": {
        "task": "editorial.check_due_links",
        "schedule": 60.0,
        "options": {"expires": 60},
    },
    "find-archived-copies": {
        "task": "editorial.find_archived_copies",
        "schedule": 300.0,
        "options": {"expires": 300},
    },
    "tell-link-changes": {
        "task": "editorial.tell_link_changes",
        "schedule": 60.0,
        "options": {"expires": 60},
    },
    "sweep-digests": {
        "task": "newsletter.sweep_digests",
        "schedule": 15.0,
        "options": {"expires": 15},
    },
    "send-confirmations": {
        "task": "newsletter.send_confirmations",
        "schedule": 15.0,
        "options": {"expires": 15},
    },
    "count-clicks": {
        "task": "newsletter.count_clicks",
        "schedule": 60.0,
        "options": {"expires": 60},
    },
    "look-into-mailbox": {
        "task": "newsletter.look_into_mailbox",
        "schedule": 120.0,
        "options": {"expires": 120},
    },
    "sweep-examinations": {
        "task": "newsletter.sweep_examinations",
        "schedule": 60.0,
        "options": {"expires": 60},
    },
    "sweep-imports": {
        "task": "newsletter.sweep_imports",
        "schedule": 30.0,
        "options": {"expires": 30},
    },
    "reap-deliveries": {
        "task": "newsletter.reap_deliveries",
        "schedule": 30.0,
        "options": {"expires": 30},
    },
}


@worker_init.connect
@beat_init.connect
def refuse_unsafe_start(**kwargs: object) -> None:
    """End a worker or beat that must not run here; Celery would log and go on."""
    from django.core.exceptions import ImproperlyConfigured
    from django.db import connections

    from . import checks

    try:
        checks.refuse_unsafe_start()
    except ImproperlyConfigured as error:
        sys.exit(str(error))
    finally:
        connections.close_all()  # pool processes forked from here open their own


@worker_process_init.connect
def set_loaded_aside(**kwargs: object) -> None:
    """What is loaded stays for as long as the process does: look for no garbage in it.

    Going through all of it takes 75 ms each time, and gives each process of the pool
    a copy of the memory it shares with its parent. Among what is new garbage is looked
    for less often than by Python's default: that took a twentieth of a check of links.
    """
    gc.freeze()
    gc.set_threshold(NEW_OBJECTS)
