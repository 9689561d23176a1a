"""How often a group occurs, and what its itemPopulationContext names inside each occurrence.

SDC "Using expressions", itemPopulationContext: of a repeating group one occurrence per result.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, NamedTuple

from template_service.questionnaire.extensions import value
from template_service.questionnaire.form import Item
from template_service.questionnaire.population.evaluating import Evaluator, Failed
from template_service.questionnaire.population.names import INITIAL_EXPRESSION, POPULATION_CONTEXT
from template_service.questionnaire.population.place import (
    Named,
    Place,
    Root,
)
from template_service.questionnaire.population.reporting import Absent, Complaint, Report
from template_service.questionnaire.population.values import most
from template_service.questionnaire.problems import Problem, shown

# SDC, "Form population": with several there is no way to know which one is meant.
_SEVERAL = "It gave {} results where one belongs; none was used."


class Occurrences(NamedTuple):
    """What each occurrence names, and the names that hold nothing in them."""

    named: list[Named]
    absent: Mapping[str, Absent]


class Groups:
    """The population contexts of one population."""

    def __init__(self, evaluator: Evaluator, report: Report) -> None:
        self._evaluator = evaluator
        self._report = report

    def root(self, root: Root, absent: Iterable[Absent]) -> Place:
        """The outermost place, with the population context of the Questionnaire itself."""
        place = root.place({each.name: each for each in absent})
        expression = _context(root.form.resource)
        name = expression.get("name") if expression is not None else None
        if expression is None or not isinstance(name, str):
            return place
        results: list[Any] = []
        code, reason = "not-found", "It gave nothing."
        try:
            results, _ = self._evaluator.nodes(expression, place)
        except Failed as failed:
            code, reason = failed.code, failed.reason
        if len(results) > 1:
            code, reason = "multiple-matches", _SEVERAL.format(len(results))
        if len(results) != 1:
            message = f"The itemPopulationContext of the questionnaire: {reason}"
            self._report.say(Problem("warning", code, "Questionnaire", None, message))
        known = {**root.environment, name: results if len(results) == 1 else []}
        return replace(root, environment=known).place(place.absent)

    def occurrences(self, item: Item, around: Place) -> Occurrences:
        """The occurrences of a group: one when nothing says otherwise.

        A question has exactly one; its context names all results, if it repeats.
        """
        expression = _context(item.raw)
        if expression is None:
            return Occurrences([{}], around.absent)
        name = expression.get("name")
        if not isinstance(name, str) or not name:
            reason = "Its itemPopulationContext has no name, so that nothing could use it."
            self._report.add(item, Complaint("warning", "not-supported", reason))
            return Occurrences([{}], around.absent)
        here = around.inside(item, {"linkId": item.link_id}, {})
        try:
            results, needed = self._evaluator.nodes(expression, here)
        except Failed as failed:
            lacking = around.lacks(failed.needed.names)
            return self._without(item, name, around, lacking, failed)
        if not results:
            return self._without(item, name, around, around.lacks(needed.names), None)
        return self._with(item, name, around, results)

    def _with(self, item: Item, name: str, around: Place, results: list[Any]) -> Occurrences:
        limit = most(item)
        absent = {each: absent for each, absent in around.absent.items() if each != name}
        if not item.repeats and len(results) > 1:
            reason = f"Its itemPopulationContext: {_SEVERAL.format(len(results))}"
            self._report.add(item, Complaint("warning", "multiple-matches", reason))
            return Occurrences([{name: []}], absent)
        if item.type != "group":
            return Occurrences([{name: results}], absent)
        if len(results) > limit:
            reason = (
                f"There are {len(results)} results, and the group occurs {limit} times at most."
            )
            self._report.add(item, Complaint("warning", "multiple-matches", reason))
            return Occurrences([], absent)
        return Occurrences([{name: [each]} for each in results], absent)

    def _without(
        self, item: Item, name: str, around: Place, lacking: list[Absent], failed: Failed | None
    ) -> Occurrences:
        """No result: a group that repeats does not occur, any other has only what needs none."""
        for each in lacking:
            each.items[item.link_id] = None
        absent = lacking[0] if lacking else self._absent(item, name, failed)
        if item.repeats and item.type == "group" and (lacking or failed is None):
            absent.items.update(dict.fromkeys(_expecting(item)))
            return Occurrences([], around.absent)
        return Occurrences([{name: []}], {**around.absent, name: absent})

    def _absent(self, item: Item, name: str, failed: Failed | None) -> Absent:
        why = failed.reason if failed else "It gave nothing."
        absent = Absent(
            name,
            item.expression,
            item.link_id,
            failed.code if failed else "not-found",
            f"{shown(item.link_id)}: Its itemPopulationContext: {why}",
            severity="warning" if failed else "information",
            always=True,
        )
        self._report.watch([absent])
        return absent


def _expecting(item: Item) -> Iterator[str]:
    """The items inside a group that an expression would have filled."""
    waiting = list(item.children)
    while waiting:
        each = waiting.pop(0)
        if value(each.raw, INITIAL_EXPRESSION, "valueExpression") is not None:
            yield each.link_id
        waiting[:0] = each.children


def _context(raw: Mapping[str, Any]) -> Mapping[str, Any] | None:
    context: Mapping[str, Any] | None = value(raw, POPULATION_CONTEXT, "valueExpression")
    return context
