"""A posted page of a questionnaire read as a response, and a response as the fields of its page.

Whatever a page does not show (hidden and calculated items, safety, options of others) it takes over
from what is stored, so that no page erases anything unseen.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from dataclasses import field as made
from typing import Any

from template_service.questionnaire.form import Form, Item
from template_service.web.questionnaire_fields import (
    Fields,
    Rows,
    by_rows,
    field,
    is_asked,
    is_calculated,
    row_keys,
)
from template_service.web.questionnaire_gate import Sight, is_shown
from template_service.web.questionnaire_texts import written_parts
from template_service.web.questionnaire_unseen import Unseen
from template_service.web.questionnaire_values import NotReadable, parts_of, read_parts

Node = Mapping[str, Any]
"""An item of a QuestionnaireResponse."""

# An element id of somebody else looks otherwise; rows are numbers of at most four digits.
_NAME = re.compile(r"q((?:[0-9]{1,4}(?:\.[0-9]{1,4})*)?):.*", re.DOTALL)
_OWN = frozenset({"answer", "item", "id", "linkId", "text"})


@dataclass(frozen=True, slots=True)
class PageReading:
    """The response a page makes, and what could not be read, by the name of its field.

    `placed` says where each row came to stand: by the name of its `row` field, from its number on
    the page to its place in the response. A row with nothing in it has no place.

    Every item that was on the page carries that name as its element id, until the response is kept
    (`actions.questionnaire_working.without_names`).
    """

    response: dict[str, Any]
    errors: Mapping[str, str]
    placed: Mapping[str, Mapping[int, int]]


def read_page(
    form: Form,
    fields: Fields,
    stored: Node,
    sight: Sight,
    *,
    blanks: bool = False,
    meanwhile: Collection[str] = (),
) -> PageReading:
    """What was typed on a page, with what is `stored` wherever the page showed nothing.

    `blanks`: also an item for everything on the page that was left blank. `meanwhile`: the linkIds
    of what a colleague answered unseen since the page was opened: it gives way to nothing but a
    disclosure.
    """
    reader = _Reader(fields, sight, blanks, meanwhile)
    items = reader.items(form.roots, (), _nodes(stored.get("item")))
    # Expressions look into it as what it is: without its type they find nothing.
    head = {"resourceType": "QuestionnaireResponse", "questionnaire": form.canonical}
    return PageReading({**head, "item": items}, reader.errors, reader.placed)


@dataclass(slots=True)
class _Reader:
    """One walk over the form beside what is stored."""

    fields: Fields
    sight: Sight
    blanks: bool
    meanwhile: Collection[str]
    errors: dict[str, str] = made(default_factory=dict)
    placed: dict[str, dict[int, int]] = made(default_factory=dict)

    def items(self, items: Iterable[Item], rows: Rows, stored: list[Node]) -> list[dict[str, Any]]:
        return [node for item in items for node in self._item(item, rows, _of(stored, item))]

    def _item(self, item: Item, rows: Rows, nodes: list[Node]) -> Iterator[dict[str, Any]]:
        if not self.sight.shows(item):
            yield from map(dict, nodes)
        elif item.type == "display":
            # A text is there to ask whether it applies, where that depends on anything.
            asked = self.blanks and item.enabled_by >= 0
            yield from [_node(item, rows, {})] if asked else map(dict, nodes)
        elif by_rows(item) and nodes and field(item, rows, "row") not in self.fields:
            # It was not on the page: a post cut short must not take away what it does not name.
            yield from map(dict, nodes)
        elif item.type == "group":
            yield from self._groups(item, rows, nodes)
        else:
            yield from self._question(item, rows, nodes[0] if nodes else {})

    def _groups(self, item: Item, rows: Rows, nodes: list[Node]) -> Iterator[dict[str, Any]]:
        for around, before in self._rows(item, rows, nodes):
            inside = self.items(item.children, around, _nodes(before.get("item")))
            if inside or self.blanks:
                self._place(item, around, 1)
                # A row of a repeating group is named by its own number.
                yield _node(item, around, before) | ({"item": inside} if inside else {})

    def _question(self, item: Item, rows: Rows, before: Node) -> Iterator[dict[str, Any]]:
        given = _nodes(before.get("answer"))
        if is_calculated(item):
            answers = self._with_inside(item, rows, [_bare(each) for each in given], given)
        elif by_rows(item):
            answers = list(self._rows_of_answers(item, rows, given))
        else:
            answers = self._with_inside(item, rows, self._answers(item, rows, given), given)
        if answers or self.blanks:
            yield _node(item, rows, before) | ({"answer": answers} if answers else {})

    def _rows_of_answers(
        self, item: Item, rows: Rows, given: list[Node]
    ) -> Iterator[dict[str, Any]]:
        for around, one in self._rows(item, rows, given):
            typed = self._answers(item, around, [one] if one else [])
            found = self._with_inside(item, around, typed, [one])
            self._place(item, around, len(found))
            yield from found

    def _place(self, item: Item, around: Rows, count: int) -> None:
        """Note where a row comes to stand that takes up so many places."""
        if by_rows(item) and count:
            places = self.placed.setdefault(field(item, around[:-1], "row"), {})
            places[around[-1]] = max(places.values(), default=-1) + count

    def _rows(self, item: Item, rows: Rows, stored: list[Node]) -> Iterator[tuple[Rows, Node]]:
        """Each row on the page with what is stored of it."""
        if not by_rows(item):
            yield rows, stored[0] if stored else {}
            return
        for key in row_keys(self.fields, item, rows):
            yield (*rows, key), stored[key] if key < len(stored) else {}

    def _with_inside(
        self, item: Item, rows: Rows, answers: list[dict[str, Any]], before: list[Node]
    ) -> list[dict[str, Any]]:
        """R4 nests the children of a question inside its answer, which then may lack a value."""
        stored = _nodes(before[0].get("item")) if before else []
        inside = self.items(item.children, rows, stored)
        if not inside:
            return answers
        first, *others = answers or [{}]
        return [{**first, "item": inside}, *others]

    def _answers(self, item: Item, rows: Rows, before: list[Node]) -> list[dict[str, Any]]:
        """What the boxes of one question hold now; as it was where nobody changed them."""
        parts = {part: self.fields.get(field(item, rows, part), ()) for part in parts_of(item)}
        kept = [_bare(answer) for answer in before]
        is_safety = self.sight.is_safety(item)
        seen = [answer for answer in kept if not is_safety and is_shown(item, answer)]
        if _plain(parts) == _plain(written_parts(item, seen)):
            # Of safety nothing is shown again, so a blank there says nothing.
            return kept
        unseen = Unseen(
            item,
            [answer for answer in kept if answer not in seen],
            is_safety=is_safety,
            is_theirs=item.link_id in self.meanwhile,
            gate_open=self.sight.gate_open,
        )
        try:
            return unseen.beside(read_parts(item, parts))
        except NotReadable as wrong:
            self.errors[field(item, rows)] = wrong.words
            return kept


def named_nodes(form: Form, response: Node) -> Iterator[tuple[str, Node]]:
    """Every item of a response that `read_page` made, with the name of its field.

    One that was added since, such as a calculated value, is named after what is around it.
    """
    waiting: list[tuple[Rows, Node]] = [((), response)]
    while waiting:
        rows, around = waiting.pop()
        for node in (*_nodes(around.get("item")), *_inside_answers(around)):
            item = form.items.get(str(node.get("linkId")))
            if item is None:
                continue
            named = rows_named(node)
            here = rows if named is None else named
            yield field(item, here), node
            waiting.append((here, node))


def rows_named(node: Node) -> Rows | None:
    """The rows in the name that `read_page` gave an item; None for any other element id."""
    name = node.get("id")
    found = _NAME.fullmatch(name) if isinstance(name, str) else None
    if found is None:
        return None
    return tuple(map(int, found[1].split("."))) if found[1] else ()


def _inside_answers(around: Node) -> Iterator[Node]:
    for answer in _nodes(around.get("answer")):
        yield from _nodes(answer.get("item"))


def written_page(form: Form, stored: Node, sight: Sight) -> Fields:
    """The fields of a page that shows what is stored; of safety nothing."""
    found: dict[str, tuple[str, ...]] = {}
    _write_items(form.roots, (), _nodes(stored.get("item")), sight, found)
    return found


def _write_items(
    items: Iterable[Item],
    rows: Rows,
    stored: list[Node],
    sight: Sight,
    found: dict[str, tuple[str, ...]],
) -> None:
    for item in items:
        if item.type == "display" or not sight.shows(item):
            continue
        nodes = _of(stored, item)
        given = nodes if item.type == "group" else _nodes((nodes or [{}])[0].get("answer"))
        count = max(len(given), 1) if by_rows(item) else 1
        if by_rows(item):
            found[field(item, rows, "row")] = tuple(str(key) for key in range(count))
        for key in range(count):
            around = (*rows, key) if by_rows(item) else rows
            here = given[key : key + 1] if by_rows(item) else given
            if is_asked(item) and not sight.is_safety(item):
                shown = [answer for answer in here if is_shown(item, answer)]
                for part, texts in written_parts(item, shown).items():
                    found[field(item, around, part)] = texts
            inside = _nodes(here[0].get("item")) if here else []
            _write_items(item.children, around, inside, sight, found)


def _node(item: Item, rows: Rows, before: Node) -> dict[str, Any]:
    """An item of the response; what another system wrote beside its answers stays."""
    others = {key: value for key, value in before.items() if key not in _OWN}
    named = {"id": field(item, rows), "linkId": item.link_id}
    return {**named, **({"text": item.text} if item.text else {}), **others}


def _of(stored: list[Node], item: Item) -> list[Node]:
    return [node for node in stored if node.get("linkId") == item.link_id]


def _bare(answer: Node) -> dict[str, Any]:
    return {key: value for key, value in answer.items() if key != "item"}


def _plain(parts: Mapping[str, tuple[str, ...]]) -> dict[str, list[str]]:
    """Texts to compare: blanks and line ends do not matter, nor the order of ticks."""
    tidy = {
        part: sorted(text.replace("\r\n", "\n").strip() for text in texts if text.strip())
        for part, texts in parts.items()
    }
    return {part: texts for part, texts in tidy.items() if texts}


def _nodes(value: Any) -> list[Node]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []
