"""The wire to the mail server: SMTP conversations whose phases are held apart.

A digest commits its intent after the body and before the final dot (RELIABILITY §1.4).
No mail library stops there, hence this client. What the caller gets is always one of
three: a reply, `Refused` (the server said no) or `Cut` (it said nothing we can rely
on), and the phase it was in.

`replies` what a server can say · `relay` where, and as whom · `wire` one conversation
`line` the connection under it · `text` what it carries
`fleet` many at once · `gate` what they pass a few at a time
`box` one, for callers without a loop

Where mail leaves through a provider's API instead: `providers` which there are ·
`mailing` what a call is about · `carrier` one call · `api_answers` what its answer
means · `carriers` several calls at once
"""

from .box import Postbox
from .fleet import Arrival, Fleet, Parcel
from .relay import Relay
from .replies import Cut, Phase, Refused, Reply, WireError
from .text import Text, smtp_lines
from .wire import wire_address

__all__ = [
    "Arrival",
    "Cut",
    "Fleet",
    "Parcel",
    "Phase",
    "Postbox",
    "Refused",
    "Relay",
    "Reply",
    "Text",
    "WireError",
    "smtp_lines",
    "wire_address",
]
