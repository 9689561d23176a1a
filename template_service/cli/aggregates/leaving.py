"""Facts out of the records: the one door, on the command line."""

from pathlib import Path

import click

from template_service.aggregates.kept_figures import reporting
from template_service.cli.aggregates.folder import folder_of
from template_service.cli.options import common, print_json
from template_service.settings import Settings


@click.command("export-facts")
@click.argument("month")
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    required=True,
    help="The CSV file to write, readable by its owner only.",
)
@click.option("--seal", is_flag=True, help="The month is over: what it counts is final.")
@common
def export_facts(*, settings: Settings, as_json: bool, month: str, out: Path, seal: bool) -> None:
    """Write the facts of MONTH (YYYY-MM) for `import-facts`: no identity, and nobody who objects.

    Without --seal it is a look: nothing changes, and the next export may give other facts.
    """
    from template_service.actions import facts  # noqa: PLC0415 -- the records, only here
    from template_service.service import open_service  # noqa: PLC0415 -- likewise

    service = open_service(settings)
    try:
        export = facts.export_facts(service, month=month, seal=seal)
        rows = facts.write_facts_csv(export.rows, out)
        if export.sealed:
            with reporting():
                from template_service.aggregates import objections  # noqa: PLC0415 -- an extra

                objections.keep_objections(folder_of(settings), month, export.opted_out)
    finally:
        service.close()
    told = {
        "month": export.month,
        "sealed": export.sealed,
        "people": export.tally.people,
        "facts": rows,
        "without_area": export.tally.without_area,
        "opted_out": export.opted_out,
    }
    if as_json:
        print_json(told)
        return
    click.echo(f"{month}: {rows:,} facts of {export.tally.people:,} people in {out}")
    click.echo(f"{export.opted_out:,} people object and are not among them")
    if not export.sealed:
        click.echo("A look only: seal the month (--seal) before you import its facts")
