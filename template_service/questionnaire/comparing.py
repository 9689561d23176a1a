"""One enableWhen entry: what it compares with, compiled to a test of the answers of its question.

Values that cannot be compared (`2026` and `2026-03`, kilograms and metres) satisfy no operator; but
what measures different things is not equal, so kilograms are `!=` metres.
"""

import operator
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from template_service.questionnaire import moments, units
from template_service.questionnaire.form import Element, Item, Option, Value
from template_service.questionnaire.values import read_plain

_ORDERS: Mapping[str, Callable[[int, int], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
OPERATORS = frozenset(_ORDERS) | {"=", "!=", "exists"}

# R4 Questionnaire.item.enableWhen.answer[x] against the type of the question it asks about.
_TEXTS = frozenset({"answerString"})
_OF_OPTIONS = frozenset({"answerInteger", "answerDate", "answerTime", "answerReference"})
_NUMBERS = frozenset({"answerInteger", "answerDecimal"})
_TIMES = frozenset({"answerDate", "answerDateTime"})
_FITS: Mapping[str, frozenset[str]] = {
    "boolean": frozenset({"answerBoolean"}),
    "decimal": _NUMBERS,
    "integer": _NUMBERS,
    "date": _TIMES,
    "dateTime": _TIMES,
    "time": frozenset({"answerTime"}),
    "string": _TEXTS,
    "text": _TEXTS,
    "url": _TEXTS,
    "choice": _TEXTS | _OF_OPTIONS | {"answerCoding"},
    "open-choice": _TEXTS | _OF_OPTIONS | {"answerCoding"},
    "quantity": frozenset({"answerQuantity"}),
    "reference": frozenset({"answerReference"}),
}
_ORDERED = _NUMBERS | _TIMES | {"answerTime", "answerQuantity", "answerString"}

Compared = Callable[[Value], int | None]
"""-1, 0, 1 as an answer is less than, equal to, more than the expected one; None: cannot be said.
Of values without an order, 1 says only that they differ."""


class Test(NamedTuple):
    """One enableWhen entry: whether the answers of a question hold.

    `option` is there when it only asks whether this option was chosen.
    """

    holds: Callable[[tuple[Value, ...]], bool]
    option: Option | None = None


def compile_test(question: Item, entry: Mapping[str, Any]) -> Test | str:
    """The test of an enableWhen entry, or a plain sentence: what is wrong with the entry.

    As R4 says: `=` and the ordering operators hold when any answer does, `!=` when no answer is
    equal, `exists` when there being an answer is as expected.
    """
    comparison = entry.get("operator")
    if not isinstance(comparison, str) or comparison not in OPERATORS:
        return "enableWhen has no operator of FHIR R4."
    if comparison == "exists":
        exists = entry.get("answerBoolean")
        return _NO_ANSWER if not isinstance(exists, bool) else Test(lambda g: bool(g) is exists)
    fits = _FITS.get(question.type, frozenset())
    kind = next((name for name in entry if name in fits), None)
    expected = None if kind is None else _expected(kind, entry[kind], question)
    if kind is None or expected is None:
        return _NO_ANSWER
    if comparison in _ORDERS:
        if kind not in _ORDERED:
            return f"enableWhen asks for {comparison} of values that have no order."
        return Test(_ordered(_ORDERS[comparison], comparer(kind, expected)))
    equal = _equal(kind, question, expected)
    return equal if comparison == "=" else _not_equal(kind, equal, expected)


_NO_ANSWER = "enableWhen has no answer of a type that fits its question."


def _expected(kind: str, given: Any, question: Item) -> Value | None:
    """The answer[x] of an entry as a value; None when it is not of its type."""
    if kind == "answerCoding":
        code = given.get("code") if isinstance(given, dict) else None
        system = given.get("system") if code is not None else None
        if not isinstance(code, str) or not (system is None or isinstance(system, str)):
            return None
        return question.by_coding.get((system, code)) or Option(system, code, "")
    return read_plain(f"value{kind.removeprefix('answer')}", given)


def _equal(kind: str, question: Item, expected: Value) -> Test:
    if isinstance(expected, Option):
        # An enableWhen may leave the system out; the question's own option then says it.
        wanted = expected if expected.system else question.by_code.get(expected.code, expected)
        one_of_several = not expected.system and len(question.by_code) < len(question.options)
        if one_of_several or (wanted.system is None and not question.options):
            return Test(lambda given: any(_code(each) == wanted.code for each in given))
        return Test(lambda given: wanted in given, wanted)
    if isinstance(expected, str) and kind == "answerString":
        # Of a choice, the text may name a code.
        return Test(
            lambda given: any(each == expected or _code(each) == expected for each in given)
        )
    compare = comparer(kind, expected)
    return Test(lambda given: any(compare(each) == 0 for each in given))


def _not_equal(kind: str, equal: Test, expected: Value) -> Test:
    if isinstance(expected, Option) or kind == "answerString":
        return Test(lambda given: not equal.holds(given))
    compare = comparer(kind, expected)
    return Test(
        lambda given: all(compare(each) in (-1, 1) or _unlike(each, expected) for each in given)
    )


def _unlike(value: Value, expected: Value) -> bool:
    """Whether two quantities measure different things, so that they cannot be equal."""
    if not isinstance(value, Element) or not isinstance(expected, Element):
        return False
    one, other = units.measure(value.as_json()), units.measure(expected.as_json())
    return one is not None and other is not None and one != other


def _ordered(
    holds: Callable[[int, int], bool], compare: Compared
) -> Callable[[tuple[Value, ...]], bool]:
    def test(given: tuple[Value, ...]) -> bool:
        return any((order := compare(each)) is not None and holds(order, 0) for each in given)

    return test


def _code(value: Value) -> str | None:
    return value.code if isinstance(value, Option) else None


def comparer(kind: str, expected: Value) -> Compared:
    """Compares answers with an expected value; `kind` is its answer[x] property."""
    if kind == "answerBoolean":
        return lambda value: (0 if value is expected else 1) if isinstance(value, bool) else None
    if kind in _NUMBERS:
        return lambda value: _three_way(_number(value), expected)
    if isinstance(expected, Element):
        wanted = expected.as_json()
        if kind == "answerQuantity":
            return lambda value: _of_quantities(value, wanted)
        return lambda value: _of_references(value, wanted)
    if kind == "answerString":
        return lambda value: _three_way(_text(value), expected)
    return lambda value: _of_moments(_text(value), expected)


def _three_way(value: Any, expected: Any) -> int | None:
    return None if value is None else (value > expected) - (value < expected)


def _number(value: Value) -> int | Decimal | None:
    if isinstance(value, Option):
        return int(value.code) if value.kind == "valueInteger" else None
    return value if isinstance(value, int | Decimal) and not isinstance(value, bool) else None


def _text(value: Value) -> str | None:
    if isinstance(value, Option):
        return value.code
    return value if isinstance(value, str) else None


def _of_moments(value: str | None, expected: Value) -> int | None:
    known = value is not None and isinstance(expected, str)
    return moments.compared(str(value), str(expected)) if known else None


def _of_quantities(value: Value, expected: Mapping[str, Any]) -> int | None:
    return units.compared(value.as_json(), expected) if isinstance(value, Element) else None


def _of_references(value: Value, expected: Mapping[str, Any]) -> int | None:
    """Equal when they name the same place; R4 compares references by nothing else."""
    named = expected.get("reference")
    if isinstance(value, Option):
        given: Any = value.code
    else:
        given = value.as_json().get("reference") if isinstance(value, Element) else None
    if not isinstance(given, str) or not isinstance(named, str):
        return None
    return 0 if given == named else 1
