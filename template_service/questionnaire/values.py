"""One answer of a QuestionnaireResponse, read as a value.

Reading is lenient and says what was wrong: a coding with a foreign system still finds its option
by code, so that nothing a person disclosed is lost; the finding beside it makes it an error or a
warning.
"""

import json
import math
import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from template_service.questionnaire.form import Element, Item, Option, Value
from template_service.questionnaire.moments import DATE, DATE_TIME, TIME, is_date_time, moment
from template_service.questionnaire.primitives import is_storable, is_uri
from template_service.questionnaire.problems import Finding
from template_service.questionnaire.structures import (
    wrong_attachment,
    wrong_quantity,
    wrong_reference,
)

__all__ = [
    "ITEM_TYPES",
    "VALUE_KIND",
    "VALUE_KINDS",
    "Finding",
    "Reading",
    "is_date_time",
    "read_plain",
    "read_value",
]

Reading = tuple[Value | None, Finding | None]

_DISPLAY = Finding("warning", "value", "The display text differs from the option's text.")
_FOREIGN = Finding("error", "code-invalid", "The code system is not the one of this option.")
_FOREIGN_KEPT = Finding(
    "warning",
    "code-invalid",
    "The code system is not the one of this option; the answer is kept because it may be urgent.",
)
_SPELT = Finding(
    "warning",
    "code-invalid",
    "The text is that of an option; it is taken for that option because it may be urgent.",
)
_NOT_OFFERED = Finding("error", "code-invalid", "The answer is not one of the options offered.")
_OTHER_CODING = Finding("warning", "code-invalid", "The code is not one of the options offered.")
_NO_CODE = Finding("error", "code-invalid", "The coding has no code.")
_UNCHECKED = Finding(
    "information", "not-supported", "The value set is published elsewhere and was not checked."
)
_TOO_LONG = "The answer is longer than {limit} characters."
_SEVERAL_LINES = Finding("error", "value", "The item takes one line of text.")
_NOT_PLAIN = Finding("error", "value", "The text holds a character that cannot be stored.")

_LINE_END = re.compile("[\r\n]")
_INTEGER_LIMIT = 2**31
_DECIMAL_LIMIT = 10**40

VALUE_KIND: Mapping[str, str] = {
    "boolean": "valueBoolean",
    "decimal": "valueDecimal",
    "integer": "valueInteger",
    "date": "valueDate",
    "dateTime": "valueDateTime",
    "time": "valueTime",
    "string": "valueString",
    "text": "valueString",
    "url": "valueUri",
    "choice": "valueCoding",
    "open-choice": "valueCoding",
    "attachment": "valueAttachment",
    "reference": "valueReference",
    "quantity": "valueQuantity",
}
"""The value[x] property that answers an item of each type."""

VALUE_KINDS = frozenset(VALUE_KIND.values())


def read_value(item: Item, answer: Mapping[str, Any]) -> Reading:
    """The value of one answer to an item, and what is wrong with it if anything.

    No value means the answer cannot be understood at all. Never raises on any JSON.
    """
    # Whatever its type, an item with options takes these only (open-choice apart).
    if item.options:
        return _read_choice(item, answer)
    reader = _PLAIN_TYPES.get(item.type)
    return reader(answer) if reader else _READERS[item.type](item, answer)


def read_plain(kind: str, given: Any) -> Value | None:
    """A value[x] by its property alone, as `enableWhen.answer[x]` and bounds give one.

    None when it is not of its type. Never an Option: a coding reads as None.
    """
    if kind in ("valueString", "valueUri"):
        return given if isinstance(given, str) and given else None
    reader = _PLAIN.get(kind)
    return reader({kind: given})[0] if reader else None


def _read_choice(item: Item, answer: Mapping[str, Any]) -> Reading:
    coding = answer.get("valueCoding")
    if type(coding) is not dict:
        return _read_uncoded(item, answer)
    code = coding.get("code")
    system = coding.get("system")
    if type(code) is str and (type(system) is str or system is None):
        option = item.by_coding.get((system, code))
        if option is not None:
            display = coding.get("display")
            return option, None if display is None or display == option.display else _DISPLAY
    return _read_foreign(item, coding, code, system)


def _read_foreign(item: Item, coding: Mapping[str, Any], code: object, system: object) -> Reading:
    if not isinstance(code, str) or not code:
        return None, _NO_CODE
    option = item.by_code.get(code)
    if option is not None and option.kind == "valueCoding":
        return option, _FOREIGN_KEPT if option.discloses else _FOREIGN
    display = coding.get("display")
    other = Option(
        system=system if isinstance(system, str) else None,
        code=code,
        display=display if isinstance(display, str) else "",
    )
    if item.any_coding:
        return other, _UNCHECKED
    if item.type == "open-choice":
        return other, _OTHER_CODING
    return None, _NOT_OFFERED


def _read_uncoded(item: Item, answer: Mapping[str, Any]) -> Reading:
    for kind in ("valueString", "valueInteger", "valueDate", "valueTime", "valueReference"):
        option = item.by_code.get(_code_text(answer.get(kind)))
        if option is not None and option.kind == kind:
            return option, None
    text = answer.get("valueString")
    if item.type == "open-choice" and isinstance(text, str):
        told = _told_in_words(item, text)
        return _read_text(item, answer) if told is None else (told, _SPELT)
    kinds = [option.kind for option in item.options] or ["valueCoding"]
    others = [kind for kind in kinds if kind != "valueCoding"]
    return None, _wrong_type(kinds[0]) if answer.keys().isdisjoint(others) else _NOT_OFFERED


