"""Questionnaires in Chromium: answered, finished and read again, on a desktop and a phone.

Needs `../shared`, the folder of example files beside the repository.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest
from playwright.sync_api import expect

from template_service.actions.library import add_questionnaire
from template_service.service import open_service
from template_service.settings import Settings
from tests import server
from tests.browser.journeys import NARROW, WIDE, Pages
from tests.web.questionnaire.test_pages import EVERY_TYPE, coded
from tests.web.questionnaire.test_rows import CHILDREN

pytestmark = pytest.mark.browser

SHARED = Path(__file__).parents[3] / "shared/data/fhir"
AHC, HVS = "AHC-questionnaire", "Questionnaire-SDOHCC-QuestionnaireHungerVitalSign"
CONTROL = "http://hl7.org/fhir/StructureDefinition/questionnaire-itemControl"

OpenPages = Callable[..., Pages]


def controlled(code: str) -> list[dict[str, Any]]:
    return [{"url": CONTROL, "valueCodeableConcept": {"coding": [{"code": code}]}}]


EVERYTHING: tuple[dict[str, Any], ...] = (
    {"linkId": "types", "type": "group", "text": "Every type", "item": list(EVERY_TYPE)},
    *CHILDREN,
    {
        "linkId": "grid",
        "type": "group",
        "text": "Readings",
        "extension": controlled("grid"),
        "item": [
            {
                "linkId": f"line{row}",
                "type": "group",
                "text": row,
                "item": [
                    {"linkId": f"{row}-{name}", "type": "integer", "text": name}
                    for name in ("Upper", "Lower")
                ],
            }
            for row in ("Sitting", "Standing")
        ],
    },
    {
        "linkId": "often",
        "type": "group",
        "text": "How often",
        "extension": controlled("table"),
        "item": [
            {
                "linkId": f"often-{name}",
                "type": "choice",
                "text": name,
                "answerOption": coded("never", "always"),
            }
            for name in ("Sad", "Glad")
        ],
    },
    {
        "linkId": "smokes",
        "type": "boolean",
        "text": "Do you smoke?",
    },
    {
        "linkId": "how-many",
        "type": "integer",
        "text": "How many a day?",
        "enableWhen": [{"question": "smokes", "operator": "=", "answerBoolean": True}],
    },
    {
        "linkId": "many",
        "type": "display",
        "text": "That is a lot.",
        "enableWhen": [{"question": "how-many", "operator": ">", "answerInteger": 20}],
    },
)


@pytest.fixture(scope="module")
def library(
    live_server: server.Running, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, str]:
    """Questionnaires added while the server runs, as a deployer adds them; resource ids by name."""
    data = live_server.log.parent
    service = open_service(Settings(data=data))
    resources = {
        "everything": {
            "resourceType": "Questionnaire",
            "url": "https://questionnaires.example/everything",
            "status": "active",
            "title": "Everything",
            "item": list(EVERYTHING),
        }
    }
    for name in (AHC, HVS):
        resources[name] = orjson.loads((SHARED / f"sdoh/{name}.json").read_bytes())
    found = {
        name: add_questionnaire(
            service.store, service.forms, orjson.dumps(resource), by="test"
        ).listed.id
        for name, resource in resources.items()
    }
    service.close()
    return found


@pytest.fixture
def at(open_pages: OpenPages, library: dict[str, str]) -> Callable[..., Pages]:
    """Somebody at a questionnaire of a person just registered."""

    def opened(name: str, *, width: int = NARROW, scripts: bool = True) -> Pages:
        pages = open_pages("nurse", width, scripts=scripts)
        person_id = pages.add_person()
        questionnaire = library.get(name, name)
        pages.page.goto(f"/people/{person_id}/questionnaires/{questionnaire}")
        return pages

    return opened


def press(pages: Pages, name: str) -> None:
    pages.page.get_by_role("button", name=name, exact=True).click()


# What lies over the element in focus; a blank text when nothing does.
COVERED = """() => {
  const on = document.activeElement, box = on.getBoundingClientRect();
  const half = Math.min(box.height, 20) / 2;
  const top = document.elementFromPoint(box.x + box.width / 2, box.y + half);
  const whole = on.closest("label") || on;
  return whole === top || whole.contains(top) || (top && top.contains(whole)) ? "" : on.outerHTML;
}"""

needs_shared = pytest.mark.skipif(not SHARED.exists(), reason="needs ../shared")


@needs_shared
def test_ahc_is_answered_finished_and_read_again(at: Callable[..., Pages]) -> None:
    pages = at(AHC)
    pages.check()
    form = orjson.loads((SHARED / f"sdoh/{AHC}.json").read_bytes())
    chosen = []
    for group in form["item"]:
        for item in group["item"]:
            coding = item["answerOption"][1]["valueCoding"]
            pages.answer(f"q:{item['linkId']}", coding["code"])
            chosen.append((item["text"], coding["display"]))
    press(pages, "Finish")
    pages.page.wait_for_url("**/results/*")
    for text, said in chosen:
        line = pages.page.locator("dl", has=pages.page.locator("dt", has_text=text))
        expect(line.locator("dd")).to_have_text(said)
    pages.check()
    pages.page.emulate_media(media="print")
    expect(pages.page.get_by_text("All questionnaires")).not_to_be_visible()
    expect(pages.page.get_by_text("Food", exact=True)).to_be_visible()


@needs_shared
@pytest.mark.parametrize("scripts", [True, False])
def test_hunger_vital_sign_says_what_its_own_rule_says(
    at: Callable[..., Pages], scripts: bool
) -> None:
    pages = at(HVS, scripts=scripts)
    worried, ran_out = (
        pages.page.locator(f'[name="q:{code}"]') for code in ("/88122-7", "/88123-5")
    )
    worried.select_option("Sometimes true")
    ran_out.select_option("Never true")
    risk = pages.page.locator(".worked", has_text="Food insecurity risk").locator(".said")
    if not scripts:
        expect(risk).to_have_text("Nothing yet")
        press(pages, "Update the page")
    # It is the published one, whose own rule has a fault that `check` tells of.
    caution = "This result counts “Don’t know” as “no”: read the answers themselves."
    expect(risk).to_have_text(f"At risk {caution}")
    press(pages, "Finish")
    pages.page.wait_for_url("**/results/*")
    expect(pages.page.locator(".results dd p")).to_have_text(["At risk", caution])
    if scripts:
        pages.check()


def test_every_kind_of_question_on_a_desktop_and_a_phone(at: Callable[..., Pages]) -> None:
    pages = at("everything")
    pages.check()
    press(pages, "Add another Child")
    expect(pages.page.get_by_label("Child 2", exact=True)).to_be_focused()
    pages.check()
    pages.page.locator('[name="q:number"]').fill("many")
    press(pages, "Finish")
    expect(pages.page.locator(".nhsuk-error-summary")).to_be_focused()
    pages.check()
    pages.page.get_by_role("link", name="A number: Type a number").click()
    expect(pages.page.locator('[name="q:number"]')).to_be_focused()


def test_what_follows_appears_as_it_is_answered(at: Callable[..., Pages]) -> None:
    pages = at("everything")
    how_many, told = (
        pages.page.get_by_label("How many a day?"),
        pages.page.get_by_text("That is a lot."),
    )
    expect(how_many).not_to_be_visible()
    pages.answer("q:smokes", "true")
    how_many.fill("30")
    how_many.press("Tab")
    expect(told).to_be_visible()
    how_many.fill("3")
    how_many.press("Tab")
    expect(told).not_to_be_visible()


def test_without_scripts_it_follows_an_update_and_nothing_typed_is_lost(
    at: Callable[..., Pages],
) -> None:
    pages = at("everything", scripts=False)
    told = pages.page.get_by_text("That is a lot.")
    pages.answer("q:smokes", "true")
    pages.page.get_by_label("How many a day?").fill("30")
    pages.page.locator('[name="q0:name"]').fill("Ada")
    expect(told).not_to_be_visible()
    pages.page.locator("p.follows button").last.click()
    expect(told).to_be_visible()
    expect(pages.page.locator('[name="q0:name"]')).to_have_value("Ada")
    # What is hidden now is still there when it comes back.
    pages.answer("q:smokes", "false")
    press(pages, "Save and go on later")
    expect(pages.page.get_by_label("How many a day?")).not_to_be_visible()
    pages.answer("q:smokes", "true")
    expect(pages.page.get_by_label("How many a day?")).to_have_value("30")


def test_the_keyboard_is_enough(at: Callable[..., Pages]) -> None:
    pages = at("phq-4")
    keyboard = pages.page.keyboard
    pages.page.locator('[name="q:phq4.nervous"]').first.focus()
    for presses in (1, 1, 2, 3):
        for _ in range(presses):
            keyboard.press("ArrowRight")
        keyboard.press("Tab")  # To Clear, and on to the next question.
        keyboard.press("Tab")
    pages.page.get_by_role("button", name="Finish").focus()
    keyboard.press("Enter")
    pages.page.wait_for_url("**/results/*")
    results = pages.page.locator(".results")
    for term, said in (("Total, 0 to 12", "7"), ("Band", "Moderate")):
        expect(results.locator(f'dt:text-is("{term}") + dd')).to_have_text(said)


def test_hark_opens_only_for_somebody_seen_alone(at: Callable[..., Pages]) -> None:
    pages = at("hark")
    question = pages.page.locator('[name="q:hark.afraid"]').first.locator("xpath=..")
    expect(question).not_to_be_visible()
    pages.answer("gate:seen-alone", "true")
    expect(question).to_be_visible()
    pages.check()
    pages.answer("q:hark.afraid", "yes")
    pages.answer("gate:interpreter", "informal")
    expect(question).not_to_be_visible()
    press(pages, "Save and go on later")
    pages.answer("gate:seen-alone", "true")
    expect(pages.choice("q:hark.afraid", "yes")).not_to_be_checked()


def test_on_a_phone_one_line_of_an_open_card_stays_in_sight(at: Callable[..., Pages]) -> None:
    pages = at("hark")
    pages.page.set_viewport_size({"width": NARROW, "height": 500})
    strip, card = pages.page.locator(".card-strip"), pages.page.locator("#card-domestic_abuse")
    pages.answer("gate:seen-alone", "true")
    expect(strip.get_by_role("link")).to_have_count(0)
    pages.answer("q:hark.afraid", "yes")
    pages.choice("q:hark.kick", "no").focus()
    pages.page.mouse.wheel(0, 3000)
    expect(card.get_by_role("heading")).not_to_be_in_viewport()
    line = strip.get_by_role("link")
    expect(line).to_be_in_viewport(ratio=1)
    box = line.bounding_box()
    assert box is not None
    assert box["height"] <= 90
    pages.check()
    line.click()
    expect(card.get_by_role("heading")).to_be_in_viewport(ratio=1)
    expect(card.get_by_role("link").first).to_be_in_viewport(ratio=1)


@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_what_the_keyboard_reaches_is_never_under_an_open_card(
    at: Callable[..., Pages], width: int
) -> None:
    pages = at("hark", width=width)
    pages.answer("gate:seen-alone", "true")
    pages.answer("q:hark.afraid", "yes")
    pages.page.get_by_role("button", name="Save and go on later").focus()
    for _ in range(14):
        pages.page.keyboard.press("Shift+Tab")
        assert pages.page.evaluate(COVERED) == "", pages.page.evaluate("scrollY")


def test_a_draft_is_discarded_after_a_question(at: Callable[..., Pages]) -> None:
    pages = at("phq-4")
    pages.answer("q:phq4.nervous", "several-days")
    press(pages, "Save and go on later")
    press(pages, "Discard this draft")
    expect(pages.page.get_by_role("heading", name="Discard this draft?")).to_be_visible()
    pages.check()
    press(pages, "Discard this draft")
    expect(pages.page.get_by_text("The draft was discarded.")).to_be_visible()
    pages.check()


def test_the_list_of_questionnaires(at: Callable[..., Pages]) -> None:
    pages = at("everything")
    pages.page.get_by_role("link", name="All questionnaires").click()
    expect(pages.page.get_by_role("link", name="Everything")).to_be_visible()
    pages.check()
