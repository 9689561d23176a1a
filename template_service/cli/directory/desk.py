"""What the commands of curation share: the working copy opened, who works on it, refusals told."""

import getpass
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
import orjson

from directory.working_copy.problems import (
    NotHeld,
    WorkingCopyBusy,
    WorkingCopyDamaged,
    WorkingCopyProblem,
)
from directory.working_copy.store import WorkingCopy
from template_service.cli.options import print_json
from template_service.data_folder import open_working_copy
from template_service.errors import Invalid, NotFound, ServiceError, Unavailable
from template_service.settings import Settings


def by_whom(command: Callable[..., None]) -> Callable[..., None]:
    """Adds `--by`: the name that the audit keeps, by default that of the account."""
    option = click.option("--by", default=_account, help="Who does this, for the audit.")
    return option(command)


@contextmanager
def working_copy(settings: Settings) -> Iterator[WorkingCopy]:
    """The working copy of the data folder, open for the block; what it refuses is told plainly."""
    with told_problems():
        working = open_working_copy(settings)
        with working:
            yield working


@contextmanager
def told_problems() -> Iterator[None]:
    """Within the block, refusals of the working copy become the errors that commands end with."""
    try:
        yield
    except WorkingCopyProblem as problem:
        raise _as_service_error(problem) from None


def published(settings: Settings) -> Path:
    """The folder of published directories."""
    return settings.data / "directory"


def done(as_json: bool, value: Mapping[str, Any], text: str) -> None:
    """Tells what was done: a JSON value with `--json`, else a line of text."""
    if as_json:
        print_json(value)
    else:
        click.echo(text)


def typed(text: str) -> Any:
    """A value as typed: JSON, or else the text itself."""
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return text


def json_row(row: Any) -> dict[str, Any]:
    """A NamedTuple as JSON, and the NamedTuples in it."""
    return {name: _json(value) for name, value in row._asdict().items()}


def _json(value: Any) -> Any:
    if hasattr(value, "_asdict"):
        return json_row(value)
    return [_json(item) for item in value] if isinstance(value, tuple) else value


def _as_service_error(problem: WorkingCopyProblem) -> ServiceError:
    if isinstance(problem, NotHeld):
        return NotFound(str(problem))
    if isinstance(problem, WorkingCopyBusy | WorkingCopyDamaged):
        return Unavailable(str(problem))
    return Invalid(str(problem))


def _account() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        # A container may run as a user without a name.
        return "unknown"
