"""The digest engine: every reader once, whatever breaks (RELIABILITY §1).

`controls` what people may do, and the only writer of a digest's state
`countdown` the last look: held, or started by itself a while after publication
`rendering` an issue as one mail · `letter` encoded once, stamped per copy
`identity` Message-ID, X-Delivery-ID and envelope sender of a copy
`freezing` who gets it, written down at once · `refreezing` the mended text for the rest
`ledger` each row's conditional moves
`shift` what every sender does · `pump` sends over SMTP · `pacing` how fast mail may leave
`batches` sends through a provider's API · `wrapping` the mail as an API takes it
`answers` what a server's answer means · `brakes` when to stop
`seats` how many pumps at once · `sweeping` finds what a lost wake-up left
`telling` the team, of what a digest did by itself
`report` numbers for the control room · `trial` the mail on one's own screen first
`history` who did what, and when
"""

from .controls import (
    MAX_RATE,
    assume_delivered,
    cancel_digest,
    change_rate,
    finish_if_settled,
    hold_again,
    pause_digest,
    resend,
    resume_digest,
    start_digest,
    stop_for_withdrawal,
    stop_sending,
)
from .copies import Copy
from .countdown import (
    count_down_again,
    hold_digest,
    look_again,
    start_due,
    stop_countdown,
)
from .freezing import freeze_digest
from .identity import delivery_of_token, delivery_of_verp, verp_address
from .ledger import claim, tally
from .letter import shown_to
from .pump import send_digest
from .refreezing import freeze_again, is_outdated
from .rendering import Rendered, Unrenderable, render_now
from .report import Report, readership, report, tallies, uncertain_ones
from .sweeping import reap, sweep
from .trial import LastLook, send_trial, size_of, trial_of
from .trial_groups import GroupWords, delete_trial_group, save_trial_group

__all__ = [
    "MAX_RATE",
    "Copy",
    "GroupWords",
    "LastLook",
    "Rendered",
    "Report",
    "Unrenderable",
    "assume_delivered",
    "cancel_digest",
    "change_rate",
    "claim",
    "count_down_again",
    "delete_trial_group",
    "delivery_of_token",
    "delivery_of_verp",
    "finish_if_settled",
    "freeze_again",
    "freeze_digest",
    "hold_again",
    "hold_digest",
    "is_outdated",
    "look_again",
    "pause_digest",
    "readership",
    "reap",
    "render_now",
    "report",
    "resend",
    "resume_digest",
    "save_trial_group",
    "send_digest",
    "send_trial",
    "shown_to",
    "size_of",
    "start_digest",
    "start_due",
    "stop_countdown",
    "stop_for_withdrawal",
    "stop_sending",
    "sweep",
    "tallies",
    "tally",
    "trial_of",
    "uncertain_ones",
    "verp_address",
]
