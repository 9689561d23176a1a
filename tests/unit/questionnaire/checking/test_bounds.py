"""Demands that no answer can meet, and initial values an item cannot hold."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.unit.questionnaire.checking.conftest import (
    R4,
    SDC,
    Json,
    choice,
    coded,
    expression,
    item,
)

Said = Callable[..., list[tuple[str, str, str]]]


def bound(name: str, base: str = R4, **value: Any) -> Json:
    return {"url": f"{base}{name}", **value}


def bounded(kind: str, *bounds: Json, **more: Any) -> Json:
    return item("x", kind, extension=list(bounds), **more)


def kilograms(value: float) -> Json:
    return {"value": value, "system": "http://unitsofmeasure.org", "code": "kg"}


@pytest.mark.parametrize(
    ("crossing", "sound"),
    [
        (
            bounded(
                "integer", bound("minValue", valueInteger=5), bound("maxValue", valueInteger=4)
            ),
            bounded(
                "integer", bound("minValue", valueInteger=4), bound("maxValue", valueInteger=4)
            ),
        ),
        (
            bounded(
                "date",
                bound("minValue", valueDate="2026-02-01"),
                bound("maxValue", valueDate="2026-01-31"),
            ),
            bounded(
                "date",
                bound("minValue", valueDate="2026-02-01"),
                bound("maxValue", valueDate="2026"),
            ),
        ),
        (
            bounded("string", bound("minLength", valueInteger=5), maxLength=4),
            bounded("string", bound("minLength", valueInteger=4), maxLength=4),
        ),
        (
            bounded(
                "string",
                bound("questionnaire-minOccurs", valueInteger=3),
                bound("questionnaire-maxOccurs", valueInteger=2),
                repeats=True,
            ),
            bounded(
                "string",
                bound("questionnaire-minOccurs", valueInteger=2),
                bound("questionnaire-maxOccurs", valueInteger=3),
                repeats=True,
            ),
        ),
        (
            bounded(
                "quantity",
                bound("minQuantity", SDC, valueQuantity=kilograms(9)),
                bound("maxQuantity", SDC, valueQuantity=kilograms(3)),
            ),
            bounded(
                "quantity",
                bound("minQuantity", SDC, valueQuantity=kilograms(3)),
                bound("maxQuantity", SDC, valueQuantity=kilograms(9)),
            ),
        ),
    ],
)
def test_bounds_that_cross_are_an_error(said: Said, crossing: Json, sound: Json) -> None:
    assert any(
        severity == "error" and "no answer can be right" in message
        for severity, _, message in said(crossing)
    )
    assert said(sound) == []


def test_bounds_in_other_units_are_not_compared(said: Said) -> None:
    grams = {"value": 9, "system": "http://unitsofmeasure.org", "code": "g"}
    least = bound("minQuantity", SDC, valueQuantity=grams)
    assert (
        said(bounded("quantity", least, bound("maxQuantity", SDC, valueQuantity=kilograms(3))))
        == []
    )


def test_a_demand_that_means_nothing_is_named(said: Said) -> None:
    problems = said(bounded("boolean", bound("maxSize", valueDecimal=5)))
    assert any("maxSize means nothing" in message for _, _, message in problems)


def test_several_answers_need_repeats(said: Said) -> None:
    problems = said(bounded("string", bound("questionnaire-maxOccurs", valueInteger=2)))
    assert any("does not say that it repeats" in message for _, _, message in problems)


@pytest.mark.parametrize("pattern", ["(a)\\1", "(?=a)b", "(", "x" * 9_000])
def test_patterns_that_cannot_be_run_are_a_warning(said: Said, pattern: str) -> None:
    problems = said(bounded("string", bound("regex", valueString=pattern)))
    assert {severity for severity, _, _ in problems} == {"warning"}


def test_patterns_that_would_take_for_ever_elsewhere_are_sound(said: Said) -> None:
    assert said(bounded("string", bound("regex", valueString="(a+)+$"))) == []


@pytest.mark.parametrize(
    ("kind", "wrong", "right"),
    [
        ("integer", {"valueString": "1"}, {"valueInteger": 1}),
        ("integer", {"valueDecimal": 1.5}, {"valueInteger": 1}),
        ("boolean", {"valueInteger": 1}, {"valueBoolean": True}),
        ("date", {"valueDateTime": "2026-01-01T10:00:00Z"}, {"valueDate": "2026-01-01"}),
        ("url", {"valueString": "https://example.org"}, {"valueUri": "https://example.org"}),
        ("text", coded("a"), {"valueString": "a"}),
    ],
)
def test_a_type_that_cannot_hold_its_initial_value(
    said: Said, kind: str, wrong: Json, right: Json
) -> None:
    [(severity, place, _)] = said(item("x", kind, initial=[wrong]))
    assert (severity, place) == ("error", "Questionnaire.item[0].initial[0]")
    assert said(item("x", kind, initial=[right])) == []


def test_an_initial_value_that_is_not_offered(said: Said) -> None:
    problems = said(choice("x", "a", initial=[coded("b")]))
    assert any("not one of the options" in message for _, _, message in problems)
    open_ = choice("x", "a", initial=[coded("b")]) | {"type": "open-choice"}
    assert not any("not one of the options" in message for _, _, message in said(open_))


def test_several_options_are_selected_at_first_only_where_several_may_be(said: Said) -> None:
    options = [coded("a", initialSelected=True), coded("b", initialSelected=True)]
    [(severity, _, message)] = said(item("x", "choice", answerOption=options))
    assert (severity, "initialSelected" in message) == ("error", True)
    assert said(item("x", "choice", answerOption=options, repeats=True)) == []


HIDDEN = {"url": f"{R4}questionnaire-hidden", "valueBoolean": True}


@pytest.mark.parametrize(
    "closed",
    [
        item("x", required=True, extension=[HIDDEN]),
        item("x", required=True, readOnly=True),
        item("g", "group", extension=[HIDDEN], item=[item("x", required=True)]),
    ],
)
def test_what_is_required_must_be_to_be_filled_in(said: Said, closed: Json) -> None:
    [(severity, _, message)] = said(closed)
    assert (severity, "nothing fills it in" in message) == ("warning", True)


@pytest.mark.parametrize(
    "filled",
    [
        item("x", required=True),
        item("x", required=True, readOnly=True, initial=[{"valueString": "a"}]),
        item("x", required=True, extension=[HIDDEN, expression("initialExpression", "'a'")]),
        item("x", extension=[HIDDEN]),
    ],
)
def test_what_is_filled_in_may_be_hidden(said: Said, filled: Json) -> None:
    assert said(filled) == []
