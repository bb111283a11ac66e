"""Lists of readers from elsewhere: checked first, then taken, in bounded memory.

`columns` which heading means what · `reading` bytes → lines
`judging` what becomes of a line · `taking` writing it · `running` the work, resumable · `bringing` the presses
"""

from .bringing import accept, begin, choose_columns, discard, headings
from .columns import FIELDS
from .running import work, work_on_all

__all__ = [
    "FIELDS",
    "accept",
    "begin",
    "choose_columns",
    "discard",
    "headings",
    "work",
    "work_on_all",
]
