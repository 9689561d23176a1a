"""What is asked of a list: the parameters of both UK specifications, each read or refused by name.

SOURCE: Open Referral UK profile v3 (openapi.json) and the Open Referral UK validator's
description of the API; where they differ, both are taken.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final, Protocol

from directory.geography import InvalidPostcode, Place, UnknownPostcode

from . import values
from .problems import WrongParameters


class Parameters(Protocol):
    """A query string's parameters, each with every value it was given."""

    def lists(self) -> Any:
        """Pairs of a name and the list of its values."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """What a list should hold and how it is written; None or blank asks for nothing.

    `proximity` is in metres from `place`. Ages are years. Times are "HH:MM", `day` is "MO" to "SU".
    """

    search: str = ""
    page: int = 1
    per_page: int | None = None
    ndjson: bool = False
    minimal: bool = False
    full: bool = False
    taxonomy_term_id: str = ""
    taxonomy_id: str = ""
    organization_id: str = ""
    parent_id: str = ""
    top_only: bool = False
    minimum_age: float | None = None
    maximum_age: float | None = None
    start_time: str = ""
    end_time: str = ""
    day: str = ""
    modified_after: datetime | None = None
    place: Place | None = None
    proximity: float | None = None


# Parameter to the field of `Query` it fills, and how its text is read.
_READ: Final[Mapping[str, tuple[str, values.Reader]]] = MappingProxyType(
    {
        "search": ("search", values.text),
        "text": ("search", values.text),
        "page": ("page", values.page),
        "per_page": ("per_page", values.per_page),
        "format": ("ndjson", values.ndjson),
        "minimal": ("minimal", values.truth),
        "full": ("full", values.truth),
        "full_service": ("full", values.truth),
        "taxonomy_term_id": ("taxonomy_term_id", values.identifier),
        "taxonomy_id": ("taxonomy_id", values.identifier),
        "organization_id": ("organization_id", values.identifier),
        "parent_id": ("parent_id", values.identifier),
        "top_only": ("top_only", values.truth),
        "minimum_age": ("minimum_age", values.age),
        "maximum_age": ("maximum_age", values.age),
        "start_time": ("start_time", values.time),
        "end_time": ("end_time", values.time),
        "day": ("day", values.day),
        "modified_after": ("modified_after", values.moment),
        "proximity": ("proximity", values.metres),
    }
)
_ANY_LIST: Final = frozenset({"search", "text", "page", "per_page", "format", "full"})
_SERVICES: Final = frozenset(_READ) - {"parent_id", "top_only", "full_service"} | {"postcode"}
TAKEN: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {
        "services": _SERVICES,
        "service_at_locations": _SERVICES,
        "organizations": _ANY_LIST
        | {"full_service", "minimal", "modified_after", "taxonomy_term_id", "taxonomy_id"},
        "taxonomies": _ANY_LIST,
        "taxonomy_terms": _ANY_LIST | {"taxonomy_id", "parent_id", "top_only"},
    }
)
"""The parameters each list takes."""

# A name that may be repeated in an answer: letters only, so never a postcode.
_PLAIN_NAME: Final = re.compile(r"[A-Za-z_-]{1,40}", re.ASCII)
_UNNAMED: Final = "(a name)"


def read_query(
    given: Parameters, table: str, place_of: Callable[[str], Place], *, ndjson: bool = False
) -> Query:
    """The query of a list; raises WrongParameters naming each parameter that is wrong.

    A blank parameter asks for nothing. `ndjson` is what counts when no format is given.
    """
    texts, problems = _texts(given, TAKEN[table])
    fields: dict[str, Any] = {"ndjson": ndjson}
    for name, text in texts.items():
        try:
            if name == "postcode":
                fields["place"] = _place(text, place_of)
            else:
                field, read = _READ[name]
                fields[field] = read(text)
        except ValueError as wrong:
            problems[name] = str(wrong)
    problems |= dict(_contradictions(texts, fields))
    if problems:
        raise WrongParameters(problems)
    return Query(**fields)


def _texts(given: Parameters, taken: frozenset[str]) -> tuple[dict[str, str], dict[str, str]]:
    """The text of each parameter, and what is wrong with those that have no one text."""
    texts: dict[str, str] = {}
    problems: dict[str, str] = {}
    for name, found in given.lists():
        if name not in taken:
            # A filter that is passed over without a word would answer with the wrong services.
            plain = name if _PLAIN_NAME.fullmatch(name) else _UNNAMED
            problems[plain] = "This list has no such parameter."
        elif len(found) > 1:
            problems[name] = "Give this parameter once."
        elif found[0].strip():
            texts[name] = found[0].strip()
    return texts, problems


def _place(text: str, place_of: Callable[[str], Place]) -> Place:
    try:
        place = place_of(text)
    except (InvalidPostcode, UnknownPostcode) as wrong:
        raise ValueError(f"{wrong}.") from None
    if place.no_fixed_abode:
        raise ValueError("This postcode stands for no place.")
    return place


def _contradictions(
    texts: Mapping[str, str], fields: Mapping[str, Any]
) -> Iterator[tuple[str, str]]:
    if "search" in texts and texts.get("text", texts["search"]) != texts["search"]:
        yield "text", "Give search or text, not both."
    if fields.get("minimal") and fields.get("full"):
        yield "minimal", "Give minimal or full, not both."
    if "proximity" in texts and "postcode" not in texts:
        yield "proximity", "Give the postcode it is measured from."
    place = fields.get("place")
    if "proximity" in texts and place is not None and place.lat is None:
        yield "postcode", "Nobody knows where this is, so no distance can be measured from it."
