"""Open cards stay with the questionnaire that raised them, whatever is filled in afterwards."""

import re
from copy import deepcopy
from datetime import timedelta
from typing import Any

import pytest

from template_service import clock
from template_service.records.cards import cards_of
from template_service.service import Service
from tests.web.conftest import PRACTICE, make_person
from tests.web.questionnaire.conftest import AddForm
from tests.web.questionnaire.filling import Filling
from tests.web.questionnaire.test_pages import coded
from tests.web.questionnaire.test_safety import HARK, MASKED, MIXED, OURS
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


def test_under_16_suicide_stands_on_the_private_page_where_the_teams_list_leads(
    service: Service, nurse: Staff, navigator: Staff, add_form: AddForm
) -> None:
    person_id = make_person(service, born=clock.today() - timedelta(days=14 * 365))
    mine = add_form("young-suicide", asking("suicidal", "YOUNGCARD"))
    filling = Filling.open(nurse, person_id, mine).answer("q:pain", "yes")
    filling.answer("gate:who", "patient").answer("gate:seen-alone", "true").press("finish")

    place = f"/people/{person_id}/private"
    assert f'href="{place}">YOUNGCARD' in nurse.get("/people").text
    assert "YOUNGCARD" not in nurse.get(place).text
    shown = nurse.post(place)
    assert "YOUNGCARD" in words(shown)
    assert "Ring the ward" in words(shown)
    # Who may not open that page is led to where a clinician is called.
    assert f'href="/people/{person_id}/template">YOUNGCARD' in navigator.get("/people").text
    assert "Call a clinician" in words(navigator.get(f"/people/{person_id}/template"))

    later = add_form("later", {"linkId": "t", "type": "string", "text": "Something?"})
    finished(nurse, person_id, later, **{"q:t": "hello"})
    assert "YOUNGCARD" in private(nurse, person_id)
    [where] = re.findall(r'action="(/people/[^"]+/acknowledge)"', shown.text)
    assert nurse.post(where).status_code == 303
    assert "YOUNGCARD" not in nurse.get("/people").text


def test_under_16_suicide_of_another_questionnaire_is_not_on_the_plan_dealt_with_or_not(
    service: Service, nurse: Staff, navigator: Staff, add_form: AddForm
) -> None:
    person_id = make_person(service, born=clock.today() - timedelta(days=14 * 365))
    template_saved(nurse, person_id)
    mine = add_form("young-plan", asking("suicidal", "YOUNGPLAN"))
    filling = Filling.open(nurse, person_id, mine).answer("q:pain", "yes")
    filling.answer("gate:who", "patient").answer("gate:seen-alone", "true").press("finish")

    plan = f"/people/{person_id}/plan"
    for staff in (nurse, navigator):
        assert "YOUNGPLAN" not in staff.get(plan).text
    # Who may not open the private notes is led to where a clinician is called, and calls one.
    template = f"/people/{person_id}/template"
    assert f'href="{template}">YOUNGPLAN' in navigator.get("/people").text
    assert 'name="call" value="">Call a clinician' in navigator.get(template).text
    navigator.post(template, {"revision": "1", "housing.screen": "no-need", "call": ""})
    assert "called a clinician" in words(nurse.get(plan))

    shown = nurse.post(f"/people/{person_id}/private").text
    assert "YOUNGPLAN" in shown
    [where] = re.findall(r'action="(/people/[^"]+/acknowledge)"', shown)
    nurse.post(where)
    for staff in (nurse, navigator):
        assert "YOUNGPLAN" not in staff.get(plan).text
    assert "Nurse Example is dealing with this" in private(nurse, person_id)


def test_under_16_suicide_of_the_template_stays_on_the_plan_when_it_is_dealt_with(
    service: Service, nurse: Staff
) -> None:
    person_id = make_person(service, born=clock.today() - timedelta(days=14 * 365))
    alone = {"who": "patient", "seen-alone": "true"}
    nurse.save(person_id, {**alone, "urgent": ["suicidal"]})
    nurse.save(person_id, alone)
    plan = f"/people/{person_id}/plan"
    [where] = re.findall(r'action="(/people/[^"]+/acknowledge)"', nurse.get(plan).text)
    nurse.post(where)
    assert "Nurse Example is dealing with this" in words(nurse.get(plan))


def test_the_teams_list_leads_nobody_to_a_page_that_is_not_there_for_them(
    nurse: Staff, navigator: Staff, person_id: str, add_form: AddForm
) -> None:
    mine = add_form("own-beside-safety", *MIXED, asking("own_beside", "BESIDECARD"))
    finished(nurse, person_id, mine, **{"q:pain": "yes"})

    page = navigator.get("/people").text
    href = page.split("BESIDECARD")[0].rpartition('href="')[2].partition('"')[0]
    assert navigator.get(href).status_code == 200
