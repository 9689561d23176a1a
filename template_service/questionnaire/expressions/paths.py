"""What a path of FHIRPath reads from a response: items, answers, values and their parts."""

from collections.abc import Callable, Mapping
from itertools import combinations
from typing import Any

from template_service.questionnaire.expressions.closures import (
    Kind,
    NotTaken,
    Part,
    Run,
    Surroundings,
    count,
    counted,
    gathered,
)
from template_service.questionnaire.expressions.operators import NotSure, Values
from template_service.questionnaire.form import Option
from template_service.questionnaire.values import VALUE_KINDS

_FEW = 100
"""Items of one linkId that are compared with each other."""


def _listed(name: str) -> Callable[[Any], Values]:
    def take(node: Any) -> Values:
        found: Values = node.get(name, [])
        return found

    return take


def part_of(name: str) -> Callable[[Any], Values]:
    """Reads a part of a value that is there once at most."""
    shadow = f"_{name}"

    def take(element: Any) -> Values:
        if type(element) is not dict:
            return _nothing(element)
        if shadow in element:
            raise NotSure
        if name not in element:
            return []
        value = element[name]
        if value is None or type(value) is list:
            raise NotSure
        return [value]

    return take


def _nothing(element: Any) -> Values:
    """A text, a number or a boolean has no parts."""
    if type(element) not in (str, int, float, bool):
        raise NotSure
    return []


def _value(answer: Any) -> Values:
    for key in answer:
        if key in VALUE_KINDS:
            return [answer[key]]
    return []


STEPS: Mapping[str, tuple[Kind, Kind, Callable[[Any], Values]]] = {
    "item": (Kind.NODE, Kind.NODE, _listed("item")),
    "answer": (Kind.NODE, Kind.ANSWER, _listed("answer")),
    "linkId": (Kind.NODE, Kind.TEXT, part_of("linkId")),
    "value": (Kind.ANSWER, Kind.VALUE, _value),
    "code": (Kind.VALUE, Kind.TEXT, part_of("code")),
    "system": (Kind.VALUE, Kind.TEXT, part_of("system")),
    "display": (Kind.VALUE, Kind.TEXT, part_of("display")),
    "unit": (Kind.VALUE, Kind.TEXT, part_of("unit")),
}
"""name -> (what it is a member of, what it is, how it is read)"""

HOLDING: Mapping[str, tuple[Kind, ...]] = {
    "item": (Kind.ANSWER, Kind.GIVEN),
    "answer": (Kind.GIVEN,),
    "linkId": (Kind.GIVEN,),
}
"""What else may hold a member of an item."""


def children_of(inner: Run, link_id: str) -> Run:
    """`item.where(linkId = ...)` of whatever a closure gives."""

    def children(where: Surroundings, focus: Any) -> Values:
        inside = where.index.inside
        found = inner(where, focus)
        if len(found) == 1:
            return list(inside(found[0], link_id))
        return gathered(where, found, lambda each: inside(each, link_id))

    return children


def repeated(link_id: str) -> Run:
    """`repeat(item).where(linkId = ...)` of the response.

    `repeat` leaves out what is equal to what it has: then the library says which.
    """

    def once(where: Surroundings, _focus: Any) -> Values:
        nodes = where.index.items(link_id)
        if len(nodes) > _FEW:
            raise NotSure
        if len(nodes) > 1:
            longest = max(len(node.get(name, ())) for node in nodes for name in ("item", "answer"))
            count(where, len(nodes) ** 2 // 2 * (1 + longest))
        if any(first == later for first, later in combinations(nodes, 2)):
            raise NotSure
        return nodes

    return once


def every_item(where: Surroundings, _focus: Any) -> Values:
    """`repeat(item)` of the response, if nothing in it is there twice."""
    count(where, where.index.size)
    return where.index.every_item()


def weights_of(base: Part) -> Part:
    """`weight` of answers to a known question, by its options; anything else is the library's."""
    if base.kind not in (Kind.ANSWER, Kind.VALUE) or base.link_id is None:
        raise NotTaken
    inner, link_id = base.run, base.link_id

    def weights(where: Surroundings, focus: Any) -> Values:
        found = counted(where, inner(where, focus))
        options = where.form.items[link_id].by_coding if found else {}
        return [_weight(each, options) for each in found]

    return Part(weights, Kind.MADE)


def _weight(given: Any, options: Mapping[tuple[str | None, str], Option]) -> Any:
    coding = given.get("valueCoding", given)
    if not _CODING.issuperset(coding) or not _ANSWER.issuperset(given):
        raise NotSure
    weight = options[coding.get("system"), coding["code"]].weight
    if weight is None:
        raise NotSure
    return weight


_CODING = frozenset(("system", "version", "code", "display", "userSelected", "id"))
_ANSWER = _CODING | {"valueCoding", "item"}
