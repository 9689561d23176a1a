"""Which items of a response an expression reads, worked out from its text alone."""

from collections.abc import Iterator, Mapping

from template_service.questionnaire.expressions.syntax import NotParsed, parse
from template_service.questionnaire.expressions.tree import (
    Call,
    Indexed,
    Literal,
    Member,
    Node,
    Operation,
    Special,
    Variable,
    inside,
)

Reach = frozenset[str] | None
"""The linkIds of the items that a value is a part of; None: of any item."""

_NOWHERE: frozenset[str] = frozenset()
_RESPONSE = ("resource", "rootResource")
# What does not change while a person answers.
_FIXED = ("questionnaire", "qitem", "ucum", "sct", "loinc")
_CLOCK = ("today", "now", "timeOfDay")
_KEEPING = (
    *("first", "last", "tail", "take", "skip", "single", "distinct", "ofType", "as", "trace"),
    *("descendants", "children", "repeat"),
)


def linkids(
    expression: str, variables: Mapping[str, str], here: str | None = None
) -> frozenset[str] | None:
    """The linkIds of the items whose answers, or anything inside them, an expression reads.

    `variables` (name -> FHIRPath) are all that are visible where it stands; any other name is
    taken for something that answers do not change. `here` is the linkId of its own item, which its
    focus is, or None for the response. None: it may look at any item.
    """
    return _Reader(variables).everything(expression, here)


class _Anything(Exception):
    """The expression may look at any item."""


class _Reader:
    """Walks one expression and the variables it uses, gathering what they read."""

    def __init__(self, variables: Mapping[str, str]) -> None:
        self._variables = variables
        self._reaches: dict[str, Reach] = {}
        self._busy: set[str] = set()
        self._seen: set[str] = set()

    def everything(self, expression: str, here: str | None) -> frozenset[str] | None:
        own = None if here is None else frozenset((here,))
        self._own = own
        try:
            self._read(self._reach(parse(expression), own))
        except (_Anything, NotParsed, RecursionError):
            return None
        return frozenset(self._seen)

    def _read(self, reach: Reach) -> frozenset[str]:
        """The value itself is looked at, not only a path through it."""
        if reach is None:
            raise _Anything
        self._seen |= reach
        return _NOWHERE

    def _reach(self, node: Node, focus: Reach) -> Reach:
        match node:
            case Variable(name=name):
                return self._variable(name)
            case Special(name="this"):
                return focus
            case Member(of=None):
                return focus
            case Member(of=of) if of is not None:
                return self._reach(of, focus)
            case Call(of=of, name=name, arguments=arguments):
                base = focus if of is None else self._reach(of, focus)
                return self._call(name, base, arguments, focus)
        return self._reach_of_parts(node, focus)

    def _reach_of_parts(self, node: Node, focus: Reach) -> Reach:
        match node:
            case Indexed(of=of, at=at):
                self._read(self._reach(at, focus))
                return self._reach(of, focus)
            case Operation(sign="|", left=left, right=right):
                return _joined(self._reach(left, focus), self._reach(right, focus))
        for part in inside(node):
            self._read(self._reach(part, focus))
        return _NOWHERE

    def _variable(self, name: str) -> Reach:
        if name in self._variables:
            return self._defined(name)
        if name in _RESPONSE:
            return None
        return self._own if name == "context" else _NOWHERE

    def _defined(self, name: str) -> Reach:
        if name in self._busy:
            raise _Anything
        if name not in self._reaches:
            self._busy.add(name)
            # Its own focus may be an item around this one, or the response.
            own, self._own = self._own, None
            self._reaches[name] = self._reach(parse(self._variables[name]), None)
            self._own = own
            self._busy.discard(name)
        return self._reaches[name]

    def _call(self, name: str, base: Reach, arguments: tuple[Node, ...], focus: Reach) -> Reach:
        if name in _KEEPING:
            return base
        if name in ("where", "exists", "all") and len(arguments) == 1:
            found = self._filtered(base, arguments[0])
            return found if name == "where" else self._read(found)
        if name == "iif" and arguments:
            self._read(self._reach(arguments[0], base))
            return _all_joined([self._reach(each, base) for each in arguments[1:]])
        if name in ("select", "aggregate") and arguments:
            starts = [self._reach(each, focus) for each in arguments[1:]]
            return _all_joined([self._reach(arguments[0], base), *starts])
        # The arguments of others are relative to the focus around the whole path, not to the path.
        others = [self._reach(each, focus) for each in arguments]
        if name in ("combine", "union", "intersect", "exclude"):
            return _all_joined([base, *others])
        return _NOWHERE if name in _CLOCK else self._read(_all_joined([base, *others]))

    def _filtered(self, base: Reach, criteria: Node) -> Reach:
        asked = _asked(criteria)
        found = base if asked is None or base == _NOWHERE else asked
        for each in _tests(criteria):
            # Which items they are is not what is answered.
            if _asked(each) is None:
                self._read(self._reach(each, found))
        return found


def _tests(criteria: Node) -> Iterator[Node]:
    """What must hold together, one by one."""
    match criteria:
        case Operation(sign="and", left=left, right=right):
            yield from _tests(left)
            yield from _tests(right)
        case _:
            yield criteria


def _asked(criteria: Node) -> frozenset[str] | None:
    """The linkIds that criteria let through, or None when they let through any."""
    match criteria:
        case (
            Operation(
                sign="=" | "~", left=Member(of=None, name="linkId"), right=Literal(value=str(value))
            )
            | Operation(
                sign="=" | "~", left=Literal(value=str(value)), right=Member(of=None, name="linkId")
            )
        ):
            return frozenset((value,))
        case Operation(sign="and", left=left, right=right):
            both = [each for each in (_asked(left), _asked(right)) if each is not None]
            return both[0] if both else None
        case Operation(sign="or", left=left, right=right):
            first, second = _asked(left), _asked(right)
            return None if first is None or second is None else first | second
        case Operation(sign="in", left=Member(of=None, name="linkId"), right=right):
            return _texts(right)
    return None


def _texts(node: Node) -> frozenset[str] | None:
    match node:
        case Literal(value=str(value)):
            return frozenset((value,))
        case Operation(sign="|", left=left, right=right):
            first, second = _texts(left), _texts(right)
            return None if first is None or second is None else first | second
    return None


def _joined(first: Reach, second: Reach) -> Reach:
    return None if first is None or second is None else first | second


def _all_joined(reaches: list[Reach]) -> Reach:
    found: Reach = _NOWHERE
    for each in reaches:
        found = _joined(found, each)
    return found