def _told_in_words(item: Item, text: str) -> Option | None:
    """The option that discloses and that a free text spells, by its words or its code."""
    said = _spoken(text)
    spelt = (
        option
        for option in item.options
        if option.discloses and said in (_spoken(option.display), _spoken(option.code))
    )
    return next(spelt, None) if said else None


def _spoken(text: str) -> str:
    return text.strip().casefold()


def _code_text(given: object) -> str:
    if isinstance(given, int) and not isinstance(given, bool) and abs(given) < _INTEGER_LIMIT:
        return str(given)
    if isinstance(given, dict):
        given = given.get("reference")
    return given if isinstance(given, str) else ""


def _read_boolean(answer: Mapping[str, Any]) -> Reading:
    given = answer.get("valueBoolean")
    return (given, None) if isinstance(given, bool) else (None, _wrong_type("valueBoolean"))


def _read_integer(answer: Mapping[str, Any]) -> Reading:
    given = answer.get("valueInteger")
    if not isinstance(given, int) or isinstance(given, bool):
        return None, _wrong_type("valueInteger")
    if not -_INTEGER_LIMIT <= given < _INTEGER_LIMIT:
        return None, Finding("error", "value", "The whole number does not fit in 32 bits.")
    return given, None


def _read_decimal(answer: Mapping[str, Any]) -> Reading:
    given = answer.get("valueDecimal")
    if not isinstance(given, int | float | Decimal) or isinstance(given, bool):
        return None, _wrong_type("valueDecimal")
    finite = isinstance(given, int) or math.isfinite(given)
    if not finite or not -_DECIMAL_LIMIT < given < _DECIMAL_LIMIT:
        return None, Finding("error", "value", "The number is too large.")
    return Decimal(str(given)), None


def _read_text(item: Item, answer: Mapping[str, Any]) -> Reading:
    kind = "valueUri" if item.type == "url" else "valueString"
    given = answer.get(kind)
    if not isinstance(given, str):
        return None, _wrong_type(kind)
    if not given.strip() or (kind == "valueUri" and not is_uri(given)):
        return None, Finding("error", "value", f"{kind} is empty or not of its format.")
    if not is_storable(given):
        return None, _NOT_PLAIN
    if item.type == "string" and not given.isprintable() and _LINE_END.search(given):
        return given, _SEVERAL_LINES
    if item.max_length is not None and len(given) > item.max_length:
        return given, Finding("error", "too-long", _TOO_LONG.format(limit=item.max_length))
    return given, None


def _formatted(kind: str, pattern: re.Pattern[str], example: str) -> "PlainReader":
    wrong = Finding("error", "value", f"{kind} must look like {example}.")
    no_day = Finding("error", "value", f"{kind} names a day that no calendar has.")

    def read(answer: Mapping[str, Any]) -> Reading:
        given = answer.get(kind)
        if not isinstance(given, str):
            return None, _wrong_type(kind)
        if not pattern.fullmatch(given):
            return None, wrong
        return (None, no_day) if moment(given) is None else (given, None)

    return read


def _structured(kind: str, wrong: Callable[[Mapping[str, Any]], Finding | None]) -> "PlainReader":
    def read(answer: Mapping[str, Any]) -> Reading:
        given = answer.get(kind)
        if not isinstance(given, dict) or not given:
            return None, _wrong_type(kind)
        try:
            body = json.dumps(given, sort_keys=True, ensure_ascii=False, default=str)
        except (RecursionError, TypeError, ValueError):
            return None, Finding("error", "structure", f"{kind} cannot be read.")
        return Element(kind, body), wrong(given)

    return read


def _read_nothing(item: Item, _answer: Mapping[str, Any]) -> Reading:
    return None, Finding("error", "structure", f"An item of type {item.type} takes no answer.")


def _wrong_type(kind: str) -> Finding:
    return Finding("error", "value", f"The answer must be given as {kind}.")


Reader = Callable[[Item, Mapping[str, Any]], Reading]
PlainReader = Callable[[Mapping[str, Any]], Reading]

_PLAIN_TYPES: Mapping[str, PlainReader] = {
    "boolean": _read_boolean,
    "decimal": _read_decimal,
    "integer": _read_integer,
    "date": _formatted("valueDate", DATE, "2026-03-31, 2026-03 or 2026"),
    "dateTime": _formatted("valueDateTime", DATE_TIME, "2026-03-31T10:30:00Z"),
    "time": _formatted("valueTime", TIME, "10:30:00"),
    "attachment": _structured("valueAttachment", wrong_attachment),
    "reference": _structured("valueReference", wrong_reference),
    "quantity": _structured("valueQuantity", wrong_quantity),
}
_PLAIN: Mapping[str, PlainReader] = {
    VALUE_KIND[item_type]: reader for item_type, reader in _PLAIN_TYPES.items()
}
_READERS: Mapping[str, Reader] = {
    "group": _read_nothing,
    "display": _read_nothing,
    "question": _read_nothing,
    "string": _read_text,
    "text": _read_text,
    "url": _read_text,
    "choice": _read_choice,
    "open-choice": _read_choice,
}

ITEM_TYPES = frozenset(_READERS) | frozenset(_PLAIN_TYPES)
