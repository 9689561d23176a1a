"""Responses of the public FHIR test cases are judged as their authors judged them, and say why.

Two of them were judged with a terminology server. What the pair itself tells is enough: two codes
shown with one text, and a value set at an address where nothing is ever published.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from template_service.questionnaire.definition import compile_questionnaire
from template_service.questionnaire.validation import validate
from tests.conftest import SHARED

FOLDER = SHARED / "data" / "fhir" / "validation"
CASES: list[dict[str, Any]] = (
    json.loads((FOLDER / "cases.json").read_text(encoding="utf-8"))
    if (FOLDER / "cases.json").is_file()
    else []
)
Q1 = "QuestionnaireResponse.item[0]"
FIRST = f"{Q1}.answer[0]"

# (place, FHIR issue-type, part of the sentence) of every error.
REASONS: dict[str, list[tuple[str, str, str]]] = {
    "abstract-question-type-included": [(FIRST, "structure", "takes no answer")],
    "attachment-invalid-type": [(FIRST, "value", "given as valueAttachment")],
    "boolean-invalid-type": [(FIRST, "value", "given as valueBoolean")],
    "choice-async": [(Q1, "code-invalid", "same text")],
    "choice-invalid-value-set-async": [(FIRST, "not-found", "does not exist")],
    "date-min-max": [
        (f"{Q1}.answer[3]", "value", "2020 or later"),
        (f"{Q1}.answer[4]", "value", "2022 or earlier"),
    ],
    "decimal-invalid-type": [(FIRST, "value", "given as valueDecimal")],
    "group-with-string-invalid-nesting-link-id": [
        (Q1, "not-found", "no item with this linkId"),
        ("QuestionnaireResponse", "required", "'q2'"),
    ],
    "integer-answer-option": [(f"{Q1}.answer[2]", "code-invalid", "not one of the options")],
    "open-choice-invalid-type": [
        (FIRST, "value", "given as valueCoding"),
        (Q1, "required", "required"),
    ],
    "quantity-min-max-compat-units": [
        (FIRST, "value", "50 km or more"),
        (FIRST, "value", "5 km or less"),
    ],
    "quantity-units-not-in-value-set": [(FIRST, "code-invalid", "system and code")],
    "reference-invalid-url": [(FIRST, "value", "reference must be")],
    "string-answer-option": [(f"{Q1}.answer[2]", "code-invalid", "not one of the options")],
    "string-max-occurs": [(Q1, "structure", "At most 2")],
    "string": [(Q1, "structure", "one answer only")],
    "string-vs-text": [(FIRST, "value", "one line")],
    "time-invalid-type": [(FIRST, "value", "given as valueTime")],
    "url-value": [
        (f"{Q1}.answer[1]", "value", "format"),
        (f"{Q1}.answer[4]", "value", "format"),
    ],
}
# The authors' only complaint about these is the wrong type; that no answer is left is another.
ALSO_REQUIRED = {"boolean-invalid-type", "decimal-invalid-type", "time-invalid-type"}


@pytest.fixture(params=CASES, ids=[case["response"].removesuffix("-qr.json") for case in CASES])
def case(request: pytest.FixtureRequest, shared: Path) -> dict[str, Any]:
    assert len(CASES) == 25
    found: dict[str, Any] = request.param
    return found


def read(name: str) -> Any:
    return json.loads((FOLDER / name).read_text(encoding="utf-8"))


def test_a_public_case_is_judged_as_its_authors_did(case: dict[str, Any]) -> None:
    name = case["response"].removesuffix("-qr.json")
    checked = validate(compile_questionnaire(read(case["questionnaire"])), read(case["response"]))

    assert (not checked.errors) is case["valid"]
    expected = list(REASONS.get(name, ()))
    if name in ALSO_REQUIRED:
        expected.append((Q1, "required", "required"))
    found = [(each.expression, each.code) for each in checked.errors]
    assert sorted(found) == sorted((place, code) for place, code, _ in expected)
    for place, code, said in expected:
        messages = [p.message for p in checked.errors if (p.expression, p.code) == (place, code)]
        assert any(said in message for message in messages), said


def test_a_rule_that_is_a_warning_and_a_period_that_is_over_are_said_all_the_same(
    shared: Path,
) -> None:
    def warnings(name: str) -> list[str]:
        form = compile_questionnaire(read(f"{name}-q.json"))
        problems = validate(form, read(f"{name}-qr.json")).problems
        return [each.message for each in problems if each.severity == "warning"]

    assert any("Must have 3 answers" in each for each in warnings("invariant-questionnaire"))
    assert not any("Must have 2 answers" in each for each in warnings("invariant-questionnaire"))
    assert any("after the questionnaire" in each for each in warnings("questionnaire-inactive-end"))
    assert shared.is_dir()
