"""What each process of a worker does before its first task."""

import gc

from celery.signals import worker_process_init

from newsletter.celery import app


def test_a_pool_process_looks_for_no_garbage_in_what_is_loaded():
    assert app.tasks
    try:
        worker_process_init.send(sender=None)

        assert gc.get_freeze_count() > 10_000
    finally:
        gc.unfreeze()
