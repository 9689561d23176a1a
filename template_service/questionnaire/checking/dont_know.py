"""The "don't know" trap: a calculation that takes an unanswered question for a "no".

It is found by trying: the expressions are evaluated on made-up responses, and what an answer such
as "Don't know" gives is held against what a real negative answer gives. The Gravity Project's
Hunger Vital Sign says "No risk" to "Don't know/refused", because it looks for risky answers among
those given and takes every other for safe. A sum does the same to every question that is left out.
"""

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from template_service.questionnaire.checking.source import Report, Source
from template_service.questionnaire.checking.trials import (
    Chosen,
    Question,
    Trial,
    question_of,
    told,
)
from template_service.questionnaire.checking.unanswered import is_reassuring
from template_service.questionnaire.checking.work import Work
from template_service.questionnaire.form import Form, Option, Value
from template_service.questionnaire.problems import Severity, shown

_ASKED_LIMIT = 40
"""Questions with a "don't know" tried for one calculation; instruments have ten or twenty."""
_OPTIONS_TRIED = 8
_WORDS = 60
_SUM = re.compile(r"\bsum\s*\(")
# By these words a result says itself that it is of what was answered.
_OF_THE_ANSWERED = re.compile(r"\b(answered|so far|partial|pro-?rated)\b", re.IGNORECASE)


def check_dont_know(source: Source, form: Form, work: Work, report: Report) -> frozenset[str]:
    """Report each calculation where "don't know" gives the same result as a real "no".

    The questionnaire's expressions give the same result to the answers that say least as to those
    with one "don't know" among them, or with nothing else, and another to some other answer. Also
    where nothing at all is answered, and the result says in words that nothing is the matter; and
    a total that leaves out questions nobody has to answer. The levels of the service's own domains
    are left out: there an unknown answer changes nothing, by their rules.

    Returns the linkIds of the calculations that take a "don't know" for a "no", and not because it
    has a weight that says so.
    """
    levels = {domain.level.link_id for domain in form.domains if domain.level is not None}
    questions = {
        item.link_id: question
        for item in form.items.values()
        if (question := question_of(item)) is not None
    }
    calculated = [item for item in form.items.values() if item.calculated is not None]
    return frozenset(
        item.link_id
        for item in (calculated if questions else ())
        if item.link_id not in levels
        and work.in_time()
        and _Check(Trial(source, form, item, questions, work), report).run()
    )


