"""What a trail entry says happened, in the words of the desk."""

from collections.abc import Iterable

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from editorial.models import Transition

VERBS = {
    "created": _("created"),
    "imported": _("imported"),
    "edited": _("edited"),
    "edited_approved": _("edited and approved again"),
    "pictures_changed": _("changed the pictures"),
    "submitted": _("submitted"),
    "taken_back": _("taken back"),
    "approved": _("approved"),
    "changes_requested": _("changes requested"),
    "rejected": _("rejected"),
    "reopened": _("reopened"),
    "deleted": _("deleted"),
    "moved": _("moved"),
    "placed": _("put into an issue"),
    "to_backlog": _("put into the backlog"),
    "approval_voided": _("approval voided by an edit"),
    "credits_changed": _("changed the credits"),
    "lead_editor_assigned": _("lead editor named"),
    "deadline_extended": _("copy deadline moved"),
    "section_added": _("section added"),
    "section_removed": _("section removed"),
    "sections_ordered": _("sections ordered"),
    "closed": _("closed for proofing"),
    "unapproved": _("back to proofing"),
    "scheduled": _("scheduled"),
    "unscheduled": _("schedule cleared"),
    "published": _("published"),
    "typo_fixed": _("fixed a typo"),
    "corrected": _("published a correction"),
    "link_opened": _("opened a link"),
    "archived_copy_shown": _("leads readers to an archived copy"),
    "archived_copy_hidden": _("leads readers to the original again"),
    "schedule_failed": _("scheduled publication failed"),
    "withdrawn": _("withdrawn"),
    "restored": _("restored"),
}

# Where a move means another thing by the state it started from: an issue's.
FROM = {
    ("approved", "review"): pgettext_lazy("of an issue", "approved"),
    ("reopened", "review"): pgettext_lazy("of an issue", "reopened"),
}


def label_of(verb: str, from_state: str = "") -> str:
    """The verb in words; one without a word stands as it is stored."""
    return str(FROM.get((verb, from_state)) or VERBS.get(verb, verb))


def told_once(trail: Iterable[Transition]) -> list[Transition]:
    """The trail, newest first, with one line for what an import did to one thing.

    An imported archive goes through every move, which nobody made.
    """
    told = {}
    for deed in trail:
        is_import = deed.verb == "imported"
        key = (deed.item_id, deed.subject) if is_import else deed.pk
        told.setdefault(key, deed)
    return list(told.values())
