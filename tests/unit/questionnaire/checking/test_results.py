"""What an expression plainly gives is held against what its place takes."""

from collections.abc import Callable

import pytest

from template_service.questionnaire.definition import compile_questionnaire
from template_service.questionnaire.validation import validate
from tests.unit.questionnaire.checking.conftest import (
    Json,
    choice,
    coded,
    expression,
    item,
    questionnaire,
)

Said = Callable[..., list[tuple[str, str, str]]]
ANSWER = "%resource.item.where(linkId='a').answer.value"


def condition(text: str) -> Json:
    return item("x", extension=[expression("enableWhenExpression", text)])


def calculated(kind: str, text: str, **more: object) -> Json:
    return item("x", kind, extension=[expression("calculatedExpression", text)], **more)


@pytest.mark.parametrize("text", ["true", "1 = 1", "false", "'a' in ('a' | 'b')", "(1 > 2).not()"])
def test_a_condition_that_is_always_the_same(said: Said, text: str) -> None:
    [(severity, place, message)] = said(condition(text))
    assert (severity, place) == ("warning", "Questionnaire.item[0].extension[0]")
    assert "the same whatever is answered" in message


@pytest.mark.parametrize(
    "text",
    [
        f"{ANSWER}.count()",
        "'yes'",
        f"iif({ANSWER}.exists(), 'yes', 'no')",
        f"{ANSWER}.count() + 1",
        f"{ANSWER}.toString().first()",
    ],
)
def test_a_condition_that_is_never_true_does_not_keep_its_item_back(said: Said, text: str) -> None:
    [(severity, _, message)] = said(condition(text), item("a"))
    assert (severity, "the item is asked whenever it does" in message) == ("warning", True)
    form = compile_questionnaire(questionnaire(condition(text), item("a")))
    answered = [{"linkId": "x", "answer": [{"valueString": "kept"}]}]
    given = [{"linkId": "a", "answer": [{"valueString": "yes"}]}]
    response = {"resourceType": "QuestionnaireResponse", "item": [*answered, *given]}
    assert "x" in validate(form, response).answers


@pytest.mark.parametrize(
    "text",
    [
        ANSWER,
        f"{ANSWER} = 'a'",
        f"{ANSWER}.exists() and 1 = 1",
        f"iif({ANSWER}.exists(), true, {{}})",
        "today() > @2020-01-01",
        "exists()",
    ],
)
def test_a_condition_that_decides(said: Said, text: str) -> None:
    assert said(condition(text), item("a")) == []


@pytest.mark.parametrize(
    ("kind", "text", "gives"),
    [
        ("integer", f"{ANSWER} = 'a'", "true or false"),
        ("string", f"{ANSWER}.exists()", "true or false"),
        ("boolean", f"{ANSWER}.count()", "a number"),
        ("string", f"{ANSWER}.length() * 2", "a number"),
        ("decimal", f"'a' & {ANSWER}", "a text"),
    ],
)
def test_a_result_its_item_cannot_hold(said: Said, kind: str, text: str, gives: str) -> None:
    [(severity, _, message)] = said(calculated(kind, text), item("a"))
    told = f"It gives {gives}, which no item of type {kind} can hold."
    assert (severity, told in message) == ("warning", True)


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("integer", f"{ANSWER}.count()"),
        ("decimal", f"{ANSWER}.length() div 2"),
        ("boolean", f"{ANSWER}.exists()"),
        ("string", f"'a' & {ANSWER}"),
        ("date", "today().toString()"),
        ("date", "today() - 1 day"),
        ("integer", ANSWER),
    ],
)
def test_a_result_its_item_holds(said: Said, kind: str, text: str) -> None:
    assert said(calculated(kind, text), item("a")) == []


def test_a_text_may_be_the_code_of_an_option(said: Said) -> None:
    text = "iif(%resource.item.where(linkId='a').answer.exists(), 'yes', 'no')"
    offered = calculated("choice", text, answerOption=[coded("yes"), coded("no")])
    assert said(offered, choice("a", "b")) == []
