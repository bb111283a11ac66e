"""From an empty newsroom to a reader's inbox, each person at a browser of their own.

The founder and the author read Chinese, the editor English. Everything runs for real:
web server, worker, mail over SMTP, and the page that the author writes about.
"""

import json

import pytest

from tests.editorial.fetching.world import World, page

from .people import Person, Post

pytestmark = [pytest.mark.browser, pytest.mark.slow]

NAME = "灯下周刊"
CHIEF, EDITOR, AUTHOR = "lin@newsroom.test", "rowan@newsroom.test", "he@newsroom.test"
READER = "reader@elsewhere.test"
SOURCE = "http://lamp.example/oil"
HEADLINE = "一盏油灯能照多远"
FIRST, MENDED = "灯油的价格翻了一倍。", "灯油的价格一年翻了一倍，渔村改用太阳能灯。"
NOTE = "Say since when, and what people do about it."


@pytest.fixture
def web_of_links():
    world = World()
    world.add("lamp.example", page("<title>How far one lamp reaches</title>"))
    yield world
    world.close()


@pytest.fixture
def environment(web_of_links) -> dict[str, str]:
    return {"FETCHING_SEAM": json.dumps(web_of_links.data)}


@pytest.fixture
def post(mail_server) -> Post:
    return Post(mail_server)


@pytest.mark.parametrize("width", [390, 1280])
def test_a_team_founds_writes_reviews_publishes_and_is_read(
    width, visit, launch, environment, post
):
    launch.worker(**environment)
    chief, editor, reader = (Person(visit(width=width)) for _ in range(3))
    author = Person(visit(width=390))

    found_the_publication(chief)
    group_link = invite_two(chief)
    join_by_group_link(author, group_link)
    join_by_mail(editor, post)
    begin_the_issue(chief)
    submit_an_item(author)
    returned = Person(visit(width=width), language="en")
    sign_in_by_code(returned, post)
    request_changes(returned)
    mend_the_item(author, post)
    approve_the_item(returned)
    close_and_approve_the_issue(chief)
    publish(chief)
    read_and_subscribe(reader, post)
    send_the_digest(chief)
    unsubscribe(reader, post)


def found_the_publication(chief: Person) -> None:
    chief.opens("/accounts/login/")
    chief.follows("Set up our newsletter")
    chief.field("Name of the newsletter").fill(NAME)
    chief.field("Its sections, one a line").fill("要闻\n工具")
    chief.field("Your name").fill("林晚")
    chief.field("Your mail address").fill(CHIEF)
    chief.field("Readers get its mail from").fill("letter@newsroom.test")
    chief.presses("Create it and sign me in")
    chief.sees_heading("%(name)s is founded", name=NAME)


def invite_two(chief: Person) -> str:
    """One by mail; for the others a link, as it is copied into the group."""
    chief.follows("Invite")
    chief.field("Mail address").fill(EDITOR)
    chief.field("Name in print, if you know it").fill("Rowan")
    chief.chooses("Role", chief.words("Editor"))
    chief.presses("Mail the invitation")
    chief.sees(EDITOR)
    chief.presses("Make a link")
    return chief.field("Text for the group").input_value().split()[-1]


def join_by_group_link(author: Person, link: str) -> None:
    author.opens(link)
    author.sees_heading("Join %(name)s", name=NAME)
    author.field("Your name, as it is printed").fill("何苗")
    author.field("Your mail address").fill(AUTHOR)
    author.presses("Join the newsroom")
    author.sees_heading("No issue is open")


def join_by_mail(editor: Person, post: Post) -> None:
    """The name and the address are known already; the desk shall speak English."""
    editor.opens(post.link(EDITOR, "/desk/join/"))
    editor.presses("Join the newsroom")
    editor.sees_heading("No issue is open")
    editor.opens("/desk/more/")
    editor.chooses("Language", "English")
    editor.presses("Change")
    editor.language = "en"
    editor.sees_heading("Sign out")


