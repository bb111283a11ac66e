"""Lists as the services export them, and the way through an import."""

import io
import zipfile

from newsletter.models import ReaderImport
from newsletter.subscriptions import imports
from tests.factories import AdminFactory

STATEMENT = "From our old service; everybody confirmed by mail there."

MAILCHIMP = (
    '"Email Address","First Name","Last Name",MEMBER_RATING,OPTIN_TIME,OPTIN_IP,'
    "CONFIRM_TIME,CONFIRM_IP,LAST_CHANGED,LEID,EUID,NOTES,TAGS"
)
SUBSCRIBED = f"""{MAILCHIMP}
one@readers.test,One,Reader,2,,,"2019-03-01 10:00:00",203.0.113.4,,1,a,,
gone@readers.test,Gone,,2,,,"2018-01-01 10:00:00",203.0.113.5,,2,b,,
"""
UNSUBSCRIBED = f"""{MAILCHIMP.replace("LEID", "UNSUB_TIME,LEID")}
gone@readers.test,Gone,,2,,,,,,"2020-05-05 08:00:00",2,b,,
"""
CLEANED = f"""{MAILCHIMP.replace("LEID", "CLEAN_TIME,LEID")}
dead@readers.test,,,1,,,,,,"2020-06-06 08:00:00",3,c,,
"""
SUBSTACK = """email,active_subscription,expiry,plan,email_disabled,digest_enabled,created_at
one@readers.test,FALSE,,other,FALSE,FALSE,2021-02-03T04:05:06.000Z
gone@readers.test,false,,other,true,false,2021-02-03T04:05:06.000Z
abc123@deletion-request.substack.com,false,,other,false,,2021-02-03T04:05:06.000Z
"""
# Of the archive: who was sent a post, also those who have left since; and the posts.
SUBSTACK_DELIVERS = """post_id,timestamp,email,post_type,active_subscription
1,2021-02-03T04:05:06.000Z,left-long-ago@readers.test,newsletter,TRUE
"""
SUBSTACK_POSTS = "post_id,post_date,is_published,email_sent_at\n1,,true,\n"
# The table of the dashboard, which says nothing reliable of who wants no mail.
SUBSTACK_DASHBOARD = """Email,Name,Subscription type,Activity,Subscription date,Cancel date
one@readers.test,One,Free,5,2021-02-03T04:05:06.000Z,
"""
BUTTONDOWN = """id,email,notes,metadata,tags,creation_date,type,source
1,one@readers.test,,{},,2021-02-03T04:05:06.000Z,regular,embedded_form
2,new@readers.test,,{},,2021-02-03T04:05:06.000Z,unactivated,embedded_form
3,gone@readers.test,,{},,2021-02-03T04:05:06.000Z,unsubscribed,api
"""
BUTTONDOWN_NOW = """id,email_address,creation_date,type,undeliverability_date,ip_address
1,one@readers.test,2021-02-03T04:05:06.000Z,regular,,203.0.113.4
2,dead@readers.test,2021-02-03T04:05:06.000Z,regular,2022-02-03T04:05:06.000Z,
"""
BUTTONDOWN_UNSUBSCRIBERS = """email_address,creation_date,unsubscription_date
gone@readers.test,2021-02-03T04:05:06.000Z,
"""
BUTTONDOWN_EVENTS = "email,type\nleft-long-ago@readers.test,regular\n"
GHOST = """id,email,name,note,subscribed_to_emails,created_at,deleted_at,labels,tiers
1,one@readers.test,One,,true,2021-02-03T04:05:06.000Z,,,
2,gone@readers.test,,,false,2021-02-03T04:05:06.000Z,,,
"""
LISTMONK = """uuid,email,name,attributes,status,created_at,updated_at
1,one@readers.test,One,{},enabled,2021-02-03 04:05:06+00:00,
2,gone@readers.test,,{},disabled,2021-02-03 04:05:06+00:00,
3,dead@readers.test,,{},blocklisted,2021-02-03 04:05:06+00:00,
"""


def archive(**files: str) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as made:
        for name, text in files.items():
            made.writestr(f"{name}.csv", text)
    return packed.getvalue()


def substack_archive() -> bytes:
    parts = {
        "email_list.weekly": SUBSTACK,
        "posts/1.delivers": SUBSTACK_DELIVERS,
        "posts": SUBSTACK_POSTS,
    }
    return archive(**parts)


def buttondown_archive() -> bytes:
    return archive(
        subscribers=BUTTONDOWN_NOW,
        unsubscribers=BUTTONDOWN_UNSUBSCRIBERS,
        events=BUTTONDOWN_EVENTS,
    )


def check(content: str | bytes, kind: str = "csv", **more) -> ReaderImport:
    """Bring a file and let the worker check it."""
    data = content.encode() if isinstance(content, str) else content
    row = imports.begin(
        kind=kind,
        file_name="list.csv",
        content=data,
        statement=STATEMENT,
        by=more.get("by") or AdminFactory(),
    )
    return finish(row)


def take(content: str | bytes, kind: str = "csv") -> ReaderImport:
    """Bring a file, let it be checked, and import it."""
    row = check(content, kind)
    imports.accept(row=row, by=row.by)
    return finish(row)


def finish(row: ReaderImport) -> ReaderImport:
    while imports.work(row.pk):
        pass
    row.refresh_from_db()
    return row


def refused(row: ReaderImport) -> dict[str, str]:
    """Address (or line) → reason."""
    lines = row.refused.all()
    return {line.address or str(line.line): line.reason for line in lines}
