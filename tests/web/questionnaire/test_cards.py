"""An urgent answer opens its card at once, stands until it is dealt with, and tells nobody else."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from template_service import clock
from template_service.questionnaire.definition import compile_questionnaire
from template_service.records.cards import RaisedCard, cards_of
from template_service.service import Service
from template_service.web.questionnaire_styles import styles_of
from tests.web.conftest import PRACTICE, make_person
from tests.web.questionnaire.conftest import AddForm
from tests.web.questionnaire.filling import Filling
from tests.web.staff import Staff, words

OURS = "https://template-service.example/fhir/StructureDefinition"
ALONE = ':has([name="gate:seen-alone"][value="true"]:checked)'


def card(card_id: str, text: str) -> dict[str, Any]:
    coding = {"system": "urn:cards", "code": card_id, "display": text}
    return {
        "url": f"{OURS}/sdoh-urgent-card",
        "extension": [
            {"url": "card", "valueCoding": coding},
            {"url": "owner", "valueString": "duty desk"},
            {"url": "ownerRole", "valueCode": "clinician"},
            {"url": "action", "valueString": f"What to do about {card_id}"},
        ],
    }


def option(code: str, raises: str = "") -> dict[str, Any]:
    made: dict[str, Any] = {
        "valueCoding": {"system": "urn:x", "code": code, "display": f"Answer {code}"}
    }
    if raises:
        made["extension"] = [{"url": f"{OURS}/sdoh-urgent", "valueCode": raises}]
    return made


COLD: dict[str, Any] = {
    "linkId": "cold",
    "type": "choice",
    "text": "Is there heating?",
    "extension": [card("cold_tonight", "Cold tonight")],
    "answerOption": [option("warm"), option("none", "cold_tonight")],
}
LIFE: dict[str, Any] = {
    "linkId": "life",
    "type": "choice",
    "text": "Do you think of ending your life?",
    "extension": [card("suicidal", "Thoughts of suicide")],
    "answerOption": [option("never"), option("often", "suicidal")],
}
LIST: dict[str, Any] = {**LIFE, "linkId": "list", "repeats": True, "text": "Any of these?"}


@pytest.fixture
def teenager(service: Service) -> str:
    return make_person(service, born=clock.today() - timedelta(days=14 * 365))


def cards_of_person(service: Service, person_id: str) -> tuple[RaisedCard, ...]:
    with service.store.read() as conn:
        return cards_of(conn, PRACTICE, person_id)


def classes(page: str, card_id: str) -> str | None:
    found = re.search(rf'<div class="([^"]*)" id="card-{card_id}"', page)
    return found[1] if found else None


def sheet_of(staff: Staff, page: str) -> str:
    address = re.search(r'href="(/questionnaires/[^"]+\.css[^"]*)"', page)
    assert address is not None
    return staff.get(address[1].replace("&amp;", "&")).text


def test_an_urgent_option_opens_its_card_before_any_save(
    nurse: Staff, add_form: AddForm, person_id: str
) -> None:
    filling = Filling.open(nurse, person_id, add_form("cold", COLD))
    assert classes(filling.page.text, "cold_tonight") == "card"
    assert "What to do about cold_tonight" in words(filling.page)
    assert "duty desk" in words(filling.page)
    [mark] = re.findall(r'value="none" data-raises="([^"]+)"', filling.page.text)
    styles = sheet_of(nurse, filling.page.text)
    assert f'#questionnaire:has([data-raises~="{mark}"]:checked) [data-card=' in styles


@pytest.mark.parametrize("button", ["save", "finish"])
def test_the_card_stands_until_somebody_deals_with_it(
    button: str, nurse: Staff, add_form: AddForm, person_id: str
) -> None:
    filling = Filling.open(nurse, person_id, add_form("cold", COLD)).answer("q:cold", "none")
    filling.press(button)
    assert classes(filling.page.text, "cold_tonight") == "card raised"
    if button == "save":
        filling.answer("q:cold", "warm").press("save")
        assert classes(filling.page.text, "cold_tonight") == "card raised"
        filling.press("acknowledge:cold_tonight")
        assert classes(filling.page.text, "cold_tonight") == "card"
        assert "Nurse Example is dealing with this since" in words(filling.page)
    else:
        [where] = re.findall(r'action="(/people/[^"]+/acknowledge)"', filling.page.text)
        nurse.post(where)
        assert classes(nurse.get(filling.page.request.path).text, "cold_tonight") is None


@pytest.mark.parametrize(
    ("button", "told"),
    [("acknowledge", "is dealing with this since"), ("call", "called a clinician")],
)
def test_a_card_is_dealt_with_although_something_else_cannot_be_read(
    button: str,
    told: str,
    nurse: Staff,
    add_form: AddForm,
    person_id: str,
) -> None:
    number = {"linkId": "n", "type": "integer", "text": "How many?"}
    filling = Filling.open(nurse, person_id, add_form("cold-n", COLD, number))
    filling.answer("q:cold", "none").answer("q:n", "x")
    assert filling.press(f"{button}:cold_tonight").status_code == 422
    said = words(filling.page)
    assert "What you pressed on the card is recorded" in said
    assert "Type a whole number" in said
    assert told in said
    assert filling.values("q:n") == ["x"]
    assert filling.answer("q:n", "3").press("finish").status_code == 303


def test_a_press_on_no_open_card_is_not_said_to_be_recorded(
    nurse: Staff, add_form: AddForm, person_id: str
) -> None:
    number = {"linkId": "n", "type": "integer", "text": "How many?"}
    filling = Filling.open(nurse, person_id, add_form("cold-n", COLD, number))
    filling.answer("q:cold", "warm").answer("q:n", "x")
    assert filling.press("acknowledge:cold_tonight").status_code == 422
    assert "recorded" not in words(filling.page)


def test_a_pressed_card_is_saved_and_dealt_with_in_one(
    nurse: Staff, add_form: AddForm, person_id: str
) -> None:
    filling = Filling.open(nurse, person_id, add_form("cold", COLD)).answer("q:cold", "none")
    assert filling.press("acknowledge:cold_tonight").status_code == 303
    assert "Nurse Example is dealing with this since" in words(filling.page)
    assert filling.values("q:cold") == ["none"]


def test_a_role_that_does_not_own_it_calls_a_clinician(
    navigator: Staff, add_form: AddForm, person_id: str
) -> None:
    filling = Filling.open(navigator, person_id, add_form("cold", COLD)).answer("q:cold", "none")
    assert "acknowledge:cold_tonight" not in filling.buttons
    filling.press("call:cold_tonight")
    assert "called a clinician" in words(filling.page)


def test_a_masked_card_opens_only_behind_the_gate_and_its_record_tells_nothing(
    nurse: Staff, person_id: str
) -> None:
    filling = Filling.open(nurse, person_id, "hark")
    assert classes(filling.page.text, "domestic_abuse") == "card alone"
    styles = sheet_of(nurse, filling.page.text)
    [rule] = [line for line in styles.splitlines() if '[data-card="domestic' in line]
    assert ALONE in rule
    filling.answer("gate:seen-alone", "true").answer("q:hark.afraid", "yes").press("save")
    assert classes(filling.page.text, "domestic_abuse") == "card alone"
    filling.press("finish")
    assert classes(filling.page.text, "domestic_abuse") is None
    assert f"/people/{person_id}/private" in filling.page.text


def test_under_16_suicide_is_asked_and_told_only_alone(
    nurse: Staff, add_form: AddForm, teenager: str
) -> None:
    form = add_form("life", LIFE, {**LIST, "extension": []})
    filling = Filling.open(nurse, teenager, form)
    page = filling.page.text
    assert 'name="gate:who"' in page
    gated = page.split('<div class="gated alone">', 1)[1]
    assert "Do you think of ending your life?" in gated
    assert "Do you think of ending your life?" not in page.split('<div class="gated alone">', 1)[0]
    assert (
        '<label class="pill many alone"><input type="checkbox" name="q:list" value="often"' in page
    )
    assert classes(page, "suicidal") == "card alone"
    filling.answer("q:life", "often").answer("q:list", "often").press("save")
    assert classes(filling.page.text, "suicidal") == "card alone raised"
    filling.press("finish")
    assert classes(filling.page.text, "suicidal") is None
    assert "Answer often" not in words(filling.page)
    assert "They are kept." in words(filling.page)


def test_of_an_adult_it_is_asked_and_opens_without_a_gate(
    navigator: Staff, add_form: AddForm, person_id: str
) -> None:
    filling = Filling.open(navigator, person_id, add_form("life", LIFE, {**LIST, "extension": []}))
    assert "gated" not in filling.page.text
    assert classes(filling.page.text, "suicidal") == "card"
    filling.answer("q:life", "often").press("finish")
    assert classes(filling.page.text, "suicidal") == "card raised"


def test_the_styles_of_suicide_ask_for_an_adult_or_the_open_gate() -> None:
    form = compile_questionnaire(
        {"resourceType": "Questionnaire", "url": "urn:f", "status": "active", "item": [LIFE]}
    )
    [rule] = [line for line in styles_of(form).splitlines() if '[data-card="suicidal"]' in line]
    assert rule.startswith(':is(#questionnaire[data-gate="adult"],')
    assert ALONE in rule


def test_a_navigators_page_of_somebody_young_can_open_the_gate(
    staff: Callable[[str], Staff], add_form: AddForm, teenager: str
) -> None:
    filling = Filling.open(staff("navigator"), teenager, add_form("life-only", LIFE))
    assert 'name="gate:seen-alone"' in filling.page.text
    assert classes(filling.page.text, "suicidal") == "card alone"


@pytest.mark.parametrize("masked", [True, False])
def test_what_is_said_again_after_its_card_was_dealt_with_opens_it_once_more(
    *, masked: bool, nurse: Staff, service: Service, add_form: AddForm, person_id: str
) -> None:
    form, answer = ("hark", "yes") if masked else (add_form("cold", COLD), "none")
    field = "q:hark.afraid" if masked else "q:cold"
    other = {"q:hark.kick": "yes"} if masked else {field: answer}
    Filling.open(nurse, person_id, form).answer(field, answer).press("save")
    rows = cards_of_person(service, person_id)
    nurse.post(f"/people/{person_id}/cards/{rows[0].card_row_id}/acknowledge")
    again = Filling.open(nurse, person_id, form)
    again.press("save")
    assert [row.is_open for row in cards_of_person(service, person_id)] == [False]
    if not masked:
        again.answer(field, "warm").press("save")
    for name, text in other.items():
        again.answer(name, text)
    again.press("finish")
    assert [row.is_open for row in cards_of_person(service, person_id)] == [False, True]
