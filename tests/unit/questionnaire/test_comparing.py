"""Values compared: dates and times of every precision, quantities, references, options."""

from decimal import Decimal
from typing import Any

import pytest

from template_service.questionnaire import moments, units
from template_service.questionnaire.answers import read_answers
from template_service.questionnaire.conditions import enabled_items
from template_service.questionnaire.definition import compile_questionnaire
from template_service.questionnaire.problems import QuestionnaireError

UCUM = "http://unitsofmeasure.org"


def amount(value: Any, code: str | None = None, **more: Any) -> dict[str, Any]:
    unit = {} if code is None else {"system": UCUM, "code": code}
    return {"value": value, **unit, **more}


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("2026", "2027", -1),
        ("2026", "2026", 0),
        ("2026", "2026-03", None),
        ("2026-12-31", "2027", -1),
        ("2026-03", "2026-02-28", 1),
        ("9999", "9999-12-31", None),
        ("2026-03-01T10:00:00Z", "2026-03-01T11:00:00+01:00", 0),
        ("2026-03-01T10:00:00Z", "2026-03-01T10:00:00.5Z", -1),
        ("2026-03-01", "2026-03-01T23:00:00-12:00", None),
        ("2026-03-01", "2026-03-03T13:00:00Z", -1),
        ("10:00:00", "10:00:00.000", 0),
        ("10:00:00", "09:59:60", 0),
        ("2026-02-30", "2026-03-01", None),
        ("yesterday", "2026", None),
    ],
)
def test_moments(one: str, other: str, expected: int | None) -> None:
    assert moments.compared(one, other) == expected
    assert moments.compared(other, one) == (None if expected is None else -expected)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (amount(1, "kg"), amount(1000, "g"), 0),
        (amount(1.5, "h"), amount(89, "min"), 1),
        (amount(1, "[in_i]"), amount(2.54, "cm"), 0),
        (amount(Decimal("0.1"), "L"), amount(1, "dl"), 0),
        (amount(1, "kg"), amount(1, "m"), None),
        (amount(1, "[degF]"), amount(1, "Cel"), None),
        (amount(1, "[degF]"), amount(2, "[degF]"), -1),
        (amount(1, unit="Kg"), amount(2, unit="Kg"), -1),
        (amount(1, unit="Kg"), amount(2, unit="kg"), None),
        (amount(1), amount(2), -1),
        (amount(1, "kg", comparator="<"), amount(2, "kg"), None),
        (amount(True, "kg"), amount(2, "kg"), None),
        (amount(10**400, "kg"), amount(2, "kg"), None),
        (amount(float("nan"), "kg"), amount(2, "kg"), None),
    ],
)
def test_quantities(one: dict[str, Any], other: dict[str, Any], expected: int | None) -> None:
    assert units.compared(one, other) == expected
    assert units.compared(other, one) == (None if expected is None else -expected)


def is_asked(
    question: dict[str, Any], operator: str, expected: dict[str, Any], *answers: dict[str, Any]
) -> bool:
    when = [{"question": "q", "operator": operator, **expected}]
    asked = {"linkId": "asked", "type": "string", "enableWhen": when}
    items = [{"linkId": "q", **question}, asked]
    form = compile_questionnaire({"resourceType": "Questionnaire", "item": items})
    response = {
        "resourceType": "QuestionnaireResponse",
        "item": [{"linkId": "q", "answer": list(answers)}],
    }
    return "asked" in enabled_items(form, read_answers(form, response)[0])


OFFERED = {"type": "integer", "answerOption": [{"valueInteger": n} for n in range(9)]}
STAFF = {"reference": "Practitioner/1"}
STARTS = {"answerDateTime": "2026-01-01T10:00:00Z"}


@pytest.mark.parametrize(
    ("question", "operator", "expected", "answer", "asked"),
    [
        ({"type": "date"}, "=", {"answerDate": "2026"}, {"valueDate": "2026-01"}, False),
        ({"type": "date"}, "!=", {"answerDate": "2026"}, {"valueDate": "2026-01"}, False),
        ({"type": "date"}, "!=", {"answerDate": "2026"}, {"valueDate": "2025-01"}, True),
        ({"type": "date"}, "<", {"answerDate": "2026"}, {"valueDate": "2025-12-31"}, True),
        ({"type": "date"}, "<=", {"answerDate": "2026"}, {"valueDate": "2026-01-01"}, False),
        (
            {"type": "dateTime"}, "=", STARTS, {"valueDateTime": "2026-01-01T11:00:00+01:00"}, True
        ),
        (
            {"type": "dateTime"}, ">", STARTS, {"valueDateTime": "2026-01-01T10:30:00+01:00"}, False
        ),
        ({"type": "time"}, ">=", {"answerTime": "10:00:00"}, {"valueTime": "10:00:00.0"}, True),
        ({"type": "string"}, ">", {"answerString": "b"}, {"valueString": "c"}, True),
        ({"type": "url"}, "=", {"answerString": "http://a"}, {"valueUri": "http://a"}, True),
        ({"type": "decimal"}, "=", {"answerDecimal": 1.50}, {"valueDecimal": 1.5}, True),
        (
            {"type": "quantity"}, ">", {"answerQuantity": amount(1, "kg")},
            {"valueQuantity": amount(1001, "g")}, True,
        ),
        (
            {"type": "quantity"}, "!=", {"answerQuantity": amount(1, "kg")},
            {"valueQuantity": amount(1, "m")}, True,
        ),
        ({"type": "reference"}, "=", {"answerReference": STAFF}, {"valueReference": STAFF}, True),
        ({"type": "reference"}, "!=", {"answerReference": STAFF}, {"valueReference": STAFF}, False),
        (OFFERED, ">", {"answerInteger": 20}, {"valueInteger": 3}, False),
        (OFFERED, "<", {"answerInteger": 20}, {"valueInteger": 3}, True),
        (
            {"type": "choice"}, "=", {"answerCoding": {"code": "a"}},
            {"valueCoding": {"system": "urn:s", "code": "a"}}, True,
        ),
    ],
)  # fmt: skip
def test_operators_by_type(
    question: dict[str, Any],
    operator: str,
    expected: dict[str, Any],
    answer: dict[str, Any],
    asked: bool,
) -> None:
    assert is_asked(question, operator, expected, answer) is asked


@pytest.mark.parametrize(
    ("kind", "operator", "expected"),
    [
        ("boolean", ">", {"answerBoolean": True}),
        ("choice", ">", {"answerCoding": {"code": "a"}}),
        ("date", "=", {"answerDate": "2026-02-30"}),
        ("date", "=", {"answerString": "2026"}),
        ("quantity", "=", {"answerQuantity": 3}),
        ("group", "=", {"answerString": "x"}),
    ],
)
def test_what_cannot_be_compared_is_refused(
    kind: str, operator: str, expected: dict[str, Any]
) -> None:
    with pytest.raises(QuestionnaireError):
        is_asked({"type": kind}, operator, expected)
