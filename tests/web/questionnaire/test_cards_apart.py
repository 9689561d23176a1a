"""The template deals with the cards that a template raised, and with no other questionnaire's."""

import pytest

from template_service.service import Service
from tests.web.conftest import make_person
from tests.web.questionnaire.conftest import AddForm
from tests.web.questionnaire.filling import Filling
from tests.web.questionnaire.test_cards import card, cards_of_person, classes, option
from tests.web.questionnaire.test_cards_elsewhere import asking, finished, private
from tests.web.questionnaire.test_safety import HARK
from tests.web.staff import Staff, words

NO_NEED = {"housing.screen": "no-need"}
CLINICIANS = {
    "linkId": "hungry",
    "type": "choice",
    "text": "Is there food?",
    "extension": [card("no_food", "Not eaten for days")],
    "answerOption": [option("some"), option("none", "no_food")],
}


def template(person_id: str) -> str:
    return f"/people/{person_id}/template"


def preview(staff: Staff, person_id: str) -> str:
    return words(staff.post(f"{template(person_id)}/preview", NO_NEED))


def is_open(service: Service, person_id: str) -> list[tuple[str, bool, bool]]:
    rows = cards_of_person(service, person_id)
    return [(row.card_id, row.masked, row.is_open) for row in rows]


@pytest.mark.parametrize("card_id", ["suicidal", "no_food"])
def test_a_masked_card_of_another_questionnaire_is_not_on_the_template(
    card_id: str, nurse: Staff, navigator: Staff, add_form: AddForm, person_id: str
) -> None:
    questionnaire = add_form(f"apart-{card_id}", asking(card_id, "HIDDENCARD", masked=True))
    page = navigator.get(template(person_id))
    shown, previewed = classes(page.text, card_id), preview(navigator, person_id)
    finished(nurse, person_id, questionnaire, **{"q:pain": "yes"})

    assert shown == "card"
    assert classes(navigator.get(template(person_id)).text, card_id) == shown
    assert preview(navigator, person_id) == previewed
    navigator.save(person_id, NO_NEED)
    assert "HIDDENCARD" not in navigator.get(f"/people/{person_id}/plan").text


@pytest.mark.parametrize("masked", [True, False])
def test_saving_the_template_closes_no_card_of_another_questionnaire(
    *, masked: bool, nurse: Staff, navigator: Staff, service: Service, add_form: AddForm
) -> None:
    person_id = make_person(service)
    asked = asking("no_food", "HIDDENCARD", masked=True) if masked else CLINICIANS
    questionnaire = add_form(f"apart-closing-{masked}", asked)
    answer = {"q:pain": "yes"} if masked else {"q:hungry": "none"}
    finished(nurse, person_id, questionnaire, **answer)

    saved = navigator.save(person_id, {**NO_NEED, "urgent": ["no_food"]}, acknowledge="no_food")
    assert saved.status_code == 303
    assert is_open(service, person_id) == [("no_food", masked, True), ("no_food", False, False)]
    assert ("HIDDENCARD" in private(nurse, person_id)) is masked


def test_a_clinician_closes_on_the_template_what_the_template_raised(
    nurse: Staff, service: Service, person_id: str
) -> None:
    finished(nurse, person_id, "hark", **HARK)
    saved = nurse.save(person_id, NO_NEED, acknowledge="domestic_abuse")
    assert saved.status_code == 303
    assert is_open(service, person_id) == [("domestic_abuse", True, True)]
    assert "I am dealing with this" in private(nurse, person_id)

    told = {"seen-alone": "true", "interpreter": "no-interpreter", "urgent": ["unsafe_home"]}
    nurse.save(person_id, told, acknowledge="unsafe_home")
    assert ("unsafe_home", True, False) in is_open(service, person_id)


def test_a_call_to_a_card_that_only_another_questionnaire_raised_says_no_more_than_call(
    nurse: Staff, navigator: Staff, service: Service, add_form: AddForm, person_id: str
) -> None:
    questionnaire = add_form("apart-call", CLINICIANS)
    finished(nurse, person_id, questionnaire, **{"q:hungry": "none"})
    navigator.save(person_id, NO_NEED, call="no_food")
    called = [row.card_id for row in cards_of_person(service, person_id) if row.called_at]
    assert called == ["call-a-clinician"]


def test_two_forms_with_one_card_are_pressed_apart(
    nurse: Staff, service: Service, add_form: AddForm, person_id: str
) -> None:
    first = add_form("apart-first", CLINICIANS)
    second = add_form("apart-second", CLINICIANS)
    Filling.open(nurse, person_id, first).answer("q:hungry", "none").press("save")
    other = Filling.open(nurse, person_id, second).answer("q:hungry", "none")
    other.press("acknowledge:no_food")
    assert is_open(service, person_id) == [("no_food", False, True), ("no_food", False, False)]
