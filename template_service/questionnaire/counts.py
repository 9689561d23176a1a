"""What counts of a response as received: the answers asked for, and what is calculated from them.

Rules.md, rule 4a: answers of items that are not enabled do not count, save those that disclose.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from template_service.questionnaire.answers import read_answers, response_items, to_response
from template_service.questionnaire.conditions import counted_answers
from template_service.questionnaire.elements import objects, value_of
from template_service.questionnaire.expressions.calculation import calculate
from template_service.questionnaire.form import Answers, Form
from template_service.questionnaire.problems import Problem
from template_service.questionnaire.pruning import without_disabled

Environment = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Counts:
    """The answers that count, and the first value of every calculated item (linkId -> JSON)."""

    answers: Answers
    values: dict[str, Any]


def counts(form: Form, answers: Answers, response: Any) -> Counts:
    """What counts of the answers read from a response, wherever they stood in it.

    They are nested as the form nests them. Rows stay as received, because answers do not tell of
    which row they are. Not calculated: what gives nothing, and what needs something that is not
    there (a launch context such as %patient). Never raises on any JSON value.
    """
    seen: dict[str, Any] = response if isinstance(response, dict) else {}
    nested = to_response(form, answers, status="in-progress", rows=_rows(form, seen))
    final, _ = settled(form, {**seen, "item": nested.get("item", [])})
    if form.flat:
        return Counts(counted_answers(form, answers), _values(form, final))
    return Counts(read_answers(form, final)[0], _values(form, final))


def settled(
    form: Form, response: Mapping[str, Any], environment: Environment = MappingProxyType({})
) -> tuple[dict[str, Any], tuple[Problem, ...]]:
    """The response without what is disabled, calculated from what is left; and what was left out.

    Conditions may ask about calculated values, and those must not count what conditions leave out:
    so each is worked out before the other, and once more after it.
    """
    whole = calculate(form, response, environment).response
    if not form.conditions:
        return whole, ()
    kept, dropped = without_disabled(form, whole, environment)
    final, _ = without_disabled(form, calculate(form, kept, environment).response, environment)
    return final, dropped


def has_rows(form: Form) -> bool:
    """Whether an item may be there more than once, because something around it repeats."""
    return any(item.inside_repeats for item in form.items.values())


def _rows(form: Form, response: Mapping[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """What holds rows, by linkId, as it stands anywhere in a response; not what is inside it."""
    holding = {
        item.link_id
        for item in form.items.values()
        if not item.inside_repeats and any(each.inside_repeats for each in item.children)
    }
    found: dict[str, list[dict[str, Any]]] = {}
    waiting = list(reversed(objects(response.get("item")))) if holding else []
    while waiting:
        node = waiting.pop()
        link_id = node.get("linkId")
        if isinstance(link_id, str) and link_id in holding:
            found.setdefault(link_id, []).append(node)
            continue
        inside = [node, *objects(node.get("answer"))]
        waiting += reversed([each for one in inside for each in objects(one.get("item"))])
    return found


def _values(form: Form, response: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for _, node in response_items(response):
        item = form.items.get(node["linkId"])
        if item is not None and item.calculated is not None:
            for kind, value in map(value_of, objects(node.get("answer"))):
                if kind:
                    found.setdefault(item.link_id, value)
    return {link_id: found[link_id] for link_id in form.items if link_id in found}
