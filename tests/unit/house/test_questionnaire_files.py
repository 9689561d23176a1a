"""Files that people bring to `questionnaire …`: what is odd about one is said so that it helps."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from template_service.cli import main
from template_service.settings import PREFIX

URL = "https://city.example/fhir/Questionnaire/warm"
SDC = "http://hl7.org/fhir/uv/sdc/StructureDefinition"
OURS = "https://city.example/fhir/StructureDefinition"
CODES = "https://city.example/fhir/CodeSystem/answers"
BORN = {"language": "text/fhirpath", "expression": "%patient.birthDate"}
PATIENT = {"resourceType": "Patient", "id": "1", "birthDate": "1980-02-29"}
WARM: dict[str, Any] = {
    "resourceType": "Questionnaire",
    "url": URL,
    "version": "1.0",
    "title": "Wärme",
    "status": "active",
    "language": "en",
    "extension": [
        {
            "url": f"{SDC}/sdc-questionnaire-launchContext",
            "extension": [
                {"url": "name", "valueCoding": {"code": "patient"}},
                {"url": "type", "valueCode": "Patient"},
            ],
        }
    ],
    "item": [
        {"linkId": "warm", "type": "boolean", "text": "Is your home warm?", "required": True},
        {
            "linkId": "born",
            "type": "date",
            "text": "Day of birth",
            "extension": [
                {"url": f"{SDC}/sdc-questionnaire-initialExpression", "valueExpression": BORN}
            ],
        },
    ],
}
ANSWERED: dict[str, Any] = {
    "resourceType": "QuestionnaireResponse",
    "questionnaire": f"{URL}|1.0",
    "status": "completed",
    "item": [{"linkId": "warm", "answer": [{"valueBoolean": False}]}],
}
TEXT = json.dumps(WARM, ensure_ascii=False, indent=1)

Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs `questionnaire …`; bytes and JSON among the arguments become a file each."""
    monkeypatch.setenv(f"{PREFIX}DATA", str(tmp_path / "data"))

    def invoke(*arguments: Any) -> Result:
        named = []
        for number, each in enumerate(arguments):
            path = tmp_path / f"{number}.json"
            if not isinstance(each, str):
                path.write_bytes(each if isinstance(each, bytes) else json.dumps(each).encode())
            named.append(each if isinstance(each, str) else str(path))
        return CliRunner().invoke(main, ["questionnaire", *named])

    return invoke


def without(resource: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in resource.items() if name not in names}


def lines(told: str) -> set[str]:
    """Lines that name a place, without the number of the file."""
    return {each.partition(".json: ")[2] for each in told.splitlines() if ".json: " in each}


def test_a_byte_order_mark_of_utf_8_is_no_fault(run: Run) -> None:
    """Notepad of Windows writes one."""
    marked = b"\xef\xbb\xbf" + TEXT.encode()
    assert run("check", marked).exit_code == 0
    assert run("add", marked).exit_code == 0
    # What was kept can be read again, and is what it would be without.
    assert URL in run("list").stdout
    assert "nothing to do" in run("add", TEXT.encode()).stdout


