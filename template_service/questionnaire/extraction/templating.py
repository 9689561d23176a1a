"""Which templates a response fills, and where: HL7 SDC 4, templateExtract and its Bundle form.

On the Questionnaire a template is filled once, answers or none; on an item for every occurrence
that has an answer, and for every answer of a repeating question.
"""

from collections.abc import Mapping
from typing import Any

from template_service.questionnaire.extensions import extensions
from template_service.questionnaire.extraction.bundle import (
    CONDITIONS,
    Asked,
    Cause,
    Entries,
    asked,
    told,
)
from template_service.questionnaire.extraction.patches import add_patch, is_parameters
from template_service.questionnaire.extraction.places import Place, numbered
from template_service.questionnaire.extraction.soundness import sound
from template_service.questionnaire.extraction.templates import CONTEXT, VALUE, Filler
from template_service.questionnaire.extraction.work import Work

TEMPLATE = "sdc-questionnaire-templateExtract"
BUNDLE = "sdc-questionnaire-templateExtractBundle"

_NO_TEMPLATE = "The template the extension names is not contained in the Questionnaire."
_EMPTY = "Nothing in the template has a value, so no resource is extracted."
_NO_BUNDLE = "The template of a Bundle must be a Bundle."
_SENDING = frozenset(("POST", "PUT"))
_METHOD = "Only POST and PUT can stand in the template of a Bundle; the entry is not extracted."

_Contained = Mapping[str, tuple[int, Mapping[str, Any]]]


def fill_templates(
    questionnaire: Mapping[str, Any], found: list[Place], entries: Entries, work: Work
) -> None:
    """Fills every template the places ask for and adds what comes out. Raises TooMuch."""
    contained: _Contained = {
        each["id"]: (index, each)
        for index, each in numbered(questionnaire.get("contained"))
        if isinstance(each.get("id"), str)
    }
    for place in found:
        extracts = list(extensions(place.element, TEMPLATE))
        if place.item is None:
            for each in extensions(place.element, BUNDLE):
                _fill_bundle(each, place, contained, entries, work)
        elif not place.answered or not extracts:
            continue
        for iteration in place.iterations():
            if iteration.item is None or iteration.answered:
                for each in extracts:
                    _fill(each, iteration, contained, entries, work)


def _fill(
    extract: Mapping[str, Any], place: Place, contained: _Contained, entries: Entries, work: Work
) -> None:
    cause = Cause.of(place)
    part: Mapping[str, Any] = next(extensions(extract, "template"), {})
    where, template = _named(part, contained)
    if template is None:
        return told(work, "error", "not-found", cause, _NO_TEMPLATE)
    request = asked(work, extract, cause)
    if request is None:
        return None
    filled = Filler(work, place.link_id).fill(_without_id(template), cause.scope, where)
    if not filled and next(extensions(template, CONTEXT), None) is None:
        told(work, "error", "required", cause, _EMPTY)
    for resource in filled:
        if is_parameters(resource):
            add_patch(entries, work, resource, request, cause)
        else:
            entries.add(sound(resource, cause, work), request, cause)
    return None


def _fill_bundle(
    extract: Mapping[str, Any], place: Place, contained: _Contained, entries: Entries, work: Work
) -> None:
    cause = Cause.of(place)
    where, template = _named(extract, contained)
    if template is None:
        return told(work, "error", "not-found", cause, _NO_TEMPLATE)
    if template.get("resourceType") != "Bundle":
        return told(work, "error", "structure", cause, _NO_BUNDLE)
    for bundle in Filler(work, None).fill(_without_id(template), cause.scope, where):
        for index, entry in numbered(bundle.get("entry")):
            _add_entry(entry, Cause(f"{where}.entry[{index}]", None, cause.scope), entries, work)
    return None


def _add_entry(entry: Mapping[str, Any], cause: Cause, entries: Entries, work: Work) -> None:
    """One entry of a filled Bundle: its fullUrl, method and conditions stay, its url is made anew.

    Without a method the id of the resource decides, as it does elsewhere.
    """
    resource, url, given = (entry.get(name) for name in ("resource", "fullUrl", "request"))
    request = given if isinstance(given, dict) else {}
    method = request.get("method")
    if method is not None and (not isinstance(method, str) or method not in _SENDING):
        return told(work, "error", "not-supported", cause, _METHOD)
    conditions = {name: request[name] for name in CONDITIONS if isinstance(request.get(name), str)}
    entries.add(
        sound(resource, cause, work) if isinstance(resource, dict) else {},
        Asked(url if isinstance(url, str) else None, method=method, conditions=conditions),
        cause,
    )
    return None


def _named(
    element: Mapping[str, Any], contained: _Contained
) -> tuple[str, Mapping[str, Any] | None]:
    """The template a valueReference names (`#id`) and where it stands."""
    reference = element.get("valueReference")
    name = reference.get("reference") if isinstance(reference, dict) else None
    if not isinstance(name, str) or name.removeprefix("#") not in contained:
        return "Questionnaire", None
    index, template = contained[name.removeprefix("#")]
    return f"Questionnaire.contained[{index}]", template


def _without_id(template: Mapping[str, Any]) -> dict[str, Any]:
    """A template without its own id, which names the template; one that is extracted stays."""
    beside = template.get("_id")
    extracted = isinstance(beside, dict) and next(extensions(beside, VALUE), None) is not None
    dropped = ("id",) if extracted else ("id", "_id")
    return {name: each for name, each in template.items() if name not in dropped}
