import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from directory.model import NEEDS
from template_service import clock
from template_service.artefacts import artefact_path
from template_service.cli import main
from template_service.data_folder import open_store
from template_service.records import audit
from template_service.settings import PREFIX, Settings

Run = Callable[..., Result]
QUESTIONNAIRE = str(artefact_path("Questionnaire", "leeds-social-determinants"))
ORGANISATIONS = """ods_code,name,kind,parent,postcode
15F,City,city,,
U16878,Network,pcn,15F,
B86002,Practice,practice,U16878,LS11 8LH
"""
URGENT = {
    "resourceType": "QuestionnaireResponse",
    "status": "completed",
    "item": [
        {
            "linkId": "urgent",
            "answer": [
                {
                    "valueCoding": {
                        "system": "https://template-service.example/fhir/CodeSystem/template-urgent",
                        "code": "no_food",
                    }
                }
            ],
        }
    ],
}


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a command on a data folder of its own."""
    monkeypatch.setenv(f"{PREFIX}DATA", str(tmp_path / "data"))

    def invoke(*arguments: str, stdin: str | None = None) -> Result:
        return CliRunner().invoke(main, arguments, input=stdin)

    return invoke


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str, Any], str]:
    """Writes a file: text as it is, anything else as JSON."""

    def to_file(name: str, content: Any) -> str:
        path = tmp_path / name
        path.write_text(content if isinstance(content, str) else json.dumps(content))
        return str(path)

    return to_file


@pytest.fixture
def organisations(run: Run, write: Callable[[str, Any], str]) -> None:
    assert run("organisation", "import", write("organisations.csv", ORGANISATIONS)).exit_code == 0


@pytest.mark.parametrize(
    "arguments", [["serve", "--port", "0"], ["nothing"], ["token", "create"], ["questionnaire"]]
)
def test_wrong_usage_exits_2(run: Run, arguments: list[str]) -> None:
    assert run(*arguments).exit_code == 2


def test_bad_settings_exit_1_and_are_named(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"{PREFIX}PORT", "none")
    result = run("migrate")
    assert result.exit_code == 1
    assert f"{PREFIX}PORT" in result.stderr


def test_broken_json_is_named_by_file_line_and_column(
    run: Run, write: Callable[[str, Any], str]
) -> None:
    path = write("broken.json", '{\n  "resourceType": oops\n}')
    result = run("questionnaire", "score", QUESTIONNAIRE, path)
    assert result.exit_code == 1
    assert f"{path}: not valid JSON (line 2, column 19)" in result.stderr


def test_a_file_of_another_type_is_named(run: Run, write: Callable[[str, Any], str]) -> None:
    organisation = write("organisation.json", {"resourceType": "Organization"})
    result = run("questionnaire", "score", QUESTIONNAIRE, organisation)
    assert result.exit_code == 1
    assert "not a FHIR QuestionnaireResponse" in result.stderr


def test_a_sound_questionnaire_has_no_errors(run: Run) -> None:
    result = run("questionnaire", "check", QUESTIONNAIRE, "--json")
    assert result.exit_code == 0
    assert [one for one in json.loads(result.stdout) if one["severity"] == "error"] == []


def test_an_unsound_questionnaire_is_told_where(run: Run, write: Callable[[str, Any], str]) -> None:
    twice = {"linkId": "a", "type": "string", "text": "A"}
    questionnaire = {
        "resourceType": "Questionnaire",
        "url": "https://example.org/Questionnaire/a",
        "status": "draft",
        "item": [twice, twice],
    }
    result = run("questionnaire", "check", write("q.json", questionnaire), "--json")
    assert result.exit_code == 1
    problems = json.loads(result.stdout)
    assert {"severity", "expression", "message"} == set(problems[0])
    assert any("item[1]" in one["expression"] for one in problems)


def test_score_prints_the_shape_of_the_interface(
    run: Run, write: Callable[[str, Any], str]
) -> None:
    response = write("response.json", URGENT)
    context = write("context.json", {"age": 40, "conditions": ["heart"]})
    result = run("questionnaire", "score", QUESTIONNAIRE, response, "--context", context)
    assert result.exit_code == 0
    scored = json.loads(result.stdout)
    assert set(scored) == {
        "calculated",
        "scores",
        "domains",
        "urgent",
        "masked_on_screen",
        "order",
        "needs",
    }
    assert scored["urgent"] == ["no_food"]
    assert scored["domains"]["food"] == {"state": "need", "level": 4, "wants_help": None}


@pytest.mark.parametrize(
    ("context", "place"),
    [({"age": -1}, "age"), ({"age": "old"}, "age"), ({"conditions": "heart"}, "conditions")],
)
def test_a_bad_context_is_named(
    run: Run, write: Callable[[str, Any], str], context: dict[str, Any], place: str
) -> None:
    arguments = ["--context", write("context.json", context)]
    result = run("questionnaire", "score", QUESTIONNAIRE, write("r.json", URGENT), *arguments)
    assert result.exit_code == 1
    assert f"context.json: {place}:" in result.stderr


def test_validate_prints_an_outcome_and_exits_1_on_an_error(
    run: Run, write: Callable[[str, Any], str]
) -> None:
    wrong = {**URGENT, "item": [{"linkId": "no-such-item", "answer": [{"valueBoolean": True}]}]}
    result = run("questionnaire", "validate", QUESTIONNAIRE, write("wrong.json", wrong))
    outcome = json.loads(result.stdout)
    assert (result.exit_code, outcome["resourceType"]) == (1, "OperationOutcome")
    assert any("no-such-item" in one["diagnostics"] for one in outcome["issue"])


def test_an_account_gets_a_password_that_is_printed_once(run: Run, organisations: None) -> None:
    account = ["user", "add", "--username", "c", "--name", "C", "--role", "clinician"]
    result = run(*account, "--organisation", "B86002", "--json")
    assert result.exit_code == 0
    assert len(json.loads(result.stdout)["password"]) >= 20
    again = run(*account, "--organisation", "B86002")
    assert again.exit_code == 1


def test_a_given_password_is_not_printed(run: Run, organisations: None) -> None:
    account = ["user", "add", "--username", "c", "--name", "C", "--role", "link_worker"]
    result = run(
        *account, "--organisation", "U16878", "--password-stdin", stdin="a long enough one\n"
    )
    assert result.exit_code == 0
    assert "a long enough one" not in result.stdout


def test_a_token_has_the_shape_of_the_interface(run: Run, organisations: None) -> None:
    arguments = ["token", "create", "--role", "integrator", "--organisation", "B86002", "--json"]
    made = json.loads(run(*arguments).stdout)
    assert set(made) == {"token", "role", "organisation", "expires"}


def test_a_role_where_it_does_not_work_gets_no_token(run: Run, organisations: None) -> None:
    result = run("token", "create", "--role", "integrator", "--organisation", "15F")
    assert result.exit_code == 1


@pytest.mark.parametrize(
    ("content", "place"),
    [
        ("ods_code,name\nB86002,Practice\n", "no column kind"),
        (ORGANISATIONS + "B86003,Other,surgery,,\n", "line 5: kind"),
        (ORGANISATIONS + ",Other,practice,,\n", "line 5: ods_code"),
    ],
)
def test_one_bad_row_stores_nothing_and_is_named(
    run: Run, write: Callable[[str, Any], str], content: str, place: str
) -> None:
    result = run("organisation", "import", write("organisations.csv", content))
    assert result.exit_code == 1
    assert place in result.stderr
    token = run("token", "create", "--role", "integrator", "--organisation", "B86002")
    assert token.exit_code == 1


def test_match_prints_the_shape_of_the_interface(run: Run) -> None:
    arguments = ["directory", "match", "--need", "food-aid", "--postcode", "ls96au", "--limit", "2"]
    found = json.loads(run(*arguments, "--json").stdout)
    assert set(found) == {"matches", "excluded"}
    assert 1 <= len(found["matches"]) <= 2
    assert set(found["matches"][0]) == {
        "need",
        "service_id",
        "name",
        "reasons",
        "distance_km",
        "contact",
        "freshness",
        "last_checked",
    }
    assert all(set(one) == {"service_id", "name", "reason"} for one in found["excluded"])


@pytest.mark.parametrize("postcode", ["nonsense", "ZE1 0AA"])
def test_a_postcode_that_leads_nowhere_is_named_but_not_repeated(run: Run, postcode: str) -> None:
    result = run("directory", "match", "--need", "food-aid", "--postcode", postcode)
    assert result.exit_code == 1
    assert "--postcode" in result.stderr
    assert postcode not in result.stderr


def test_an_unknown_need_is_answered_with_the_known_ones(run: Run) -> None:
    result = run("directory", "match", "--need", "gold", "--postcode", "LS9 6AU")
    assert result.exit_code == 1
    assert all(need in result.stderr for need in NEEDS)


def test_publishing_the_same_services_gives_the_same_version(run: Run) -> None:
    first = json.loads(run("directory", "publish", "--json").stdout)
    assert json.loads(run("directory", "publish", "--json").stdout) == first


def test_a_fresh_store_is_sound_and_its_audit_intact(run: Run) -> None:
    assert run("check").exit_code == 0
    verified = run("audit", "verify", "--json")
    assert json.loads(verified.stdout) == {"intact": True, "broken_at": None}


def test_a_broken_chain_exits_1_and_is_placed(
    run: Run, organisations: None, tmp_path: Path
) -> None:
    store = open_store(Settings(data=tmp_path / "data"))
    with store.write() as conn:
        for action in ("first", "second"):
            audit.append(conn, "B86002", actor="user:x", action=action, at=clock.now())
    store.close()
    with closing(sqlite3.connect(tmp_path / "data" / "records.sqlite")) as file, file:
        for (trigger,) in file.execute(
            "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'audit'"
        ).fetchall():
            file.execute(f"DROP TRIGGER {trigger}")
        file.execute("UPDATE audit SET action = 'another' WHERE seq = 1")
    verified = run("audit", "verify", "--json")
    assert verified.exit_code == 1
    assert json.loads(verified.stdout)["broken_at"] == {"organisation": "B86002", "entry": 1}
