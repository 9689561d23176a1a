"""Calculated answers as the form calculates them, whatever was handed in.

HL7 SDC, calculatedExpression: the value of such an item follows from the other answers. What
somebody wrote into it may be old or wrong ("no risk" beside two answers that say otherwise), so
only what is calculated anew is extracted, and every difference is told.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from template_service.questionnaire.answers import response_items
from template_service.questionnaire.elements import objects, value_of
from template_service.questionnaire.expressions.calculation import calculate
from template_service.questionnaire.extraction.work import Work
from template_service.questionnaire.form import Form
from template_service.questionnaire.placing import Placed
from template_service.questionnaire.problems import Path, Problem, shown, written

_OTHER = "The answer is not what is calculated from the others; what is calculated is extracted."
_NONE = "The answer could not be calculated from the others, so it is not extracted."

_Key = tuple[Any, ...]
"""Where an item stands by linkIds and numbers, whatever stands beside it."""


def recalculate(
    form: Form, response: dict[str, Any], environment: Mapping[str, Any], work: Work
) -> bool:
    """Puts what is calculated into the calculated items that are there; whether that changed any.

    In place: every linkId is a Placed. What cannot be calculated is taken out; an item that was
    not handed in is not added.
    """
    keys = {node["linkId"].path: (key, node) for key, node in _keyed(response, {})}
    there = [each for each in keys.values() if _is_calculated(form, each[1])]
    if not any("answer" in node for _, node in there):
        return False
    with work.timed() as seconds:
        made = calculate(form, response, environment, seconds).response
    known = {path: key for path, (key, _) in keys.items()}
    calculated = {key: node.get("answer") for key, node in _keyed(made, known)}
    changed = False
    for key, node in there:
        found = calculated.get(key)
        if _values(node) != _values({"answer": found}):
            _answer(node, [_bare(each) for each in objects(found)])
            changed = True
    return changed


def differences(
    form: Form, submitted: Mapping[str, Any], counted: Mapping[str, Any]
) -> tuple[Problem, ...]:
    """A warning for every calculated answer handed in that is not what counts."""
    given = {path: node for path, node in response_items(submitted) if _is_calculated(form, node)}
    told = []
    for _, node in response_items(counted):
        path = node["linkId"].path if isinstance(node["linkId"], Placed) else None
        if path is None or path not in given:
            continue
        now, before = _values(node), _values(given[path])
        if now != before:
            name = str(node["linkId"])
            message = f"{shown(name)}: {_OTHER if now else _NONE}"
            told.append(Problem("warning", "business-rule", written(path), name, message))
    return tuple(told)


def calculated_values(form: Form, response: Mapping[str, Any]) -> dict[int, Any]:
    """The values of every calculated item, by the id of its node."""
    found = (node for _, node in response_items(response) if _is_calculated(form, node))
    return {id(node): _values(node) for node in found}


def _is_calculated(form: Form, node: Mapping[str, Any]) -> bool:
    item = form.items.get(node["linkId"])
    return item is not None and item.calculated is not None


def _keyed(
    response: Mapping[str, Any], known: Mapping[Path, _Key]
) -> Iterator[tuple[_Key, dict[str, Any]]]:
    """Every item with its key: the known one of where it stood, else that of where it stands."""
    waiting: list[tuple[_Key, Mapping[str, Any]]] = [((), response)]
    while waiting:
        around, holder = waiting.pop()
        count: dict[str, int] = {}
        for node in objects(holder.get("item")):
            link_id = node.get("linkId")
            if not isinstance(link_id, str):
                continue
            number = count[link_id] = count.get(link_id, -1) + 1
            key: _Key = (around, str(link_id), number)
            if isinstance(link_id, Placed):
                key = known.get(link_id.path, key)
            yield key, node
            waiting.append((key, node))
            answers = enumerate(objects(node.get("answer")))
            waiting.extend(((key, "answer", index), answer) for index, answer in answers)


def _values(node: Mapping[str, Any]) -> list[Any]:
    """The values of an item's answers, to be compared: how a coding is displayed says nothing."""
    return [_compared(*value_of(each)) for each in objects(node.get("answer")) if value_of(each)[0]]


def _compared(kind: str, value: Any) -> tuple[str, Any]:
    if isinstance(value, dict) and kind == "valueCoding":
        return kind, [value.get(name) for name in ("system", "code")]
    if isinstance(value, dict) and kind == "valueQuantity":
        names = ("value", "comparator", "system", "code")
        return kind, [*(value.get(name) for name in names), "code" in value or value.get("unit")]
    return kind, value


def _answer(node: dict[str, Any], answers: list[dict[str, Any]]) -> None:
    """Puts answers into an item; the items inside those that were there are kept."""
    inside = [one for answer in objects(node.get("answer")) for one in objects(answer.get("item"))]
    if inside:
        answers = answers or [{}]
        answers[0]["item"] = inside
    if answers:
        node["answer"] = answers
    else:
        node.pop("answer", None)


def _bare(answer: Mapping[str, Any]) -> dict[str, Any]:
    return {name: each for name, each in answer.items() if name != "item"}
