"""FHIRPath evaluated: what fhirpathpy gets wrong and is mended here, and what never happens."""

import json
import math
from contextlib import suppress
from copy import deepcopy
from typing import Any

import pytest
from fhirpathpy.engine.invocations.constants import constants
from hypothesis import given, settings
from hypothesis import strategies as st

from template_service.questionnaire.expressions.evaluation import (
    RESPONSE_ITEM,
    Typed,
    UnknownVariable,
    check_syntax,
    evaluate,
    evaluate_nodes,
    plain,
)
from template_service.questionnaire.expressions.expression import refused
from template_service.questionnaire.problems import QuestionnaireError
from tests.unit.questionnaire.expressions.samples import EXPRESSIONS, QUESTIONNAIRE, RESPONSE

KNOWN = {"resource": RESPONSE, "questionnaire": QUESTIONNAIRE}
WHOLE = "descendants().where(linkId='whole').answer.value"
TALL = "descendants().where(linkId='tall').answer.value"
PART = "descendants().where(linkId='part').answer.value"


def found(expression: str, focus: Any = RESPONSE) -> list[Any]:
    return evaluate(expression, focus, KNOWN)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        (f"{WHOLE}.sum()", [13]),
        (f"{WHOLE}.max()", [9]),
        (f"{PART}.min()", [0.1]),
        (f"{PART}.avg()", [1.425]),
        ("nothing.sum()", []),
        (f"{PART}.first() = 0.1", [True]),
        (f"{WHOLE} = (4 | 8)", [False]),
        ("1 / 10 = 0.1", [True]),
        ("7 div 2 - 7 mod 2", [2]),
        ("2.5.round()", [3]),
        ("2.power(0.5).round(4)", [1.4142]),
        ("-(answer.value)", []),
        ("item.where(linkId='smokes').text.count()", [1]),
        ("(item[0] | item[1]).answer.value.code", ["low", "badly"]),
        ("true.toString()", ["true"]),
        ("'x'.trace('shown')", ["x"]),
        ("@2025-01", ["2025-01"]),
        ("@2025-01-31 + 1 month", ["2025-02-28"]),
        ("@2025-03-04T10:20:30+01:00 + 1 day", ["2025-03-05T10:20:30+01:00"]),
        ("@2025 + 24 months", ["2027"]),
        ("@2024-02 - 60 days", ["2023-12"]),
        ("@T23:30 + 90 minutes", ["01:00"]),
        ("1 'kg' > 500 'g'", [True]),
        ("1 'mg' > 0.0005 'g'", [True]),
        ("154 '[lb_av]' < 70 'kg'", [True]),
        ("1 'kg' > 1 'm'", []),
        ("1 month > 29 days", []),
        ("1 year > 11 months", [True]),
        ("1 'm' > 50 'cm'", [True]),
        ("1.75 'm' = 175 'cm'", [True]),
        ("1 'kg' != 999 'g'", [True]),
        ("1 'kg' + 500 'g' = 1500 'g'", [True]),
        ("1 week = 7 days", [True]),
        ("'a' in ('b' | @2025-01-01)", [False]),
        ("iif(item.exists(), 'yes', item.single())", ["yes"]),
    ],
)
def test_what_fhirpathpy_gets_wrong(expression: str, expected: list[Any]) -> None:
    assert found(expression) == expected


@pytest.mark.parametrize(
    ("sign", "outcomes"),
    [
        ("and", "TF- FFF -F-"),
        ("or", "TTT TF- T--"),
        ("xor", "FT- TF- ---"),
        ("implies", "TF- TTT T--"),
    ],
)
def test_logic_has_three_values(sign: str, outcomes: str) -> None:
    """FHIRPath N1, 6.5: the rows are true, false and empty, and so are the columns."""
    operands = ("true", "false", "{}")
    pairs = [f"{left} {sign} {right}" for left in operands for right in operands]
    values = {"T": [True], "F": [False], "-": []}
    assert [found(pair) for pair in pairs] == [values[one] for one in outcomes.replace(" ", "")]


