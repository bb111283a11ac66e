"""Who may use which route: RELIABILITY §4, route by route.

A route of ours that is not listed fails the test, so that a new page says at birth
who it is for. `get` and `post` name who is let in; None means the method is not
supported there (405). HEAD follows GET; PUT, PATCH and DELETE exist nowhere.
"""

from typing import NamedTuple

ANONYMOUS, STRANGER, OWNER = "anonymous", "stranger", "owner"
LEAD, EDITOR, ADMIN = "lead", "editor", "admin"
ROLES = (ANONYMOUS, STRANGER, OWNER, LEAD, EDITOR, ADMIN)

# `stranger` is an author with nothing to do with the rows of the test, `owner` wrote
# the item, `lead` is the issue's lead editor and an author by role.
ANYONE = frozenset(ROLES)
MEMBERS = ANYONE - {ANONYMOUS}
ADMINS = frozenset({ADMIN})
EDITORS = ADMINS | {EDITOR}
ISSUE_EDITORS = EDITORS | {LEAD}
WRITERS = ISSUE_EDITORS | {OWNER}
PRIVATE = EDITORS | {OWNER}  # a draft that is in no issue


class Door(NamedTuple):
    get: frozenset[str] | None
    post: frozenset[str] | None = None


READ_ONLY = Door(ANYONE)

SITE = {
    "site:home": READ_ONLY,
    "site:archive": READ_ONLY,
    "site:issue": READ_ONLY,
    "site:sections": READ_ONLY,
    "site:section": READ_ONLY,
    "site:topics": READ_ONLY,
    "site:topic": READ_ONLY,
    "site:authors": READ_ONLY,
    "site:author": READ_ONLY,
    "site:atom": READ_ONLY,
    "site:rss": READ_ONLY,
    "site:sitemap": READ_ONLY,
    "site:robots": READ_ONLY,
    "site:favicon": READ_ONLY,
    "site:subscribe": Door(ANYONE, ANYONE),
    "site:embedded": Door(ANYONE, ANYONE),
    "site:sent": READ_ONLY,
    "site:confirm": Door(ANYONE, ANYONE),
    "site:unsubscribe": Door(ANYONE, ANYONE),
    "site:one_click": Door(ANYONE, ANYONE),
    "site:click": READ_ONLY,
    "site:preferences": Door(ANYONE, ANYONE),
    "site:delete": Door(ANYONE, ANYONE),
    "site:deleted": READ_ONLY,
    "site:move": Door(ANYONE, ANYONE),
    "site:data": Door(ANYONE, ANYONE),
    "api:issue-list": READ_ONLY,
    "api:issue-detail": READ_ONLY,
    "api:subscribe": Door(None, ANYONE),
    "api:schema": READ_ONLY,
    "api:docs": READ_ONLY,
    "healthz": READ_ONLY,
    "mail_webhook": Door(None, ANYONE),
    "readyz": READ_ONLY,
    "set_language": Door(ANYONE, ANYONE),
}

READERS = {
    "readers:issue_report": Door(ISSUE_EDITORS),
    "readers:health": Door(EDITORS),
    "readers:release": Door(ADMINS, ADMINS),
    "readers:digests": Door(EDITORS),
    "readers:digest": Door(ISSUE_EDITORS),
    "readers:progress": Door(ISSUE_EDITORS),
    "readers:preview": Door(ISSUE_EDITORS),
    "readers:uncertain": Door(ISSUE_EDITORS),
    "readers:trial": Door(None, ISSUE_EDITORS),
    "readers:start": Door(ISSUE_EDITORS, ISSUE_EDITORS),
    "readers:rate": Door(None, ISSUE_EDITORS),
    "readers:trial_groups": Door(EDITORS, EDITORS),
    "readers:trial_group": Door(EDITORS, EDITORS),
    "readers:trial_group_delete": Door(EDITORS, EDITORS),
    "readers:decide": Door(ISSUE_EDITORS, ISSUE_EDITORS),
    "readers:subscribers": Door(EDITORS),
    "readers:subscriber": Door(ADMINS),
    "readers:reader_press": Door(None, ADMINS),
    "readers:export": Door(None, ADMINS),
    "readers:bring": Door(ADMINS, ADMINS),
    "readers:import": Door(ADMINS, ADMINS),
    "readers:import_progress": Door(ADMINS),
    "readers:refused": Door(ADMINS),
    "readers:doctor": Door(EDITORS, EDITORS),
    "readers:check_mail": Door(None, EDITORS),
    "readers:check_source": Door(None, EDITORS),
}

