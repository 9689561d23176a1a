"""`questionnaire extract|populate|assemble`, run on files as a user runs them."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from template_service.cli import main

URL = "https://city.example/fhir/Questionnaire/home"
SDC = "http://hl7.org/fhir/uv/sdc/StructureDefinition"
CODE = {"system": "http://loinc.org", "code": "71802-3", "display": "Housing status"}
BORN = {
    "language": "text/fhirpath",
    "expression": "%patient.birthDate",
}
HOME: dict[str, Any] = {
    "resourceType": "Questionnaire",
    "url": URL,
    "version": "1.0",
    "title": "Home",
    "status": "active",
    "item": [
        {
            "linkId": "warm",
            "type": "boolean",
            "text": "Is your home warm?",
            "code": [CODE],
            "extension": [
                {"url": f"{SDC}/sdc-questionnaire-observationExtract", "valueBoolean": True}
            ],
        },
        {
            "linkId": "born",
            "type": "date",
            "text": "Day of birth",
            "extension": [
                {"url": f"{SDC}/sdc-questionnaire-initialExpression", "valueExpression": BORN}
            ],
        },
    ],
    "extension": [
        {
            "url": f"{SDC}/sdc-questionnaire-launchContext",
            "extension": [
                {
                    "url": "name",
                    "valueCoding": {
                        "system": "http://hl7.org/fhir/uv/sdc/CodeSystem/launchContext",
                        "code": "patient",
                    },
                },
                {"url": "type", "valueCode": "Patient"},
            ],
        }
    ],
}
ANSWERED = {
    "resourceType": "QuestionnaireResponse",
    "questionnaire": f"{URL}|1.0",
    "status": "completed",
    "item": [{"linkId": "warm", "answer": [{"valueBoolean": False}]}],
}
PATIENT = {"resourceType": "Patient", "id": "1", "birthDate": "1980-02-29"}
MODULAR = {
    "resourceType": "Questionnaire",
    "url": "https://city.example/fhir/Questionnaire/whole",
    "status": "active",
    "item": [
        {
            "linkId": "module",
            "type": "display",
            "text": "A module",
            "extension": [
                {"url": f"{SDC}/sdc-questionnaire-subQuestionnaire", "valueCanonical": URL}
            ],
        }
    ],
}


@pytest.fixture
def run(tmp_path: Path) -> Callable[..., Result]:
    """Runs `questionnaire …`; anything but text among the arguments is a file with that JSON."""

    def invoke(*arguments: Any) -> Result:
        named = []
        for number, each in enumerate(arguments):
            path = tmp_path / f"{number}.json"
            if not isinstance(each, str):
                path.write_text(json.dumps(each))
            named.append(each if isinstance(each, str) else str(path))
        return CliRunner().invoke(main, ["questionnaire", *named])

    return invoke


def test_extract_prints_a_transaction(run: Callable[..., Result]) -> None:
    result = run("extract", HOME, ANSWERED)
    assert result.exit_code == 0, result.output
    bundle = json.loads(result.stdout)
    assert (bundle["resourceType"], bundle["type"]) == ("Bundle", "transaction")
    assert [entry["resource"]["valueBoolean"] for entry in bundle["entry"]] == [False]


def test_a_response_with_an_error_is_not_extracted(run: Callable[..., Result]) -> None:
    wrong = {**ANSWERED, "item": [{"linkId": "private", "answer": [{"valueString": "words"}]}]}
    result = run("extract", HOME, wrong)
    assert (result.exit_code, result.stdout) == (1, "")
    assert "2.json: error: QuestionnaireResponse.item[0]: " in result.stderr
    assert "words" not in result.stderr


def test_populate_prints_a_response(run: Callable[..., Result]) -> None:
    result = run("populate", HOME, "--context", {"patient": PATIENT}, "--subject", "Patient/1")
    assert result.exit_code == 0, result.output
    filled = json.loads(result.stdout)
    assert (filled["questionnaire"], filled["status"]) == (f"{URL}|1.0", "in-progress")
    assert filled["subject"] == {"reference": "Patient/1"}
    assert [each["answer"] for each in filled["item"]] == [[{"valueDate": "1980-02-29"}]]


def test_populate_fills_nothing_from_somebody_else(run: Callable[..., Result]) -> None:
    result = run("populate", HOME, "--context", {"patient": PATIENT}, "--subject", "Patient/2")
    assert result.exit_code == 1
    assert "item" not in json.loads(result.stdout)
    assert "1980" not in result.output


def test_what_could_not_be_filled_in_is_told_beside_it(run: Callable[..., Result]) -> None:
    result = run("populate", HOME)
    assert json.loads(result.stdout)["resourceType"] == "QuestionnaireResponse"
    assert "1.json: " in result.stderr
    assert "born" in result.stderr


@pytest.mark.parametrize("context", [[], 3, None])
def test_a_context_that_is_none_is_named(run: Callable[..., Result], context: Any) -> None:
    result = run("populate", HOME, "--context", context)
    assert result.exit_code == 1
    assert "3.json: not a JSON object" in result.stderr


def test_assemble_prints_the_whole(run: Callable[..., Result]) -> None:
    result = run("assemble", MODULAR, "--with", HOME)
    assert result.exit_code == 0, result.output
    assert [each["linkId"] for each in json.loads(result.stdout)["item"]] == ["warm", "born"]


def test_a_module_that_is_not_among_the_files_is_named(run: Callable[..., Result]) -> None:
    result = run("assemble", MODULAR)
    assert (result.exit_code, result.stdout) == (1, "")
    assert "1.json: error: Questionnaire.item[0]" in result.stderr
    nameless = {name: value for name, value in HOME.items() if name != "url"}
    unnamed = run("assemble", MODULAR, "--with", nameless)
    assert (unnamed.exit_code, "3.json: Questionnaire.url" in unnamed.stderr) == (1, True)


@pytest.mark.parametrize("command", ["extract", "populate", "assemble"])
def test_a_file_that_is_no_questionnaire_is_named(run: Callable[..., Result], command: str) -> None:
    result = run(command, PATIENT, *([ANSWERED] if command == "extract" else []))
    assert (result.exit_code, result.stdout) == (1, "")
    assert "1.json: not a FHIR Questionnaire" in result.stderr


@pytest.mark.parametrize(
    "case", ["Immunisation", "MedicalHistoryCurrentProblems", "RegularMedications", "SepsisRisk"]
)
def test_published_cases_are_extracted(run: Callable[..., Result], shared: Path, case: str) -> None:
    folder = shared / "data" / "fhir" / "extract"
    result = run("extract", str(folder / f"Q{case}.json"), str(folder / f"QR{case}.json"))
    expected = json.loads((folder / f"extracted{case}.json").read_text())
    assert len(json.loads(result.stdout)["entry"]) == len(expected["entry"])
