"""Every page there is, with rows behind it and the person who sees most of it.

The routes come from the authorisation matrix, so that a new page is looked at without
anybody thinking of it: it needs a row here only if it is about something in a state.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone

from editorial import people, workflow
from editorial.models import Author, Issue, Item, Topic, User, hash_token
from editorial.states import IssueState, ItemState
from newsletter import suppressions
from newsletter.models import (
    Confirmation,
    Digest,
    ReaderImport,
    Stray,
    Subscriber,
    Suppression,
    TrialGroup,
)
from newsletter.states import DeliveryState, DigestState, SubscriberState
from newsletter.subscriptions import imports
from tests.authorisation.matrix import ANYONE, CLOSED, DESK, READERS, SITE
from tests.authorisation.test_routes import parameters
from tests.factories import (
    DeliveryFactory,
    DigestFactory,
    IssueFactory,
    ItemFactory,
)
from tests.newsletter.imports.lists import finish
from tests.newsletter.received import received_digest, sent

from .link_verdicts import judge_links

ADMIN, EDITOR, AUTHOR = (
    "admin@sample.example",
    "editor@sample.example",
    "qingshi@sample.example",
)
NEWCOMER = "newcomer@team.test"  # came in by a code, without a password
# Not for eyes: feeds, data, what a program asks; parts of pages, somebody else's HTML.
NO_PAGES = {
    *("site:atom", "site:rss", "site:sitemap", "site:robots", "site:one_click"),
    *(
        "api:issue-list",
        "api:issue-detail",
        "api:subscribe",
        "api:schema",
        "healthz",
        "readyz",
    ),
    "site:favicon",
    "site:click",
    "mail_webhook",
    "desk:links_csv",
    *(
        "set_language",
        "readers:progress",
        "readers:mail_html",
        "readers:import_progress",
        "readers:refused",
    ),
}
# Pages about an issue in a certain state; the rest are shown for the one collecting.
ABOUT = {
    "approve": ("desk:issue_approve", "desk:issue_reopen"),
    "publish": ("desk:issue_schedule", "desk:issue_publish"),
    "read": (
        *("desk:issue_withdraw", "readers:digest", "readers:preview"),
        *("readers:start", "desk:issue_correct"),
        *("desk:issue_correct_texts", "desk:issue_correct_item"),
    ),
    "paused": ("readers:decide", "readers:uncertain"),
    "restore": ("desk:issue_restore",),
    "received": ("readers:issue_report",),
}
ACCOUNT = (
    *("account_email", "account_change_password"),
    *("mfa_index", "account_logout"),
    *("mfa_list_webauthn", "account_reauthenticate", "socialaccount_connections"),
)
# These ask for a password first, of those who have one.
BY_NEWCOMERS = ("account_set_password", "mfa_activate_totp", "mfa_add_webauthn")
ENTRANCE = (
    *("account_login", "account_signup", "account_request_login_code"),
    *("account_reset_password", "account_reset_password_done", "account_inactive"),
    "account_reset_password_from_key_done",
)
UNBROKEN = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamte"
MAILED = "x" * 43  # a token as mails have it
LINKS = {
    "site:confirm": Confirmation.Purpose.SUBSCRIBE,
    "site:move": Confirmation.Purpose.MOVE,
    "site:data": Confirmation.Purpose.DATA,
}
LETTER = """\
From: weekly@sample.example
To: reader@readers.example
Subject: A letter
Content-Type: text/plain; charset=utf-8