DESK = {
    "desk:my_turn": Door(MEMBERS),
    "desk:more": Door(MEMBERS),
    "desk:language": Door(None, MEMBERS),
    "desk:review": Door(MEMBERS),
    "desk:backlog": Door(MEMBERS),
    "desk:import": Door(EDITORS, EDITORS),
    "desk:item_create": Door(MEMBERS, MEMBERS),
    "desk:item_create_autosave": Door(None, MEMBERS),
    "desk:source": Door(None, MEMBERS),
    "desk:text_preview": Door(None, MEMBERS),
    "desk:item": Door(MEMBERS),
    "desk:item_edit": Door(WRITERS, WRITERS),
    "desk:item_autosave": Door(None, WRITERS),
    "desk:item_history": Door(MEMBERS),
    "desk:item_submit": Door(None, WRITERS),
    "desk:item_take_back": Door(None, WRITERS),
    "desk:item_approve": Door(None, ISSUE_EDITORS),
    "desk:item_changes": Door(None, ISSUE_EDITORS),
    "desk:item_reject": Door(None, ISSUE_EDITORS),
    "desk:item_reopen": Door(None, WRITERS),
    "desk:item_comment": Door(None, MEMBERS),
    "desk:item_check": Door(None, MEMBERS),
    "desk:item_move": Door(None, ISSUE_EDITORS),
    "desk:item_place": Door(None, WRITERS),
    "desk:item_delete": Door(WRITERS, WRITERS),
    "desk:issues": Door(MEMBERS),
    "desk:issue_create": Door(EDITORS, EDITORS),
    "desk:issue": Door(MEMBERS),
    "desk:issue_edit": Door(ISSUE_EDITORS, ISSUE_EDITORS),
    "desk:issue_credits": Door(None, ISSUE_EDITORS),
    "desk:issue_lead_editor": Door(None, EDITORS),
    "desk:issue_add_section": Door(None, ISSUE_EDITORS),
    "desk:issue_order_sections": Door(None, ISSUE_EDITORS),
    "desk:issue_remove_section": Door(None, ISSUE_EDITORS),
    "desk:issue_history": Door(MEMBERS),
    "desk:issue_group_text": Door(MEMBERS),
    "desk:issue_submit": Door(None, MEMBERS),
    "desk:issue_close": Door(ISSUE_EDITORS, ISSUE_EDITORS),
    "desk:issue_extend": Door(ISSUE_EDITORS, ISSUE_EDITORS),
    "desk:issue_reopen": Door(None, ISSUE_EDITORS),
    "desk:issue_approve": Door(ISSUE_EDITORS, ISSUE_EDITORS),
    "desk:issue_unapprove": Door(None, ISSUE_EDITORS),
    "desk:issue_schedule": Door(ISSUE_EDITORS, ISSUE_EDITORS),
    "desk:issue_unschedule": Door(None, ISSUE_EDITORS),
    "desk:issue_publish": Door(ISSUE_EDITORS, ISSUE_EDITORS),
    "desk:issue_correct": Door(ISSUE_EDITORS),
    "desk:issue_correct_texts": Door(ISSUE_EDITORS, ISSUE_EDITORS),
    "desk:issue_correct_item": Door(ISSUE_EDITORS, ISSUE_EDITORS),
    "desk:issue_withdraw": Door(ISSUE_EDITORS, ISSUE_EDITORS),
    "desk:issue_restore": Door(ISSUE_EDITORS, ISSUE_EDITORS),
    "desk:issue_links": Door(MEMBERS),
    "desk:issue_check_links": Door(None, ISSUE_EDITORS),
    "desk:links": Door(MEMBERS),
    "desk:links_csv": Door(MEMBERS),
    "desk:link_opened": Door(None, MEMBERS),
    "desk:link_moved": Door(None, WRITERS),
    "desk:link_copy": Door(None, ISSUE_EDITORS),
    "desk:issue_preview": Door(MEMBERS),
    "desk:issue_face": Door(MEMBERS),
    "desk:join": Door(ANYONE, ANYONE),
    "desk:enter": Door(ANYONE, ANYONE),
    "desk:profile": Door(MEMBERS, MEMBERS),
    "desk:team": Door(MEMBERS),
    "desk:invite": Door(None, EDITORS),
    "desk:invite_link": Door(None, EDITORS),
    "desk:revoke_invitation": Door(None, EDITORS),
    "desk:change_role": Door(None, ADMINS),
    "desk:deactivate": Door(None, ADMINS),
    "desk:reactivate": Door(None, ADMINS),
    "desk:setup_by_link": Door(ANYONE, ANYONE),
    "desk:first_steps": Door(ADMINS),
    "desk:publication": Door(ADMINS, ADMINS),
    "desk:sections": Door(None, ADMINS),
    "desk:topics": Door(None, ADMINS),
}

# Once a publication is founded, nobody founds it again or enters as a sample's person,
# and the development mailbox does not exist in production.
CLOSED = {
    "desk:setup": Door(frozenset(), frozenset()),
    "desk:enter_sample": Door(None, frozenset()),
    "readers:mailbox": Door(frozenset()),
    "readers:mail": Door(frozenset()),
    "readers:mail_html": Door(frozenset()),
}

MATRIX: dict[str, Door] = SITE | READERS | DESK | CLOSED

# Pages of packages: who passes is theirs to say, and their own tests hold it; what we
# close of them is tested with the accounts and the admin. Pictures are for everybody.
PACKAGED = ("admin/", "accounts/", "media/")
