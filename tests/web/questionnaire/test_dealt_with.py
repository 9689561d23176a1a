"""A card that somebody deals with stays in sight, small, where it stood; a press is confirmed."""

import re

import pytest

from template_service.service import Service
from tests.web.conftest import make_person
from tests.web.questionnaire.conftest import AddForm
from tests.web.questionnaire.filling import Filling
from tests.web.questionnaire.test_cards import COLD, cards_of_person, classes
from tests.web.questionnaire.test_cards_elsewhere import asking, finished, template_saved
from tests.web.questionnaire.test_safety import HARK
from tests.web.staff import Staff, words

RECORDED = "Recorded: you are dealing with this."
DEALING = re.compile(r"Nurse Example is dealing with this since \d\d:\d\d")
STEPS = re.compile(r'<details class="fold"><summary>What to do.*?</details>', re.DOTALL)
PRESSED = re.compile(r'action="(/people/[^"]+/acknowledge)".*?name="page" value="([^"]+)"')


def pressed(staff: Staff, page: str) -> str:
    """Presses the only card of a page; the address that comes."""
    [(where, place)] = PRESSED.findall(page)
    answer = staff.post(where, {"page": place})
    assert answer.status_code == 303
    return answer.location or ""


def is_small(page: str, step: str) -> bool:
    """Whether a page tells who deals with its card, with the steps folded and nothing to press."""
    folded = "".join(STEPS.findall(page))
    unfolded = STEPS.sub("", page)
    return bool(DEALING.search(unfolded)) and step in folded and "acknowledge" not in unfolded


def test_on_the_result_it_stays_small_and_the_press_comes_back_there(
    nurse: Staff, doctor: Staff, add_form: AddForm, person_id: str
) -> None:
    form = add_form("cold", COLD)
    filling = Filling.open(nurse, person_id, form).answer("q:cold", "none")
    filling.press("finish")
    result = filling.page.request.path
    assert pressed(nurse, filling.page.text) == result
    page = nurse.get(result)
    assert RECORDED in words(page)
    assert RECORDED not in words(nurse.get(result))
    colleagues = doctor.get(result).text
    assert "Cold tonight" in colleagues
    assert is_small(colleagues, "What to do about cold_tonight")
    assert f'href="{result}"' not in nurse.get("/people").text


def test_on_a_draft_it_stays_small_whatever_is_answered_since(
    nurse: Staff, doctor: Staff, add_form: AddForm, person_id: str
) -> None:
    form = add_form("cold", COLD)
    filling = Filling.open(nurse, person_id, form).answer("q:cold", "none")
    filling.press("acknowledge:cold_tonight")
    assert RECORDED in words(filling.page)
    # Its answer stands there: the small card is its only one.
    colleagues = Filling.open(doctor, person_id, form)
    assert is_small(colleagues.page.text, "What to do about cold_tonight")
    assert classes(colleagues.page.text, "cold_tonight") is None
    colleagues.answer("q:cold", "warm").press("save")
    page = Filling.open(doctor, person_id, form).page.text
    assert "dealt-" in page
    assert DEALING.search(page)
    # Said anew, the whole card opens at once, before it is saved.
    assert classes(page, "cold_tonight") == "card"


def test_a_new_response_begins_without_what_was_dealt_with_before(
    nurse: Staff, add_form: AddForm, person_id: str
) -> None:
    form = add_form("cold", COLD)
    finished(nurse, person_id, form, **{"q:cold": "none"})
    result = nurse.get(f"/people/{person_id}/questionnaires").text
    [address] = re.findall(r'class="name" href="([^"]+/results/[^"]+)"', result)
    pressed(nurse, nurse.get(address).text)
    page = Filling.open(nurse, person_id, form).page.text
    assert DEALING.search(page) is None
    # Its card opens whole, with its press.
    assert classes(page, "cold_tonight") == "card"
    assert 'value="acknowledge:cold_tonight"' in page


def test_a_card_that_no_single_answer_raises_stays_on_the_plan_too(
    nurse: Staff, doctor: Staff, add_form: AddForm, person_id: str
) -> None:
    template_saved(nurse, person_id)
    mine = add_form("dealt-plan", asking("own_dealt_plan", "PLANCARD"))
    finished(nurse, person_id, mine, **{"q:pain": "yes"})
    plan = f"/people/{person_id}/plan"
    [where] = re.findall(r'action="(/people/[^"]+/acknowledge)"', nurse.get(plan).text)
    assert nurse.post(where).location == plan
    assert RECORDED in words(nurse.get(plan))
    page = doctor.get(plan).text
    assert "PLANCARD" in page
    assert is_small(page, "Ring the ward")


