"""A response as a tree of occurrences: each item of the form, every time it is there.

A group that repeats is several items with one linkId; what is inside a question is inside one of
its answers. Reading is lenient: what the form does not know is looked through, a known item in the
wrong place belongs to whatever it is inside. Nothing here recurses or raises, on any JSON.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from template_service.questionnaire.elements import listed, objects
from template_service.questionnaire.form import Form, Item, Option, Value
from template_service.questionnaire.problems import ROOT, Path
from template_service.questionnaire.values import read_value

DEPTH_LIMIT = 64
"""Items within items and answers of a response; what is deeper is not read. A form has at most half
as many."""


@dataclass(slots=True, eq=False)
class Occurrence:
    """One item of a response.

    `node` is its JSON, `parent` the occurrence around it (None at the top), `path` its place;
    `path[0]` is the place that holds it: an item or an answer. `inside` are the occurrences
    directly inside, in the order of the response. `enabled` is set by `conditions.enable`. What
    its answers say is read once: the node must not change afterwards.
    """

    item: Item
    node: Mapping[str, Any] = field(repr=False)
    parent: "Occurrence | None" = field(repr=False)
    path: Path = field(repr=False)
    inside: list["Occurrence"] = field(default_factory=list, repr=False)
    enabled: bool = True
    _values: tuple[Value, ...] | None = field(default=None, init=False, repr=False)
    _chosen: frozenset[Value] | None = field(default=None, init=False, repr=False)

    def values(self) -> tuple[Value, ...]:
        """Its answers as values; those that cannot be read are left out."""
        if self._values is None:
            self._values = self._read()
        return self._values

    def chosen(self) -> frozenset[Value]:
        """The options chosen, to look one up among many."""
        if self._chosen is None:
            self._chosen = frozenset(each for each in self.values() if type(each) is Option)
        return self._chosen

    def _read(self) -> tuple[Value, ...]:
        read = (read_value(self.item, each)[0] for each in objects(self.node.get("answer")))
        return tuple(value for value in read if value is not None)

    def places(self) -> list[Path]:
        """The places that hold what is inside: a group itself, each answer of a question."""
        if self.item.type == "group":
            return [self.path]
        known = {id(each.path[0]): each.path[0] for each in self.inside}
        by_index = {place[2]: place for place in known.values() if place[1:2] == ("answer",)}
        count = len(listed(self.node.get("answer")))
        return [by_index.get(index, (self.path, "answer", index)) for index in range(count)]


_Waiting = tuple[Mapping[str, Any], Occurrence | None, Path, int]
"""(what holds items, the occurrence it is or is inside, its place, its depth)"""


def read_occurrences(form: Form, response: Any) -> tuple[Occurrence, ...]:
    """The occurrences at the top of a QuestionnaireResponse (parsed JSON), all enabled as yet.

    Never raises on any JSON; what is nested deeper than DEPTH_LIMIT is left out.
    """
    if not isinstance(response, dict):
        return ()
    roots: list[Occurrence] = []
    waiting: list[_Waiting] = [(response, None, ROOT, 0)]
    while waiting:
        node, parent, path, depth = waiting.pop()
        item = _item(form, node) if path else None
        if item is not None:
            occurrence = Occurrence(item, node, parent, path)
            (roots if parent is None else parent.inside).append(occurrence)
            parent = occurrence
        if depth <= DEPTH_LIMIT:
            inside = [(each, parent, place, depth + 1) for each, place in _inside(node, path)]
            waiting.extend(reversed(inside))
    return tuple(roots)


def every(roots: Sequence[Occurrence]) -> Iterator[Occurrence]:
    """Every occurrence, parents before what is inside them, in the order of the response."""
    waiting = list(reversed(roots))
    while waiting:
        occurrence = waiting.pop()
        yield occurrence
        waiting.extend(reversed(occurrence.inside))


def _item(form: Form, node: Mapping[str, Any]) -> Item | None:
    link_id = node.get("linkId")
    return form.items.get(link_id) if isinstance(link_id, str) else None


def _inside(node: Mapping[str, Any], path: Path) -> Iterator[tuple[Mapping[str, Any], Path]]:
    """The items directly inside an item, and inside its answers, in order."""
    yield from _items(node, path)
    for index, answer in enumerate(listed(node.get("answer"))):
        if isinstance(answer, dict) and "item" in answer:
            yield from _items(answer, (path, "answer", index))


def _items(around: Mapping[str, Any], place: Path) -> Iterator[tuple[Mapping[str, Any], Path]]:
    for index, each in enumerate(listed(around.get("item"))):
        if isinstance(each, dict):
            yield each, (place, "item", index)
