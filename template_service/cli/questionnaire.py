"""`template-service questionnaire …`: checked, kept in the library, and used on files."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any, Final

import click

from template_service.cli.json_files import read_json, read_resource, refuse_swapped
from template_service.cli.options import common, print_json
from template_service.errors import Invalid, Issue, Malformed, ServiceError
from template_service.questionnaire.answers import read_answers
from template_service.questionnaire.contradictions import contradictions
from template_service.questionnaire.definition import compile_questionnaire
from template_service.questionnaire.form import Form
from template_service.questionnaire.misshapen import misshapen
from template_service.questionnaire.problems import Problem
from template_service.questionnaire.scoring import OLDEST_AGE, Context, score_report
from template_service.questionnaire.validation import validate
from template_service.settings import Settings

FILE: Final = click.Path(exists=True, dir_okay=False, path_type=Path)
# Where a response names its questionnaire.
_NAMED: Final = "QuestionnaireResponse.questionnaire"
# Commands that need more than the engine, each imported when it is used: `score` starts without.
_ELSEWHERE = {
    "add": ("library", "add"),
    "assemble": ("sdc", "assemble_questionnaire"),
    "extract": ("sdc", "extract_response"),
    "list": ("library", "list_all"),
    "populate": ("sdc", "populate_questionnaire"),
    "retire": ("library", "retire"),
}


class _Commands(click.Group):
    """The commands of this module, and those of others."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names in alphabetical order."""
        return sorted([*super().list_commands(ctx), *_ELSEWHERE])

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of a name, or None if there is none."""
        if cmd_name not in _ELSEWHERE:
            return super().get_command(ctx, cmd_name)
        module, name = _ELSEWHERE[cmd_name]
        found: click.Command = getattr(import_module(f"template_service.cli.{module}"), name)
        return found


@click.group(cls=_Commands)
def questionnaire() -> None:
    """Check questionnaires, keep them in the library, put them together; work on responses."""


@questionnaire.command("check")
@click.argument("files", nargs=-1, required=True, type=FILE)
@common
def check(*, settings: Settings, as_json: bool, files: tuple[Path, ...]) -> None:
    """Name every problem of the Questionnaires; exit 1 when one has an error."""
    del settings
    found = [(path, one) for path in files for one in _checked(path)]
    if as_json:
        print_json([_as_json(path, one, among_others=len(files) > 1) for path, one in found])
    else:
        for path, problem in found:
            click.echo(_line(path, problem))
    exit_on_error(problem for _, problem in found)


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
    form, response = read_form(questionnaire_file), read_json(response_file)
    if isinstance(response, dict):
        refuse_swapped(response_file, response.get("resourceType"), "QuestionnaireResponse")
    problems = _problems(form, response)
    print_json({"resourceType": "OperationOutcome", "issue": _issues(problems)})
    exit_on_error(problems)


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
    form = read_form(questionnaire_file)
    response = read_resource(response_file, "QuestionnaireResponse")
    context = _context(context_file)
    problems = _problems(form, response)
    tell_problems(response_file, problems)
    if "questionnaire" in response:
        # The answers of another one, or of another version, would count as what they are not.
        exit_on_error(problem for problem in problems if problem.expression == _NAMED)
    else:
        # Which questionnaire one answers that names none, the command says.
        response["questionnaire"] = form.canonical
    print_json(score_report(form, response, context))
    # A score that an answer is missing from could hide a need.
    lost = {problem.expression for problem in read_answers(form, response)[1]}
    exit_on_error(problem for problem in problems if problem.expression in lost)
    # Each of these is among the problems, unless there were too many of those to tell.
    exit_on_error(misshapen(response))


def read_form(path: Path) -> Form:
    """The questionnaire of a file, compiled; raises Malformed, and Invalid naming every place."""
    resource = read_resource(path, "Questionnaire")
    with named(path):
        return compile_questionnaire(resource)


@contextmanager
def named(path: Path) -> Iterator[None]:
    """Every refusal of the block with the file it is about, one line for each place."""
    try:
        yield
    except ServiceError as refusal:
        if isinstance(refusal, Invalid) and refusal.problems:
            lines = (_line(path, each) for each in refusal.problems)
            raise Invalid("\n".join(lines)) from None
        refusal.message = f"{path}: {refusal.message}"
        raise


def tell_problems(path: Path, problems: Iterable[Issue]) -> None:
    """Writes problems to standard error, a line each, with the file they are about."""
    for problem in problems:
        click.echo(_line(path, problem), err=True)


def exit_on_error(problems: Iterable[Issue]) -> None:
    """Ends the command with exit code 1 where a problem is an error."""
    if any(problem.severity == "error" for problem in problems):
        raise SystemExit(1)


def _line(path: Path, problem: Issue) -> str:
    return f"{path}: {problem.severity}: {problem.expression}: {problem.message}"


def _checked(path: Path) -> Iterator[Problem]:
    """The problems of a Questionnaire, also that a file holds no JSON."""
    # No other command needs it, and each would wait for its import.
    from template_service.questionnaire.checking.check import check  # noqa: PLC0415

    try:
        yield from check(read_json(path))
    except Malformed as refusal:
        message = refusal.message.removeprefix(f"{path}: ")
        yield Problem("error", "structure", "Questionnaire", None, message)


def _problems(form: Form, response: Any) -> tuple[Problem, ...]:
    """What is wrong with a response, and which calculated values its answers contradict."""
    return (*validate(form, response).problems, *contradictions(form, response))


def _as_json(path: Path, problem: Issue, *, among_others: bool) -> dict[str, str]:
    return ({"file": str(path)} if among_others else {}) | {
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


def _context(path: Path | None) -> Context:
    if path is None:
        return Context()
    given = read_json(path)
    if not isinstance(given, Mapping):
        raise Invalid(f"{path}: not a JSON object")
    age = given.get("age")
    if age is not None and not (type(age) is int and 0 <= age <= OLDEST_AGE):
        raise Invalid(f"{path}: age: not a whole number of years from 0 to {OLDEST_AGE}")
    conditions = given.get("conditions", [])
    if not isinstance(conditions, list) or not all(isinstance(one, str) for one in conditions):
        raise Invalid(f"{path}: conditions: not a list of codes")
    return Context(age=age, conditions=frozenset(conditions))
