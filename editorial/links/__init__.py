"""Links over time: which an item has, when each is visited, what that means, who is told.

`uses` says which links an item has; `schedule` and `weighing` are pure and hold the
rules; `visiting` claims and visits; `keeping` stores what was found; `line` knows when
silence is our own; `telling` says who hears of it and `words` how.
"""

from .copies import find_copies
from .keeping import store, vouch
from .schedule import PRESS_AGAIN_AFTER
from .telling import tell_changes
from .uses import WORST_FIRST, register_links, worst_of
from .visiting import (
    check,
    check_asked,
    check_issue,
    check_soon,
    keep_visit,
    plan_after_publication,
    stale,
    sweep,
)

__all__ = [
    "PRESS_AGAIN_AFTER",
    "WORST_FIRST",
    "check",
    "check_asked",
    "check_issue",
    "check_soon",
    "find_copies",
    "keep_visit",
    "plan_after_publication",
    "register_links",
    "stale",
    "store",
    "sweep",
    "tell_changes",
    "vouch",
    "worst_of",
]
