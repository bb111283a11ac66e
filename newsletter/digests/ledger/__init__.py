"""The ledger: every write to a delivery row, each a conditional UPDATE.

A row is moved only from the state, and under the token, that its sender holds; what
a slower process still believes changes nothing. Leases run on the database's clock.
`states.DELIVERY_MOVES` is the table these functions follow.

`rows` a claim, and the sets of states · `claiming` taking rows and giving them back
`intents` the re-check, and the commit before the dots · `outcomes` what was answered
`naming` a provider's names for mails
`closing` dead senders, and what people decide · `readers` who moves or is deleted
`counts` how many stand where
"""

from .claiming import claim, has_due, is_due_within, put_back, put_off
from .closing import assume_delivered, reap, resend, skip_the_rest
from .counts import has_open, left_within, tally
from .intents import intend, reasons_to_skip
from .naming import name_mails, note_reported, note_taken
from .outcomes import (
    accept,
    defer,
    doubt,
    fail,
    is_sent,
    skip,
    try_again,
    without_addresses,
)
from .readers import forget, readdress
from .rows import Claim

__all__ = [
    "Claim",
    "accept",
    "assume_delivered",
    "claim",
    "defer",
    "doubt",
    "fail",
    "forget",
    "has_due",
    "has_open",
    "intend",
    "is_due_within",
    "is_sent",
    "left_within",
    "name_mails",
    "note_reported",
    "note_taken",
    "put_back",
    "put_off",
    "readdress",
    "reap",
    "reasons_to_skip",
    "resend",
    "skip",
    "skip_the_rest",
    "tally",
    "try_again",
    "without_addresses",
]
