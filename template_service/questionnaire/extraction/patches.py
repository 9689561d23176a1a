"""A FHIRPath Patch that was extracted: operations without what they need go.

FHIR R4, "FHIRPath Patch" (https://hl7.org/fhir/R4/fhirpatch.html): a Parameters with an
`operation` for each change, whose parts are its type, its path and what the type needs.
"""

import re
from collections.abc import Mapping
from typing import Any

from template_service.questionnaire.elements import objects, value_of
from template_service.questionnaire.extraction.bundle import Asked, Cause, Entries, told
from template_service.questionnaire.extraction.work import Work

_NEEDS: Mapping[str, frozenset[str]] = {
    "add": frozenset(("path", "name", "value")),
    "insert": frozenset(("path", "index", "value")),
    "replace": frozenset(("path", "value")),
    "delete": frozenset(("path",)),
    "move": frozenset(("path", "source", "destination")),
}
_PATH_TYPE = re.compile(r"[A-Z][A-Za-z]+")

_UNSENDABLE = "A Parameters that is no FHIRPath Patch cannot be sent; it is not extracted."
_INCOMPLETE = "{} of {} operations have nothing to write and are left out."
_NOTHING = "No operation has anything to write; the patch is not made."
_NO_ID = "A patch needs the id of its resource (resourceId); it is not extracted."
_NO_TYPE = "It is not clear which type of resource the patch is for; it is not extracted."


def is_parameters(resource: Mapping[str, Any]) -> bool:
    """Whether it is a Parameters, which can only be sent as a patch."""
    return resource.get("resourceType") == "Parameters"


def add_patch(
    entries: Entries, work: Work, resource: dict[str, Any], asked: Asked, cause: Cause
) -> None:
    """Adds a patch as a PATCH to `Type/id`; what keeps it from being made is told."""
    parameters = objects(resource.get("parameter"))
    if not parameters or any(each.get("name") != "operation" for each in parameters):
        return told(work, "error", "not-supported", cause, _UNSENDABLE)
    whole = [each for each in parameters if _is_whole(each)]
    if lost := len(parameters) - len(whole):
        message = _INCOMPLETE.format(lost, len(parameters)) if whole else _NOTHING
        told(work, "information", "informational", cause, message)
    if not whole:
        return None
    type_ = asked.type or _type_in(whole)
    if asked.id is None or type_ is None:
        return told(work, "error", "required", cause, _NO_TYPE if asked.id else _NO_ID)
    request = {"method": "PATCH", "url": f"{type_}/{asked.id}", **asked.conditions}
    entries.append(asked.url, {**resource, "parameter": whole}, request, cause)
    return None


def _is_whole(operation: Mapping[str, Any]) -> bool:
    """Whether an operation has every part its type needs, each with a value."""
    parts = objects(operation.get("part"))
    given = {each.get("name") for each in parts if value_of(each)[0] or objects(each.get("part"))}
    needed = _NEEDS.get(_text(parts, "type"))
    return needed is not None and needed <= given


def _type_in(operations: list[dict[str, Any]]) -> str | None:
    """The type every path begins with, None when they differ."""
    paths = [_text(objects(each.get("part")), "path") for each in operations]
    found = {match.group() for path in paths if (match := _PATH_TYPE.match(path))}
    return found.pop() if len(found) == 1 else None


def _text(parts: list[dict[str, Any]], name: str) -> str:
    part: Mapping[str, Any] = next((each for each in parts if each.get("name") == name), {})
    value = value_of(part)[1]
    return value if isinstance(value, str) else ""
