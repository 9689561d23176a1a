"""A result that counts "don't know" as "no" says so where a clinician reads it, and only there."""

from typing import Any

import pytest

from template_service.questionnaire.checking.doubtful import doubtful_results
from template_service.questionnaire.definition import compile_questionnaire
from template_service.service import Service
from tests.unit.questionnaire.checking.conftest import questionnaire
from tests.unit.questionnaire.checking.test_dont_know import (
    SAFE,
    either,
    question,
    result,
    risk,
)
from tests.web.questionnaire.conftest import AddForm
from tests.web.questionnaire.filling import Filling
from tests.web.staff import Staff, words

CAUTION = "This result counts “Don’t know” as “no”: read the answers themselves."
TRAP = either(risk("at-risk"), risk("no-risk"))


def items(text: str) -> list[dict[str, Any]]:
    calculated = {**result(text), "text": "Risk"}
    return [{**question(name), "text": f"Ask {name}"} for name in "ab"] + [calculated]


@pytest.mark.parametrize(("name", "text", "doubted"), [("trap", TRAP, True), ("safe", SAFE, False)])
def test_the_value_stands_with_the_caution_on_the_form_and_on_the_result(
    *, name: str, text: str, doubted: bool, nurse: Staff, add_form: AddForm, person_id: str
) -> None:
    form = add_form(f"doubt-{name}", *items(text))
    filling = Filling.open(nurse, person_id, form).answer("q:a", "never").answer("q:b", "never")
    filling.press("save")
    assert "No risk" in words(filling.page)
    assert (f"No risk {CAUTION}" in words(filling.page)) is doubted
    filling.press("finish")
    assert (f"Risk No risk {CAUTION}" in words(filling.page)) is doubted


def test_it_is_said_in_whatever_language_the_questions_are(
    nurse: Staff, add_form: AddForm, person_id: str
) -> None:
    translated = items(TRAP)
    more = {"url": "http://hl7.org/fhir/StructureDefinition/translation"}
    spanish = [{"url": "lang", "valueCode": "es"}, {"url": "content", "valueString": "¿A?"}]
    translated[0]["_text"] = {"extension": [{**more, "extension": spanish}]}
    form = add_form("doubt-es", *translated, language="en")
    filling = Filling.open(nurse, person_id, form, "?lang=es")
    assert "¿A?" in words(filling.page)
    filling.answer("q:a", "dk").answer("q:b", "dk").press("finish")
    assert CAUTION in words(filling.page)


def test_a_form_is_tried_once_however_often_it_is_looked_at(
    nurse: Staff, service: Service, add_form: AddForm, person_id: str
) -> None:
    form = add_form("doubt-once", *items(TRAP))
    address = f"/people/{person_id}/questionnaires/{form}"
    assert nurse.get(address).status_code == 200
    tried = doubtful_results.cache_info().misses
    for _ in range(3):
        assert nurse.get(address).status_code == 200
    assert doubtful_results.cache_info().misses == tried


def test_only_what_the_check_warns_of_is_doubtful() -> None:
    trap = compile_questionnaire(questionnaire(*items(TRAP)))
    safe = compile_questionnaire(questionnaire(*items(SAFE)))
    without = compile_questionnaire(questionnaire(*items(TRAP)[:2]))
    found = [doubtful_results(form) for form in (trap, safe, without)]
    assert found == [frozenset({"risk"}), frozenset(), frozenset()]
