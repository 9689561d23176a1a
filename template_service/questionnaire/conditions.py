"""enableWhen: compiled to closures, ordered once, evaluated in one pass over a form's conditions.

An answer to an item that is not enabled does not enable anything either. Where a question is
answered in several repetitions of a group, all of its answers are looked at.
"""

import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from graphlib import CycleError, TopologicalSorter
from typing import Any

from template_service.questionnaire.form import Answers, Form, Item, Option, Value

Rule = Callable[[Answers, Sequence[bool]], bool]


@dataclass(frozen=True, slots=True)
class Test:
    """One enableWhen entry: whether the answers of a question hold.

    `option` is there when it only asks whether this option was chosen.
    """

    holds: Callable[[tuple[Value, ...]], bool]
    option: Option | None = None


_COMPARISONS: Mapping[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
OPERATORS = frozenset(_COMPARISONS) | {"=", "!=", "exists"}


def opened(form: Form, answers: Answers) -> list[bool]:
    """The outcome of every condition of the form, by `Item.enabled_by`."""
    outcome: list[bool] = []
    for condition in form.conditions:
        around = condition.parent < 0 or outcome[condition.parent]
        outcome.append(around and condition.rule(answers, outcome))
    return outcome


def enabled_items(form: Form, answers: Answers) -> frozenset[str]:
    """The linkIds of every item (groups and display items too) that is enabled."""
    outcome = opened(form, answers)
    return frozenset(
        link_id
        for link_id, item in form.items.items()
        if item.enabled_by < 0 or outcome[item.enabled_by]
    )


def counted_answers(form: Form, answers: Answers) -> dict[str, tuple[Value, ...]]:
    """The answers that count (content.md, rule 4a): those of enabled items, and disclosures.

    Of an item that is not enabled, only the options that disclose are kept.
    """
    outcome = opened(form, answers)
    counted: dict[str, tuple[Value, ...]] = {}
    items = form.items
    for link_id, given in answers.items():
        item = items.get(link_id)
        if item is None:
            continue
        if item.enabled_by < 0 or outcome[item.enabled_by]:
            counted[link_id] = given
        elif kept := disclosures(given):
            counted[link_id] = kept
    return counted


def disclosures(given: tuple[Value, ...]) -> tuple[Option, ...]:
    """The chosen options that are never refused, stripped or left uncounted."""
    return tuple(each for each in given if type(each) is Option and each.discloses)


def drop_disabled(form: Form, answers: Answers) -> tuple[Answers, Answers]:
    """Split answers into those that count and those to items that are not enabled.

    Returns `(kept, dropped)`, each linkId -> values. Disclosures are always kept.
    """
    kept = counted_answers(form, answers)
    dropped: dict[str, tuple[Value, ...]] = {}
    for link_id, given in answers.items():
        remaining = kept.get(link_id, ())
        if lost := tuple(each for each in given if each not in remaining):
            dropped[link_id] = lost
    return kept, dropped


def order_of(needs: Mapping[str, frozenset[str]]) -> tuple[str, ...]:
    """The items with an enableWhen, each after those its own condition needs.

    `needs` maps a linkId to the linkIds whose conditions must be known first. Raises CycleError
    when conditions depend on each other in a circle; its second argument lists the linkIds.
    """
    return tuple(TopologicalSorter(needs).static_order())


def circle(error: CycleError) -> tuple[str, ...]:
    """The linkIds of a circle of conditions."""
    return tuple(str(link_id) for link_id in error.args[1])


def rule(clauses: Sequence[tuple[str, int, Test]], *, every: bool) -> Rule:
    """One closure for an item's enableWhen.

    Each clause is (linkId of the question, index of the question's own condition or -1, test of
    its answers); `every` is enableBehavior `all`.
    """
    if not every and (merged := _one_question(clauses)) is not None:
        return merged

    def outcomes(answers: Answers, outcome: Sequence[bool]) -> Iterator[bool]:
        for link_id, enabled_by, test in clauses:
            known = enabled_by < 0 or outcome[enabled_by]
            yield test.holds(answers.get(link_id, ()) if known else ())

    def holds(answers: Answers, outcome: Sequence[bool]) -> bool:
        found = outcomes(answers, outcome)
        return all(found) if every else any(found)

    return holds


def _one_question(clauses: Sequence[tuple[str, int, Test]]) -> Rule | None:
    """The commonest enableWhen, "one of these options of one question", in a single look-up."""
    questions = {(link_id, enabled_by) for link_id, enabled_by, _ in clauses}
    options = [test.option for _, _, test in clauses if test.option is not None]
    if len(questions) != 1 or len(options) != len(clauses):
        return None
    [(link_id, enabled_by)] = questions
    wanted = {option.code: option.system for option in options}
    if len(wanted) != len(set(options)):
        return None

    def holds(answers: Answers, outcome: Sequence[bool]) -> bool:
        if link_id in answers and (enabled_by < 0 or outcome[enabled_by]):
            for each in answers[link_id]:
                if type(each) is Option and wanted.get(each.code, each) == each.system:
                    return True
        return False

    return holds


def clause(question: Item, comparison: str, expected: Value) -> Test:
    """The test of one enableWhen entry on the answers of its question.

    As R4 says: `=` and the ordering operators hold when any answer does, `!=` when no answer is
    equal, `exists` when there being an answer is as expected.
    """
    if comparison == "exists":
        return Test(lambda given: bool(given) is expected)
    if comparison == "=":
        return _equal(question, expected)
    if comparison == "!=":
        equal = _equal(question, expected).holds
        return Test(lambda given: not equal(given))
    return Test(_ordered(_COMPARISONS[comparison], expected))


def _equal(question: Item, expected: Value) -> Test:
    if isinstance(expected, Option):
        # An enableWhen may leave the system out; the question's own option then says it.
        wanted = expected if expected.system else question.by_code.get(expected.code, expected)
        return Test(lambda given: wanted in given, wanted)
    if isinstance(expected, str):
        return Test(
            lambda given: any(
                each == expected or (type(each) is Option and each.code == expected)
                for each in given
            )
        )
    if isinstance(expected, bool):
        return Test(lambda given: any(each is expected for each in given))
    return Test(lambda given: any(_is_number(each) and each == expected for each in given))


def _is_number(value: Value) -> bool:
    return isinstance(value, int | Decimal) and not isinstance(value, bool)


def _ordered(
    comparison: Callable[[Any, Any], bool], expected: Value
) -> Callable[[tuple[Value, ...]], bool]:
    if _is_number(expected):
        return lambda given: any(_is_number(each) and comparison(each, expected) for each in given)
    # Dates and times of one precision are in order as text.
    return lambda given: any(type(each) is str and comparison(each, expected) for each in given)
