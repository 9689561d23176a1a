"""Calculated values as they were handed in, compared with what the answers come to.

HL7 SDC, calculatedExpression: the value of such an item follows from other answers. Scoring and
extraction calculate it anew, so that a wrong one does no harm here; whoever sent it shows it to
people all the same ("no risk" beside two answers that say otherwise).
"""

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from template_service.questionnaire.elements import listed, objects, value_of
from template_service.questionnaire.expressions.calculation import Calculation, calculate
from template_service.questionnaire.expressions.order import Calculated, chain_of, order_of
from template_service.questionnaire.expressions.variables import definitions
from template_service.questionnaire.form import Form
from template_service.questionnaire.placing import Placed, marked
from template_service.questionnaire.problems import Problem, shown, written
from template_service.questionnaire.pruning import without_disabled
from template_service.questionnaire.validation import PROBLEM_LIMIT

_OTHER = "The value is not what the other answers come to."
_NONE = "The other answers come to no value."
_CLOCK = re.compile(r"\b(?:today|now|timeOfDay)\b")

_Key = tuple[Any, ...]
"""Where an item stands by linkIds and numbers, whatever stands beside it."""


def contradictions(form: Form, response: Any) -> tuple[Problem, ...]:
    """A warning for every calculated value of a response that its other answers contradict.

    A value that was not handed in is none; a number may be rounded. Only answers that are asked for
    count, and nothing is said of values that are not. Nothing is said of what cannot
    be calculated here (with a launch context, say), of what today's date is used for, and of what
    is calculated from either. Never raises on any JSON value. A warning names the place and never
    the value.
    """
    if not any(_values(node) for _, node in _calculated(form, response)):
        return ()
    # As they were handed in, so that this and what else is said of a response go together.
    kept, left_out = without_disabled(form, marked(response))
    if any(each.code == "too-costly" for each in left_out):
        return ()
    calculation = calculate(form, kept)
    unsure = _unsure(form, calculation)
    known = dict(_calculated(form, calculation.response))
    found = []
    for key, node in _calculated(form, kept):
        given, counted = _values(node), _values(known.get(key, {}))
        if given and node["linkId"] not in unsure and not _agree(given, counted):
            found.append(_problem(node["linkId"], _OTHER if counted else _NONE))
    return tuple(found[:PROBLEM_LIMIT])


def _calculated(form: Form, response: Any) -> Iterator[tuple[_Key, Mapping[str, Any]]]:
    """Every calculated item of a response, in document order."""
    waiting: list[tuple[_Key, Any]] = [((), response)] if isinstance(response, dict) else []
    while waiting:
        key, node = waiting.pop()
        link_id = node.get("linkId")
        item = form.items.get(link_id) if isinstance(link_id, str) else None
        if item is not None and item.calculated is not None:
            yield key, node
        waiting.extend(reversed([*_inside(key, node)]))


def _inside(around: _Key, holder: Mapping[str, Any]) -> Iterator[tuple[_Key, Mapping[str, Any]]]:
    count: dict[str, int] = {}
    for node in objects(holder.get("item")):
        link_id = node.get("linkId")
        if isinstance(link_id, str):
            count[link_id] = count.get(link_id, -1) + 1
            yield (around, link_id, count[link_id]), node
    for index, answer in enumerate(listed(holder.get("answer"))):
        if isinstance(answer, dict):
            yield (around, index), answer


def _unsure(form: Form, calculation: Calculation) -> set[str]:
    """The linkIds of what nobody can say here what it comes to, and of what is around it."""
    order = order_of(form)
    failed = {each.link_id for each in calculation.problems if each.severity != "information"}
    left_out = (chain_of(form, form.items[name]) for name in order.left_out)
    found = {each.link_id for chain in left_out for each in chain}
    # Each comes after those that it reads.
    for one in order.items:
        reads = found if one.reads is None else one.reads & found
        if reads or one.item.link_id in failed or _tells_the_time(form, one):
            found.update(each.link_id for each in one.chain)
    return found


def _tells_the_time(form: Form, one: Calculated) -> bool:
    """Whether it may come to something else on another day."""
    variables = (each for item in one.chain for each in definitions(item.raw).values())
    around = (str(each.get("expression")) for each in variables)
    return any(map(_CLOCK.search, (one.expression, *form.variables.values(), *around)))


def _values(node: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """The values of an item's answers, each with its property."""
    found = (value_of(answer) for answer in objects(node.get("answer")))
    return [each for each in found if each[0]]


def _agree(given: list[tuple[str, Any]], counted: list[tuple[str, Any]]) -> bool:
    return len(given) == len(counted) and all(map(_same, given, counted))


def _same(given: tuple[str, Any], counted: tuple[str, Any]) -> bool:
    """Whether two values say the same: a coding's display and a number's rounding say nothing."""
    kind, value, other = *given, counted[1]
    if kind != counted[0]:
        return False
    if kind == "valueCoding":
        return _parts(value, "system", "code") == _parts(other, "system", "code")
    if kind == "valueQuantity" and isinstance(value, dict) and isinstance(other, dict):
        unit = "code" if "code" in value and "code" in other else "unit"
        if value.get(unit) != other.get(unit):
            return False
        value, other = value.get("value"), other.get("value")
    return bool(value == other) or _is_rounded(value, other)


def _parts(value: Any, *names: str) -> list[Any]:
    return [value.get(name) for name in names] if isinstance(value, dict) else [value]


def _is_rounded(value: Any, exact: Any) -> bool:
    """Whether a number is another one to as many decimal places as it has."""
    if not all(type(each) in (int, float) for each in (value, exact)):
        return False
    short, whole = Decimal(str(value)), Decimal(str(exact))
    exponent = short.as_tuple().exponent
    # Of what is no finite number it is a letter.
    if not isinstance(exponent, int):
        return False
    return abs(short - whole) * 2 <= Decimal(1).scaleb(min(exponent, 0))


def _problem(link_id: Placed, message: str) -> Problem:
    text = f"{shown(link_id)}: {message}"
    return Problem("warning", "business-rule", written(link_id.path), str(link_id), text)
