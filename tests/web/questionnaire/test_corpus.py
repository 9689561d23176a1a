"""Every questionnaire of other projects that compiles is shown without error, blank and answered.

Needs `../shared`, the folder of example files beside the repository.
"""

from pathlib import Path
from typing import Any

import orjson
import pytest
from flask import Flask, g

from template_service import clock
from template_service.access.principal import Principal, Role
from template_service.actions.questionnaire_working import settled
from template_service.actions.questionnaires import OpenQuestionnaire
from template_service.questionnaire.definition import compile_questionnaire
from template_service.questionnaire.form import Form
from template_service.questionnaire.privacy import private_items
from template_service.questionnaire.problems import QuestionnaireError
from template_service.records.people import Person, person
from template_service.service import Service
from template_service.web.questionnaire_gate import Sight
from template_service.web.questionnaire_language import spoken
from template_service.web.questionnaire_reading import read_page, written_page
from template_service.web.questionnaire_sheet import Sheet, show_sheet
from tests.web.conftest import PRACTICE, make_person
from tests.web.staff import words_of

SHARED = Path(__file__).parents[4] / "shared/data/fhir"
FILES = sorted(
    (*(SHARED / "questionnaires").glob("*.json"), *(SHARED / "sdoh").glob("*uestionnaire*.json"))
)
NURSE = Principal(Role.CLINICIAN, PRACTICE, "Nurse Example", user_id="u", session_id="s")

pytestmark = pytest.mark.skipif(not SHARED.exists(), reason="needs ../shared")


@pytest.fixture(scope="module")
def somebody(service: Service) -> Person:
    person_id = make_person(service)
    with service.store.read() as conn:
        found = person(conn, PRACTICE, person_id)
    assert found is not None
    return found


def compiled(path: Path) -> Form | None:
    try:
        return compile_questionnaire(orjson.loads(path.read_bytes()))
    except QuestionnaireError:
        return None


def answer(form: Form) -> dict[str, tuple[str, ...]]:
    """Something typed into every box, and every option ticked that may be."""
    blank = written_page(form, {}, Sight(private_items(form), sees_safety=True))
    typed: dict[str, tuple[str, ...]] = dict.fromkeys(blank, ("0", "1"))
    for item in form.items.values():
        options = tuple(option.code for option in item.options)
        typed[f"q:{item.link_id}"] = options if item.repeats else options[:1] or ("7",)
    return typed


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_it_is_shown(path: Path, app: Flask, somebody: Person) -> None:
    form = compiled(path)
    if form is None:
        return
    sight = Sight(private_items(form), sees_safety=True)
    blank = written_page(form, {}, sight)
    with app.test_request_context("/people/x/questionnaires/y"):
        g.principal = NURSE
        opened = OpenQuestionnaire(somebody, form, None, {})
        for fields in (blank, answer(form)):
            sheet = Sheet(NURSE, opened, spoken(form, None, None), fields, clock.today())
            page = show_sheet(sheet)
            assert page.status_code == 200
            shown = words_of(page.get_data(as_text=True))
            for item in form.roots:
                if item.text and "_text" not in item.raw and not item.hidden:
                    assert " ".join(item.text.split()) in shown
    reading = read_page(form, blank, {}, sight)
    empty: dict[str, Any] = settled(form, reading.response, somebody).response
    assert written_page(form, empty, sight).keys() >= blank.keys()
