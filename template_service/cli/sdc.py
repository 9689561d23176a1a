"""`template-service questionnaire extract|populate|assemble`: SDC's operations on files."""

import re
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any, Final

import click

from template_service import clock
from template_service.cli.json_files import read_json, read_resource
from template_service.cli.options import common, print_json
from template_service.cli.questionnaire import FILE, exit_on_error, read_form, tell_problems
from template_service.errors import Invalid
from template_service.questionnaire.assembly.assemble import assemble
from template_service.questionnaire.extractable import check_extractable
from template_service.questionnaire.extraction.extract import extract
from template_service.questionnaire.form import Form
from template_service.questionnaire.population.launch import context_names
from template_service.questionnaire.population.populate import populate, takes_observations
from template_service.settings import Settings

# A reference to a resource by its type and id (FHIR R4, references.html#literal), or by a UUID.
_REFERENCE: Final = re.compile(
    r"(https?://[^\s?#|]+/)?[A-Z][A-Za-z]{1,63}/[A-Za-z0-9\-.]{1,64}|urn:uuid:[0-9a-fA-F\-]{36}"
)


@click.command("extract")
@click.argument("questionnaire_file", metavar="QUESTIONNAIRE", type=FILE)
@click.argument("response_file", metavar="RESPONSE", type=FILE)
@common
def extract_response(
    *, settings: Settings, as_json: bool, questionnaire_file: Path, response_file: Path
) -> None:
    """Print the resources of a response as a transaction Bundle; exit 1 when there is an error."""
    # The answer is FHIR JSON with and without `--json`.
    del settings, as_json
    form = read_form(questionnaire_file)
    response = read_resource(response_file, "QuestionnaireResponse")
    problems = check_extractable(form, response)
    tell_problems(response_file, problems)
    exit_on_error(problems)
    extraction = extract(form, response, now=clock.now())
    for problem in extraction.problems:
        of_form = problem.expression.partition(".")[0] == "Questionnaire"
        tell_problems(questionnaire_file if of_form else response_file, [problem])
    print_json(extraction.bundle)
    exit_on_error(extraction.problems)


@click.command("populate")
@click.argument("questionnaire_file", metavar="QUESTIONNAIRE", type=FILE)
@click.option("--context", "context_file", type=FILE, help='{"patient": resource, …}.')
@click.option("--subject", help="Whom the response is about, as Patient/id.")
@common
def populate_questionnaire(
    *,
    settings: Settings,
    as_json: bool,
    questionnaire_file: Path,
    context_file: Path | None,
    subject: str | None,
) -> None:
    """Print a QuestionnaireResponse with what the context tells; exit 1 when there is an error."""
    del settings, as_json
    form = read_form(questionnaire_file)
    if subject is not None and not _REFERENCE.fullmatch(subject):
        raise click.BadParameter("not a reference, as Patient/id", param_hint="--subject")
    authored = clock.now().replace(microsecond=0)
    filled = populate(form, _context(form, context_file), subject=subject, authored=authored)
    tell_problems(questionnaire_file, filled.problems)
    print_json(filled.response)
    exit_on_error(filled.problems)


@click.command("assemble")
@click.argument("file", type=FILE)
@click.option("--with", "modules", multiple=True, type=FILE, help="A module; repeats.")
@common
def assemble_questionnaire(
    *, settings: Settings, as_json: bool, file: Path, modules: tuple[Path, ...]
) -> None:
    """Print a modular Questionnaire with its modules in their places; exit 1 on an error."""
    del settings, as_json
    known = _by_canonical(modules)
    assembly = assemble(read_resource(file, "Questionnaire"), known.get)
    tell_problems(file, assembly.problems)
    if any(problem.code == "not-found" for problem in assembly.problems):
        click.echo("Give the file of each module that is not there by --with FILE.", err=True)
    exit_on_error(assembly.problems)
    print_json(assembly.resource)


def _context(form: Form, path: Path | None) -> Mapping[str, Any]:
    """What is known, by name; raises Invalid where the questionnaire could use nothing of it."""
    context = {} if path is None else read_json(path)
    names = context_names(form)
    if reason := _unfit(context, names, anything=takes_observations(form)):
        shape = ", ".join(f'"{name}": {{…}}' for name in names) or '"patient": {…}'
        raise Invalid(f"{path}: {reason}; write {{{shape}}}, a resource for each name")
    return dict(context)


def _unfit(context: Any, names: Collection[str], *, anything: bool) -> str | None:
    """Why a context has not the shape of one; `anything`: also other names than these help."""
    if not isinstance(context, dict):
        return "not a JSON object of name: resource"
    if "resourceType" in context:
        return "a resource alone, without the name that the questionnaire calls it by"
    for value in context.values():
        each = value if isinstance(value, list) else [value]
        if not all(isinstance(one, dict) for one in each):
            return "not a resource, or a list of resources, for every name"
    if context and names and not (anything or set(names).intersection(context)):
        return "no name that the questionnaire uses"
    return None


def _by_canonical(files: tuple[Path, ...]) -> dict[str, Mapping[str, Any]]:
    """The modules by `url|version`; by their url alone, the one that was named last."""
    found: dict[str, Mapping[str, Any]] = {}
    for path in files:
        module = read_resource(path, "Questionnaire")
        url, version = module.get("url"), module.get("version")
        if not isinstance(url, str):
            raise Invalid(f"{path}: Questionnaire.url: a module is found by its url")
        found[url] = found[f"{url}|{version}"] = module
    return found
