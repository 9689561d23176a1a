"""The facts of a document that lists are filtered by; what is held back is not among them."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, NamedTuple

from .openness import is_held_back
from .values import DAYS

_CLOCK: Final = re.compile(r"(\d\d:\d\d)", re.ASCII)
# RFC 5545, BYDAY: "MO", and within a month "2TU" or "-1FR".
_BYDAY: Final = re.compile(r"[+-]?\d{0,2}(MO|TU|WE|TH|FR|SA|SU)")

Point = tuple[float, float]


class Opening(NamedTuple):
    """When something is open: iCalendar days, times as "HH:MM"; blank is unknown."""

    days: frozenset[str]
    opens: str
    closes: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known of one document; None, blank or empty is unknown.

    `service_id` is the service a document is, or is of. `places` are WGS 84 latitudes and
    longitudes. `states_area`: the document says for which areas the service is, in whatever form.
    `words` is its case-folded name and description, for lists that have no search of their own.
    """

    id: str
    service_id: str = ""
    organization_id: str = ""
    parent_id: str = ""
    minimum_age: float | None = None
    maximum_age: float | None = None
    terms: frozenset[str] = frozenset()
    taxonomies: frozenset[str] = frozenset()
    openings: tuple[Opening, ...] = ()
    places: tuple[Point, ...] = ()
    states_area: bool = False
    words: str = ""


def facts_of(table: str, document: Mapping[str, Any]) -> Facts:
    """The facts of a published document of this list."""
    if table == "services":
        return _of_service(document)
    if table == "service_at_locations":
        return _of_service_at_location(document)
    return _of_other(table, document)


def _of_service(document: Mapping[str, Any]) -> Facts:
    at = _objects(document, "service_at_locations")
    own = {name: value for name, value in document.items() if name != "organization"}
    terms = tuple(_terms(own))
    return Facts(
        id=document["id"],
        service_id=document["id"],
        organization_id=_id(document, "organization", "organization_id"),
        minimum_age=_number(document.get("minimum_age")),
        maximum_age=_number(document.get("maximum_age")),
        terms=frozenset(_id(term, "", "id") for term in terms),
        taxonomies=frozenset(_id(term, "taxonomy_detail", "taxonomy_id") for term in terms),
        openings=tuple(_openings(document, *at, *(_location(each) for each in at))),
        places=tuple(place for each in at for place in _places(each)),
        states_area=any(each.get("service_areas") for each in (document, *at)),
    )


def _of_service_at_location(document: Mapping[str, Any]) -> Facts:
    found = document.get("service")
    service = found if isinstance(found, dict) else {}
    known = _of_service({**service, "id": _id(document, "service", "service_id")})
    here = tuple(_terms({name: it for name, it in document.items() if name != "service"}))
    return Facts(
        id=document["id"],
        service_id=known.service_id,
        organization_id=known.organization_id,
        minimum_age=known.minimum_age,
        maximum_age=known.maximum_age,
        terms=known.terms | {_id(term, "", "id") for term in here},
        taxonomies=known.taxonomies
        | {_id(term, "taxonomy_detail", "taxonomy_id") for term in here},
        openings=(*_openings(document, _location(document)), *known.openings),
        places=tuple(_places(document)),
        states_area=known.states_area or bool(document.get("service_areas")),
    )


def _of_other(table: str, document: Mapping[str, Any]) -> Facts:
    terms = tuple(_terms(document)) if table == "organizations" else ()
    taxonomies = {_id(term, "taxonomy_detail", "taxonomy_id") for term in terms}
    if table == "taxonomy_terms":
        taxonomies = {_id(document, "taxonomy_detail", "taxonomy_id")}
    named = (document.get("name"), document.get("description"))
    return Facts(
        id=document["id"],
        parent_id=_id(document, "", "parent_id"),
        terms=frozenset(_id(term, "", "id") for term in terms),
        taxonomies=frozenset(taxonomies),
        words=" ".join(text for text in named if isinstance(text, str)).casefold(),
    )


def _terms(value: Any) -> Iterator[Mapping[str, Any]]:
    """Every term that an attribute at any depth points at; of services within it, none."""
    if isinstance(value, list):
        for each in value:
            yield from _terms(each)
    elif isinstance(value, dict):
        for name, below in value.items():
            if name == "attributes":
                yield from (_term(it) for it in _objects(value, name) if not is_held_back(it))
            elif name != "services" and isinstance(below, dict | list):
                yield from _terms(below)


def _term(attribute: Mapping[str, Any]) -> Mapping[str, Any]:
    term = attribute.get("taxonomy_term")
    return term if isinstance(term, dict) else {"id": attribute.get("taxonomy_term_id")}


def _openings(*documents: Mapping[str, Any]) -> Iterator[Opening]:
    for document in documents:
        for row in _objects(document, "schedules"):
            opens, closes = _clock(row.get("opens_at")), _clock(row.get("closes_at"))
            yield Opening(_days(row), opens, closes)


def _days(schedule: Mapping[str, Any]) -> frozenset[str]:
    """The days of a schedule; a weekly one that names none keeps to the day it begins with."""
    days = frozenset(_BYDAY.findall(str(schedule.get("byday") or "").upper()))
    if days or str(schedule.get("freq")).upper() != "WEEKLY":
        return days
    try:
        begins = date.fromisoformat(str(schedule.get("dtstart"))[:10])
    except ValueError:
        return days
    return frozenset({DAYS[begins.weekday()]})


def _clock(value: Any) -> str:
    found = _CLOCK.match(value) if isinstance(value, str) else None
    return found[1] if found else ""


def _places(at_location: Mapping[str, Any]) -> Iterator[Point]:
    location = _location(at_location)
    lat, lon = _number(location.get("latitude")), _number(location.get("longitude"))
    if lat is not None and lon is not None:
        yield lat, lon


def _location(at_location: Mapping[str, Any]) -> Mapping[str, Any]:
    found = at_location.get("location")
    return found if isinstance(found, dict) else {}


def _objects(document: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    found = document.get(name)
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def _id(document: Mapping[str, Any], nested: str, field: str) -> str:
    """The id of a nested object, or what the field says of it; in lower case, as UUIDs are."""
    below = document.get(nested)
    found = below.get("id") if isinstance(below, dict) else document.get(field)
    return str(found or "").lower()


def _number(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) else None
