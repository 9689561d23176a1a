"""`template-service questionnaire check|validate|score`."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import click

from template_service.cli.options import common, print_json, read_json, read_resource
from template_service.errors import Invalid, Issue
from template_service.questionnaire.definition import compile_questionnaire
from template_service.questionnaire.form import Form
from template_service.questionnaire.problems import QuestionnaireError
from template_service.questionnaire.scoring import Context, score_report
from template_service.questionnaire.validation import validate
from template_service.settings import Settings

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def questionnaire() -> None:
    """Check a questionnaire, validate and score responses to it."""


@questionnaire.command("check")
@click.argument("files", nargs=-1, required=True, type=FILE)
@common
def check(*, settings: Settings, as_json: bool, files: tuple[Path, ...]) -> None:
    """Name every problem of the Questionnaires; exit 1 when one cannot be used."""
    del settings
    found = [(path, problem) for path in files for problem in _problems(path)]
    if as_json:
        print_json([_as_json(problem) for _, problem in found])
    else:
        for path, problem in found:
            click.echo(f"{path}: {problem.severity}: {problem.expression}: {problem.message}")
    _exit_on_error(problem for _, problem in found)


@questionnaire.command("validate")
@click.argument("questionnaire_file", metavar="QUESTIONNAIRE", type=FILE)
@click.argument("response_file", metavar="RESPONSE", type=FILE)
@common
def validate_response(
    *, settings: Settings, as_json: bool, questionnaire_file: Path, response_file: Path
) -> None:
    """Print an OperationOutcome of a response; exit 1 when it has an error."""
    # The answer is FHIR JSON with and without `--json`.
    del settings, as_json
    problems = validate(_form(questionnaire_file), read_json(response_file)).problems
    print_json({"resourceType": "OperationOutcome", "issue": _issues(problems)})
    _exit_on_error(problems)


@questionnaire.command("score")
@click.argument("questionnaire_file", metavar="QUESTIONNAIRE", type=FILE)
@click.argument("response_file", metavar="RESPONSE", type=FILE)
@click.option("--context", "context_file", type=FILE, help='{"age": years, "conditions": [code]}.')
@common
def score_response(
    *,
    settings: Settings,
    as_json: bool,
    questionnaire_file: Path,
    response_file: Path,
    context_file: Path | None,
) -> None:
    """Print what a response comes to: levels, states, urgent cards, order and needs."""
    del settings, as_json
    form = _form(questionnaire_file)
    response = read_resource(response_file, "QuestionnaireResponse")
    print_json(score_report(form, response, _context(context_file)))


def _form(path: Path) -> Form:
    try:
        return compile_questionnaire(read_resource(path, "Questionnaire"))
    except QuestionnaireError as refusal:
        lines = (f"{path}: {one.expression}: {one.message}" for one in refusal.problems)
        raise Invalid("\n".join(lines)) from None


def _problems(path: Path) -> Iterable[Issue]:
    try:
        return compile_questionnaire(read_json(path)).problems
    except QuestionnaireError as refusal:
        return refusal.problems


def _as_json(problem: Issue) -> dict[str, str]:
    return {
        "severity": problem.severity,
        "expression": problem.expression,
        "message": problem.message,
    }


def _issues(problems: Iterable[Issue]) -> list[dict[str, Any]]:
    issues = [
        {
            "severity": problem.severity,
            "code": problem.code,
            "diagnostics": problem.message,
            "expression": [problem.expression],
        }
        for problem in problems
    ]
    # FHIR R4: an OperationOutcome holds at least one issue, also when all is well.
    well = {"severity": "information", "code": "informational", "diagnostics": "No problem found."}
    return issues or [well]


def _exit_on_error(problems: Iterable[Issue]) -> None:
    if any(problem.severity == "error" for problem in problems):
        raise SystemExit(1)


def _context(path: Path | None) -> Context:
    if path is None:
        return Context()
    given = read_json(path)
    if not isinstance(given, Mapping):
        raise Invalid(f"{path}: not a JSON object")
    age = given.get("age")
    if age is not None and (not isinstance(age, int) or isinstance(age, bool) or age < 0):
        raise Invalid(f"{path}: age: not a whole number of years")
    conditions = given.get("conditions", [])
    if not isinstance(conditions, list) or not all(isinstance(one, str) for one in conditions):
        raise Invalid(f"{path}: conditions: not a list of codes")
    return Context(age=age, conditions=frozenset(conditions))