def test_this_index_and_total_end_with_the_function_they_belong_to() -> None:
    nested = "item.select(item.select($index).count() + $index)"
    assert found(nested)[4:7] == [7, 8, 6]
    assert found("(1 | 2).select((10 | 20).aggregate($total + $this, 0) + $this)") == [31, 32]


def test_an_answers_value_has_its_type_wherever_the_focus_is() -> None:
    item = RESPONSE["item"][0]
    assert found("answer.value.code", Typed(item, RESPONSE_ITEM)) == ["low"]
    nodes = evaluate_nodes("item.answer", RESPONSE, {})
    assert evaluate("%a.value.code", {}, {"a": nodes}) == ["low", "badly", "much", "daily"]
    assert plain(nodes)[0] == RESPONSE["item"][0]["answer"][0]


def test_results_are_plain_json() -> None:
    expressions = ("1.50", "now()", "today()", "timeOfDay()", "4 days", "1 / 3", "item", "2.0")
    for expression in expressions:
        json.dumps(found(expression))
    assert found("4 'mg'") == [
        {"value": 4, "unit": "mg", "system": "http://unitsofmeasure.org", "code": "mg"}
    ]
    assert found("1000000000 * 1000000000 * 1000000000") == [1e27]
    assert [type(found(each)[0]) for each in ("1.50", "2.0", "4")] == [float, int, int]


@pytest.mark.parametrize(
    ("one", "other", "equal", "alike"),
    [
        ("1 'kg'", "1000 'g'", True, True),
        ("1 'kg'", "1 'g'", False, False),
        ("1 'kg'", "1 'm'", False, False),
        ("1 '[lb_av]'", "453.59237 'g'", True, True),
        ("1 'a'", "1 'a'", True, True),
        ("1 'a'", "12 'mo'", True, True),
        ("1 year", "12 months", True, True),
        ("1 year", "1 'a'", False, True),
        ("1 'mo'", "1 month", False, True),
        ("1 'a'", "365.25 'd'", False, False),
        ("1 'wk'", "7 days", True, True),
        ("60 seconds", "1 'min'", True, True),
        ("37 'Cel'", "310.15 'K'", False, False),
        (f"{TALL}", "175 'cm'", True, True),
        (f"{TALL}", "1.75 'm'", True, True),
        ("5 '{score}'", "5.0 '{score}'", True, True),
    ],
)
def test_quantities_are_equal_either_way_round_and_in_sets(
    one: str, other: str, equal: bool, alike: bool
) -> None:
    for left, right in ((one, other), (other, one)):
        assert found(f"{left} = {right}") == [equal]
        assert found(f"{left} != {right}") == [not equal]
        assert found(f"{left} ~ {right}") == [alike]
        assert found(f"{left} !~ {right}") == [not alike]
        assert found(f"({left} | {right}).count()") == [1 if equal else 2]
        assert found(f"({left}).intersect({right}).count()") == [1 if equal else 0]
        assert found(f"{left} in ({right})") == [equal]


@pytest.mark.parametrize("number", [math.inf, -math.inf, math.nan, 10**400])
def test_numbers_without_end_bring_no_error_but_ours(number: float) -> None:
    for expression in ("%n", "-%n", "%n + 1", "%n.toQuantity()", "(%n | 1).sum()"):
        with suppress(QuestionnaireError):
            evaluate(expression, RESPONSE, {"n": number})
    assert evaluate("%n + 1", RESPONSE, {"n": math.inf}) == [math.inf]


def test_today_is_the_day_of_our_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEMPLATE_SERVICE_TODAY", "2031-05-06")

    assert found("today()") == ["2031-05-06"]
    assert found("today() - 18 years") == ["2013-05-06"]
    assert found("now().toString().substring(0, 10)") == ["2031-05-06"]
    assert found("now() = now() and timeOfDay() = timeOfDay()") == [True]


