"""The walk that fills a response in: item by item, in the questionnaire's order.

Every item has its node in the response from the start, so that expressions find it "with no
answer" rather than not at all (SDC "Using expressions", missing information); what stayed empty is
cut off at the end. Hidden items are filled like any other, and so are items that are not enabled:
SDC fills in as much as possible and leaves it to the form to show it once an item is enabled.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from template_service.questionnaire.extensions import value
from template_service.questionnaire.form import Item
from template_service.questionnaire.population.fitting import Answer
from template_service.questionnaire.population.groups import Groups
from template_service.questionnaire.population.names import INITIAL_EXPRESSION
from template_service.questionnaire.population.place import Named, Place
from template_service.questionnaire.population.reporting import Complaint, Report
from template_service.questionnaire.population.sources import (
    Outcome,
    Sources,
)

NODE_LIMIT = 20_000
"""Items of a response: twice the items a questionnaire may have, so that groups may repeat."""

ROUND_LIMIT = 10
"""How often items are tried again because others were answered after them."""

Node = dict[str, Any]


@dataclass(slots=True)
class _Waiting:
    """A question that may be filled once more is answered, and how it went so far."""

    item: Item
    node: Node
    here: Place
    outcome: Outcome


class Filling:
    """One walk over one form."""

    def __init__(self, sources: Sources, groups: Groups, report: Report) -> None:
        self._sources = sources
        self._groups = groups
        self._report = report
        self._made = 0
        self._waiting: list[_Waiting] = []
        # Of a question without an answer, what will hold the items inside it.
        self._holders: dict[int, Answer] = {}

    def fill(self, items: Sequence[Item], nodes: list[Node], around: Place) -> None:
        """Fills the items directly inside something, and what is inside them, into `nodes`."""
        for item in items:
            if item.type == "display":
                continue
            occurrences = self._groups.occurrences(item, around)
            inside = replace(around, absent=occurrences.absent)
            for named in occurrences.named:
                if self._made >= NODE_LIMIT:
                    self._report.add(item, _TOO_MANY)
                    return
                self._item(item, nodes, inside, named)

    def finish(self, nodes: list[Node]) -> list[Node]:
        """Tries again what waits for answers, and gives back the items that have something."""
        waiting = self._waiting
        for _ in range(ROUND_LIMIT):
            left = [each for each in waiting if not self._is_filled_now(each)]
            if len(left) == len(waiting):
                break
            waiting = left
        for each in waiting:
            each.outcome.tell(each.item, self._report)
        return self._kept(nodes)

    def _item(self, item: Item, nodes: list[Node], around: Place, named: Named) -> None:
        self._made += 1
        node: Node = {"linkId": item.link_id}
        if item.text:
            node["text"] = item.text
        nodes.append(node)
        around.root.draft.changes += 1
        here = around.inside(item, node, named)
        if item.type == "group":
            self._group(item, node, here)
        else:
            self._question(item, node, here)

    def _group(self, item: Item, node: Node, here: Place) -> None:
        if value(item.raw, INITIAL_EXPRESSION, "valueExpression") is not None:
            self._report.add(item, _NOT_ON_GROUPS)
        node["item"] = []
        self.fill(item.children, node["item"], self._sources.bound(item, here))

    def _question(self, item: Item, node: Node, here: Place) -> None:
        outcome = self._sources.fill(item, here)
        if outcome.answers:
            node["answer"] = outcome.answers
            here.root.draft.changes += 1
        if outcome.again and not outcome.answers:
            self._waiting.append(_Waiting(item, node, here, outcome))
        else:
            outcome.tell(item, self._report)
        if not item.children:
            return
        # R4: items inside a question are inside its answer, which may then lack a value.
        holders = outcome.answers or [self._holders.setdefault(id(node), {})]
        around = replace(here, bound=outcome.observed or here.bound)
        for holder in holders:
            holder["item"] = []
            self.fill(item.children, holder["item"], around)

    def _is_filled_now(self, waiting: _Waiting) -> bool:
        waiting.outcome = outcome = self._sources.fill(waiting.item, waiting.here)
        if not outcome.answers:
            return False
        outcome.answers[0].update(self._holders.pop(id(waiting.node), {}))
        waiting.node["answer"] = outcome.answers
        waiting.here.root.draft.changes += 1
        outcome.tell(waiting.item, self._report)
        return True

    def _kept(self, nodes: list[Node]) -> list[Node]:
        """The nodes that have an answer somewhere inside."""
        return [node for node in nodes if self._has_something(node)]

    def _has_something(self, node: Node) -> bool:
        if "answer" not in node and id(node) in self._holders:
            node["answer"] = [self._holders[id(node)]]
        for holder in (node, *node.get("answer", ())):
            kept = self._kept(holder.pop("item", []))
            if kept:
                holder["item"] = kept
        if "answer" in node and not any(node["answer"]):
            del node["answer"]
        return "answer" in node or "item" in node


_TOO_MANY = Complaint(
    "warning",
    "too-costly",
    f"The response has {NODE_LIMIT:,} items; nothing more was added from here on.",
)
_NOT_ON_GROUPS = Complaint("warning", "not-supported", "A group takes no initialExpression.")
