"""`template-service directory review edit|rang|flag|dates|apart|curators`: what curators note."""

from datetime import date, datetime
from typing import Any

import click

from template_service import clock
from template_service.actions.curate_desk import working_copy
from template_service.cli.directory.desk import by_whom, done, json_row, typed
from template_service.cli.options import common
from template_service.settings import Settings

_REASON = click.option("--reason", default="", help="Why; kept in the audit.")
_SET = click.option(
    "--set",
    "values",
    multiple=True,
    metavar="FIELD=VALUE",
    help="A field and its value: text, or JSON for lists, numbers, true, false and null; repeats.",
)
_DAY = click.DateTime(formats=["%Y-%m-%d"])


@click.command("edit")
@click.argument("services", nargs=-1, required=True)
@_SET
@click.option("--reason", required=True, help="Why; kept in the audit.")
@by_whom
@common
def edit(
    *,
    settings: Settings,
    as_json: bool,
    services: tuple[str, ...],
    values: tuple[str, ...],
    reason: str,
    by: str,
) -> None:
    """Give one or many services (published ids) new values; feeds keep off them from now on."""
    from directory.working_copy import edits  # noqa: PLC0415 -- marshmallow is slow

    changes = _values(values)
    if not changes:
        raise click.UsageError("--set names what to change")
    with working_copy(settings) as working:
        edits.edit(working, services, changes, by=by, now=clock.now(), reason=reason)
    done(as_json, {"services": list(services), "fields": sorted(changes)}, "Edited")


@click.command("rang")
@click.argument("service")
@click.option("--how", default="", help="How the service was asked, if not by phone.")
@click.option("--review-by", type=_DAY, help="Another review date than its risk gives.")
@by_whom
@common
def rang(
    *,
    settings: Settings,
    as_json: bool,
    service: str,
    how: str,
    review_by: datetime | None,
    by: str,
) -> None:
    """Note that the service itself said that its entry is right. Only this verifies it."""
    from directory.working_copy import rounds  # noqa: PLC0415 -- marshmallow is slow

    with working_copy(settings) as working:
        due = rounds.rang(
            working,
            service,
            by=by,
            now=clock.now(),
            today=clock.today(),
            how=how,
            review_by=_day(review_by),
        )
    done(as_json, {"service": service, "review_by": due.isoformat()}, f"Verified until {due}")


@click.command("flag")
@click.argument("service")
@click.argument("what", type=click.Choice(["wrong", "full", "closed"]))
@_REASON
@by_whom
@common
def flag(
    *, settings: Settings, as_json: bool, service: str, what: str, reason: str, by: str
) -> None:
    """Say that a service is wrong, full or closed; a curator decides."""
    from directory.working_copy import decisions  # noqa: PLC0415 -- marshmallow is slow

    with working_copy(settings) as working:
        numbers = decisions.flag(working, service, what, by=by, now=clock.now(), reason=reason)
    done(as_json, {"proposals": list(numbers)}, "A curator will look at it")


@click.command("dates")
@click.argument("service")
@click.option("--expires", type=_DAY, help="The last day of the service.")
@click.option("--funding-ends", type=_DAY, help="The last day that is paid for.")
@_REASON
@by_whom
@common
def dates(
    *,
    settings: Settings,
    as_json: bool,
    service: str,
    expires: datetime | None,
    funding_ends: datetime | None,
    reason: str,
    by: str,
) -> None:
    """Note until when a service and its money last; what is not given is not known."""
    from directory.working_copy import edits  # noqa: PLC0415 -- marshmallow is slow

    days = {"expires_on": _day(expires), "funding_ends_on": _day(funding_ends)}
    with working_copy(settings) as working:
        edits.set_dates(working, service, **days, by=by, now=clock.now(), reason=reason)
    done(as_json, {"service": service, **days}, "Noted")


@click.command("apart")
@click.argument("one")
@click.argument("other")
@click.option("--undo", is_flag=True, help="Take back that they were told apart.")
@_REASON
@by_whom
@common
def apart(
    *, settings: Settings, as_json: bool, one: str, other: str, undo: bool, reason: str, by: str
) -> None:
    """Say that two services that look alike are not the same: the pair is not listed again."""
    from directory.working_copy import pairs  # noqa: PLC0415 -- marshmallow is slow

    said = pairs.take_back if undo else pairs.tell_apart
    with working_copy(settings) as working:
        said(working, one, other, by=by, now=clock.now(), reason=reason)
    done(as_json, {"services": [one, other], "apart": not undo}, "Taken back" if undo else "Noted")


@click.command("curators")
@click.option("--lead", help="Who answers for the directory.")
@click.option("--deputy", help="Who does when the lead is away.")
@by_whom
@common
def curators(
    *, settings: Settings, as_json: bool, lead: str | None, deputy: str | None, by: str
) -> None:
    """Say who answers for the directory, or name them."""
    from directory.working_copy import rounds  # noqa: PLC0415 -- marshmallow is slow

    with working_copy(settings) as working:
        named = rounds.name_curators(working, by=by, now=clock.now(), lead=lead, deputy=deputy)
    text = f"Lead: {named.lead or 'nobody'}; deputy: {named.deputy or 'nobody'}"
    done(as_json, json_row(named), text)


def _values(pairs: tuple[str, ...]) -> dict[str, Any]:
    values = {}
    for pair in pairs:
        field, equals, text = pair.partition("=")
        if not equals:
            raise click.UsageError(f"--set {pair}: write FIELD=VALUE")
        values[field.strip()] = typed(text)
    return values


def _day(moment: datetime | None) -> date | None:
    return moment.date() if moment else None
