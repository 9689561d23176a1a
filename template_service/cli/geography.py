"""`template-service geography import`."""

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

import click

from directory.geography_import.importing import GeographyReport, OfficialFiles, import_geography
from directory.geography_import.sources import GeographyRefused
from template_service.cli.options import common, print_json
from template_service.data_folder import GEOGRAPHY, prepare
from template_service.errors import Invalid, Unavailable
from template_service.settings import Settings

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_FILE_OR_FOLDER = click.Path(exists=True, path_type=Path)


@click.group()
def geography() -> None:
    """Where postcodes are, and how deprived."""


@geography.command("import")
@click.option(
    "--postcodes", required=True, type=_FILE_OR_FOLDER, help="ONSPD or NSPL: CSV, zip or folder."
)
@click.option("--imd", required=True, type=_FILE_OR_FOLDER, help="IoD 2019 or 2025, File 1 or 7.")
@click.option("--practices", type=_FILE, help="GP practices: epraccur.csv.")
@click.option(
    "--networks",
    multiple=True,
    type=_FILE,
    help="ePCN as CSV: core partners, PCN details; repeats.",
)
@common
def import_files(
    *,
    settings: Settings,
    as_json: bool,
    postcodes: Path,
    imd: Path,
    practices: Path | None,
    networks: tuple[Path, ...],
) -> None:
    """Take the official files in place of the geography tables; a running service keeps its own.

    Without --practices the practices of the older tables are kept.
    """
    if networks and not practices:
        raise click.UsageError("--networks needs --practices")
    prepare(settings.data)
    started = time.monotonic()
    files = OfficialFiles(postcodes, imd, practices, networks)
    try:
        with _progress() as progress:
            report = import_geography(settings.data / GEOGRAPHY, files, progress)
    except GeographyRefused as refusal:
        raise Invalid(str(refusal)) from None
    except (sqlite3.Error, OSError) as problem:
        raise Unavailable(f"{settings.data}: the tables cannot be written: {problem}") from None
    if as_json:
        print_json({**asdict(report), "seconds": round(time.monotonic() - started, 2)})
    else:
        _tell(report)


@contextmanager
def _progress() -> Iterator[Callable[[int, int], None]]:
    from tqdm import tqdm  # noqa: PLC0415 -- only here

    with tqdm(unit="B", unit_scale=True, disable=None, leave=False) as bar:

        def advance(done: int, total: int) -> None:
            bar.total = total
            bar.update(done)

        yield advance


def _tell(report: GeographyReport) -> None:
    counts = report.postcodes
    click.echo(
        f"{report.name}: {counts.read:,} rows, {counts.imported:,} postcodes imported"
        f" ({counts.live:,} in use, {counts.terminated:,} terminated)"
    )
    for number, what in (
        (counts.pseudo, "pseudo-postcodes (ZZ99) left out"),
        (counts.duplicates, "rows of a postcode that was there already"),
        (counts.without_lsoa, f"postcodes without an LSOA of {report.imd.year}"),
        (counts.of_unknown_lsoa, f"postcodes of an English LSOA that {report.imd.edition} lacks"),
        (counts.outside_england, "postcodes outside England, which have no decile"),
        (counts.impossible_coordinates, "postcodes whose coordinates are not in the UK"),
        (report.areas.wards_without_name, "wards without a name"),
        (report.areas.local_authorities_without_name, "local authorities without a name"),
    ):
        if number:
            click.echo(f"{number:,} {what}")
    click.echo(f"{report.imd.edition}: {report.imd.imported:,} LSOAs of {report.imd.year}")
    _tell_practices(report)
    for row in report.refused_rows:
        click.echo(f"{row.file}, line {row.row}: {row.reason}", err=True)
    if more := report.refused - len(report.refused_rows):
        click.echo(f"and {more:,} more rows were not taken", err=True)


def _tell_practices(report: GeographyReport) -> None:
    found = report.practices
    kept = " kept" if found.kept else ""
    click.echo(f"{found.imported:,} practices in {found.networks:,} networks{kept}")
    if not found.imported:
        click.echo(
            "Nobody of no fixed abode can be placed without practices: give --practices", err=True
        )
    for number, what in (
        (found.without_place, "their postcode, which has no place"),
        (found.without_network, "no network"),
    ):
        if number:
            click.echo(f"{number:,} of them have {what}", err=True)