def begin_the_issue(chief: Person) -> None:
    chief.opens("/desk/first-steps/")
    chief.follows("Create")
    chief.presses("Begin collecting")
    chief.sees_heading("Without a title yet")
    chief.sees("There is no item yet")


def submit_an_item(author: Person) -> None:
    author.opens("/desk/")
    author.field("Link of a new item").fill(SOURCE)
    author.presses("Write")
    author.presses("Read the page")
    author.sees("The page is there")
    author.field("Headline").fill(HEADLINE)
    author.chooses("Section", "要闻")
    author.field("Text").fill(FIRST)
    author.presses("Submit")
    author.sees("Submitted. Those who review are told.")


def sign_in_by_code(editor: Person, post: Post) -> None:
    """On another device: the link of the notice asks who it is, then leads on."""
    editor.opens(post.link(EDITOR, "/desk/items/"))
    editor.language = "zh-hans"
    editor.field("Mail address").fill(EDITOR)
    editor.presses("Mail me a code")
    editor.sees_heading("Check your mail")
    editor.field("Six digits from the mail").fill(post.code(EDITOR))
    editor.presses("Sign in")
    editor.language = "en"
    editor.sees_heading(HEADLINE)


def request_changes(editor: Person) -> None:
    editor.sees(FIRST)
    words = "A word to the author (needed to request changes or reject)"
    editor.field(words).fill(NOTE)
    editor.presses("Request changes")
    editor.sees("Changes requested")


def mend_the_item(author: Person, post: Post) -> None:
    author.opens(post.link(AUTHOR, "/desk/items/"))
    author.sees(NOTE)
    author.opens("/desk/")
    author.follows("Fix it")
    author.field("Text").fill(MENDED)
    author.presses("Submit")
    author.sees("Submitted. Those who review are told.")


def approve_the_item(editor: Person) -> None:
    editor.opens("/desk/")
    editor.follows("Review")
    editor.sees(MENDED)
    editor.presses("Approve")
    editor.sees_heading("Without a title yet")


def close_and_approve_the_issue(chief: Person) -> None:
    chief.opens("/desk/issues/1/")
    chief.follows("Close and proofread")
    chief.presses("Close and proofread")
    chief.follows("No title yet")
    chief.field("Title").fill("灯与油")
    chief.field("Dek").fill("光从哪里来，谁来付账。")
    chief.presses("Save")
    chief.sees_heading("灯与油")
    chief.follows("Approve the issue")
    chief.presses("Approve the issue")
    chief.sees_heading("灯与油")


def publish(chief: Person) -> None:
    chief.follows("Publish")
    chief.sees_heading("Publish issue %(number)s now?", number=1)
    chief.presses("Publish now")
    chief.sees("Published. The digest is held until you send it.")


def read_and_subscribe(reader: Person, post: Post) -> None:
    reader.opens("/")
    reader.sees_heading("灯与油")
    reader.opens("/issues/1/")
    reader.sees(HEADLINE)
    reader.sees(MENDED)
    reader.field("Mail address").fill(READER)
    reader.presses("Subscribe")
    reader.sees_heading("Check your mailbox")
    reader.opens(post.link(READER, "/confirm/"))
    reader.presses("Confirm the subscription")
    reader.sees_heading("You are subscribed")


def send_the_digest(chief: Person) -> None:
    chief.opens("/desk/issues/1/")
    chief.follows("Send the digest")
    chief.sees_heading("Digest")
    chief.follows("Send the digest")
    chief.sees_heading("Send to %(number)s reader?", number=1)
    chief.field("Send it without a test mail").check()
    chief.presses("Send to %(number)s reader", number=1)
    chief.sees("Done")


def unsubscribe(reader: Person, post: Post) -> None:
    digest = post.letter(READER, saying=MENDED)
    assert HEADLINE in digest
    reader.opens(post.link(READER, "/unsubscribe/"))
    reader.sees_heading("Unsubscribe?")
    reader.presses("Unsubscribe")
    reader.sees_heading("You are unsubscribed")
