"""Checks of one answer, made from what a questionnaire demands of it; `constraints` reads that.

Each is `(value, the answer as received, types of contained resources by id) -> Finding or None`.
What cannot be judged here is said not to be checked (information), never guessed.
"""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from template_service.questionnaire import patterns, structures, units
from template_service.questionnaire.comparing import comparer
from template_service.questionnaire.form import Element, Value
from template_service.questionnaire.primitives import byte_count
from template_service.questionnaire.problems import Finding

Check = Callable[[Value, Mapping[str, Any], Mapping[str, str]], Finding | None]

_EXAMPLE_LIMIT = 300
_LISTED = 12


def bound_check(kind: str, bound: Value, *, least: bool, said: str | None = None) -> Check:
    """Whether an answer is at least, or at most, a bound given as value[kind].

    `said` is how messages name the bound, instead of by its value.
    """
    compare, wanted = comparer(f"answer{kind}", bound), said or _written(bound)
    edge = "or more" if least else "or less"
    if kind in ("Date", "DateTime", "Time"):
        edge = "or later" if least else "or earlier"
    beyond = Finding("error", "value", f"The answer must be {wanted} {edge}.")
    unchecked = Finding(
        "information",
        "not-supported",
        f"Whether the answer is {wanted} {edge} was not checked: the two cannot be compared.",
    )
    other_measure = Finding(
        "error", "value", f"The unit measures something else than that of {wanted}."
    )

    def check(given: Value, answer: Mapping[str, Any], _contained: object) -> Finding | None:
        order = compare(given)
        if order is not None:
            return beyond if order == (-1 if least else 1) else None
        if isinstance(bound, str):
            # A day of 2026 is neither before 2026 nor after it.
            inside = isinstance(given, str) and given.startswith(bound)
            return None if inside else unchecked
        if isinstance(bound, Element) and _measures_differ(answer.get("valueQuantity"), bound):
            return other_measure
        return unchecked

    return check


def _measures_differ(quantity: Any, bound: Element) -> bool:
    one = units.measure(quantity) if isinstance(quantity, dict) else None
    other = units.measure(bound.as_json())
    return one is not None and other is not None and one != other


def _written(bound: Value) -> str:
    if not isinstance(bound, Element):
        return str(bound)
    quantity = bound.as_json()
    unit = quantity.get("unit") or quantity.get("code") or ""
    return f"{quantity.get('value')} {unit}".strip()


def at_least_characters(least: int) -> Check:
    """Whether a text has at least so many characters (minLength)."""
    short = Finding("error", "value", f"The answer is shorter than {least} characters.")
    return lambda value, _a, _c: short if isinstance(value, str) and len(value) < least else None


def of_pattern(pattern: str, example: str | None) -> Check:
    """Whether a text is of a regular expression; `example` (entryFormat) says it to a person."""
    such_as = f", such as {example[:_EXAMPLE_LIMIT]}" if example else ""
    other = Finding("error", "value", f"The answer is not of the form asked for{such_as}.")
    unchecked = Finding(
        "information", "not-supported", "The form asked for (regex) cannot be checked here."
    )

    def check(value: Value, _answer: object, _contained: object) -> Finding | None:
        if not isinstance(value, str):
            return None
        matches = patterns.matches(pattern, value)
        return unchecked if matches is None else None if matches else other

    return check


def at_most_places(places: int) -> Check:
    """Whether a number has at most so many decimal places; zeros at the end do not count."""
    longer = Finding("error", "value", f"The number has more than {places} decimal places.")

    def check(value: Value, answer: Mapping[str, Any], _contained: object) -> Finding | None:
        quantity = answer.get("valueQuantity")
        given = units.number(quantity.get("value")) if isinstance(quantity, dict) else value
        if not isinstance(given, Decimal):
            return None
        exponent = given.normalize().as_tuple().exponent
        return longer if isinstance(exponent, int) and -exponent > places else None

    return check


def unit_of_elsewhere(
    _value: Value, answer: Mapping[str, Any], _contained: object
) -> Finding | None:
    """Of a unit from a value set that is not to hand: whether it could be in one at all."""
    quantity = answer.get("valueQuantity")
    if not isinstance(quantity, dict):
        return None
    if "code" not in quantity:
        return Finding(
            "error",
            "code-invalid",
            "The unit must be one of a value set; name it by its system and code.",
        )
    message = "The value set of the units is published elsewhere and was not checked."
    return Finding("information", "not-supported", message)


