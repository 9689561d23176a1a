"""`template-service directory check-links|duplicates|gaps`: what a curator should look at."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, NamedTuple

import click

from directory.model import Service
from template_service import clock
from template_service.actions.curate_desk import working_copy
from template_service.cli.options import common, print_json
from template_service.data_folder import open_directory, open_geography
from template_service.settings import Settings

if TYPE_CHECKING:
    from directory.link_checks import Link
    from directory.working_copy.store import WorkingCopy


class _Doubt(NamedTuple):
    """What is doubtful about a field of a service; `state` is "wrong" for what cannot be right."""

    service_id: str
    name: str
    field: str
    state: str
    reason: str


@click.command("check-links")
@click.option("--offline", is_flag=True, help="Only what can be told without asking web pages.")
@click.option("--source", help="Only the services of this source.")
@common
def check_links(*, settings: Settings, as_json: bool, offline: bool, source: str | None) -> None:
    """Check phone numbers, postcodes and e-mail addresses, and whether web pages answer."""
    with working_copy(settings) as working:
        from directory.working_copy.services import current_services  # noqa: PLC0415 -- slow

        services = [
            one.service
            for one in current_services(working)
            if one.service is not None and source in (None, one.source)
        ]
        found = list(_contacts(settings, services))
        if not offline:
            found += _links(working, services)
    if as_json:
        print_json([doubt._asdict() for doubt in found])
        return
    for doubt in found:
        click.echo(f"{doubt.name} ({doubt.service_id}): {doubt.field} {doubt.reason}")
    click.echo(f"{len(services):,} services checked, {len(found):,} doubts")


@click.command("duplicates")
@common
def duplicates(*, settings: Settings, as_json: bool) -> None:
    """List pairs of services that may be one and the same; nothing is merged.

    Those that a curator told apart are not among them.
    """
    from directory.working_copy.pairs import likenesses  # noqa: PLC0415 -- marshmallow is slow
    from directory.working_copy.services import one_each  # noqa: PLC0415 -- likewise

    with working_copy(settings) as working:
        found = likenesses(working)
        sources = {uid: one.source for uid, one in one_each(working).items()}
    if as_json:
        print_json(
            [
                {
                    "services": [
                        {"id": each.id, "name": each.name, "source": sources[each.id]}
                        for each in pair[:2]
                    ],
                    "points": pair.points,
                    "reasons": list(pair.reasons),
                }
                for pair in found
            ]
        )
        return
    for pair in found:
        one, other = (
            " ".join(
                filter(None, (each.name, f"({each.id})", f"of {sources[each.id]}", each.postcode))
            )
            for each in pair[:2]
        )
        click.echo(f"{pair.points}: {one}")
        click.echo(f"    {other}: {', '.join(pair.reasons)}")
    click.echo(f"{len(found):,} pairs that may be one service")


@click.command("gaps")
@common
def gaps(*, settings: Settings, as_json: bool) -> None:
    """List needs that no running service of the published directory covers in some wards."""
    # Counts with what the extra `reports` brings.
    from template_service.aggregates.areas import Areas  # noqa: PLC0415
    from template_service.aggregates.kept_figures import reporting  # noqa: PLC0415

    with reporting():
        from template_service.aggregates.provision import unmet_needs  # noqa: PLC0415

    geography = open_geography(settings)
    found = unmet_needs(open_directory(settings, geography), Areas.of(geography))
    if as_json:
        print_json([unmet._asdict() for unmet in found])
        return
    for unmet in found:
        where = "every ward" if unmet.everywhere else ", ".join(unmet.wards)
        click.echo(f"{unmet.need}: nothing in {where}")
    click.echo(f"{len(found):,} needs with a gap")


def _contacts(settings: Settings, services: Iterable[Service]) -> Iterator[_Doubt]:
    from directory.contact_checks import contact_doubts  # noqa: PLC0415 -- needs phonenumbers

    geography = open_geography(settings)
    try:
        for service in services:
            for doubt in contact_doubts(service, geography):
                yield _Doubt(service.id, service.name, doubt.field, "wrong", doubt.reason)
    finally:
        geography.close()


def _links(working: "WorkingCopy", services: list[Service]) -> Iterator[_Doubt]:
    """The links that do not answer; what each came to is kept for the curators' page."""
    from tqdm import tqdm  # noqa: PLC0415 -- only where there is progress to show

    from directory.link_checks import check_links as links_of  # noqa: PLC0415 -- needs requests
    from directory.working_copy.links import keep  # noqa: PLC0415 -- likewise

    linked = [service for service in services if service.url]
    links = links_of(linked)
    with tqdm(links, total=len(linked), unit=" pages", disable=None, leave=False) as asked:
        for link in asked:
            # One by one: hours of asking are not lost to a stop.
            keep(working, link, now=clock.now())
            if link.state != "answers":
                yield _doubt(link)


def _doubt(link: "Link") -> _Doubt:
    return _Doubt(link.service.id, link.service.name, "url", link.state, link.reason)
