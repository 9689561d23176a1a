"""enableWhen: put in order and compiled to closures, so that one pass evaluates a whole form."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from graphlib import CycleError, TopologicalSorter
from typing import Any

from template_service.questionnaire.comparing import compile_test
from template_service.questionnaire.expressions.expression import refused
from template_service.questionnaire.form import Answers, Clause, Condition, Item, Option
from template_service.questionnaire.options import Findings
from template_service.questionnaire.problems import shown
from template_service.questionnaire.raw_items import RawItem

Rule = Callable[[Answers, Sequence[bool]], bool]

_CIRCLE_SHOWN = 8


class EnableWhen:
    """The enableWhen of all items of one Questionnaire.

    `places` gives each item that has one its index among the conditions, after all the conditions
    it needs: the one around it, and those of the questions it asks about. It is empty, and a
    finding says so, when conditions depend on each other in a circle. An enableWhenExpression
    reads the response itself, so it needs the one around it only.
    """

    def __init__(self, raw: Mapping[str, RawItem], findings: Findings) -> None:
        self._raw = raw
        self._findings = findings
        self._ranks = {link_id: rank for rank, link_id in enumerate(raw)}
        self._nearest: dict[str | None, str | None] = {}
        """The nearest item with a condition, from an item upwards; parents come first in `raw`."""
        for link_id, item in raw.items():
            around = self._nearest.get(item.parent)
            self._nearest[link_id] = link_id if item.is_conditional else around
        needs = {
            link_id: set(self._needed(item)) for link_id, item in raw.items() if item.is_conditional
        }
        self.places: Mapping[str, int] = {}
        try:
            order = TopologicalSorter(needs).static_order()
            self.places = {link_id: index for index, link_id in enumerate(order)}
        except CycleError as error:
            self._say_circle(error.args[1])

    def conditions(self, items: Mapping[str, Item]) -> tuple[Condition, ...]:
        """Every condition, compiled, in the order of `places`."""
        return tuple(self._condition(self._raw[link_id], items) for link_id in self.places)

    def _say_circle(self, circle: Sequence[str]) -> None:
        first = circle[0]
        names = ", ".join(shown(link_id) for link_id in circle[:_CIRCLE_SHOWN])
        more = ", ..." if len(circle) > _CIRCLE_SHOWN else ""
        message = f"The enableWhen of these items depend on each other: {names}{more}."
        self._findings.add(self._raw[first].expression, first, message)

    def _needed(self, item: RawItem) -> Iterator[str]:
        around = self._nearest.get(item.parent)
        if around is not None:
            yield around
        for entry in item.enable_when:
            question = entry.get("question") if isinstance(entry, dict) else None
            of_question = self._nearest.get(question) if isinstance(question, str) else None
            if of_question is not None:
                yield of_question

    def _condition(self, item: RawItem, items: Mapping[str, Item]) -> Condition:
        around = self._nearest.get(item.parent)
        parent = -1 if around is None else self.places[around]
        own = items[item.link_id]
        if item.enabled_by_expression is not None:
            text = self._runnable(item)
            return Condition(parent, lambda _answers, _outcome: True, own, expression=text)
        clauses = tuple(self._clauses(item, items))
        every = item.json.get("enableBehavior") == "all"
        return Condition(parent, compile_rule(clauses, every=every), own, clauses, every)

    def _runnable(self, item: RawItem) -> str | None:
        """The FHIRPath of an enableWhenExpression; None, with a finding, when it cannot be run."""
        given = item.enabled_by_expression or {}
        reason = refused(given)
        if reason is None:
            return str(given["expression"])
        message = f"{shown(item.link_id)}: The item counts as enabled. {reason}"
        self._findings.add(item.expression, item.link_id, message, "not-supported", "warning")
        return None

    def _clauses(self, item: RawItem, items: Mapping[str, Item]) -> Iterator[Clause]:
        for index, entry in enumerate(item.enable_when):
            found = self._clause(item, entry if isinstance(entry, dict) else {}, items)
            if isinstance(found, str):
                place = f"{item.expression}.enableWhen[{index}]"
                self._findings.add(place, item.link_id, f"{shown(item.link_id)}: {found}")
            else:
                yield found

    def _clause(
        self, item: RawItem, entry: Mapping[str, Any], items: Mapping[str, Item]
    ) -> Clause | str:
        """One enableWhen entry compiled, or what is wrong with it."""
        link_id = entry.get("question")
        question = items.get(link_id) if isinstance(link_id, str) else None
        if question is None:
            named = f": {shown(link_id)}" if isinstance(link_id, str) else ""
            return f"enableWhen names a question that is not there{named}."
        test = compile_test(question, entry)
        if isinstance(test, str):
            return test
        if question.type in ("group", "display"):
            message = f"enableWhen asks about {shown(question.link_id)}, which is never answered."
            self._findings.add(
                item.expression,
                item.link_id,
                f"{shown(item.link_id)}: {message}",
                "business-rule",
                "warning",
            )
        precedes = self._ranks[question.link_id] < self._ranks[item.link_id]
        return Clause(question, precedes, test.holds, test.option)


def compile_rule(clauses: Sequence[Clause], *, every: bool) -> Rule:
    """One closure for an item's enableWhen.

    `every` is enableBehavior `all`.
    """
    if not every and (merged := _one_question(clauses)) is not None:
        return merged
    tests = [(each.question.link_id, each.question.enabled_by, each.holds) for each in clauses]

    def outcomes(answers: Answers, outcome: Sequence[bool]) -> Iterator[bool]:
        for link_id, enabled_by, test in tests:
            known = enabled_by < 0 or outcome[enabled_by]
            yield test(answers.get(link_id, ()) if known else ())

    def holds(answers: Answers, outcome: Sequence[bool]) -> bool:
        found = outcomes(answers, outcome)
        return all(found) if every else any(found)

    return holds


def _one_question(clauses: Sequence[Clause]) -> Rule | None:
    """The commonest enableWhen, "one of these options of one question", in a single look-up."""
    questions = {each.question.link_id: each.question.enabled_by for each in clauses}
    options = [each.option for each in clauses if each.option is not None]
    if len(questions) != 1 or len(options) != len(clauses):
        return None
    [(link_id, enabled_by)] = questions.items()
    wanted = {option.code: option.system for option in options}
    if any(wanted[option.code] != option.system for option in options):
        return None

    def holds(answers: Answers, outcome: Sequence[bool]) -> bool:
        if link_id in answers and (enabled_by < 0 or outcome[enabled_by]):
            for each in answers[link_id]:
                if type(each) is Option and wanted.get(each.code, each) == each.system:
                    return True
        return False

    return holds
