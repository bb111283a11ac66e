"""What each way of not going smoothly means to an editor, and what there is to do."""

from django.utils.translation import gettext_lazy as _

from newsletter.states import Outcome

ADVICE = {
    Outcome.DEFERRED: _(
        "The server is busy or wants us slower. Each is tried again after 1, 5 and 30"
        " minutes, 2 and 6 hours. If they become many, send more slowly."
    ),
    Outcome.CUT: _(
        "What was cut off before its end is tried again by itself; what was cut off"
        " after it is listed as uncertain."
    ),
    Outcome.BOUNCED: _("These addresses are not mailed again. Nothing to do."),
    Outcome.REFUSED: _(
        "The server turned the mail away, not the mailbox: a block list, a filter, the"
        " size. Read its words; an admin can look at the sender's set-up."
    ),
    Outcome.EXHAUSTED: _(
        "Put off for nine hours. They do not get this issue; the next one tries again."
    ),
    Outcome.CRASHED: _(
        "What had not left is sent by itself; what may have left is listed as"
        " uncertain."
    ),
    Outcome.LEFT: _("They unsubscribed in time. Nothing to do."),
    Outcome.PAUSED: _("They asked for a pause in time. Nothing to do."),
    Outcome.SUPPRESSED: _("They bounced or complained before. Nothing to do."),
    Outcome.CANCELLED: _("Somebody cancelled the rest. They do not get this issue."),
}
