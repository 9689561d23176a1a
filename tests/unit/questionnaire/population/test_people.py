"""One person's record never fills another person's form."""

from typing import Any

import pytest

from template_service.questionnaire.population.people import named
from tests.unit.questionnaire.population.making import (
    ANN,
    Json,
    answers,
    coded,
    codes,
    filled,
    initial,
    item,
    launch,
    link,
    observation,
)

NAMED = item("family", "string", initial("%patient.name.first().family"))
ASKED = item("a", "integer", link(3), code=coded("a"))
OTHER = item("b", "integer", link(3), code=coded("b"))
NHS = "https://fhir.nhs.uk/Id/nhs-number"


def number(code: str, value: int, **more: Any) -> Json:
    return observation(code, valueInteger=value, **more)


def of(reference: str | None = None, value: str | None = None) -> Json:
    """The subject of an Observation, by address and by identifier."""
    address = {"reference": reference} if reference else {}
    return address | ({"identifier": {"system": NHS, "value": value}} if value else {})


def test_the_record_of_another_patient_than_the_subject_fills_nothing() -> None:
    fixed = item("c", "boolean", initial=[{"valueBoolean": True}])
    context = {"patient": ANN, "record": [number("a", 1)]}

    population = filled(NAMED, ASKED, fixed, context=context, subject="Patient/bob")

    assert "item" not in population.response
    assert population.response["subject"] == {"reference": "Patient/bob"}
    assert codes(population) == [("error", "invariant", None)]


def test_a_patient_who_may_be_somebody_else_is_not_used() -> None:
    nameless = {name: each for name, each in ANN.items() if name != "id"}
    context = {"patient": nameless, "record": [number("a", 1)]}

    population = filled(
        NAMED,
        ASKED,
        extension=[launch("patient", "Patient")],
        context=context,
        subject="Patient/ann",
    )

    assert answers(population) == {"a": [1]}
    assert ("warning", "value", None) in codes(population)


def test_a_patient_of_no_id_has_no_observations() -> None:
    nameless = {name: each for name, each in ANN.items() if name != "id"}
    context = {"patient": nameless, "record": [number("a", 1, subject=of("Patient/bob"))]}

    population = filled(NAMED, ASKED, context=context)

    assert answers(population) == {"family": ["Example"]}
    assert codes(population) == [("warning", "value", "a")]


def test_a_patient_may_be_the_subject_of_another_form_than_theirs() -> None:
    """A form about a relative, with the patient as context."""
    population = filled(NAMED, context={"patient": ANN}, subject="RelatedPerson/1")

    assert answers(population) == {"family": ["Example"]}


def test_a_subject_the_questionnaire_is_not_for_is_told() -> None:
    population = filled(NAMED, subject="RelatedPerson/1", subjectType=["Patient"])

    assert ("warning", "business-rule", None) in codes(population)


def test_observations_of_several_people_fill_nothing_without_a_subject() -> None:
    record = [number("a", 1), number("b", 2, subject=of("Patient/bob"))]

    population = filled(ASKED, OTHER, context={"record": record})

    assert answers(population) == {}
    assert codes(population) == [
        ("warning", "multiple-matches", "a"),
        ("warning", "multiple-matches", "b"),
    ]
    assert answers(filled(ASKED, OTHER, context={"record": record[:1]})) == {"a": [1]}


@pytest.mark.parametrize(
    ("one", "other", "is_filled"),
    [
        (of(value="1"), of(value="1"), True),
        (of(value="1"), of(value="2"), False),
        (of("Patient/ann", "1"), of(value="1"), True),
        (of("Patient/ann", "1"), of("Patient/ann", "2"), False),
        (of("Patient/ann"), of(value="1"), False),
        (of("Patient/ann"), {}, False),
    ],
)
def test_people_are_told_apart_by_their_identifiers(
    one: Json, other: Json, is_filled: bool
) -> None:
    record = [number("a", 1, subject=one), number("b", 2, subject=other)]

    population = filled(ASKED, OTHER, context={"record": record})

    assert answers(population) == ({"a": [1], "b": [2]} if is_filled else {})


def test_a_subject_by_identifier_takes_only_what_is_theirs() -> None:
    record = [
        number("a", 1, subject=of(value="1")),
        number("a", 9, subject=of(value="2"), effectiveDateTime="2026-03-09"),
        number("b", 9, subject=of("Patient/ann")),
    ]

    population = filled(ASKED, OTHER, context={"record": record}, subject=of(value="1"))

    assert answers(population) == {"a": [1]}
    assert population.response["subject"] == of(value="1")


@pytest.mark.parametrize(
    ("value", "family", "severity"), [("1", True, None), ("2", False, "error")]
)
def test_a_subject_by_identifier_is_compared_with_the_patient(
    value: str, family: bool, severity: str | None
) -> None:
    ann = ANN | {"identifier": [{"system": NHS, "value": "1"}]}
    context = {"patient": ann, "record": [number("a", 1)]}

    population = filled(NAMED, ASKED, context=context, subject=of(value=value))

    assert answers(population) == ({"family": ["Example"], "a": [1]} if family else {})
    assert [each.severity for each in population.problems] == ([severity] if severity else [])


def test_the_same_id_at_another_server_is_somebody_else() -> None:
    there = of("https://other.example/fhir/Patient/ann")

    population = filled(
        ASKED, context={"record": number("a", 1, subject=there)}, subject="Patient/ann"
    )

    assert answers(population) == {}


def test_an_address_of_the_observations_own_server_is_relative() -> None:
    url = "https://own.example/fhir/Observation/1"
    there = of("https://own.example/fhir/Patient/ann")
    entry = {"fullUrl": url, "resource": number("a", 1, subject=there)}
    bundle = {"resourceType": "Bundle", "entry": [entry]}

    assert answers(filled(ASKED, context={"record": bundle}, subject="Patient/ann")) == {"a": [1]}


@pytest.mark.parametrize("odd", [None, 1, [], {}, "", {"reference": 1, "identifier": []}])
def test_what_names_nobody_is_nobody(odd: Any) -> None:
    assert not named(odd)
