"""Which items of a response an expression reads, worked out from its text alone."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

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
from template_service.questionnaire.expressions.variables import in_order
from template_service.questionnaire.form import Form, Item

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
    return Sources(variables).linkids(expression, here)


class _Anything(Exception):
    """The expression may look at any item."""


class _Found(NamedTuple):
    """Of what items a variable is a part, and which it reads besides."""

    reach: Reach
    seen: frozenset[str]


class Sources:
    """What is read through the variables of one place and those around it, each worked out once."""

    def __init__(self, variables: Mapping[str, str], around: "Sources | None" = None) -> None:
        self._variables = variables
        self._around = around
        self._found: dict[str, _Found | None] = {}
        self.sets: dict[frozenset[str], frozenset[str]] = {} if around is None else around.sets

    def inside(self, variables: Mapping[str, str]) -> "Sources":
        """The variables of an item within this place."""
        return Sources(variables, self) if variables else self

    def linkids(self, expression: str, here: str | None) -> frozenset[str] | None:
        """See `linkids`, of an expression that stands in this place."""
        found = self.read(expression, None if here is None else frozenset((here,)))
        if found is None or found.reach is None:
            return None
        return self._shared(found.seen | found.reach)

    def read(self, expression: str, own: Reach) -> _Found | None:
        """What an expression with this focus reads; None when it may look at any item."""
        reader = _Reader(self, own)
        try:
            reach = reader.reach(parse(expression), own)
        except (_Anything, NotParsed, RecursionError):
            return None
        return _Found(reach, self._shared(frozenset(reader.seen)))

    def variable(self, name: str) -> _Found | None:
        """What a variable reads. KeyError when there is none of that name."""
        if name not in self._variables:
            if self._around is None:
                raise KeyError(name)
            return self._around.variable(name)
        for each in in_order(name, self._variables.get, self._found):
            # One that needs itself may be anything.
            self._found[each] = None
            # Its own focus may be an item around the place, or the response.
            self._found[each] = self.read(self._variables[each], None)
        return self._found[name]

    def _shared(self, link_ids: frozenset[str]) -> frozenset[str]:
        """Equal sets once: thousands of expressions may read what one variable does."""
        return self.sets.setdefault(link_ids, link_ids)


class Places:
    """The Sources of every place of a form, each made once.

    `variables_of` gives the variables of an element, name -> FHIRPath.
    """

    def __init__(
        self, form: Form, variables_of: Callable[[Mapping[str, Any]], Mapping[str, str]]
    ) -> None:
        self._form = form
        self._variables_of = variables_of
        self._known: dict[str | None, Sources] = {None: Sources(variables_of(form.resource))}

    def at(self, link_id: str | None) -> Sources:
        """What is visible inside an item; None: in the response."""
        waiting: list[Item] = []
        while link_id is not None and link_id not in self._known:
            waiting.append(self._form.items[link_id])
            link_id = waiting[-1].parent
        found = self._known[link_id]
        for item in reversed(waiting):
            found = self._known[item.link_id] = found.inside(self._variables_of(item.raw))
        return found


class _Reader:
    """Walks one expression, gathering what it reads."""

    def __init__(self, sources: Sources, own: Reach) -> None:
        self._sources = sources
        self._own = own
        self.seen: set[str] = set()

    def _read(self, reach: Reach) -> frozenset[str]:
        """The value itself is looked at, not only a path through it."""
        if reach is None:
            raise _Anything
        self.seen |= reach
        return _NOWHERE

    def reach(self, node: Node, focus: Reach) -> Reach:
        """The items that the value of a node is a part of."""
        match node:
            case Variable(name=name):
                return self._variable(name)
            case Special(name="this"):
                return focus
            case Member(of=None):
                return focus
            case Member(of=of) if of is not None:
                return self.reach(of, focus)
            case Call(of=of, name=name, arguments=arguments):
                base = focus if of is None else self.reach(of, focus)
                return self._call(name, base, arguments, focus)
        return self._reach_of_parts(node, focus)

    def _reach_of_parts(self, node: Node, focus: Reach) -> Reach:
        match node:
            case Indexed(of=of, at=at):
                self._read(self.reach(at, focus))
                return self.reach(of, focus)
            case Operation(sign="|", left=left, right=right):
                return _joined(self.reach(left, focus), self.reach(right, focus))
        for part in inside(node):
            self._read(self.reach(part, focus))
        return _NOWHERE

    def _variable(self, name: str) -> Reach:
        try:
            found = self._sources.variable(name)
        except KeyError:
            if name in _RESPONSE:
                return None
            return self._own if name == "context" else _NOWHERE
        if found is None:
            raise _Anything
        self.seen |= found.seen
        return found.reach

    def _call(self, name: str, base: Reach, arguments: tuple[Node, ...], focus: Reach) -> Reach:
        if name in _KEEPING:
            return base
        if name in ("where", "exists", "all") and len(arguments) == 1:
            found = self._filtered(base, arguments[0])
            return found if name == "where" else self._read(found)
        if name == "iif" and arguments:
            self._read(self.reach(arguments[0], base))
            return _all_joined([self.reach(each, base) for each in arguments[1:]])
        if name in ("select", "aggregate") and arguments:
            starts = [self.reach(each, focus) for each in arguments[1:]]
            return _all_joined([self.reach(arguments[0], base), *starts])
        # The arguments of others are relative to the focus around the whole path, not to the path.
        others = [self.reach(each, focus) for each in arguments]
        if name in ("combine", "union", "intersect", "exclude"):
            return _all_joined([base, *others])
        return _NOWHERE if name in _CLOCK else self._read(_all_joined([base, *others]))

    def _filtered(self, base: Reach, criteria: Node) -> Reach:
        asked = _asked(criteria)
        found = base if asked is None or base == _NOWHERE else asked
        for each in _tests(criteria):
            # Which items they are is not what is answered.
            if _asked(each) is None:
                self._read(self.reach(each, found))
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
