"""A finished questionnaire as it is read again: what was worked out, and what was answered."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from template_service.actions.questionnaire_working import environment_of
from template_service.questionnaire.form import Form, Item, Option
from template_service.questionnaire.privacy import private_items
from template_service.questionnaire.validation import validate
from template_service.questionnaire.values import read_value
from template_service.records.people import Person
from template_service.web.questionnaire_gate import Sight, is_shown, tells_of_suicide
from template_service.web.questionnaire_language import ours
from template_service.web.questionnaire_reading import Node
from template_service.web.questionnaire_words import answers_text
from template_service.web.speech import gettext as _
from template_service.web.speech import joined

_FIRST_LEVEL, _DEEPEST = 4, 6


@dataclass(frozen=True, slots=True)
class Line:
    """A question with what was said, or a group with its lines."""

    text: str
    said: tuple[str, ...] = ()
    lines: tuple["Line", ...] = ()
    level: int = _FIRST_LEVEL
    is_row: bool = False


def answer_lines(form: Form, response: Node, sight: Sight) -> tuple[Line, ...]:
    """What was answered, in the order of the response. Nothing hidden, and nothing of safety."""
    return tuple(_lines(form, response.get("item"), sight, _FIRST_LEVEL))


def worked_out(form: Form, response: Node, sight: Sight) -> tuple[Line, ...]:
    """Every calculated value that is there, in words; the questionnaire's own, and nothing more."""
    return tuple(
        Line(_label(item), said)
        for item, node in _nodes(form, response.get("item"))
        if item.calculated is not None
        and _may_show(item, sight)
        and (said := answers_text(item, _answers(node)))
    )


def keeps_back(form: Form, response: Node, sight: Sight) -> bool:
    """Whether something was answered that is shown on no page."""
    return any(
        sight.gates(item) or any(not _is_told(item, answer, sight) for answer in _answers(node))
        for item, node in _nodes(form, response.get("item"))
        if _answers(node) and not item.hidden
    ) or bool(sight.private)


def leaves_open(form: Form, response: Node, person: Person) -> bool:
    """Whether something needed that is asked alone was not answered: the gate was shut."""
    alone = Sight(private_items(form), sees_safety=True, young=True)
    gated = {link_id for link_id, item in form.items.items() if item.required and alone.gates(item)}
    if not gated:
        return False
    found = validate(form, dict(response), environment_of(person)).errors
    return any(each.code == "required" and each.link_id in gated for each in found)


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
            # As the page names its rows, so that one is told from the next.
            name = _label(item) or ours(_("Row"))
            row = joined(" ", (name, str(numbers[item.link_id]))) if item.repeats else ""
            if lines:
                yield Line(row or _label(item), lines=lines, level=level, is_row=bool(row))
            continue
        shown = [answer for answer in _answers(node) if _is_told(item, answer, sight)]
        said = answers_text(item, shown)
        if said and item.calculated is None:
            yield Line(_label(item), said)
        yield from lines


def _may_show(item: Item, sight: Sight) -> bool:
    return sight.shows(item) and not sight.gates(item)


def _is_told(item: Item, answer: Node, sight: Sight) -> bool:
    """Whether an answer may be read by whoever looks on: no safety, nor suicide under 16."""
    value, _ = read_value(item, answer)
    of_suicide = isinstance(value, Option) and tells_of_suicide(value)
    return is_shown(item, answer) and not (sight.young and of_suicide)


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


def _label(item: Item) -> str:
    prefix = item.raw.get("prefix")
    return " ".join(part for part in (prefix, item.text) if isinstance(part, str) and part)


def _objects(value: Any) -> list[Node]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []
