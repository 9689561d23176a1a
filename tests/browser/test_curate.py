"""Curation in Chromium: by keyboard alone from a file to a version and back; axe on every page."""

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from directory.link_checks import Link
from directory.working_copy import links
from directory.working_copy.services import current_services
from template_service import clock
from template_service.actions.curate_desk import working_copy
from template_service.settings import Settings
from tests import server
from tests.browser.journeys import NARROW, WIDE, Pages
from tests.browser.windows import Sessions, windows
from tests.web.curate.conftest import CAFE, CLUB, feed

pytestmark = pytest.mark.browser

CURATE = "/directory/curate"
PAGES = (
    CURATE,
    f"{CURATE}?source=nowhere",
    f"{CURATE}/services?search=made-up",
    f"{CURATE}/services/{CLUB}",
    f"{CURATE}/services/{CLUB}/edit",
    f"{CURATE}/proposals",
    f"{CURATE}/proposals/1",
    f"{CURATE}/imports",
    f"{CURATE}/imports/3",
    f"{CURATE}/publish",
    f"{CURATE}/versions",
    f"{CURATE}/versions/1",
    f"{CURATE}/versions/compare?from=1&to=2",
    f"{CURATE}/versions/compare?from=x",
    f"{CURATE}/duplicates",
    f"{CURATE}/duplicates?show=apart",
    f"{CURATE}/duplicates/{CLUB}/{CAFE}",
    f"{CURATE}/links",
    f"{CURATE}/gaps",
    f"/directory/{CLUB}",
)
TABS = 200

OpenCurate = Callable[..., Page]


@pytest.fixture
def curated(staffed: Path, tmp_path: Path) -> Iterator[server.Running]:
    """A service of its own: what is published here is no other journey's."""
    data = tmp_path / "data"
    shutil.copytree(staffed, data)
    with working_copy(Settings(data=data)) as working:
        found = next(
            it.service for it in current_services(working) if it.service and it.service.url
        )
        links.keep(working, Link(found, "gone", "it answers 410"), now=clock.now())
    with server.serving(data, {"DEMO": "true"}) as running:
        yield running


@pytest.fixture
def open_curate(
    chromium: Browser, curated: server.Running, sessions: Sessions
) -> Iterator[OpenCurate]:
    """Somebody signed in, whose pages say when they ask for a file."""
    with windows(chromium, curated, sessions) as open_window:

        def opened(username: str = "curator", width: int = WIDE, *, scripts: bool = True) -> Page:
            page = open_window(username, width, scripts=scripts)
            # Listening all the time: asking for it at the press would race with the press.
            page.on("filechooser", lambda _: None)
            return page

        yield opened


