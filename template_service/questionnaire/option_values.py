"""One answerOption of a Questionnaire as received: its value, what it is known by, its weight."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from template_service.questionnaire.extensions import Named, by_name, value_in
from template_service.questionnaire.units import number

# R4 Questionnaire.item.answerOption.value[x].
_KINDS = (
    "valueCoding",
    "valueString",
    "valueInteger",
    "valueDate",
    "valueTime",
    "valueReference",
)
WEIGHTS = ("itemWeight", "ordinalValue", "questionnaire-ordinalValue")
"""The extensions that say the weight of an option, the one that counts first."""

_INTEGER_LIMIT = 2**31


def is_only_shown(option: Any) -> bool:
    """Whether an option is a coding with a text alone, which R4 allows."""
    coding = option.get("valueCoding") if isinstance(option, dict) else None
    return isinstance(coding, dict) and "code" not in coding and bool(coding.get("display"))


def kind_of(raw: Mapping[str, Any]) -> str:
    """The value[x] property of an option; empty when it has none."""
    for kind in _KINDS:
        if kind in raw:
            return kind
    return ""


def as_coding(kind: str, system: str | None, code: str, text: str) -> dict[str, str] | None:
    """A coded option as an answer has it; None for any other."""
    if kind != "valueCoding":
        return None
    coding = {"code": code}
    if system:
        coding["system"] = system
    if text:
        coding["display"] = text
    return coding


def literal(kind: str, given: Any) -> object:
    """What an option is known by: its code, its text, or where its reference points."""
    if kind == "valueCoding":
        return given.get("code") if isinstance(given, dict) else None
    if kind == "valueReference":
        return given.get("reference") if isinstance(given, dict) else None
    if kind == "valueInteger" and isinstance(given, int) and not isinstance(given, bool):
        return str(given) if abs(given) < _INTEGER_LIMIT else None
    return given if kind != "valueInteger" else None


def weight_of(named: Named, coding: Mapping[str, Any]) -> int | Decimal | None:
    """itemWeight, or ordinalValue as older questionnaires say it, on the option or its coding."""
    for element in (named, by_name(coding)):
        for name in WEIGHTS if element else ():
            given = value_in(element, name, "valueDecimal")
            if given is not None:
                return _exact(given)
    return None


def _exact(given: object) -> int | Decimal | None:
    if type(given) is int:
        return given
    weight = number(given)
    return int(weight) if weight is not None and weight == weight.to_integral_value() else weight
