"""Which unit a number is in, and whether an item takes it.

Units are compared, never converted: SDC leaves conversion to the system ("Form population",
observation-based), and a wrong factor would be a wrong answer nobody sees.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from template_service.questionnaire.extensions import value
from template_service.questionnaire.form import Item

Quantity = Mapping[str, Any]


def unit_of(item: Item) -> Mapping[str, Any] | None:
    """The unit a number item is asked in (questionnaire-unit), or None."""
    unit: Mapping[str, Any] | None = value(item.raw, "questionnaire-unit", "valueCoding")
    return unit


def is_in(quantity: Quantity, unit: Mapping[str, Any]) -> bool:
    """Whether a Quantity is in this unit: by system and code, by its text when it has no code."""
    code, system = quantity.get("code"), quantity.get("system")
    if code is not None:
        known = [each for each in (system, unit.get("system")) if each is not None]
        return code == unit.get("code") and all(each == known[0] for each in known)
    text = quantity.get("unit")
    return text is not None and text in _names(unit)


def has_no_unit(quantity: Quantity) -> bool:
    """Whether a Quantity is a bare number (UCUM writes that as the unit `1`)."""
    code = quantity.get("code")
    return code == "1" or (code is None and quantity.get("unit") is None)


def _names(unit: Mapping[str, Any]) -> Iterator[Any]:
    return (unit[name] for name in ("code", "display") if unit.get(name) is not None)
