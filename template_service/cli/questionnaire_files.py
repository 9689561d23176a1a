"""Questionnaires and responses in files, for the commands that work on them without a store."""

from collections.abc import Iterable
from pathlib import Path

import click

from template_service.cli.options import read_resource
from template_service.errors import Invalid, Issue
from template_service.questionnaire.definition import compile_questionnaire
from template_service.questionnaire.form import Form
from template_service.questionnaire.problems import QuestionnaireError

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


def read_form(path: Path) -> Form:
    """The questionnaire of a file, compiled; raises Malformed, and Invalid naming every place."""
    try:
        return compile_questionnaire(read_resource(path, "Questionnaire"))
    except QuestionnaireError as refusal:
        lines = (f"{path}: {one.expression}: {one.message}" for one in refusal.problems)
        raise Invalid("\n".join(lines)) from None


def tell_problems(path: Path, problems: Iterable[Issue]) -> None:
    """Writes problems to standard error, a line each, with the file they are about."""
    for problem in problems:
        click.echo(f"{path}: {problem.severity}: {problem.expression}: {problem.message}", err=True)


def exit_on_error(problems: Iterable[Issue]) -> None:
    """Ends the command with exit code 1 where a problem is an error."""
    if any(problem.severity == "error" for problem in problems):
        raise SystemExit(1)
