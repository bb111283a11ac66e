"""The door for the newsroom's signals: rows are written here, workers rung on commit.

Each runs inside the transaction of the move it hears of; what it raises undoes it.
"""

from django.dispatch import receiver
from django.urls import reverse
from django.utils.translation import gettext as _

from editorial.models import Issue, IssueRevision, Publication, User
from editorial.signals import (
    Errand,
    errands_wanted,
    issue_corrected,
    issue_published,
    issue_withdrawn,
    sample_removed,
)
from newsletter import digests, subscriptions
from newsletter.models import Digest
from newsletter.states import DigestState


@receiver(issue_published)
def hold_digest(
    issue: Issue,
    revision: IssueRevision,
    by: User | None,
    imported: bool = False,
    **kwargs: object,
) -> None:
    """A published issue gets a digest, held or counting down; an archive's never."""
    if not (imported or issue.imported):
        digests.hold_digest(issue=issue, by=by)


@receiver(issue_withdrawn)
def stop_digest(issue: Issue, by: User | None = None, **kwargs: object) -> None:
    """No further mail of an issue that readers cannot see any more."""
    digests.stop_for_withdrawal(issue=issue, by=by)


@receiver(issue_corrected)
def look_again_at_the_digest(
    issue: Issue, revision: IssueRevision, by: User, **kwargs: object
) -> None:
    """The mended text for a digest that has not begun. Nobody is mailed a second time.

    Pages, feeds and sitemap follow the live revision, which also names their state to
    caches: there is nothing else to write.
    """
    digests.look_again(issue=issue, revision=revision, by=by)


@receiver(errands_wanted)
def digests_to_decide(user: User, **kwargs: object) -> list[Errand]:
    """Digests that wait for a decision this person may make, newest first."""
    waiting = Digest.objects.undecided().select_related("issue")
    if not user.is_editor:
        waiting = waiting.filter(issue__lead_editor=user)
    return [_errand(digest) for digest in waiting]


def _errand(digest: Digest) -> Errand:
    if digest.state == DigestState.HELD:
        words = _("Issue %(number)s is out, its digest is not")
        press = _("Send the digest")
    elif digest.state == DigestState.PAUSED:
        words = _("The digest of issue %(number)s stands still")
        press = _("Go and see")
    else:
        words = _("Mails of issue %(number)s may not have arrived")
        press = _("Decide")
    return Errand(
        words=words % {"number": digest.issue.number},
        press=press,
        url=reverse("readers:digest", args=[digest.issue.slug]),
    )


@receiver(sample_removed)
def remove_sample_readers(publication: Publication, **kwargs: object) -> None:
    """The sample's mail and readers go with it; nobody agreed to read what follows."""
    Digest.objects.all().delete()
    subscriptions.forget_everybody()
