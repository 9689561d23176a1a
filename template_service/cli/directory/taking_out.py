"""`template-service directory review take-out|put-back`: a whole source, out of the directory."""

from typing import TYPE_CHECKING

import click

from template_service import clock
from template_service.actions.curate_desk import working_copy
from template_service.cli.directory.desk import by_whom, done, json_row
from template_service.cli.options import common
from template_service.settings import Settings

if TYPE_CHECKING:
    from directory.working_copy.taking_out import Holding

_SOURCE = click.option("--source", required=True, help="The name of the source.")


@click.command("take-out")
@_SOURCE
@click.option("--reason", help="Why; kept in the audit. Without it, only told is what would go.")
@by_whom
@common
def take_out(
    *, settings: Settings, as_json: bool, source: str, reason: str | None, by: str
) -> None:
    """Take everything of a source out of the directory; publish to put that in use.

    It comes back with put-back, or when the source is imported again.
    """
    from directory.working_copy import taking_out  # noqa: PLC0415 -- marshmallow is slow

    with working_copy(settings) as working:
        if reason is None:
            held = taking_out.holding(working, source)
            text = f"{_told(held)} would be taken out: say why (--reason)"
        else:
            held = taking_out.take_out(working, source, by=by, now=clock.now(), reason=reason)
            text = f"{_told(held)} taken out"
    done(as_json, {"source": source, "taken_out": reason is not None, **json_row(held)}, text)


@click.command("put-back")
@_SOURCE
@click.option("--reason", default="", help="Why; kept in the audit.")
@by_whom
@common
def put_back(*, settings: Settings, as_json: bool, source: str, reason: str, by: str) -> None:
    """Put a source that was taken out back as it was."""
    from directory.working_copy import taking_out  # noqa: PLC0415 -- marshmallow is slow

    with working_copy(settings) as working:
        held = taking_out.put_back(working, source, by=by, now=clock.now(), reason=reason)
    done(as_json, {"source": source, **json_row(held)}, f"{_told(held)} put back")


def _told(held: "Holding") -> str:
    return (
        f"{held.services:,} services ({held.published:,} published before, {held.curated:,} edited,"
        " dated or rung by a curator)"
    )
