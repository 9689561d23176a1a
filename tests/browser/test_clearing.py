"""In Chromium: by keyboard no answer is cleared unasked, and the language keeps what was typed."""

from collections.abc import Callable

import orjson
import pytest
from playwright.sync_api import Dialog, Locator, expect

from template_service.actions.library import add_questionnaire
from template_service.service import open_service
from template_service.settings import Settings
from tests import server
from tests.browser.journeys import NARROW, WIDE, Pages
from tests.web.questionnaire.test_language import ITEMS as TWO_LANGUAGES

pytestmark = pytest.mark.browser

OpenPages = Callable[..., Pages]

FORMS = {
    "phq-4": ("questionnaires/phq-4", "q:phq4.nervous", "not-at-all", "nearly-every-day"),
    "template": ("template", "housing.screen", "no-need", "declined"),
    "pills": ("template", "seen-alone", "true", "false"),
}


def at(pages: Pages, name: str) -> tuple[Locator, Locator, Locator]:
    """Somebody at a row of answers: its first, its last and its Clear."""
    place, field, first, last = FORMS[name]
    pages.page.goto(f"/people/{pages.add_person()}/{place}")
    row = pages.page.locator("fieldset, .answer", has=pages.choice(field, first)).last
    return pages.choice(field, first), pages.choice(field, last), row.locator("[data-clear]")


@pytest.mark.parametrize("name", FORMS)
def test_arrows_go_round_the_answers_and_clear_none(open_pages: OpenPages, name: str) -> None:
    pages = open_pages("nurse", WIDE)
    first, last, _clear = at(pages, name)
    keys = pages.page.keyboard
    last.focus()
    keys.press("Space")
    keys.press("ArrowDown")
    expect(first).to_be_checked()
    expect(first).to_be_focused()
    keys.press("ArrowUp")
    expect(last).to_be_checked()
    expect(last).to_be_focused()


@pytest.mark.parametrize("name", FORMS)
@pytest.mark.parametrize("scripts", [True, False])
def test_clear_is_reached_by_tab_and_leaves_the_focus_in_the_question(
    open_pages: OpenPages, name: str, scripts: bool
) -> None:
    pages = open_pages("nurse", WIDE, scripts=scripts)
    first, last, clear = at(pages, name)
    keys = pages.page.keyboard
    expect(clear).not_to_be_visible()
    last.focus()
    keys.press("Space")
    expect(clear).to_be_visible()
    keys.press("Tab")
    expect(clear).to_be_focused()
    if scripts:
        assert pages.violations() == []
    before = pages.page.url
    keys.press("Enter")
    expect(last).not_to_be_checked()
    expect(clear).not_to_be_visible()
    assert pages.page.url.split("?")[0] == before.split("?")[0]
    inside = "fieldset:focus, .answer:focus, fieldset:focus-within, .answer:focus-within"
    expect(pages.page.locator(inside).last.locator(first)).to_have_count(1)
    keys.press("Tab")
    if not scripts:
        expect(first).to_be_focused()


def test_a_cleared_answer_is_not_saved_and_what_follows_from_it_goes(
    open_pages: OpenPages,
) -> None:
    pages = open_pages("nurse", NARROW)
    first, _last, clear = at(pages, "phq-4")
    pages.press(first.locator("xpath=.."))
    pages.press(clear)
    expect(first).not_to_be_checked()
    pages.press(pages.page.get_by_role("button", name="Save and go on later"))
    pages.page.wait_for_load_state()
    expect(pages.page.locator("#questionnaire input:checked")).to_have_count(0)


def test_nought_clears_a_row_of_the_quick_screen(open_pages: OpenPages) -> None:
    pages = open_pages("nurse", WIDE)
    first, _last, _clear = at(pages, "template")
    first.focus()
    for key in ("3", "0"):
        pages.page.keyboard.press(key)
    expect(pages.page.locator('[name="housing.screen"]:checked')).to_have_count(0)
    expect(pages.page.locator('.answer:has([name="housing.screen"]:focus)')).to_have_count(1)


@pytest.fixture(scope="module")
def languages(live_server: server.Running) -> str:
    """The id of a questionnaire in three languages."""
    service = open_service(Settings(data=live_server.log.parent))
    resource = {
        "resourceType": "Questionnaire",
        "url": "https://questionnaires.example/languages",
        "status": "active",
        "title": "Languages",
        "language": "en",
        "item": list(TWO_LANGUAGES),
    }
    kept = add_questionnaire(service.store, service.forms, orjson.dumps(resource), by="test")
    service.close()
    return kept.listed.id


@pytest.mark.parametrize("scripts", [True, False])
def test_another_language_asks_nothing_and_keeps_what_was_typed(
    open_pages: OpenPages, languages: str, scripts: bool
) -> None:
    pages = open_pages("nurse", NARROW, scripts=scripts)
    asked: list[str] = []

    def said(dialog: Dialog) -> None:
        asked.append(dialog.message)
        dialog.accept()

    pages.page.goto(f"/people/{pages.add_person()}/questionnaires/{languages}")
    pages.page.on("dialog", said)
    if scripts:
        pages.check()
    pages.answer("q:food", "yes")
    pages.page.locator('[name="q:more"]').fill("Typed")
    pages.press(pages.page.get_by_role("button", name="Polish"))
    expect(pages.page.get_by_text("Czy masz co jeść?")).to_be_visible()
    expect(pages.choice("q:food", "yes")).to_be_checked()
    expect(pages.page.locator('[name="q:more"]')).to_have_value("Typed")
    assert asked == []
    if scripts:
        pages.check()
    pages.page.locator('[name="q:more"]').press("Enter")
    expect(pages.page.get_by_text("Saved. You can stop here")).to_be_visible()
    expect(pages.page.get_by_text("Czy masz co jeść?")).to_be_visible()
