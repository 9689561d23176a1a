"""initialExpression, launch contexts, variables and queries; and fixed initial values."""

from typing import Any

import pytest

from template_service.questionnaire.population import evaluating
from tests.unit.questionnaire.population.making import (
    ANN,
    CORE,
    SDC,
    SYSTEM,
    Json,
    answers,
    choices,
    codes,
    expression,
    filled,
    group,
    initial,
    item,
    launch,
    observation,
    repeated,
    variable,
)

PATIENT = [launch("patient", "Patient")]


def bundle(*resources: Json) -> Json:
    return {"resourceType": "Bundle", "entry": [{"resource": each} for each in resources]}


def test_an_expression_fills_its_item_from_a_launch_context() -> None:
    found = filled(item("born", "date", initial("%patient.birthDate")), extension=PATIENT)
    assert answers(found) == {"born": ["1970-05-06"]}
    assert found.problems == ()


def test_a_missing_context_names_every_item_it_left_empty() -> None:
    found = filled(
        item("born", "date", initial("%patient.birthDate")),
        group("g", item("age", "integer", initial("%age"))),
        item("other", "string", initial("'x'")),
        item("either", "string", initial("iif(%patient.exists(), 'yes', 'no')")),
        extension=[
            *PATIENT,
            launch("user", "Practitioner"),
            variable("age", "%patient.birthDate.toString().length()"),
        ],
        context={},
    )
    assert answers(found) == {"other": ["x"], "either": ["no"]}
    [problem] = found.problems
    assert (problem.severity, problem.code, problem.link_id) == ("warning", "not-found", None)
    assert "'patient' was not given" in problem.message
    assert "'born', 'age'" in problem.message
    assert "'other'" not in problem.message


def test_a_context_of_a_wrong_type_is_not_used() -> None:
    asked = item("born", "date", initial("%patient.birthDate"))
    for wrong in ({**ANN, "resourceType": "RelatedPerson"}, "Patient/1", [ANN], None):
        found = filled(asked, extension=PATIENT, context={"patient": wrong})
        assert answers(found) == {}
        [problem] = found.problems
        assert (problem.code, "of type Patient" in problem.message) == ("value", True)
        assert "'born'" in problem.message


def test_a_context_may_be_of_several_types_and_have_its_name_as_an_id() -> None:
    named: Json = launch("user", "Patient", "Practitioner")
    named["extension"][0] = {"url": "name", "valueId": "user"}
    found = filled(
        item("q", "string", initial("%user.id")), extension=[named], context={"user": ANN}
    )
    assert answers(found) == {"q": ["ann"]}


def test_a_context_nobody_needs_is_not_missed() -> None:
    assert filled(item("q", "string"), extension=PATIENT, context={}).problems == ()


def test_variables_are_seen_where_they_are_defined() -> None:
    found = filled(
        group(
            "g",
            item("inner", "string", initial("%both")),
            extension=[variable("both", "%official.family & '!'")],
        ),
        item("outside", "string", initial("%both")),
        extension=[variable("official", "%patient.name.where(use = 'official')")],
    )
    assert answers(found) == {"inner": ["Example!"]}
    assert codes(found) == [("warning", "processing", "outside")]


def test_a_query_is_answered_by_the_context_or_reported_never_run() -> None:
    query = "Observation?patient={{%patient.id}}"
    asked = item("q", "decimal", initial("%Weight.entry.resource.value.value"))
    root = [variable("Weight", query, language="application/x-fhir-query")]
    weight = observation("29463-7", valueQuantity={"value": 70.5})
    found = filled(asked, extension=root, context={"patient": ANN, "Weight": bundle(weight)})
    assert (answers(found), found.problems) == ({"q": [70.5]}, ())
    without = filled(asked, extension=root)
    assert answers(without) == {}
    [problem] = without.problems
    assert problem.code == "not-supported"
    assert "query 'Weight' is not run" in problem.message
    assert "'q'" in problem.message


def test_a_query_of_an_item_is_answered_by_the_context_too() -> None:
    query = variable("Name", "Patient?_id=1", language="application/x-fhir-query")
    asked = group("g", item("q", "string", initial("%Name.id")), extension=[query])
    assert answers(filled(asked, context={"Name": ANN})) == {"q": ["ann"]}
    [problem] = filled(asked, context={}).problems
    assert (problem.code, problem.link_id) == ("not-supported", "g")


