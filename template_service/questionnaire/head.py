"""The properties of a QuestionnaireResponse outside its items."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from template_service.questionnaire.form import Form
from template_service.questionnaire.problems import Severity, shown
from template_service.questionnaire.values import is_date_time

EXTENDED = frozenset({"id", "extension", "modifierExtension"})
"""What every element of R4 may carry."""

_PROPERTIES = (
    EXTENDED
    | {"resourceType", "meta", "implicitRules", "language", "text", "contained"}
    | {"identifier", "basedOn", "partOf", "questionnaire", "status", "subject", "encounter"}
    | {"authored", "author", "source", "item"}
)
_STATUSES = frozenset({"in-progress", "completed", "amended", "entered-in-error", "stopped"})
_OBJECTS = ("subject", "encounter", "author", "source", "meta", "identifier", "text")
_PROPERTY_NAME = re.compile("[A-Za-z]{1,24}", re.ASCII)


class HeadFinding(NamedTuple):
    """What is wrong with one property (`element`; empty for the resource itself)."""

    severity: Severity
    code: str
    element: str
    message: str


def check_head(form: Form, resource: Mapping[str, Any]) -> Iterator[HeadFinding]:
    """Everything wrong outside the items: status, questionnaire, authored, unknown properties."""
    for key in unknown_properties(resource, _PROPERTIES):
        yield HeadFinding("error", "structure", "", unknown_property(key))
    status = resource.get("status")
    if not isinstance(status, str) or status not in _STATUSES:
        code = "required" if status is None else "value"
        yield HeadFinding("error", code, "status", "status is missing or not one of FHIR R4.")
    for name in _OBJECTS:
        if name in resource and not isinstance(resource[name], dict):
            yield HeadFinding("error", "structure", name, f"{name} must be an object.")
    authored = resource.get("authored", "2000")
    if not isinstance(authored, str) or not is_date_time(authored):
        message = "authored must be a dateTime with its zone."
        yield HeadFinding("error", "value", "authored", message)
    yield from _check_canonical(form, resource.get("questionnaire"))


def _check_canonical(form: Form, canonical: object) -> Iterator[HeadFinding]:
    element = "questionnaire"
    if not isinstance(canonical, str):
        message = "questionnaire is missing; name it as url|version."
        yield HeadFinding("error", "required", element, message)
        return
    url, _, version = canonical.partition("|")
    if canonical == form.canonical or not form.url:
        return
    if url != form.url:
        message = "This is not the url of the questionnaire."
        yield HeadFinding("error", "not-found", element, message)
    elif not version:
        message = f"No version is named; the response was read with {form.version}."
        yield HeadFinding("warning", "value", element, message)
    else:
        message = f"The version is not {form.version}, with which the response was read."
        yield HeadFinding("error", "conflict", element, message)


def unknown_properties(node: Iterable[str], known: frozenset[str]) -> Iterator[str]:
    """The property names R4 does not have here; `_text` beside `text` extends a primitive."""
    return (key for key in node if key not in known and key.removeprefix("_") not in known)


def unknown_property(key: str) -> str:
    """The message about an unknown property; names it only when it cannot be anybody's text."""
    name = f" {shown(key)}" if _PROPERTY_NAME.fullmatch(key) else ""
    return f"The property{name} is not one of FHIR R4 here and would be lost."
