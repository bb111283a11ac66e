"""Subscribing with double opt-in, and leaving again (RELIABILITY §1, "Lists").

`asking` what every request does · `limits` against subscription bombing
`hints` what may be wrong with an address
`opting` subscribing, confirming, leaving · `moving` changing the address
`mailing` mails with a link, owed and sent · `preferences` what a reader may choose
`dossier` all we hold about one · `erasing` deleting it · `census` how many there are
`imports` lists from elsewhere · `exporting` ours as a table
`moves` the only writer of a subscriber's state
"""

from .addresses import clean_address
from .census import Counts, counts, forget_everybody
from .dossier import dossier, reader_of_data, request_data
from .erasing import erase
from .exporting import export_readers, safe_cell
from .hints import Doubt, doubt
from .limits import TooManyRequests
from .mailing import send_owed_confirmations
from .moving import confirm_move, look_at_move, request_move
from .opting import (
    Token,
    confirm,
    look_at_token,
    request_again,
    request_subscription,
    unsubscribe,
)
from .preferences import (
    LONGEST_PAUSE,
    pause,
    reader_with_key,
    resume,
    save_preferences,
)

__all__ = [
    "LONGEST_PAUSE",
    "Counts",
    "Doubt",
    "Token",
    "TooManyRequests",
    "clean_address",
    "confirm",
    "confirm_move",
    "counts",
    "dossier",
    "doubt",
    "erase",
    "export_readers",
    "forget_everybody",
    "look_at_move",
    "look_at_token",
    "pause",
    "reader_of_data",
    "reader_with_key",
    "request_again",
    "request_data",
    "request_move",
    "request_subscription",
    "resume",
    "safe_cell",
    "save_preferences",
    "send_owed_confirmations",
    "unsubscribe",
]
