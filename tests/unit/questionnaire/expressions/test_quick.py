"""Closures give what the library gives: the same values, or both nothing."""

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings

from template_service.questionnaire.definition import compile_questionnaire
from template_service.questionnaire.expressions import engine
from template_service.questionnaire.expressions.evaluation import evaluate
from template_service.questionnaire.expressions.quick import compile_quick
from template_service.questionnaire.expressions.scope import Scope
from template_service.questionnaire.form import Form
from template_service.questionnaire.problems import QuestionnaireError
from tests import practice
from tests.strategies import leeds_form
from tests.unit.questionnaire.expressions.shapes import (
    ENVIRONMENT,
    SYSTEM,
    WEIGHT,
    Json,
    expressions,
    form,
    option,
    responses,
    variable,
)


def quick(scope: Scope, expression: str) -> list[Any] | None:
    return scope.sight.evaluate(expression)


def library(scope: Scope, expression: str) -> list[Any]:
    return evaluate(expression, scope.focus, scope)


def agree(form_: Form, response: Json, expression: str, environment: Json) -> bool:
    """Whether a closure was sure; then the library must say the same."""
    found = quick(Scope.of(form_, response, environment), expression)
    if found is None:
        return False
    expected = library(Scope.of(form_, response, environment), expression)
    assert json.dumps(found) == json.dumps(expected)
    return True


@settings(max_examples=50)
@given(expression=expressions(), response=responses())
def test_a_closure_gives_what_the_library_gives(expression: str, response: Json) -> None:
    agree(form(), response, expression, ENVIRONMENT)
    if compile_quick(expression) is not None:
        engine.parsed(expression)


TRUTHS = ("true", "false", "{}")
NUMBERS = ("-7", "0", "2.5", "3", "{}")
TEXTS = ("'a'", "'A '", "'b'", "2", "2.0", "('b' | 2 | 'a')", "{}")
OPERATIONS = {
    **dict.fromkeys(("and", "or", "xor", "implies"), TRUTHS),
    **dict.fromkeys(("+", "-", "*", "/", "div", "mod", "<", "<=", ">", ">="), NUMBERS),
    **dict.fromkeys(("=", "!=", "~", "!~", "|", "&", "in", "contains"), TEXTS),
}


@pytest.mark.parametrize("sign", OPERATIONS)
def test_an_operator_is_that_of_the_library_for_every_kind_of_operand(sign: str) -> None:
    empty = {"resourceType": "QuestionnaireResponse"}
    operands = OPERATIONS[sign]
    pairs = [f"{left} {sign} {right}" for left in operands for right in operands]
    sure = [agree(form(), empty, pair, {}) for pair in pairs]
    assert sum(sure) > len(sure) / 5


def fhirpath(resource: Any) -> Iterator[str]:
    """Every FHIRPath expression of a resource."""
    if isinstance(resource, dict):
        if resource.get("language") == "text/fhirpath" and "expression" in resource:
            yield resource["expression"]
        for each in resource.values():
            yield from fhirpath(each)
    elif isinstance(resource, list):
        for each in resource:
            yield from fhirpath(each)


def answered(questionnaire: Json) -> Json:
    """A response with an answer of some kind to every item of a questionnaire."""
    values = (
        {"valueBoolean": True},
        {"valueDecimal": 61.5},
        {"valueCoding": {"system": "http://snomed.info/sct", "code": "77176002"}},
        {"valueInteger": 5},
    )

    def items(around: Json) -> list[Json]:
        found = []
        for number, item in enumerate(around.get("item", ())):
            node: Json = {"linkId": item["linkId"]}
            inside = items(item)
            if inside and item["type"] == "group":
                node["item"] = inside
            elif item["type"] not in ("group", "display"):
                value = dict(values[number % len(values)])
                node["answer"] = [{**value, "item": inside} if inside else value]
            found.append(node)
        return found

    return {"resourceType": "QuestionnaireResponse", "item": items(questionnaire)}


def test_closures_agree_on_every_expression_of_the_public_questionnaires(shared: Path) -> None:
    sure: set[str] = set()
    for file in sorted((shared / "data" / "fhir").rglob("*.json")):
        resource = json.loads(file.read_text(encoding="utf-8"))
        texts = dict.fromkeys(fhirpath(resource))
        quick_ones = [text for text in texts if compile_quick(text) is not None]
        if quick_ones and resource.get("resourceType") == "Questionnaire":
            sure.update(text for text in quick_ones if _agree_on(resource, text))
    assert len(sure) > 40


@cache
def _compiled(text: str) -> Form:
    return compile_questionnaire(json.loads(text))


def _agree_on(questionnaire: Json, expression: str) -> bool:
    # What is asked may be no sound questionnaire: only its variables and its items count here.
    usable = {"resourceType": "Questionnaire", "status": "active"}
    usable["extension"] = questionnaire.get("extension", [])
    compiled = _compiled(json.dumps(usable))
    return agree(compiled, answered(questionnaire), expression, {"age": 13})


def test_every_level_of_the_template_is_a_closure() -> None:
    response = practice.answered(leeds_form(), 60)
    levels = [item.calculated for item in leeds_form().items.values() if item.calculated]
    assert levels
    for expression in levels:
        assert agree(leeds_form(), response, expression, {})


