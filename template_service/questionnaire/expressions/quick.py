"""Common shapes of FHIRPath compiled to closures over an index of the response.

What is taken: paths to items and answers (`%resource.item.where(linkId = 'x')`, the same with
`descendants()` or `repeat(item)`, relative paths, chains of `item.where(...)`), the values of
answers and the parts of a coding or a quantity, variables, literals, logic, arithmetic, comparisons
and the functions of the tables at the end. An expression with anything else in it is left to the
library, and so is one that meets, while it runs, what it is not sure of.

What closures look at and make is counted; beyond a limit the library must say, which counts all.
"""

from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Any

from template_service.questionnaire.expressions.closures import (
    Kind,
    NotTaken,
    Part,
    Surroundings,
    count,
    gathered,
)
from template_service.questionnaire.expressions.operators import Values, truth
from template_service.questionnaire.expressions.parts import (
    FUNCTIONS,
    choice_of,
    operation,
    rounded_to,
    starting,
)
from template_service.questionnaire.expressions.paths import (
    HOLDING,
    STEPS,
    children_of,
    every_item,
    part_of,
    repeated,
    weights_of,
)
from template_service.questionnaire.expressions.syntax import NotParsed, parse
from template_service.questionnaire.expressions.tree import (
    Call,
    Literal,
    Member,
    Node,
    Operation,
    Signed,
    Special,
    Variable,
    size,
)
from template_service.questionnaire.values import VALUE_KINDS

_RESPONSE = Variable("resource")
_ITEMS = (Member(None, "item"),)


def compile_quick(expression: str) -> Part | None:
    """The closure of an expression, or None when the library must evaluate it."""
    try:
        return _compiled(expression)
    except RecursionError:
        # That the stack is nearly full says nothing of the expression, and is not remembered.
        return None


@lru_cache(maxsize=4096)
def _compiled(expression: str) -> Part | None:
    try:
        return _compile(parse(expression), Kind.NODE)
    except (NotParsed, NotTaken):
        return None


def _compile(node: Node, focus: Kind) -> Part:
    compile_ = _COMPILERS.get(type(node))
    if compile_ is None:
        raise NotTaken
    return compile_(node, focus)


def _literal(node: Literal, _focus_kind: Kind) -> Part:
    values = [] if node.value is None else [node.value]
    kind = Kind.TRUTH if type(node.value) is bool else Kind.MADE
    return Part(lambda _where, _focus: values, kind)


def _special(node: Special, focus: Kind) -> Part:
    if node.name == "this":
        return _focus(focus)
    if node.name == "total":
        return Part(lambda where, _focus: where.total, Kind.GIVEN)
    raise NotTaken


def _signed(node: Signed, focus: Kind) -> Part:
    match node:
        case Signed(sign="-", operand=Literal(value=int() | Decimal() as value)):
            return _literal(Literal(-value), focus)
    raise NotTaken


def _operation(node: Operation, focus: Kind) -> Part:
    return operation(node.sign, _compile(node.left, focus), _compile(node.right, focus))


def _focus(kind: Kind) -> Part:
    return Part(lambda _where, focus: [focus], kind)


def _variable(node: Variable, _focus_kind: Kind) -> Part:
    name = node.name
    if name == "resource":
        return Part(lambda where, _focus: [where.index.response], Kind.NODE)
    if name in ("questionnaire", "qitem"):
        raise NotTaken
    return Part(lambda where, _focus: where.variable(name), Kind.GIVEN)


def _member(node: Member, focus: Kind) -> Part:
    of, name = node.of, node.name
    base = _focus(focus) if of is None else _compile(of, focus)
    step = STEPS.get(name)
    if name in VALUE_KINDS and base.kind == Kind.ANSWER:
        step = (Kind.ANSWER, Kind.VALUE, part_of(name))
    elif name == "value" and base.kind == Kind.VALUE:
        step = (Kind.VALUE, Kind.TEXT, part_of(name))
    if step is None:
        raise NotTaken
    on, kind, take = step
    if base.kind != on and not (on == Kind.NODE and base.kind in HOLDING[name]):
        raise NotTaken
    inner = base.run
    if of is None:
        return Part(lambda _where, focus: take(focus), kind)

    def members(where: Surroundings, focus: Any) -> Values:
        found = inner(where, focus)
        if len(found) == 1:
            return take(found[0])
        return gathered(where, found, take)

    return Part(members, kind, base.link_id if name != "item" else None)


def _call(node: Call, focus: Kind) -> Part:
    if node.of is None:
        return _choice(node, focus)
    if node.name == "where" and len(node.arguments) == 1:
        return _where(node.of, node.arguments[0], focus)
    if node.name == "repeat" and (node.of, node.arguments) == (_RESPONSE, _ITEMS):
        return Part(every_item, Kind.NODE)
    base = _compile(node.of, focus)
    if not node.arguments and node.name in _WITHOUT_ARGUMENT:
        return _WITHOUT_ARGUMENT[node.name](base)
    if len(node.arguments) == 1 and node.name in _WITH_ARGUMENT:
        return _WITH_ARGUMENT[node.name](base, node.arguments[0], focus)
    raise NotTaken


