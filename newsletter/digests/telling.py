"""Telling the team of what a digest did by itself, through the newsroom's notices."""

from django.conf import settings
from django.urls import reverse
from django.utils import translation

from editorial import doorbell
from editorial.models import Notice, User
from newsletter.models import Digest


def tell_stopped(digest: Digest) -> None:
    """To those who can send it: it stands still, and nobody pressed anything.

    Once per occasion. Joins the transaction of what stopped it.
    """
    issue = digest.issue
    with translation.override("en"):  # each is told in their own language, later
        reason = digest.get_pause_reason_display()
    people = {*User.objects.editors(), issue.lead_editor, digest.started_by}
    context = {
        "number": issue.number,
        "reason": reason,
        "detail": digest.pause_detail,
        "url": settings.PUBLIC_URL + reverse("readers:digest", args=[issue.slug]),
    }
    Notice.objects.bulk_create(
        [
            Notice(
                key=f"digest_stopped:{digest.pk}:{digest.version}",
                kind="digest_stopped",
                recipient=person,
                context=context,
            )
            for person in people
            if person is not None and person.is_active
        ],
        ignore_conflicts=True,
    )
    doorbell.ring("editorial.send_notices")
