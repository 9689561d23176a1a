"""`+`, `-` and the comparisons of FHIRPath, with quantities and moments, which fhirpathpy lacks."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from template_service.questionnaire.expressions.library import FP_Quantity, equality, get_data, math
from template_service.questionnaire.expressions.moments import is_moment, moved
from template_service.questionnaire.units import UCUM, converted, number

Context = dict[str, Any]


def quantity_of(node: Any) -> Any:
    """The quantity a literal or a UCUM Quantity of FHIR is; None for anything else."""
    data = get_data(node)
    if isinstance(data, FP_Quantity):
        return data
    if not isinstance(data, dict) or data.get("system") != UCUM or "comparator" in data:
        return None
    value, code = number(data.get("value")), data.get("code")
    return FP_Quantity(value, f"'{code}'") if value is not None and isinstance(code, str) else None


def in_unit_of(quantity: Any, other: Any) -> Decimal | None:
    """The value of a quantity in the unit of another; None when that is not known."""
    value, own, wanted = Decimal(quantity.value), unit_of(quantity), unit_of(other)
    return value if own == wanted else converted(value, own, wanted)


def same_measure(one: Any, other: Any) -> bool | None:
    """Whether two quantities in different units of a measure are equal; None for anything else.

    Spans of time are the library's: it knows which are never equal (a year and 365.25 days).
    """
    first, second = quantity_of(one), quantity_of(other)
    if first is None or second is None or unit_of(first) == unit_of(second):
        return None
    value = None if first.unit in FP_Quantity.timeUnitsToUCUM else in_unit_of(first, second)
    return None if value is None else value == Decimal(second.value)


def unit_of(quantity: Any) -> str:
    """The UCUM code of a quantity's unit; calendar words (days) become what they stand for."""
    return str(FP_Quantity.timeUnitsToUCUM.get(quantity.unit, quantity.unit)).strip("'")


def _compared(compare: Callable[..., Any]) -> Mapping[str, Any]:
    def compared(context: Context, left: list[Any], right: list[Any]) -> Any:
        if len(left) == len(right) == 1:
            one, other = quantity_of(left[0]), quantity_of(right[0])
            if one is not None and other is not None:
                value = in_unit_of(one, other)
                return [] if value is None else compare(context, [value], [Decimal(other.value)])
        return compare(context, left, right)

    return {"fn": compared, "arity": {2: ["Any", "Any"]}, "nullable": True}


def _added(sign: int, otherwise: Callable[..., Any]) -> Mapping[str, Any]:
    def added(context: Context, left: list[Any], right: list[Any]) -> Any:
        if len(left) != 1 or len(right) != 1:
            raise ValueError(len(left))
        duration, one = quantity_of(right[0]), get_data(left[0])
        if duration is None:
            return otherwise(context, [one], [get_data(right[0])])
        if is_moment(one):
            return moved(one, duration, sign)
        quantity = quantity_of(left[0])
        value = None if quantity is None else in_unit_of(duration, quantity)
        if quantity is None or value is None:
            raise ValueError(sign)
        return FP_Quantity(Decimal(quantity.value) + sign * value, quantity.unit)

    return {"fn": added, "arity": {2: ["Any", "Any"]}, "nullable": True}


QUANTITIES: Mapping[str, Mapping[str, Any]] = {
    "<": _compared(equality.lt),
    ">": _compared(equality.gt),
    "<=": _compared(equality.lte),
    ">=": _compared(equality.gte),
    "+": _added(1, math.plus),
    "-": _added(-1, math.minus),
}
