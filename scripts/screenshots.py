"""Photograph the sample for docs/screenshots: `.venv/bin/python -m scripts.screenshots`.

Each page in light and dark, on a desk's screen and on a phone's. Everything runs in a
temporary folder; wants Chromium and requirements-dev.txt.
"""

import contextlib
import io
import shutil
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from .environment import ROOT, SetupError
from .home import Home, Ports
from .supervisor import Supervisor, say

FOLDER = ROOT / "docs" / "screenshots"
ADMIN, EDITOR = "admin@sample.example", "editor@sample.example"
AUTHOR = "tinglan@sample.example"
# Width, height and pixels per point; a phone's picture is shown small and stays sharp.
SCREENS = ((1280, 900, 1), (390, 844, 2))
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
COLOURS = 128  # of a palette: ink, paper and one vermilion need no more
NEEDED = {"broker", "mailbox", "web"}


@dataclass(frozen=True)
class Shot:
    """A page as one of the sample's people sees it; `follow` is pressed on it first."""

    name: str
    path: str
    person: str = ""
    follow: str = ""


SHOTS = (
    Shot("home", "/"),
    Shot("issue", "/issues/21/"),
    Shot("desk", "/desk/issues/23/", EDITOR),
    Shot("item", "/desk/", AUTHOR, follow=".row .btn"),
)
MAIL = Shot("mail", "/desk/issues/23/digest/mail/", EDITOR)
TO_PUBLICATION = {
    "submit_issue": EDITOR,
    "approve_issue": ADMIN,
    "publish_issue": EDITOR,
}


def main() -> None:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        raise SystemExit("No Chromium on this machine. On Debian: apt install chromium")
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="masthead-") as folder:
        home, ports = Home(Path(folder), python=Path(sys.executable)), Ports.choose()
        with _running(home, ports) as env, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium)
            for shot in SHOTS:
                _photograph(browser, ports.address, shot)
            for command, person in TO_PUBLICATION.items():
                home.manage(env, command, "23", "--by", person)
            _photograph(browser, ports.address, MAIL)
            browser.close()


@contextlib.contextmanager
def _running(home: Home, ports: Ports) -> Iterator[dict[str, str]]:
    """The sample before a web server; no worker, so that nothing changes meanwhile."""
    home.prepare()
    env = home.environment(ports)
    home.fill(env, sample=True)
    supervisor = Supervisor(
        [part for part in home.parts(env, ports) if part.name in NEEDED],
        state_file=home.state_file,
        logs=home.logs,
        cwd=ROOT,
        say=say,
    )
    try:
        supervisor.start()
        yield env
    finally:
        supervisor.stop()


def _photograph(browser: Browser, address: str, shot: Shot) -> None:
    """The top of the page, a file for each scheme and screen."""
    for scheme in SCHEMES:
        for width, height, scale in SCREENS:
            context = browser.new_context(
                base_url=address,
                viewport={"width": width, "height": height},
                device_scale_factor=scale,
                color_scheme=scheme,
                locale="zh-CN",
                reduced_motion="reduce",
            )
            page = context.new_page()
            _go_to(page, shot)
            _keep(page.screenshot(), FOLDER / f"{shot.name}-{scheme}-{width}.png")
            context.close()


def _go_to(page: Page, shot: Shot) -> None:
    if shot.person:
        page.goto("/accounts/login/")
        page.locator(f"button[value='{shot.person}']").click()
        page.wait_for_url("**/desk/**")
    page.goto(shot.path)
    if shot.follow:
        page.locator(shot.follow).first.click()
        page.wait_for_load_state()


def _keep(picture: bytes, file: Path) -> None:
    """With a palette of its own a page is a fifth of the size."""
    image = Image.open(io.BytesIO(picture)).convert("RGB")
    image.quantize(COLOURS, dither=Image.Dither.NONE).save(file, optimize=True)
    print(f"{file.relative_to(ROOT)}  {file.stat().st_size // 1024} kB", flush=True)


if __name__ == "__main__":
    try:
        main()
    except SetupError as error:
        raise SystemExit(str(error)) from error
