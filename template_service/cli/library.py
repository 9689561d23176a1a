"""`template-service questionnaire add|list|retire`: the library of questionnaires."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import click

from template_service.actions import library
from template_service.cli.json_files import read_text
from template_service.cli.options import by_whom, common, print_json
from template_service.cli.questionnaire import FILE, named, tell_problems
from template_service.data_folder import open_store
from template_service.errors import Invalid
from template_service.questionnaire.catalogue import Listed
from template_service.questionnaire.problems import QuestionnaireError
from template_service.records.store import Store
from template_service.service import Forms, open_forms
from template_service.settings import Settings

_ANOTHER: Final = (
    "A service with another one does not see what is in it; --data DIR names that one."
)


@click.command("add")
@click.argument("file", type=FILE)
@by_whom
@common
def add(*, settings: Settings, as_json: bool, by: str, file: Path) -> None:
    """Add a FHIR R4 Questionnaire (JSON) to the library, for good: a version never changes."""
    body = read_text(file, library.LARGEST_BYTES + 1)
    folder = settings.data.resolve()
    is_first = not folder.exists()
    with _library(settings) as (store, forms), named(file):
        if is_first:
            click.echo(f"There was no data folder {folder}: it was made. {_ANOTHER}", err=True)
        try:
            kept = library.add_questionnaire(store, forms, body, by=by)
        except QuestionnaireError as refusal:
            tell_problems(file, refusal.problems)
            raise Invalid("Nothing was added: the errors must go first.") from None
    tell_problems(file, kept.problems)
    if as_json:
        print_json(_as_json(kept.listed) | {"new": kept.is_new})
    elif kept.is_new:
        told = f"{kept.listed.canonical} as Questionnaire/{kept.listed.id}"
        click.echo(f"Added {told} to the library in {folder}")
    else:
        click.echo(f"{kept.listed.canonical} is in the library in {folder} already; nothing to do")


@click.command("list")
@common
def list_all(*, settings: Settings, as_json: bool) -> None:
    """List the questionnaires of the library, shipped and added; of each url the newest last."""
    with _library(settings) as (_, forms):
        listed = forms.listed()
    if as_json:
        print_json([_as_json(each) for each in listed])
    else:
        click.echo("\n".join(map(_told, listed)))


@click.command("retire")
@click.argument("canonical", metavar="URL[|VERSION]")
@click.option("--undo", is_flag=True, help="Take a retirement back.")
@by_whom
@common
def retire(*, settings: Settings, as_json: bool, by: str, undo: bool, canonical: str) -> None:
    """Let no new response be begun with a version, or with any version of a url.

    Responses that were made with it stay readable and can be finished.
    """
    change = library.put_back if undo else library.retire
    with _library(settings) as (store, forms):
        changed = change(store, forms, canonical, by=by)
    if as_json:
        print_json({"undone" if undo else "retired": [each.canonical for each in changed]})
    else:
        done = "In use again" if undo else "Retired"
        lines = [f"{done}: {each.canonical}" for each in changed]
        click.echo("\n".join(lines) or "That is so already; nothing to do")


@contextmanager
def _library(settings: Settings) -> Iterator[tuple[Store, Forms]]:
    store = open_store(settings)
    try:
        yield store, open_forms(store)
    finally:
        store.close()


def _as_json(listed: Listed) -> dict[str, Any]:
    return {
        "url": listed.url,
        "version": listed.version or None,
        "title": listed.title,
        "status": listed.status,
        "id": listed.id,
        "source": "shipped" if listed.shipped else "added",
        "retired": listed.retired,
    }


def _told(listed: Listed) -> str:
    source = "shipped" if listed.shipped else "added"
    marks = [listed.status, source, *(["retired"] if listed.retired else [])]
    return f"{listed.canonical}  {listed.title}  ({', '.join(marks)}; id {listed.id})"
