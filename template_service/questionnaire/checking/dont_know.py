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
    is_directed,
    is_reassuring,
    least,
    leaving_open,
)
from template_service.questionnaire.checking.work import Work
from template_service.questionnaire.expressions.dependencies import linkids
from template_service.questionnaire.expressions.limits import TooCostly
from template_service.questionnaire.expressions.scope import Scope
from template_service.questionnaire.extensions import value, values
from template_service.questionnaire.form import Form, Item, Option, Value
from template_service.questionnaire.problems import QuestionnaireError, shown

_ASKED_LIMIT = 40
"""Questions with a "don't know" tried for one calculation; instruments have ten or twenty."""
_OPTIONS_TRIED = 8
_TO_TELL_APART = 2
_WORDS = 60

_Chosen = Mapping[str, Value]
"""linkId -> the one answer to it"""


@dataclass(frozen=True, slots=True)
class _Question:
    """A question a calculation looks at: what leaves it open, what says least, what says more.

    `clear`: that `lowest` says least is known by its weight or its words, not only by its place.
    """

    item: Item
    open: tuple[Option, ...]
    lowest: Value
    others: tuple[Value, ...]
    clear: bool

    @property
    def link_id(self) -> str:
        """The linkId of its item."""
        return self.item.link_id

    @property
    def directed(self) -> bool:
        """Whether `lowest` is good news however the question is put."""
        return self.clear and isinstance(self.lowest, Option) and is_directed(self.lowest)


def check_dont_know(source: Source, form: Form, work: Work, report: Report) -> None:
    """Report each calculation where "don't know" gives the same result as a real "no".

    The questionnaire's expressions give the same result to the answers that say least as to those
    with one "don't know" among them, or with nothing else, and another to some other answer. Also
    where nothing at all is answered, and the result says in words that nothing is the matter. The
    levels of the service's own domains are left out: there an unknown answer changes nothing, by
    their rules.
    """
    levels = {domain.level.link_id for domain in form.domains if domain.level is not None}
    questions = {
        item.link_id: question
        for item in form.items.values()
        if item.calculated is None and (question := _question(item)) is not None
    }
    for item in form.items.values() if questions else ():
        if item.calculated is not None and item.link_id not in levels and work.in_time():
            _Calculation(source, form, item, questions, work).check(report)


def _question(item: Item) -> _Question | None:
    if item.type == "boolean" and not item.options:
        return _Question(item, (), False, (True,), clear=True)
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
        self._results: dict[tuple[tuple[str, Value], ...], list[Any] | None] = {}
        self._lowest: _Chosen = {each.link_id: each.lowest for each in self._questions}
        self._highest: _Chosen = {each.link_id: each.others[0] for each in self._questions}

    def check(self, report: Report) -> None:
        """Report every "don't know" that this calculation takes for a "no"."""
        asked = [each for each in self._questions if each.open][:_ASKED_LIMIT]
        blind = self._result({each.link_id: each.open[0] for each in asked}) if asked else None
        trapped = False
        for question in asked:
            for option in question.open if self._work.in_time() else ():
                found = self._trap(question, option, blind)
                if found is not None:
                    trapped = True
                    self._say(question, option, found, report)
        if not trapped:
            self._check_nothing_answered(report)

    def _trap(
        self, question: _Question, option: Option, blind: list[Any] | None
    ) -> tuple[Value, list[Any]] | None:
        """The answer that "don't know" is taken for, and what both give; None when for none."""
        for meant, chosen in self._tries(question):
            found = self._result(chosen)
            usual = chosen == self._lowest
            if not found or not self._says_no(question, found, chosen):
                continue
            alike = usual and blind == found
            alike = alike or self._result({**chosen, question.link_id: option}) == found
            if alike and self._matters(question, chosen, found):
                return meant, found
        return None

    def _tries(self, question: _Question) -> Iterator[tuple[Value, _Chosen]]:
        """Answers to hold a "don't know" against: of this question, and with it of all."""
        yield question.lowest, self._lowest
        # Which way it is put is not certain: another answer to it may be the good news.
        if not question.directed:
            for other in question.others[:_OPTIONS_TRIED]:
                yield other, {**self._lowest, question.link_id: other}
        yield question.others[0], self._highest

    def _says_no(self, question: _Question, found: list[Any], chosen: _Chosen) -> bool:
        """Whether a result to these answers says that nothing is the matter."""
        if question.clear and chosen == self._lowest:
            return True
        if chosen[question.link_id] == question.lowest or not question.directed:
            return _is_low(found)
        # The answer itself says that something is: only plain words tell otherwise.
        return _in_words(found) and _is_low(found)

    def _matters(self, question: _Question, chosen: _Chosen, found: list[Any]) -> bool:
        """Whether some other answer to the question gives another result."""
        return any(
            self._result({**chosen, question.link_id: option}) not in (None, found)
            for option in (question.lowest, *question.others)
        )

    def _check_nothing_answered(self, report: Report) -> None:
        """Report good news, in words, for people of whom nothing is known."""
        conditional = any(_is_conditional(each.json) for each in self._placed.outwards())
        if conditional or all(each.item.required for each in self._questions):
            return
        found = self._result({})
        if not found or not _in_words(found) or not _is_low(found):
            return
        others = (self._highest, self._lowest)
        if any(self._result(chosen) not in (None, [], found) for chosen in others):
            message = (
                f"With no question answered it gives {_told(found)}, as it does to real answers. "
                "It should give no result."
            )
            report.on(self._placed, message, "business-rule")

    def _result(self, chosen: _Chosen) -> list[Any] | None:
        """What the calculation gives for these answers; None when it fails, or work is spent."""
        key = tuple(chosen.items())
        if key not in self._results:
            self._results[key] = self._evaluated(chosen)
        return self._results[key]

    def _evaluated(self, chosen: _Chosen) -> list[Any] | None:
        if not self._work.probe():
            return None
        answers = {link_id: (answer,) for link_id, answer in chosen.items()}
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
        self,
        question: _Question,
        option: Option,
        trap: tuple[Value, list[Any]],
        report: Report,
    ) -> None:
        meant, found = trap
        words = meant.display if isinstance(meant, Option) else str(meant)
        message = (
            f"The answer '{option.display[:_WORDS]}' to {shown(question.link_id)} gives "
            f"{_told(found)}, just as '{words[:_WORDS]}' does, although the "
            "question is then unanswered. It should give no result."
        )
        # Where the option has a weight of its own, the instrument says so itself.
        said = option.weight is not None
        report.on(self._placed, message, "business-rule", "information" if said else "warning")


def _is_conditional(element: Mapping[str, Any]) -> bool:
    expression = value(element, "sdc-questionnaire-enableWhenExpression", "valueExpression")
    return expression is not None or bool(element.get("enableWhen"))


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
    """Whether a result says "no" by itself: false, nought, or words that nothing is the matter."""
    [first, *_] = result
    if isinstance(first, dict):
        first = first.get("display") or first.get("code")
    return is_reassuring(first) if isinstance(first, str) else not first


def _in_words(result: list[Any]) -> bool:
    return isinstance(result[0], str | dict)


def _told(result: list[Any]) -> str:
    """A result in words."""
    [first, *_] = result
    if isinstance(first, dict):
        first = first.get("display") or first.get("code") or first.get("value") or "a result"
    if isinstance(first, bool):
        return "true" if first else "false"
    return f"'{str(first)[:_WORDS]}'"
