"""The pages from right to left: readable, within the window, and used with the keyboard."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from template_service.web.pseudo_locale import PSEUDO
from tests import server
from tests.browser.journeys import NARROW, WIDE, Pages
from tests.browser.windows import Sessions, windows
from tests.web.conftest import nhs_number
from tests.web.languages.leftovers import leftovers

pytestmark = pytest.mark.browser


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody at a page in the test language."""

    pages: Pages

    @property
    def page(self) -> Page:
        """The page."""
        return self.pages.page

    def check(self) -> None:
        """Right to left, nothing left in English, axe clean, within the window on both widths."""
        assert self.page.evaluate("getComputedStyle(document.body).direction") == "rtl"
        assert leftovers(self.page.content()) == []
        self.pages.check()

    def left_of(self, one: str, other: str) -> bool:
        """Whether one element begins to the left of another."""
        boxes = [self.page.locator(place).first.bounding_box() for place in (one, other)]
        assert boxes[0]
        assert boxes[1]
        return boxes[0]["x"] < boxes[1]["x"]


@pytest.fixture
def reader(
    chromium: Browser, staffed: Path, tmp_path: Path, sessions: Sessions
) -> Iterator[Reader]:
    """A nurse at a service in both languages, on a phone."""
    data = tmp_path / "data"
    shutil.copytree(staffed, data)
    with (
        server.serving(data, {"LANGUAGES": f"en-GB,{PSEUDO}"}) as running,
        windows(chromium, running, sessions) as open_window,
    ):
        yield Reader(Pages(open_window("nurse", NARROW), lambda: nhs_number(3500)))


def test_the_journey_from_right_to_left(reader: Reader) -> None:
    page, pages = reader.page, reader.pages
    pages.add_person()
    page.locator(f'[name="language"][value="{PSEUDO}"]').focus()
    page.keyboard.press("Enter")
    expect(page.locator("html")).to_have_attribute("dir", "rtl")
    assert page.url.endswith("/template")
    reader.check()

    # With the keyboard alone: answer a row by number, then open what follows and save.
    page.locator('[name="housing.screen"]').first.focus()
    page.keyboard.press("2")
    expect(pages.choice("housing.screen", "need")).to_be_checked()
    expect(page.locator('[data-when="housing.follow-up"]').first).to_be_visible()
    for link_id, code in {"housing.condition": "damp", "housing.wants-help": "yes-now"}.items():
        pages.choice(link_id, code).focus()
        page.keyboard.press("Space")
        expect(pages.choice(link_id, code)).to_be_checked()
    pages.choice("urgent", "no_food").check()
    expect(pages.card("no_food")).to_be_visible()
    # An answer in English inside a chosen pill takes the colours of the pill.
    text = page.locator('[name="housing.condition"][value="damp"] + span bdi')
    assert text.evaluate("one => getComputedStyle(one).color") == "rgb(255, 255, 255)"
    reader.check()
    page.set_viewport_size({"width": WIDE, "height": 900})
    assert reader.left_of("aside.side", "#template")
    assert reader.left_of('[data-row="food"] .answer', '[data-row="food"] .row-q')
    page.locator("#template > button.nhsuk-button").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/plan")

    reader.check()
    assert reader.left_of(".svc .do", ".svc h3")
    page.locator("#chosen > section button[name=give]").first.click()
    page.wait_for_url("**/leaflet")
    reader.check()

    # A questionnaire keeps the direction of its own language in a page that runs the other way.
    leaflet, person = page.url, page.url.split("/")[-2]
    page.goto(f"/people/{person}/questionnaires")
    reader.check()
    page.goto(f"/people/{person}/questionnaires/phq-4?lang=en-GB")
    questions = page.locator("#questions")
    assert questions.evaluate("one => getComputedStyle(one).direction") == "ltr"
    reader.check()
    page.locator('[name="language"][value="en-GB"]').click()
    expect(page.locator("html")).to_have_attribute("lang", "en-GB")
    assert page.url.endswith("/phq-4?lang=en-GB")

    page.goto(leaflet)
    expect(page.locator("h1")).to_have_text("Services for you")
