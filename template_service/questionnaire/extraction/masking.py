"""Masked answers are not extracted: safety content is never written elsewhere by itself.

Safety questions are for a few people, and what is extracted is sent to a record that many read
(content.md, rules 6 and 8). That something was left out is told, what it was is not.
"""

from collections.abc import Mapping
from typing import Any

from template_service.questionnaire.answers import response_items
from template_service.questionnaire.elements import objects
from template_service.questionnaire.extraction.recalculating import calculated_values, recalculate
from template_service.questionnaire.form import Form, Item, Option
from template_service.questionnaire.problems import Problem
from template_service.questionnaire.values import read_value

LEFT_OUT = Problem(
    "information",
    "suppressed",
    "QuestionnaireResponse",
    None,
    "Something in the response may not be written elsewhere, so it is not extracted.",
)


def has_masked(form: Form) -> bool:
    """Whether anything in a form is masked."""
    return any(
        item.masked or any(option.masked for option in item.options) for item in form.items.values()
    )


def without_masked(
    form: Form, response: dict[str, Any], environment: Mapping[str, Any]
) -> tuple[dict[str, Any], tuple[Problem, ...]]:
    """The response, changed in place, without what is masked; and that something was left out.

    What is calculated from a masked answer would tell of it: a calculated item that has another
    value without the masked ones is left out too.
    """
    before = calculated_values(form, response)
    if not _take_out(form, response):
        return response, ()
    if before:
        _take_out_what_tells(form, response, environment, before)
    return response, (LEFT_OUT,)


def _take_out(form: Form, response: dict[str, Any]) -> bool:
    """Takes masked items and answers out; whether there was an answer among them."""
    found = False
    waiting = [response]
    while waiting:
        holder = waiting.pop()
        for node in objects(holder.get("item")):
            item = _item(form, node)
            if item is not None and item.masked:
                found = found or _is_answered(node)
                _remove(holder, "item", node)
                continue
            for answer in objects(node.get("answer")):
                if item is not None and _is_masked(item, answer):
                    found = True
                    _remove(node, "answer", answer)
                else:
                    waiting.append(answer)
            waiting.append(node)
    return found


def _take_out_what_tells(
    form: Form,
    response: dict[str, Any],
    environment: Mapping[str, Any],
    before: Mapping[int, Any],
) -> None:
    recalculate(form, response, environment)
    for identity, values in calculated_values(form, response).items():
        if values != before[identity]:
            _empty(response, identity)


def _empty(response: dict[str, Any], identity: int) -> None:
    """Takes the answers of one item out, by its id."""
    waiting = [response]
    while waiting:
        holder = waiting.pop()
        if id(holder) == identity:
            holder.pop("answer", None)
            return
        waiting += [*objects(holder.get("item")), *objects(holder.get("answer"))]


def _item(form: Form, node: Mapping[str, Any]) -> Item | None:
    link_id = node.get("linkId")
    return form.items.get(link_id) if isinstance(link_id, str) else None


def _is_masked(item: Item, answer: Mapping[str, Any]) -> bool:
    value, _ = read_value(item, answer)
    return isinstance(value, Option) and value.masked


def _is_answered(node: Mapping[str, Any]) -> bool:
    """Whether an answer is in an item, at whatever depth."""
    return any(objects(each.get("answer")) for _, each in response_items({"item": [node]}))


def _remove(holder: dict[str, Any], name: str, gone: Mapping[str, Any]) -> None:
    left = [each for each in holder[name] if each is not gone]
    if left:
        holder[name] = left
    else:
        del holder[name]
