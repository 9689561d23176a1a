"""The invariants of Questionnaire in FHIR R4, que-0 to que-13, each by its number.

https://hl7.org/fhir/R4/questionnaire.html, "Constraints". They are written out here, because an
item that breaks one may not even have the shape FHIRPath needs.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

from template_service.questionnaire.checking.source import Placed, Report, Source
from template_service.questionnaire.elements import listed

_NAME = re.compile(r"[A-Z][A-Za-z0-9_]{0,254}")
_WITH_OPTIONS = frozenset(
    {
        "choice",
        "open-choice",
        "decimal",
        "integer",
        "date",
        "dateTime",
        "time",
        "string",
        "quantity",
    }
)
_WITH_LENGTH = frozenset({"boolean", "decimal", "integer", "string", "text", "url", "open-choice"})

Item = Mapping[str, Any]


def check_invariants(source: Source, report: Report) -> None:
    """Report every invariant that the Questionnaire breaks, at the element it is about."""
    name = source.resource.get("name")
    if name is not None and not (isinstance(name, str) and _NAME.fullmatch(name)):
        message = "que-0: name should be a capital letter, then letters, digits or underscores."
        report.add("Questionnaire.name", message, "invariant")
    for item in source.items:
        for key, message, holds in _RULES:
            if not holds(item.json):
                report.on(item, f"{key}: {message}", "invariant", "error")
        _check_unique(item, source, report)
        _check_exists(item, report)


def _check_unique(item: Placed, source: Source, report: Report) -> None:
    if item.link_id and source.by_link_id[item.link_id] is not item:
        message = "que-2: This linkId is used twice; each is there once in a questionnaire."
        report.on(item, message, "invariant", "error")


def _check_exists(item: Placed, report: Report) -> None:
    for index, entry in enumerate(listed(item.json.get("enableWhen"))):
        exists = isinstance(entry, dict) and entry.get("operator") == "exists"
        if exists and not isinstance(entry.get("answerBoolean"), bool):
            message = "que-7: The operator exists takes an answerBoolean."
            report.on(item, message, "invariant", "error", at=f".enableWhen[{index}]")


def _is(*types: str) -> Callable[[Item], bool]:
    return lambda item: item.get("type") in types


def _without(*names: str) -> Callable[[Item], bool]:
    return lambda item: not any(name in item for name in names)


def _one_of(types: frozenset[str]) -> Callable[[Item], bool]:
    # A type may be anything, hashable or not.
    return lambda item: isinstance(item.get("type"), str) and item["type"] in types


def _unless(given: Callable[[Item], bool], then: Callable[[Item], bool]) -> Callable[[Item], bool]:
    return lambda item: not given(item) or then(item)


def _either(one: Callable[[Item], bool], other: Callable[[Item], bool]) -> Callable[[Item], bool]:
    return lambda item: one(item) or other(item)


_DISPLAY = _is("display")

_RULES: tuple[tuple[str, str, Callable[[Item], bool]], ...] = (
    ("que-1", "A group holds items.", _unless(_is("group"), lambda item: bool(item.get("item")))),
    ("que-1", "A display item holds no items.", _unless(_DISPLAY, _without("item"))),
    ("que-3", "A display item has no code.", _unless(_DISPLAY, _without("code"))),
    (
        "que-4",
        "An item has answerOption or answerValueSet, not both.",
        _either(_without("answerOption"), _without("answerValueSet")),
    ),
    (
        "que-5",
        "An item of this type has no options.",
        _either(_one_of(_WITH_OPTIONS), _without("answerOption", "answerValueSet")),
    ),
    (
        "que-6",
        "A display item has neither required nor repeats.",
        _unless(_DISPLAY, _without("required", "repeats")),
    ),
    (
        "que-8",
        "A group or display item has no initial value.",
        _unless(_is("group", "display"), _without("initial")),
    ),
    ("que-9", "A display item has no readOnly.", _unless(_DISPLAY, _without("readOnly"))),
    (
        "que-10",
        "An item of this type has no maxLength.",
        _either(_one_of(_WITH_LENGTH), _without("maxLength")),
    ),
    (
        "que-11",
        "An item with options marks one as initialSelected; it has no initial.",
        _either(_without("answerOption"), _without("initial")),
    ),
    (
        "que-12",
        "With more than one enableWhen, enableBehavior says whether all or any must hold.",
        lambda item: len(listed(item.get("enableWhen"))) <= 1 or "enableBehavior" in item,
    ),
    (
        "que-13",
        "Only an item that repeats has several initial values.",
        lambda item: item.get("repeats") is True or len(listed(item.get("initial"))) <= 1,
    ),
)
