"""What the commands of curation share: who works on the working copy, and how they tell it."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import orjson

from template_service.cli.options import by_whom, print_json
from template_service.data_folder import DIRECTORY
from template_service.settings import Settings

if TYPE_CHECKING:
    from directory.working_copy.report import Counts, ImportReport

__all__ = ["by_whom", "done", "json_row", "published", "tell_counts", "tell_proposals", "typed"]


def published(settings: Settings) -> Path:
    """The folder of published directories."""
    return settings.data / DIRECTORY


def done(as_json: bool, value: Mapping[str, Any], text: str) -> None:
    """Tells what was done: a JSON value with `--json`, else a line of text."""
    if as_json:
        print_json(value)
    else:
        click.echo(text)


def tell_counts(table: str, found: "Counts") -> None:
    """What an import came to in one table, as a line."""
    click.echo(
        f"{table}: {found.read:,} read, {found.new:,} new, {found.changed:,} changed,"
        f" {found.unchanged:,} unchanged, {found.quarantined:,} quarantined;"
        f" {found.withdrawn:,} withdrawn"
    )


def tell_proposals(report: "ImportReport") -> None:
    """What an import left to a curator, as a line; nothing where nothing new waits."""
    if report.proposals > 0:
        click.echo(
            f"New proposals for a curator: {report.proposals:,} (template-service directory review)"
        )


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
