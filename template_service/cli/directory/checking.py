"""`template-service directory check-links|duplicates|gaps`: what a curator should look at."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, NamedTuple

import click

from directory.model import Service
from template_service.cli.directory.desk import working_copy
from template_service.cli.options import common, print_json
from template_service.data_folder import open_directory, open_geography
from template_service.settings import Settings

if TYPE_CHECKING:
    from directory.feeds.addresses import Access
    from directory.link_checks import Link


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
    found = [*_contacts(settings, services), *(() if offline else _links(settings, services))]
    if as_json:
        print_json([doubt._asdict() for doubt in found])
        return
    for doubt in found:
        click.echo(f"{doubt.name} ({doubt.service_id}): {doubt.field} {doubt.reason}")
    click.echo(f"{len(services):,} services checked, {len(found):,} doubts")


@click.command("duplicates")
@common
def duplicates(*, settings: Settings, as_json: bool) -> None:
    """List pairs of services that may be one and the same; nothing is merged."""
    from directory.duplicates import duplicates as pairs_of  # noqa: PLC0415 -- needs rapidfuzz

    with working_copy(settings) as working:
        from directory.working_copy.services import current_services  # noqa: PLC0415 -- slow

        found = pairs_of(
            one.service for one in current_services(working) if one.service is not None
        )
    if as_json:
        print_json(
            [
                {
                    "services": [{"id": each.id, "name": each.name} for each in pair[:2]],
                    "points": pair.points,
                    "reasons": list(pair.reasons),
                }
                for pair in found
            ]
        )
        return
    for pair in found:
        click.echo(f"{pair.points}: {pair.one.name} ({pair.one.id})")
        click.echo(f"    {pair.other.name} ({pair.other.id}): {', '.join(pair.reasons)}")
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


def _links(settings: Settings, services: list[Service]) -> Iterator[_Doubt]:
    from tqdm import tqdm  # noqa: PLC0415 -- only where there is progress to show

    from directory.link_checks import check_links as links_of  # noqa: PLC0415 -- needs requests

    linked = [service for service in services if service.url]
    links = links_of(linked, _access(settings))
    with tqdm(links, total=len(linked), unit=" pages", disable=None, leave=False) as asked:
        yield from (_doubt(link) for link in asked if link.state != "answers")


def _access(settings: Settings) -> "Access":
    from directory.feeds.addresses import Access  # noqa: PLC0415 -- only here

    return Access(hosts=frozenset(settings.feed_hosts), plain_http=True)


def _doubt(link: "Link") -> _Doubt:
    return _Doubt(link.service.id, link.service.name, "url", link.state, link.reason)
