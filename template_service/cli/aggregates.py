"""`template-service aggregates …`: facts and lists in, months closed."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from template_service import clock
from template_service.cli.options import common, print_json
from template_service.data_folder import open_geography, prepare
from template_service.errors import Invalid
from template_service.settings import Settings

if TYPE_CHECKING:
    from template_service.aggregates.facts import FactsReport
    from template_service.aggregates.population import PopulationReport

FOLDER = "aggregates"
_SOURCE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def aggregates() -> None:
    """Anonymised figures for public health."""


@aggregates.command("import-facts")
@click.argument("file", type=_SOURCE)
@common
def import_facts(*, settings: Settings, as_json: bool, file: Path) -> None:
    """Take a file of facts (.csv or .parquet), whole or not at all."""
    with _reporting():
        from template_service.aggregates import facts, months  # noqa: PLC0415 -- an extra

        folder = _folder(settings)
        report = facts.import_facts(
            folder, file, today=clock.today(), closed=months.closed_months(folder)
        )
    if as_json:
        print_json(asdict(report))
    else:
        _tell_facts(report)


@aggregates.command("import-population")
@click.argument("file", type=_SOURCE)
@common
def import_population(*, settings: Settings, as_json: bool, file: Path) -> None:
    """Take registered lists by practice, sex, age band and LSOA, in place of the older ones."""
    with _reporting():
        from template_service.aggregates import population  # noqa: PLC0415 -- an extra

        geography = open_geography(settings)
        try:
            report = population.import_population(_folder(settings), file, geography=geography)
        finally:
            geography.close()
    if as_json:
        print_json(asdict(report))
    else:
        _tell_population(report)


@aggregates.command("close")
@click.argument("month")
@common
def close(*, settings: Settings, as_json: bool, month: str) -> None:
    """Round the facts of MONTH (YYYY-MM) and keep the cells for good."""
    with _reporting():
        from tqdm import tqdm  # noqa: PLC0415 -- only here

        from template_service.aggregates import months  # noqa: PLC0415 -- an extra

        with tqdm(total=months.DOMAINS, unit="domain", disable=None, leave=False) as bar:
            closed = months.close_month(_folder(settings), month, progress=lambda _: bar.update())
    if as_json:
        print_json(asdict(closed))
    else:
        click.echo(
            f"{closed.month} is closed: {closed.people:,} people,"
            f" {closed.cells:,} cells, {closed.seconds:.1f} s"
        )


def _folder(settings: Settings) -> Path:
    prepare(settings.data)
    return settings.data / FOLDER


@contextmanager
def _reporting() -> Iterator[None]:
    """Says every problem of a refused file, and what to install where the extra is not there."""
    try:
        yield
    except Invalid as refusal:
        if not refusal.problems:
            raise
        for problem in refusal.problems:
            click.echo(problem.message, err=True)
        raise click.ClickException(refusal.title) from None
    except ModuleNotFoundError as missing:
        raise click.ClickException(
            f"{missing.name} is not installed: pip install 'template-service[reports]'"
        ) from None


def _tell_facts(report: "FactsReport") -> None:
    if report.already_held:
        click.echo(f"{report.file} was imported before; nothing changed")
    for month in report.months:
        click.echo(f"{month.month}: {month.rows:,} rows, {month.people:,} people")
    for column, rows in ((column, rows) for column, rows in report.unknown if rows):
        click.echo(f"{column} is blank in {rows:,} rows and counts as unknown")


def _tell_population(report: "PopulationReport") -> None:
    click.echo(f"{report.registered:,} people at {len(report.by_practice):,} practices")
    for column, people in ((column, people) for column, people in report.unknown if people):
        click.echo(f"{column} is unknown for {people:,} of them")
