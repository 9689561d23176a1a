"""Whether a value may stand in an element of R4, and how it is written there.

Only conversions that lose nothing are made: a Coding into a CodeableConcept or a code, text into
a CodeableConcept's text, a date into a dateTime, a number into a Quantity. Anything else does not
fit, and is reported by who asked.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from template_service.questionnaire.extraction.observed import quantity
from template_service.questionnaire.moments import is_date_time
from template_service.questionnaire.primitives import PRIMITIVES
from template_service.questionnaire.r4_elements import child, is_primitive, type_named

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
    check = PRIMITIVES.get(target)
    if target == "id" and isinstance(given, str):
        given = given.removeprefix(_URN)
    return given if check is not None and check(given) else None