class Units(NamedTuple):
    """Units to choose from: (system, code) of each, what else they are called, some to show."""

    coded: frozenset[tuple[str | None, str | None]]
    named: frozenset[str | None]
    shown: tuple[str, ...]


def units_of(offered: Sequence[Mapping[str, Any]]) -> Units:
    """Units given as Codings, to look them up."""
    coded = {(_text(each.get("system")), _text(each.get("code"))) for each in offered}
    named = {_text(each.get(key)) for each in offered for key in ("code", "display")} - {None}
    shown = sorted(code for _, code in coded if code)[:_LISTED]
    return Units(frozenset(coded), frozenset(named), tuple(shown))


def one_of_units(own: Units, shared: Units) -> Check:
    """Whether a quantity has one of these units: an item's own, or those of a value set."""
    names = ", ".join(sorted({*own.shown, *shared.shown})[:_LISTED])
    other = Finding("error", "code-invalid", f"The unit must be one of those offered: {names}.")
    uncoded = Finding(
        "warning", "code-invalid", "Name the unit by its system and code, not by text alone."
    )

    def check(_value: Value, answer: Mapping[str, Any], _contained: object) -> Finding | None:
        quantity = answer.get("valueQuantity")
        if not isinstance(quantity, dict):
            return None
        if "code" not in quantity:
            name = _text(quantity.get("unit"))
            return uncoded if name in own.named or name in shared.named else other
        unit = (_text(quantity.get("system")), _text(quantity["code"]))
        return None if unit in own.coded or unit in shared.coded else other

    return check


def _text(given: object) -> str | None:
    return given if isinstance(given, str) else None


def at_most_bytes(most: int) -> Check:
    """Whether an attachment is at most so large (maxSize)."""
    large = Finding("error", "too-long", f"The attachment is larger than {most} bytes.")
    unknown = Finding(
        "information",
        "not-supported",
        f"Whether the attachment is larger than {most} bytes was not checked: it has no size.",
    )

    def check(_value: Value, answer: Mapping[str, Any], _contained: object) -> Finding | None:
        given = answer.get("valueAttachment")
        if not isinstance(given, dict):
            return None
        length = byte_count(given.get("data"))
        size = given.get("size") if length is None else length
        if not isinstance(size, int):
            return unknown
        return large if size > most else None

    return check


def of_unknown_size(
    _value: Value, _answer: Mapping[str, Any], _contained: object
) -> Finding | None:
    """Says that a size in nobody knows what was not looked at."""
    message = "The size was not checked: the questionnaire does not say in what it is measured."
    return Finding("information", "not-supported", message)


def of_media_types(allowed: Sequence[str]) -> Check:
    """Whether an attachment is of one of these types (mimeType), such as `image/*`, lower case."""
    types = ", ".join(allowed[:_LISTED])
    other = Finding("error", "value", f"The attachment must be of a type asked for: {types}.")

    def check(_value: Value, answer: Mapping[str, Any], _contained: object) -> Finding | None:
        given = answer.get("valueAttachment")
        if not isinstance(given, dict):
            return None
        kind = str(given.get("contentType", "")).partition(";")[0].strip().lower()
        family = kind.partition("/")[0] + "/*"
        return None if kind in allowed or family in allowed or "*/*" in allowed else other

    return check


def of_resource_types(allowed: set[str]) -> Check:
    """Whether a reference is to a resource of one of these types."""
    types = ", ".join(sorted(allowed)[:_LISTED])
    other = Finding("error", "value", f"The reference must be to one of: {types}.")
    unknown = Finding(
        "information",
        "not-supported",
        f"Whether the reference is to one of {types} was not checked: it does not say its type.",
    )

    def check(
        _value: Value, answer: Mapping[str, Any], contained: Mapping[str, str]
    ) -> Finding | None:
        given = answer.get("valueReference")
        if not isinstance(given, dict):
            return None
        found = structures.referenced_type(given, contained)
        if found is None:
            return unknown
        return None if found in allowed else other

    return check


def of_unknown_profile(
    _value: Value, _answer: Mapping[str, Any], _contained: object
) -> Finding | None:
    """Says that a profile of somebody else was not looked at."""
    message = "The profile of the resource referred to was not checked."
    return Finding("information", "not-supported", message)
