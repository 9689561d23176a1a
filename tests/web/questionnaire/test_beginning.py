"""A response is begun once, and not with a questionnaire that is retired."""

from typing import Any

import pytest

from template_service.actions.library import retire
from template_service.records import responses
from template_service.service import Service
from tests.web.conftest import PRACTICE, make_person
from tests.web.questionnaire.conftest import BASE, AddForm
from tests.web.questionnaire.filling import Filling
from tests.web.questionnaire.test_losing_nothing import raised, urgent
from tests.web.questionnaire.test_pages import answers, stored
from tests.web.questionnaire.test_safety import MASKED
from tests.web.staff import Staff, words

MASKED_AND_NEEDED: dict[str, Any] = {
    "linkId": "hurt",
    "type": "boolean",
    "text": "Hurt?",
    "required": True,
    "extension": MASKED,
}
ITEM: dict[str, Any] = {"linkId": "a", "type": "string", "text": "First"}


def count(service: Service, person_id: str) -> int:
    with service.store.read() as conn:
        return len(responses.responses_of(conn, PRACTICE, person_id))


def test_a_first_finish_sent_twice_finishes_once(
    nurse: Staff, service: Service, add_form: AddForm, person_id: str
) -> None:
    page = Filling.open(nurse, person_id, add_form("once", ITEM)).answer("q:a", "x")
    sent = {**page.fields, "do": ["finish"]}
    first, again = (nurse.post(page.address, sent) for _ in range(2))
    assert (first.status_code, again.status_code) == (303, 303)
    assert first.location == again.location
    assert count(service, person_id) == 1


def test_the_same_page_with_other_answers_is_not_taken_for_the_first(
    nurse: Staff, service: Service, add_form: AddForm, person_id: str
) -> None:
    form = add_form("once", ITEM)
    page = Filling.open(nurse, person_id, form).answer("q:a", "x")
    nurse.post(page.address, {**page.fields, "do": ["finish"]})
    assert page.answer("q:a", "y").press("finish").status_code == 409
    assert "finished or discarded meanwhile" in words(page.page)
    assert page.values("q:a") == ["y"]
    assert page.press("finish").status_code == 303
    assert count(service, person_id) == 2


@pytest.mark.parametrize("asks", [ITEM, MASKED_AND_NEEDED])
def test_a_finish_of_a_draft_sent_twice_leads_to_its_result(
    asks: dict[str, Any], nurse: Staff, service: Service, add_form: AddForm, person_id: str
) -> None:
    form = add_form(f"once-of-{asks['linkId']}", asks, {**ITEM, "linkId": "b"})
    name = f"q:{asks['linkId']}"
    Filling.open(nurse, person_id, form).answer(name, "true").press("save")
    page = Filling.open(nurse, person_id, form).answer("q:b", "x")
    sent = {**page.fields, "do": ["finish"]}
    first, again = (nurse.post(page.address, sent) for _ in range(2))
    assert (first.status_code, again.status_code) == (303, 303)
    assert first.location == again.location
    # Nor does a draft that somebody began since make another page of it.
    Filling.open(nurse, person_id, form).answer("q:b", "new").press("save")
    assert nurse.post(page.address, sent).location == first.location
    assert count(service, person_id) == 2


def test_a_finish_of_a_draft_sent_again_with_other_answers_is_refused(
    nurse: Staff, doctor: Staff, service: Service, add_form: AddForm, person_id: str
) -> None:
    form = add_form("once", ITEM)
    Filling.open(nurse, person_id, form).answer("q:a", "x").press("save")
    page, same = (Filling.open(who, person_id, form) for who in (nurse, doctor))
    nurse.post(page.address, {**page.fields, "do": ["finish"]})
    assert page.answer("q:a", "y").press("finish").status_code == 409
    assert page.values("q:a") == ["y"]
    # Another page with the same answers is told who finished it.
    assert same.press("finish").status_code == 409
    assert count(service, person_id) == 1


def test_one_that_is_retired_is_not_begun_but_finished(
    nurse: Staff, service: Service, add_form: AddForm, person_id: str
) -> None:
    other_person_id = make_person(service)
    form = add_form("retired", ITEM)
    draft = Filling.open(nurse, person_id, form).answer("q:a", "x")
    draft.press("save")
    open_page = Filling.open(nurse, other_person_id, form).answer("q:a", "y")
    retire(service.store, service.forms, f"{BASE}/retired", by="test")
    refused = nurse.get(open_page.address)
    assert refused.status_code == 409
    assert "This questionnaire is retired" in words(refused)
    for button in ("save", "finish"):
        assert open_page.press(button).status_code == 409
        assert "Nothing has been saved" in words(open_page.page)
        assert open_page.values("q:a") == ["y"]
    assert count(service, other_person_id) == 0
    assert draft.press("finish").status_code == 303
    assert stored(service, person_id, form)["status"] == "completed"


def test_a_retired_version_that_is_posted_is_not_begun(
    nurse: Staff, service: Service, add_form: AddForm, person_id: str
) -> None:
    add_form("versioned", ITEM)
    retire(service.store, service.forms, f"{BASE}/versioned", by="test")
    form = add_form("versioned", ITEM, version="2")
    page = Filling.open(nurse, person_id, form).answer("q:a", "x").answer("version", "1")
    assert page.press("save").status_code == 409
    assert count(service, person_id) == 0


def test_what_is_urgent_is_kept_even_then(
    nurse: Staff, service: Service, add_form: AddForm, person_id: str
) -> None:
    offered = urgent(service, "homeless_tonight")
    item = {"linkId": "u", "type": "choice", "text": "Urgent?", "answerOption": offered}
    form = add_form("retired-urgent", item)
    page = Filling.open(nurse, person_id, form).answer("q:u", "homeless_tonight")
    retire(service.store, service.forms, f"{BASE}/retired-urgent", by="test")
    assert page.press("save").status_code == 303
    assert raised(service, person_id) == ["homeless_tonight"]
    assert "u" in answers(stored(service, person_id, form))
