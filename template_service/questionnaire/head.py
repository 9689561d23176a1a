"""The properties of a QuestionnaireResponse outside its items."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from template_service.questionnaire.datatypes import is_plainly, wrong_in, wrong_list
from template_service.questionnaire.form import Form
from template_service.questionnaire.moments import compared, is_date_time
from template_service.questionnaire.problems import Severity, shown
from template_service.questionnaire.structures import referenced_type

EXTENDED = frozenset({"id", "extension", "modifierExtension"})
"""What every element of R4 may carry."""

_BESIDE = {
    f"_{name}": "Element"
    for name in ("implicitRules", "language", "questionnaire", "status", "authored")
}
_PROPERTIES = (
    EXTENDED
    | {"resourceType", "meta", "implicitRules", "language", "text", "contained"}
    | {"identifier", "basedOn", "partOf", "questionnaire", "status", "subject", "encounter"}
    | {"authored", "author", "source", "item"}
    | _BESIDE.keys()
)
_STATUSES = frozenset({"in-progress", "completed", "amended", "entered-in-error", "stopped"})
_ELEMENTS = {
    **dict.fromkeys(("subject", "encounter", "author", "source"), "Reference"),
    **dict.fromkeys(("basedOn", "partOf"), "Reference*"),
    **dict.fromkeys(("extension", "modifierExtension"), "Extension*"),
    "meta": "Meta",
    "identifier": "Identifier",
    "text": "Narrative",
    "id": "id",
    "language": "code",
    "implicitRules": "uri",
    **_BESIDE,
}
"""Property of a response -> its R4 type, with a star for a list."""

_PERSONS = frozenset({"Patient", "Practitioner", "PractitionerRole", "RelatedPerson"})
_TARGETS = {
    "author": _PERSONS | {"Device", "Organization"},
    "source": _PERSONS,
    "encounter": frozenset({"Encounter"}),
}
"""Property of a response -> the types R4 lets it refer to."""

_SHOWN = 100
_RESOURCE_TYPE = re.compile("[A-Z][A-Za-z]{1,63}", re.ASCII)
_PROPERTY_NAME = re.compile("_?[A-Za-z]{1,24}", re.ASCII)


class HeadFinding(NamedTuple):
    """What is wrong with one property (`element`; empty for the resource itself)."""

    severity: Severity
    code: str
    element: str
    message: str


def check_head(form: Form, resource: Mapping[str, Any]) -> Iterator[HeadFinding]:
    """Everything wrong outside the items: status, questionnaire, authored, unknown properties."""
    if not _PROPERTIES.issuperset(resource):
        for key in unknown_properties(resource, _PROPERTIES):
            yield HeadFinding("error", "structure", "", unknown_property(key))
    status = resource.get("status")
    if not isinstance(status, str) or status not in _STATUSES:
        code, lacks = ("required", "is missing; it ") if status is None else ("value", "")
        message = f"status {lacks}must be one of: {', '.join(sorted(_STATUSES))}."
        yield HeadFinding("error", code, "status", message)
    yield from check_elements(resource, _ELEMENTS)
    yield from _check_targets(resource)
    if (why := unfit_subject(form, resource.get("subject"))) is not None:
        yield HeadFinding("warning", "business-rule", "subject", why)
    if "contained" in resource:
        yield from _check_contained(resource["contained"])
    if "authored" in resource:
        yield from _check_authored(form, resource["authored"])
    if resource.get("questionnaire") != form.canonical:
        yield from _check_canonical(form, resource.get("questionnaire"))
    if form.status == "retired":
        # Responses that were made with it stay what they are; R4 forbids none of them.
        message = "The questionnaire is retired; use the one that took its place."
        yield HeadFinding("warning", "business-rule", "questionnaire", message)


def check_elements(node: Mapping[str, Any], types: Mapping[str, str]) -> Iterator[HeadFinding]:
    """What is wrong inside the properties of an element, each of its R4 type (`*`: a list)."""
    for name, value in node.items():
        type_ = types.get(name)
        if type_ is None or is_plainly(type_, value):
            continue
        found = wrong_list(type_[:-1], value) if type_.endswith("*") else wrong_in(type_, value)
        if found is not None:
            place, message = found
            yield HeadFinding("error", "structure", name, f"{name}{place}: {message}")


def _check_targets(resource: Mapping[str, Any]) -> Iterator[HeadFinding]:
    """Whether references are to resources of the types R4 allows, as far as they say."""
    for name, allowed in _TARGETS.items():
        given = resource.get(name)
        found = referenced_type(given, {}) if isinstance(given, dict) else None
        if found is not None and found not in allowed:
            message = f"{name} must refer to one of: {', '.join(sorted(allowed))}."
            yield HeadFinding("error", "value", name, message)


def unfit_subject(form: Form, subject: object) -> str | None:
    """Why a form is not for a subject (R4, Questionnaire.subjectType); None if it may be."""
    types = form.resource.get("subjectType")
    if not isinstance(types, list) or not isinstance(subject, dict):
        return None
    found = referenced_type(subject, {})
    allowed = [each for each in types if isinstance(each, str)]
    if not allowed or found is None or found in allowed:
        return None
    return f"The questionnaire is for another type of subject: {', '.join(allowed)[:_SHOWN]}."


def _check_contained(given: object) -> Iterator[HeadFinding]:
    element = "contained"
    if not isinstance(given, list) or not given:
        yield HeadFinding("error", "structure", element, "contained must be a list of resources.")
    elif not all(isinstance(each, dict) and _is_name(each.get("resourceType")) for each in given):
        message = "Each contained resource must be an object with its resourceType."
        yield HeadFinding("error", "structure", element, message)


def _is_name(given: object) -> bool:
    return isinstance(given, str) and _RESOURCE_TYPE.fullmatch(given) is not None


def _check_authored(form: Form, authored: object) -> Iterator[HeadFinding]:
    """Whether it is a dateTime, while the questionnaire was in use (effectivePeriod)."""
    if not isinstance(authored, str) or not is_date_time(authored):
        message = "authored must be a dateTime with its zone."
        yield HeadFinding("error", "value", "authored", message)
        return
    period = form.resource.get("effectivePeriod")
    if not isinstance(period, dict):
        return
    for name, outside, word in (("start", -1, "before"), ("end", 1, "after")):
        edge = period.get(name)
        if isinstance(edge, str) and compared(authored, edge) == outside:
            message = f"The response was written {word} the questionnaire was in use."
            yield HeadFinding("warning", "business-rule", "authored", message)


def _check_canonical(form: Form, canonical: object) -> Iterator[HeadFinding]:
    element = "questionnaire"
    if canonical is None and not form.url:
        # R4: 0..1. A questionnaire without a url cannot be named.
        return
    if not isinstance(canonical, str):
        message = "questionnaire is missing; name it as url|version."
        yield HeadFinding("error", "required", element, message)
        return
    url, _, version = canonical.partition("|")
    if not form.url:
        return
    if url != form.url:
        message = "This is not the url of the questionnaire."
        yield HeadFinding("error", "not-found", element, message)
    elif form.version is None:
        message = "A version is named, but the questionnaire has none."
        yield HeadFinding("error", "conflict", element, message)
    elif not version:
        message = f"No version is named; the response was read with {form.version}."
        yield HeadFinding("warning", "value", element, message)
    else:
        message = f"The version is not {form.version}, with which the response was read."
        yield HeadFinding("error", "conflict", element, message)


def unknown_properties(node: Iterable[str], known: frozenset[str]) -> Iterator[str]:
    """The property names R4 does not have here."""
    return (key for key in node if key not in known)


def unknown_property(key: str) -> str:
    """The message about an unknown property; names it only when it cannot be anybody's text."""
    name = f" {shown(key)}" if _PROPERTY_NAME.fullmatch(key) else ""
    return f"The property{name} is not one of FHIR R4 here and would be lost."
