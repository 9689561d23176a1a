"""enableWhen: put in order and compiled to closures, so that one pass evaluates a whole form."""

import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from graphlib import CycleError, TopologicalSorter
from typing import Any

from template_service.questionnaire.form import Answers, Condition, Item, Option, Value
from template_service.questionnaire.options import Findings
from template_service.questionnaire.problems import shown
from template_service.questionnaire.values import VALUE_KIND, read_value

_COMPARISONS: Mapping[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
OPERATORS = frozenset(_COMPARISONS) | {"=", "!=", "exists"}


Rule = Callable[[Answers, Sequence[bool]], bool]


@dataclass(frozen=True, slots=True)
class Test:
    """One enableWhen entry: whether the answers of a question hold.

    `option` is there when it only asks whether this option was chosen.
    """

    holds: Callable[[tuple[Value, ...]], bool]
    option: Option | None = None


Clause = tuple[str, int, Test]
"""(linkId of the question, index of the question's own condition or -1, test of its answers)"""


@dataclass(frozen=True, slots=True)
class RawItem:
    """One item of a Questionnaire as received, with its place."""

    json: Mapping[str, Any]
    link_id: str
    expression: str
    parent: str | None

    @property
    def enable_when(self) -> list[Any]:
        """Its enableWhen entries; empty when it is always enabled."""
        found = self.json.get("enableWhen")
        return found if isinstance(found, list) else []


class EnableWhen:
    """The enableWhen of all items of one Questionnaire.

    `places` gives each item that has one its index among the conditions, after all the conditions
    it needs: the one around it, and those of the questions it asks about. It is empty, and a
    finding says so, when conditions depend on each other in a circle.
    """

    def __init__(self, raw: Mapping[str, RawItem], findings: Findings) -> None:
        self._raw = raw
        self._findings = findings
        needs = {
            link_id: frozenset(self._needed(item))
            for link_id, item in raw.items()
            if item.enable_when
        }
        self.places: Mapping[str, int] = {}
        try:
            order = TopologicalSorter(needs).static_order()
            self.places = {link_id: index for index, link_id in enumerate(order)}
        except CycleError as error:
            first, *_ = circle = error.args[1]
            names = ", ".join(shown(link_id) for link_id in circle)
            message = f"The enableWhen of these items depend on each other: {names}."
            findings.add(raw[first].expression, first, message)

    def conditions(self, items: Mapping[str, Item]) -> tuple[Condition, ...]:
        """Every condition, compiled, in the order of `places`."""
        return tuple(self._condition(self._raw[link_id], items) for link_id in self.places)

    def _needed(self, item: RawItem) -> Iterator[str]:
        around = self._nearest(item.parent)
        if around is not None:
            yield around
        for entry in item.enable_when:
            question = entry.get("question") if isinstance(entry, dict) else None
            of_question = self._nearest(question) if isinstance(question, str) else None
            if of_question is not None:
                yield of_question

    def _nearest(self, link_id: str | None) -> str | None:
        """The nearest item with an enableWhen, from this item upwards."""
        while link_id is not None and link_id in self._raw:
            if self._raw[link_id].enable_when:
                return link_id
            link_id = self._raw[link_id].parent
        return None

    def _condition(self, item: RawItem, items: Mapping[str, Item]) -> Condition:
        around = self._nearest(item.parent)
        clauses: list[Clause] = []
        for index, entry in enumerate(item.enable_when):
            found = _read_clause(entry if isinstance(entry, dict) else {}, items)
            if isinstance(found, str):
                place = f"{item.expression}.enableWhen[{index}]"
                self._findings.add(place, item.link_id, f"{shown(item.link_id)}: {found}")
            else:
                clauses.append(found)
        every = item.json.get("enableBehavior") == "all"
        parent = -1 if around is None else self.places[around]
        return Condition(parent, compile_rule(clauses, every=every))


def _read_clause(entry: Mapping[str, Any], items: Mapping[str, Item]) -> Clause | str:
    """One enableWhen entry compiled, or what is wrong with it."""
    link_id, comparison = entry.get("question"), entry.get("operator")
    question = items.get(link_id) if isinstance(link_id, str) else None
    if question is None:
        return "enableWhen names a question that is not there."
    if not isinstance(comparison, str) or comparison not in OPERATORS:
        return "enableWhen has no operator of FHIR R4."
    expected = _expected(question, comparison, entry)
    if expected is None:
        return "enableWhen has no answer of a type that fits its question."
    return question.link_id, question.enabled_by, _test(question, comparison, expected)


def _expected(question: Item, comparison: str, entry: Mapping[str, Any]) -> Value | None:
    """The answer an enableWhen entry compares with."""
    if comparison == "exists":
        exists = entry.get("answerBoolean")
        return exists if isinstance(exists, bool) else None
    coding = entry.get("answerCoding")
    if isinstance(coding, dict) and isinstance(coding.get("code"), str):
        system = coding.get("system")
        return Option(system if isinstance(system, str) else None, coding["code"], "")
    kind = VALUE_KIND.get(question.type, "").replace("value", "answer")
    given = {f"value{name[6:]}": entry[name] for name in entry if name.startswith("answer")}
    if question.type in ("choice", "open-choice"):
        text = given.get("valueString")
        return text if isinstance(text, str) else None
    if kind not in entry and question.type == "decimal":
        given["valueDecimal"] = given.get("valueInteger")
    return read_value(question, given)[0] if kind else None


def compile_rule(clauses: Sequence[Clause], *, every: bool) -> Rule:
    """One closure for an item's enableWhen.

    `every` is enableBehavior `all`.
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


def _one_question(clauses: Sequence[Clause]) -> Rule | None:
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


def _test(question: Item, comparison: str, expected: Value) -> Test:
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
