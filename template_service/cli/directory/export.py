"""`template-service directory export`."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from template_service.actions.curate_desk import working_copy
from template_service.cli.options import common, print_json
from template_service.errors import Invalid, NotFound
from template_service.settings import Settings

if TYPE_CHECKING:
    from directory.open_referral.records import Record

FORMATS = ("oruk-v3", "hsds-csv", "fhir", "csv")


@click.command("export")
@click.option("--format", "file_format", type=click.Choice(FORMATS), required=True)
@click.option("--source", help="Only this source.")
@click.argument("folder", metavar="DIR", type=click.Path(file_okay=False, path_type=Path))
@common
def export(
    *, settings: Settings, as_json: bool, file_format: str, source: str | None, folder: Path
) -> None:
    """Write the working copy to DIR; where it has several sources, a folder for each.

    The same content gives the same bytes.
    """
    from directory.open_referral.export_folder import ExportRefused  # noqa: PLC0415 -- only here
    from directory.working_copy import graphs  # noqa: PLC0415 -- marshmallow is slow

    with working_copy(settings) as working:
        held = graphs.sources(working.database)
        if source is not None and source not in held:
            raise NotFound(f"there is no source {source}; there is {', '.join(held)}")
        chosen = (source,) if source else held
        counts = {}
        for name in chosen:
            place = folder if len(chosen) == 1 else folder / _folder_name(name)
            records = list(graphs.records(working.database, name))
            try:
                _writer(file_format)(name, records, place)
            except ExportRefused as problem:
                raise Invalid(str(problem)) from None
            except OSError as problem:
                raise Invalid(f"{place}: {problem.strerror}") from None
            counts[name] = len(records)
    if as_json:
        print_json({"folder": str(folder), "format": file_format, "records": counts})
    else:
        for name, count in counts.items():
            click.echo(f"{name}: {count:,} records")


def _folder_name(source: str) -> str:
    """The name of a source as one folder: nothing in it leads elsewhere."""
    return "".join(it if it.isalnum() or it in "-_." else "_" for it in source).lstrip(".") or "_"


def _writer(file_format: str) -> "Callable[[str, Iterable[Record], Path], object]":
    return {"oruk-v3": _oruk, "hsds-csv": _hsds_csv, "fhir": _fhir, "csv": _csv}[file_format]


def _oruk(source: str, records: "Iterable[Record]", folder: Path) -> None:
    from directory.open_referral import json_writing  # noqa: PLC0415 -- only this format

    json_writing.write({source: records}, folder)


def _hsds_csv(source: str, records: "Iterable[Record]", folder: Path) -> None:
    from directory.open_referral import tabular_writing  # noqa: PLC0415 -- only this format

    del source
    tabular_writing.write(records, folder)


def _fhir(source: str, records: "Iterable[Record]", folder: Path) -> None:
    from directory.open_referral import fhir_writing  # noqa: PLC0415 -- only this format

    left_out: list[str] = []
    fhir_writing.write_fhir(fhir_writing.resources(records, source, left_out=left_out), folder)
    for problem in left_out:
        click.echo(f"Not exported: {problem}", err=True)


def _csv(source: str, records: "Iterable[Record]", folder: Path) -> None:
    from directory.open_referral import plain_csv  # noqa: PLC0415 -- only this format

    del source
    plain_csv.write(records, folder)
