"""A digest's history: who did what, and when; joins the transaction of the deed."""

from editorial.models import IssueRevision, User
from newsletter.models import Digest, DigestEvent
from newsletter.states import DigestVerb


def note_event(
    digest: Digest,
    verb: DigestVerb,
    *,
    by: User | None = None,
    note: str = "",
    reason: str = "",
    before: str = "",
    to: str = "",
    revision: IssueRevision | None = None,
) -> None:
    """Add one line; `revision` is the text it was about."""
    DigestEvent.objects.create(
        digest=digest,
        verb=verb,
        from_state=before,
        to_state=to,
        by=by,
        by_name=by.name if by else "",
        role=by.role if by else "",
        reason=reason,
        note=note[:500],
        revision=revision,
    )
