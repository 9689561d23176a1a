"""Every worked case of the content engineers scores exactly as they worked it out."""

import json
from pathlib import Path
from typing import Any

import pytest

from template_service.questionnaire.scoring import Context, score, score_report
from template_service.questionnaire.validation import validate
from tests.conftest import SHARED
from tests.spec.reference_scoring import Reference
from tests.strategies import case_response, leeds_form, leeds_questionnaire

CASES_FILE = SHARED / "content" / "scoring_cases.json"
CASES: list[dict[str, Any]] = (
    json.loads(CASES_FILE.read_text(encoding="utf-8")) if CASES_FILE.is_file() else []
)


@pytest.fixture(params=CASES, ids=[case["name"] for case in CASES])
def case(request: pytest.FixtureRequest, shared: Path) -> dict[str, Any]:
    assert len(CASES) == 22
    found: dict[str, Any] = request.param
    return found


def context_of(case: dict[str, Any]) -> Context:
    context = case["input"].get("ctx", {})
    return Context(context.get("age"), frozenset(context.get("conditions", ())))


def as_expected(report: dict[str, Any]) -> dict[str, Any]:
    domains = report["domains"]
    return {
        "states": {name: domain["state"] for name, domain in domains.items()},
        "levels": {n: d["level"] for n, d in domains.items() if d["level"] is not None},
        "urgent": report["urgent"],
        "masked_on_screen": report["masked_on_screen"],
        "order": report["order"],
        "needs": report["needs"],
    }


def test_a_worked_case_scores_as_worked_out(case: dict[str, Any]) -> None:
    response = case_response(leeds_questionnaire(), case["input"])

    report = score_report(leeds_form(), response, context_of(case))

    assert as_expected(report) == case["expected"]


def test_a_worked_case_is_accepted_and_scores_alike_when_validated(case: dict[str, Any]) -> None:
    checked = validate(leeds_form(), case_response(leeds_questionnaire(), case["input"]))

    assert checked.errors == ()
    scored = score(leeds_form(), checked.answers, context_of(case))
    assert as_expected(scored.as_json()) == case["expected"]


def test_the_reference_scorer_agrees_with_every_worked_case(
    case: dict[str, Any], shared: Path
) -> None:
    template = json.loads((shared / "content" / "template.json").read_text(encoding="utf-8"))

    assert Reference(template, case["input"]).result() == case["expected"]


def test_wanted_help_is_reported_beside_the_need(case: dict[str, Any]) -> None:
    response = case_response(leeds_questionnaire(), case["input"])

    domains = score_report(leeds_form(), response, context_of(case))["domains"]

    wanted = {name: each["wants_help"] for name, each in domains.items() if each["wants_help"]}
    assert wanted == case["input"].get("wants_help", {})
