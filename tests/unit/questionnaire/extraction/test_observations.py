"""Observation-based extraction, rule by rule (SDC 4, "Form Data Extraction")."""

from typing import Any

import pytest

from tests.unit.questionnaire.extraction.making import (
    AUTHORED,
    CORE,
    LOINC,
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

YES = sdc("observationExtract", valueBoolean=True)
NO = sdc("observationExtract", valueBoolean=False)
UNIT = {"system": "http://unitsofmeasure.org", "code": "kg", "display": "kilogram"}
IN_KG = {"url": f"{CORE}questionnaire-unit", "valueCoding": UNIT}
CODING = {"system": "https://example.org/colours", "code": "red", "display": "Red"}


def related(how: str) -> Json:
    return sdc("observationExtract", valueCode=how)


def code(text: str, *extensions: Json) -> Json:
    found = {"extension": list(extensions)} if extensions else {}
    return {"system": LOINC, "code": text, **found}


def coded(link_id: str, *extensions: Json, type_: str = "boolean", **more: Any) -> Json:
    """A question whose code is its linkId."""
    return item(link_id, type_, *extensions, code=[code(link_id)], **more)


def observation(name: str, **more: Any) -> Json:
    return {
        "resourceType": "Observation",
        "status": "final",
        "code": {"coding": [code(name)]},
        "subject": {"reference": "Patient/1"},
        "effectiveDateTime": AUTHORED,
        "issued": AUTHORED,
        "performer": [{"reference": "Practitioner/2"}],
        "derivedFrom": [{"reference": "QuestionnaireResponse/r1"}],
        **more,
    }


TRUE = {"valueBoolean": True}


def names(found: list[Json]) -> list[str]:
    return [one["code"]["coding"][0]["code"] for one in found]


@pytest.mark.parametrize(
    ("type_", "given", "value"),
    [
        ("boolean", {"valueBoolean": False}, {"valueBoolean": False}),
        ("integer", {"valueInteger": 0}, {"valueInteger": 0}),
        ("decimal", {"valueDecimal": 7.5}, {"valueQuantity": {"value": 7.5}}),
        ("date", {"valueDate": "2026-03"}, {"valueDateTime": "2026-03"}),
        ("dateTime", {"valueDateTime": AUTHORED}, {"valueDateTime": AUTHORED}),
        ("time", {"valueTime": "10:30:00"}, {"valueTime": "10:30:00"}),
        ("string", {"valueString": "a"}, {"valueString": "a"}),
        ("url", {"valueUri": "urn:x:y"}, {"valueString": "urn:x:y"}),
        ("choice", {"valueCoding": CODING}, {"valueCodeableConcept": {"coding": [CODING]}}),
        ("open-choice", {"valueString": "other"}, {"valueString": "other"}),
        ("quantity", {"valueQuantity": {"value": 1}}, {"valueQuantity": {"value": 1}}),
    ],
)
def test_an_answer_becomes_the_value_of_an_observation(
    type_: str, given: Json, value: Json
) -> None:
    more = {"answerValueSet": "https://example.org/vs"} if "choice" in type_ else {}

    extraction = run(
        questionnaire(coded("a", YES, type_=type_, **more)), response(answer("a", given))
    )

    assert resources(extraction) == [observation("a", **value)]
    assert requests(extraction) == [{"method": "POST", "url": "Observation"}]
    assert told(extraction) == []


@pytest.mark.parametrize(
    ("type_", "given"), [("integer", {"valueInteger": 70}), ("decimal", {"valueDecimal": 70.5})]
)
def test_a_number_with_a_unit_is_a_quantity(type_: str, given: Json) -> None:
    extraction = run(
        questionnaire(coded("a", YES, IN_KG, type_=type_)), response(answer("a", given))
    )

    assert resources(extraction)[0]["valueQuantity"] == {
        "value": next(iter(given.values())),
        "unit": "kilogram",
        "system": "http://unitsofmeasure.org",
        "code": "kg",
    }


@pytest.mark.parametrize(
    ("type_", "given"),
    [
        ("attachment", {"valueAttachment": {"url": "https://example.org"}}),
        ("reference", {"valueReference": {"reference": "Patient/1"}}),
    ],
)
def test_what_an_observation_cannot_hold_is_told(type_: str, given: Json) -> None:
    extraction = run(questionnaire(coded("a", YES, type_=type_)), response(answer("a", given)))

    assert resources(extraction) == []
    assert [problem.expression for problem in extraction.problems] == [
        "QuestionnaireResponse.item[0].answer[0]"
    ]


def test_every_answer_is_an_observation_of_its_own() -> None:
    made = questionnaire(coded("a", YES, type_="string", repeats=True))

    extraction = run(made, response(answer("a", {"valueString": "x"}, {"valueString": "y"})))

    assert [one["valueString"] for one in resources(extraction)] == ["x", "y"]


def test_what_the_response_says_goes_into_every_observation() -> None:
    head: Json = {
        "basedOn": [{"reference": "ServiceRequest/3"}],
        "partOf": [{"reference": "Procedure/4"}],
        "encounter": {"reference": "Encounter/5"},
    }

    extraction = run(questionnaire(coded("a", YES)), response(answer("a", TRUE), **head))

    assert resources(extraction) == [observation("a", valueBoolean=True, **head)]


@pytest.mark.parametrize(
    ("head", "missing", "message"),
    [
        ({"id": None}, {"derivedFrom"}, "The response has no id"),
        ({"subject": None}, {"subject"}, "The response has no subject"),
        ({"authored": None}, {"effectiveDateTime", "issued"}, "The response has no authored"),
        ({"author": {"reference": "Device/1"}}, {"performer"}, "cannot have a author as performer"),
        ({"subject": {"type": "Practitioner"}}, {"subject"}, "cannot have a subject as subject"),
    ],
)
def test_what_the_response_lacks_is_told_once(head: Json, missing: set[str], message: str) -> None:
    answered = response(answer("a", TRUE), answer("b", TRUE), **head)

    extraction = run(questionnaire(coded("a", YES), coded("b", YES)), answered)

    assert len(resources(extraction)) == 2
    assert all(missing.isdisjoint(one) for one in resources(extraction))
    assert message in told(extraction)[0][2]
    assert len(told(extraction)) == (2 if head == {"subject": {"type": "Practitioner"}} else 1)


def test_a_day_is_no_instant() -> None:
    extraction = run(
        questionnaire(coded("a", YES)), response(answer("a", TRUE), authored="2026-03-31")
    )

    assert resources(extraction)[0]["effectiveDateTime"] == "2026-03-31"
    assert "issued" not in resources(extraction)[0]


def test_the_nearest_word_decides_who_is_extracted() -> None:
    made = questionnaire(
        coded("in", item=[coded("in.out", NO, item=[coded("in.out.in", YES)])]),
        group("g", NO, item=[coded("g.out"), coded("g.in", related("independent"))]),
        extension=[YES],
    )
    deepest = {"valueBoolean": True, "item": [answer("in.out.in", TRUE)]}
    answered = response(
        answer("in", {"valueBoolean": True, "item": [answer("in.out", deepest)]}),
        inside("g", answer("g.out", TRUE), answer("g.in", TRUE)),
    )

    extraction = run(made, answered)

    assert names(resources(extraction)) == ["in", "in.out.in", "g.in"]
    assert told(extraction) == []


def test_nothing_is_extracted_without_the_extension() -> None:
    extraction = run(questionnaire(coded("a")), response(answer("a", TRUE)))

    assert resources(extraction) == []
    assert told(extraction) == [("information", None, NO_WAY)]


def test_an_item_without_a_code_is_told_louder_when_it_was_meant() -> None:
    made = questionnaire(item("a", "boolean"), item("b", "boolean", YES), extension=[YES])

    extraction = run(made, response(answer("a", TRUE), answer("b", TRUE)))

    message = "The item has no code to extract, so no Observation is made."
    assert resources(extraction) == []
    assert told(extraction) == [("information", "a", message), ("warning", "b", message)]


def test_all_codes_are_taken_unless_some_are_marked() -> None:
    codes = [code("1"), code("2", YES), code("3", NO)]
    plain = [code("1"), code("2")]
    made = questionnaire(
        item("a", "boolean", YES, code=plain),
        item("b", "boolean", YES, code=codes),
        item("c", "boolean", code=codes),
    )

    extraction = run(made, response(*(answer(name, TRUE) for name in "abc")))

    assert [one["code"]["coding"] for one in resources(extraction)] == [
        plain,
        [code("2")],
        [code("2")],
    ]


def test_the_nearest_categories_are_taken() -> None:
    def category(text: str) -> Json:
        return sdc("observation-extract-category", valueCodeableConcept={"text": text})

    made = questionnaire(
        coded("a"),
        coded("b", category("one"), category("two")),
        extension=[YES, category("all")],
    )

    extraction = run(made, response(answer("a", TRUE), answer("b", TRUE)))

    assert [one["category"] for one in resources(extraction)] == [
        [{"text": "all"}],
        [{"text": "one"}, {"text": "two"}],
    ]


def panel(*items: Json) -> Json:
    return group("panel", YES, item=items, code=[code("panel")])


def test_components_stand_in_the_observation_around_them() -> None:
    made = questionnaire(
        panel(
            coded("a", related("component"), repeats=True),
            group("g", item=[coded("b", related("component"))]),
        )
    )
    answered = response(inside("panel", answer("a", TRUE, TRUE), inside("g", answer("b", TRUE))))

    extraction = run(made, answered)

    components = [
        {"code": {"coding": [code(name)]}, "valueBoolean": True} for name in ("a", "a", "b")
    ]
    assert resources(extraction) == [observation("panel", component=components)]
    assert told(extraction) == []


def test_members_and_what_is_derived_refer_to_each_other() -> None:
    made = questionnaire(
        panel(
            coded("a", related("member"), repeats=True, item=[coded("why", related("derived"))]),
            coded("b", related("independent")),
        )
    )
    asked = {"valueBoolean": True, "item": [answer("why", TRUE)]}

    extraction = run(made, response(inside("panel", answer("a", TRUE, asked), answer("b", TRUE))))

    urls = {
        (one["fullUrl"], *names([one["resource"]])): one["resource"]
        for one in extraction.bundle["entry"]
    }
    assert [name for _, name in urls] == ["panel", "a", "a", "why", "b"]
    found, first, second, last, _ = list(urls)
    assert urls[found]["hasMember"] == [{"reference": first[0]}, {"reference": second[0]}]
    assert urls[last]["derivedFrom"][1:] == [{"reference": second[0]}]
    assert told(extraction) == []


@pytest.mark.parametrize(
    ("made", "severity", "message"),
    [
        (panel(coded("a")), "information", "has no component and no member"),
        (group("panel", item=[coded("a", related("member"))]), "warning", "to be member of"),
        (group("panel", item=[coded("a", related("component"))]), "warning", "to be component of"),
        (
            group("panel", related("component"), item=[coded("a", YES)], code=[code("panel")]),
            "warning",
            "A group cannot be a component",
        ),
    ],
)
def test_a_relationship_that_cannot_be_leaves_an_observation_of_its_own(
    made: Json, severity: str, message: str
) -> None:
    extraction = run(questionnaire(made), response(inside("panel", answer("a", TRUE))))

    assert names(resources(extraction)) == ["a"]
    ((found, _, text),) = told(extraction)
    assert found == severity
    assert message in text


@pytest.mark.parametrize("extension", [related("parent"), sdc("observationExtract")])
def test_an_unknown_way_to_extract_is_told(extension: Json) -> None:
    extraction = run(questionnaire(coded("a", extension)), response(answer("a", TRUE)))

    assert resources(extraction) == []
    assert [(severity, link_id) for severity, link_id, _ in told(extraction)] == [("error", "a")]


def test_an_entry_may_say_its_url_and_id() -> None:
    entry = sdc(
        "observationExtractEntry",
        parts=[
            part("fullUrl", valueString="%NewId"),
            part("resourceId", valueString="'o1'"),
        ],
    )

    extraction = run(
        questionnaire(coded("a", YES, allocate("NewId"), entry)), response(answer("a", TRUE))
    )

    (found,) = extraction.bundle["entry"]
    assert found["request"] == {"method": "PUT", "url": "Observation/o1"}


def test_a_group_about_somebody_else_has_their_subject() -> None:
    whose = item("whose", "reference", sdc("isSubject", valueBoolean=True))
    made = questionnaire(group("g", YES, item=[whose, coded("a")], repeats=True), coded("b", YES))
    child = {"valueReference": {"reference": "Patient/9"}}
    practitioner = {"valueReference": {"reference": "Practitioner/8"}}

    extraction = run(
        made,
        response(
            inside("g", answer("whose", child), answer("a", TRUE)),
            inside("g", answer("a", TRUE)),
            inside("g", answer("whose", practitioner), answer("a", TRUE)),
            answer("b", TRUE),
        ),
    )

    assert [one["subject"]["reference"] for one in resources(extraction)] == [
        "Patient/9",
        "Patient/1",
    ]
    assert [(severity, link_id) for severity, link_id, _ in told(extraction)] == [
        ("error", "a"),
        ("error", "a"),
    ]


def test_what_is_somebody_elses_is_no_component_of_another_persons_observation() -> None:
    whose = item("whose", "reference", sdc("isSubject", valueBoolean=True))
    made = questionnaire(panel(group("g", item=[whose, coded("a", related("component"))])))
    child = {"valueReference": {"reference": "Patient/9"}}

    extraction = run(
        made, response(inside("panel", inside("g", answer("whose", child), answer("a", TRUE))))
    )

    (found,) = resources(extraction)
    assert (names([found]), found["subject"]) == (["a"], {"reference": "Patient/9"})
    assert {link_id for _, link_id, _ in told(extraction)} == {"a", "panel"}
