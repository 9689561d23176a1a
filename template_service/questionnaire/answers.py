"""Answers: read leniently from a QuestionnaireResponse, written back as one, and merged."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from template_service.questionnaire.elements import listed
from template_service.questionnaire.form import Answers, Element, Form, Item, Option, Value
from template_service.questionnaire.problems import ROOT, Path, Problem, shown, written
from template_service.questionnaire.values import VALUE_KIND, read_value

__all__ = [
    "Answers",
    "Clash",
    "Merge",
    "Value",
    "codes",
    "disclosures",
    "merge",
    "read_answers",
    "response_items",
    "to_response",
    "write_value",
]


def codes(given: tuple[Value, ...]) -> tuple[str, ...]:
    """The codes of the chosen options, in order; other values are passed over."""
    return tuple([each.code for each in given if isinstance(each, Option)])


def disclosures(given: tuple[Value, ...]) -> tuple[Option, ...]:
    """The chosen options that are never refused, stripped or left uncounted."""
    return tuple(each for each in given if type(each) is Option and each.discloses)


def read_answers(form: Form, resource: Any) -> tuple[Answers, tuple[Problem, ...]]:
    """Every answer to an item of the form, wherever its linkId sits, even in a flat response.

    For scoring: nothing is refused, what could not be read is named in the problems (warnings).
    Values of calculated items are passed over. Never raises on any JSON value.
    """
    found: dict[str, list[Value]] = {}
    problems: list[Problem] = []
    for path, node in response_items(resource):
        link_id = node["linkId"]
        item = form.items.get(link_id)
        if item is None:
            message = f"No item {shown(link_id)} in the form."
            problems.append(Problem("warning", "not-found", written(path), link_id, message))
        elif item.calculated is None:
            _read_node(item, node, path, found, problems)
    # Document order, which a flat or shuffled response may not have.
    ordered = {link_id: tuple(found[link_id]) for link_id in form.items if link_id in found}
    return ordered, tuple(problems)


def _read_node(
    item: Item,
    node: Mapping[str, Any],
    path: Path,
    found: dict[str, list[Value]],
    problems: list[Problem],
) -> None:
    for index, answer in enumerate(listed(node.get("answer"))):
        value, finding = read_value(item, answer) if isinstance(answer, dict) else (None, None)
        if value is not None:
            found.setdefault(item.link_id, []).append(value)
        elif finding is not None:
            place = written((path, "answer", index))
            message = f"{shown(item.link_id)}: {finding.message}"
            problems.append(Problem("warning", finding.code, place, item.link_id, message))


def response_items(resource: Any) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    """Every item with a linkId of a response, with its path, parents first.

    Never raises on any JSON value; there is no limit to the depth.
    """
    if not isinstance(resource, dict):
        return
    # A stack, not recursion: a response may be nested deeper than Python's own.
    waiting = _inside(ROOT, resource)
    while waiting:
        path, node = waiting.pop()
        if isinstance(node.get("linkId"), str):
            yield path, node
        waiting.extend(_inside(path, node))
        for index, answer in reversed(list(enumerate(listed(node.get("answer"))))):
            if isinstance(answer, dict):
                waiting.extend(_inside((path, "answer", index), answer))


def _inside(path: Path, node: Mapping[str, Any]) -> list[tuple[Path, Mapping[str, Any]]]:
    """The items directly inside, last first, as a stack wants them."""
    items = listed(node.get("item"))
    return [
        ((path, "item", index), items[index])
        for index in reversed(range(len(items)))
        if isinstance(items[index], dict)
    ]


def to_response(
    form: Form,
    answers: Answers,
    *,
    status: str,
    subject: str | None = None,
    authored: datetime | None = None,
    author: str | None = None,
    response_id: str | None = None,
    rows: Mapping[str, list[dict[str, Any]]] = MappingProxyType({}),
) -> dict[str, Any]:
    """The answers as a QuestionnaireResponse (JSON-ready), groups nested, in document order.

    `subject` and `author` are references such as `Patient/123`; `authored` must carry its zone.
    Items without an answer are left out, and groups left empty by that. linkIds the form does not
    know are left out. `rows` are the items of a linkId as they are, in the place of its answers.
    """
    head = {
        "id": response_id,
        "questionnaire": form.canonical or None,
        "status": status,
        "subject": {"reference": subject} if subject else None,
        "authored": authored.isoformat() if authored else None,
        "author": {"reference": author} if author else None,
        "item": _write_items(form.roots, answers, rows) or None,
    }
    return {
        "resourceType": "QuestionnaireResponse",
        **{name: value for name, value in head.items() if value is not None},
    }


_Rows = Mapping[str, list[dict[str, Any]]]


def _write_items(items: tuple[Item, ...], answers: Answers, rows: _Rows) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for item in items:
        if item.link_id in rows:
            found += rows[item.link_id]
        elif (written := _write_item(item, answers, rows)) is not None:
            found.append(written)
    return found


def _write_item(item: Item, answers: Answers, rows: _Rows) -> dict[str, Any] | None:
    inside = _write_items(item.children, answers, rows)
    head = {"linkId": item.link_id, "text": item.text} if item.text else {"linkId": item.link_id}
    if item.type == "group":
        return {**head, "item": inside} if inside else None
    written = [write_value(item, value) for value in answers.get(item.link_id, ())]
    if inside:
        # R4 nests the children of a question inside its answer, which then may lack a value.
        written = written or [{}]
        written[0]["item"] = inside
    return {**head, "answer": written} if written else None


def write_value(item: Item, value: Value) -> dict[str, Any]:
    """One value as the `answer` element of an item."""
    if isinstance(value, Option):
        return value.as_answer()
    if isinstance(value, Element):
        return {value.kind: json.loads(value.body)}
    if isinstance(value, Decimal):
        return {"valueDecimal": float(value)}
    if item.type == "open-choice":
        return {"valueString": value}
    return {VALUE_KIND[item.type]: value}


@dataclass(frozen=True, slots=True)
class Clash:
    """Both changed one item, differently. Empty means that side took the answer away."""

    link_id: str
    theirs: tuple[Value, ...]
    mine: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Merge:
    """The answers put together, and what a person must decide.

    Where there is a clash, `answers` holds what was saved first (`theirs`), unless only `mine`
    discloses something urgent: a disclosure wins, and the clash is reported all the same.
    """

    answers: Answers
    clashes: tuple[Clash, ...]


def merge(base: Answers, theirs: Answers, mine: Answers) -> Merge:
    """A three-way merge per linkId. Urgent ticks are a union, so they never clash."""
    answers: dict[str, tuple[Value, ...]] = {}
    clashes: list[Clash] = []
    for link_id in dict.fromkeys((*theirs, *mine, *base)):
        saved, typed = theirs.get(link_id, ()), mine.get(link_id, ())
        chosen, clear = _merge_item(base.get(link_id, ()), saved, typed)
        if chosen:
            answers[link_id] = chosen
        if not clear:
            clashes.append(Clash(link_id, saved, typed))
    return Merge(answers, tuple(clashes))


def _merge_item(
    base: tuple[Value, ...], theirs: tuple[Value, ...], mine: tuple[Value, ...]
) -> tuple[tuple[Value, ...], bool]:
    if any(isinstance(each, Option) and each.card for each in (*theirs, *mine)):
        return tuple(dict.fromkeys((*theirs, *mine))), True
    if mine in (theirs, base):
        chosen = theirs
    elif theirs == base:
        chosen = mine
    else:
        return (mine if _urgent(mine) and not _urgent(theirs) else theirs), False
    if (_urgent(theirs) or _urgent(mine)) and not _urgent(chosen):
        return (theirs if _urgent(theirs) else mine), False
    return chosen, True


def _urgent(given: tuple[Value, ...]) -> bool:
    return any(isinstance(each, Option) and each.discloses for each in given)
