"""A draft is discarded on purpose, and never one that somebody must act on."""

import pytest

from template_service.records.audit import entries
from template_service.service import Service
from tests.web.conftest import PRACTICE
from tests.web.questionnaire.conftest import AddForm
from tests.web.questionnaire.filling import Filling
from tests.web.questionnaire.test_beginning import ITEM, count
from tests.web.questionnaire.test_losing_nothing import DEEP, UNHELD, raised, urgent
from tests.web.questionnaire.test_pages import coded, keep_as, stored
from tests.web.staff import Staff, words

KEPT = "This draft cannot be discarded"


@pytest.fixture
def draft(nurse: Staff, add_form: AddForm, person_id: str) -> Filling:
    filling = Filling.open(nurse, person_id, add_form("discarding", ITEM)).answer("q:a", "begun")
    assert "discard" not in filling.buttons
    filling.press("save")
    return filling


def discard(filling: Filling, *, sure: bool = True) -> int:
    button = "discard:yes" if sure else "discard"
    sent = {name: filling.fields[name] for name in ("revision", "response", "version")}
    filling.page = filling.staff.post(filling.address, {**sent, "do": [button]})
    return filling.page.status_code


def test_a_draft_is_discarded_after_a_question(
    draft: Filling, service: Service, person_id: str
) -> None:
    assert "discard" in draft.buttons
    assert discard(draft, sure=False) == 200
    assert "Discard this draft?" in words(draft.page)
    assert 'name="do" value="discard:yes"' in draft.page.text
    assert stored(service, person_id, "discarding")["status"] == "in-progress"
    assert discard(draft) == 303
    place = f"/people/{person_id}/questionnaires"
    listed = words(draft.staff.get(place))
    assert "The draft was discarded." in listed
    assert "About discarding Not started" in listed
    kept = stored(service, person_id, "discarding")
    assert kept["status"] == "stopped"
    assert kept["item"]
    with service.store.read() as conn:
        [response_id] = [
            each.entities["response"]
            for each in entries(conn, PRACTICE)
            if each.action == "discard-draft" and each.entities["person"] == person_id
        ]
    # Pressed twice it is discarded once.
    assert discard(draft) == 303
    # It is no result, and the next one begins empty.
    assert draft.staff.get(f"{place}/results/{response_id}").status_code == 404
    again = Filling.open(draft.staff, person_id, "discarding")
    assert again.values("q:a") == [""]
    again.answer("q:a", "new").press("save")
    assert count(service, person_id) == 2


def test_a_draft_that_a_colleague_saved_meanwhile_is_asked_about_again(
    draft: Filling, doctor: Staff, service: Service, person_id: str
) -> None:
    Filling.open(doctor, person_id, "discarding").answer("q:a", "more").press("save")
    assert discard(draft) == 409
    assert "Somebody else saved this draft meanwhile" in words(draft.page)
    assert 'name="revision" value="2"' in draft.page.text
    assert stored(service, person_id, "discarding")["status"] == "in-progress"


def test_what_was_typed_on_a_page_of_a_discarded_draft_begins_a_new_one(
    draft: Filling, service: Service, person_id: str
) -> None:
    typed = Filling.open(draft.staff, person_id, "discarding").answer("q:a", "typed")
    discard(draft)
    assert typed.press("save").status_code == 409
    assert typed.values("q:a") == ["typed"]
    assert typed.press("save").status_code == 303
    assert stored(service, person_id, "discarding")["status"] == "in-progress"


def test_a_draft_that_discloses_or_raised_a_card_is_never_discarded(
    nurse: Staff, service: Service, add_form: AddForm, person_id: str
) -> None:
    form = add_form(
        "discarding-urgent",
        {
            "linkId": "u",
            "type": "choice",
            "repeats": True,
            "text": "Anything urgent?",
            "answerOption": [*urgent(service, "homeless_tonight"), *coded("none")],
        },
    )
    filling = Filling.open(nurse, person_id, form).answer("q:u", "homeless_tonight")
    filling.press("save")
    assert discard(filling) == 409
    assert KEPT in words(filling.page)
    assert "discard:yes" not in filling.page.text
    again = Filling.open(nurse, person_id, form).answer("q:u", "none")
    again.press("save")
    assert discard(again) == 409
    assert stored(service, person_id, form)["status"] == "in-progress"
    assert raised(service, person_id) == ["homeless_tonight"]


@pytest.mark.parametrize("told", ["yes", "no"])
def test_the_refusal_of_a_questionnaire_about_safety_tells_nothing(
    told: str, nurse: Staff, person_id: str
) -> None:
    filling = Filling.open(nurse, person_id, "hark").answer("q:hark.afraid", told)
    filling.press("save")
    assert discard(filling) == 409
    assert KEPT in words(filling.page)


def test_a_draft_that_no_page_holds_can_be_discarded(
    nurse: Staff, service: Service, add_form: AddForm, person_id: str
) -> None:
    form = add_form("deep", *DEEP)
    filling = Filling.open(nurse, person_id, form).answer("q:plain", "x")
    filling.press("save")
    odd = {**stored(service, person_id, form), "item": UNHELD["two answers"]}
    keep_as(service, person_id, form, odd)
    stopped = nurse.get(filling.address)
    assert 'name="do" value="discard"' in stopped.text
    filling.fields["revision"] = ["2"]
    assert discard(filling) == 303
    assert nurse.get(filling.address).status_code == 200
    assert count(service, person_id) == 1
