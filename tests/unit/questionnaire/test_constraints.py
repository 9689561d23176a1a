"""What a questionnaire demands of answers beyond their type, rule by rule."""

import base64
from typing import Any

import pytest

from template_service.questionnaire.definition import compile_questionnaire
from template_service.questionnaire.validation import Checked, validate

CORE = "http://hl7.org/fhir/StructureDefinition"
SDC = "http://hl7.org/fhir/uv/sdc/StructureDefinition"
UCUM = "http://unitsofmeasure.org"


def extension(name: str, **value: Any) -> dict[str, Any]:
    return {"url": f"{SDC if name.startswith('sdc-') else CORE}/{name}", **value}


def check(item: dict[str, Any], *answers: dict[str, Any], **head: Any) -> Checked:
    questionnaire = {"resourceType": "Questionnaire", "item": [{"linkId": "q", **item}]}
    questionnaire |= {name: head.pop(name) for name in ("contained",) if name in head}
    response = {
        "resourceType": "QuestionnaireResponse",
        "questionnaire": "urn:x",
        "status": "completed",
        "item": [{"linkId": "q", "answer": list(answers)}],
        **head,
    }
    return validate(compile_questionnaire(questionnaire), response)


def found(item: dict[str, Any], *answers: dict[str, Any]) -> list[tuple[str, str]]:
    checked = check(item, *answers)
    assert all(problem.link_id == "q" for problem in checked.problems)
    return [(problem.severity, problem.code) for problem in checked.problems]


