"""What goes into aggregates: facts, registered lists, Marmot indicators; and months are closed."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from template_service import clock
from template_service.aggregates.areas import Areas
from template_service.aggregates.folder import closed_months
from template_service.cli.aggregates.folder import folder_of, told_problems
from template_service.cli.options import common, print_json
from template_service.data_folder import open_geography
from template_service.settings import Settings

if TYPE_CHECKING:
    from template_service.aggregates.facts import FactsReport, TakenBack
    from template_service.aggregates.population import PopulationReport

_SOURCE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command("import-facts")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--take-back",
    is_flag=True,
    help="Remove what FILE, or the file of that digest, brought to months that are not closed.",
)
@common
def import_facts(*, settings: Settings, as_json: bool, file: Path, take_back: bool) -> None:
    """Take a file of facts (.csv or .parquet), whole or not at all."""
    with told_problems():
        from template_service.aggregates import facts  # noqa: PLC0415 -- an extra

        folder = folder_of(settings)
        closed = closed_months(folder)
        if take_back:
            is_digest = facts.DIGEST.fullmatch(file.name) and not file.exists()
            source = file.name if is_digest else file
            back = facts.take_back(folder, source, closed=closed)
        else:
            areas = _areas(settings)
            report = facts.import_facts(
                folder, file, today=clock.today(), closed=closed, areas=areas
            )
    if as_json:
        print_json(asdict(back if take_back else report))
    elif take_back:
        _tell_taken_back(back)
    else:
        _tell_facts(report)


@click.command("import-population")
@click.argument("file", type=_SOURCE)
@common
def import_population(*, settings: Settings, as_json: bool, file: Path) -> None:
    """Take registered lists by practice, sex, age band and LSOA, in place of the older ones."""
    with told_problems():
        from template_service.aggregates import population  # noqa: PLC0415 -- an extra

        geography = open_geography(settings)
        try:
            report = population.import_population(folder_of(settings), file, geography=geography)
        finally:
            geography.close()
    if as_json:
        print_json(asdict(report))
    else:
        _tell_population(report)


@click.command("import-indicators")
@click.argument("file", type=_SOURCE)
@click.option("--replace", is_flag=True, help="Figures that differ take the place of older ones.")
@common
def import_indicators(*, settings: Settings, as_json: bool, file: Path, replace: bool) -> None:
    """Take Marmot indicators from a tidy CSV, whole or not at all."""
    with told_problems():
        from template_service.aggregates.indicators import imports  # noqa: PLC0415 -- an extra

        report = imports.import_indicators(folder_of(settings), file, replace=replace)
    if as_json:
        print_json(asdict(report))
    else:
        for warning in report.warnings:
            click.echo(warning.message, err=True)
        click.echo(
            f"{report.new:,} figures are new, {report.replaced:,} replaced,"
            f" {report.unchanged:,} unchanged"
        )


@click.command("close")
@click.argument("month")
@click.option(
    "--engine",
    type=click.Choice(["duckdb", "spark"]),
    default="duckdb",
    help="What counts the facts; spark is for more than one machine holds.",
)
@common
def close(
    *, settings: Settings, as_json: bool, month: str, engine: Literal["duckdb", "spark"]
) -> None:
    """Round the facts of MONTH (YYYY-MM) and keep the cells for good."""
    with told_problems():
        from tqdm import tqdm  # noqa: PLC0415 -- only here

        from template_service.aggregates import months  # noqa: PLC0415 -- an extra

        with tqdm(total=months.DOMAINS, unit="domain", disable=None, leave=False) as bar:
            closed = months.close_month(
                folder_of(settings),
                month,
                engine=engine,
                today=clock.today(),
                progress=lambda _: bar.update(),
            )
    if as_json:
        print_json(asdict(closed))
    else:
        click.echo(
            f"{closed.month} is closed: {closed.people:,} people,"
            f" {closed.cells:,} cells, {closed.seconds:.1f} s"
        )


def _areas(settings: Settings) -> Areas:
    geography = open_geography(settings)
    try:
        return Areas.of(geography)
    finally:
        geography.close()


def _tell_facts(report: "FactsReport") -> None:
    if report.already_held:
        click.echo(f"{report.file} was imported before; nothing changed")
    for month in report.months:
        click.echo(f"{month.month}: {month.rows:,} rows, {month.people:,} people")
    for column, rows in ((column, rows) for column, rows in report.unknown if rows):
        click.echo(f"{column} is blank in {rows:,} rows and counts as unknown")
    for strange in report.not_known:
        codes = "a code that is" if strange.codes == 1 else "codes that are"
        more = ["…"] if strange.codes > len(strange.named) else []
        named = ", ".join((*strange.named, *more))
        click.echo(f"{strange.column}: {strange.rows:,} rows have {codes} not known: {named}")
    click.echo(f"Until its months are closed: import-facts --take-back {report.digest}")


def _tell_taken_back(back: "TakenBack") -> None:
    for month in back.months:
        click.echo(f"{month.month}: {month.rows:,} rows of {month.people:,} people are taken back")
    for closed in back.closed:
        click.echo(f"{closed} is closed: what it counted of the file stays")
    if not back.months:
        click.echo("Nothing of it is held that could be taken back; nothing changed")


def _tell_population(report: "PopulationReport") -> None:
    click.echo(f"{report.registered:,} people at {len(report.by_practice):,} practices")
    for column, people in ((column, people) for column, people in report.unknown if people):
        click.echo(f"{column} is unknown for {people:,} of them")
