"""Calculated values in a response: as answers, where they belong, put in and taken out."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from template_service.questionnaire.elements import objects
from template_service.questionnaire.expressions.index import Index
from template_service.questionnaire.expressions.order import Order
from template_service.questionnaire.form import Item
from template_service.questionnaire.values import VALUE_KIND, read_value

Node = dict[str, Any]

_BARE = frozenset(("linkId", "text", "definition"))
_SEVERAL = "The expression gives several values, but the item takes one."
_OTHER_TYPE = "The expression gives a value that is not of the item's type."


class NotAnAnswer(Exception):
    """The values do not fit the item; the message says why, and never what they are."""


def as_answers(item: Item, values: list[Any]) -> list[Node]:
    """The values as `answer` elements, in their order. Raises NotAnAnswer.

    A whole number may answer an item of decimals, and the code of an option stands for the option
    (FHIR R4 has no other conversion that changes no meaning). Nothing else is converted.
    """
    if len(values) > 1 and not item.repeats:
        raise NotAnAnswer(_SEVERAL)
    return [_as_answer(item, value) for value in values]


def _as_answer(item: Item, value: Any) -> Node:
    answer = _of_type(item, value)
    read, finding = read_value(item, answer)
    if finding is not None and finding.severity == "error":
        raise NotAnAnswer(_OTHER_TYPE if read is None else finding.message)
    return answer


def _of_type(item: Item, value: Any) -> Node:
    if isinstance(value, dict) and item.type in ("choice", "open-choice"):
        return {"valueCoding": value}
    option = item.by_code.get(str(value)) if type(value) in (str, int) else None
    if option is not None:
        return option.as_answer()
    kind = VALUE_KIND.get(item.type)
    if kind is None:
        raise NotAnAnswer(f"An item of type {item.type} takes no calculated value.")
    return {"valueString" if item.type == "open-choice" else kind: value}


@dataclass(frozen=True, slots=True)
class Spot:
    """One place for an item: `around` is the innermost thing there is (response, item, answer).

    `trail` are the nodes of the items around it, None for those that are not there; `holders`
    what each of these nodes is in. `missing` are the groups to be made. `in_answer`: within an
    answer, at whatever depth.
    """

    around: Node
    trail: tuple[Node | None, ...] = ()
    holders: tuple[Node, ...] = ()
    missing: tuple[Item, ...] = ()
    in_answer: bool = False


def copied(response: Any) -> Node:
    """A copy of a response whose items and answers may be changed; their values are shared."""
    root = dict(response) if isinstance(response, dict) else {}
    waiting = [root]
    while waiting:
        node = waiting.pop()
        for name in ("item", "answer"):
            if isinstance(node.get(name), list):
                node[name] = [dict(one) if isinstance(one, dict) else one for one in node[name]]
                waiting += [one for one in node[name] if isinstance(one, dict)]
    return root


class Writer:
    """A response that calculated values are written into; its index is told of every change."""

    def __init__(self, response: Any, order: Order) -> None:
        self.response = copied(response)
        self.index = Index(self.response)
        self._order = order
        self._strip()

    def spots(self, chain: tuple[Item, ...], at: tuple[int, ...] | None = None) -> list[Spot]:
        """Every place of the last item of a chain, which is all items from the root down to it.

        With `at`, only that within these occurrences of what repeats around it; 0 when left out.
        """
        found, places = [Spot(self.response)], iter(at or ())
        for item in chain[:-1]:
            found = [inner for spot in found for inner in self._inner(spot, item)]
            if at is not None and (item.repeats or item.type != "group"):
                place = next(places, 0)
                found = found[place : place + 1]
        return found

    def nodes(self, around: Node, link_id: str) -> list[Node]:
        """The items of a linkId directly inside something."""
        # Many are written one after another: an index that is out of date can wait till the last.
        if self.index.ready:
            return self.index.inside(around, link_id)
        return [node for node in _items(around) if node.get("linkId") == link_id]

    def answers(self, spot: Spot, item: Item) -> list[Any]:
        """The answers that are there, without the items inside them."""
        for node in () if spot.missing else self.nodes(spot.around, item.link_id):
            return [_without_items(answer) for answer in _answers(node)]
        return []

    def write(self, spot: Spot, item: Item, answers: list[Node]) -> None:
        """Gives an item these answers; without any it is taken out, as far as it was only that."""
        found = [] if spot.missing else self.nodes(spot.around, item.link_id)
        if item.children:
            # The items inside its answers move with them.
            self.index.forget()
        if found:
            _answer(found[0], [_without_items(answer) for answer in answers])
            if not answers:
                self._prune(spot, found[0])
        elif answers:
            around = spot.around
            for group in spot.missing:
                around = self._made(around, group, spot)
            _answer(self._made(around, item, spot), answers)

    def _inner(self, spot: Spot, item: Item) -> Iterator[Spot]:
        found = [] if spot.missing else self.nodes(spot.around, item.link_id)
        if not found and item.type == "group" and not item.repeats:
            trail, missing = (*spot.trail, None), (*spot.missing, item)
            yield Spot(spot.around, trail, spot.holders, missing, spot.in_answer)
        for node in found:
            trail, holders = (*spot.trail, node), (*spot.holders, spot.around)
            if item.type == "group":
                yield Spot(node, trail, holders, (), spot.in_answer)
                continue
            for answer in _answers(node):
                yield Spot(answer, trail, holders, (), in_answer=True)

    def _made(self, around: Node, item: Item, spot: Spot) -> Node:
        """A new node for an item, put where it belongs among its neighbours."""
        node: Node = {"linkId": item.link_id, **({"text": item.text} if item.text else {})}
        if not isinstance(around.get("item"), list):
            around["item"] = []
        items = around["item"]
        items.insert(self._place(items, item.link_id), node)
        self.index.added(node, around, in_answer=spot.in_answer)
        return node

    def _place(self, items: list[Any], link_id: str) -> int:
        positions = self._order.positions
        own = positions[link_id]
        for at in range(len(items), 0, -1):
            before = items[at - 1]
            name = before.get("linkId") if isinstance(before, dict) else None
            if isinstance(name, str) and positions.get(name, -1) < own:
                return at
        return 0

    def _prune(self, spot: Spot, node: Node) -> None:
        """Takes out what holds nothing any more, from a node outwards."""
        inward = zip((*spot.trail, node), (*spot.holders, spot.around), strict=True)
        for one, around in reversed(list(inward)):
            if one is None or not self._is_empty(one):
                return
            around["item"] = [each for each in around["item"] if each is not one]
            self.index.removed(one, around)
            if not around["item"]:
                del around["item"]

    def _is_empty(self, node: Node) -> bool:
        return node.get("linkId") in self._order.prunable and _BARE.issuperset(node)

    def _strip(self) -> None:
        """Removes every calculated value, and what was there only for one."""
        calculated = {one.item.link_id for one in self._order.items}
        calculated.update(self._order.left_out)
        holders, waiting = [], [self.response]
        while waiting:
            holder = waiting.pop()
            holders.append(holder)
            for node in _items(holder):
                if _is_one_of(node, calculated) and "answer" in node:
                    _answer(node, [])
            waiting += [*_items(holder), *_answers(holder)]
        for holder in reversed(holders):
            self._sweep(holder)
        self.index.forget()

    def _sweep(self, holder: Node) -> None:
        """Takes out of one element what holds nothing any more."""
        items, answers = holder.get("item"), holder.get("answer")
        if isinstance(items, list):
            holder["item"] = [one for one in items if not _is_node(one) or not self._drop(one)]
            if items and not holder["item"]:
                del holder["item"]
        if isinstance(answers, list) and {} in answers:
            holder["answer"] = [one for one in answers if one != {}]
            if not holder["answer"]:
                del holder["answer"]

    def _drop(self, node: Node) -> bool:
        return isinstance(node.get("linkId"), str) and self._is_empty(node)


def _answer(node: Node, answers: list[Node]) -> None:
    """Puts answers into a node; the items inside those that were there stay in their places."""
    inside = [_items(answer) for answer in _answers(node)]
    pairs = zip_longest(answers, inside, fillvalue=())
    both = [{**dict(one), **({"item": items} if items else {})} for one, items in pairs]
    written = [one for one in both if one]
    if written:
        node["answer"] = written
    else:
        node.pop("answer", None)


def _without_items(answer: Any) -> Any:
    if isinstance(answer, dict) and "item" in answer:
        return {name: value for name, value in answer.items() if name != "item"}
    return answer


def _is_node(value: Any) -> bool:
    return isinstance(value, dict)


def _is_one_of(node: Mapping[str, Any], names: set[str]) -> bool:
    return isinstance(node.get("linkId"), str) and node["linkId"] in names


def _items(holder: Mapping[str, Any]) -> list[Node]:
    return objects(holder.get("item"))


def _answers(holder: Mapping[str, Any]) -> list[Node]:
    return objects(holder.get("answer"))
