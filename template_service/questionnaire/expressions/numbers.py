"""Numbers of FHIRPath: sums of answers, exact division, rounding half up."""

from collections.abc import Callable, Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from template_service.questionnaire.expressions.library import FP_Quantity, get_data, is_number
from template_service.questionnaire.expressions.limits import weigh_value
from template_service.questionnaire.expressions.quantities import QUANTITIES, quantity_of

Context = dict[str, Any]
Number = int | Decimal

# FHIR decimals have at most 18 digits; what is rounded finer is left as it is.
_PLACES_LIMIT = 30


def _value(node: Any) -> Any:
    return quantity_of(node) or get_data(node)


def _sum(context: Context, given: list[Any]) -> list[Any]:
    """FHIRPath "sum": nothing for an empty collection, so that no answer is never zero."""
    if not given:
        return []
    total = _value(given[0])
    if not is_number(total) and not isinstance(total, (str, FP_Quantity)):
        raise TypeError(type(total))
    for each in given[1:]:
        total = QUANTITIES["+"]["fn"](context, [total], [_value(each)])
        weigh_value(total)
    return [total]


def _avg(context: Context, given: list[Any]) -> list[Any]:
    if not given:
        return []
    (total,) = _sum(context, given)
    if isinstance(total, FP_Quantity):
        return [FP_Quantity(Decimal(total.value) / len(given), total.unit)]
    return [Decimal(total) / len(given)]


def _extreme(sign: str) -> Callable[..., list[Any]]:
    better = QUANTITIES[sign]["fn"]

    def extreme(context: Context, given: list[Any]) -> list[Any]:
        if not given:
            return []
        best = _value(given[0])
        for each in given[1:]:
            value = _value(each)
            if better(context, [value], [best]) is True:
                best = value
        return [best]

    return extreme


def _divided(_: Context, left: Number, right: Number) -> Any:
    return Decimal(left) / Decimal(right) if right else []


def _whole_part(left: Number, right: Number) -> int:
    quotient = abs(Decimal(left)) // abs(Decimal(right))
    return int(quotient if (left < 0) == (right < 0) else -quotient)


def _div(_: Context, left: Number, right: Number) -> Any:
    return _whole_part(left, right) if right else []


def _mod(_: Context, left: Number, right: Number) -> Any:
    return left - right * _whole_part(left, right) if right else []


def _singleton(given: list[Any]) -> Number:
    (node,) = given
    value = get_data(node)
    if not isinstance(value, (int, Decimal)) or isinstance(value, bool):
        raise TypeError(type(value))
    return value


def _round(_: Context, given: list[Any], places: Any = 0) -> Any:
    if not given:
        return []
    value, places = Decimal(_singleton(given)), 0 if places == [] else int(places)
    if places < 0:
        raise ValueError(places)
    if places > _PLACES_LIMIT or -value.adjusted() > _PLACES_LIMIT:
        return value
    return value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)


def _power(_: Context, given: list[Any], exponent: Any) -> Any:
    if not given or exponent == []:
        return []
    base, exponent = _singleton(given), Decimal(exponent)
    if base < 0 and exponent != exponent.to_integral_value():
        return []
    found = Decimal(base) ** exponent
    weigh_value(found)
    whole = isinstance(base, int) and exponent >= 0 and found == found.to_integral_value()
    return int(found) if whole else found


NUMBERS: Mapping[str, Mapping[str, Any]] = {
    "sum": {"fn": _sum},
    "avg": {"fn": _avg},
    "min": {"fn": _extreme("<")},
    "max": {"fn": _extreme(">")},
    "/": {"fn": _divided, "arity": {2: ["Number", "Number"]}, "nullable": True},
    "div": {"fn": _div, "arity": {2: ["Number", "Number"]}, "nullable": True},
    "mod": {"fn": _mod, "arity": {2: ["Number", "Number"]}, "nullable": True},
    "round": {"fn": _round, "arity": {0: [], 1: ["Number"]}},
    "power": {"fn": _power, "arity": {1: ["Number"]}},
}
