"""What comes back after sending: bounces and complaints (RELIABILITY §1, "Lists").

`reading` a returned mail as a report about one delivery · `verdicts` what it means
`recording` writes it down and stops the mailing where due · `taking` one mail, whole
`mailbox` is polled for them · `providing` the reports of mail providers
"""

from .mailbox import last_look, look_into_mailbox
from .providing import take_event
from .reading import Forged, NotUnderstood, Report, read
from .recording import record
from .taking import Taken, take_mail
from .verdicts import Said

__all__ = [
    "Forged",
    "NotUnderstood",
    "Report",
    "Said",
    "Taken",
    "last_look",
    "look_into_mailbox",
    "read",
    "record",
    "take_event",
    "take_mail",
]
