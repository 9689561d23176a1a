"""OperationDefinition: the operations of our own, as published (`fhir/OperationDefinition/`)."""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Final

import orjson

from template_service.artefacts import artefact_paths
from template_service.errors import NotFound

from .searching import Query, Resource, bundle, criteria, page_of, token

_STATUS: Final = "http://hl7.org/fhir/publication-status"
_TESTS: Final[Mapping[str, Callable[[Resource, str], bool]]] = {
    "_id": lambda each, value: value == each["id"],
    "status": lambda each, value: token(value, _STATUS) == each["status"],
    "url": lambda each, value: value == each["url"],
}


def operation_definition(definition_id: str) -> bytes:
    """The OperationDefinition with an id, as JSON; raises `NotFound`."""
    try:
        return orjson.dumps(_published()[definition_id])
    except KeyError:
        raise NotFound("There is no such OperationDefinition") from None


def operation_definitions_found(query: Query, base: str) -> Resource:
    """The Bundle of what a search finds, by id; raises `Invalid` for other parameters."""
    wanted = criteria(query, tuple(_TESTS))
    page = page_of(query)
    found = [
        each
        for each in _published().values()
        if all(any(_TESTS[name](each, value) for value in values) for name, values in wanted)
    ]
    return bundle(page.of(found), total=len(found), page=page, base=base, query=query)


@cache
def _published() -> Mapping[str, Resource]:
    read = (orjson.loads(path.read_bytes()) for path in artefact_paths("OperationDefinition"))
    return {each["id"]: each for each in read}
