"""`template-service organisation import`."""

import csv
from collections.abc import Iterator
from pathlib import Path

import click

from template_service.cli.options import common, print_json
from template_service.data_folder import open_store
from template_service.errors import Invalid, Malformed
from template_service.records.organisations import Kind, Organisation, import_organisations
from template_service.settings import Settings

COLUMNS = ("ods_code", "name", "kind", "parent", "postcode")


@click.group()
def organisation() -> None:
    """The practices, networks and city that use the service."""


@organisation.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@common
def import_file(*, settings: Settings, as_json: bool, file: Path) -> None:
    """Add or update organisations from a CSV: ods_code, name, kind, parent, postcode.

    The kind is practice, pcn or city; the parent of a practice is its PCN, of a PCN the city. All
    rows are read before any is stored.
    """
    organisations = tuple(_read(file))
    store = open_store(settings)
    with store.write() as conn:
        count = import_organisations(conn, organisations)
    store.close()
    if as_json:
        print_json({"organisations": count})
    else:
        click.echo(f"{count} organisations")


def _read(file: Path) -> Iterator[Organisation]:
    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            rows = csv.DictReader(lines, strict=True)
            missing = [name for name in COLUMNS if name not in (rows.fieldnames or ())]
            if missing:
                raise Invalid(f"{file}: no column {', '.join(missing)}")
            for row in rows:
                yield _organisation(row, f"{file}, line {rows.line_num}")
    except (UnicodeDecodeError, csv.Error) as problem:
        raise Malformed(f"{file}: not a CSV file in UTF-8: {problem}") from None


def _organisation(row: dict[str, str | None], place: str) -> Organisation:
    values = {name: (row[name] or "").strip() for name in COLUMNS}
    if not values["ods_code"] or not values["name"]:
        raise Invalid(f"{place}: ods_code and name are needed")
    if values["kind"] not in set(Kind):
        raise Invalid(f"{place}: kind is practice, pcn or city")
    return Organisation(
        ods_code=values["ods_code"],
        name=values["name"],
        kind=Kind(values["kind"]),
        parent=values["parent"] or None,
        postcode=values["postcode"] or None,
    )
