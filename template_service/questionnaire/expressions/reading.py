"""What one expression reads: a walk over its tree that gathers the items it looks at.

A value that an answer may change in any way counts as read: by what it is, by how many there are
before it, by failing. Whatever is not known to pass its elements on unseen reads all it is given.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

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

Reach = frozenset[str] | None
"""The linkIds of the items that a value is a part of; None: of any item."""

NOWHERE: frozenset[str] = frozenset()
_RESPONSE = ("resource", "rootResource")
_CLOCK = ("today", "now", "timeOfDay")
_TYPED = ("is", "as", "ofType")
# Each element passes by itself, whatever is beside it.
_PASSING = ("children", "descendants", "distinct", "ofType", "trace")
_TOGETHER = ("combine", "union")
# Which of them pass depends on all.
_CHOOSING = ("first", "last", "tail", "take", "skip", "single", "as", "intersect", "exclude")
# They give nothing of nothing.
_OF_SOMETHING = frozenset(
    (*_PASSING, *_CHOOSING, "where", "weight", "ordinal", "sum", "min", "max")
)
_STRICT = frozenset(("+", "-", "*", "/", "div", "mod", "=", "!=", "<", "<=", ">", ">="))


class Anything(Exception):
    """The expression may look at any item."""


class Found(NamedTuple):
    """Of what items a variable is a part, and which it reads besides."""

    reach: Reach
    seen: frozenset[str]


class Reader:
    """Walks one expression, gathering in `seen` what it reads.

    `variable` gives what a variable reads (None: anything; KeyError: there is none of that name),
    `own` is the reach of %context.
    """

    def __init__(self, variable: Callable[[str], Found | None], own: Reach) -> None:
        self._variable_of = variable
        self._own = own
        # What $index counts.
        self._among: Reach = NOWHERE
        self.seen: set[str] = set()

    def _read(self, reach: Reach) -> frozenset[str]:
        """The value itself is looked at, not only a path through it."""
        if reach is None:
            raise Anything
        self.seen |= reach
        return NOWHERE

    def reach(self, node: Node, focus: Reach) -> Reach:
        """The items that the value of a node is a part of. Raises Anything."""
        match node:
            case Variable(name=name):
                return self._variable(name)
            case Special(name="this") | Member(of=None):
                return focus
            case Special(name="index"):
                return self._read(self._among)
            case Member(of=of) if of is not None:
                return self.reach(of, focus)
            case Call() if node.of is not None or node.name not in _CLOCK:
                return self._call(node, focus)
        return self._reach_of_parts(node, focus)

    def _reach_of_parts(self, node: Node, focus: Reach) -> Reach:
        match node:
            case Indexed(of=of, at=at):
                self._read(self.reach(at, focus))
                return self._chosen(self.reach(of, focus))
            case Operation(sign="|", left=left, right=right):
                return _joined((self.reach(left, focus), self.reach(right, focus)))
        for part in inside(node):
            self._read(self.reach(part, focus))
        return NOWHERE

    def _chosen(self, base: Reach) -> Reach:
        """Some of what there is."""
        self._read(base)
        return base

    def _variable(self, name: str) -> Reach:
        try:
            found = self._variable_of(name)
        except KeyError:
            if name in _RESPONSE:
                return None
            return self._own if name == "context" else NOWHERE
        if found is None:
            raise Anything
        self.seen |= found.seen
        return found.reach

    def _call(self, node: Call, focus: Reach) -> Reach:
        base = focus if node.of is None else self.reach(node.of, focus)
        match node.name, node.arguments:
            case "where" | "exists" as name, (criteria,):
                found = self._filtered(base, criteria)
                return found if name == "where" else self._read(found)
            case "select", (projection,):
                return self._projected(base, projection, base)
            case "repeat", (projection,):
                return self._repeated(base, projection)
            case "aggregate", (step, *start):
                parts = (
                    self._of_each(base, step, base),
                    *(self.reach(one, focus) for one in start),
                )
                return self._read(_joined((base, *parts)))
            case "iif", (condition, *results):
                self._read(self.reach(condition, base))
                return _joined(self.reach(each, base) for each in results)
        return self._call_of_others(node, base, focus)

    def _call_of_others(self, node: Call, base: Reach, focus: Reach) -> Reach:
        # Arguments are relative to the focus around the whole path, or to the path; or are types.
        around = _joined((base, focus))
        values = () if node.name in _TYPED else node.arguments
        # Of these only all() counts its elements; to the others $index is that of what is around.
        each_of = base if node.name == "all" else self._among
        others = _joined([self._of_each(each_of, each, around) for each in values])
        if node.name in _TOGETHER:
            return _joined((base, others))
        self._read(others)
        if node.name in _PASSING:
            return base
        return self._chosen(base) if node.name in _CHOOSING else self._read(base)

    def _of_each(self, among: Reach, node: Node, focus: Reach) -> Reach:
        """The reach of what is evaluated while $index counts the elements of a collection."""
        outer, self._among = self._among, among
        found = self.reach(node, focus)
        self._among = outer
        return found

    def _filtered(self, base: Reach, criteria: Node) -> Reach:
        asked = _asked(criteria)
        found = base if asked is None or base == NOWHERE else asked
        for test in _tests(criteria):
            # Which items they are is not what is answered.
            if not _asks_only(test):
                self._read(self._of_each(base, test, found if _never_fails(test) else base))
                if not _never_fails(test):
                    # One that fails for another item fails for all, whatever it looks at.
                    self._read(base)
        return found

    def _projected(self, base: Reach, projection: Node, among: Reach) -> Reach:
        found = self._of_each(among, projection, base)
        if not _follows(projection):
            self._read(base)
        return found

    def _repeated(self, base: Reach, projection: Node) -> Reach:
        # It counts nothing: $index is that of what is around.
        found = self._projected(base, projection, self._among)
        # Otherwise the projection goes on from elsewhere, and who knows to where.
        if base is not None and not (found is not None and found <= base):
            raise Anything
        return base


def _tests(criteria: Node) -> Iterator[Node]:
    """What must hold together, one by one."""
    match criteria:
        case Operation(sign="and", left=left, right=right):
            yield from _tests(left)
            yield from _tests(right)
        case _:
            yield criteria


def _asked(criteria: Node) -> frozenset[str] | None:
    """The linkIds that criteria let through, or None when they let through any.

    With `~` that is any: it does not look at the case of letters.
    """
    match criteria:
        case (
            Operation(
                sign="=", left=Member(of=None, name="linkId"), right=Literal(value=str(value))
            )
            | Operation(
                sign="=", left=Literal(value=str(value)), right=Member(of=None, name="linkId")
            )
        ):
            return frozenset((value,))
        case Operation(sign="and", left=left, right=right):
            both = [each for each in (_asked(left), _asked(right)) if each is not None]
            return both[0] if both else None
        case Operation(sign="or", left=left, right=right):
            return _either(_asked(left), _asked(right))
        case Operation(sign="in", left=Member(of=None, name="linkId"), right=right):
            return _texts(right)
    return None


def _asks_only(test: Node) -> bool:
    """Whether a test asks for linkIds and for nothing else."""
    match test:
        case Operation(sign="and" | "or", left=left, right=right):
            return _asks_only(left) and _asks_only(right)
    return _asked(test) is not None


def _texts(node: Node) -> frozenset[str] | None:
    match node:
        case Literal(value=str(value)):
            return frozenset((value,))
        case Operation(sign="|", left=left, right=right):
            return _either(_texts(left), _texts(right))
    return None


def _never_fails(test: Node) -> bool:
    """Whether a test is true, false or empty of any element: it is never an error."""
    match test:
        case Literal(value=bool() | None):
            return True
        case Call(of=of, name="exists" | "empty", arguments=()):
            return of is None or _is_path(of)
        case Call(of=of, name="not", arguments=()) if of is not None:
            return _never_fails(of)
        case Operation(sign="and" | "or" | "xor" | "implies", left=left, right=right):
            return _never_fails(left) and _never_fails(right)
        case (
            Operation(sign="=" | "!=", left=path, right=Literal())
            | Operation(sign="=" | "!=", left=Literal(), right=path)
        ):
            return _is_path(path)
    return False


def _is_path(node: Node) -> bool:
    """Whether a node is a way from the focus that is never an error."""
    match node:
        case Special(name="this"):
            return True
        case Variable(name=name):
            # Any other may be missing, or fail itself.
            return name in (*_RESPONSE, "context")
        case Member(of=of):
            return of is None or _is_path(of)
        case Call(of=of, name="where", arguments=(test,)):
            return (of is None or _is_path(of)) and _never_fails(test)
    return False


def _follows(node: Node) -> bool:
    """Whether it gives nothing where the focus has nothing of what it reads."""
    match node:
        case Special():
            return node.name == "this"
        case Member(of=of):
            return of is None or _follows(of)
        case Call(of=of, name=name):
            return name in _OF_SOMETHING and (of is None or _follows(of))
        case Indexed(of=of) | Signed(operand=of):
            return _follows(of)
        case Operation(sign=sign, left=left, right=right):
            first, second = _follows(left), _follows(right)
            return (first and second) if sign == "|" else sign in _STRICT and (first or second)
    return False


def _either(first: frozenset[str] | None, second: frozenset[str] | None) -> frozenset[str] | None:
    return None if first is None or second is None else first | second


def _joined(reaches: Iterable[Reach]) -> Reach:
    found: Reach = NOWHERE
    for each in reaches:
        found = _either(found, each)
    return found