@pytest.mark.parametrize("name", ["today", "now", "timeOfDay"])
def test_the_clock_that_fhirpathpy_shares_between_threads_is_not_used(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(constants, name, "somebody else's")

    assert "somebody" not in str(found(f"{name}()"))


@pytest.mark.parametrize(
    "expression",
    [
        "",
        " ",
        "a and",
        "iif((true, 1, 2)",
        "1 2",
        "a..b",
        "'open",
        "'\\u12'",
        "'\\uzzzz'",
        "a €",
        "(",
        ")",
        "%",
    ],
)
def test_text_that_is_not_one_expression_is_refused(expression: str) -> None:
    with pytest.raises(QuestionnaireError, match="cannot be parsed"):
        check_syntax(expression)


def test_a_function_that_does_not_exist_is_named() -> None:
    with pytest.raises(QuestionnaireError, match=r"no function lookup\(\)"):
        check_syntax("iif(true, 1, lookup('x'))")


def test_a_variable_that_is_not_there_is_named() -> None:
    with pytest.raises(UnknownVariable, match="%patient") as raised:
        found("%patient.name")
    assert raised.value.name == "patient"


def test_messages_hold_no_answer() -> None:
    response = {"resourceType": "QuestionnaireResponse", "item": [{"linkId": "secret words"}] * 2}
    for expression in ("item.linkId.length()", "item.single()", "item.linkId + 1", "item < item"):
        with pytest.raises(QuestionnaireError) as raised:
            evaluate(expression, response, {})
        assert "secret" not in str(raised.value)
        assert raised.value.__cause__ is None
        assert raised.value.__suppress_context__


def test_nothing_is_printed(capfd: pytest.CaptureFixture[str]) -> None:
    found("item.linkId.trace('ids').count()")
    with pytest.raises(QuestionnaireError):
        found("'open")
    assert capfd.readouterr() == ("", "")


def test_neither_the_focus_nor_a_variable_is_changed() -> None:
    response, known = deepcopy(RESPONSE), deepcopy(KNOWN)
    variables: dict[str, Any] = {**known, "resource": response, "numbers": [1, 2], "one": [7]}
    for expression in (*EXPRESSIONS, "-%one", "%numbers | 3", "%numbers.combine(%one)"):
        try:
            evaluate(expression, response, variables)
        except QuestionnaireError:
            continue
    assert response == RESPONSE
    assert variables == {**KNOWN, "numbers": [1, 2], "one": [7]}


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(("resourceType", "item", "linkId", "answer", "valueCoding", "system",
                             "value", "extension", "url", "code", "_linkId", "contained")),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)  # fmt: skip


@settings(max_examples=80)
@given(focus=_JSON, questionnaire=_JSON, expression=st.sampled_from(EXPRESSIONS))
def test_no_json_brings_another_error_than_ours(
    focus: Any, questionnaire: Any, expression: str
) -> None:
    variables = {"resource": focus, "questionnaire": questionnaire}
    for each in (focus, Typed(focus, RESPONSE_ITEM)):
        try:
            result = evaluate(expression, each, variables)
        except QuestionnaireError:
            continue
        assert isinstance(result, list)


@pytest.mark.parametrize(
    ("expression", "reason"),
    [
        ({"language": "text/fhirpath", "expression": "1"}, None),
        ({"language": "text/cql", "expression": "Age()"}, "CQL"),
        ({"language": "text/cql-identifier", "expression": "Age"}, "CQL"),
        ({"language": "application/x-fhir-query", "expression": "Patient"}, "x-fhir-query"),
        ({"language": "text/javascript", "expression": "1"}, "must be text/fhirpath"),
        ({"expression": "1"}, "must be text/fhirpath"),
        ({"language": ["text/fhirpath"], "expression": "1"}, "must be text/fhirpath"),
        ({"language": "text/fhirpath", "expression": " "}, "no text"),
        ({"language": "text/fhirpath", "expression": 1}, "no text"),
        ({"language": "text/fhirpath", "reference": "https://example.org"}, "is not fetched"),
        ("1", "not an expression"),
    ],
)
def test_why_an_expression_cannot_be_run(expression: Any, reason: str | None) -> None:
    said = refused(expression)

    assert said is None if reason is None else said is not None and reason in said
