"""The engine against a second implementation, and against the template's own FHIRPath."""

import json
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from template_service.questionnaire.answers import to_response
from template_service.questionnaire.expressions import calculated
from template_service.questionnaire.form import Answers
from template_service.questionnaire.scoring import Context, score, score_report
from template_service.questionnaire.validation import validate
from tests.conftest import SHARED
from tests.spec.reference_scoring import Reference
from tests.spec.test_scoring_cases import as_expected
from tests.strategies import (
    case_inputs,
    case_response,
    leeds_form,
    leeds_questionnaire,
    submittable_answers,
)

TEMPLATE_FILE = SHARED / "content" / "template.json"
needs_shared = pytest.mark.skipif(not TEMPLATE_FILE.is_file(), reason="needs ../shared")


@cache
def template() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(TEMPLATE_FILE.read_text(encoding="utf-8"))
    return found


@needs_shared
@settings(max_examples=2500)
@given(data=st.data())
def test_the_engine_agrees_with_the_reference_on_any_answers(data: st.DataObject) -> None:
    case = data.draw(case_inputs(template()))
    context = Context(case["ctx"]["age"], frozenset(case["ctx"]["conditions"]))
    response = case_response(leeds_questionnaire(), case)

    answers = validate(leeds_form(), response).answers
    scored = score(leeds_form(), answers, context, frozenset(case["not_offered"]))

    assert as_expected(scored.as_json()) == Reference(template(), case).result()


@needs_shared
@settings(max_examples=300)
@given(data=st.data())
def test_an_answer_to_a_disabled_item_is_an_error_unless_it_discloses(data: st.DataObject) -> None:
    case = data.draw(case_inputs(template()))
    reference = Reference(template(), case)
    counted = {
        (option["question"], option["code"])
        for options in reference.chosen.values()
        for option in options
    }
    given_codes = {
        (link_id, code) for link_id in case["answers"] for code in reference.codes(link_id)
    }

    checked = validate(leeds_form(), case_response(leeds_questionnaire(), case))

    refused = {link_id for link_id, _ in given_codes - counted}
    assert {problem.link_id for problem in checked.errors} == refused


@settings(max_examples=60)
@given(answers=submittable_answers(leeds_form()))
def test_the_templates_own_expressions_give_the_engines_levels(answers: Answers) -> None:
    form = leeds_form()
    response = to_response(form, answers, status="completed")
    assert validate(form, response).problems == ()

    levels = calculated(form, response)

    scored = score(form, answers)
    assert levels == {
        f"{domain.id}.level": domain.level
        for domain in scored.domains.values()
        if domain.level is not None
    }


@settings(max_examples=40)
@given(answers=submittable_answers(leeds_form()))
def test_the_report_totals_the_weights_of_each_question(answers: Answers) -> None:
    form = leeds_form()

    report = score_report(form, to_response(form, answers, status="completed"))

    totals = {}
    for link_id in answers:
        options = [each for each in answers[link_id] if not isinstance(each, bool | str)]
        weights = [o.weight for o in options if getattr(o, "weight", None) is not None]
        if weights:
            totals[link_id] = sum(weights)
    assert report["scores"] == totals
