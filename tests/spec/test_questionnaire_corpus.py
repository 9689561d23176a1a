"""Every real Questionnaire in ../shared compiles and takes an empty response, or is refused.

What is refused was judged by reading the file; the reason is beside its name.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from template_service.questionnaire.answers import read_answers, to_response
from template_service.questionnaire.checking.check import check
from template_service.questionnaire.definition import compile_questionnaire
from template_service.questionnaire.problems import QuestionnaireError
from template_service.questionnaire.validation import validate
from tests.conftest import SHARED

FOLDERS = ("questionnaires", "sdoh", "extract", "validation")

# The same linkId on two items: answers to it could not be told apart (que-2).
TWICE = {
    "android-fhir--catalog--layout_paginated.json": "10.1",
    "fhir-test-cases--q-coepi.json": "g3.q2",
}
NO_QUESTIONNAIRE = "This is no Questionnaire."

# What else `check` calls an error, in questionnaires that can be used all the same.
BROKEN = {
    # A display item says required or repeats.
    "smart-forms--renderer--qOldCvdRiskCalculator.json": "que-6",
    "smart-forms--renderer--qParameterisedValueSetBasic.json": "que-6",
    "smart-forms--renderer--qUnitOptionDuplicate.json": "que-6",
    # From 20 to 2, and from 50 km to 5 km: nothing can be right, and the files test exactly that.
    "fhir-test-cases--questionnaire--brianpos--integer-min-max-q.json": "minValue is above",
    "quantity-min-max-compat-units-q.json": "minQuantity is above",
    # "true" in quotes: nothing is extracted there.
    "smart-forms--715.R4.json": "observationExtract must be a boolean",
}

# Its expression takes "Don't know/refused" for "Never true"; nobody else's does such a thing.
TRAPPED = "Questionnaire-SDOHCC-QuestionnaireHungerVitalSign.json"

FILES = tuple(
    pytest.param(path, id=f"{path.parent.name}/{path.name}")
    for folder in FOLDERS
    for path in sorted((SHARED / "data" / "fhir" / folder).glob("*.json"))
) or (pytest.param(None, id="none"),)


@pytest.fixture(params=FILES)
def path(request: pytest.FixtureRequest, shared: Path) -> Path:
    """One file of the real data."""
    assert shared.is_dir()
    found: Path = request.param
    return found


@pytest.fixture
def resource(path: Path) -> Any:
    """What is in the file."""
    return json.loads(path.read_text(encoding="utf-8"))


def is_questionnaire(resource: Any) -> bool:
    return isinstance(resource, dict) and resource.get("resourceType") == "Questionnaire"


def test_it_compiles_or_is_refused_for_its_reason(path: Path, resource: Any) -> None:
    try:
        compile_questionnaire(resource)
    except QuestionnaireError as refusal:
        errors = [one for one in refusal.problems if one.severity == "error"]
        if is_questionnaire(resource):
            [problem] = errors
            assert f"'{TWICE[path.name]}': This linkId is used twice" in problem.message
        else:
            assert [one.message for one in errors] == [NO_QUESTIONNAIRE]
    else:
        assert path.name not in TWICE


def test_it_takes_an_empty_response(path: Path, resource: Any) -> None:
    if path.name in TWICE or not is_questionnaire(resource):
        with pytest.raises(QuestionnaireError):
            compile_questionnaire(resource)
        return
    form = compile_questionnaire(resource)
    empty = to_response(form, {}, status="in-progress")
    assert read_answers(form, empty) == ({}, ())
    assert to_response(form, read_answers(form, empty)[0], status="in-progress") == empty
    assert validate(form, empty).errors == ()


def test_it_is_checked_and_what_is_wrong_is_known(path: Path, resource: Any) -> None:
    problems = check(resource)
    trapped = any("although the question is then unanswered" in one.message for one in problems)
    assert trapped == (path.name == TRAPPED)
    errors = [one.message for one in problems if one.severity == "error"]
    if not is_questionnaire(resource):
        assert errors == [NO_QUESTIONNAIRE]
    elif path.name in TWICE:
        assert any("que-2" in message for message in errors)
    elif path.name in BROKEN:
        assert errors
        assert all(BROKEN[path.name] in message for message in errors)
    else:
        assert errors == []
