"""Questions that offer nothing, or what does not fit; initial values their item would refuse."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.unit.questionnaire.checking.conftest import (
    R4,
    Json,
    choice,
    coded,
    expression,
    is_code,
    item,
)

Said = Callable[..., list[tuple[str, str, str]]]
VALUES = {
    "resourceType": "ValueSet",
    "id": "v",
    "compose": {
        "include": [{"system": "https://example.org/s", "concept": [{"code": "a", "display": "A"}]}]
    },
}


def extension(name: str, **given: Any) -> Json:
    return {"url": R4 + name, **given}


def test_a_value_set_that_is_not_there(said: Said) -> None:
    [(severity, place, message)] = said(item("x", "choice", answerValueSet="#nope"))
    assert (severity, place) == ("error", "Questionnaire.item[0].answerValueSet")
    assert "#nope" in message
    assert said(item("x", "choice", answerValueSet="#v"), contained=[VALUES]) == []


def test_a_choice_without_options(said: Said) -> None:
    [(severity, _, message)] = said(item("x", "choice"))
    assert (severity, "nothing to choose" in message) == ("warning", True)
    made = expression("answerExpression", "%resource.item")
    assert all(
        "nothing to choose" not in each[2] for each in said(item("x", "choice", extension=[made]))
    )
    assert said(item("x", "open-choice"), item("y", "choice", readOnly=True)) == []


def test_an_option_of_another_type(said: Said) -> None:
    found = said(item("x", "integer", answerOption=[{"valueString": "one"}, {"valueInteger": 2}]))
    assert [(one[0], one[1]) for one in found] == [
        ("error", "Questionnaire.item[0].answerOption[0]")
    ]


def weight(code: str, given: Any) -> Json:
    return coded(code, extension=[extension("itemWeight", valueDecimal=given)])


def test_an_option_without_a_weight_beside_others(said: Said) -> None:
    options = [weight("a", 0), weight("b", 1), coded("c")]
    [(severity, _, message)] = said(item("x", "choice", answerOption=options))
    assert (severity, "'C' has no weight" in message) == ("information", True)
    options[2] = coded("c", "Don't know")
    assert said(item("x", "choice", answerOption=options)) == []


def test_a_weight_that_is_text(said: Said) -> None:
    options = [weight("a", 0), weight("b", "1")]
    [(severity, place, _)] = said(item("x", "choice", answerOption=options))
    assert (severity, place) == ("error", "Questionnaire.item[0].answerOption[1]")


def test_a_translation_of_a_text_option(said: Said) -> None:
    translation = {"extension": [{"url": R4 + "translation"}]}
    option = {"valueString": "a", "_valueString": translation}
    found = said(item("x", "choice", answerOption=[option]))
    assert any("its translation is not shown" in one[2] for one in found)


def test_a_condition_on_a_code_outside_a_contained_value_set(said: Said) -> None:
    question = item("x", "choice", answerValueSet="#v")
    found = said(question, item("y", enableWhen=[is_code("x", "other")]), contained=[VALUES])
    assert any("does not offer the answer" in one[2] for one in found)


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        (
            item(
                "x",
                "integer",
                initial=[{"valueInteger": 9}],
                extension=[extension("maxValue", valueInteger=5)],
            ),
            "must be 5 or less",
        ),
        (item("x", maxLength=2, initial=[{"valueString": "long"}]), "longer than 2"),
        (
            item(
                "x",
                initial=[{"valueString": "a"}],
                extension=[extension("regex", valueString="[0-9]+")],
            ),
            "not of the form",
        ),
        (item("x", "date", initial=[{"valueDate": "2020-13-45"}]), "valueDate"),
    ],
)
def test_initial_values_the_item_would_refuse(said: Said, asked: Json, code: str) -> None:
    [(severity, place, message)] = said(asked)
    assert (severity, place) == ("error", "Questionnaire.item[0].initial[0]")
    assert code in message


def test_initial_values_within_bounds_are_sound(said: Said) -> None:
    bound = extension("maxValue", valueInteger=5)
    assert said(item("x", "integer", initial=[{"valueInteger": 5}], extension=[bound])) == []
    option = choice("y", "a") | {"type": "open-choice"}
    assert said(option, item("z", "url", initial=[{"valueUri": "https://example.org"}])) == []


def test_initial_beside_an_initial_expression(said: Said) -> None:
    both = item(
        "x", initial=[{"valueString": "a"}], extension=[expression("initialExpression", "'b'")]
    )
    assert [one[1] for one in said(both)] == ["Questionnaire.item[0].initial"]


def test_a_bound_of_another_type(said: Said) -> None:
    [(severity, _, message)] = said(
        item("x", "integer", extension=[extension("minValue", valueString="5")])
    )
    assert (severity, "valueString" in message) == ("warning", True)


def test_several_answers_demanded_of_an_item_that_does_not_repeat(said: Said) -> None:
    least = extension("questionnaire-minOccurs", valueInteger=2)
    [(severity, _, message)] = said(item("x", extension=[least]))
    assert (severity, "minOccurs" in message) == ("error", True)
    assert said(item("x", repeats=True, extension=[least])) == []
