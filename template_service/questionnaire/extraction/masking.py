"""Nothing that tells of safety is extracted (`privacy`): it is never written elsewhere by itself.

Safety questions are for a few people, and what is extracted is sent to a record that many read
(content.md, rules 6 and 8). That something was left out is told, what it was is not.
"""

from collections.abc import Mapping
from typing import Any

from template_service.questionnaire.answers import response_items
from template_service.questionnaire.elements import objects
from template_service.questionnaire.extraction.recalculating import calculated_values, recalculate
from template_service.questionnaire.extraction.work import Work
from template_service.questionnaire.form import Form, Item
from template_service.questionnaire.privacy import is_private_answer, private_items
from template_service.questionnaire.problems import Problem

LEFT_OUT = Problem(
    "information",
    "suppressed",
    "QuestionnaireResponse",
    None,
    "Something in the response may not be written elsewhere, so it is not extracted.",
)


def without_masked(
    form: Form, response: dict[str, Any], environment: Mapping[str, Any], work: Work
) -> tuple[dict[str, Any], tuple[Problem, ...]]:
    """The response, changed in place, without what is safety; and that something was left out.

    The level of a domain is not safety, but may have been worked out of it: one that has another
    value without what is safety is left out too.
    """
    before = calculated_values(form, response)
    if not _take_out(form, response):
        return response, ()
    if before:
        _take_out_what_tells(form, response, environment, before, work)
    return response, (LEFT_OUT,)


def _take_out(form: Form, response: dict[str, Any]) -> bool:
    """Takes items and answers of safety out; whether there was an answer among them."""
    found, private = False, private_items(form)
    waiting = [response]
    while waiting:
        holder = waiting.pop()
        for node in objects(holder.get("item")):
            item = _item(form, node)
            if item is not None and item.link_id in private:
                found = found or _is_answered(node)
                _remove(holder, "item", node)
                continue
            for answer in objects(node.get("answer")):
                if item is not None and is_private_answer(item, answer):
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
    work: Work,
) -> None:
    recalculate(form, response, environment, work)
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


def _is_answered(node: Mapping[str, Any]) -> bool:
    """Whether an answer is in an item, at whatever depth."""
    return any(objects(each.get("answer")) for _, each in response_items({"item": [node]}))


def _remove(holder: dict[str, Any], name: str, gone: Mapping[str, Any]) -> None:
    left = [each for each in holder[name] if each is not gone]
    if left:
        holder[name] = left
    else:
        del holder[name]
