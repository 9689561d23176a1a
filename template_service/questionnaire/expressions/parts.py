"""Closures of FHIRPath's operators and functions, put together from the closures of their parts."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from template_service.questionnaire.expressions import operators
from template_service.questionnaire.expressions.closures import (
    Kind,
    NotTaken,
    Part,
    Surroundings,
    count,
    counted,
)
from template_service.questionnaire.expressions.limits import CHARACTERS_PER_STEP
from template_service.questionnaire.expressions.operators import NotSure, Values


def choice_of(parts: list[Part]) -> Part:
    """`iif`: a condition, and one result or two."""
    condition, *results = parts
    holds, then = condition.run, results[0].run
    otherwise = results[1].run if len(results) == 2 else _empty
    kinds = {part.kind for part in results}

    def choice(where: Surroundings, focus: Any) -> Values:
        return (then if operators.truth(holds(where, focus)) else otherwise)(where, focus)

    return Part(choice, _merged(kinds))


def _merged(kinds: set[Kind]) -> Kind:
    """What comes from one of several places."""
    if len(kinds) == 1:
        return kinds.pop()
    # Nothing may be asked of an element of which it is not known what it is.
    return Kind.MADE if kinds <= {Kind.MADE, Kind.TRUTH} else Kind.GIVEN


def _empty(_where: Surroundings, _focus: Any) -> Values:
    return []


def operation(sign: str, left: Part, right: Part) -> Part:
    """`left sign right`; also `combine` and `intersect`. Raises NotTaken for other signs."""
    make = _OPERATIONS.get(sign)
    if make is None:
        raise NotTaken
    return make(sign, left, right)


def _logic(sign: str, left: Part, right: Part) -> Part:
    decide, first, second, truth = operators.LOGIC[sign], left.run, right.run, operators.truth

    def logic(where: Surroundings, focus: Any) -> Values:
        return _as_values(decide(truth(first(where, focus)), truth(second(where, focus))))

    return Part(logic, Kind.TRUTH)


def _as_values(outcome: bool | None) -> Values:
    return [] if outcome is None else [outcome]


def _arithmetic(sign: str, left: Part, right: Part) -> Part:
    compute, first, second = operators.ARITHMETIC[sign], left.run, right.run

    def arithmetic(where: Surroundings, focus: Any) -> Values:
        one, other = operators.number(first(where, focus)), operators.number(second(where, focus))
        return [] if one is None or other is None else operators.of_size(compute(one, other))

    return Part(arithmetic, Kind.MADE)


def _comparison(sign: str, left: Part, right: Part) -> Part:
    compare, first, second = operators.COMPARISONS[sign], left.run, right.run

    def comparison(where: Surroundings, focus: Any) -> Values:
        one, other = operators.number(first(where, focus)), operators.number(second(where, focus))
        return [] if one is None or other is None else [compare(one, other)]

    return Part(comparison, Kind.TRUTH)


def _matching(sign: str, left: Part, right: Part) -> Part:
    match_, first, second = _MATCHES[sign], left.run, right.run
    undated = Kind.VALUE not in (left.kind, right.kind) and Kind.GIVEN not in (
        left.kind,
        right.kind,
    )

    def matching(where: Surroundings, focus: Any) -> Values:
        one, other = counted(where, first(where, focus)), counted(where, second(where, focus))
        if not undated:
            _no_dates(one)
            _no_dates(other)
        return _as_values(match_(one, other))

    return Part(matching, Kind.TRUTH)


def _no_dates(values: Values) -> None:
    """A text that may be a date or a time is compared by the library."""
    for each in values:
        if type(each) is str and each[:1].isdigit():
            raise NotSure


def _unequal(left: Values, right: Values) -> bool | None:
    outcome = operators.equal(left, right)
    return None if outcome is None else not outcome


_MATCHES: Mapping[str, Callable[[Values, Values], bool | None]] = {
    "=": operators.equal,
    "!=": _unequal,
    "~": operators.like,
    "!~": lambda left, right: not operators.like(left, right),
    "contains": operators.contains,
    "in": lambda left, right: operators.contains(right, left),
}


def _joined(_sign: str, left: Part, right: Part) -> Part:
    first, second = left.run, right.run

    def joined(where: Surroundings, focus: Any) -> Values:
        found = operators.joined(first(where, focus), second(where, focus))
        count(where, len(found[0]) // CHARACTERS_PER_STEP)
        return found

    return Part(joined, Kind.MADE)


def _together(sign: str, left: Part, right: Part) -> Part:
    first, second = left.run, right.run
    kind = _merged({left.kind, right.kind})

    def together(where: Surroundings, focus: Any) -> Values:
        one, other = first(where, focus), second(where, focus)
        count(where, len(one) + len(other))
        if sign == "intersect":
            return operators.common(one, other)
        both = one + other
        return operators.few(both) if sign == "combine" else operators.distinct(both)

    return Part(together, kind)


_OPERATIONS: Mapping[str, Callable[[str, Part, Part], Part]] = {
    **dict.fromkeys(operators.LOGIC, _logic),
    **dict.fromkeys(operators.ARITHMETIC, _arithmetic),
    **dict.fromkeys(operators.COMPARISONS, _comparison),
    **dict.fromkeys(_MATCHES, _matching),
    **dict.fromkeys(("|", "combine", "intersect"), _together),
    "&": _joined,
}


def _keeping(take: Callable[[Values], Values]) -> Callable[[Part], Part]:
    def make(base: Part) -> Part:
        inner = base.run

        def kept(where: Surroundings, focus: Any) -> Values:
            return take(counted(where, inner(where, focus)))

        return Part(kept, base.kind, base.link_id)

    return make


def _telling(tell: Callable[[Values], bool | None]) -> Callable[[Part], Part]:
    def make(base: Part) -> Part:
        inner = base.run
        return Part(lambda where, focus: _as_values(tell(inner(where, focus))), Kind.TRUTH)

    return make


def _numeric(compute: Callable[[Any], Any]) -> Callable[[Part], Part]:
    def make(base: Part) -> Part:
        inner = base.run

        def numeric(where: Surroundings, focus: Any) -> Values:
            value = operators.number(inner(where, focus))
            return [] if value is None else operators.of_size(compute(Decimal(value)))

        return Part(numeric, Kind.MADE)

    return make


def rounded_to(base: Part, places: Part) -> Part:
    """`round(places)`."""
    inner, how_many = base.run, places.run

    def rounded(where: Surroundings, focus: Any) -> Values:
        value, digits = (operators.number(each(where, focus)) for each in (inner, how_many))
        if digits is None:
            raise NotSure
        return [] if value is None else operators.of_size(operators.rounded(value, digits))

    return Part(rounded, Kind.MADE)


def _gathered(compute: Callable[[Values], Any]) -> Callable[[Part], Part]:
    def make(base: Part) -> Part:
        inner = base.run

        def gathered(where: Surroundings, focus: Any) -> Values:
            return operators.of_size(compute(counted(where, inner(where, focus))))

        return Part(gathered, Kind.MADE)

    return make


def starting(base: Part, beginning: str) -> Part:
    """`startsWith` of a part of a value, such as a code."""
    inner = base.run

    def starts(where: Surroundings, focus: Any) -> Values:
        found = inner(where, focus)
        return [operators.text(found).startswith(beginning)] if found else []

    return Part(starts, Kind.TRUTH)


def _not(values: Values) -> bool | None:
    outcome = operators.truth(values)
    return None if outcome is None else not outcome


def _counted(base: Part) -> Part:
    inner = base.run
    return Part(lambda where, focus: [len(inner(where, focus))], Kind.MADE)


FUNCTIONS: Mapping[str, Callable[[Part], Part]] = {
    "first": _keeping(lambda values: values[:1]),
    "last": _keeping(lambda values: values[-1:]),
    "exists": _telling(bool),
    "empty": _telling(lambda values: not values),
    "not": _telling(_not),
    "count": _counted,
    "distinct": _keeping(operators.distinct),
    "sum": _gathered(operators.total),
    "avg": _gathered(operators.average),
    "min": _gathered(operators.least),
    "max": _gathered(operators.most),
    "abs": _numeric(Decimal.copy_abs),
    "ln": _numeric(Decimal.ln),
    "exp": _numeric(Decimal.exp),
}
"""Functions without arguments."""
