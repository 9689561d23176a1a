"""Each invariant of R4 is named by its number where it is broken, and only there."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.unit.questionnaire.checking.conftest import Json, choice, coded, is_code, item, when

Said = Callable[..., list[tuple[str, str, str]]]

_OPTIONS = {"answerOption": [coded("a")]}
_ONCE = [{"valueString": "a"}]


@pytest.mark.parametrize(
    ("key", "broken", "sound"),
    [
        ("que-1", item("x", "group"), item("x", "group", item=[item("y")])),
        ("que-1", item("x", "display", item=[item("y")]), item("x", "display")),
        ("que-3", item("x", "display", code=[{"code": "a"}]), item("x", code=[{"code": "a"}])),
        (
            "que-4",
            choice("x", "a", answerValueSet="https://example.org/vs"),
            item("x", "choice", answerValueSet="https://example.org/vs"),
        ),
        ("que-5", item("x", "boolean", **_OPTIONS), item("x", "choice", **_OPTIONS)),
        ("que-6", item("x", "display", repeats=False), item("x", repeats=False)),
        ("que-6", item("x", "display", required=True), item("x", required=True)),
        ("que-8", item("x", "display", initial=_ONCE), item("x", initial=_ONCE)),
        ("que-9", item("x", "display", readOnly=True), item("x", readOnly=True)),
        ("que-10", item("x", "date", maxLength=3), item("x", maxLength=3)),
        (
            "que-11",
            choice("x", "a", initial=[coded("a")]),
            item("x", "choice", answerOption=[coded("a", initialSelected=True)]),
        ),
        ("que-13", item("x", initial=_ONCE * 2), item("x", initial=_ONCE * 2, repeats=True)),
    ],
)
def test_an_item_that_breaks_an_invariant(said: Said, key: str, broken: Json, sound: Json) -> None:
    assert any(
        severity == "error" and place == "Questionnaire.item[0]" and f"'x': {key}: " in message
        for severity, place, message in said(broken)
    )
    assert not any(key in message for _, _, message in said(sound))


def test_que_0_is_advice(said: Said) -> None:
    [(severity, place, message)] = said(item("x"), name="not a name")
    assert (severity, place) == ("warning", "Questionnaire.name")
    assert message.startswith("que-0: ")
    assert said(item("x"), name="A_name1") == []


def test_que_2_is_said_once_for_each_place(said: Said) -> None:
    within = item("g", "group", item=[item("x"), item("x")])
    problems = said(item("x"), within)
    assert [place for _, place, _ in problems] == [
        "Questionnaire.item[1].item[0]",
        "Questionnaire.item[1].item[1]",
    ]
    assert all("que-2" in message for _, _, message in problems)


def test_que_7_wants_a_boolean(said: Said) -> None:
    broken = item("y", enableWhen=[when("x", "exists", answerString="a")])
    places = [place for _, place, message in said(item("x"), broken) if "que-7" in message]
    assert places == ["Questionnaire.item[1].enableWhen[0]"]
    sound = item("y", enableWhen=[when("x", "exists", answerBoolean=True)])
    assert said(item("x"), sound) == []


def test_que_12_wants_enable_behavior_with_several_conditions(said: Said) -> None:
    question = choice("x", "a", "b")
    both: Any = [is_code("x", "a"), is_code("x", "b")]
    [(severity, _, message)] = said(question, item("y", enableWhen=both))
    assert (severity, "que-12" in message) == ("error", True)
    assert said(question, item("y", enableWhen=both, enableBehavior="any")) == []
    assert said(question, item("y", enableWhen=both[:1])) == []
