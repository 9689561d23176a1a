"""What the records of a service say, field by field of `directory.model.Service`."""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from directory.model import OLDEST, STATUSES
from directory.open_referral.lens_classes import needs
from directory.open_referral.lens_contact import Part, contact
from directory.open_referral.lens_place import NATIONAL, Covered, areas_of, spot_of
from directory.open_referral.lens_text import joined, plain
from directory.open_referral.lens_times import opening_of
from directory.open_referral.records import Record, uuid_of
from directory.open_referral.service_graph import ServiceGraph
from directory.taxonomies import Crosswalk, crosswalk

UNKNOWN_STATUS: Final = "active"
"""A service without a status is found, and says beside its name that nobody knows."""
NOT_KNOWN: Final = "Its source does not say whether it is still running: check first."

_ONLINE: Final = re.compile(r"\b(?:online|virtual|remote(?:ly)?)\b", re.IGNORECASE)


class Context(NamedTuple):
    """What a deployment knows beside the records.

    `areas` gives the ONS code of the name of an area, in lower case; `terms` the needs of the terms
    of vocabularies; `today` judges the dates within which a schedule or a price holds.
    """

    areas: Mapping[str, str] = MappingProxyType({})
    terms: Crosswalk = crosswalk()
    today: date | None = None


Said = tuple[dict[str, Any], list[str]]


def said_by(graph: ServiceGraph, source: str, context: Context) -> Said:
    """The fields that the records state, and notes on what could not be read.

    Our additions are not among them. Fields of which nothing is said are left out.
    """
    values: dict[str, Any] = {"id": uuid_of(source, "service", graph.service.id)}
    notes: list[str] = []
    covered = areas_of(graph.of("service_area"), context.areas)
    for part in (
        _texts(graph),
        _status(graph.service),
        _ages(graph.service),
        contact(graph),
        _place(graph),
        _coverage(covered),
        _opening(graph, context.today),
        _access(graph),
        needs(graph, context.terms),
    ):
        _gather(part, values, notes)
    values["cost"] = _cost(graph, context.today)
    values["caution"] = joined(tuple(_cautions(graph, covered)))
    if graph.service.fields.get("assured_date"):
        notes.append("verified_on: that its source calls it assured is no verification")
    return values, notes


def _gather(part: Part, values: dict[str, Any], notes: list[str]) -> None:
    """Takes the fields of a part; what stands under "" is a note."""
    for name, value in part:
        if name:
            values[name] = value
        else:
            notes.append(value)


def _texts(graph: ServiceGraph) -> Part:
    fields = graph.service.fields
    yield "name", plain(fields.get("name"))
    yield "organisation", plain(graph.organization.fields.get("name")) if graph.organization else ""
    apply = plain(fields.get("application_process"))
    described = [plain(fields.get("description")), apply and f"How to apply: {apply}"]
    yield "description", joined(described)
    bring = [plain(it.fields.get("document")) for it in graph.of("required_document")]
    to_bring = ", ".join(document for document in bring if document)
    eligible = plain(fields.get("eligibility_description")) or plain(fields.get("eligibility"))
    yield "eligibility", joined([eligible, to_bring and f"Bring: {to_bring}"])


def _status(service: Record) -> Part:
    stated = str(service.fields.get("status") or "").strip().casefold()
    known = stated in STATUSES
    yield "status", stated if known else UNKNOWN_STATUS
    if not known:
        said = f"{stated!r} is no status" if stated else "not stated"
        yield "", f"status: {said}, so nobody knows whether it runs"


def _ages(service: Record) -> Part:
    lowest, highest = (_age(service, name) for name in ("minimum_age", "maximum_age"))
    for name, (_, problem) in (("minimum_age", lowest), ("maximum_age", highest)):
        if problem:
            yield "", f"{name}: {problem}"
    low, high = lowest[0], highest[0]
    if low is not None and high is not None and low > high:
        yield "", f"minimum_age: {low} is above maximum_age {high}; neither is taken"
        return
    yield "minimum_age", low
    yield "maximum_age", high


