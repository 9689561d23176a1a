"""Whoever looks at what a person answered is named in the audit, once for each look."""

import pytest

from template_service.records.audit import entries
from template_service.service import Service
from tests.web.conftest import PRACTICE
from tests.web.questionnaire.conftest import AddForm
from tests.web.questionnaire.filling import Filling
from tests.web.staff import Staff, words

OPENED = "open-questionnaire"


def looks(service: Service, person_id: str) -> list[str]:
    """What was done with a person's record, oldest first."""
    with service.store.read() as conn:
        found = entries(conn, PRACTICE, limit=50)
    return [one.action for one in found if one.entities.get("person") == person_id][::-1]


@pytest.fixture
def form(add_form: AddForm) -> str:
    return add_form("looks", {"linkId": "a", "type": "string", "repeats": True, "text": "A"})


def test_the_list_of_questionnaires_is_a_look(
    nurse: Staff, service: Service, person_id: str
) -> None:
    nurse.get(f"/people/{person_id}/questionnaires")
    assert looks(service, person_id) == ["list-questionnaires"]


def test_a_page_that_was_opened_looks_on_without_another_entry(
    nurse: Staff, service: Service, form: str, person_id: str
) -> None:
    filling = Filling.open(nurse, person_id, form).answer("q0:a", "told")
    nurse.post(f"{filling.address}/look", filling.fields)
    filling.press("save")
    nurse.post(f"{filling.address}/look", filling.fields)
    filling.press("add:row:a")
    assert looks(service, person_id) == [OPENED, "save-response", OPENED]


@pytest.mark.parametrize("sent", [{}, {"revision": "1"}, {"revision": "x", "response": "x"}])
def test_a_look_without_having_opened_it_is_one(
    doctor: Staff, service: Service, form: str, person_id: str, sent: dict[str, str]
) -> None:
    filling = Filling.open(doctor, person_id, form).answer("q0:a", "told")
    filling.press("save")
    before = looks(service, person_id)
    assert "told" in doctor.post(f"{filling.address}/look", sent).text
    assert looks(service, person_id) == [*before, OPENED]


def test_a_look_at_what_a_colleague_saved_since_is_one(
    doctor: Staff, nurse: Staff, service: Service, form: str, person_id: str
) -> None:
    old = Filling.open(nurse, person_id, form)
    Filling.open(doctor, person_id, form).answer("q0:a", "told").press("save")
    before = looks(service, person_id)
    nurse.post(f"{old.address}/look", old.fields)
    assert looks(service, person_id) == [*before, OPENED]


def test_private_notes_are_a_look_also_where_there_are_none(
    nurse: Staff, service: Service, person_id: str
) -> None:
    private = f"/people/{person_id}/private"
    assert "Nobody else can see this screen" in words(nurse.get(private))
    page = nurse.post(private)
    assert "Nothing private is recorded." in words(page)
    assert f'href="/people/{person_id}/questionnaires"' in page.text
    assert looks(service, person_id) == ["open-plan", "open-private-notes"]


@pytest.mark.parametrize("is_told", [False, True])
def test_the_way_to_private_notes_is_on_every_list_for_a_clinician_alone(
    nurse: Staff, navigator: Staff, person_id: str, *, is_told: bool
) -> None:
    if is_told:
        hark = Filling.open(nurse, person_id, "hark").answer("gate:seen-alone", "true")
        hark.answer("q:hark.afraid", "yes").press("save")
    place = f"/people/{person_id}/questionnaires"
    assert f'href="/people/{person_id}/private"' in nurse.get(place).text
    assert "/private" not in navigator.get(place).text
