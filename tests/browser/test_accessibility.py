"""Every page under axe-core: no violation, nothing too wide, nothing in the console."""

from __future__ import annotations

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from django.test import Client

from editorial.models import User

from .conftest import Visitor
from .pages import ADMIN, Look, all_looks, load_world

pytestmark = [pytest.mark.browser, pytest.mark.slow]

# Everything axe knows, experimental rules aside; of a mail, which has no landmarks,
# what WCAG asks; in the dark what colours change.
IN_THE_LIGHT: dict[str, object] = {"resultTypes": ["violations"]}
IN_A_MAIL = {**IN_THE_LIGHT, "runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]}
IN_THE_DARK = {**IN_THE_LIGHT, "runOnly": ["color-contrast", "link-in-text-block"]}
# Submitted empty they come back with their mistakes marked.
FORMS = {
    "/subscribe/": "",
    "/desk/setup/": "",
    "/accounts/login/": "",
    "/desk/issues/new/": ADMIN,
    "/desk/import/": ADMIN,
    "/desk/subscribers/import/": ADMIN,
    "/desk/publication/": ADMIN,
    "/desk/profile/": ADMIN,
}


# Asked back after an address: a slip, a mailbox of several people, nothing.
ADDRESSES = ("reader@gmial.com", "info@readers.test", "reader@readers.test")


@pytest.fixture
def world(launch) -> list[Look]:
    load_world()
    return all_looks()


@pytest.fixture
def sign_in(settings):
    """Give a visitor somebody's session; without an address, nobody's."""
    sessions: dict[str, str] = {}

    def become(visitor: Visitor, person: str) -> None:
        visitor.context.clear_cookies()
        if not person:
            return
        if person not in sessions:
            client = Client()
            client.force_login(User.objects.get(email=person))
            sessions[person] = client.cookies[settings.SESSION_COOKIE_NAME].value
        cookie = {"name": settings.SESSION_COOKIE_NAME, "value": sessions[person]}
        visitor.context.add_cookies([{**cookie, "url": settings.PUBLIC_URL}])

    return become


@pytest.mark.parametrize("width", [390, 1280])
def test_no_page_shuts_anybody_out(width, world, visit, sign_in):
    visitor = visit(width=width)

    found = []
    for look in world:
        sign_in(visitor, look.person)
        found += problems(visitor, look.path, status=look.status)

    assert not found, "\n".join(found)


@pytest.mark.parametrize("width", [390, 1280])
def test_a_form_with_mistakes_shuts_nobody_out(width, world, visit, sign_in):
    visitor = visit(width=width)

    found = []
    for path, person in FORMS.items():
        sign_in(visitor, person)
        found += problems(visitor, path, submit=True)

    assert not found, "\n".join(found)


@pytest.mark.parametrize("width", [390, 1280])
def test_what_the_form_asks_back_shuts_nobody_out(width, world, visit):
    visitor = visit(width=width)

    found = []
    for address in ADDRESSES:
        found += problems(visitor, "/subscribe/", submit=True, address=address)

    assert not found, "\n".join(found)


def problems(
    visitor: Visitor,
    path: str,
    *,
    status: int = 200,
    submit: bool = False,
    address: str = "",
) -> list[str]:
    """What is wrong with a page, in the light and in the dark, a line each."""
    page = visitor.page
    response = page.goto(path)
    is_mail = "sandbox" in response.headers["content-security-policy"]
    if response.status != status or not page.url.endswith(path):
        return [f"{path}: {response.status} at {page.url}"]
    if is_mail:  # its policy lets no script run, not even axe
        mail = response.text()
        page.goto("about:blank")
        page.set_content(mail)
    if address:
        page.locator("main [name=address]").fill(address)
    if submit:
        with page.expect_navigation():
            page.evaluate(
                "form = document.querySelector('main form[method=post]');"
                "form.noValidate = true; form.requestSubmit()"
            )
    page.evaluate(AXE_SCRIPT)
    found = violations(page, IN_A_MAIL if is_mail else IN_THE_LIGHT)
    page.emulate_media(color_scheme="dark")
    found += violations(page, IN_THE_DARK)
    page.emulate_media(color_scheme="light")
    if (pixels := visitor.overflow()) > 0:
        found.append(f"{pixels} px too wide")
    found += visitor.complaints
    visitor.complaints.clear()
    return [f"{path}: {words}" for words in found]


def violations(page, options: dict[str, object]) -> list[str]:
    results = page.evaluate("options => axe.run(options)", options)
    return [
        f"{violation['id']}: {node['target'][0]} {node['html'][:160]}"
        for violation in results["violations"]
        for node in violation["nodes"][:3]
    ]