def test_it_stays_on_the_plan_when_a_later_draft_is_discarded(
    nurse: Staff, add_form: AddForm, person_id: str
) -> None:
    template_saved(nurse, person_id)
    note = {"linkId": "t", "type": "string", "text": "More?"}
    mine = add_form("dealt-discard", asking("own_dealt_discard", "SHADOWCARD"), note)
    finished(nurse, person_id, mine, **{"q:pain": "yes"})
    plan = f"/people/{person_id}/plan"
    [where] = re.findall(r'action="(/people/[^"]+/acknowledge)"', nurse.get(plan).text)
    nurse.post(where)
    draft = Filling.open(nurse, person_id, mine).answer("q:t", "begun")
    draft.press("save")
    assert "SHADOWCARD" in nurse.get(plan).text
    draft.press("discard:yes")
    page = nurse.get(plan).text
    assert "SHADOWCARD" in page
    assert is_small(page, "Ring the ward")


def test_what_the_template_took_back_stays_on_the_plan_when_it_is_dealt_with(
    nurse: Staff, person_id: str
) -> None:
    nurse.save(person_id, {"urgent": ["no_food"]})
    nurse.save(person_id, {})
    plan = f"/people/{person_id}/plan"
    [where] = re.findall(r'action="(/people/[^"]+/acknowledge)"', nurse.get(plan).text)
    nurse.post(where)
    assert len(re.findall('class="card', nurse.get(plan).text)) == 1
    assert DEALING.search(nurse.get(plan).text)


def test_a_call_is_told_with_who_deals_with_it(
    nurse: Staff, navigator: Staff, add_form: AddForm, person_id: str
) -> None:
    filling = Filling.open(navigator, person_id, add_form("cold", COLD)).answer("q:cold", "none")
    filling.press("call:cold_tonight")
    assert "Recorded: a clinician is called." in words(filling.page)
    filling.press("finish")
    pressed(nurse, nurse.get(filling.page.request.path).text)
    told = words(nurse.get(filling.page.request.path))
    assert "Reception Example called a clinician" in told
    assert DEALING.search(told)


def test_a_masked_one_is_told_behind_the_press_alone(
    nurse: Staff, doctor: Staff, person_id: str
) -> None:
    finished(nurse, person_id, "hark", **HARK)
    private = f"/people/{person_id}/private"
    assert pressed(nurse, nurse.post(private).text) == private
    start = nurse.get(private)
    assert RECORDED in words(start)
    assert "Nobody else can see this screen" in words(start)
    assert "HARK" not in start.text
    for page in (doctor.get(private), doctor.get(f"/people/{person_id}/questionnaires")):
        assert "dealing" not in page.text
    opened = doctor.post(private).text
    assert "HARK positive" in opened
    assert DEALING.search(STEPS.sub("", opened))
    assert "I am dealing with this" not in opened
    assert len(STEPS.findall(opened)) == 1


def test_a_second_press_does_not_say_that_it_was_recorded(
    nurse: Staff, doctor: Staff, service: Service, add_form: AddForm, person_id: str
) -> None:
    finished(nurse, person_id, add_form("cold", COLD), **{"q:cold": "none"})
    [row] = cards_of_person(service, person_id)
    where = f"/people/{person_id}/cards/{row.card_row_id}/acknowledge"
    nurse.post(where)
    nurse.get("/people")
    doctor.post(where)
    assert "A colleague is dealing with this already." in words(doctor.get("/people"))


@pytest.mark.parametrize(
    "place",
    [
        "https://elsewhere.example/",
        "//elsewhere.example/people/x/private",
        "/people/somebody-else/private",
        "/sign-in",
        "/people",
        "",
    ],
)
def test_a_press_leads_to_no_page_but_one_of_this_person(
    place: str, nurse: Staff, service: Service, add_form: AddForm
) -> None:
    person_id = make_person(service)
    finished(nurse, person_id, add_form("cold", COLD), **{"q:cold": "none"})
    [row] = cards_of_person(service, person_id)
    where = f"/people/{person_id}/cards/{row.card_row_id}/acknowledge"
    assert nurse.post(where, {"page": place}).location == f"/people/{person_id}/template"
    nurse.get("/people")
