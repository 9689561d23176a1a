"""Functions of SDC and FHIR: weights, answers, value sets and references that are to hand."""

from decimal import Decimal
from typing import Any

import pytest

from template_service.questionnaire.expressions.evaluation import RESPONSE_ITEM, Typed, evaluate
from template_service.questionnaire.problems import QuestionnaireError
from tests.unit.questionnaire.expressions.samples import (
    ANSWERS,
    ORDINAL,
    QUESTIONNAIRE,
    RESPONSE,
    WEIGHT,
    coding,
)

KNOWN = {"resource": RESPONSE, "questionnaire": QUESTIONNAIRE}


def found(expression: str, focus: Any = RESPONSE, **more: Any) -> list[Any]:
    return evaluate(expression, focus, {**KNOWN, **more})


@pytest.mark.parametrize(("link_id", "weight"), [("mood", 2), ("sleep", 1.5), ("often", 3)])
@pytest.mark.parametrize("call", ["answer.value.weight()", "answer.value.ordinal()"])
def test_the_weight_of_an_answer(link_id: str, weight: float, call: str) -> None:
    assert found(f"item.where(linkId='{link_id}').{call}") == [weight]
    assert found(f"%resource.descendants().where(linkId='{link_id}').{call}") == [weight]
    assert found(f"item.where(linkId='{link_id}').answer.weight()") == [weight]


def test_weight_of_the_focus() -> None:
    assert found("answer.value.weight()", Typed(RESPONSE["item"][0], RESPONSE_ITEM)) == [2]


@pytest.mark.parametrize("url", [WEIGHT, ORDINAL])
def test_a_weight_on_the_coding_itself_counts_first(url: str) -> None:
    item = {"linkId": "mood", "answer": [{"valueCoding": coding("low", 7, url)}]}

    assert found("answer.value.weight()", Typed(item, RESPONSE_ITEM)) == [7]


def test_an_answer_without_a_weight_is_not_zero() -> None:
    expression = "item.where(linkId='smokes' or linkId='numbers').answer.value.weight()"
    assert found(expression) == []
    assert found(f"{expression}.sum()") == []
    item = {"linkId": "sleep", "answer": [{"valueCoding": coding("well")}]}
    assert found("answer.value.weight()", Typed(item, RESPONSE_ITEM)) == []


def test_the_same_code_weighs_what_its_own_question_says() -> None:
    item = {"linkId": "sleep", "answer": [{"valueCoding": coding("low")}]}
    assert found("answer.value.weight()", Typed(item, RESPONSE_ITEM)) == []


def test_the_weight_of_a_contained_code_system() -> None:
    concept = {"code": "low", "extension": [{"url": WEIGHT, "valueDecimal": Decimal("0.5")}]}
    system = {"resourceType": "CodeSystem", "url": ANSWERS, "concept": [{"concept": [concept]}]}
    questionnaire = {"resourceType": "Questionnaire", "contained": [system]}
    expression = "item.where(linkId='mood').answer.value.weight()"
    assert found(expression, questionnaire=questionnaire) == [0.5]


_THREE = {"system": ANSWERS, "code": "x", "extension": [{"url": WEIGHT, "valueDecimal": 3}]}


@pytest.mark.parametrize(
    "value_set",
    [
        {"expansion": {"total": 5, "contains": [_THREE]}},
        {"expansion": {"contains": [{**_THREE, "abstract": True}]}},
        {
            "compose": {
                "include": [
                    {"system": ANSWERS, "concept": [{**_THREE, "system": None}]},
                    {"system": "https://example.org/other", "filter": []},
                ]
            }
        },
    ],
    ids=["a page", "abstract", "a filter beside it"],
)
def test_a_code_that_is_listed_has_its_weight_whatever_else_its_value_set_holds(
    value_set: dict[str, Any],
) -> None:
    questionnaire = {
        "resourceType": "Questionnaire",
        "contained": [{"resourceType": "ValueSet", "id": "v", **value_set}],
        "item": [{"linkId": "a", "type": "choice", "answerValueSet": "#v"}],
    }
    answer = {"valueCoding": {"system": ANSWERS, "code": "x"}}
    focus = Typed({"linkId": "a", "answer": [answer]}, RESPONSE_ITEM)
    assert found("answer.weight().sum()", focus, questionnaire=questionnaire) == [3]


