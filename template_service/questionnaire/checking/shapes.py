"""Elements of the wrong JSON type, or with what they cannot hold: the engine reads past those."""

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from template_service.questionnaire.checking.source import Placed, Report, Source
from template_service.questionnaire.elements import objects
from template_service.questionnaire.extensions import value_in
from template_service.questionnaire.problems import shown
from template_service.questionnaire.values import VALUE_KINDS

_FLAGS = ("required", "repeats", "readOnly")
_TEXTS = ("text", "prefix", "definition", "answerValueSet", "enableBehavior")
_LISTS = ("item", "code", "enableWhen", "answerOption", "initial", "extension")
_EXPRESSION = "sdc-questionnaire-enableWhenExpression"
# R4 Questionnaire.item.enableWhen.answer[x].
_ANSWERS = frozenset(
    f"answer{kind}"
    for kind in (
        *("Boolean", "Decimal", "Integer", "Date", "DateTime", "Time", "String"),
        *("Coding", "Quantity", "Reference"),
    )
)
# R4, questionnaire.html, "Resource Content"; what every element may carry, and every resource.
_EVERY = frozenset({"id", "extension", "modifierExtension"})
_OF_RESOURCE = _EVERY | {
    *("resourceType", "meta", "implicitRules", "language", "text", "contained", "url"),
    *("identifier", "version", "name", "title", "derivedFrom", "status", "experimental"),
    *("subjectType", "date", "publisher", "contact", "description", "useContext"),
    *("jurisdiction", "purpose", "copyright", "approvalDate", "lastReviewDate"),
    *("effectivePeriod", "code", "item"),
}
_OF_ITEM = _EVERY | {"linkId", "type", "maxLength", *_FLAGS, *_TEXTS, *_LISTS}
_OF_LISTS: Mapping[str, frozenset[str]] = {
    "enableWhen": _EVERY | {"question", "operator"} | _ANSWERS,
    "answerOption": _EVERY | {"initialSelected"} | VALUE_KINDS,
    "initial": _EVERY | VALUE_KINDS,
}
_PER_ELEMENT = 5


def check_shapes(source: Source, report: Report) -> None:
    """Report elements of another JSON type than R4 says, and properties that R4 does not have."""
    for name in _unknown(source.resource, _OF_RESOURCE):
        report.add("Questionnaire", _UNKNOWN.format(shown(name)), "structure")
    for item in source.items:
        _check_types(item, report)
        _check_conditions(item, report)
        _check_properties(item, report)


_UNKNOWN = "FHIR R4 has no {} here: it has no effect."


def _check_properties(item: Placed, report: Report) -> None:
    for name in _unknown(item.json, _OF_ITEM):
        report.on(item, _UNKNOWN.format(shown(name)), "structure")
    for around, known in _OF_LISTS.items():
        for index, each in enumerate(objects(item.json.get(around))):
            for name in _unknown(each, known):
                at = f".{around}[{index}]"
                report.on(item, _UNKNOWN.format(shown(name)), "structure", at=at)


def _unknown(element: Mapping[str, Any], known: frozenset[str]) -> Iterator[str]:
    """Properties that R4 does not have there, some of them; `_text` goes with `text`."""
    if known.issuperset(element):
        return iter(())
    names = (name for name in element if name.removeprefix("_") not in known)
    return islice(names, _PER_ELEMENT)


def _check_types(item: Placed, report: Report) -> None:
    json = item.json
    for names, wanted, said in (
        (_FLAGS, bool, "true or false, not in quotes"),
        (_TEXTS, str, "text"),
        (_LISTS, list, "a list"),
    ):
        for name in names:
            if name in json and not isinstance(json[name], wanted):
                message = f"{name} must be {said}; as it stands it has no effect."
                report.on(item, message, "structure", "error", at=f".{name}")
    limit = json.get("maxLength")
    above = isinstance(limit, int) and not isinstance(limit, bool) and limit > 0
    if "maxLength" in json and not above:
        message = "maxLength must be a whole number above 0; as it stands it has no effect."
        report.on(item, message, "value", "error", at=".maxLength")


def _check_conditions(item: Placed, report: Report) -> None:
    behaviour = item.json.get("enableBehavior")
    if isinstance(behaviour, str) and behaviour not in ("all", "any"):
        message = "enableBehavior must be all or any; as it stands, any one enableWhen is enough."
        report.on(item, message, "code-invalid", "error", at=".enableBehavior")
    entries = objects(item.json.get("enableWhen"))
    if entries and value_in(item.named, _EXPRESSION, "valueExpression") is not None:
        message = "It stands beside an enableWhenExpression, which alone decides (sdc-behave-2)."
        report.on(item, message, "business-rule", at=".enableWhen")
    for index, entry in enumerate(entries):
        _check_answers(item, index, entry, report)


def _check_answers(item: Placed, index: int, entry: Mapping[str, Any], report: Report) -> None:
    given = _ANSWERS.intersection(entry)
    if len(given) > 1:
        message = f"An enableWhen has one answer, not {len(given)}; only one of them counts."
        report.on(item, message, "structure", "error", at=f".enableWhen[{index}]")
