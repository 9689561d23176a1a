"""The engine against a second implementation, and against the template's own FHIRPath."""

import json
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from template_service.questionnaire.answers import to_response
from template_service.questionnaire.form import Answers, Option
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


def cases() -> st.SearchStrategy[dict[str, Any]]:
    return case_inputs(template()) if TEMPLATE_FILE.is_file() else st.nothing()


@needs_shared
@settings(max_examples=4000)
@given(cases())
def test_the_engine_agrees_with_the_reference_on_any_answers(case: dict[str, Any]) -> None:
    context = Context(case["ctx"]["age"], frozenset(case["ctx"]["conditions"]))
    response = case_response(leeds_questionnaire(), case)

    answers = validate(leeds_form(), response).answers
    scored = score(leeds_form(), answers, context, frozenset(case["not_offered"]))

    assert as_expected(scored.as_json()) == Reference(template(), case).result()


@needs_shared
@settings(max_examples=400)
@given(cases())
def test_an_answer_to_a_disabled_item_is_an_error_unless_it_discloses(
    case: dict[str, Any],
) -> None:
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


@settings(max_examples=30)
@given(answers=submittable_answers(leeds_form()))
def test_the_templates_own_expressions_give_the_engines_levels(answers: Answers) -> None:
    form = leeds_form()
    response = to_response(form, answers, status="completed")
    assert validate(form, response).problems == ()

    report = score_report(form, response)

    levels = {f"{name}.level": domain["level"] for name, domain in report["domains"].items()}
    assert report["calculated"] == {k: level for k, level in levels.items() if level is not None}
    assert report["scores"] == totals(answers)


def totals(answers: Answers) -> dict[str, int]:
    """The sum of the weights chosen, per question that has any."""
    found: dict[str, int] = {}
    for link_id, values in answers.items():
        for value in values:
            if isinstance(value, Option) and value.weight is not None:
                found[link_id] = found.get(link_id, 0) + int(value.weight)
    return found