def reach(page: Page, what: Locator) -> None:
    """Presses Tab until something has the focus."""
    expect(what).to_be_visible()
    for _ in range(TABS):
        if what.evaluate("found => found === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError("the keyboard does not reach it")


def press(page: Page, what: Locator) -> None:
    reach(page, what)
    page.keyboard.press("Enter")


def access_key(page: Page, key: str) -> None:
    """Presses Alt and a key as a keyboard does; Playwright's own press leaves out the letter."""
    event = {
        "modifiers": 1,
        "key": key,
        "text": key,
        "unmodifiedText": key,
        "windowsVirtualKeyCode": ord(key.upper()),
    }
    session = page.context.new_cdp_session(page)
    for kind in ("rawKeyDown", "char", "keyUp"):
        session.send("Input.dispatchKeyEvent", {"type": kind, **event})


def write(page: Page, what: Locator, text: str) -> None:
    reach(page, what)
    page.keyboard.press("Control+A")
    page.keyboard.type(text)


def take_in(page: Page, tmp_path: Path, content: bytes) -> None:
    """Sends a file by the form of the imports, pressing keys only."""
    file = tmp_path / "feed.json"
    file.write_bytes(content)
    page.goto(f"{CURATE}/imports")
    reach(page, page.get_by_label("File", exact=True))
    with page.expect_file_chooser() as chooser:
        page.keyboard.press("Enter")
    chooser.value.set_files(file)
    write(page, page.get_by_label("Name of the source"), "made-up feed")
    press(page, page.get_by_role("button", name="Take it in"))
    page.wait_for_url(re.compile(r"/imports/\d+$"))


def check(page: Page) -> None:
    Pages(page, str).check()


def test_by_keyboard_from_a_file_to_a_version_and_back(
    open_curate: OpenCurate, tmp_path: Path
) -> None:
    page = open_curate()
    take_in(page, tmp_path, feed())
    check(page)
    press(page, page.get_by_role("link", name="See what publishing would change"))
    expect(page.get_by_role("heading", name="2 added, 0 removed, 0 changed")).to_be_visible()
    check(page)
    write(page, page.get_by_label("Note for the list of versions"), "two clubs")
    press(page, page.get_by_role("button", name="Publish now"))
    expect(page.get_by_role("row", name="two clubs")).to_contain_text("in use")
    check(page)

    page.goto(f"/directory/{CLUB}")
    press(page, page.get_by_role("link", name="Curate this service"))
    page.wait_for_url(f"**{CURATE}/services/{CLUB}")
    access_key(page, "r")
    expect(page.get_by_text("Noted: rang, still right.")).to_be_visible()
    access_key(page, "e")
    page.wait_for_url("**/edit")
    write(page, page.get_by_label("Cost", exact=True), "Free")
    write(page, page.get_by_label("Why, for the history"), "they said so")
    press(page, page.get_by_role("button", name="Save"))
    expect(page.get_by_text("Saved. Publish to put it in use.")).to_be_visible()

    take_in(page, tmp_path, feed(description="Soup on Fridays", cost_options=[]))
    press(page, page.get_by_role("link", name="Look at the changes that wait"))
    reach(page, page.get_by_role("checkbox").first)
    page.keyboard.press("Space")
    press(page, page.get_by_role("button", name="Accept those ticked"))
    expect(page.get_by_text("1 change accepted.")).to_be_visible()

    page.goto(f"{CURATE}/publish")
    expect(page.get_by_role("cell", name="Soup on Fridays")).to_be_visible()
    press(page, page.get_by_role("button", name="Publish now"))
    press(page, page.get_by_role("link", name="Go back to version 2"))
    expect(page.get_by_role("heading", name="Go back to version 2")).to_be_visible()
    check(page)
    write(page, page.get_by_label("Why you go back"), "too early")
    press(page, page.get_by_role("button", name="Go back to this version"))
    expect(page.get_by_role("row", name="too early")).to_contain_text("in use")
    page.goto(f"/directory/{CLUB}")
    expect(page.get_by_text("Soup on Fridays")).to_have_count(0)


def test_every_page_on_a_desktop_and_a_phone(open_curate: OpenCurate, tmp_path: Path) -> None:
    page = open_curate("curator", NARROW)
    take_in(page, tmp_path, feed())
    page.goto(f"{CURATE}/publish")
    page.get_by_role("button", name="Publish now").click()
    page.wait_for_url("**/versions")
    take_in(page, tmp_path, feed(description="Soup on Fridays", minimum_age=200))
    page.goto(f"/directory/{CLUB}")
    page.get_by_text("Something wrong?").click()
    page.get_by_role("button", name="Tell the curator").click()
    expect(page.get_by_text("There is a problem")).to_be_visible()
    check(page)
    page.get_by_label("Something is wrong").check()
    page.get_by_role("button", name="Tell the curator").click()
    expect(page.get_by_text("Thank you.")).to_be_visible()
    for path in PAGES:
        page.goto(path)
        check(page)


def test_forms_that_are_refused(open_curate: OpenCurate, tmp_path: Path) -> None:
    page = open_curate("curator", NARROW)
    take_in(page, tmp_path, feed())
    for path, button in (
        ("/imports", "Take it in"),
        ("/services", "Change those ticked"),
        (f"/services/{CLUB}/edit", "Save"),
        (f"/duplicates/{CLUB}/{CAFE}", None),
    ):
        page.goto(f"{CURATE}{path}")
        if button:
            page.get_by_role("button", name=button, exact=True).click()
            expect(page.locator(".nhsuk-error-summary")).to_be_focused()
        check(page)


def test_an_organisation_without_scripts(open_curate: OpenCurate, tmp_path: Path) -> None:
    page = open_curate()
    take_in(page, tmp_path, feed())
    page.goto(f"{CURATE}/services/{CLUB}")
    page.get_by_role("button", name="Make a link").click()
    check(page)
    link = page.get_by_label("Send them this link").input_value()
    theirs = open_curate("", NARROW)
    theirs.goto(link)
    check(theirs)
    theirs.get_by_label("Youngest age").fill("ten")
    theirs.get_by_role("button", name="Send to the curator").click()
    expect(theirs.locator(".nhsuk-error-summary")).to_be_visible()
    check(theirs)
    plain = open_curate("", NARROW, scripts=False)
    plain.goto(link)
    plain.get_by_label("What it does").fill("Lunch at noon")
    plain.get_by_role("button", name="Send to the curator").click()
    expect(plain.get_by_role("heading", name="Thank you")).to_be_visible()
    page.goto(f"{CURATE}/services/{CLUB}")
    expect(page.get_by_text("Lunch at noon", exact=True)).to_be_visible()
    check(page)
