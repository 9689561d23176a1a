"""Calculated values that were handed in: named where the answers beside them say otherwise."""

import json
from typing import Any

import pytest
from hypothesis import given, settings

from template_service.artefacts import artefact_path
from template_service.questionnaire.contradictions import contradictions
from template_service.questionnaire.form import Form
from template_service.questionnaire.validation import PROBLEM_LIMIT
from tests.strategies import json_values, leeds_form
from tests.unit.questionnaire.expressions.shapes import variable
from tests.unit.questionnaire.expressions.test_calculation import (
    Json,
    calculated,
    form_of,
    group,
    integer,
    node,
    of,
    response,
)

QUANTITY = {"value": 24.22491, "unit": "kg", "system": "http://unitsofmeasure.org", "code": "kg"}
CODING = {"system": "https://example.org/codes", "code": "high", "display": "High"}
SUM = form_of(integer("one"), integer("two"), calculated("sum", f"{of('one')} + {of('two')}"))


def told(form: Form, *items: Json) -> list[str]:
    """The places of the warnings; none has a number that was answered."""
    found = contradictions(form, response(*items))
    assert {(each.severity, each.code) for each in found} <= {("warning", "business-rule")}
    assert all(each.link_id in each.message for each in found if each.link_id)
    assert not any(number in each.message for each in found for number in "0123456789")
    return [each.expression for each in found]


def test_what_the_answers_come_to_is_no_contradiction() -> None:
    assert told(SUM, node("one", 1), node("two", 2), node("sum", 3)) == []
    assert told(SUM, node("one", 1), node("two", 2)) == []


def test_another_value_is_named_at_its_place() -> None:
    assert told(SUM, node("one", 1), node("two", 2), node("sum", 4)) == [
        "QuestionnaireResponse.item[2]"
    ]


def test_a_value_of_open_questions_is_named() -> None:
    found = contradictions(SUM, response(node("one", 1), node("sum", 1)))
    assert [each.message for each in found] == ["'sum': The other answers come to no value."]


def test_what_is_not_asked_for_counts_for_nothing() -> None:
    condition = [{"question": "one", "operator": "=", "answerInteger": 1}]
    asked: Json = {"enableWhen": condition}
    form = form_of(
        integer("one"),
        integer("two", **asked),
        group("row", integer("three"), repeats=True, **asked),
        calculated("sum", f"{of('two')} + 1"),
        calculated("own", "7", **asked),
    )
    given = (node("two", 2), node("sum", 3), node("own", 8))
    places = [f"QuestionnaireResponse.item[{place}]" for place in range(5)]
    assert told(form, node("one", 1), *given) == [places[3]]
    assert told(form, node("one", 2), *given) == [places[2]]
    assert told(form, node("row", item=[node("three", 1)]), node("one", 2), *given) == [places[3]]


def test_each_row_has_its_own_value() -> None:
    twice = variable("twice", "%context.item.where(linkId='one').answer.value * 2")
    double = calculated("double", "%twice")
    form = form_of(group("row", integer("one"), double, repeats=True, extension=[twice]))
    rows = [
        node("row", item=[node("one", value), node("double", doubled)])
        for value, doubled in ((1, 2), (2, 5), (3, 6), (4, 9))
    ]
    assert told(form, *rows) == [
        "QuestionnaireResponse.item[1].item[1]",
        "QuestionnaireResponse.item[3].item[1]",
    ]


def test_what_follows_from_a_wrong_value_is_wrong_too() -> None:
    form = form_of(
        integer("one"),
        calculated("two", f"{of('one')} * 2"),
        calculated("four", f"{of('two')} * 2"),
    )
    wrong = told(form, node("one", 1), node("two", 3), node("four", 6))
    assert wrong == ["QuestionnaireResponse.item[1]", "QuestionnaireResponse.item[2]"]


@pytest.mark.parametrize(
    ("type_", "expression", "kind", "agreeing", "other"),
    [
        ("decimal", "24.22491", "valueDecimal", (24.22491, 24.2, 24), (24.3, -24.2)),
        ("decimal", "1 / 8", "valueDecimal", (0.125, 0.13, 0.1), (0.2, 0.124)),
        ("integer", "3", "valueInteger", (3,), (4, True)),
        ("boolean", "true", "valueBoolean", (True,), (False,)),
        ("string", "'low'", "valueString", ("low",), ("Low", 3, {})),
    ],
)
def test_a_number_may_be_rounded_and_nothing_else(
    type_: str, expression: str, kind: str, agreeing: tuple[Any, ...], other: tuple[Any, ...]
) -> None:
    form = form_of(calculated("c", expression, type_))
    for value in agreeing:
        assert told(form, {"linkId": "c", "answer": [{kind: value}]}) == []
    for value in other:
        assert told(form, {"linkId": "c", "answer": [{kind: value}]}) != []