def _age(service: Record, name: str) -> tuple[int | None, str]:
    value = service.fields.get(name)
    if value is None:
        return None, ""
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 <= value <= OLDEST:
        return None, f"{value!r} is not an age"
    if value != int(value):
        return int(value) + (name == "minimum_age"), f"{value} is read as whole years"
    return int(value), ""


def _place(graph: ServiceGraph) -> Part:
    spot = spot_of(graph)
    yield "address", spot.address
    yield "postcode", spot.postcode
    yield "lat", spot.lat
    yield "lon", spot.lon
    for note in spot.notes:
        yield "", note


def _coverage(covered: Covered) -> Part:
    yield "service_area", covered.codes
    yield "national", not NATIONAL.isdisjoint(covered.codes)
    for name in covered.unknown:
        yield "", f"service_area: {name!r} is no area we know"


def _opening(graph: ServiceGraph, today: date | None) -> Part:
    mine = [
        it
        for it in graph.of("schedule")
        if it.fields.get("service_id") or it.fields.get("service_at_location_id")
    ]
    # When a building is open says something of the service only where nothing else does.
    opening = opening_of(mine or graph.of("schedule"), today)
    yield "schedules", opening.rows
    yield "opening_hours", opening.text
    for note in opening.notes:
        yield "", note


def _access(graph: ServiceGraph) -> Part:
    interpreters = plain(graph.service.fields.get("interpretation_services"))
    said = [interpreters and f"interpreters: {interpreters}"]
    said += [
        plain(it.fields.get("description")) or plain(it.fields.get("accessibility"))
        for it in graph.of("accessibility")
    ]
    yield "access", tuple(dict.fromkeys(offer for offer in said if offer))
    attending = " ".join(plain(it.fields.get("attending_type")) for it in graph.of("schedule"))
    types = {it.fields.get("location_type") for it in graph.of("location")}
    # That one can also come in person is not said here: with languages stated, it would shut out
    # speakers of others, although feeds list languages besides English.
    yield "channels", ("online",) if "virtual" in types or _ONLINE.search(attending) else ()


def _cost(graph: ServiceGraph, today: date | None) -> str:
    fields = graph.service.fields
    stated = plain(fields.get("fees")) or plain(fields.get("fees_description"))
    return stated or joined(tuple(_prices(graph.of("cost_option"), today)))


def _prices(options: Iterable[Record], today: date | None) -> Iterator[str]:
    for it in options:
        fields = it.fields
        if today and fields.get("valid_to") and str(fields["valid_to"])[:10] < today.isoformat():
            continue
        amount = _money(fields.get("amount"), plain(fields.get("currency")))
        price = " ".join(part for part in (amount, plain(fields.get("amount_description"))) if part)
        yield ": ".join(part for part in (plain(fields.get("option")), price) if part)


def _money(amount: Any, currency: str) -> str:
    if not isinstance(amount, int | float):
        return ""
    if amount == 0:
        return "free"
    number = f"{amount:,.2f}".removesuffix(".00")
    return f"£{number}" if currency.upper() in ("", "GBP") else f"{currency} {number}"


def _cautions(graph: ServiceGraph, covered: Covered) -> Iterator[str]:
    fields = graph.service.fields
    yield plain(fields.get("alert"))
    if str(fields.get("status") or "").strip().casefold() not in STATUSES:
        yield NOT_KNOWN
    if covered.unknown:
        where = "; ".join(name.rstrip(". ") for name in covered.unknown)
        # Kept before people's eyes: a stated area that is not known is not "everywhere".
        yield (
            f"Also covers: {where}."
            if covered.codes
            else f"Only covers: {where}. Check that the person lives there."
        )
    wait = plain(fields.get("wait_time"))
    if wait:
        yield f"Usual wait: {wait}"
