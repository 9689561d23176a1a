"""`questionnaire check|validate|score|extract|populate|assemble`, as a user runs them on files."""

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
UNANSWERED = {name: value for name, value in ANSWERED.items() if name != "item"}
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


TOTAL: dict[str, Any] = {
    **{name: HOME[name] for name in ("resourceType", "url", "version", "title", "status")},
    "item": [
        {"linkId": "rooms", "type": "integer", "text": "Rooms"},
        {"linkId": "people", "type": "integer", "text": "People"},
        {
            "linkId": "total",
            "type": "integer",
            "text": "Rooms and people",
            "extension": [
                {
                    "url": f"{SDC}/sdc-questionnaire-calculatedExpression",
                    "valueExpression": {
                        "language": "text/fhirpath",
                        "expression": "%resource.item.where(linkId='rooms').answer.value"
                        " + %resource.item.where(linkId='people').answer.value",
                    },
                }
            ],
        },
    ],
}


def counted(*given: tuple[str, Any], **head: Any) -> dict[str, Any]:
    """A response to TOTAL."""
    items = [{"linkId": name, "answer": [{"valueInteger": value}]} for name, value in given]
    return {**ANSWERED, "item": items, **head}


SUMMED = counted(("rooms", 4321), ("people", 5))


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


def test_every_file_is_checked_and_named(run: Callable[..., Result], tmp_path: Path) -> None:
    """One that holds no JSON is no reason not to look at the others."""
    broken = tmp_path / "broken.json"
    broken.write_text('{\n  "resourceType": oops\n}')
    twice = {**HOME, "item": HOME["item"][:1] * 2}
    told = run("check", twice, str(broken), PATIENT)
    assert told.exit_code == 1
    lines = told.stdout.splitlines()
    assert f"{broken}: error: Questionnaire: not valid JSON (line 2, column 19)" in lines
    for name, place in (("1.json", "Questionnaire.item[1]"), ("3.json", "Questionnaire")):
        assert [each for each in lines if each.startswith(f"{tmp_path / name}: error: {place}: ")]
    read = json.loads(run("check", twice, str(broken), PATIENT, "--json").stdout)
    errors = {each["file"] for each in read if each["severity"] == "error"}
    assert errors == {str(tmp_path / "1.json"), str(broken), str(tmp_path / "3.json")}


def test_one_file_that_is_no_json_is_a_problem_like_any_other(
    run: Callable[..., Result], tmp_path: Path
) -> None:
    (tmp_path / "broken.json").write_text("{")
    result = run("check", str(tmp_path / "broken.json"), "--json")
    (only,) = json.loads(result.stdout)
    assert (result.exit_code, only["severity"]) == (1, "error")
    assert set(only) == {"severity", "expression", "message"}


@pytest.mark.parametrize(
    ("named", "exit_code"),
    [
        ({}, 0),
        ({"questionnaire": URL}, 0),
        ({"questionnaire": f"{URL}|2.0"}, 1),
        ({"questionnaire": "https://city.example/fhir/Questionnaire/other"}, 1),
    ],
)
def test_a_response_to_another_questionnaire_is_not_scored(
    run: Callable[..., Result], named: dict[str, Any], exit_code: int
) -> None:
    result = run("score", TOTAL, {**SUMMED, **named})
    assert result.exit_code == exit_code
    if exit_code:
        assert "2.json: error: QuestionnaireResponse.questionnaire: " in result.stderr
        assert result.stdout == ""
    else:
        assert json.loads(result.stdout)["calculated"] == {"total": 4326}


def test_one_that_names_no_questionnaire_is_taken_for_the_one_given(
    run: Callable[..., Result],
) -> None:
    nameless = {name: value for name, value in SUMMED.items() if name != "questionnaire"}
    result = run("score", TOTAL, nameless)
    assert result.exit_code == 0
    assert "2.json: error: QuestionnaireResponse.questionnaire: " in result.stderr
    assert json.loads(result.stdout)["calculated"] == {"total": 4326}


def test_what_is_wrong_with_a_response_is_told_beside_its_score(
    run: Callable[..., Result],
) -> None:
    wrong = counted(("rooms", 4321), ("people", 5), ("unheard-of", 70707070))
    result = run("score", TOTAL, wrong)
    assert result.exit_code == 1
    assert json.loads(result.stdout)["calculated"] == {"total": 4326}
    assert "2.json: error: QuestionnaireResponse.item[2]: " in result.stderr
    assert "70707070" not in result.stderr


def test_what_loses_no_answer_is_told_and_ends_nothing(run: Callable[..., Result]) -> None:
    result = run("score", TOTAL, {**SUMMED, "subject": {}})
    assert result.exit_code == 0
    assert "2.json: error: QuestionnaireResponse.subject: " in result.stderr
    assert json.loads(result.stdout)["calculated"] == {"total": 4326}


def test_each_row_is_scored_as_it_stands(run: Callable[..., Result]) -> None:
    """Answers alone do not tell of which row they are."""
    total = json.loads(json.dumps(TOTAL["item"][2]).replace("%resource", "%row"))
    row = {"name": "row", "language": "text/fhirpath", "expression": "%context"}
    variable = {"url": "http://hl7.org/fhir/StructureDefinition/variable", "valueExpression": row}
    home = {"linkId": "home", "type": "group", "repeats": True, "extension": [variable]}
    form = {**TOTAL, "item": [{**home, "item": [*TOTAL["item"][:2], total]}]}
    homes = [
        {"linkId": "home", "item": counted(("rooms", n), ("people", 1))["item"]} for n in (2, 9)
    ]
    result = run("score", form, {**ANSWERED, "item": homes})
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["calculated"] == {"total": 3}


@pytest.mark.parametrize("command", ["validate", "score"])
def test_a_value_that_the_answers_contradict_is_named_and_not_repeated(
    run: Callable[..., Result], command: str
) -> None:
    given = (("rooms", 1), ("people", 2))
    sound = run(command, TOTAL, counted(*given, ("total", 3)))
    wrong = run(command, TOTAL, counted(*given, ("total", 4444)))
    assert (sound.exit_code, wrong.exit_code) == (0, 0)
    assert "item[2]" not in sound.output
    assert "item[2]" in wrong.output
    assert "4444" not in wrong.output


def test_extract_prints_a_transaction(run: Callable[..., Result]) -> None:
    result = run("extract", HOME, ANSWERED)
    assert result.exit_code == 0, result.output
    bundle = json.loads(result.stdout)
    assert (bundle["resourceType"], bundle["type"]) == ("Bundle", "transaction")
    assert [entry["resource"]["valueBoolean"] for entry in bundle["entry"]] == [False]


@pytest.mark.parametrize(
    ("form", "given", "place"),
    [
        (TOTAL, SUMMED, "1.json: information: Questionnaire: "),
        (HOME, UNANSWERED, "2.json: information: QuestionnaireResponse: "),
    ],
)
def test_why_nothing_was_extracted_is_told(
    run: Callable[..., Result], form: dict[str, Any], given: dict[str, Any], place: str
) -> None:
    result = run("extract", form, given)
    assert result.exit_code == 0
    assert "entry" not in json.loads(result.stdout)
    assert f"{place}Nothing is extracted: " in result.stderr


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