def asking(kind: str, *extensions: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": kind, "extension": list(extensions), **more}


def quantity(value: Any, code: str | None = None, **more: Any) -> dict[str, Any]:
    unit = {} if code is None else {"system": UCUM, "code": code, "unit": code}
    return {"valueQuantity": {"value": value, **unit, **more}}


def kilos(name: str, value: int) -> dict[str, Any]:
    return extension(name, valueQuantity=quantity(value, "kg")["valueQuantity"])


LEAST = "sdc-questionnaire-minQuantity"
WRONG, FINE, UNCHECKED = ("error", "value"), None, ("information", "not-supported")
PDF = {"contentType": "application/pdf"}
BYTES_1027 = base64.b64encode(bytes(1027)).decode()
STAFF = asking(
    "reference",
    extension("questionnaire-referenceResource", valueCode="Practitioner"),
    extension("questionnaire-referenceProfile", valueCanonical=f"{CORE}/Organization"),
)


@pytest.mark.parametrize(
    ("item", "answer", "expected"),
    [
        (asking("string", extension("minLength", valueInteger=3)), {"valueString": "ab"}, WRONG),
        (asking("string", extension("minLength", valueInteger=3)), {"valueString": "abc"}, FINE),
        (asking("text", extension("regex", valueString="[a-z]+")), {"valueString": "abC"}, WRONG),
        (asking("text", extension("regex", valueString="[a-z]+")), {"valueString": "abc"}, FINE),
        (asking("url", extension("regex", valueString="urn:.*")), {"valueUri": "http://x"}, WRONG),
        (asking("text", extension("regex", valueString="(a)\\1")), {"valueString": "a"}, UNCHECKED),
        (asking("integer", extension("minValue", valueInteger=3)), {"valueInteger": 2}, WRONG),
        (asking("integer", extension("minValue", valueInteger=3)), {"valueInteger": 3}, FINE),
        (asking("integer", extension("maxValue", valueInteger=3)), {"valueInteger": 4}, WRONG),
        (asking("decimal", extension("maxValue", valueDecimal=1.5)), {"valueDecimal": 1.6}, WRONG),
        (asking("decimal", extension("maxValue", valueInteger=2)), {"valueDecimal": 1.6}, FINE),
        (asking("date", extension("minValue", valueDate="2020-05")), {"valueDate": "2019"}, WRONG),
        (
            asking("date", extension("minValue", valueDate="2020-05")),
            {"valueDate": "2020"},
            UNCHECKED,
        ),
        (
            asking("date", extension("minValue", valueDate="2020-05")),
            {"valueDate": "2020-05-01"},
            FINE,
        ),
        (asking("date", extension("maxValue", valueDate="2020")), {"valueDate": "2021-01"}, WRONG),
        (
            asking("dateTime", extension("maxValue", valueDateTime="2020-01-01T12:00:00Z")),
            {"valueDateTime": "2020-01-01T12:30:00+01:00"},
            FINE,
        ),
        (
            asking("dateTime", extension("maxValue", valueDateTime="2020-01-01T12:00:00Z")),
            {"valueDateTime": "2020-01-01T12:30:00Z"},
            WRONG,
        ),
        (
            asking("time", extension("minValue", valueTime="09:00:00")),
            {"valueTime": "08:59:59"},
            WRONG,
        ),
        (
            asking("decimal", extension("maxDecimalPlaces", valueInteger=2)),
            {"valueDecimal": 1.234},
            WRONG,
        ),
        (
            asking("decimal", extension("maxDecimalPlaces", valueInteger=2)),
            {"valueDecimal": 1.23},
            FINE,
        ),
        (
            asking("decimal", extension("maxDecimalPlaces", valueInteger=0)),
            {"valueDecimal": 2.0},
            FINE,
        ),
        (asking("quantity", extension("maxDecimalPlaces", valueInteger=0)), quantity(1.5), WRONG),
        (asking("quantity", kilos(LEAST, 5)), quantity(4999, "g"), WRONG),
        (asking("quantity", kilos(LEAST, 5)), quantity(5000, "g"), FINE),
        (asking("quantity", kilos("maxValue", 5)), quantity(12, "[lb_av]"), WRONG),
        (asking("quantity", kilos(LEAST, 5)), quantity(6, "m"), WRONG),
        (asking("quantity", kilos(LEAST, 5)), quantity(6, "[degF]"), UNCHECKED),
        (asking("quantity", kilos(LEAST, 5)), quantity(6, "kg", comparator="<"), UNCHECKED),
        (
            asking("attachment", extension("maxSize", valueDecimal=1026)),
            {"valueAttachment": {**PDF, "data": BYTES_1027}},
            ("error", "too-long"),
        ),
        (
            asking("attachment", extension("maxSize", valueDecimal=1027)),
            {"valueAttachment": {**PDF, "data": BYTES_1027}},
            FINE,
        ),
        (
            asking("attachment", extension("maxSize", valueDecimal=1024)),
            {"valueAttachment": {"url": "https://x.y/z", "size": 1025}},
            ("error", "too-long"),
        ),
        (
            asking("attachment", extension("maxSize", valueDecimal=1024)),
            {"valueAttachment": {"url": "https://x.y/z"}},
            UNCHECKED,
        ),
        *(
            # R4 does not say in what a size is measured; these may be megabytes.
            (
                asking("attachment", extension("maxSize", valueDecimal=size)),
                {"valueAttachment": {"url": "https://x.y/z", "size": 5_000_000}},
                UNCHECKED,
            )
            for size in (5, 0.5, 1023, 2048.5)
        ),
        (
            asking("attachment", extension("mimeType", valueCode="image/*")),
            {"valueAttachment": PDF},
            WRONG,
        ),
        (
            asking("attachment", extension("mimeType", valueCode="image/*")),
            {"valueAttachment": {"contentType": "image/png"}},
            FINE,
        ),
        (asking("attachment"), {"valueAttachment": {**PDF, "data": "no*base64"}}, WRONG),
        (asking("attachment"), {"valueAttachment": {"data": "AAAA"}}, WRONG),
        (asking("attachment"), {"valueAttachment": {**PDF, "data": "AAAA", "size": 9}}, WRONG),
        (asking("attachment"), {"valueAttachment": {**PDF, "url": "two words"}}, WRONG),
        (asking("attachment"), {"valueAttachment": {"contentType": "pdf"}}, WRONG),
        (asking("quantity"), quantity("6", "kg"), WRONG),
        (asking("quantity"), {"valueQuantity": {"value": 1, "code": "kg"}}, WRONG),
        (asking("quantity"), quantity(1, comparator="~"), WRONG),
        (STAFF, {"valueReference": {"reference": "Practitioner/1"}}, FINE),
        (
            STAFF,
            {"valueReference": {"reference": "https://x.y/fhir/Organization/1/_history/2"}},
            FINE,
        ),
        (STAFF, {"valueReference": {"reference": "Patient/1"}}, WRONG),
        (
            STAFF,
            {"valueReference": {"reference": "urn:uuid:c757873d-ec9a-4326-a141-556f43239520"}},
            UNCHECKED,
        ),
        (STAFF, {"valueReference": {"type": "Patient", "display": "A"}}, WRONG),
        (asking("reference"), {"valueReference": {"reference": "Patient"}}, WRONG),
        (asking("reference"), {"valueReference": {"reference": "urn:uuid:1"}}, WRONG),
        (asking("reference"), {"valueReference": {"reference": "http:///x"}}, WRONG),
        (asking("reference"), {"valueReference": {"type": "Patient"}}, WRONG),
        (asking("reference"), {"valueReference": {"reference": "#p"}}, ("error", "not-found")),
        (asking("date"), {"valueDate": "2021-02-29"}, WRONG),
        (asking("string", readOnly=True), {"valueString": "a"}, FINE),
        (
            asking("string", extension("questionnaire-hidden", valueBoolean=True)),
            {"valueString": "a"},
            FINE,
        ),
    ],
)
def test_one_answer(
    item: dict[str, Any], answer: dict[str, Any], expected: tuple[str, str] | None
) -> None:
    assert found(item, answer) == ([] if expected is None else [expected])


def test_a_contained_resource_that_is_there_may_be_referred_to() -> None:
    contained = [{"resourceType": "Patient", "id": "p"}]
    answer = {"valueReference": {"reference": "#p"}}

    assert check({"type": "reference"}, answer).errors
    response = {
        "resourceType": "QuestionnaireResponse",
        "questionnaire": "urn:x",
        "status": "completed",
        "contained": contained,
        "item": [{"linkId": "q", "answer": [answer]}],
    }
    questionnaire = {"resourceType": "Questionnaire", "item": [{"linkId": "q", **STAFF}]}
    [problem] = validate(compile_questionnaire(questionnaire), response).problems
    assert "Organization, Practitioner" in problem.message


UNITS = [
    extension("questionnaire-unitOption", valueCoding={"system": UCUM, "code": "kg"}),
    extension(
        "questionnaire-unitOption", valueCoding={"system": UCUM, "code": "g", "display": "gram"}
    ),
]
OPEN = extension("sdc-questionnaire-unitOpen", valueCode="optionsOrString")


@pytest.mark.parametrize(
    ("extensions", "answer", "expected"),
    [
        (UNITS, quantity(1, "kg"), []),
        (UNITS, quantity(1, "m"), [("error", "code-invalid")]),
        (UNITS, quantity(1, unit="gram"), [("warning", "code-invalid")]),
        (UNITS, quantity(1, unit="stone"), [("error", "code-invalid")]),
        (UNITS, quantity(1), [("error", "code-invalid")]),
        ([*UNITS, OPEN], quantity(1, unit="stone"), []),
        ([extension("questionnaire-unitValueSet", valueCanonical="#units")], quantity(1, "cm"), []),
        (
            [extension("questionnaire-unitValueSet", valueCanonical="urn:units|2")],
            quantity(1, "kg"),
            [("error", "code-invalid")],
        ),
        (
            [extension("questionnaire-unitValueSet", valueCanonical="urn:elsewhere")],
            quantity(1, "kg"),
            [UNCHECKED],
        ),
    ],
)
def test_units(
    extensions: list[dict[str, Any]], answer: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    units = {
        "resourceType": "ValueSet",
        "id": "units",
        "url": "urn:units",
        "version": "2",
        "compose": {"include": [{"system": UCUM, "concept": [{"code": "cm"}]}]},
    }

    checked = check(asking("quantity", *extensions), answer, contained=[units])

    assert [(p.severity, p.code) for p in checked.problems] == expected


@pytest.mark.parametrize(("given", "problems"), [(1, ["required"]), (2, []), (4, ["structure"])])
def test_least_and_most_answers(given: int, problems: list[str]) -> None:
    item = asking(
        "integer",
        extension("questionnaire-minOccurs", valueInteger=2),
        extension("questionnaire-maxOccurs", valueInteger=3),
        repeats=True,
    )
    answers = [{"valueInteger": number} for number in range(given)]

    assert [p.code for p in check(item, *answers).errors] == problems
    draft = [p.code for p in check(item, *answers, status="in-progress").errors]
    assert draft == [code for code in problems if code != "required"]


OFFERED = [
    {"valueInteger": 1},
    {"valueDate": "2026-01-01"},
    {"valueTime": "10:00:00"},
    {"valueString": "a"},
    {"valueCoding": {"system": "urn:s", "code": "c"}},
    {"valueReference": {"reference": "Practitioner/1", "display": "Dr A"}},
]


@pytest.mark.parametrize("offered", OFFERED)
def test_options_of_every_type(offered: dict[str, Any]) -> None:
    item = {"type": "choice", "repeats": True, "answerOption": OFFERED}
    [kind] = offered
    other = {**offered[kind], "code": "d", "reference": "X/1"} if kind[5] in "CR" else "other"

    assert found(item, offered) == []
    assert found(item, {kind: other}) == [("error", "code-invalid")]


def test_options_of_a_contained_value_set() -> None:
    inner = {"system": "urn:s", "code": "inner"}
    outer = {"system": "urn:s", "code": "outer", "abstract": True, "contains": [inner]}
    value_set = {
        "resourceType": "ValueSet",
        "id": "v",
        "url": "urn:v",
        "expansion": {"contains": [outer]},
    }
    for canonical in ("#v", "urn:v"):
        item = {"type": "choice", "answerValueSet": canonical}
        good = check(item, {"valueCoding": inner}, contained=[value_set])
        bad = check(item, {"valueCoding": {**inner, "code": "outer"}}, contained=[value_set])
        assert good.problems == ()
        assert [problem.code for problem in bad.errors] == ["code-invalid"]


def rule(severity: str, expression: str, name: str = "questionnaire-constraint") -> dict[str, Any]:
    kind = "valueString" if name.startswith("q") else "valueExpression"
    value: Any = expression
    if kind == "valueExpression":
        value = {"language": "text/fhirpath", "expression": expression}
    return extension(
        name,
        extension=[
            {"url": "key", "valueId": "k"},
            {"url": "severity", "valueCode": severity},
            {"url": "expression", kind: value},
            {"url": "human", "valueString": "Must be small."},
        ],
    )


@pytest.mark.parametrize("name", ["questionnaire-constraint", "targetConstraint"])
@pytest.mark.parametrize(
    ("severity", "expression", "status", "expected"),
    [
        ("error", "answer.value < 3", "completed", ["error"]),
        ("warning", "answer.value < 3", "completed", ["warning"]),
        ("error", "answer.value < 3", "in-progress", ["warning"]),
        ("error", "answer.value > 3", "completed", []),
        ("error", "item.answer.value > 3", "completed", []),
        ("error", "%resource.item.count() = 1", "completed", []),
        ("error", "answer.value <", "completed", ["warning"]),
    ],
)
def test_rules(name: str, severity: str, expression: str, status: str, expected: list[str]) -> None:
    item = asking("integer", rule(severity, expression, name))

    problems = check(item, {"valueInteger": 5}, status=status).problems

    assert [problem.severity for problem in problems] == expected
    if expected and expression.endswith("3"):
        [problem] = problems
        assert problem.code == "invariant"
        assert problem.expression == "QuestionnaireResponse.item[0]"
        assert problem.message == "'q': Must be small."


def test_a_rule_of_the_whole_questionnaire() -> None:
    questionnaire = {
        "resourceType": "Questionnaire",
        "extension": [rule("error", "item.count() > 1")],
        "item": [{"linkId": "q", "type": "string"}],
    }
    response = {
        "resourceType": "QuestionnaireResponse",
        "questionnaire": "urn:x",
        "status": "completed",
        "item": [{"linkId": "q", "answer": [{"valueString": "a"}]}],
    }

    [problem] = validate(compile_questionnaire(questionnaire), response).errors

    assert (problem.code, problem.expression) == ("invariant", "QuestionnaireResponse")


def test_a_bound_that_is_calculated() -> None:
    today = {"language": "text/fhirpath", "expression": "today()"}
    calculated = {"extension": [extension("cqf-calculatedValue", valueExpression=today)]}
    item = asking("date", {"url": f"{CORE}/maxValue", "_valueDate": calculated})

    assert found(item, {"valueDate": "2999-01-01"}) == [WRONG]
    assert found(item, {"valueDate": "1999-01-01"}) == []


def test_two_codes_with_one_text_cannot_both_be_meant() -> None:
    def coding(code: str, text: str) -> dict[str, Any]:
        return {"valueCoding": {"system": "urn:s", "code": code, "display": text}}

    item = {"type": "choice", "repeats": True, "answerValueSet": "urn:elsewhere"}

    assert ("error", "code-invalid") in found(item, coding("a", "One"), coding("b", "One"))
    assert ("error", "code-invalid") not in found(item, coding("a", "One"), coding("b", "Two"))


@pytest.mark.parametrize(("status", "severities"), [("retired", ["warning"]), ("active", [])])
def test_the_status_of_the_questionnaire(status: str, severities: list[str]) -> None:
    questionnaire = {"resourceType": "Questionnaire", "status": status, "url": "urn:x"}
    response = {
        "resourceType": "QuestionnaireResponse",
        "questionnaire": "urn:x",
        "status": "completed",
    }

    problems = validate(compile_questionnaire(questionnaire), response).problems

    assert [problem.severity for problem in problems] == severities


@pytest.mark.parametrize(
    ("authored", "warned"), [("2019-12-31", 1), ("2020", 0), ("2021-01-01", 1), ("2020-12-31", 0)]
)
def test_the_period_of_the_questionnaire(authored: str, warned: int) -> None:
    questionnaire = {
        "resourceType": "Questionnaire",
        "url": "urn:x",
        "effectivePeriod": {"start": "2020-01-01", "end": "2020-12-31"},
    }
    response = {
        "resourceType": "QuestionnaireResponse",
        "questionnaire": "urn:x",
        "status": "completed",
        "authored": authored,
    }

    checked = validate(compile_questionnaire(questionnaire), response)

    assert checked.errors == ()
    assert len(checked.problems) == warned
