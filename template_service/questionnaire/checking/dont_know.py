"""The "don't know" trap: a calculation that takes an unanswered question for a "no".

It is found by trying: the expressions are evaluated on made-up responses, and what an answer such
as "Don't know" gives is held against what a real negative answer gives. The Gravity Project's
Hunger Vital Sign says "No risk" to "Don't know/refused", because it looks for risky answers among
those given and takes every other for safe.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from template_service.questionnaire.answers import response_items, to_response
from template_service.questionnaire.checking.formulas import scope_at
from template_service.questionnaire.checking.places import environment
from template_service.questionnaire.checking.source import Placed, Report, Source
from template_service.questionnaire.checking.unanswered import (
    is_negative,
    least,
    leaving_open,
)
from template_service.questionnaire.checking.work import Work
from template_service.questionnaire.expressions.dependencies import linkids
from template_service.questionnaire.expressions.limits import TooCostly
from template_service.questionnaire.expressions.scope import Scope
from template_service.questionnaire.extensions import values
from template_service.questionnaire.form import Form, Item, Option
from template_service.questionnaire.problems import QuestionnaireError, shown

_ASKED_LIMIT = 40
"""Questions with a "don't know" tried for one calculation; instruments have ten or twenty."""
_TO_TELL_APART = 2
_WORDS = 60


@dataclass(frozen=True, slots=True)
class _Question:
    """A question a calculation looks at: what leaves it open, what says least, what says more.

    `clear`: that `lowest` says least is known by its weight or its words, not only by its place.
    """

    item: Item
    open: tuple[Option, ...]
    lowest: Option
    others: tuple[Option, ...]
    clear: bool


def check_dont_know(source: Source, form: Form, work: Work, report: Report) -> None:
    """Report each calculation where "don't know" gives the same result as a real "no".

    The questionnaire's expressions give the same result to the answers that say least as to those
    with one "don't know" among them, or with nothing else, and another to some other answer. The
    levels of the service's own domains are left out: there an unknown answer changes nothing, by
    their rules.
    """
    levels = {domain.level.link_id for domain in form.domains if domain.level is not None}
    questions = {
        item.link_id: question
        for item in form.items.values()
        if item.calculated is None and (question := _question(item)) is not None
    }
    if not any(question.open for question in questions.values()):
        return
    for item in form.items.values():
        if item.calculated is not None and item.link_id not in levels:
            _Calculation(source, form, item, questions, work).check(report)


def _question(item: Item) -> _Question | None:
    if item.type not in ("choice", "open-choice") or not item.options:
        return None
    unanswered = leaving_open(item.options)
    real = tuple(option for option in item.options if option not in unanswered)
    if len(real) < _TO_TELL_APART:
        return None
    found = least(real)
    # Scales nearly always run from most to least where nothing says so.
    lowest = found or real[-1]
    others = tuple(option for option in real if option != lowest)
    return _Question(item, unanswered, lowest, others, found is not None)


class _Calculation:
    """One calculated item, tried on made-up responses."""

    def __init__(
        self,
        source: Source,
        form: Form,
        item: Item,
        questions: Mapping[str, _Question],
        work: Work,
    ) -> None:
        self._form = form
        self._item = item
        self._placed = source.by_link_id[item.link_id]
        self._work = work
        self._outside = environment(source)
        self._questions = _looked_at(source, self._placed, item, questions)

    def check(self, report: Report) -> None:
        """Report every "don't know" that this calculation takes for a "no"."""
        asked = [each for each in self._questions if each.open][:_ASKED_LIMIT]
        if not asked:
            return
        lowest = {each.item.link_id: each.lowest for each in self._questions}
        negative = self._result(lowest)
        if not negative or not (all(each.clear for each in asked) or _is_low(negative)):
            return
        nothing_known = {each.item.link_id: each.open[0] for each in asked}
        blind = self._result(nothing_known) == negative
        for question in asked:
            for option in question.open:
                alike = blind or self._result(lowest | {question.item.link_id: option}) == negative
                if alike and self._matters(question, lowest, negative):
                    self._say(question, option, negative, report)

    def _matters(
        self, question: _Question, lowest: Mapping[str, Option], negative: list[Any]
    ) -> bool:
        """Whether some other answer to the question gives another result."""
        return any(
            self._result({**lowest, question.item.link_id: option}) not in (None, negative)
            for option in question.others
        )

    def _result(self, chosen: Mapping[str, Option]) -> list[Any] | None:
        """What the calculation gives for these answers; None when it fails, or work is spent."""
        if not self._work.probe():
            return None
        answers = {link_id: (option,) for link_id, option in chosen.items()}
        response = to_response(self._form, answers, status="in-progress")
        nodes = {node["linkId"]: node for _, node in response_items(response)}
        root = Scope.of(self._form, response, self._outside)
        try:
            here = scope_at(root, self._form, self._placed, nodes)
            return here.evaluate(self._item.calculated or "")
        except TooCostly:
            self._work.stop()
        except QuestionnaireError:
            pass  # Said by check_formulas, where it can be.
        return None

    def _say(
        self, question: _Question, option: Option, negative: list[Any], report: Report
    ) -> None:
        message = (
            f"The answer '{option.display[:_WORDS]}' to {shown(question.item.link_id)} gives "
            f"{_told(negative)}, just as '{question.lowest.display[:_WORDS]}' does, although the "
            "question is then unanswered. It should give no result."
        )
        # Where the option has a weight of its own, the instrument says so itself.
        meant = option.weight is not None
        report.on(self._placed, message, "business-rule", "information" if meant else "warning")


def _looked_at(
    source: Source, placed: Placed, item: Item, questions: Mapping[str, _Question]
) -> tuple[_Question, ...]:
    """The questions that a calculation may look at."""
    variables = dict(_variables(source.resource))
    for each in reversed(tuple(placed.outwards())):
        variables |= dict(_variables(each.json))
    names = linkids(item.calculated or "", variables, item.link_id)
    if names is None:
        return tuple(questions.values())
    return tuple(
        question
        for link_id, question in questions.items()
        if any(one.link_id in names for one in source.by_link_id[link_id].outwards())
    )


def _variables(element: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for each in values(element, "variable", "valueExpression"):
        name, expression = each.get("name"), each.get("expression")
        if isinstance(name, str) and isinstance(expression, str):
            yield name, expression


def _is_low(result: list[Any]) -> bool:
    """Whether a result says "no" by itself: false, nought, or words that begin like one."""
    [first, *_] = result
    if isinstance(first, dict):
        first = first.get("display") or first.get("code")
    return is_negative(first) if isinstance(first, str) else not first


def _told(result: list[Any]) -> str:
    """A result in words."""
    [first, *_] = result
    if isinstance(first, dict):
        first = first.get("display") or first.get("code") or first.get("value") or "a result"
    if isinstance(first, bool):
        return "true" if first else "false"
    return f"'{str(first)[:_WORDS]}'"
