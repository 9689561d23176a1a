"""What an expression plainly gives, whatever is answered: held against what its place takes."""

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal

from template_service.questionnaire.checking.places import Written
from template_service.questionnaire.checking.source import Report
from template_service.questionnaire.checking.work import Work
from template_service.questionnaire.elements import objects
from template_service.questionnaire.expressions.syntax import NotParsed, parse
from template_service.questionnaire.expressions.tree import (
    Call,
    Indexed,
    Literal,
    Member,
    Node,
    Operation,
    Signed,
    Special,
    Variable,
    inside,
)

ENABLED_BY = "sdc-questionnaire-enableWhenExpression"
CALCULATED = "sdc-questionnaire-calculatedExpression"

_TRUTH, _NUMBER, _TEXT = "true or false", "a number", "a text"
_OF_LITERALS: Mapping[type, str] = {bool: _TRUTH, int: _NUMBER, Decimal: _NUMBER, str: _TEXT}
_OF_SIGNS: Mapping[str, str] = {
    **dict.fromkeys(("and", "or", "xor", "implies", "in", "contains", "is"), _TRUTH),
    **dict.fromkeys(("=", "!=", "~", "!~", "<", "<=", ">", ">="), _TRUTH),
    **dict.fromkeys(("div", "mod"), _NUMBER),
    "&": _TEXT,
}
_OF_FUNCTIONS: Mapping[str, str] = {
    **dict.fromkeys(("exists", "empty", "all", "not", "hasValue", "startsWith"), _TRUTH),
    **dict.fromkeys(("endsWith", "matches", "isDistinct", "subsetOf", "supersetOf"), _TRUTH),
    **dict.fromkeys(("allTrue", "anyTrue", "allFalse", "anyFalse", "toBoolean"), _TRUTH),
    **dict.fromkeys(("memberOf", "is", "contains"), _TRUTH),
    **dict.fromkeys(("count", "length", "indexOf", "toInteger", "toDecimal"), _NUMBER),
    **dict.fromkeys(("toString", "upper", "lower", "replace", "join"), _TEXT),
}
_KEEPING = frozenset(("first", "last", "single", "trace"))
# What `expressions.writing` makes no answer of, for items without options.
_UNFIT: Mapping[str, frozenset[str]] = {
    _TRUTH: frozenset(
        {
            *("integer", "decimal", "quantity", "string", "text", "url"),
            *("date", "dateTime", "time", "reference", "attachment"),
        }
    ),
    _NUMBER: frozenset(
        {
            *("boolean", "quantity", "string", "text", "url"),
            *("date", "dateTime", "time", "reference", "attachment"),
        }
    ),
    _TEXT: frozenset({"boolean", "integer", "decimal", "quantity", "reference", "attachment"}),
}


def check_results(expressions: Iterable[Written], work: Work, report: Report) -> None:
    """Report calculations of another type than their item, and conditions that decide nothing.

    Only what is plain from how an expression is written.
    """
    for one in expressions:
        if one.kind not in _CHECKS or not one.runs or not work.in_time():
            continue
        try:
            tree = parse(one.text)
            kind = _kind(tree)
        except (NotParsed, RecursionError):
            continue
        _CHECKS[one.kind](one, tree, kind, report)


def _check_condition(one: Written, tree: Node, kind: str | None, report: Report) -> None:
    if kind not in (None, _TRUTH):
        message = f"It gives {kind}, never true or false: the item is asked whenever it does."
        one.say(message, "value", report)
    elif _is_constant(tree):
        message = "It says the same whatever is answered, so it decides nothing."
        one.say(message, "business-rule", report)


def _check_calculation(one: Written, _: Node, kind: str | None, report: Report) -> None:
    item = one.item
    if item is None or kind is None or objects(item.json.get("answerOption")):
        return
    if item.type in _UNFIT[kind]:
        message = f"It gives {kind}, which no item of type {item.type} can hold."
        one.say(message, "value", report)


_CHECKS: Mapping[str, Callable[[Written, Node, str | None, Report], None]] = {
    ENABLED_BY: _check_condition,
    CALCULATED: _check_calculation,
}


def _kind(node: Node) -> str | None:
    """The kind of what an expression gives, if anything; None when that is not plain."""
    match node:
        case Literal(value=given):
            return _OF_LITERALS.get(type(given))
        case Signed(operand=operand) | Indexed(of=operand):
            return _kind(operand)
        case Operation(sign=sign, left=left, right=right):
            return _OF_SIGNS.get(sign) or _common(left, right)
        case Call(of=None, name="iif", arguments=(_, then, *otherwise)):
            return _common(then, *otherwise)
        case Call(of=of, name=name):
            kept = of if name in _KEEPING else None
            return _OF_FUNCTIONS.get(name) if kept is None else _kind(kept)
    return None


def _common(*nodes: Node) -> str | None:
    """The kind that all of several have."""
    kinds = {_kind(each) for each in nodes}
    return kinds.pop() if len(kinds) == 1 else None


def _is_constant(tree: Node) -> bool:
    """Whether an expression looks at nothing: not at the response, the questionnaire, the clock."""
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, Member | Variable | Special):
            return False
        if isinstance(node, Call) and node.of is None and node.name != "iif":
            return False
        waiting += inside(node)
    return True