def test_a_coding_is_its_system_and_code() -> None:
    form = form_of(calculated("c", "'high'", "choice", answerOption=[{"valueCoding": CODING}]))
    for coding, wrong in (
        (CODING, False),
        (CODING | {"display": "Hoch"}, False),
        (CODING | {"code": "low"}, True),
        (CODING | {"system": "https://example.org/others"}, True),
        ("high", True),
    ):
        assert bool(told(form, {"linkId": "c", "answer": [{"valueCoding": coding}]})) is wrong


def test_a_quantity_is_its_number_and_unit() -> None:
    form = form_of(calculated("c", "24.2 'kg'", "quantity"))
    for quantity, wrong in (
        (QUANTITY | {"value": 24.2}, False),
        (QUANTITY | {"value": 24.2, "unit": "Kilogramm"}, False),
        (QUANTITY | {"value": 25}, True),
        (QUANTITY | {"value": 24.2, "code": "g"}, True),
        ({}, True),
        (24.2, True),
    ):
        assert bool(told(form, {"linkId": "c", "answer": [{"valueQuantity": quantity}]})) is wrong


def test_several_values_must_be_all_of_them() -> None:
    form = form_of(calculated("c", "1 | 2", repeats=True))
    assert told(form, node("c", 1, 2)) == []
    assert told(form, node("c", 1)) == told(form, node("c", 1, 2, 3)) != []


def test_a_value_of_another_type_is_another_value() -> None:
    form = form_of(calculated("c", "24", "decimal"))
    assert told(form, node("c", 24.0)) == []
    assert told(form, node("c", 24)) != []


def test_nothing_is_said_of_items_that_need_each_other() -> None:
    form = form_of(
        calculated("a", f"{of('b')} + 1"), calculated("b", f"{of('a')} + 1"), calculated("c", "1")
    )
    found = told(form, node("a", 1), node("b", 2), node("c", 3))
    assert found == ["QuestionnaireResponse.item[2]"]


def test_not_every_row_is_worth_naming() -> None:
    form = form_of(group("row", calculated("c", "1"), repeats=True))
    rows = [node("row", item=[node("c", 2)])] * (PROBLEM_LIMIT + 1)
    assert len(told(form, *rows)) == PROBLEM_LIMIT


@pytest.mark.parametrize(
    "unknown",
    [
        "%patient.birthDate.exists().iif($this, 1, 2)",
        "iif(today() > @2000-01-01, 1, 2)",
        f"{of('other')} + 1",
        "'no number'",
    ],
)
def test_nothing_is_said_of_what_cannot_be_told_here(unknown: str) -> None:
    """Nor of what is calculated from it; of the rest, all the same."""
    form = form_of(
        integer("one"),
        calculated("unknown", unknown),
        calculated("other", f"{of('unknown')} * 2"),
        calculated("known", f"{of('one')} * 2"),
    )
    items = [node("one", 1), node("unknown", 7), node("other", 14), node("known", 3)]
    assert told(form, *items) == ["QuestionnaireResponse.item[3]"]


def test_the_levels_of_the_template_are_held_against_its_answers() -> None:
    example = json.loads(
        artefact_path("examples", "example-damp-with-a-child-under-five").read_bytes()
    )
    assert contradictions(leeds_form(), example) == ()
    text = json.dumps(example)
    level = '"linkId": "housing.level"'
    assert level in text
    before, _, after = text.partition(level)
    wrong = json.loads(before + level + after.replace('"valueInteger": ', '"valueInteger": 1', 1))
    (only,) = contradictions(leeds_form(), wrong)
    assert only.link_id == "housing.level"


@settings(max_examples=50)
@given(json_values())
def test_no_json_breaks_it(value: Any) -> None:
    for each in (value, {"item": value}, {"item": [node("sum", 3) | {"answer": value}]}):
        contradictions(SUM, each)
