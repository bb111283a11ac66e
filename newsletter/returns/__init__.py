"""What comes back after sending: bounces and complaints (RELIABILITY §1, "Lists").

`reading` a returned mail as a report about one delivery · `verdicts` what it means
`recording` writes it down and stops the mailing where due · `taking` one mail, whole
"""

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
    "read",
    "record",
    "take_mail",
]
