"""What counts of a response as received: the answers asked for, and what is calculated from them.

Rules.md, rule 4a: answers of items that are not enabled do not count, save those that disclose.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from time import thread_time
from types import MappingProxyType
from typing import Any

from template_service.questionnaire.answers import (
    disclosures,
    read_answers,
    response_items,
    to_response,
)
from template_service.questionnaire.conditions import Counted, counted_answers
from template_service.questionnaire.elements import copied, objects, value_of
from template_service.questionnaire.expressions.calculation import calculate
from template_service.questionnaire.expressions.limits import ALLOWANCE
from template_service.questionnaire.form import Answers, Form, Item, Value
from template_service.questionnaire.problems import ROOT, Problem, written
from template_service.questionnaire.pruning import without_disabled

Environment = Mapping[str, Any]


ROUND_LIMIT = 8
"""How often what counts and what is calculated from it are worked out in turn: what is left out may
change a value that something else is asked for by. One after another they seldom are."""

_COSTLY = Problem(
    "warning",
    "too-costly",
    written(ROOT),
    None,
    "What counts and what is calculated from it takes too long to work out; some of it was not.",
)


@dataclass(frozen=True, slots=True)
class Counts:
    """The answers that count, and the first value of every calculated item (linkId -> JSON).

    `problems` (too-costly) say that not all of it could be worked out.
    """

    answers: Answers
    values: dict[str, Any]
    problems: tuple[Problem, ...] = ()


def counts(form: Form, answers: Answers, response: Any) -> Counts:
    """What counts of the answers read from a response, wherever they stood in it.

    They are nested as the form nests them. Rows stay as received, because answers do not tell of
    which row they are; those that stood in none are a further row. Not calculated: what gives
    nothing, and what needs something that is not there (a launch context such as %patient). What
    discloses counts always. Never raises on any JSON value.
    """
    seen: dict[str, Any] = response if isinstance(response, dict) else {}
    rows = _whole_rows(form, seen, answers)
    nested = to_response(form, answers, status="in-progress", rows=rows)
    final, told = settled(form, {**seen, "item": nested.get("item", [])})
    problems = (_COSTLY,) if any(each.code == "too-costly" for each in told) else ()
    if form.flat:
        return Counts(counted_answers(form, answers), _values(form, final), problems)
    found, _ = read_answers(form, final)
    return Counts(_with_disclosures(form, found, answers), _values(form, final), problems)


def settled(
    form: Form, response: Mapping[str, Any], environment: Environment = MappingProxyType({})
) -> tuple[dict[str, Any], tuple[Problem, ...]]:
    """The response without what is disabled, calculated from what is left; and what was left out.

    Conditions may ask about calculated values, and those must not count what conditions leave out:
    so both are worked out in turn, within the time of one response. Where that is too little a
    problem (too-costly) says so, and no answer is left out for want of a value.
    """
    started, told = thread_time(), list[Problem]()
    kept = dict(response)
    for _ in range(ROUND_LIMIT):
        calculation = calculate(form, kept, environment, _left(started))
        kept = calculation.response
        costly = tuple(each for each in calculation.problems if each.code == "too-costly")
        if not form.conditions or (costly and _asks_for_values(form)):
            return kept, (*told, *costly)
        kept, dropped = without_disabled(form, kept, environment, _left(started))
        told += dropped
        if costly or not any(each.code != "too-costly" for each in dropped):
            return kept, (*told, *costly)
    return calculate(form, kept, environment, _left(started)).response, (*told, _COSTLY)


def _left(started: float) -> float:
    return max(0.0, ALLOWANCE - (thread_time() - started))


def _asks_for_values(form: Form) -> bool:
    """Whether a condition may ask for what is calculated."""
    return any(
        condition.expression is not None
        or any(clause.question.calculated is not None for clause in condition.clauses)
        for condition in form.conditions
    )


def _with_disclosures(form: Form, found: Answers, answers: Answers) -> Counted:
    """What was found to count, with every disclosure among the answers (rules.md, rule 4a)."""
    counted = Counted()
    for link_id in form.items:
        given = found.get(link_id, ())
        missing = (each for each in disclosures(answers.get(link_id, ())) if each not in given)
        if whole := (*given, *dict.fromkeys(missing)):
            counted[link_id] = whole
    return counted


def has_rows(form: Form) -> bool:
    """Whether an item may be there more than once, because something around it repeats."""
    return any(item.inside_repeats for item in form.items.values())


def _whole_rows(
    form: Form, response: Mapping[str, Any], answers: Answers
) -> dict[str, list[dict[str, Any]]]:
    """The rows of a response by linkId, so that every answer of theirs is in one of them, once.

    What stands in a row and does not belong there is taken out: it goes where it belongs.
    """
    rows = {
        link_id: _tidied(form, form.items[link_id], found)
        for link_id, found in _rows(form, response).items()
    }
    there, _ = read_answers(form, {"item": [row for found in rows.values() for row in found]})
    left = {link_id: _without(given, there.get(link_id, ())) for link_id, given in answers.items()}
    further = _rows(form, to_response(form, left, status="in-progress")) if rows else {}
    return {link_id: [*found, *further.get(link_id, ())] for link_id, found in rows.items()}


def _without(given: tuple[Value, ...], there: tuple[Value, ...]) -> tuple[Value, ...]:
    """The values that are left when each of the others is taken away once."""
    # By the kind too: to Python True is 1.
    taken = Counter((type(each), each) for each in there)
    left = []
    for each in given:
        if taken[type(each), each]:
            taken[type(each), each] -= 1
        else:
            left.append(each)
    return tuple(left)


def _tidied(form: Form, holder: Item, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows without answers of items that the form has elsewhere; copies where there are any."""
    elsewhere = form.items.keys() - {each.link_id for each in _inside(holder)}
    found: list[dict[str, Any]] = []
    for row in rows:
        given = {"item": [row]}
        if any(node["linkId"] in elsewhere for _, node in response_items(given)):
            given = copied(given)
            for _, node in response_items(given):
                if node["linkId"] in elsewhere and "answer" in node:
                    _lift(node)
        found += given["item"]
    return found


def _lift(node: Any) -> None:
    """Takes the answers of an item out; what is inside them stays inside the item."""
    answers = objects(node.pop("answer"))
    inside = [each for answer in answers for each in objects(answer.get("item"))]
    if inside:
        node["item"] = [*objects(node.get("item")), *inside]


def _inside(item: Item) -> Iterator[Item]:
    """An item and everything inside it."""
    waiting = [item]
    while waiting:
        yield (each := waiting.pop())
        waiting += each.children


def _rows(form: Form, response: Mapping[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """What holds rows, by linkId, as it stands anywhere in a response; not what is inside it."""
    holding = {
        item.link_id
        for item in form.items.values()
        if not item.inside_repeats and any(each.inside_repeats for each in item.children)
    }
    found: dict[str, list[dict[str, Any]]] = {}
    waiting = list(reversed(objects(response.get("item")))) if holding else []
    while waiting:
        node = waiting.pop()
        link_id = node.get("linkId")
        if isinstance(link_id, str) and link_id in holding:
            found.setdefault(link_id, []).append(node)
            continue
        inside = [node, *objects(node.get("answer"))]
        waiting += reversed([each for one in inside for each in objects(one.get("item"))])
    return found


def _values(form: Form, response: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for _, node in response_items(response):
        item = form.items.get(node["linkId"])
        if item is not None and item.calculated is not None:
            for kind, value in map(value_of, objects(node.get("answer"))):
                if kind:
                    found.setdefault(item.link_id, value)
    return {link_id: found[link_id] for link_id in form.items if link_id in found}
