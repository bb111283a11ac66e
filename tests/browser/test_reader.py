"""A reader's way: form, mailbox, confirmation, an issue, preferences, and out again."""

import pytest

from newsletter import digests
from newsletter.models import Subscriber
from tests.factories import DigestFactory, EditorFactory, PublicationFactory

from .people import Person, Post

pytestmark = [pytest.mark.browser, pytest.mark.slow]

ADDRESS, OTHER = "reader@elsewhere.test", "other@elsewhere.test"


@pytest.fixture
def post(mail_server) -> Post:
    PublicationFactory(language="zh-hans")
    return Post(mail_server)


@pytest.mark.parametrize("width", [390, 1280])
def test_a_reader_comes_chooses_moves_and_leaves(width, visit, launch, post):
    launch.worker()
    reader = Person(visit(width=width))

    ask_after_a_slip(reader)
    confirm(reader, post)
    mail_an_issue()
    choose(reader, post)
    move(reader, post)
    leave(reader)


def ask_after_a_slip(reader: Person) -> None:
    reader.opens("/subscribe/")
    reader.field("Mail address").fill("reader@gmial.com")
    reader.presses("Subscribe")
    reader.sees_heading("A slip of the finger?")
    reader.opens("/subscribe/")
    reader.field("Mail address").fill(ADDRESS)
    reader.presses("Subscribe")
    reader.sees_heading("Check your mailbox")


def confirm(reader: Person, post: Post) -> None:
    reader.opens(post.link(ADDRESS, "/confirm/"))
    reader.presses("Confirm the subscription")
    reader.sees_heading("You are subscribed")


def mail_an_issue() -> None:
    digests.start_digest(digest=DigestFactory(), by=EditorFactory())


def choose(reader: Person, post: Post) -> None:
    """By the link at the foot of the issue that came."""
    reader.opens(post.link(ADDRESS, "/p/"))
    reader.page.get_by_label(reader.words("Plain text only")).check()
    reader.presses("Save")
    reader.sees("Saved. The next mail comes like this.")


def move(reader: Person, post: Post) -> None:
    reader.field("New mail address").fill(OTHER)
    reader.presses("Change the address")
    reader.sees("A mail with a link to confirm is on its way to the new address.")
    reader.opens(post.link(OTHER, "/move/"))
    reader.presses("Change the address")
    reader.sees_heading("The address is changed")
    moved = Subscriber.objects.mailable().get()
    assert (moved.address, moved.wants) == (OTHER, "text")


def leave(reader: Person) -> None:
    reader.opens(preferences_of(OTHER))
    reader.follows("Unsubscribe")
    reader.sees_heading("Unsubscribe?")
    reader.presses("Unsubscribe")
    reader.sees_heading("You are unsubscribed")
    assert not Subscriber.objects.mailable().exists()


def preferences_of(address: str) -> str:
    """The link that each mail of a digest has."""
    return f"/p/{Subscriber.objects.get(address=address).key}/"
