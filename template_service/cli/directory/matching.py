"""`template-service directory match`."""

from typing import Any

import click

from directory.geography import InvalidPostcode, UnknownPostcode
from directory.matching import Match, Matches
from directory.model import NEEDS
from directory.seeker import Seeker
from template_service import clock
from template_service.cli.options import common, print_json
from template_service.data_folder import open_directory, open_geography
from template_service.errors import Invalid
from template_service.settings import Settings


@click.command("match")
@click.option(
    "--need", "needs", multiple=True, required=True, metavar="N", help="Need category; repeats."
)
@click.option("--postcode", required=True, metavar="P", help="Postcode of the person's home.")
@click.option("--age", type=click.IntRange(0, 130), help="Age in whole years.")
@click.option("--language", help="Language wanted: a BCP 47 code or an English name.")
@click.option("--limit", type=click.IntRange(1, 50), default=3, help="Services for each need.")
@common
def match(
    *,
    settings: Settings,
    as_json: bool,
    needs: tuple[str, ...],
    postcode: str,
    age: int | None,
    language: str | None,
    limit: int,
) -> None:
    """Print the services that fit, best first, with the reasons."""
    _check_needs(needs)
    geography = open_geography(settings)
    try:
        place = geography.place(postcode)
    except (InvalidPostcode, UnknownPostcode) as problem:
        raise Invalid(f"--postcode: {problem}") from None
    seeker = Seeker(needs=needs, place=place, age=age, language=language, now=clock.now())
    found = open_directory(settings, geography).match(seeker, limit)
    if as_json:
        print_json(_as_json(found))
    else:
        _print(found)


def _check_needs(needs: tuple[str, ...]) -> None:
    unknown = [need for need in needs if need not in NEEDS]
    if unknown:
        known = ", ".join(sorted(NEEDS))
        raise Invalid(f"--need: {', '.join(unknown)}: not a need category. They are: {known}")


def _as_json(found: Matches) -> dict[str, Any]:
    return {
        "matches": [_match_as_json(one) for one in found.matches],
        "excluded": [
            {"service_id": one.service_id, "name": one.name, "reason": one.reason}
            for one in found.excluded
        ],
    }


def _match_as_json(one: Match) -> dict[str, Any]:
    return {
        "need": one.need,
        "service_id": one.service.id,
        "name": one.service.name,
        "reasons": list(one.reasons),
        "distance_km": one.distance_km,
        "contact": one.contact,
        "freshness": one.freshness,
        "last_checked": one.last_checked,
    }


def _print(found: Matches) -> None:
    for one in found.matches:
        click.echo(f"{one.need}: {one.service.name} ({one.freshness})")
        click.echo(f"    {one.contact}")
        for reason in one.reasons:
            click.echo(f"    {reason}")
    for need in found.unmet:
        click.echo(f"{need}: nothing fits")
    for refused in found.excluded:
        click.echo(f"{refused.need}: not {refused.name}: {refused.reason}")
