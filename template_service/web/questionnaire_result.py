"""A finished questionnaire as it is read again: what was worked out, and what was answered."""

from collections import Counter
from collections.abc import Container, Iterator
from dataclasses import dataclass
from typing import Any

from template_service.questionnaire.form import Form, Item
from template_service.questionnaire.privacy import is_private
from template_service.web.questionnaire_gate import Sight, is_told, tells_of_suicide
from template_service.web.questionnaire_language import ours
from template_service.web.questionnaire_notes import DOUBTFUL
from template_service.web.questionnaire_reading import Node
from template_service.web.questionnaire_words import answers_text
from template_service.web.speech import gettext as _
from template_service.web.speech import joined

_FIRST_LEVEL, _DEEPEST = 4, 6


@dataclass(frozen=True, slots=True)
class Line:
    """A question with what was said, or a group with its lines. `caution` stands with a value."""

    text: str
    said: tuple[str, ...] = ()
    lines: tuple["Line", ...] = ()
    level: int = _FIRST_LEVEL
    is_row: bool = False
    caution: str = ""


def answer_lines(form: Form, response: Node, sight: Sight) -> tuple[Line, ...]:
    """What was answered, in the order of the response. Nothing hidden, and nothing of safety."""
    return tuple(_lines(form, response.get("item"), sight, _FIRST_LEVEL))


def worked_out(
    form: Form, response: Node, sight: Sight, doubtful: Container[str] = ()
) -> tuple[Line, ...]:
    """Every calculated value that is there, in words; the questionnaire's own, and nothing more.

    Those of the linkIds `doubtful` with a caution.
    """
    return tuple(
        Line(label_of(item), said, caution=_(DOUBTFUL) if item.link_id in doubtful else "")
        for item, node in _nodes(form, response.get("item"))
        if item.calculated is not None
        and _may_show(item, sight)
        and (said := answers_text(item, _told(item, node, sight)))
    )


def keeps_back(form: Form, sight: Sight) -> bool:
    """Whether some answers are never shown; it does not look whether there are any."""
    of_suicide = any(
        tells_of_suicide(each) for item in form.items.values() for each in item.options
    )
    return is_private(form) or (sight.young and of_suicide)


def leaves_open(form: Form, sight: Sight) -> bool:
    """Whether a questionnaire can be finished without something needed that is asked alone.

    It does not look at the answers: what they lack tells what they say (`private_answers`).
    """
    return any(item.required and sight.gates(item) for item in form.items.values())


def row_label(item: Item, number: int) -> str:
    """A row of a repeating group as the page names it, so that one is told from the next."""
    return joined(" ", (label_of(item) or ours(_("Row")), str(number)))


def _lines(form: Form, nodes: Any, sight: Sight, level: int) -> Iterator[Line]:
    numbers: Counter[str] = Counter()
    for node in _objects(nodes):
        item = form.items.get(str(node.get("linkId")))
        if item is None or not _may_show(item, sight):
            continue
        inside = [node.get("item"), *(answer.get("item") for answer in _answers(node))]
        lines = tuple(
            line for each in inside for line in _lines(form, each, sight, min(level + 1, _DEEPEST))
        )
        if item.type == "group":
            numbers[item.link_id] += 1
            row = row_label(item, numbers[item.link_id]) if item.repeats else ""
            if lines:
                yield Line(row or label_of(item), lines=lines, level=level, is_row=bool(row))
            continue
        said = answers_text(item, _told(item, node, sight))
        if said and item.calculated is None:
            yield Line(label_of(item), said)
        yield from lines


def _may_show(item: Item, sight: Sight) -> bool:
    return sight.shows(item) and not sight.gates(item)


def _told(item: Item, node: Node, sight: Sight) -> list[Node]:
    return [answer for answer in _answers(node) if is_told(item, answer, sight)]


def _nodes(form: Form, nodes: Any) -> Iterator[tuple[Item, Node]]:
    for node in _objects(nodes):
        item = form.items.get(str(node.get("linkId")))
        if item is not None:
            yield item, node
        yield from _nodes(form, node.get("item"))
        for answer in _answers(node):
            yield from _nodes(form, answer.get("item"))


def _answers(node: Node) -> list[Node]:
    return _objects(node.get("answer"))


def label_of(item: Item) -> str:
    """An item in words: its number or letter, and its text."""
    prefix = item.raw.get("prefix")
    return " ".join(part for part in (prefix, item.text) if isinstance(part, str) and part)


def _objects(value: Any) -> list[Node]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []
