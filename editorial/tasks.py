"""Celery's door to the newsroom: load by id, call one function.

Every task is safe to run twice and is also found by a sweep.
"""

from collections.abc import Sequence

from celery import shared_task

from editorial import links, notices, workflow


@shared_task(name="editorial.check_links")
def check_links(link_ids: Sequence[int]) -> int:
    """Visit these links, as far as nobody did meanwhile."""
    return links.check_asked(link_ids)


@shared_task(name="editorial.check_due_links")
def check_due_links() -> int:
    """Visit what is due, a part at a time; also what a lost wake-up left behind."""
    return links.sweep()


@shared_task(name="editorial.tell_link_changes")
def tell_link_changes() -> int:
    """Owe people a notice of what the sweep found, when it has come to rest."""
    return links.tell_changes()


@shared_task(name="editorial.find_archived_copies")
def find_archived_copies() -> int:
    """Look for archived copies of dead links that readers have."""
    return links.find_copies()


@shared_task(name="editorial.publish_due")
def publish_due() -> int:
    """Publish what is scheduled for now or was missed."""
    return len(workflow.publish_due())


@shared_task(name="editorial.send_notices")
def send_notices() -> int:
    """Mail colleagues what they are owed."""
    return notices.send_owed()
