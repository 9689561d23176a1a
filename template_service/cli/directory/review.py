"""`template-service directory review …` and `changes`: the work of curators."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from template_service import clock
from template_service.actions.curate_desk import working_copy
from template_service.cli.directory import curating, taking_out
from template_service.cli.directory.desk import by_whom, done, json_row, typed
from template_service.cli.options import common, print_json
from template_service.settings import Settings

if TYPE_CHECKING:
    from directory.working_copy.proposing import Action, Proposal
    from directory.working_copy.rounds import Call

_REASON = click.option("--reason", default="", help="Why; kept with the decision.")


@click.group("review", invoke_without_command=True)
@click.option("--all", "everything", is_flag=True, help="Also services that are not due.")
@common
def review(*, settings: Settings, as_json: bool, everything: bool) -> None:
    """List the services to ring, riskiest first, and the changes that wait."""
    if click.get_current_context().invoked_subcommand is not None:
        return
    from directory.working_copy import decisions, rounds  # noqa: PLC0415 -- marshmallow is slow

    with working_copy(settings) as working:
        calls = rounds.calls(working, today=clock.today(), everything=everything)
        waiting = decisions.proposals(working)
        curators = rounds.curators(working)
    if as_json:
        print_json(
            {
                "curators": json_row(curators),
                "services": [_call(one) for one in calls],
                "proposals": [json_row(one) for one in waiting],
            }
        )
        return
    for one in calls:
        click.echo(f"{one.risk}: {one.service.name} ({one.service.id}) due {one.due}")
        click.echo(f"    {'; '.join(one.reasons)}")
    for found in waiting:
        click.echo(_line(found))


@review.command("accept")
@click.argument("proposals", nargs=-1, required=True, type=int)
@click.option("--value", help="Another value than proposed: JSON, or text.")
@_REASON
@by_whom
@common
def accept(
    *,
    settings: Settings,
    as_json: bool,
    proposals: tuple[int, ...],
    value: str | None,
    reason: str,
    by: str,
) -> None:
    """Make proposals so, by their numbers; all of them or none."""
    from directory.working_copy import decisions  # noqa: PLC0415 -- marshmallow is slow

    chosen = decisions.ASIS if value is None else typed(value)
    _decide(
        settings,
        proposals,
        lambda working, number, now: decisions.accept(
            working, number, by=by, now=now, reason=reason, value=chosen
        ),
        as_json=as_json,
    )


@review.command("reject")
@click.argument("proposals", nargs=-1, type=int)
@click.option("--source", help="Instead of numbers: all that an import of this source proposed.")
@click.option(
    "--action",
    type=click.Choice(["set", "add", "withdraw"]),
    help="With --source: what was proposed, such as withdraw after the wrong file.",
)
@click.option("--reason", required=True, help="Why; kept with the decision.")
@by_whom
@common
def reject(
    *,
    settings: Settings,
    as_json: bool,
    proposals: tuple[int, ...],
    source: str | None,
    action: "Action | None",
    reason: str,
    by: str,
) -> None:
    """Leave things as they are: by the numbers of proposals, or all of one kind of a source."""
    from directory.working_copy import decisions, of_a_source  # noqa: PLC0415 -- marshmallow is slow

    if bool(proposals) == bool(source) or bool(source) != bool(action):
        raise click.UsageError("give the numbers of proposals, or --source with --action")
    if source and action:
        with working_copy(settings) as working:
            numbers = of_a_source.reject_all(
                working, source, action=action, by=by, now=clock.now(), reason=reason
            )
        done(as_json, {"proposals": list(numbers)}, f"Decided on {len(numbers)}")
        return
    _decide(
        settings,
        proposals,
        lambda working, number, now: decisions.reject(
            working, number, by=by, now=now, reason=reason
        ),
        as_json=as_json,
    )


@review.command("undo")
@click.argument("proposals", nargs=-1, required=True, type=int)
@click.option("--reason", required=True, help="Why; kept with the decision.")
@by_whom
@common
def undo(
    *, settings: Settings, as_json: bool, proposals: tuple[int, ...], reason: str, by: str
) -> None:
    """Take back decisions: the proposals are open again."""
    from directory.working_copy import decisions  # noqa: PLC0415 -- marshmallow is slow

    _decide(
        settings,
        proposals,
        lambda working, number, now: decisions.undo(working, number, by=by, now=now, reason=reason),
        as_json=as_json,
    )


for _command in (
    curating.edit,
    curating.rang,
    curating.flag,
    curating.dates,
    curating.apart,
    curating.curators,
    taking_out.take_out,
    taking_out.put_back,
):
    review.add_command(_command)


@click.command("changes")
@click.option("--service", help="Only what was done to this service (published id).")
@click.option("--limit", type=click.IntRange(1), default=100, help="How many, latest first.")
@common
def changes(*, settings: Settings, as_json: bool, service: str | None, limit: int) -> None:
    """List who changed what, when and why, latest first."""
    from directory.working_copy import history  # noqa: PLC0415 -- marshmallow is slow

    with working_copy(settings) as working:
        found = history.changes(working, service_id=service, limit=limit)
    if as_json:
        print_json([json_row(one) for one in found])
        return
    for one in found:
        about = f" {one.kind} {one.record_id} {one.field}".rstrip()
        click.echo(f"{one.at} {one.by} {one.action}{about}: {one.reason}".rstrip(": "))


def _decide(
    settings: Settings,
    proposals: tuple[int, ...],
    decide: Callable[..., None],
    *,
    as_json: bool,
) -> None:
    now = clock.now()
    with working_copy(settings) as working, working.writing():
        for number in dict.fromkeys(proposals):
            decide(working, number, now)
    done(as_json, {"proposals": list(proposals)}, f"Decided on {len(proposals)}")


def _call(one: "Call") -> dict[str, Any]:
    return {
        "service_id": one.service.id,
        "name": one.service.name,
        "source": one.source,
        "risk": one.risk,
        "due": one.due,
        "signposted": one.signposted,
        "reasons": one.reasons,
        "proposals": [found.id for found in one.proposals],
    }


def _line(found: "Proposal") -> str:
    about = f"{found.kind} {found.record_id} of {found.source}"
    value = f" {found.field}: {found.was!r} -> {found.wanted!r}" if found.field else ""
    return f"[{found.id}] {found.action} {about}{value} ({found.origin}, {found.reason})"
