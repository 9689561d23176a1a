"""Whether a value may stand in an element of R4, and how it is written there.

Only conversions that lose nothing are made: a Coding into a CodeableConcept or a code, text into
a CodeableConcept's text, a date into a dateTime, a number into a Quantity. Anything else does not
fit, and is reported by who asked.
"""

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from template_service.questionnaire.extraction.observed import quantity
from template_service.questionnaire.extraction.structure import child, is_primitive, type_named
from template_service.questionnaire.values import is_date_time

# R4 datatypes, "Primitive Types": https://hl7.org/fhir/R4/datatypes.html
_CODE = re.compile(r"\S+( \S+)*")
_URI = re.compile(r"\S+")
_ID = re.compile(r"[A-Za-z0-9\-.]{1,64}")
_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)(\.\d+)?")
_BASE64 = re.compile(r"(\s*[0-9a-zA-Z+/=]{4}\s*)+")
_URN = "urn:uuid:"

_QUANTITIES = frozenset(("Quantity", "SimpleQuantity", "Age", "Count", "Distance", "Duration"))
# R4, invariants age-1, drt-1 and dis-1: a number of these has the code of its unit.
_MEASURES = frozenset(("Age", "Distance", "Duration"))
_MOMENTS = frozenset(("date", "dateTime", "instant", "time"))
_TEXTS = frozenset(("string", "markdown", "code", "id"))
_CODING = frozenset(("system", "version", "code", "display", "userSelected"))
_PREFERRED = ("CodeableConcept", "DateTime", "Quantity", "String")
"""What a value becomes in a choice that has no type of its own for it."""


def fit(type_: str | None, given: Any, target: str, unit: Mapping[str, Any] | None) -> Any:
    """The value as an element of type `target` has it, or None when it does not fit.

    `type_` is the FHIR type of what is given (`Coding`, `dateTime`), None when an expression gave
    it and nothing says. `unit` is the coding of the item's unit, for numbers.
    """
    if is_primitive(target):
        return _primitive(type_, given, target)
    if isinstance(given, bool) or not isinstance(given, dict | str | int | float | Decimal):
        return None
    if isinstance(given, dict):
        return _structure(type_, given, target)
    if isinstance(given, str):
        said = target == "CodeableConcept" and type_ in (None, "string") and given.strip()
        return {"text": given} if said else None
    if target in _MEASURES and not (unit and unit.get("code")):
        return None
    return quantity(given, unit) if target in _QUANTITIES else None


def choose(
    type_: str | None, given: Any, choices: tuple[str, ...], unit: Mapping[str, Any] | None
) -> tuple[str, Any] | None:
    """The type a value takes in a choice such as `value[x]`, capitalised, and the value in it.

    Its own type where the choice has it, else the one it can be converted to. None when it fits
    none, or it is not clear which.
    """
    own = type_ or _type_of(given, choices)
    if own is not None:
        named = own[:1].upper() + own[1:]
        if named in choices and (found := fit(own, given, type_named(named), unit)) is not None:
            return named, found
    fitting = {
        choice: found
        for choice in choices
        if (found := fit(own, given, type_named(choice), unit)) is not None
    }
    if len(fitting) == 1:
        return next(iter(fitting.items()))
    return next(((name, fitting[name]) for name in _PREFERRED if name in fitting), None)


def _structure(type_: str | None, given: dict[str, Any], target: str) -> Any:
    if target == "CodeableConcept" and (type_ == "Coding" or _is_coding(type_, given)):
        return {"coding": [given]}
    if type_ is not None:
        same = type_ == target or (type_ in _QUANTITIES and target in _QUANTITIES)
        return given if same and given else None
    names = (name.removeprefix("_") for name in given)
    return given if given and all(child(target, name) for name in names) else None


def _is_coding(type_: str | None, given: dict[str, Any]) -> bool:
    return type_ is None and "code" in given and given.keys() <= _CODING


def _type_of(given: Any, choices: tuple[str, ...]) -> str | None:
    """The type of what an expression gave, where its JSON shows it."""
    if isinstance(given, bool):
        return "boolean"
    if isinstance(given, int):
        return "integer"
    if isinstance(given, float | Decimal):
        return "decimal"
    if isinstance(given, str):
        return "dateTime" if "String" not in choices and is_date_time(given) else "string"
    if isinstance(given, dict) and _is_coding(None, given):
        return "Coding"
    return None


def _primitive(type_: str | None, given: Any, target: str) -> Any:
    if type_ in _MOMENTS and target in _TEXTS:
        return None
    if isinstance(given, dict):
        code = given.get("code") if _is_coding(None, given) else None
        return code if target == "code" and isinstance(code, str) else None
    check = _CHECKS.get(target)
    if target == "id" and isinstance(given, str):
        given = given.removeprefix(_URN)
    return given if check is not None and check(given) else None


def _text(pattern: re.Pattern[str] | None = None) -> Callable[[Any], bool]:
    def check(given: Any) -> bool:
        if not isinstance(given, str) or not given.strip():
            return False
        return pattern is None or pattern.fullmatch(given) is not None

    return check


def _whole(least: int) -> Callable[[Any], bool]:
    return lambda given: type(given) is int and least <= given < 2**31


def _number(given: Any) -> bool:
    return isinstance(given, int | float | Decimal) and not isinstance(given, bool)


def _moment(given: Any, *, time: bool | None) -> bool:
    """Whether it is a dateTime, with a time (True), without (False) or either."""
    if not isinstance(given, str) or not is_date_time(given):
        return False
    return time is None or ("T" in given) is time


_CHECKS: Mapping[str, Callable[[Any], bool]] = {
    "boolean": lambda given: isinstance(given, bool),
    "integer": _whole(-(2**31)),
    "positiveInt": _whole(1),
    "unsignedInt": _whole(0),
    "decimal": _number,
    "string": _text(),
    "markdown": _text(),
    "code": _text(_CODE),
    "id": _text(_ID),
    "uri": _text(_URI),
    "url": _text(_URI),
    "canonical": _text(_URI),
    "oid": _text(_URI),
    "uuid": _text(_URI),
    "date": lambda given: _moment(given, time=False),
    "dateTime": lambda given: _moment(given, time=None),
    "instant": lambda given: _moment(given, time=True),
    "time": _text(_TIME),
    "base64Binary": _text(_BASE64),
}
