"""Paths to items that stand somewhere else: `%resource.item.where(linkId='x')` of a nested item."""

from collections.abc import Iterator, Mapping

from template_service.questionnaire.checking.source import Placed, Source
from template_service.questionnaire.expressions.syntax import NotParsed, parse
from template_service.questionnaire.expressions.tree import (
    Call,
    Indexed,
    Literal,
    Member,
    Node,
    Operation,
    Variable,
    inside,
)

_ROOTS = frozenset(("resource", "rootResource"))
_KEEPING = frozenset(("first", "last", "tail", "take", "skip", "single", "distinct", "trace"))

Reach = frozenset[str] | None
"""The linkIds of the items a path may lead to; "" is the response itself; None: not known."""


class Tree:
    """Which items stand directly inside which; "" is the questionnaire."""

    def __init__(self, source: Source) -> None:
        found: dict[str, set[str]] = {}
        for item in source.items:
            found.setdefault(_around(item), set()).add(item.link_id)
        self._inside: Mapping[str, set[str]] = found
        self._known: dict[frozenset[str], frozenset[str]] = {}

    def below(self, names: frozenset[str]) -> frozenset[str]:
        """The items directly inside these."""
        if names not in self._known:
            found: frozenset[str] = frozenset()
            self._known[names] = found.union(*(self._inside.get(name, ()) for name in names))
        return self._known[names]


def _around(item: Placed) -> str:
    return item.around.link_id if item.around is not None else ""


def lost_links(expression: str, tree: Tree) -> tuple[str, ...]:
    """The linkIds that an expression looks for where they never are, each once, in order.

    Only of paths from `%resource`, step by step; any other may lead anywhere.
    """
    try:
        found = _Walk(tree).lost(parse(expression))
    except (NotParsed, RecursionError):
        return ()
    return tuple(dict.fromkeys(found))


class _Walk:
    """One walk through one expression."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree

    def lost(self, node: Node) -> Iterator[str]:
        """What is looked for in vain, in the whole of an expression."""
        waiting = [node]
        while waiting:
            here = waiting.pop()
            waiting += reversed(inside(here))
            match here:
                case Call(of=of, name="where", arguments=(criteria,)) if of is not None:
                    around, asked = self._reach(of), _asked(criteria)
                    if around and asked and not around & asked:
                        yield from sorted(asked)

    def _reach(self, node: Node) -> Reach:
        match node:
            case Variable(name=name) if name in _ROOTS:
                return frozenset(("",))
            case Member(of=of, name="item") if of is not None:
                around = self._reach(of)
                return None if around is None else self._tree.below(around)
            case Member(of=of, name="answer") | Indexed(of=of) if of is not None:
                return self._reach(of)
            case Call(of=of, name=name) if of is not None and name in _KEEPING:
                return self._reach(of)
            case Call(of=of, name="where", arguments=(criteria,)) if of is not None:
                around, asked = self._reach(of), _asked(criteria)
                return around if around is None or asked is None else around & asked
        return None


def _asked(criteria: Node) -> Reach:
    """The linkIds that criteria ask for, one or another; None when they may ask for others."""
    match criteria:
        case (
            Operation(
                sign="=" | "~", left=Member(of=None, name="linkId"), right=Literal(value=str(text))
            )
            | Operation(
                sign="=" | "~", left=Literal(value=str(text)), right=Member(of=None, name="linkId")
            )
        ):
            return frozenset((text,))
        case Operation(sign="or", left=left, right=right):
            first, second = _asked(left), _asked(right)
            return None if first is None or second is None else first | second
        case Operation(sign="and", left=left, right=right):
            both = [each for each in (_asked(left), _asked(right)) if each is not None]
            return both[0] if both else None
    return None
