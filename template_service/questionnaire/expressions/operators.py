"""The operators and functions of FHIRPath on plain values, as far as they are beyond doubt.

A collection is a list of plain JSON values, numbers with a fraction being Decimal or float. Where
FHIRPath and its library could be of two minds (a comparison of texts that may be dates, a number
rounded half-way, a mistake that the library words), NotSure is raised and the library decides.
"""

import operator
from collections.abc import Callable, Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

Values = list[Any]

_LARGE = 10**15
_MANY = 10_000
_LONG = 10_000


class NotSure(Exception):
    """The library must evaluate this."""


def number(values: Values) -> int | Decimal | None:
    """The number a collection holds, or None when it is empty."""
    if not values:
        return None
    value = only(values)
    kind = type(value)
    if kind is int or kind is Decimal:
        return value  # type: ignore[no-any-return]
    if kind is float:
        return Decimal(str(value))
    raise NotSure


def truth(values: Values) -> bool | None:
    """The boolean a collection holds, or None when it is empty."""
    if not values:
        return None
    value = only(values)
    if type(value) is not bool:
        raise NotSure
    return value


def text(values: Values) -> str:
    """The text that a collection holds."""
    value = only(values)
    if type(value) is not str:
        raise NotSure
    return value


def only(values: Values) -> Any:
    """The one element of a collection."""
    if len(values) != 1:
        raise NotSure
    return values[0]


def _both(left: bool | None, right: bool | None) -> bool | None:
    if left is False or right is False:
        return False
    return None if left is None or right is None else True


def _either(left: bool | None, right: bool | None) -> bool | None:
    if left is True or right is True:
        return True
    return None if left is None or right is None else False


def _one_only(left: bool | None, right: bool | None) -> bool | None:
    return None if left is None or right is None else left is not right


def _implied(left: bool | None, right: bool | None) -> bool | None:
    if left is False:
        return True
    if left is None:
        return True if right is True else None
    return right


LOGIC: Mapping[str, Callable[[bool | None, bool | None], bool | None]] = {
    "and": _both,
    "or": _either,
    "xor": _one_only,
    "implies": _implied,
}
"""Three-valued; None is the empty collection (FHIRPath N1, section 6.5)."""


def _quotient(left: Any, right: Any) -> Any:
    return None if right == 0 else Decimal(left) / Decimal(right)


def _whole_quotient(left: Any, right: Any) -> Any:
    if right == 0:
        return None
    whole = int(abs(left) // abs(right))
    return whole if (left < 0) == (right < 0) else -whole


def _remainder(left: Any, right: Any) -> Any:
    whole = _whole_quotient(left, right)
    return None if whole is None else left - right * whole


ARITHMETIC: Mapping[str, Callable[[Any, Any], Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": _quotient,
    "div": _whole_quotient,
    "mod": _remainder,
}
"""Of two numbers; None is the empty collection, as after a division by zero (section 6.6)."""

COMPARISONS: Mapping[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def of_size(result: Any) -> Values:
    """A result of arithmetic as a collection."""
    if result is None:
        return []
    if not -_LARGE < result < _LARGE:
        raise NotSure
    return [result]


def joined(left: Values, right: Values) -> Values:
    """`&`: texts put together, an empty collection counting as no text."""
    texts = [only(values) if values else "" for values in (left, right)]
    if any(type(text) is not str or len(text) > _LONG for text in texts):
        raise NotSure
    return ["".join(texts)]


def same(left: Any, right: Any) -> bool:
    """Whether two single values are equal (section 6.1), dates and structures left out."""
    kinds = {type(left), type(right)}
    if kinds == _TEXTS or kinds <= _EXACT:
        return bool(left == right)
    if kinds <= _NUMBERS:
        return number([left]) == number([right])
    if kinds == _TEXT_AND_WHOLE:
        return False
    raise NotSure


_TEXTS = frozenset((str,))
_EXACT = frozenset((int, Decimal))
_NUMBERS = frozenset((int, float, Decimal))
_TEXT_AND_WHOLE = frozenset((str, int))


def equal(left: Values, right: Values) -> bool | None:
    """`=`: None when a side is empty."""
    if not left or not right:
        return None
    first, second = only(left), only(right)
    if type(first) is bool and type(second) is bool:
        return first is second
    return same(first, second)


def like(left: Values, right: Values) -> bool:
    """`~`: equal but for case and white space of texts; two empty collections are alike."""
    if not left or not right:
        return not left and not right
    first, second = only(left), only(right)
    kinds = {type(first), type(second)}
    if kinds == {str}:
        if len(first) + len(second) > _LONG:
            raise NotSure
        return " ".join(first.lower().split()) == " ".join(second.lower().split())
    if kinds in ({int}, {bool}):
        return bool(first == second)
    raise NotSure


def contains(values: Values, wanted: Values) -> bool | None:
    """`contains`, and `in` the other way round."""
    if not wanted:
        return None
    value = only(wanted)
    return any(same(each, value) for each in values)


def _key(value: Any) -> Any:
    """The same for what is equal, and for nothing else; structures are left to the library."""
    kind = type(value)
    if kind is float:
        return Decimal(str(value))
    if kind in _EXACT or kind is str:
        return value
    raise NotSure


def few(values: Values) -> Values:
    """A collection, if it is not so large that only the library may go on, which counts."""
    if len(values) > _MANY:
        raise NotSure
    return values


def distinct(values: Values) -> Values:
    """Every value once."""
    if len(few(values)) < 2:
        return values
    found: dict[Any, Any] = {}
    for each in values:
        found.setdefault(_key(each), each)
    return list(found.values())


def common(left: Values, right: Values) -> Values:
    """`intersect`."""
    wanted = {_key(each) for each in right}
    return distinct([each for each in left if _key(each) in wanted])


def rounded(value: Any, places: Any) -> Any:
    """`round`: half away from zero."""
    if type(places) is not int or not 0 <= places <= _MOST_PLACES:
        raise NotSure
    return Decimal(value).quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)


_MOST_PLACES = 10


def total(values: Values) -> Any:
    """`sum` of numbers; None for no numbers at all, because no answer is not zero."""
    if not values:
        return None
    return sum(map(_number, values[1:]), _number(values[0]))


def average(values: Values) -> Any:
    """`avg` of numbers."""
    return Decimal(total(values)) / len(values) if values else None


def least(values: Values) -> Any:
    """`min` of numbers."""
    return min(map(_number, values)) if values else None


def most(values: Values) -> Any:
    """`max` of numbers."""
    return max(map(_number, values)) if values else None


def _number(value: Any) -> Any:
    return number([value])
