"""What comes out of aggregates: releases, once no attack succeeds, and what is drawn from them."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from template_service.cli.aggregates.desk import desk
from template_service.cli.aggregates.folder import folder_of, told_problems
from template_service.cli.options import common, print_json
from template_service.settings import Settings

if TYPE_CHECKING:
    from template_service.aggregates.audit import AuditResult

_PCN = click.option("--pcn", help="ODS code of the primary care network; the city if absent.")
_PERIOD = click.option("--period", help="YYYY-MM or YYYY-MM/YYYY-MM; the year to date if absent.")


@click.command("release")
@click.option("--figures-only", is_flag=True, help="Tables without infographics.")
@common
def release(*, settings: Settings, as_json: bool, figures_only: bool) -> None:
    """Audit the closed months and write a release, or nothing where an attack succeeds."""
    with told_problems():
        from tqdm import tqdm  # noqa: PLC0415 -- only here

        from template_service.aggregates.release_making import Maker  # noqa: PLC0415 -- an extra
        from template_service.aggregates.report import documents  # noqa: PLC0415 -- an extra

        with desk(settings) as at:
            total = 0 if figures_only else documents.count(at.areas)
            with tqdm(total=total, unit="document", disable=None, leave=False) as bar:
                write = None if figures_only else at.write_documents(lambda _: bar.update())
                made = Maker(at.folder, at.areas).make(
                    write_documents=write, demonstration=at.demonstration
                )
    if as_json:
        print_json({"id": made.id, "path": str(made.path), "audit": made.document["audit"]})
    else:
        click.echo(f"{made.id}: figures of {', '.join(made.document['periods'])}")
        click.echo(f"No attack succeeded; see {made.path}")


@click.command("audit")
@click.argument("release")
@common
def audit(*, settings: Settings, as_json: bool, release: str) -> None:
    """Attack RELEASE (its id) once more; exit 1 where an attack succeeds."""
    with told_problems():
        from template_service.aggregates.release_making import (  # noqa: PLC0415 -- an extra
            audit_months,
        )
        from template_service.aggregates.releases import release_of  # noqa: PLC0415 -- an extra

        folder = folder_of(settings)
        looked_at = release_of(folder, release)
        found = audit_months(folder, looked_at.months)
    if as_json:
        print_json({"id": looked_at.id, "path": str(looked_at.path), "audit": asdict(found)})
    else:
        _tell_audit(found)
    if not found.passed:
        raise SystemExit(1)


@click.command("report")
@_PCN
@_PERIOD
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    help="The folder to write into.",
)
@click.option("--format", "kind", type=click.Choice(["all", "slides"]), default="all")
@common
def report(
    *,
    settings: Settings,
    as_json: bool,
    pcn: str | None,
    period: str | None,
    out: Path,
    kind: Literal["all", "slides"],
) -> None:
    """Write the infographic, figures and workbook of a network or the city, or its slides."""
    with told_problems():
        from template_service.aggregates.report import documents  # noqa: PLC0415 -- an extra

        with desk(settings) as at:
            it = at.report_of(pcn, period)
            files = documents.write_report(
                it.released, it.pcn, it.period, out, kind=kind, gaps=it.gaps
            )
    if as_json:
        print_json({"files": [str(path) for path in files]})
    else:
        click.echo("\n".join(str(path) for path in files))


@click.command("pack")
@_PCN
@_PERIOD
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    required=True,
    help="The zip file to write.",
)
@common
def pack(
    *, settings: Settings, as_json: bool, pcn: str | None, period: str | None, out: Path
) -> None:
    """Write everything of a network, or of the city, as one zip file."""
    with told_problems():
        from template_service.aggregates.report import documents  # noqa: PLC0415 -- an extra

        with desk(settings) as at:
            it = at.report_of(pcn, period)
            documents.write_pack(it.released, it.pcn, it.period, out, gaps=it.gaps)
    if as_json:
        print_json({"file": str(out), "bytes": out.stat().st_size})
    else:
        click.echo(str(out))


def _tell_audit(found: "AuditResult") -> None:
    click.echo(
        f"{found.exact:,} cells found exactly, {found.narrow:,} nearly, in {found.parts:,} parts"
        f" ({found.seconds:.1f} s)"
    )
    click.echo("The release stands" if found.passed else "An attack succeeds: withdraw it")
