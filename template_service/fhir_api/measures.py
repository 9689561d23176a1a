"""Measure: the published definitions of the shares that figures show (`fhir/Measure/`)."""

from collections.abc import Callable, Mapping
from typing import Final

from template_service.aggregates.measures import definitions
from template_service.aggregates.measures.definitions import Published, Resource

from .searching import Query, bundle, criteria, page_of, token

_STATUS: Final = "http://hl7.org/fhir/publication-status"
_TESTS: Final[Mapping[str, Callable[[Published, str], bool]]] = {
    "_id": lambda each, value: value == each.id,
    "status": lambda each, value: token(value, _STATUS) == each.resource["status"],
    "url": lambda each, value: value == each.resource["url"],
}


def measure(measure_id: str) -> bytes:
    """The Measure with an id, as published; raises `NotFound`."""
    return definitions.measure(measure_id).body


def measures_found(query: Query, base: str) -> Resource:
    """The Bundle of the Measures that a search finds; raises `Invalid` for other parameters."""
    wanted = criteria(query, tuple(_TESTS))
    page = page_of(query)
    found = [
        each.resource
        for each in definitions.published().values()
        if all(any(_TESTS[name](each, value) for value in values) for name, values in wanted)
    ]
    return bundle(page.of(found), total=len(found), page=page, base=base, query=query)
