"""Elements of the wrong JSON type, and conditions that do not say what they seem to."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.unit.questionnaire.checking.conftest import (
    choice,
    coded,
    expression,
    is_code,
    item,
    when,
)

Said = Callable[..., list[tuple[str, str, str]]]
PLACE = "Questionnaire.item[0]"


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("required", "true"),
        ("repeats", 1),
        ("readOnly", "false"),
        ("maxLength", -1),
        ("maxLength", "3"),
        ("item", {"linkId": "y"}),
        ("prefix", 1),
        ("enableWhen", "x"),
    ],
)
def test_elements_of_another_type(said: Said, name: str, given: Any) -> None:
    found = said(item("x", **{name: given}))
    assert ("error", f"{PLACE}.{name}") in [one[:2] for one in found]


def test_an_enable_behaviour_that_is_none(said: Said) -> None:
    asked = item("x", enableBehavior="some", enableWhen=[is_code("q", "a"), is_code("q", "b")])
    found = said(asked, choice("q", "a", "b"))
    assert [one[:2] for one in found] == [("error", f"{PLACE}.enableBehavior")]


def test_two_answers_in_one_condition(said: Said) -> None:
    twice = when("q", "=", answerString="a", answerInteger=1)
    found = said(item("x", enableWhen=[twice]), item("q"))
    assert [one[:2] for one in found] == [("error", f"{PLACE}.enableWhen[0]")]


def test_enable_when_beside_its_expression(said: Said) -> None:
    asked = item(
        "x",
        enableWhen=[is_code("q", "a")],
        extension=[expression("enableWhenExpression", "%resource.item.exists()")],
    )
    found = said(asked, choice("q", "a"))
    assert [one[:2] for one in found] == [("warning", f"{PLACE}.enableWhen")]


@pytest.mark.parametrize(
    ("place", "asked"),
    [
        (PLACE, item("x", enableWhens=[])),
        (PLACE, item("x", _enableWhens={})),
        (f"{PLACE}.enableWhen[0]", item("x", enableWhen=[{**is_code("q", "a"), "value": 1}])),
        (
            f"{PLACE}.answerOption[0]",
            item("x", "choice", answerOption=[{**coded("a"), "selected": True}]),
        ),
        (f"{PLACE}.initial[0]", item("x", initial=[{"valueString": "a", "exclusive": True}])),
    ],
)
def test_properties_that_r4_does_not_have(said: Said, place: str, asked: Any) -> None:
    found = said(asked, choice("q", "a"))
    assert [(one[0], one[1], "FHIR R4 has no" in one[2]) for one in found] == [
        ("warning", place, True)
    ]


def test_a_property_of_the_questionnaire_that_r4_does_not_have(said: Said) -> None:
    [(severity, place, message)] = said(item("x"), items=[])
    assert (severity, place, "'items'" in message) == ("warning", "Questionnaire", True)
    more = {"_title": {"id": "t"}, "contact": [{"name": "A"}], "text": {"status": "empty"}}
    assert said(item("x", _text={"id": "t"}), **more) == []