def test_source_queries_are_named_by_their_bundle() -> None:
    source = {"url": f"{SDC}sourceQueries", "valueReference": {"reference": "#PrePop"}}
    asked = item("q", "string", initial("%PrePop.entry[0].resource.entry.resource.id"))
    contained = [{"resourceType": "Bundle", "id": "PrePop", "type": "batch"}]
    given = {"PrePop": bundle(bundle(ANN))}
    found = filled(asked, extension=[source], contained=contained, context=given)
    assert answers(found) == {"q": ["ann"]}
    [problem] = filled(asked, extension=[source], contained=contained, context={}).problems
    assert "'PrePop' is not run" in problem.message


def test_a_reference_may_be_filled_by_the_result_of_a_query() -> None:
    asked = item(
        "q",
        "reference",
        initial("Patient?_id=1", name="Found", language="application/x-fhir-query"),
    )
    assert answers(filled(asked, context={"Found": bundle(ANN)})) == {
        "q": [{"reference": "Patient/ann"}]
    }
    assert codes(filled(asked)) == [("warning", "not-supported", "q")]


def test_other_languages_and_broken_expressions_are_reported() -> None:
    found = filled(
        item("cql", "string", initial("define x: 1", language="text/cql")),
        item("broken", "string", initial("%patient.(")),
        item("unknown", "string", initial("%nobody.id")),
        item("fine", "string", initial("%patient.id")),
        group("g", item("in", "string"), extension=[initial("'x'")]),
    )
    assert answers(found) == {"fine": ["ann"]}
    assert codes(found) == [
        ("warning", "not-supported", "cql"),
        ("warning", "processing", "broken"),
        ("warning", "processing", "unknown"),
        ("warning", "not-supported", "g"),
    ]


def test_an_expression_that_gives_nothing_is_information() -> None:
    found = filled(item("q", "string", initial("%patient.telecom.value")))
    assert codes(found) == [("information", "not-found", "q")]
    assert found.problems[0].expression == "Questionnaire.item[0]"


def test_a_value_that_does_not_fit_is_reported_without_the_value() -> None:
    found = filled(
        item("q", "date", initial("%patient.name.family.first()")),
        item("two", "string", initial("%patient.name.family")),
    )
    assert answers(found) == {}
    assert codes(found) == [("warning", "value", "q"), ("warning", "multiple-matches", "two")]
    assert "Example" not in " ".join(each.message for each in found.problems)


def test_a_code_is_matched_to_the_options_of_a_contained_value_set() -> None:
    system = "http://hl7.org/fhir/administrative-gender"
    concept = [{"code": code, "display": code.capitalize()} for code in ("male", "female")]
    value_set = {
        "resourceType": "ValueSet",
        "id": "gender",
        "compose": {"include": [{"system": system, "concept": concept}]},
    }
    found = filled(
        item("q", "choice", initial("%patient.gender"), answerValueSet="#gender"),
        contained=[value_set],
    )
    coding = {"system": system, "code": "female", "display": "Female"}
    assert answers(found) == {"q": [coding]}


def test_answers_filled_earlier_and_later_are_seen() -> None:
    found = filled(
        item("early", "string", initial("%resource.item.where(linkId='late').answer.value")),
        item("first", "string", initial("'x'")),
        item("late", "string", initial("%resource.item.where(linkId='first').answer.value & 'y'")),
        item("last", "string", initial("%seen")),
        extension=[variable("seen", "%resource.item.where(linkId='early').answer.value")],
    )
    assert answers(found) == {"early": ["xy"], "first": ["x"], "late": ["xy"], "last": ["xy"]}
    assert found.problems == ()


def test_what_waits_for_an_answer_nobody_gives_is_reported_once() -> None:
    found = filled(
        item("q", "string", initial("%resource.item.where(linkId='none').answer.value")),
        item("none", "string"),
    )
    assert codes(found) == [("information", "not-found", "q")]


@pytest.mark.parametrize(
    ("kind", "value", "more"),
    [
        ("boolean", {"valueBoolean": True}, {}),
        ("integer", {"valueInteger": 10}, {}),
        ("decimal", {"valueDecimal": 1.5}, {}),
        ("date", {"valueDate": "2026-01-01"}, {}),
        ("quantity", {"valueQuantity": {"value": 1, "unit": "kg"}}, {}),
        ("reference", {"valueReference": {"reference": "Patient/1"}}, {}),
        ("choice", {"valueCoding": {"system": "s", "code": "c"}}, {"answerValueSet": "http://x"}),
    ],
)
def test_fixed_initial_values_of_every_type(kind: str, value: Json, more: Json) -> None:
    found = filled(item("q", kind, initial=[value], **more))
    assert answers(found) == {"q": list(value.values())}


