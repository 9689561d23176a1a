"""`+`, `-` and the comparisons of FHIRPath, with quantities and moments, which fhirpathpy lacks."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from template_service.questionnaire.expressions.library import (
    FP_Quantity,
    equality,
    get_data,
    math,
)
from template_service.questionnaire.expressions.moments import is_moment, moved

Context = dict[str, Any]

_UCUM = "http://unitsofmeasure.org"


def quantity_of(node: Any) -> Any:
    """The quantity a literal or a UCUM Quantity of FHIR is; None for anything else."""
    data = get_data(node)
    if isinstance(data, FP_Quantity):
        return data
    if not isinstance(data, dict) or data.get("system") != _UCUM:
        return None
    value, code = data.get("value"), data.get("code")
    if isinstance(value, bool) or not isinstance(value, (int, float, Decimal)):
        return None
    if not isinstance(code, str) or "comparator" in data:
        return None
    return FP_Quantity(Decimal(str(value)), f"'{code}'")


def in_unit_of(quantity: Any, other: Any) -> Decimal | None:
    """The value of a quantity in the unit of another; None when that is not known."""
    if _unit(quantity) == _unit(other):
        return Decimal(quantity.value)
    converted = FP_Quantity.conv_unit_to(_unit(quantity), quantity.value, _unit(other))
    return None if converted is None else Decimal(converted.value)


def _unit(quantity: Any) -> str:
    return str(FP_Quantity.timeUnitsToUCUM.get(quantity.unit, quantity.unit))


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
