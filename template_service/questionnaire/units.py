"""Quantities compared: the same unit, or units of mass, length, volume and time that convert.

Factors are those of the Unified Code for Units of Measure (https://ucum.org/ucum, tables 1, 2, 4
and 7), to grams, metres, litres and seconds. Whatever is not in the table does not compare with
anything but itself: it is said not to be checked, never guessed.
"""

import math
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

UCUM = "http://unitsofmeasure.org"

# Larger numbers come from no measurement, and arithmetic on them could fill the memory.
_EXPONENT_LIMIT = 100

_MASS = {
    "t": "1e6",
    "kg": "1e3",
    "g": "1",
    "mg": "1e-3",
    "ug": "1e-6",
    "ng": "1e-9",
    "pg": "1e-12",
    "[lb_av]": "453.59237",
    "[oz_av]": "28.349523125",
    "[stone_av]": "6350.29318",
}
_LENGTH = {
    "km": "1e3",
    "m": "1",
    "dm": "1e-1",
    "cm": "1e-2",
    "mm": "1e-3",
    "um": "1e-6",
    "nm": "1e-9",
    "[in_i]": "0.0254",
    "[ft_i]": "0.3048",
    "[yd_i]": "0.9144",
    "[mi_i]": "1609.344",
}
_VOLUME = {
    "L": "1",
    "l": "1",
    "dL": "1e-1",
    "dl": "1e-1",
    "cL": "1e-2",
    "cl": "1e-2",
    "mL": "1e-3",
    "ml": "1e-3",
    "uL": "1e-6",
    "ul": "1e-6",
    "fL": "1e-15",
    "fl": "1e-15",
    "m3": "1e3",
    "dm3": "1",
    "cm3": "1e-3",
    "mm3": "1e-6",
}
# A month and a year are the mean Julian ones: 365.25 days, and a twelfth of that.
_TIME = {
    "ms": "1e-3",
    "us": "1e-6",
    "s": "1",
    "min": "60",
    "h": "3600",
    "d": "86400",
    "wk": "604800",
    "mo": "2629800",
    "a": "31557600",
}
_CALENDAR = frozenset(("a", "mo"))
_UNITS: Mapping[str, tuple[str, Decimal]] = {
    code: (measure, Decimal(factor))
    for measure, units in (
        ("mass", _MASS),
        ("length", _LENGTH),
        ("volume", _VOLUME),
        ("time", _TIME),
    )
    for code, factor in units.items()
}


def number(given: object) -> Decimal | None:
    """A JSON number as a decimal; None for anything else, and for numbers no measurement gives."""
    if isinstance(given, bool) or not isinstance(given, int | float | Decimal):
        return None
    if not isinstance(given, int) and not math.isfinite(given):
        return None
    # An integer of thousands of digits cannot even be written down.
    if isinstance(given, int) and abs(given) > 10**_EXPONENT_LIMIT:
        return None
    found = Decimal(str(given))
    return found if abs(found.adjusted()) <= _EXPONENT_LIMIT else None


def compared(one: Mapping[str, Any], other: Mapping[str, Any]) -> int | None:
    """-1, 0 or 1 as one Quantity is less than, equal to or more than another.

    None: their units cannot be compared, or one is no exact value (it has a comparator).
    """
    first, second = number(one.get("value")), number(other.get("value"))
    if first is None or second is None or one.get("comparator") or other.get("comparator"):
        return None
    if not _same_unit(one, other):
        here, there = _unit(one), _unit(other)
        if here is None or there is None or here[0] != there[0]:
            return None
        first, second = first * here[1], second * there[1]
    return (first > second) - (first < second)


def converted(value: Decimal, code: str, other: str) -> Decimal | None:
    """A value in one unit of UCUM as a value in another; None when the table has no way.

    A year or a month is no number of days (FHIRPath, "Time-valued quantities"), nor the reverse.
    """
    one, another = _UNITS.get(code), _UNITS.get(other)
    if one is None or another is None or one[0] != another[0]:
        return None
    if (code in _CALENDAR) != (other in _CALENDAR):
        return None
    return value * one[1] / another[1]


def measured(value: Decimal, code: str) -> tuple[str, Decimal]:
    """Equal for equal values in units of UCUM: what is measured, and how much of it there is.

    Years and months are measured apart from days, as in `converted`; so is every unit that is not
    in the table.
    """
    what, factor = _UNITS.get(code, (f"'{code}'", Decimal(1)))
    return "calendar" if code in _CALENDAR else what, value * factor


def is_in(quantity: Mapping[str, Any], unit: Mapping[str, Any]) -> bool:
    """Whether a Quantity is in the unit of a Coding, as it is: nothing is converted.

    By system and code, by its text when it has no code.
    """
    code, system = quantity.get("code"), quantity.get("system")
    if code is not None:
        known = [each for each in (system, unit.get("system")) if each is not None]
        return code == unit.get("code") and all(each == known[0] for each in known)
    text = quantity.get("unit")
    return text is not None and text in (unit.get("code"), unit.get("display"))


def has_no_unit(quantity: Mapping[str, Any]) -> bool:
    """Whether a Quantity is a bare number (UCUM writes that as the unit `1`)."""
    code = quantity.get("code")
    return code == "1" or (code is None and quantity.get("unit") is None)


def measure(quantity: Mapping[str, Any]) -> str | None:
    """What a Quantity's unit measures, such as `mass`; None when the table does not know it."""
    unit = _unit(quantity)
    return None if unit is None else unit[0]


def _unit(quantity: Mapping[str, Any]) -> tuple[str, Decimal] | None:
    code = quantity.get("code")
    known = quantity.get("system") == UCUM and isinstance(code, str)
    return _UNITS.get(code) if known and isinstance(code, str) else None


def _same_unit(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    codes = one.get("code"), other.get("code")
    if None not in codes:
        return codes[0] == codes[1] and one.get("system") == other.get("system")
    # Without a code, the unit is what it is called; a code may stand for the name of the other.
    return bool(_names(one) & _names(other)) or not (_names(one) or _names(other))


def _names(quantity: Mapping[str, Any]) -> set[str]:
    return {name for name in (quantity.get("unit"), quantity.get("code")) if isinstance(name, str)}