def _choice(node: Call, focus: Kind) -> Part:
    if node.name == "iif" and len(node.arguments) in (2, 3):
        return choice_of([_compile(each, focus) for each in node.arguments])
    raise NotTaken


def _starting(base: Part, beginning: Node, _focus_kind: Kind) -> Part:
    match beginning:
        case Literal(value=str(text)) if base.kind == Kind.TEXT:
            return starting(base, text)
    raise NotTaken


def _combined(sign: str) -> "_WithArgument":
    return lambda base, other, focus: operation(sign, base, _compile(other, focus))


def _where(of: Node, criteria: Node, focus: Kind) -> Part:
    """`where`, by the index if it asks for a linkId."""
    link_id, rest = _asked_link_id(criteria)
    found = None if link_id is None else _found_by(link_id, of, focus)
    if found is None:
        return _filtered(_compile(of, focus), criteria)
    return found if rest is None else _filtered(found, rest)


def _asked_link_id(criteria: Node) -> tuple[str | None, Node | None]:
    """The linkId that criteria ask for, and what they ask for besides."""
    match criteria:
        case Operation(
            sign="=", left=Member(of=None, name="linkId"), right=Literal(value=str(value))
        ):
            return value, None
        case Operation(sign="and", left=left, right=right):
            link_id, rest = _asked_link_id(left)
            both = right if rest is None else Operation("and", rest, right)
            return link_id, both if link_id is not None else None
    return None, None


def _found_by(link_id: str, of: Node, focus: Kind) -> Part | None:
    """The items of a linkId among those that a path gives."""
    match of:
        case Call(of=Variable(name="resource"), name="descendants", arguments=()):
            return Part(lambda where, _focus: where.index.everywhere(link_id), Kind.NODE, link_id)
        case Call(of=Variable(name="resource"), name="repeat", arguments=arguments) if (
            arguments == _ITEMS
        ):
            return Part(repeated(link_id), Kind.NODE, link_id)
        case Member(of=around, name="item"):
            base = _focus(focus) if around is None else _compile(around, focus)
            if base.kind not in (Kind.NODE, Kind.ANSWER, Kind.GIVEN):
                raise NotTaken
            return Part(children_of(base.run, link_id), Kind.NODE, link_id)
    return None


def _filtered(base: Part, criteria: Node) -> Part:
    test = _compile(criteria, base.kind)
    if test.kind != Kind.TRUTH:
        raise NotTaken
    inner, holds, cost = base.run, test.run, size(criteria)

    def filtered(where: Surroundings, focus: Any) -> Values:
        found = inner(where, focus)
        count(where, len(found) * cost)
        return [each for each in found if truth(holds(where, each))]

    return Part(filtered, base.kind, base.link_id)


def _selected(base: Part, projection: Node) -> Part:
    each_of = _compile(projection, base.kind)
    inner, project, cost = base.run, each_of.run, size(projection)

    def selected(where: Surroundings, focus: Any) -> Values:
        found = inner(where, focus)
        count(where, len(found) * cost)
        return gathered(where, found, lambda each: project(where, each))

    return Part(selected, each_of.kind)


def _aggregated(base: Part, step: Node) -> Part:
    """`aggregate` without a start: `$total` is empty at first."""
    each_of = _compile(step, base.kind)
    inner, add, cost = base.run, each_of.run, size(step)

    def aggregated(where: Surroundings, focus: Any) -> Values:
        found = inner(where, focus)
        count(where, len(found) * cost)
        outer, where.total = where.total, []
        for each in found:
            where.total = add(where, each)
        where.total, result = outer, where.total
        return result

    return Part(aggregated, each_of.kind)


_WithArgument = Callable[[Part, Node, Kind], Part]

_WITHOUT_ARGUMENT: Mapping[str, Callable[[Part], Part]] = {
    **FUNCTIONS,
    "ordinal": weights_of,
    "weight": weights_of,
}

_WITH_ARGUMENT: Mapping[str, _WithArgument] = {
    "aggregate": lambda base, step, _focus_kind: _aggregated(base, step),
    "combine": _combined("combine"),
    "exists": lambda base, criteria, _focus_kind: FUNCTIONS["exists"](_filtered(base, criteria)),
    "intersect": _combined("intersect"),
    "round": lambda base, places, focus: rounded_to(base, _compile(places, focus)),
    "select": lambda base, projection, _focus_kind: _selected(base, projection),
    "startsWith": _starting,
    "union": _combined("|"),
}
"""Functions with one argument."""

_COMPILERS: Mapping[type[Any], Callable[[Any, Kind], Part]] = {
    Call: _call,
    Literal: _literal,
    Member: _member,
    Operation: _operation,
    Signed: _signed,
    Special: _special,
    Variable: _variable,
}
