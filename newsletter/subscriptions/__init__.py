"""Subscribing with double opt-in, and leaving again (RELIABILITY §1, "Lists").

`opting` asking, confirming, leaving · `limits` against subscription bombing
`mailing` the mail that asks for a confirmation · `preferences` what a reader may choose
`moves` the only writer of a subscriber's state · `census` how many there are
"""

from .addresses import clean_address
from .census import Counts, counts, forget_everybody
from .limits import TooManyRequests, network_hash
from .mailing import send_owed_confirmations
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
    "Token",
    "TooManyRequests",
    "clean_address",
    "confirm",
    "counts",
    "forget_everybody",
    "look_at_token",
    "network_hash",
    "pause",
    "reader_with_key",
    "request_again",
    "request_subscription",
    "resume",
    "save_preferences",
    "send_owed_confirmations",
    "unsubscribe",
]
