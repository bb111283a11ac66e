"""Every move of items and issues.

A move is: rule → compare-and-set on state and version → transition row → signal or
doorbell on commit, in one transaction. Wrong state raises IllegalTransition, a text
saved meanwhile StaleVersion, the wrong person PermissionDenied, bad input
ValidationError with the field; then nothing was written.
"""

from .correcting import correct_issue, fix_typo, look_at_change
from .issues import (
    add_section,
    approve_issue,
    assign_lead_editor,
    close_issue,
    create_issue,
    edit_issue,
    extend_deadline,
    order_sections,
    remove_section,
    reopen_issue,
    schedule_issue,
    set_credits,
    sign_off_issue,
    submit_items,
    submit_own_drafts,
    unapprove_issue,
    unschedule_issue,
)
from .items import (
    approve_item,
    comment_item,
    create_item,
    delete_item,
    edit_item,
    move_item,
    place_item,
    reject_item,
    reopen_item,
    request_changes,
    set_images,
    submit_item,
    take_back_item,
)
from .linking import accept_move, hide_copy, open_link, show_copy
from .publishing import (
    publish_due,
    publish_issue,
    restore_issue,
    withdraw_issue,
)

__all__ = [
    "accept_move",
    "add_section",
    "approve_issue",
    "approve_item",
    "assign_lead_editor",
    "close_issue",
    "comment_item",
    "correct_issue",
    "create_issue",
    "create_item",
    "delete_item",
    "edit_issue",
    "edit_item",
    "extend_deadline",
    "fix_typo",
    "hide_copy",
    "look_at_change",
    "move_item",
    "open_link",
    "order_sections",
    "place_item",
    "publish_due",
    "publish_issue",
    "reject_item",
    "remove_section",
    "reopen_issue",
    "reopen_item",
    "request_changes",
    "restore_issue",
    "schedule_issue",
    "set_credits",
    "set_images",
    "show_copy",
    "sign_off_issue",
    "submit_item",
    "submit_items",
    "submit_own_drafts",
    "take_back_item",
    "unapprove_issue",
    "unschedule_issue",
    "withdraw_issue",
]