Hello.
"""


@dataclass(frozen=True, order=True)
class Look:
    """An address as one person sees it; "" is nobody who signed in."""

    path: str
    person: str = ""
    status: int = 200


def load_world() -> None:
    """The sample, and issues and digests in the states it has none of."""
    call_command("load_sample", verbosity=0)
    call_command("load_sample_readers", verbosity=0)
    User.objects.create_user(NEWCOMER, name="新人")
    chief = User.objects.get(email=EDITOR)
    issue_at("approve", chief)
    workflow.approve_issue(issue=issue_at("publish", chief), by=chief)
    publish("read", chief)
    halt_the_digest(publish("paused", chief))
    workflow.withdraw_issue(issue=publish("restore", chief), by=chief, note="?")
    receive(corrected(publish("received", chief), chief))
    set_going(publish("sending", chief))
    count_down(publish("counting", chief))
    judge_links()
    letter = Path(settings.MAILBOX_DIR) / "20260101-letter.eml"
    letter.parent.mkdir(parents=True, exist_ok=True)
    letter.write_text(LETTER, "utf-8")


def issue_at(number: str, chief: User) -> Issue:
    """A proofread issue with an item, its number saying what is next for it."""
    issue = IssueFactory(number=number, state=IssueState.REVIEW, lead_editor=chief)
    author = Author.objects.first()
    topic = Topic.objects.first()
    ItemFactory(issue=issue, state=ItemState.APPROVED, credit=author, topic=topic)
    return issue


def publish(number: str, chief: User) -> Issue:
    approved = workflow.approve_issue(issue=issue_at(number, chief), by=chief)
    return workflow.publish_issue(issue=approved, by=chief)


def corrected(issue: Issue, chief: User) -> Issue:
    """With a note for readers at its item, and one at its end."""
    item, note = issue.items.get(), f"上一版把 {UNBROKEN} 写错了。"
    words = {"label": "更正", "headline": UNBROKEN, "note": note}
    workflow.correct_issue(
        issue=issue, item=item, version=item.version, by=chief, **words
    )
    issue.refresh_from_db()
    return workflow.correct_issue(
        issue=issue, version=issue.version, by=chief, note="提要里少了一个项目。"
    )


def halt_the_digest(issue: Issue) -> None:
    """Stopped half-way, with a mail nobody knows the fate of."""
    Digest.objects.filter(issue=issue).delete()
    digest = DigestFactory(
        issue=issue,
        sending=True,
        state=DigestState.PAUSED,
        revision=issue.live_revision,
    )
    DeliveryFactory(digest=digest, state=DeliveryState.UNKNOWN)
    DeliveryFactory(digest=digest, state=DeliveryState.PENDING)
    Digest.objects.filter(pk=digest.pk).update(expected_count=2)


def set_going(issue: Issue) -> None:
    Digest.objects.filter(issue=issue).delete()
    revision = issue.live_revision
    digest = DigestFactory(issue=issue, sending=True, revision=revision)
    sent(digest, 2)
    DeliveryFactory.create_batch(2, digest=digest, state=DeliveryState.PENDING)
    Digest.objects.filter(pk=digest.pk).update(expected_count=4)


def count_down(issue: Issue) -> None:
    """Its digest starts by itself in a while."""
    in_a_while = timezone.now() + timedelta(minutes=25)
    chief = User.objects.get(email=EDITOR)
    Digest.objects.filter(issue=issue).update(starts_at=in_a_while, starts_by=chief)


def receive(issue: Issue) -> None:
    """Its digest is out: some of it came back, and some of it was followed."""
    Digest.objects.filter(issue=issue).delete()
    received_digest(issue=issue, state=DigestState.DONE)
    suppressions.suppress_bounced(address="gone@readers.example", detail="550 5.1.1")
    suppressions.suppress_complained(address="angry@readers.example")
    Stray.objects.create(place="imap:7:1", reason="no_report", subject="您好")


def all_looks() -> list[Look]:
    """Every page, each by who sees most of it, and the desk's main pages by others."""
    looks = [Look(address(name)) for name in SITE if name not in NO_PAGES]
    desk = {**DESK, **READERS, **CLOSED}
    seen = [n for n, door in desk.items() if door.get is not None and n not in NO_PAGES]
    for name in seen:
        anonymous = desk[name].get == ANYONE or name == "desk:setup"
        looks.append(Look(address(name), "" if anonymous else ADMIN))
    looks += [Look(reverse(name)) for name in ENTRANCE]
    looks += [Look(reverse(name), ADMIN) for name in ACCOUNT]
    return sorted({*looks, *_more_looks()})


def _more_looks() -> list[Look]:
    """The same pages in other states, for other people, and pages that refuse."""
    paused = [f"/desk/issues/paused/digest/{deed}" for deed in DEEDS]
    issues = [f"/desk/issues/{number}/" for number in ABOUT]
    own = Item.objects.filter(submitted_by__email=AUTHOR).order_by("pk")
    items = [f"/desk/items/{item.pk}/" for item in own]
    mains = ["/desk/", "/desk/issues/23/", "/desk/items/new/", "/desk/team/", *items]
    digests = [f"/desk/issues/{number}/digest/" for number in DIGESTS]
    gone = Subscriber.objects.filter(state=SubscriberState.UNSUBSCRIBED).earliest("pk")
    return [
        *(Look(path, ADMIN) for path in (*paused, *issues, *digests)),
        *(Look(path, ADMIN) for path in _readers_and_lists(gone)),
        *(Look(path, AUTHOR) for path in mains),
        *(
            Look(path, EDITOR)
            for path in ("/desk/", "/desk/subscribers/", "/desk/health/", *items[:1])
        ),
        *(Look(reverse(name), NEWCOMER) for name in BY_NEWCOMERS),
        Look(f"/unsubscribe/{gone.key}/"),
        Look(f"/p/{gone.key}/"),
        Look("/confirm/of-no-mail/", status=404),
        Look("/move/of-no-mail/", status=404),
        Look("/data/of-no-mail/", status=410),
        Look("/accounts/3rdparty/login/error/", status=401),
        Look("/desk/items/999999/", ADMIN, status=404),
        Look("/desk/subscribers/?q=nobody-is-called-this", ADMIN),
        Look("/desk/publication/", AUTHOR, status=403),
        Look("/desk/join/of-no-mail/", status=410),
        Look("/issues/restore/", status=410),
        Look("/issues/received/"),
        Look("/desk/issues/received/history/", ADMIN),
        Look("/nowhere/", status=404),
    ]