NOT_SURE = (
    # a comparison of texts that may be dates
    "item.where(linkId='born').answer.value = '1990-01-01'",
    "iif(true, item.where(linkId='born').answer.value, 'x') = '1990-01-01'",
    "item.where(linkId='note').answer.value < 'x'",
    # what only the library words
    "(1 | 2) + 1",
    "true + 1",
    "item.where(linkId='tall').answer.value = 3",
    "%unknown",
    # equal items, of which repeat() keeps one
    "%resource.repeat(item).where(linkId='name').answer.value",
    "%resource.repeat(item).count()",
    # a code that says why it is not there
    "item.where(linkId='colour').answer.value.code.exists()",
)
NOT_TAKEN = (
    "today()",
    "%patient.birthDate",
    "item[0].answer",
    "'it\\'s'",
    "1 'mg'",
    "answer.value.ofType(Coding)",
    "item.where(answer)",
    "1 + 1 'mg'",
    "%questionnaire.item",
    "+".join(["1"] * 1000),
    "(" * 60 + "1" + ")" * 60,
    "1 +",
    "",
)


@pytest.mark.parametrize("expression", NOT_SURE)
def test_what_is_beyond_doubt_only_for_the_library_is_left_to_it(expression: str) -> None:
    child = {"linkId": "child", "item": [{"linkId": "name", "answer": [{"valueString": "Ann"}]}]}
    response = {
        "resourceType": "QuestionnaireResponse",
        "item": [
            {"linkId": "born", "answer": [{"valueDate": "1990-01-01"}]},
            {"linkId": "note", "answer": [{"valueString": "a"}]},
            {"linkId": "tall", "answer": [{"valueQuantity": {"value": 3, "unit": "m"}}]},
            {"linkId": "colour", "answer": [{"valueCoding": {"_code": {"extension": []}}}]},
            child,
            child,
        ],
    }
    assert compile_quick(expression) is not None
    assert quick(Scope.of(form(), response), expression) is None


GREY = {"valueCoding": {"system": SYSTEM, "code": "grey"}}
OWN_WEIGHT = {"url": WEIGHT, "valueDecimal": 7}


@pytest.mark.parametrize(
    ("answer", "weights"),
    [
        ({"valueCoding": {"system": SYSTEM, "code": "red"}}, [1]),
        ({"valueCoding": {"system": SYSTEM, "code": "red", "extension": [OWN_WEIGHT]}}, [7]),
        ({"valueCoding": {"system": SYSTEM, "code": "red"}, "extension": [OWN_WEIGHT]}, [7]),
        (GREY, []),
        ({"valueCoding": {"code": "red"}}, []),
    ],
)
def test_a_weight_is_the_options_unless_the_answer_has_its_own(
    answer: Json, weights: list[Any]
) -> None:
    question = {"linkId": "c", "type": "choice", "answerOption": [option("red", 1), GREY]}
    asked = {"resourceType": "Questionnaire", "status": "active", "item": [question]}
    response = {
        "resourceType": "QuestionnaireResponse",
        "item": [{"linkId": "c", "answer": [answer]}],
    }
    scope = Scope.of(compile_questionnaire(asked), response)
    assert scope.evaluate("%resource.item.where(linkId='c').answer.weight()") == weights


@pytest.mark.parametrize("expression", NOT_TAKEN)
def test_other_shapes_are_left_to_the_library(expression: str) -> None:
    assert compile_quick(expression) is None


@pytest.mark.parametrize(
    "response",
    [
        {"item": [{"linkId": "note"}]},
        {"item": {"linkId": "note"}},
        {"item": [{"linkId": "note", "_text": {"extension": []}}]},
        {"item": [{"linkId": "note", "answer": [{"valueString": "a", "valueInteger": 1}]}]},
        {"item": [{"linkId": "note", "answer": [{"valueString": None}]}]},
        {"item": [{"linkId": 3}]},
        {"item": [None]},
        [],
    ],
)
def test_an_odd_response_is_left_to_the_library(response: Any) -> None:
    if isinstance(response, dict) and response != {"item": [{"linkId": "note"}]}:
        response["resourceType"] = "QuestionnaireResponse"
    assert quick(Scope.of(form(), response), "%resource.item.count()") is None


def test_filters_within_filters_are_counted() -> None:
    nodes = [{"linkId": "note", "answer": [{"valueInteger": n}]} for n in range(1000)]
    response = {"resourceType": "QuestionnaireResponse", "item": nodes}
    inner = "%resource.item.where(answer.value > 3).exists()"

    assert quick(Scope.of(form(), response), inner) == [True]
    assert quick(Scope.of(form(), response), f"%resource.item.where({inner}).count()") is None


def test_a_variable_in_a_circle_is_refused_as_the_library_refuses_it() -> None:
    questionnaire = {
        "resourceType": "Questionnaire",
        "status": "active",
        "extension": [variable("one", "%two + 1"), variable("two", "%one + 1")],
    }
    scope = Scope.of(
        compile_questionnaire(questionnaire), {"resourceType": "QuestionnaireResponse"}
    )
    with pytest.raises(QuestionnaireError, match="needs itself"):
        scope.evaluate("%one")


def test_a_criterion_of_two_booleans_is_no_criterion() -> None:
    inner = [{"linkId": "a"}, {"linkId": "b"}]
    response = {"resourceType": "QuestionnaireResponse", "item": [{"linkId": "g", "item": inner}]}
    scope = Scope.of(form(), response)
    expression = "%resource.item.where(item.select(linkId = 'a')).count()"
    assert quick(scope, expression) is None
    with pytest.raises(QuestionnaireError):
        scope.evaluate(expression)


def test_a_variable_does_not_see_the_total_of_what_uses_it() -> None:
    compiled = form_of_variable("seen", "$total.count()")
    scope = Scope.of(compiled, {"resourceType": "QuestionnaireResponse"})
    expression = "(1 | 2 | 3).aggregate(iif($total.exists(), %seen, 5))"
    assert quick(scope, expression) == library(scope, expression) == [0]


def form_of_variable(name: str, expression: str) -> Form:
    resource = {"resourceType": "Questionnaire", "status": "draft"}
    return compile_questionnaire({**resource, "extension": [variable(name, expression)]})
