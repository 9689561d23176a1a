"""In Chromium: an urgent answer to any questionnaire opens its card at once, behind the gate."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.journeys import NARROW, WIDE, Pages

OpenPages = Callable[..., Pages]


@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_hark_yes_opens_its_card_only_while_the_gate_is_open(
    open_pages: OpenPages, width: int
) -> None:
    pages = open_pages("nurse", width)
    pages.page.goto(f"/people/{pages.add_person()}/questionnaires/hark")
    card = pages.page.locator("#card-domestic_abuse")
    expect(card).not_to_be_visible()
    pages.answer("gate:seen-alone", "true")
    expect(card).not_to_be_visible()
    pages.answer("q:hark.kick", "yes")
    expect(card).to_be_visible()
    # On a phone one line of it comes to whoever is far down the page.
    line = pages.page.locator(".card-strip a")
    expect(card if width == WIDE else line).to_be_in_viewport()
    expect(card).to_contain_text("0808 2000 247")
    pages.check()
    pages.answer("gate:interpreter", "informal")
    expect(card).not_to_be_visible()
    expect(line).not_to_be_visible()
