"""`template-service directory publish|versions|compare|rollback`."""

from typing import TYPE_CHECKING, Any

import click

from directory.model import service_record
from template_service import clock
from template_service.actions.curate_desk import working_copy
from template_service.cli.directory.desk import by_whom, json_row, published
from template_service.cli.options import common, print_json
from template_service.data_folder import (
    has_working_copy,
    open_directory,
    open_geography,
    publish_starter_directory,
)
from template_service.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from directory.working_copy.comparing import Comparison
    from directory.working_copy.publishing import Publication


@click.command("publish")
@click.option("--note", default="", help="What is new, for the list of versions.")
@by_whom
@common
def publish(*, settings: Settings, as_json: bool, note: str, by: str) -> None:
    """Publish the working copy; a running service follows.

    Where nobody has begun a working copy, the starter directory of Leeds is published.
    """
    if not has_working_copy(settings):
        _publish_starter(settings, as_json=as_json)
        return
    from tqdm import tqdm  # noqa: PLC0415 -- only here

    from directory.working_copy import publishing  # noqa: PLC0415 -- marshmallow is slow

    with working_copy(settings) as working, tqdm(disable=None, leave=False) as bar:
        made = publishing.publish(
            working,
            published(settings),
            now=clock.now(),
            today=clock.today(),
            by=by,
            reason=note,
            progress=bar.set_description_str,
        )
    if as_json:
        print_json(_made(made))
    else:
        click.echo(f"Published {made.services} services, version {made.number} {made.version[:12]}")
    for one in made.left_out:
        click.echo(f"Not published: {one.name or one.id} of {one.source}: {one.problem}", err=True)


@click.command("versions")
@common
def versions(*, settings: Settings, as_json: bool) -> None:
    """List what was published: number, when, by whom, note, services."""
    from directory.working_copy import publishing  # noqa: PLC0415 -- marshmallow is slow

    with working_copy(settings) as working:
        found = publishing.history(working, published(settings))
    if as_json:
        print_json([json_row(one) for one in found])
        return
    for one in found:
        marks = " (current)" if one.current else "" if one.available else " (file is gone)"
        what = f" {one.note}" if one.note else ""
        click.echo(
            f"{one.number} {one.version[:12]} {one.action} {one.at} {one.by or '-'}:"
            f" {one.services} services{marks}{what}"
        )


@click.command("compare")
@click.argument("before", metavar="A")
@click.argument("after", metavar="B")
@common
def compare(*, settings: Settings, as_json: bool, before: str, after: str) -> None:
    """Say what differs from version A to version B: a number, or the start of a hash."""
    from directory.working_copy import comparing, publishing  # noqa: PLC0415 -- marshmallow is slow
    from directory.working_copy.origins import origins  # noqa: PLC0415 -- likewise

    folder = published(settings)
    with working_copy(settings) as working:
        old, new = (publishing.find_version(working, folder, name) for name in (before, after))
        found = comparing.compare(folder, old.version, new.version)
        sources = origins(working)
    if as_json:
        print_json(_compared(found))
    else:
        _tell(found, sources)


@click.command("rollback")
@click.argument("version")
@click.option("--reason", default="", help="Why, for the list of versions.")
@by_whom
@common
def rollback(*, settings: Settings, as_json: bool, version: str, reason: str, by: str) -> None:
    """Make an earlier version current again; the working copy stays as it is."""
    from directory.working_copy import publishing  # noqa: PLC0415 -- marshmallow is slow

    with working_copy(settings) as working:
        made = publishing.roll_back(
            working, published(settings), version, now=clock.now(), by=by, reason=reason
        )
    if as_json:
        print_json(json_row(made))
    else:
        click.echo(f"Version {made.version[:12]} is current again, {made.services} services")


def _publish_starter(settings: Settings, *, as_json: bool) -> None:
    geography = open_geography(settings)
    version = publish_starter_directory(settings, geography)
    count = len(open_directory(settings, geography).services())
    if as_json:
        print_json({"version": version, "services": count})
    else:
        click.echo(f"Published {count} services, version {version[:12]}")


def _made(made: "Publication") -> dict[str, Any]:
    return {
        "version": made.version,
        "services": made.services,
        "number": made.number,
        "left_out": [
            {"source": one.source, "id": one.id, "name": one.name, "reason": one.problem}
            for one in made.left_out
        ],
        "notes": [
            {"service_id": one.published_id, "name": one.name, "notes": one.notes}
            for one in made.partly
        ],
    }


def _compared(found: "Comparison") -> dict[str, Any]:
    return {
        "added": [service_record(one) for one in found.added],
        "removed": [service_record(one) for one in found.removed],
        "changed": [json_row(one) for one in found.changed],
    }


def _tell(found: "Comparison", sources: "Mapping[str, str]") -> None:
    for mark, those in (("+", found.added), ("-", found.removed)):
        for one in sorted(those, key=lambda it: sources.get(it.id, "")):
            source = sources.get(one.id)
            told = (one.name, f"({one.id})", f"of {source}" if source else "", one.postcode)
            click.echo(" ".join(filter(None, (mark, *told))))
    for changed in found.changed:
        click.echo(f"~ {changed.name} ({changed.service_id})")
        for field in changed.fields:
            click.echo(f"    {field.field}: {field.was!r} -> {field.became!r}")
    if not (found.added or found.removed or found.changed):
        click.echo("Nothing differs")