@pytest.mark.parametrize("encoding", ["latin-1", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("command", ["check", "add", "populate"])
def test_another_encoding_is_named_as_one(run: Run, command: str, encoding: str) -> None:
    result = run(command, TEXT.encode(encoding))
    assert result.exit_code == 1
    assert "save it as UTF-8" in result.output
    assert "not valid JSON" not in result.output
    if encoding == "latin-1":
        assert "line 5" in result.output


def test_an_empty_file_is_called_so(run: Run) -> None:
    assert "the file is empty" in run("check", b"").output


@pytest.mark.parametrize("command", ["score", "validate", "extract"])
def test_files_that_are_swapped_are_told_apart(run: Run, command: str) -> None:
    result = run(command, ANSWERED, WARM)
    assert result.exit_code == 1
    assert (
        "1.json: this is a QuestionnaireResponse; give the questionnaire first, then the response"
        in result.stderr
    )
    again = run(command, WARM, WARM)
    assert again.exit_code == 1
    assert "2.json: " in again.output
    assert "this is a Questionnaire; give the questionnaire first, then" in again.output


def test_a_question_that_is_not_there_is_named(run: Run) -> None:
    asked = {"question": "worm", "operator": "=", "answerBoolean": True}
    result = run(
        "check", {**WARM, "item": [WARM["item"][0], {**WARM["item"][1], "enableWhen": [asked]}]}
    )
    assert result.exit_code == 1
    assert "enableWhen names a question that is not there: 'worm'." in result.stdout


def test_a_type_that_is_none_is_named(run: Run) -> None:
    result = run("check", {**WARM, "item": [{**WARM["item"][0], "type": "datum"}]})
    assert result.exit_code == 1
    assert "'warm': The item type 'datum' is not one of FHIR R4." in result.stdout


def test_a_missing_status_is_called_missing(run: Run) -> None:
    for status, words in ((None, "status is missing"), ("done", "status must be")):
        head = without(WARM, "status") | ({} if status is None else {"status": status})
        response = without(ANSWERED, "status") | ({} if status is None else {"status": status})
        assert f"{words}" in run("check", head).stdout
        assert f"{words}" in run("validate", WARM, response).stdout


@pytest.mark.parametrize("url", [None, "warm home"])
def test_what_add_refuses_check_tells(run: Run, url: str | None) -> None:
    """FHIR R4 wants no url; the library does, and both say so at one place, once."""
    unnamed = without(WARM, "url") | ({} if url is None else {"url": url})
    checked, added = run("check", unnamed), run("add", unnamed)
    assert (checked.exit_code, added.exit_code) == (0, 1)
    (told,) = [each for each in lines(checked.stdout) if "Questionnaire.url" in each]
    assert told.startswith("warning: ")
    assert "`add` refuses" in told
    (refused,) = [each for each in lines(added.stderr) if "Questionnaire.url" in each]
    assert refused.startswith("error: ")


def test_add_prints_the_lines_of_check_with_their_severities(run: Run) -> None:
    twice = {**WARM, "item": [WARM["item"][0], {**WARM["item"][0], "text": ""}]}
    checked, added = run("check", twice), run("add", twice)
    assert added.exit_code == checked.exit_code == 1
    assert lines(checked.stdout) <= lines(added.stderr)
    assert any(each.startswith("error: ") for each in lines(added.stderr))
    assert "Nothing was added" in added.stderr
    assert added.stdout == ""


def test_add_says_into_which_data_it_went(run: Run, tmp_path: Path) -> None:
    first = run("add", WARM)
    assert str(tmp_path / "data") in first.stdout
    assert "There was no data folder" in first.stderr
    again = run("add", {**WARM, "version": "2.0"})
    assert str(tmp_path / "data") in again.stdout
    assert "There was no data folder" not in again.stderr


@pytest.mark.parametrize(
    "context",
    [PATIENT, {"patent": PATIENT}, {"patient": "Patient/1"}, {"patient": [3]}],
    ids=["bare", "typo", "text", "numbers"],
)
def test_a_context_of_another_shape_is_told_which_it_should_have(run: Run, context: Any) -> None:
    result = run("populate", WARM, "--context", context)
    assert '{"patient": {…}}' in result.stderr
    assert "1980" not in result.stderr
    assert result.exit_code == 1


def test_what_a_context_holds_beside_the_names_is_no_fault(run: Run) -> None:
    """Observations may come under any name."""
    result = run("populate", WARM, "--context", {"patient": PATIENT, "more": []})
    assert result.exit_code == 0
    assert "born" in result.stdout


@pytest.mark.parametrize("subject", ["bob", "Patient/", "patient/1", "Patient/bob smith"])
def test_a_subject_that_is_no_reference_is_wrong_usage(run: Run, subject: str) -> None:
    result = run("populate", WARM, "--subject", subject)
    assert result.exit_code == 2
    assert "Patient/id" in result.stderr
    assert "bob" not in result.stderr


@pytest.mark.parametrize("subject", ["Patient/1", "https://city.example/fhir/Patient/1"])
def test_a_subject_that_is_one_is_taken(run: Run, subject: str) -> None:
    assert json.loads(run("populate", WARM, "--subject", subject).stdout)["subject"] == {
        "reference": subject
    }


def test_how_a_module_is_given_is_told_where_one_is_missing(run: Run) -> None:
    module = {"url": f"{SDC}/sdc-questionnaire-subQuestionnaire", "valueCanonical": URL}
    item = {"linkId": "a", "type": "display", "text": "A", "extension": [module]}
    whole = {**without(WARM, "extension"), "url": f"{URL}-whole", "item": [item]}
    alone = run("assemble", whole)
    assert alone.exit_code == 1
    assert "--with FILE" in alone.stderr
    told = run("assemble", whole, "--with", WARM)
    assert told.exit_code == 0
    assert "sdc-questionnaire-assemble-expectation" in told.stderr


def test_a_response_that_names_no_questionnaire_is_told_so_and_scored(run: Run) -> None:
    result = run("score", WARM, without(ANSWERED, "questionnaire"))
    assert result.exit_code == 0
    assert json.loads(result.stdout)["needs"] == []
    (told,) = lines(result.stderr)
    assert told.startswith("error: QuestionnaireResponse.questionnaire: ")


@pytest.mark.parametrize("named", [None, 3, ""])
def test_one_that_names_no_questionnaire_in_another_way_is_not_scored(
    run: Run, named: object
) -> None:
    result = run("score", WARM, {**ANSWERED, "questionnaire": named})
    assert (result.exit_code, result.stdout) == (1, "")


@pytest.mark.parametrize(
    "sent",
    [
        without(ANSWERED, "item"),
        {**ANSWERED, "item": [{"linkId": "born", "item": ANSWERED["item"]}]},
        without(ANSWERED, "questionnaire"),
        without(ANSWERED, "status"),
    ],
    ids=["required", "misplaced", "unnamed", "status"],
)
def test_score_tells_what_validate_says(run: Run, sent: dict[str, Any]) -> None:
    judged = json.loads(run("validate", WARM, sent).stdout)["issue"]
    scored = run("score", WARM, sent)
    assert scored.exit_code == 0
    said = {f"{i['severity']}: {i['expression'][0]}: {i['diagnostics']}" for i in judged}
    assert said
    assert lines(scored.stderr) == said


@pytest.mark.parametrize("age", [131, 400])
def test_an_age_that_nobody_has_is_refused(run: Run, age: int) -> None:
    result = run("score", WARM, ANSWERED, "--context", {"age": age})
    assert result.exit_code == 1
    assert "4.json: age: " in result.stderr