class _Check:
    """The check of one calculated item."""

    def __init__(self, trial: Trial, report: Report) -> None:
        self._trial = trial
        self._report = report
        self._result = trial.result
        self._lowest = trial.lowest
        self._highest: Chosen = {each.link_id: each.others[0] for each in trial.questions}

    def run(self) -> bool:
        """Report all of this calculation; whether it takes a "don't know" for a "no" unasked."""
        trapped = self._report_traps()
        if not self._trial.is_conditional(self._trial.placed.link_id):
            reassures = not trapped and self._reassures_nobody()
            if not reassures and not self._says_of_what():
                self._check_total()
        return any(option.weight is None for option in trapped)

    def _report_traps(self) -> list[Option]:
        """Every "don't know" that the calculation takes for a "no", reported."""
        asked = [each for each in self._trial.questions if each.open][:_ASKED_LIMIT]
        blind = self._result({each.link_id: each.open[0] for each in asked}) if asked else None
        trapped = []
        for question in asked:
            for option in question.open if self._trial.in_time() else ():
                found = self._trap(question, option, blind)
                if found is not None:
                    trapped.append(option)
                    self._say(question, option, found)
        return trapped

    def _trap(
        self, question: Question, option: Option, blind: list[Any] | None
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

    def _tries(self, question: Question) -> Iterator[tuple[Value, Chosen]]:
        """Answers to hold a "don't know" against: of this question, and with it of all."""
        yield question.lowest, self._lowest
        # Which way it is put is not certain: another answer to it may be the good news.
        if not question.directed:
            for other in question.others[:_OPTIONS_TRIED]:
                yield other, {**self._lowest, question.link_id: other}
        yield question.others[0], self._highest

    def _says_no(self, question: Question, found: list[Any], chosen: Chosen) -> bool:
        """Whether a result to these answers says that nothing is the matter."""
        if question.clear and chosen == self._lowest:
            return True
        if chosen[question.link_id] == question.lowest or not question.directed:
            return _is_low(found)
        # The answer itself says that something is: only plain words tell otherwise.
        return _in_words(found) and _is_low(found)

    def _matters(self, question: Question, chosen: Chosen, found: list[Any]) -> bool:
        """Whether some other answer to the question gives another result."""
        return any(
            self._result({**chosen, question.link_id: option}) not in (None, found)
            for option in (question.lowest, *question.others)
        )

    def _reassures_nobody(self) -> bool:
        """Whether there is good news, in words, for people of whom nothing is known: reported."""
        found = () if self._all_required() else self._result({})
        if not found or not _in_words(found) or not _is_low(found):
            return False
        others = (self._highest, self._lowest)
        if all(self._result(chosen) in (None, [], found) for chosen in others):
            return False
        message = (
            f"With no question answered it gives {told(found)}, as it does to real answers. "
            "It should give no result."
        )
        self._report.on(self._trial.placed, message, "business-rule")
        return True

    def _all_required(self) -> bool:
        return all(each.item.required for each in self._trial.questions)

    def _says_of_what(self) -> bool:
        """Whether the text of the item says that it is of what was answered."""
        text = self._trial.placed.json.get("text")
        return isinstance(text, str) and _OF_THE_ANSWERED.search(text) is not None

    def _check_total(self) -> None:
        """Report a total of some of the answers, where a question may be left out.

        Where the first of the questions alone gives no result, but most of them do, the author
        has decided how many may be missing. What is asked of some people only is left out rightly.
        """
        is_conditional = self._trial.is_conditional
        may_lack = [
            each
            for each in self._trial.questions
            if not each.item.required and not is_conditional(each.link_id)
        ]
        for left in (may_lack[1:], may_lack):
            found = self._total_without(left) if left else None
            if found is not None:
                some = f"With {shown(left[0].link_id)} "
                some += f"and {len(left) - 1} more left out" if left[1:] else "left out"
                message = (
                    f"{some} it gives {told(found)}, as if they counted nothing. It should give no "
                    "result, or its text say that it is of what was answered."
                )
                self._report.on(self._trial.placed, message, "business-rule")
                return

    def _total_without(self, left: list[Question]) -> list[Any] | None:
        """The total without some questions, when their answers would have counted."""
        names = {each.link_id for each in left}
        given = {name: answer for name, answer in self._lowest.items() if name not in names}
        found = self._result(given)
        if not found or not (_is_number(found[0]) or any(map(_SUM.search, self._trial.texts()))):
            return None
        least = self._result(self._lowest)
        most = self._result({**given, **{each.link_id: each.most for each in left}})
        return found if least and most and least != most else None

    def _say(self, question: Question, option: Option, trap: tuple[Value, list[Any]]) -> None:
        meant, found = trap
        words = meant.display if isinstance(meant, Option) else str(meant)
        message = (
            f"The answer '{option.display[:_WORDS]}' to {shown(question.link_id)} gives "
            f"{told(found)}, just as '{words[:_WORDS]}' does, although the question is then "
            "unanswered. It should give no result."
        )
        # Where the option has a weight of its own, the instrument says so itself.
        severity: Severity = "warning" if option.weight is None else "information"
        self._report.on(self._trial.placed, message, "business-rule", severity)


def _is_low(result: list[Any]) -> bool:
    """Whether a result says "no" by itself: false, nought, or words that nothing is the matter."""
    [first, *_] = result
    if isinstance(first, dict):
        first = first.get("display") or first.get("code")
    return is_reassuring(first) if isinstance(first, str) else not first


def _in_words(result: list[Any]) -> bool:
    return isinstance(result[0], str | dict)


def _is_number(given: Any) -> bool:
    return isinstance(given, int | float | Decimal) and not isinstance(given, bool)
