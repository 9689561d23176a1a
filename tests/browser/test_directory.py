"""The directory page in Chromium: by keyboard, on a phone, without scripts; axe on every state."""

import re
import shutil
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from directory.artefact import publish
from tests import server
from tests.browser.journeys import NARROW, WIDE, Pages
from tests.browser.windows import Sessions, windows
from tests.web.directory.conftest import CLUBS, HAREHILLS, KITCHEN, MADE_UP, PRACTICE

pytestmark = pytest.mark.browser

STATES = (
    "/directory",
    f"/directory?need=befriending&near={HAREHILLS}",
    "/directory?need=befriending&page=2",
    f"/directory?search=soup&near={PRACTICE}&age=30&when=monday&time=10:00",
    "/directory?search=bailifs+helpline",
    "/directory?search=soup&age=3&free=yes&access=hearing+loop&language=ro&channel=text",
    "/directory?search=zzzznothing",
    "/directory?age=abc&time=99:00&need=nothing&access=lift",
    f"/directory/{KITCHEN.id}",
)

OpenDirectory = Callable[..., Page]


@pytest.fixture(scope="module")
def made_up(staffed: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[server.Running]:
    """A server whose directory is made up, and stands about the city."""
    data = tmp_path_factory.mktemp("made-up-live") / "data"
    shutil.copytree(staffed, data)
    publish(MADE_UP, data / "directory")
    with server.serving(data, {"DEMO": "true"}) as running:
        yield running


@pytest.fixture
def open_directory(
    chromium: Browser, made_up: server.Running, sessions: Sessions
) -> Iterator[OpenDirectory]:
    """A nurse, signed in."""
    with windows(chromium, made_up, sessions) as open_window:
        yield partial(open_window, "nurse")


def test_every_state_folded_and_unfolded(open_directory: OpenDirectory) -> None:
    page = open_directory()
    pages = Pages(page, str)
    for path in STATES:
        page.goto(path)
        pages.check()
        page.locator("main details").evaluate_all("all => all.forEach(one => one.open = true)")
        pages.check()


@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_the_sketch_is_drawn_where_it_fits(open_directory: OpenDirectory, width: int) -> None:
    page = open_directory(width)
    page.goto(f"/directory?need=befriending&near={HAREHILLS}")
    drawing = page.locator("svg.sketch")
    expect(drawing).to_be_visible()
    box = drawing.bounding_box()
    assert box is not None
    assert 300 <= box["width"] <= width
    expect(page.get_by_text("A sketch, not a map: north is up")).to_be_visible()
    # A unit is about a pixel, so that letters of 12 units can be read.
    assert box["width"] / 360 * 12 >= 10
    link = page.get_by_role("link", name="See where they are")
    if width < 1000:
        link.click()
        expect(page.locator("#map")).to_be_in_viewport()
    else:
        expect(link).to_be_hidden()


def test_by_keyboard_from_words_to_a_service(open_directory: OpenDirectory) -> None:
    page = open_directory()
    page.goto("/directory")
    page.get_by_label("Search").focus()
    page.keyboard.type("soup")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("search=soup"))
    page.get_by_text("Open now, age, language").focus()
    page.keyboard.press("Enter")
    age = page.get_by_label("Age", exact=True)
    age.focus()
    page.keyboard.type("30")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Only for under 25s")).to_be_hidden()
    page.get_by_text("Not shown: 1 service, and why").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Only for under 25s")).to_be_visible()
    page.get_by_role("link", name=re.compile("Clear ?: For age 30")).focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Not shown")).to_have_count(0)
    page.get_by_role("link", name=KITCHEN.name).first.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name=KITCHEN.name)).to_be_visible()


@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_without_scripts_a_postcode_leads_to_its_ward(
    open_directory: OpenDirectory, width: int
) -> None:
    page = open_directory(width, scripts=False)
    page.goto("/directory?need=befriending")
    page.get_by_text("Find the ward of a postcode").click()
    page.get_by_label("Postcode").fill("LS14 6AR")
    page.get_by_role("button", name="Use its ward").click()
    expect(page.get_by_text("In Gipton & Harehills")).to_be_visible()
    assert page.url.endswith(f"/directory?need=befriending&near={HAREHILLS}")
    page.get_by_role("link", name="Show more").click()
    expect(page.get_by_role("heading", name=f"21 to 40 of {CLUBS} services")).to_be_visible()


def test_a_postcode_refused(open_directory: OpenDirectory) -> None:
    page = open_directory(NARROW)
    page.goto("/directory")
    page.get_by_text("Find the ward of a postcode").click()
    page.get_by_label("Postcode").fill("LS9")
    page.get_by_role("button", name="Use its ward").click()
    expect(page.locator(".nhsuk-error-summary")).to_be_focused()
    expect(page.get_by_label("Postcode")).to_have_value("LS9")
    Pages(page, str).check()