def test_weights_of_the_expansion_of_a_contained_value_set() -> None:
    listed = {**coding("low", 4), "contains": [coding("fine", 1)]}
    questionnaire = {
        "resourceType": "Questionnaire",
        "contained": [{"resourceType": "ValueSet", "id": "v", "expansion": {"contains": [listed]}}],
        "item": [{"linkId": "g", "item": [{"linkId": "mood", "answerValueSet": "#v"}]}],
    }
    for code, weight in (("low", 4), ("fine", 1)):
        item = {"linkId": "mood", "answer": [{"valueCoding": coding(code)}]}
        focus = Typed(item, RESPONSE_ITEM)
        assert found("answer.value.weight()", focus, questionnaire=questionnaire) == [weight]


def test_answers_are_all_at_and_below_in_order() -> None:
    values = found("answers().value")

    assert len(values) == 16
    assert values[:1] == [RESPONSE["item"][0]["answer"][0]["valueCoding"]]
    assert found("item.where(linkId='smokes').answers().value") == [True, "long ago"]
    assert found("item.where(linkId='child').answers().value") == ["Ann", "Bob"]


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("item.where(linkId='often').answer.value.memberOf('#often')", [True]),
        ("item.where(linkId='mood').answer.value.memberOf('#often')", [False]),
        ("'never'.memberOf('https://example.org/ValueSet/often')", [True]),
        ("{}.memberOf('#often')", []),
    ],
)
def test_member_of_a_contained_value_set(expression: str, expected: list[Any]) -> None:
    assert found(expression) == expected


@pytest.mark.parametrize("named", ["#open", "#none", "https://example.org/ValueSet/elsewhere"])
def test_a_value_set_that_is_not_to_hand_is_no_guess(named: str) -> None:
    with pytest.raises(QuestionnaireError, match="value set"):
        found(f"'never'.memberOf('{named}')")


def test_a_value_set_without_its_exclusions() -> None:
    listed = {"system": ANSWERS, "concept": [{"code": "a"}, {"code": "b"}]}
    compose = {"include": [listed], "exclude": [{"system": ANSWERS, "concept": [{"code": "b"}]}]}
    questionnaire = {"contained": [{"resourceType": "ValueSet", "id": "v", "compose": compose}]}
    assert found("'a'.memberOf('#v')", questionnaire=questionnaire) == [True]
    assert found("'b'.memberOf('#v')", questionnaire=questionnaire) == [False]


def test_a_page_of_a_value_set_is_not_the_whole() -> None:
    page = {"total": 2, "contains": [{"system": ANSWERS, "code": "a"}]}
    questionnaire = {"contained": [{"resourceType": "ValueSet", "id": "v", "expansion": page}]}
    with pytest.raises(QuestionnaireError, match="value set"):
        found("'b'.memberOf('#v')", questionnaire=questionnaire)


def test_only_contained_references_are_resolved() -> None:
    assert found("subject.resolve().birthDate") == ["1980-02-03"]
    assert found("'#p'.resolve().birthDate") == ["1980-02-03"]
    assert found("'https://example.org/Patient/1'.resolve()") == []
    assert found("'Patient/p'.resolve()") == []


@pytest.mark.parametrize("expression", ["%factory.string('x')", "%terminologies.expand('x')"])
def test_what_needs_a_server_is_refused_by_name(expression: str) -> None:
    with pytest.raises(QuestionnaireError, match=r"%(factory|terminologies)|no function"):
        found(expression)
