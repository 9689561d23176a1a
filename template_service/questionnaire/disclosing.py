"""Where a response tells something urgent: what is wrong there is said, and is never refused.

An answer that discloses counts wherever it arrives (rules.md, rule 4a). So where such an answer is
among what is wrong, there being too many answers or their being in the wrong place is a warning.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from template_service.questionnaire.answers import disclosures
from template_service.questionnaire.form import Form
from template_service.questionnaire.problems import Severity
from template_service.questionnaire.values import read_value


def unless_told(told: bool) -> Severity:
    """The severity of what is wrong with answers; `told`: one of them discloses something."""
    return "warning" if told else "error"


class Telling(NamedTuple):
    """The items of one response that tell something, or hold one that does: by `id`, by linkId."""

    ids: frozenset[int]
    link_ids: frozenset[str]

    def in_item(self, node: Any) -> bool:
        """Whether an item of the response is one of these."""
        return id(node) in self.ids

    def inside(self, node: Any) -> bool:
        """Whether one of the items directly inside something is one of these."""
        return any(map(self.in_item, _objects(node, "item")))


def telling(form: Form, resource: Any) -> Telling:
    """Where a response (parsed JSON) tells something. Never raises; no limit to the depth."""
    found: list[tuple[Any, int]] = [(resource, -1)]
    told: list[bool] = []
    for node, _ in found:
        # The list grows while it is gone through, so parents come before what is inside them.
        here = len(told)
        told.append(_tells(form, node))
        found += [(each, here) for each in _inside(node)]
    for here in range(len(found) - 1, 0, -1):
        around = found[here][1]
        told[around] = told[around] or told[here]
    nodes = [node for (node, _), tells in zip(found, told, strict=True) if tells]
    named = (node.get("linkId") for node in nodes)
    return Telling(
        frozenset(map(id, nodes)), frozenset(each for each in named if isinstance(each, str))
    )


def _tells(form: Form, node: Any) -> bool:
    link_id = node.get("linkId") if isinstance(node, dict) else None
    item = form.items.get(link_id) if isinstance(link_id, str) else None
    if item is None or not any(option.discloses for option in item.options):
        return False
    values = [read_value(item, answer)[0] for answer in _objects(node, "answer")]
    return bool(disclosures(tuple(value for value in values if value is not None)))


def _inside(node: Any) -> list[Any]:
    around = [node, *_objects(node, "answer")]
    return [each for one in around for each in _objects(one, "item")]


def _objects(node: Any, name: str) -> list[Mapping[str, Any]]:
    found = node.get(name) if isinstance(node, dict) else None
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []
