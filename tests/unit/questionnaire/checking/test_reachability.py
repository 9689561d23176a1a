"""Items that nobody is ever asked are found, and no others."""

from collections.abc import Callable
from typing import Any

import pytest

from template_service.questionnaire.checking.check import check
from tests.unit.questionnaire.checking.conftest import (
    R4,
    Json,
    choice,
    coded,
    expression,
    is_code,
    item,
    questionnaire,
    when,
)
from tests.unit.questionnaire.counting import lines_run

Said = Callable[..., list[tuple[str, str, str]]]
NEVER = "Nobody is ever asked this"

COLOUR = choice("colour", "red", "green")
AGE = item("age", "integer")
QUESTIONS = (COLOUR, AGE, item("agreed", "boolean"), item("born", "date"), item("note"))


def asked(*conditions: Json, behaviour: str = "all", **more: Any) -> Json:
    behave = {"enableBehavior": behaviour} if len(conditions) > 1 else {}
    return item("asked", enableWhen=list(conditions), **behave, **more)


def never(problems: list[tuple[str, str, str]]) -> list[str]:
    return [place for _, place, message in problems if NEVER in message]


@pytest.mark.parametrize(
    "conditions",
    [
        [is_code("colour", "blue")],
        [when("colour", "=", answerCoding={"system": "https://other.example", "code": "red"})],
        [when("colour", "=", answerString="blue")],
        [is_code("colour", "red"), is_code("colour", "green")],
        [is_code("colour", "red"), is_code("colour", "red", "!=")],
        [is_code("colour", "red"), when("colour", "exists", answerBoolean=False)],
        [when("age", ">", answerInteger=10), when("age", "<", answerInteger=10)],
        [when("age", ">=", answerInteger=11), when("age", "=", answerInteger=10)],
        [when("born", ">", answerDate="2020-01-01"), when("born", "<", answerDate="2019-01-01")],
        [when("agreed", "=", answerBoolean=True), when("agreed", "=", answerBoolean=False)],
    ],
)
def test_what_cannot_come_about_is_named(said: Said, conditions: list[Json]) -> None:
    assert len(never(said(*QUESTIONS, asked(*conditions)))) == 1


@pytest.mark.parametrize(
    "conditions",
    [
        [is_code("colour", "red")],
        [when("colour", "=", answerCoding={"code": "red"})],
        [when("colour", "=", answerString="red")],
        [is_code("colour", "red", "!="), is_code("colour", "green", "!=")],
        [when("age", ">=", answerInteger=10), when("age", "<=", answerInteger=10)],
        [when("born", ">", answerDate="2020-01-01"), when("born", "<", answerDate="2019")],
        [when("agreed", "=", answerBoolean=True), is_code("colour", "red")],
        [when("colour", "exists", answerBoolean=False)],
    ],
)
def test_what_can_come_about_is_not(said: Said, conditions: list[Json]) -> None:
    assert said(*QUESTIONS, asked(*conditions)) == []


def test_with_any_one_way_is_enough(said: Said) -> None:
    lost = is_code("colour", "blue")
    ways = (lost, is_code("colour", "red"))
    assert never(said(COLOUR, asked(*ways, behaviour="any"))) == []
    assert never(said(COLOUR, asked(lost, lost, behaviour="any"))) == [
        "Questionnaire.item[1].enableWhen[0]"
    ]


@pytest.mark.parametrize(
    ("conditions", "so"),
    [
        ([is_code("colour", "blue", "!=")], "holds whatever is answered"),
        ([is_code("colour", "red"), is_code("colour", "blue", "!=")], "holds whatever is answered"),
        ([is_code("colour", "red"), is_code("colour", "blue")], "never holds"),
        ([is_code("colour", "red"), when("colour", "=", answerString="blue")], "never holds"),
    ],
)
def test_a_condition_on_an_answer_that_is_not_on_offer(
    said: Said, conditions: list[Json], so: str
) -> None:
    [(severity, place, message)] = said(COLOUR, asked(*conditions, behaviour="any"))
    assert severity == "warning"
    assert place == f"Questionnaire.item[1].enableWhen[{len(conditions) - 1}]"
    assert f"'colour' does not offer 'blue': this condition {so}." in message
    assert said(COLOUR | {"type": "open-choice"}, asked(*conditions, behaviour="any")) == []


@pytest.mark.parametrize("operator", ["=", "!=", [], {}, None])
def test_it_is_told_once(said: Said, operator: Any) -> None:
    lost = is_code("colour", "blue") | {"operator": operator}
    waiting = asked(lost, is_code("colour", "red"))
    about = [text for _, _, text in said(COLOUR, waiting) if "not offer" in text]
    assert len(about) == (operator in ("=", "!="))


def test_several_answers_may_hold_what_one_cannot(said: Said) -> None:
    both = asked(is_code("colour", "red"), is_code("colour", "green"))
    assert said(COLOUR | {"repeats": True}, both) == []
    assert said(item("g", "group", repeats=True, item=[COLOUR]), both) == []


@pytest.mark.parametrize(
    "open_",
    [
        {"type": "open-choice"},
        {"extension": [expression("answerExpression", "'blue'")]},
    ],
)
def test_options_from_elsewhere_may_be_any(said: Said, open_: Json) -> None:
    assert never(said(COLOUR | open_, asked(is_code("colour", "blue")))) == []


def test_what_waits_for_it_is_never_asked_either(said: Said) -> None:
    first = asked(is_code("colour", "blue"), item=[item("inside")])
    second = item("second", enableWhen=[when("inside", "exists", answerBoolean=True)])
    third = item("third", enableWhen=[when("inside", "exists", answerBoolean=False)])
    problems = said(COLOUR, first, second, third)
    assert never(problems) == [
        "Questionnaire.item[1].enableWhen[0]",
        "Questionnaire.item[2].enableWhen[0]",
    ]
    assert [severity for severity, _, _ in problems] == ["warning", "warning"]


def test_it_is_an_error_where_something_urgent_is_inside(said: Said) -> None:
    parts = [
        {"url": "derived", "valueBoolean": False},
        {"url": "owner", "valueString": "us"},
        {"url": "action", "valueString": "Ring them"},
    ]
    card = [{"url": "sdoh-urgent-card", "extension": parts}]
    urgent = item("urgent", "choice", answerOption=[coded("now", extension=card)])
    group = item("g", "group", item=[urgent], enableWhen=[is_code("colour", "blue")])
    [(severity, place, message)] = said(COLOUR, group)
    assert (severity, place) == ("error", "Questionnaire.item[1].enableWhen[0]")
    assert "discloses something urgent" in message
    group["enableWhen"] = [is_code("colour", "red")]
    assert said(COLOUR, group) == []


def test_an_expression_decides_instead(said: Said) -> None:
    enabled = expression("enableWhenExpression", "%resource.exists()")
    assert never(said(COLOUR, asked(is_code("colour", "blue"), extension=[enabled]))) == []


@pytest.mark.parametrize(
    ("asking", "what"),
    [
        (item("a", enableWhen=[when("a", "exists", answerBoolean=True)]), "itself"),
        (
            item(
                "a",
                "group",
                item=[item("b")],
                enableWhen=[when("b", "exists", answerBoolean=True)],
            ),
            "'b', inside it",
        ),
    ],
)
def test_an_item_that_waits_for_itself(said: Said, asking: Json, what: str) -> None:
    told = (
        "error",
        "Questionnaire.item[0].enableWhen[0]",
        f"'a': The item waits for an answer to {what}.",
    )
    assert told in said(asking)


def test_a_question_that_is_not_there(said: Said) -> None:
    unknown = item("a", enableWhen=[when("nobody", "exists", answerBoolean=True)])
    [(severity, place, _)] = said(unknown)
    assert (severity, place) == ("error", "Questionnaire.item[0].enableWhen[0]")


BETWEEN = [
    {"url": f"{R4}minValue", "valueInteger": 1},
    {"url": f"{R4}maxValue", "valueInteger": 10},
]


@pytest.mark.parametrize(
    ("comparison", "beyond", "within"),
    [("=", 11, 10), ("=", 0, 1), (">", 10, 9), (">=", 11, 10), ("<", 1, 2), ("<=", 0, 1)],
)
def test_an_answer_beyond_its_bounds_never_comes(
    said: Said, comparison: str, beyond: int, within: int
) -> None:
    bounded = item("n", "integer", extension=BETWEEN)
    assert len(never(said(bounded, asked(when("n", comparison, answerInteger=beyond))))) == 1
    assert said(bounded, asked(when("n", comparison, answerInteger=within))) == []
    assert said(bounded, asked(when("n", "!=", answerInteger=beyond))) == []


def test_the_work_does_not_grow_with_options_times_conditions() -> None:
    def work(options: int, conditions: int) -> int:
        codes = [f"c{number}" for number in range(options)]
        last = [is_code("q", codes[-1])]
        waiting = [item(f"b{number}", enableWhen=last) for number in range(conditions)]
        resource = questionnaire(choice("q", *codes), *waiting)
        return lines_run(lambda: check(resource))

    assert work(200, 200) < 1.5 * (work(200, 1) + work(1, 200))


X = {"system": "urn:a", "code": "x"}
ONE, OTHER = {"reference": "Patient/1"}, {"reference": "Patient/2"}


@pytest.mark.parametrize(
    ("offered", "waited_for", "is_offered"),
    [
        ({"valueCoding": X}, {"answerCoding": {"code": "x"}}, True),
        ({"valueCoding": {"code": "x"}}, {"answerCoding": X}, True),
        ({"valueCoding": {**X, "display": "X"}}, {"answerCoding": X}, True),
        ({"valueCoding": X}, {"answerString": "x"}, True),
        ({"valueReference": ONE}, {"answerReference": ONE}, True),
        ({"valueCoding": X}, {"answerCoding": {**X, "system": "urn:b"}}, False),
        ({"valueCoding": X}, {"answerCoding": {"code": "y"}}, False),
        ({"valueCoding": X}, {"answerString": "y"}, False),
        ({"valueReference": ONE}, {"answerReference": OTHER}, False),
    ],
)
def test_what_is_offered_is_told_by_code_and_system(
    said: Said, offered: Json, waited_for: Json, *, is_offered: bool
) -> None:
    question = item("q", "choice", answerOption=[offered])
    found = never(said(question, asked(when("q", "=", **waited_for))))
    assert found == ([] if is_offered else ["Questionnaire.item[1].enableWhen[0]"])