def test_several_initial_values_belong_to_an_item_that_repeats() -> None:
    two = [{"valueString": "a"}, {"valueString": "b"}]
    assert answers(filled(item("q", "string", initial=two, repeats=True))) == {"q": ["a", "b"]}
    found = filled(item("q", "string", initial=two))
    assert (answers(found), codes(found)) == ({}, [("warning", "multiple-matches", "q")])


def test_options_may_be_selected_from_the_start() -> None:
    options = choices("red", "green", "blue")
    options[0]["initialSelected"] = options[2]["initialSelected"] = True
    found = filled(item("q", "choice", answerOption=options, repeats=True))
    assert [each["code"] for each in answers(found)["q"]] == ["red", "blue"]


def test_initial_counts_where_an_expression_beside_it_gives_nothing() -> None:
    fixed: Any = [{"valueString": "fixed"}]
    found = filled(
        item("both", "string", initial("%patient.id"), initial=fixed),
        item("fallen", "string", initial("%patient.telecom.value"), initial=fixed),
    )
    assert answers(found) == {"both": ["ann"], "fallen": ["fixed"]}
    assert codes(found) == [
        ("warning", "business-rule", "both"),
        ("warning", "business-rule", "fallen"),
    ]


def test_a_structure_map_is_refused_and_the_rest_is_filled() -> None:
    found = filled(
        item("q", "string", initial("%patient.id")),
        extension=[{"url": f"{SDC}sourceStructureMap", "valueCanonical": "https://x.org/map"}],
    )
    assert answers(found) == {"q": ["ann"]}
    assert codes(found) == [("warning", "not-supported", None)]


def test_a_context_may_not_set_what_fhirpath_defines() -> None:
    found = filled(item("q", "string", initial("%resource.status")), context={"resource": ANN})
    assert answers(found) == {"q": ["in-progress"]}
    assert codes(found) == [("warning", "invalid", None)]


@pytest.mark.parametrize("context", [[], "patient", 1, None, True])
def test_a_context_that_cannot_be_used_is_an_error(context: Any) -> None:
    found = filled(item("q", "string", initial=[{"valueString": "a"}]), context=context or 0)
    assert answers(found) == {"q": ["a"]}
    assert codes(found) == [("error", "structure", None)]


def test_expressions_stop_when_their_time_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evaluating, "SECONDS_LIMIT", -1.0)
    found = filled(
        item("q", "string", initial("%patient.id")),
        item("fixed", "string", initial=[{"valueString": "a"}]),
        group("g", item("in", "string"), extension=[repeated("x", "%patient")]),
    )
    assert answers(found) == {"fixed": ["a"]}
    assert [each[1] for each in codes(found)] == ["too-costly", "too-costly"]


def calculated(text: str) -> Json:
    return {"url": f"{SDC}calculatedExpression", "valueExpression": expression(text)}


def test_calculated_items_follow_from_what_was_filled_in() -> None:
    sum_ = "%resource.item.where(linkId='a').answer.value + 1"
    found = filled(
        item("a", "integer", initial("2")),
        item("b", "integer", calculated(sum_)),
        item("c", "integer", calculated("%resource.item.where(linkId='z').answer.value + 1")),
        item("z", "integer"),
    )
    assert answers(found) == {"a": [2], "b": [3]}
    assert found.problems == ()


def test_calculated_items_are_named_under_what_is_missing_too() -> None:
    found = filled(item("a", "string", calculated("%patient.id")), extension=PATIENT, context={})
    assert "item" not in found.response
    [problem] = found.problems
    assert (problem.code, "'a'" in problem.message) == ("not-found", True)


def test_nothing_given_is_changed() -> None:
    before = repr(ANN)
    filled(
        item("q", "reference", initial("%patient")),
        item("name", "string", initial("%patient.name.family.first()"), maxLength=2),
        extension=[{"url": f"{CORE}other", "valueString": SYSTEM}],
    )
    assert repr(ANN) == before
