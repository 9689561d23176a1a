"""The entries of the transaction: requests, fullUrls, allocated ids, references."""

import re
from typing import Any

import pytest

from tests.unit.questionnaire.extraction.making import (
    NOW,
    Json,
    allocate,
    answer,
    group,
    inside,
    item,
    questionnaire,
    requests,
    resources,
    response,
    run,
    takes,
    template,
    told,
)

NEW = re.compile(r"urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
BASIC = {"resourceType": "Basic", "id": "made", "code": {"text": "x"}}


def extracted(content: Json = BASIC, **expressions: str) -> Any:
    made = questionnaire(item("q", "string", template("made", **expressions)), contained=[content])
    return run(made, response(answer("q", {"valueString": "old"})))


def test_the_bundle_is_a_transaction_of_its_moment() -> None:
    assert run(questionnaire(item("q", "string")), response()).bundle == {
        "resourceType": "Bundle",
        "type": "transaction",
        "timestamp": NOW.isoformat(),
    }


def test_a_resource_without_an_id_is_posted_under_a_new_url() -> None:
    first, second = (extracted().bundle["entry"][0] for _ in range(2))

    assert first["request"] == {"method": "POST", "url": "Basic"}
    assert NEW.fullmatch(first["fullUrl"])
    assert first["fullUrl"] != second["fullUrl"]
    assert "id" not in first["resource"]


@pytest.mark.parametrize(
    ("content", "expressions"),
    [
        (BASIC, {"resourceId": "answer.value"}),
        ({**BASIC, "_id": takes("answer.value")}, {}),
        ({**BASIC, "_id": takes("'other'")}, {"resourceId": "answer.value"}),
    ],
)
def test_a_resource_with_an_id_is_put(content: Json, expressions: Any) -> None:
    extraction = extracted(content, **expressions)

    assert requests(extraction) == [{"method": "PUT", "url": "Basic/old"}]
    assert resources(extraction)[0]["id"] == "old"
    assert told(extraction) == []


def test_conditions_of_the_request_are_what_their_expressions_give() -> None:
    extraction = extracted(
        ifNoneMatch="'*'",
        ifModifiedSince="%resource.authored",
        ifMatch="%resource.language",
        ifNoneExist="'identifier=' + answer.value",
    )

    assert requests(extraction) == [
        {
            "method": "POST",
            "url": "Basic",
            "ifNoneMatch": "*",
            "ifModifiedSince": "2026-03-31T10:00:00Z",
            "ifNoneExist": "identifier=old",
        }
    ]


@pytest.mark.parametrize(
    ("expressions", "message"),
    [
        ({"resourceId": "'no id!'"}, "gives no FHIR id"),
        ({"resourceId": "item.where("}, "cannot be parsed"),
        ({"resourceId": "%resource.subject"}, "gives no single text"),
        ({"ifNoneExist": "%unknown"}, "There is no %unknown"),
        ({"ifMatch": "'a' | 'b'"}, "gives no single text"),
    ],
)
def test_without_its_id_or_condition_nothing_is_sent(expressions: Any, message: str) -> None:
    # A resource could be made twice, or the wrong one overwritten.
    extraction = extracted(**expressions)

    assert requests(extraction) == []
    ((severity, link_id, found),) = told(extraction)
    assert (severity, link_id) == ("error", "q")
    assert message in found


@pytest.mark.parametrize("expression", ["'relative'", "1", "%unknown"])
def test_a_url_that_cannot_be_used_is_replaced_and_told(expression: str) -> None:
    extraction = extracted(fullUrl=expression)

    assert NEW.fullmatch(extraction.bundle["entry"][0]["fullUrl"])
    assert [severity for severity, _, _ in told(extraction)] == ["warning"]


def test_an_allocated_id_joins_resources_inside_its_item() -> None:
    mother = {"resourceType": "Patient", "id": "mother", "active": True}
    child = {
        "resourceType": "RelatedPerson",
        "id": "child",
        "patient": {"_reference": takes("%NewMotherId")},
    }
    made = questionnaire(
        group(
            "family",
            allocate("NewMotherId"),
            template("mother", fullUrl="%NewMotherId"),
            item=[item("child", "string", template("child"), repeats=True)],
            repeats=True,
        ),
        contained=[mother, child],
    )

    extraction = run(
        made,
        response(
            inside("family", answer("child", {"valueString": "a"}, {"valueString": "b"})),
            inside("family", answer("child", {"valueString": "c"})),
        ),
    )

    entries = extraction.bundle["entry"]
    urls = [one["fullUrl"] for one in entries if one["resource"]["resourceType"] == "Patient"]
    mothers = [one["patient"]["reference"] for one in resources(extraction) if "patient" in one]
    assert len(set(urls)) == 2
    assert mothers == [urls[0], urls[0], urls[1]]
    assert told(extraction) == []


def test_an_id_allocated_for_every_answer_is_a_new_one() -> None:
    content = {**BASIC, "author": {"_reference": takes("%NewId")}}
    made = questionnaire(
        item("q", "string", allocate("NewId"), template("made", fullUrl="%NewId"), repeats=True),
        contained=[content],
    )

    extraction = run(made, response(answer("q", {"valueString": "a"}, {"valueString": "b"})))

    entries = extraction.bundle["entry"]
    assert [one["resource"]["author"]["reference"] for one in entries] == [
        one["fullUrl"] for one in entries
    ]
    assert len({one["fullUrl"] for one in entries}) == 2
    assert told(extraction) == []


def test_an_allocated_id_as_resource_id_is_its_uuid_and_typed_references_still_resolve() -> None:
    patient = {"resourceType": "Patient", "id": "patient", "active": True}
    basic = {**BASIC, "subject": {"_reference": takes("'Patient/' + %NewId")}}
    made = questionnaire(
        extension=[
            allocate("NewId"),
            template("patient", fullUrl="%NewId", resourceId="%NewId"),
            template("made"),
        ],
        contained=[patient, basic],
    )

    extraction = run(made, response())

    first, second = extraction.bundle["entry"]
    assert first["fullUrl"] == f"urn:uuid:{first['resource']['id']}"
    assert first["request"] == {"method": "PUT", "url": f"Patient/{first['resource']['id']}"}
    assert second["resource"]["subject"]["reference"] == first["fullUrl"]
    assert told(extraction) == []


def test_one_url_is_given_to_one_resource_only() -> None:
    made = questionnaire(
        extension=[allocate("NewId"), *(template("made", fullUrl="%NewId") for _ in range(2))],
        contained=[BASIC],
    )

    extraction = run(made, response())

    assert len({one["fullUrl"] for one in extraction.bundle["entry"]}) == 2
    assert told(extraction) == [
        ("error", None, "Two resources have the same fullUrl; the later one gets a new uuid.")
    ]


@pytest.mark.parametrize(
    ("reference", "severity", "message"),
    [
        ("'#made'", "warning", "The reference is to a template by its id"),
        ("'#other'", "error", "The reference is to something contained that is not there."),
        ("%NewId", "error", "The reference is to a resource that was not extracted."),
        ("'Patient/' + %NewId", "error", "The reference is to a resource that was not extracted."),
    ],
)
def test_a_reference_that_leads_nowhere_is_told(
    reference: str, severity: str, message: str
) -> None:
    content = {**BASIC, "subject": {"_reference": takes(reference)}}
    made = questionnaire(extension=[allocate("NewId"), template("made")], contained=[content])

    extraction = run(made, response())

    (problem,) = extraction.problems
    assert (problem.severity, problem.expression) == (
        severity,
        "Bundle.entry[0].resource.subject.reference",
    )
    assert problem.message.startswith(message)


@pytest.mark.parametrize("reference", ["Patient/1", "https://example.org/Patient/1", "#in", "#"])
def test_other_references_stay_as_they_are(reference: str) -> None:
    content = {
        **BASIC,
        "subject": {"reference": reference},
        "contained": [{"resourceType": "Patient", "id": "in"}],
    }

    extraction = extracted(content)

    assert resources(extraction)[0]["subject"] == {"reference": reference}
    assert told(extraction) == []


def test_what_fhir_requires_and_a_template_lacks_is_told() -> None:
    content = {"resourceType": "Observation", "id": "made", "valueBoolean": True}

    extraction = extracted(content)

    assert len(resources(extraction)) == 1
    assert told(extraction) == [
        ("warning", "q", "The Observation has no code, which FHIR requires."),
        ("warning", "q", "The Observation has no status, which FHIR requires."),
    ]


def test_disabled_items_give_nothing_and_places_are_those_of_the_response() -> None:
    condition = {"question": "ask", "operator": "=", "answerBoolean": True}
    made = questionnaire(
        item("ask", "boolean"),
        group(
            "g",
            template("made"),
            item=[item("q", "string")],
            enableWhen=[condition],
            repeats=True,
        ),
        item("last", "string", template("gone")),
        contained=[BASIC],
    )
    answered = response(
        answer("ask", {"valueBoolean": False}),
        inside("g", answer("q", {"valueString": "x"})),
        answer("last", {"valueString": "y"}),
    )

    extraction = run(made, answered)

    assert resources(extraction) == []
    assert [(one.severity, one.expression, one.link_id) for one in extraction.problems] == [
        ("information", "QuestionnaireResponse.item[1].item[0].answer[0]", "q"),
        ("error", "QuestionnaireResponse.item[2]", "last"),
    ]
