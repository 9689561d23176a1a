"""Definition-based extraction, rule by rule (SDC 4, "Form Data Extraction")."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pytest

from tests.unit.questionnaire.extraction.making import (
    CORE,
    NO_WAY,
    Json,
    allocate,
    answer,
    group,
    inside,
    item,
    part,
    questionnaire,
    requests,
    resources,
    response,
    run,
    sdc,
    told,
)

PROFILE = "https://example.org/StructureDefinition/our-patient"
RED = {"system": "https://example.org/colours", "code": "red"}
MARKED = {**RED, "id": "c1"}


def core(path: str) -> str:
    """The definition of an element of a base resource."""
    return f"{CORE}{path.partition('.')[0]}#{path}"


def opens(canonical: str, **parts: str) -> Json:
    found = [part(name, valueString=text) for name, text in parts.items()]
    return sdc("definitionExtract", parts=[part("definition", valueCanonical=canonical), *found])


def fixed(definition: str, **value: Any) -> Json:
    parts = [part("definition", valueUri=definition), part("fixed-value", **value)]
    return sdc("definitionExtractValue", parts=parts)


def calculated(definition: str, expression: str, language: str = "text/fhirpath") -> Json:
    value = {"language": language, "expression": expression}
    parts = [
        part("definition", valueUri=definition),
        part("expression", valueExpression=value),
    ]
    return sdc("definitionExtractValue", parts=parts)


def defined(path: str, type_: str = "string", **more: Any) -> Json:
    """A question whose linkId is the path of its element."""
    return item(path, type_, definition=core(path), **more)


def text(path: str, *texts: str) -> Json:
    return answer(path, *({"valueString": each} for each in texts))


def patient(*items: Json, extensions: tuple[Json, ...] = ()) -> Json:
    return questionnaire(group("g", opens(f"{CORE}Patient"), *extensions, item=items, repeats=True))


def extracted(made: Json, *answers: Json) -> Any:
    return run(made, response(inside("g", *answers)))


@pytest.mark.parametrize(
    ("path", "type_", "given", "made"),
    [
        ("Patient.birthDate", "date", {"valueDate": "2000-01"}, {"birthDate": "2000-01"}),
        ("Patient.active", "boolean", {"valueBoolean": False}, {"active": False}),
        ("Patient.gender", "choice", {"valueCoding": RED}, {"gender": "red"}),
        ("Patient.name.given", "string", {"valueString": "A"}, {"name": [{"given": ["A"]}]}),
        ("Patient.name.family", "string", {"valueString": "A"}, {"name": [{"family": "A"}]}),
        (
            "Patient.contact.name.given",
            "string",
            {"valueString": "A"},
            {"contact": [{"name": {"given": ["A"]}}]},
        ),
        (
            "Patient.maritalStatus",
            "choice",
            {"valueCoding": RED},
            {"maritalStatus": {"coding": [RED]}},
        ),
        (
            "Patient.maritalStatus",
            "open-choice",
            {"valueString": "other"},
            {"maritalStatus": {"text": "other"}},
        ),
        ("Patient.deceased[x]", "boolean", {"valueBoolean": True}, {"deceasedBoolean": True}),
        ("Patient.deceased[x]", "date", {"valueDate": "2020"}, {"deceasedDateTime": "2020"}),
        ("Patient.deceasedDateTime", "date", {"valueDate": "2020"}, {"deceasedDateTime": "2020"}),
        (
            "Patient.deceased[x]:deceasedBoolean",
            "boolean",
            {"valueBoolean": True},
            {"deceasedBoolean": True},
        ),
        (
            "Patient.generalPractitioner",
            "reference",
            {"valueReference": {"reference": "Practitioner/2"}},
            {"generalPractitioner": [{"reference": "Practitioner/2"}]},
        ),
        ("Patient.multipleBirth[x]", "integer", {"valueInteger": 2}, {"multipleBirthInteger": 2}),
        (
            "Patient.photo",
            "attachment",
            {"valueAttachment": {"title": "a"}},
            {"photo": [{"title": "a"}]},
        ),
    ],
)
def test_an_answer_goes_where_its_definition_says(
    path: str, type_: str, given: Json, made: Json
) -> None:
    more = {"answerValueSet": "https://example.org/vs"} if "choice" in type_ else {}

    extraction = extracted(patient(defined(path, type_, **more)), answer(path, given))

    assert resources(extraction) == [{"resourceType": "Patient", **made}]
    assert told(extraction) == []


def observed(definition: str, type_: str, *extensions: Json) -> Json:
    question = item("q", type_, *extensions, definition=core(definition))
    return questionnaire(group("g", opens(f"{CORE}Observation"), item=[question]))


@pytest.mark.parametrize(
    ("definition", "type_", "given", "made"),
    [
        ("value[x]", "string", {"valueString": "a"}, {"valueString": "a"}),
        (
            "value[x]",
            "decimal",
            {"valueDecimal": 1.5},
            {"valueQuantity": {"value": 1.5, "code": "kg"}},
        ),
        (
            "value[x]",
            "decimal",
            {"valueDecimal": Decimal("1.5")},
            {"valueQuantity": {"value": Decimal("1.5"), "code": "kg"}},
        ),
        ("value[x]", "integer", {"valueInteger": 1}, {"valueInteger": 1}),
        ("value[x]", "date", {"valueDate": "2020"}, {"valueDateTime": "2020"}),
        ("effective[x]", "date", {"valueDate": "2020"}, {"effectiveDateTime": "2020"}),
        (
            "valueQuantity",
            "integer",
            {"valueInteger": 1},
            {"valueQuantity": {"value": 1, "code": "kg"}},
        ),
        (
            "component.value[x]",
            "time",
            {"valueTime": "10:00:00"},
            {"component": [{"valueTime": "10:00:00"}]},
        ),
    ],
)
def test_a_choice_of_types_takes_the_type_of_the_answer(
    definition: str, type_: str, given: Json, made: Json
) -> None:
    unit = {"url": f"{CORE}questionnaire-unit", "valueCoding": {"code": "kg"}}

    extraction = extracted(observed(f"Observation.{definition}", type_, unit), answer("q", given))

    found = resources(extraction)[0]
    for quantity in (one for one in found.values() if isinstance(one, dict)):
        quantity.pop("unit", None)
    assert found == {"resourceType": "Observation", **made}


@pytest.mark.parametrize(
    ("path", "type_", "given", "message"),
    [
        ("Patient.shoes", "string", {"valueString": "a"}, "FHIR R4 has no element Patient.shoes."),
        ("Patient.name.shoes", "string", {"valueString": "a"}, "no element HumanName.shoes"),
        (
            "Patient.birthDate",
            "string",
            {"valueString": "soon"},
            "does not fit the element birthDate",
        ),
        ("Patient.name", "string", {"valueString": "A"}, "does not fit the element name"),
        ("Patient.name.text", "date", {"valueDate": "2000"}, "does not fit the element text"),
        ("Patient.active", "integer", {"valueInteger": 1}, "does not fit the element active"),
        (
            "Patient.deceased[x]",
            "string",
            {"valueString": "a"},
            "does not fit the element deceased",
        ),
        ("Patient.birthDate.year", "integer", {"valueInteger": 1}, "birthDate is one value"),
        ("Patient.deceased[x].year", "integer", {"valueInteger": 1}, "has no elements of its own"),
        ("Patient", "integer", {"valueInteger": 1}, "does not fit the element Patient"),
    ],
)
def test_an_answer_that_fits_nowhere_is_told_and_not_guessed(
    path: str, type_: str, given: Json, message: str
) -> None:
    made = patient(defined("Patient.gender", "string"), defined(path, type_))

    extraction = extracted(made, text("Patient.gender", "other"), answer(path, given))

    assert resources(extraction) == [{"resourceType": "Patient", "gender": "other"}]
    ((severity, link_id, found),) = told(extraction)
    assert (severity, link_id) == ("error", path)
    assert message in found


def test_answers_without_a_group_meet_in_one_element_and_slices_apart() -> None:
    made = patient(
        defined("Patient.name.given", repeats=True),
        defined("Patient.name.family"),
        defined("Patient.identifier:nhs.value"),
        defined("Patient.identifier:local.value"),
        defined("Patient.identifier:nhs.system", "url"),
    )

    extraction = extracted(
        made,
        text("Patient.name.given", "A", "B"),
        text("Patient.name.family", "C"),
        text("Patient.identifier:nhs.value", "1"),
        text("Patient.identifier:local.value", "2"),
        answer("Patient.identifier:nhs.system", {"valueUri": "urn:nhs"}),
    )

    assert resources(extraction) == [
        {
            "resourceType": "Patient",
            "name": [{"given": ["A", "B"], "family": "C"}],
            "identifier": [{"value": "1", "system": "urn:nhs"}, {"value": "2"}],
        }
    ]


def test_a_group_with_a_definition_is_an_element_for_each_occurrence() -> None:
    names = group(
        "names",
        fixed(core("Patient.name.use"), valueCode="usual"),
        item=[
            defined("Patient.name.given"),
            group("more", item=[defined("Patient.name.family")]),
        ],
        definition=core("Patient.name"),
        repeats=True,
    )

    extraction = extracted(
        patient(names),
        inside(
            "names",
            text("Patient.name.given", "A"),
            inside("more", text("Patient.name.family", "B")),
        ),
        inside("names"),
        inside("names", text("Patient.name.given", "C")),
    )

    assert resources(extraction)[0]["name"] == [
        {"use": "usual", "given": ["A"], "family": "B"},
        {"use": "usual", "given": ["C"]},
    ]
    assert told(extraction) == []


def test_what_is_of_another_element_than_its_group_is_written_from_the_top() -> None:
    names = group("names", item=[defined("Patient.gender")], definition=core("Patient.name"))

    extraction = extracted(patient(names), inside("names", text("Patient.gender", "other")))

    assert resources(extraction) == [{"resourceType": "Patient", "gender": "other"}]
    assert told(extraction) == []


def test_more_than_an_element_takes_is_told_and_none_is_chosen() -> None:
    made = patient(
        defined("Patient.gender"),
        defined("Patient.name.family", repeats=True),
        item("x", "string", definition=core("Patient.name.family")),
    )

    extraction = extracted(
        made,
        text("Patient.gender", "other"),
        text("Patient.name.family", "A", "B"),
        text("x", "C"),
    )

    assert resources(extraction) == [{"resourceType": "Patient", "gender": "other"}]
    assert [(severity, link_id) for severity, link_id, _ in told(extraction)] == [
        ("error", "Patient.name.family"),
        ("error", "x"),
    ]


def test_a_choice_takes_one_value_whatever_its_type() -> None:
    made = patient(
        item("day", "date", definition=core("Patient.deceased[x]")),
        item("yes", "boolean", definition=core("Patient.deceased[x]")),
    )

    extraction = extracted(
        made, answer("day", {"valueDate": "2020-01-01"}), answer("yes", {"valueBoolean": True})
    )

    assert resources(extraction) == [{"resourceType": "Patient", "deceasedDateTime": "2020-01-01"}]
    assert [(severity, link_id) for severity, link_id, _ in told(extraction)] == [("error", "yes")]


def changed(existing: Json, *items: Json, given: Sequence[Json]) -> Any:
    """What becomes of a Patient that exists, in a response about `Patient/1`."""
    found = {"language": "text/fhirpath", "expression": "%patient"}
    made = legacy(context(valueExpression=found), *items)
    return run(made, response(inside("g", *given)), patient=existing)


OLD = {
    "resourceType": "Patient",
    "id": "1",
    "birthDate": "1970",
    "_birthDate": {"extension": [{"url": "https://example.org/time", "valueTime": "10:00:00"}]},
    "deceasedBoolean": False,
    "maritalStatus": {"coding": [{"system": "https://example.org", "code": "M"}]},
    "name": [{"family": "F", "given": ["A", "B"]}],
    "generalPractitioner": [{"reference": "Practitioner/1", "display": "Dr One"}],
}


def test_what_is_replaced_leaves_nothing_of_what_was_there() -> None:
    extraction = changed(
        OLD,
        item("born", "date", definition=core("Patient.birthDate")),
        item("died", "date", definition=core("Patient.deceased[x]")),
        defined("Patient.maritalStatus.text"),
        defined("Patient.name.given", repeats=True),
        defined("Patient.generalPractitioner.reference"),
        given=[
            answer("born", {"valueDate": "1971-02-03"}),
            answer("died", {"valueDate": "2020-01-01"}),
            text("Patient.maritalStatus.text", "alone"),
            text("Patient.name.given", "A", "C"),
            text("Patient.generalPractitioner.reference", "Practitioner/2"),
        ],
    )

    assert told(extraction) == []
    assert resources(extraction) == [
        {
            "resourceType": "Patient",
            "id": "1",
            "birthDate": "1971-02-03",
            "deceasedDateTime": "2020-01-01",
            "maritalStatus": {"text": "alone"},
            "name": [{"family": "F", "given": ["A", "B", "C"]}],
            "generalPractitioner": [{"reference": "Practitioner/2"}],
        }
    ]


def test_another_person_than_the_subject_is_not_changed() -> None:
    extraction = changed(
        OLD | {"id": "2"}, defined("Patient.gender"), given=[text("Patient.gender", "other")]
    )

    assert resources(extraction) == []
    ((severity, _, message),) = told(extraction)
    assert severity == "error"
    assert "another person" in message


def test_values_of_its_own_are_fixed_or_calculated() -> None:
    made = patient(
        defined("Patient.name.family"),
        extensions=(
            fixed(core("Patient.active"), valueBoolean=True),
            fixed(core("Patient.maritalStatus"), valueCodeableConcept={"coding": [RED]}),
            calculated(
                core("Patient.managingOrganization.reference"), "%resource.subject.reference"
            ),
            calculated(core("Patient.communication.language"), "%resource.none"),
            calculated(core("Patient.deceased[x]"), "%resource.authored"),
            calculated(core("Patient.name.given"), "'A' | 'B'"),
        ),
    )

    extraction = extracted(made, text("Patient.name.family", "C"))

    assert resources(extraction) == [
        {
            "resourceType": "Patient",
            "active": True,
            "maritalStatus": {"coding": [RED]},
            "managingOrganization": {"reference": "Patient/1"},
            "deceasedDateTime": "2026-03-31T10:00:00Z",
            "name": [{"given": ["A", "B"], "family": "C"}],
        }
    ]
    assert told(extraction) == []


@pytest.mark.parametrize(
    ("expression", "made"),
    [
        ("%resource.authored", {"valueDateTime": "2026-03-31T10:00:00Z"}),
        ("@2020-01-02", {"valueDateTime": "2020-01-02"}),
        ("@T10:00:00", {"valueTime": "10:00:00"}),
        ("'2020-01-02'", {"valueString": "2020-01-02"}),
        ("%resource.item.item.answer.value", {"valueCodeableConcept": {"coding": [MARKED]}}),
        (
            "5 'kg'",
            {
                "valueQuantity": {
                    "value": 5,
                    "unit": "kg",
                    "system": "http://unitsofmeasure.org",
                    "code": "kg",
                }
            },
        ),
    ],
)
def test_what_an_expression_gives_keeps_its_type(expression: str, made: Json) -> None:
    value = calculated(core("Observation.value[x]"), expression)
    asked = item("q", "choice", answerOption=[{"valueCoding": RED}])
    form = questionnaire(group("g", opens(f"{CORE}Observation"), value, item=[asked]))

    extraction = run(form, response(inside("g", answer("q", {"valueCoding": MARKED}))))

    (found,) = resources(extraction)
    assert found == {"resourceType": "Observation", **made}


def test_a_date_from_an_expression_is_no_text() -> None:
    made = patient(
        defined("Patient.gender"), extensions=(calculated(core("Patient.name.text"), "today()"),)
    )

    extraction = extracted(made, text("Patient.gender", "other"))

    assert resources(extraction) == [{"resourceType": "Patient", "gender": "other"}]
    ((severity, _, message),) = told(extraction)
    assert (severity, "does not fit the element text" in message) == ("error", True)


@pytest.mark.parametrize(
    ("extension", "message"),
    [
        (calculated(core("Patient.active"), "%unknown"), "There is no %unknown"),
        (calculated(core("Patient.active"), "x", "text/cql"), "CQL are not supported"),
        (
            sdc(
                "definitionExtractValue",
                parts=[part("definition", valueUri=core("Patient.active"))],
            ),
            "needs a definition",
        ),
        (
            sdc("definitionExtractValue", parts=[part("fixed-value", valueBoolean=True)]),
            "needs a definition",
        ),
        (
            fixed("https://example.org/other#Patient.active", valueBoolean=True),
            "is not being extracted here",
        ),
    ],
)
def test_a_value_of_its_own_that_fails_is_told(extension: Json, message: str) -> None:
    made = patient(defined("Patient.name.family"), extensions=(extension,))

    extraction = extracted(made, text("Patient.name.family", "A"))

    assert resources(extraction) == [{"resourceType": "Patient", "name": [{"family": "A"}]}]
    ((_, link_id, found),) = told(extraction)
    assert link_id == "g"
    assert message in found


def test_a_profile_is_named_in_meta_and_its_type_is_what_definitions_say() -> None:
    question = item("q", "string", definition=f"{PROFILE}#Patient.name.family")
    made = questionnaire(group("g", opens(f"{PROFILE}|2"), item=[question]))

    extraction = extracted(made, text("q", "A"))

    assert resources(extraction) == [
        {
            "resourceType": "Patient",
            "meta": {"profile": [f"{PROFILE}|2"]},
            "name": [{"family": "A"}],
        }
    ]


@pytest.mark.parametrize(
    ("extension", "message"),
    [
        (opens(PROFILE), "It is not clear which type of resource"),
        (opens(f"{CORE}Shoe"), "Which elements of Shoe repeat is not known"),
        (opens(f"{CORE}HumanName"), "Which elements of HumanName repeat is not known"),
        (sdc("definitionExtract", parts=[]), "definitionExtract has no definition"),
        (opens(f"{CORE}Patient", resourceId="'no id!'"), "gives no FHIR id"),
        (sdc("itemExtractionContext", valueCode="Shoe"), "Which elements of Shoe repeat"),
        (sdc("itemExtractionContext", valueString="x"), "neither a type nor an expression"),
    ],
)
def test_a_resource_that_cannot_be_opened_is_told(extension: Json, message: str) -> None:
    made = questionnaire(group("g", extension, item=[defined("Patient.name.family")]))

    extraction = extracted(made, text("Patient.name.family", "A"))

    assert resources(extraction) == []
    ((severity, link_id, found),) = told(extraction)
    assert (severity, link_id) == ("error", "g")
    assert message in found


def test_resources_open_inside_each_other_and_take_their_own_definitions() -> None:
    made = questionnaire(
        group(
            "g",
            allocate("NewId"),
            opens(f"{CORE}Patient", fullUrl="%NewId"),
            item=[
                group(
                    "seen",
                    opens(f"{CORE}Condition"),
                    calculated(core("Condition.subject.reference"), "%NewId"),
                    item=[
                        defined(
                            "Condition.code", "open-choice", answerValueSet="https://example.org/vs"
                        ),
                        defined("Patient.name.family"),
                    ],
                    repeats=True,
                )
            ],
        )
    )

    extraction = extracted(
        made,
        inside("seen", text("Condition.code", "cough"), text("Patient.name.family", "A")),
        inside("seen", text("Condition.code", "cold")),
    )

    first, *others = extraction.bundle["entry"]
    assert first["resource"] == {"resourceType": "Patient", "name": [{"family": "A"}]}
    assert [one["resource"] for one in others] == [
        {
            "resourceType": "Condition",
            "subject": {"reference": first["fullUrl"]},
            "code": {"text": name},
        }
        for name in ("cough", "cold")
    ]
    assert told(extraction) == []


def test_every_occurrence_that_is_answered_opens_its_own() -> None:
    made = questionnaire(
        item("q", "string", opens(f"{CORE}Basic"), definition=core("Basic.code"), repeats=True)
    )

    extraction = run(made, response(text("q", "a", "b")))

    assert [one["code"] for one in resources(extraction)] == [{"text": "a"}, {"text": "b"}]
    assert resources(extracted(patient(defined("Patient.name.family")))) == []


def test_the_questionnaire_opens_a_resource_without_answers() -> None:
    made = questionnaire(
        extension=[
            opens(f"{CORE}Basic"),
            fixed(core("Basic.code"), valueCodeableConcept={"text": "x"}),
        ]
    )

    assert resources(run(made, response())) == [{"resourceType": "Basic", "code": {"text": "x"}}]


def test_an_id_that_was_asked_for_makes_an_update() -> None:
    made = patient(defined("Patient.id"), defined("Patient.name.family"))

    extraction = extracted(made, text("Patient.id", "p1"), text("Patient.name.family", "A"))

    assert requests(extraction) == [{"method": "PUT", "url": "Patient/p1"}]


def test_a_definition_outside_every_open_resource_only_documents() -> None:
    extraction = run(
        questionnaire(defined("Patient.name.family")), response(text("Patient.name.family", "A"))
    )

    assert resources(extraction) == []
    assert told(extraction) == [("information", None, NO_WAY)]


def test_an_extension_needs_its_url() -> None:
    made = patient(
        defined("Patient.extension:a.value[x]"),
        defined("Patient.extension:b.value[x]"),
        extensions=(fixed(core("Patient.extension:a.url"), valueUri="https://example.org/a"),),
    )

    extraction = extracted(
        made, text("Patient.extension:a.value[x]", "1"), text("Patient.extension:b.value[x]", "2")
    )

    assert resources(extraction) == [
        {
            "resourceType": "Patient",
            "extension": [{"url": "https://example.org/a", "valueString": "1"}],
        }
    ]
    assert [found for _, _, found in told(extraction)] == [
        "An extension has no url (definitionExtractValue can give one); it is left out."
    ]


# The older extension


def context(**value: Any) -> Json:
    return sdc("itemExtractionContext", **value)


def legacy(extension: Json, *items: Json) -> Json:
    return questionnaire(group("g", extension, item=items))


def test_the_older_extension_opens_a_new_resource_of_a_type() -> None:
    made = legacy(
        context(valueCode="Patient"),
        item("q", "string", definition="http://hl7.org/fhir/Patient#Patient.name.family"),
    )

    extraction = extracted(made, text("q", "A"))

    assert resources(extraction) == [{"resourceType": "Patient", "name": [{"family": "A"}]}]


def test_the_older_extension_changes_a_resource_that_exists() -> None:
    existing = {
        "resourceType": "Patient",
        "id": "p1",
        "gender": "other",
        "name": [{"family": "old", "given": ["A"]}],
        "identifier": [{"value": "1"}, {"value": "2"}],
    }
    found = {"language": "text/fhirpath", "expression": "%patient"}
    made = legacy(
        context(valueExpression=found),
        defined("Patient.name.family"),
        defined("Patient.telecom.value"),
        defined("Patient.identifier.value"),
    )

    extraction = run(
        made,
        response(
            inside(
                "g",
                text("Patient.name.family", "new"),
                text("Patient.telecom.value", "0"),
                text("Patient.identifier.value", "3"),
            ),
            subject={"reference": "Patient/p1"},
        ),
        patient=existing,
    )

    assert requests(extraction) == [{"method": "PUT", "url": "Patient/p1"}]
    assert resources(extraction) == [
        {
            **existing,
            "name": [{"family": "new", "given": ["A"]}],
            "telecom": [{"value": "0"}],
        }
    ]
    ((severity, link_id, message),) = told(extraction)
    assert (severity, link_id) == ("error", "Patient.identifier.value")
    assert "several identifier" in message
    assert existing["name"] == [{"family": "old", "given": ["A"]}]


QUERY = {"language": "application/x-fhir-query", "expression": "Patient?a=b", "name": "found"}


@pytest.mark.parametrize(
    ("given", "sent", "message"),
    [
        ({}, [], "was not given as %found"),
        ({"found": {"resourceType": "Bundle"}}, [{"method": "POST", "url": "Patient"}], None),
        (
            {
                "found": {
                    "resourceType": "Bundle",
                    "entry": [{"resource": {"resourceType": "Patient", "id": "p1"}}],
                }
            },
            [{"method": "PUT", "url": "Patient/p1"}],
            None,
        ),
        (
            {"found": [{"resourceType": "Patient", "id": name} for name in ("p1", "p2")]},
            [],
            "finds 2 resources",
        ),
        ({"found": {"resourceType": "Patient"}}, [], "no resource with an id"),
    ],
)
def test_the_result_of_a_query_comes_from_outside(
    given: Json, sent: list[Json], message: str | None
) -> None:
    made = legacy(context(valueExpression=QUERY), defined("Patient.name.family"))

    answered = response(
        inside("g", text("Patient.name.family", "A")), subject={"reference": "Patient/p1"}
    )
    extraction = run(made, answered, **given)

    assert requests(extraction) == sent
    assert [message is not None and message in found for _, _, found in told(extraction)] == (
        [True] if message else []
    )


@pytest.mark.parametrize("unit", [None, {"system": "http://unitsofmeasure.org", "code": "a"}])
def test_an_age_needs_the_unit_it_is_in(unit: Json | None) -> None:
    marks = [{"url": f"{CORE}questionnaire-unit", "valueCoding": unit}] if unit else []
    asked = item("age", "integer", *marks, definition=core("Condition.onset[x]"))
    made = legacy(context(valueCode="Condition"), asked)

    extraction = run(made, response(inside("g", answer("age", {"valueInteger": 3}))))

    found = [each.get("onsetAge") for each in resources(extraction)]
    assert found == ([{"value": 3, "unit": "a", **unit}] if unit else [])
    assert bool([each for each in told(extraction) if each[1] == "age"]) is (unit is None)
