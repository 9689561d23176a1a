"""What fills one question: its initialExpression, else an Observation, else its fixed values.

SDC "Form population": expression- and observation-based population go together; `initial` and
`initialSelected` (FHIR R4, Questionnaire) say what is there before anything is known.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from template_service.questionnaire.extensions import value
from template_service.questionnaire.form import Item
from template_service.questionnaire.population.evaluating import Evaluator, Failed
from template_service.questionnaire.population.fitting import Answer, Unfit
from template_service.questionnaire.population.names import INITIAL_EXPRESSION
from template_service.questionnaire.population.observations import (
    Match,
    Observations,
    link_period,
    stands_alone,
)
from template_service.questionnaire.population.observed import Observed
from template_service.questionnaire.population.place import Place
from template_service.questionnaire.population.reporting import Absent, Complaint, Report
from template_service.questionnaire.population.values import answers_of
from template_service.questionnaire.problems import Severity

_BOTH = (
    "It has both initial and initialExpression, which SDC does not allow; initial counts only "
    "where the expression gives nothing."
)


# An expression that failed did not find out that nothing is known.
_LEFT_UNREAD = ("processing", "too-costly")


@dataclass(slots=True)
class Outcome:
    """What one question was filled with, and what is to be said when that is all.

    `observed` is the Observation it came from. `again`: it may be filled once more is answered.
    `unusable`: something is known that cannot be used, so nothing else may stand in for it.
    """

    answers: list[Answer] = field(default_factory=list)
    observed: Observed | None = None
    again: bool = False
    unusable: bool = False
    _complaints: list[Complaint] = field(default_factory=list)
    _lacking: list[Absent] = field(default_factory=list)

    def complain(self, severity: Severity, code: str, reason: str) -> None:
        """Something went wrong on the way."""
        self._complaints.append(Complaint(severity, code, reason))

    def lacking(self, absent: list[Absent]) -> None:
        """Names that hold nothing, for want of which an expression gave nothing."""
        self._lacking.extend(absent)

    def take(self, item: Item, results: Sequence[Any]) -> None:
        """Answers from a collection; what does not fit is complained of."""
        self.answers, unfit = answers_of(item, results)
        for each in unfit:
            self.complain("warning", each.code, each.reason)
        self.unusable = bool(unfit and not self.answers)

    def tell(self, item: Item, report: Report) -> None:
        """Says it all; that nothing was found is no news about a question that was filled."""
        for each in self._complaints:
            if not self.answers or each.severity != "information":
                report.add(item, each)
        if not self.answers:
            for absent in self._lacking:
                absent.items[item.link_id] = None


class Sources:
    """Where the answers of one population come from."""

    def __init__(self, evaluator: Evaluator, observations: Observations) -> None:
        self._evaluator = evaluator
        self._observations = observations

    def fill(self, item: Item, here: Place) -> Outcome:
        """What fills one occurrence of a question.

        A default is for when nothing is known: where what is known is in conflict, or does not fit
        the item, it stays empty.
        """
        outcome = Outcome()
        if item.raw.get("extension"):
            self._expression(item, here, outcome)
            if not (outcome.answers or outcome.unusable):
                self._observation(item, here, outcome)
        if outcome.answers or outcome.unusable:
            return outcome
        if values := list(fixed(item.raw)):
            outcome.take(item, values)
        return outcome

    def bound(self, item: Item, here: Place) -> Place:
        """The place of what is in a group: limited to the Observation the group stands for."""
        if link_period(item) is None:
            return here
        return replace(here, bound=self._observations.panel(item, here.bound) or here.bound)

    def _expression(self, item: Item, here: Place, outcome: Outcome) -> None:
        expression = value(item.raw, INITIAL_EXPRESSION, "valueExpression")
        if expression is None:
            return
        if "initial" in item.raw:
            outcome.complain("warning", "business-rule", _BOTH)
        try:
            results, needed = self._evaluator.results(expression, here)
        except Failed as failed:
            outcome.again = failed.needed.answers
            if lacking := here.lacks(failed.needed.names):
                outcome.lacking(lacking)
            else:
                outcome.unusable = failed.code in _LEFT_UNREAD
                outcome.complain("warning", failed.code, failed.reason)
            return
        outcome.again = needed.answers
        if results:
            outcome.take(item, results)
        elif lacking := here.lacks(needed.names):
            outcome.lacking(lacking)
        else:
            outcome.complain("information", "not-found", "Its initialExpression gave nothing.")

    def _observation(self, item: Item, here: Place, outcome: Outcome) -> None:
        if link_period(item) is None:
            return
        if item.repeats:
            reason = "Only items that do not repeat are filled from Observations."
            outcome.complain("warning", "not-supported", reason)
            return
        found = self._observations.answer(item, here.bound)
        nothing = isinstance(found, Unfit) and found.code == "not-found"
        if nothing and here.bound is not None and stands_alone(here.root.form, item):
            found = self._observations.answer(item, None)
        if isinstance(found, Match):
            outcome.answers, outcome.observed = [found.answer], found.observed
            return
        outcome.unusable = found.code not in ("not-found", "not-supported")
        severity: Severity = "information" if found.code == "not-found" else "warning"
        outcome.complain(severity, found.code, found.reason)


def fixed(raw: Mapping[str, Any]) -> Iterator[Any]:
    """The values `initial` gives an item, else those of its options that are `initialSelected`."""
    initial, offered = raw.get("initial"), raw.get("answerOption")
    if isinstance(initial, list):
        yield from map(_value, initial)
    elif isinstance(offered, list):
        for each in offered:
            if isinstance(each, dict) and each.get("initialSelected") is True:
                yield _value(each)


def _value(element: Any) -> Any:
    """Its value[x]; an empty list, which fits nowhere, when it has none."""
    named = element if isinstance(element, dict) else {}
    return next((named[name] for name in named if name.startswith("value")), [])