def _readers_and_lists(gone: Subscriber) -> list[str]:
    """Readers and imported lists in the states that have presses of their own."""
    suppressed = Subscriber.objects.get_or_add("gone@readers.example")
    brought, unread = _import(), _import("who,where\n墨封,one@readers.test\n")
    imports.accept(row=brought, by=User.objects.get(email=ADMIN))
    finish(brought)
    return [
        *(f"/desk/subscribers/{reader.pk}/" for reader in (gone, suppressed)),
        *(f"/desk/subscribers/import/{row.pk}/" for row in (brought, unread)),
    ]


DIGESTS = ("sending", "counting", "received")
DELETED = "desk:item_delete"  # a draft; everything else is shown of a submitted item
DEEDS = ("", "cancel/", "assume/", "resend/", "refreeze/")


def address(name: str) -> str:
    """The route's address, with rows of the world."""
    wanted = parameters(name)
    values: dict[str, Any] = {
        "slug": _slug(name),
        "pk": _pk(name),
        "token": _token(name) if "token" in wanted else "",
        "key": Subscriber.objects.earliest("pk").key,
        "deed": "cancel",
        "name": "20260101-letter.eml" if name.startswith("readers:") else "markdown",
    }
    return reverse(name, kwargs={key: values[key] for key in wanted})


def _pk(name: str) -> int:
    if name == "readers:release":
        return Suppression.objects.get(cause="hard_bounce").pk
    if name == "readers:subscriber":
        return Subscriber.objects.confirmed().earliest("pk").pk
    if name == "readers:import":
        return _import().pk
    if name.startswith("readers:trial_group"):
        return TrialGroup.objects.get_or_create(name="proofreaders")[0].pk
    if name == "desk:issue_correct_item":
        return Item.objects.get(issue__slug="read").pk
    return _item(ItemState.DRAFT if name == DELETED else ItemState.SUBMITTED).pk


def _import(
    lines: str = "email,name\none@readers.test,墨封\nnobody,\n",
) -> ReaderImport:
    """A list that was checked, with a line that would not be taken."""
    row = imports.begin(
        kind="csv",
        file_name="list.csv",
        content=lines.encode(),
        statement="From our old list; everybody had confirmed there.",
        by=User.objects.get(email=ADMIN),
    )
    return finish(row)


def _item(state: ItemState) -> Item:
    return Item.objects.filter(state=state).earliest("pk")


def _slug(name: str) -> str:
    printed = Issue.objects.filter(state=IssueState.PUBLISHED).earliest("pk")
    if name in {"site:section", "site:topic", "site:author"}:
        return {
            "site:section": printed.issue_sections.first().section.slug,
            "site:topic": Topic.objects.first().slug,
            "site:author": Author.objects.first().slug,
        }[name]
    if name == "site:issue":
        return printed.slug
    return next((slug for slug, names in ABOUT.items() if name in names), "23")


def _token(name: str) -> str:
    if name == "desk:join":
        _invitation, url = people.invite_by_link(by=User.objects.get(email=ADMIN))
        return url.rstrip("/").split("/")[-1]
    if name == "desk:enter":  # of somebody whom no look signs in
        return people.sign_in_token(User.objects.get(email="tinglan@sample.example"))
    if name in LINKS:
        return _mailed_link(LINKS[name])
    return MAILED


def _mailed_link(purpose: Confirmation.Purpose) -> str:
    """A token as if it had been mailed to somebody for this."""
    reader = Subscriber.objects.confirmed().earliest("pk")
    asked = reader
    if purpose != Confirmation.Purpose.DATA:
        asked = Subscriber.objects.get_or_add("asked@readers.example")
    moves = purpose == Confirmation.Purpose.MOVE
    token = f"{purpose}{MAILED}"
    Confirmation.objects.create(
        token_hash=hash_token(token),
        purpose=purpose,
        subscriber=asked,
        replaces=reader if moves else None,
        expires_at=timezone.now() + Confirmation.LIFETIME,
        sent_at=timezone.now(),
    )
    return token
