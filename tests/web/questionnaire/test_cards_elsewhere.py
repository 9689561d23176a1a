"""Open cards stay with the questionnaire that raised them, whatever is filled in afterwards."""

from copy import deepcopy
from typing import Any

import pytest

from template_service.records.cards import cards_of
from template_service.service import Service
from tests.web.conftest import PRACTICE
from tests.web.questionnaire.conftest import AddForm
from tests.web.questionnaire.filling import Filling
from tests.web.questionnaire.test_pages import coded
from tests.web.questionnaire.test_safety import HARK, MASKED, OURS
from tests.web.staff import Staff, words

PARTS = [
    {"url": "derived", "valueBoolean": True},
    {"url": "owner", "valueString": "anybody, today"},
    {"url": "action", "valueString": "Ring the ward"},
]


def asking(card: str, words: str, *, masked: bool = False) -> dict[str, Any]:
    """A question whose `yes` raises a card of its own."""
    named = {"url": "card", "valueCoding": {"code": card, "display": words}}
    declared = {"url": f"{OURS}/sdoh-urgent-card", "extension": [named, *PARTS]}
    options = deepcopy(coded("yes", "no"))
    options[0]["extension"] = [{"url": f"{OURS}/sdoh-urgent", "valueCode": card}]
    return {
        "linkId": "pain",
        "type": "choice",
        "text": "Is it bad?",
        "answerOption": options,
        "extension": [*(MASKED if masked else []), declared],
    }


def finished(staff: Staff, person_id: str, questionnaire_id: str, **answers: str) -> None:
    filling = Filling.open(staff, person_id, questionnaire_id)
    if "gate:seen-alone" in filling.page.text:
        filling.answer("gate:seen-alone", "true")
    for name, text in answers.items():
        filling.answer(name, text)
    filling.press("finish")


def template_saved(staff: Staff, person_id: str) -> None:
    answer = staff.post(
        f"/people/{person_id}/template", {"revision": "0", "housing.screen": "no-need"}
    )
    assert answer.status_code == 303


def private(staff: Staff, person_id: str) -> str:
    return words(staff.post(f"/people/{person_id}/private", {}))


def test_a_masked_card_stays_on_the_private_page_after_another_questionnaire(
    nurse: Staff, person_id: str, add_form: AddForm
) -> None:
    finished(nurse, person_id, "hark", **HARK)
    before = private(nurse, person_id)
    later = add_form("later", {"linkId": "t", "type": "string", "text": "Something?"})
    finished(nurse, person_id, later, **{"q:t": "hello"})

    after = private(nurse, person_id)
    assert "I am dealing with this" in before
    assert "I am dealing with this" in after


@pytest.mark.parametrize("masked", [True, False])
def test_a_card_of_ones_own_stands_beside_the_template(
    nurse: Staff, person_id: str, add_form: AddForm, masked: bool
) -> None:
    template_saved(nurse, person_id)
    mine = add_form(f"own-{masked}", asking("own_pain", "PAINPOSITIVE", masked=masked))
    finished(nurse, person_id, mine, **{"q:pain": "yes"})

    assert ("PAINPOSITIVE" in private(nurse, person_id)) is masked
    plan = nurse.get(f"/people/{person_id}/plan").text
    assert ("PAINPOSITIVE" in plan and "Ring the ward" in plan) is not masked


def test_the_teams_list_says_what_the_card_says_and_leads_to_it(
    nurse: Staff, navigator: Staff, person_id: str, add_form: AddForm
) -> None:
    mine = add_form("own-listed", asking("own_listed", "LISTPOSITIVE"))
    finished(navigator, person_id, mine, **{"q:pain": "yes"})

    page = nurse.get("/people").text
    href = page.split("LISTPOSITIVE")[0].rpartition('href="')[2].partition('"')[0]
    assert f"/people/{person_id}/questionnaires/results/" in href
    assert "LISTPOSITIVE" in nurse.get(href).text


def test_whoever_owns_the_card_may_say_it_is_dealt_with(
    service: Service, navigator: Staff, person_id: str, add_form: AddForm
) -> None:
    mine = add_form("own-dealt", asking("own_dealt", "DEALTPOSITIVE"))
    finished(navigator, person_id, mine, **{"q:pain": "yes"})
    with service.store.read() as conn:
        (row,) = cards_of(conn, PRACTICE, person_id)

    answer = navigator.post(f"/people/{person_id}/cards/{row.card_row_id}/acknowledge", {})
    assert answer.status_code == 303
    with service.store.read() as conn:
        (row,) = cards_of(conn, PRACTICE, person_id)
    assert not row.is_open


def test_two_questionnaires_with_one_card_id_do_not_show_each_others_cards(
    nurse: Staff, person_id: str, add_form: AddForm
) -> None:
    first = add_form("first-of-two", asking("own_shared", "FIRSTPOSITIVE"))
    second = add_form("second-of-two", asking("own_shared", "SECONDPOSITIVE"))
    finished(nurse, person_id, first, **{"q:pain": "yes"})

    page = Filling.open(nurse, person_id, second).page.text
    assert 'class="card" id="card-own_shared"' in page
    template_saved(nurse, person_id)
    plan = nurse.get(f"/people/{person_id}/plan").text
    assert "FIRSTPOSITIVE" in plan
    assert "SECONDPOSITIVE" not in plan
