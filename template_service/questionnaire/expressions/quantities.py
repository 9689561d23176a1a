"""`+`, `-` and the comparisons of FHIRPath, with quantities and moments, which fhirpathpy lacks."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from template_service.questionnaire import units
from template_service.questionnaire.expressions.library import FP_Quantity, equality, get_data, math
from template_service.questionnaire.expressions.moments import is_moment, moved
from template_service.questionnaire.units import UCUM, converted, number

Context = dict[str, Any]

_YEARS_AND_MONTHS = frozenset(("year", "years", "month", "months"))


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


def measured(node: Any, *, words: bool = True) -> tuple[str, Decimal, bool] | None:
    """Equal for quantities that are equal (FHIRPath 6.1, "="); None for what is no quantity.

    A year or month in words is never one of UCUM, which has a length of its own; without `words`
    it is taken for it ("~").
    """
    quantity = quantity_of(node)
    if quantity is None:
        return None
    what, amount = units.measured(Decimal(quantity.value), unit_of(quantity))
    return what, amount, words and quantity.unit in _YEARS_AND_MONTHS


def same_measure(one: Any, other: Any, *, words: bool = True) -> bool | None:
    """Whether two quantities are equal, in whatever units; None for anything else."""
    first, second = measured(one, words=words), measured(other, words=words)
    return None if first is None or second is None else first == second


def unit_of(quantity: Any) -> str:
    """The UCUM code of a quantity's unit; calendar words (days) become what they stand for."""
    return str(FP_Quantity.timeUnitsToUCUM.get(quantity.unit, quantity.unit)).strip("'")


def _alike(sign: bool, otherwise: Callable[..., Any]) -> Mapping[str, Any]:
    def alike(context: Context, left: list[Any], right: list[Any]) -> Any:
        one_each = len(left) == len(right) == 1
        found = same_measure(left[0], right[0], words=False) if one_each else None
        return otherwise(context, left, right) if found is None else found is sign

    return {"fn": alike, "arity": {2: ["Any", "Any"]}}


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
    "~": _alike(True, equality.equival),
    "!~": _alike(False, equality.unequival),
}
