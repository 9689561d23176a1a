"""Published questionnaires with extraction data, answered and extracted."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.strategies import leeds_questionnaire
from tests.unit.questionnaire.extraction.making import (
    AUTHORED,
    NO_WAY,
    Json,
    answer,
    inside,
    requests,
    resources,
    response,
    run,
    told,
)


@pytest.fixture
def published(shared: Path) -> Any:
    """Reads one of the published questionnaires."""

    def read(name: str) -> Json:
        path = shared / "data" / "fhir" / "questionnaires" / f"smart-forms--{name}.json"
        found: Json = json.loads(path.read_text(encoding="utf-8"))
        return found

    return read


def text(link_id: str, *texts: str) -> Json:
    return answer(link_id, *({"valueString": each} for each in texts))


def test_a_patient_is_made_and_everything_else_refers_to_them(published: Any) -> None:
    female = {"system": "http://hl7.org/fhir/administrative-gender", "code": "female"}
    relation = {"system": "http://terminology.hl7.org/CodeSystem/v2-0131", "code": "C"}
    answered = response(
        inside(
            "patient",
            inside("name", text("given", "Ann", "Bo"), text("family", "Lee")),
            inside("name", text("given", "Cy")),
            answer("gender", {"valueCoding": female}),
        ),
        inside(
            "contacts",
            text("contact-name", "Di"),
            answer("relationship", {"valueCoding": relation}),
            text("phone", "01"),
        ),
        inside("contacts", text("contact-name", "Ed")),
        inside(
            "obs",
            answer("height", {"valueDecimal": 1.63}),
            answer("complication", {"valueBoolean": True}),
        ),
    )

    extraction = run(published("template-extract--QComplexTemplateExtract"), answered)

    patient, first, second, height, complication = resources(extraction)
    url = extraction.bundle["entry"][0]["fullUrl"]
    assert patient == {
        "resourceType": "Patient",
        "id": url.removeprefix("urn:uuid:"),
        "name": [
            {"text": "Ann Bo Lee", "family": "Lee", "given": ["Ann", "Bo"]},
            {"text": "Cy", "given": ["Cy"]},
        ],
        "gender": "female",
    }
    assert first == {
        "resourceType": "RelatedPerson",
        "patient": {"reference": url},
        "relationship": [{"coding": [relation]}],
        "name": [{"text": "Di"}],
        "telecom": [{"system": "phone", "value": "01", "use": "mobile"}],
    }
    assert second["name"] == [{"text": "Ed"}]
    assert "telecom" not in second
    assert height["valueQuantity"]["value"] == 163
    assert complication["valueBoolean"] is True
    assert complication["effectiveDateTime"] == AUTHORED
    assert {one["subject"]["reference"] for one in (height, complication)} == {url}
    assert [one["method"] for one in requests(extraction)] == ["PUT", *["POST"] * 4]
    # Its templates have an element that only sets a context: a mistake of their authors.
    assert {message for _, _, message in told(extraction)} == {
        "The context finds something, but no expression inside does; it is left out."
    }


def test_medicines_are_patched_added_or_left(published: Any) -> None:
    name = "regularmedications-summary"
    known = text(f"{name}-current-dosage-hidden", "once")
    stopped = {"valueCoding": {"system": "http://hl7.org/fhir", "code": "stopped"}}
    answered = response(
        inside(
            "7dfe7c6a-ca7f-4ddf-9241-a7b918a9695a",
            inside(
                name,
                inside(
                    f"{name}-current",
                    text("medicationStatementId", "m1"),
                    known,
                    text(f"{name}-current-dosage", "twice"),
                    text(f"{name}-current-comment", "new"),
                ),
                inside(f"{name}-current", text("medicationStatementId", "m2")),
                inside(f"{name}-current", answer(f"{name}-current-status", stopped)),
                inside(f"{name}-new", text(f"{name}-new-medication", "tea")),
            ),
        )
    )

    extraction = run(published("template-extract--QRegularMedicationsWithPatchAdd"), answered)

    assert requests(extraction) == [
        {"method": "PATCH", "url": "MedicationStatement/m1"},
        {"method": "POST", "url": "MedicationStatement"},
    ]
    patch, added = resources(extraction)
    operations = [
        {part["name"]: value for part in each["part"] for value in list(part.values())[1:]}
        for each in patch["parameter"]
    ]
    assert operations == [
        {
            "type": "add",
            "path": "MedicationStatement.dosage[0]",
            "name": "text",
            "value": "twice",
            "pathLabel": "Dosage",
        },
        {
            "type": "add",
            "path": "MedicationStatement",
            "name": "note",
            "value": {"text": "new"},
            "pathLabel": "Comment",
        },
    ]
    assert added["medicationCodeableConcept"] == {"text": "tea"}
    assert [message for _, _, message in told(extraction)] == [
        "1 of 3 operations have nothing to write and are left out.",
        "No operation has anything to write; the patch is not made.",
        "2 of 3 operations have nothing to write and are left out.",
        "A patch needs the id of its resource (resourceId); it is not extracted.",
    ]


def test_questions_marked_for_observations_without_codes_are_told(published: Any) -> None:
    given = {"valueCoding": {"code": "x"}}
    answered = response(*(answer(f"phq2-{number}", given) for number in range(1, 9)))

    extraction = run(published("renderer--qExtractSample"), answered)

    assert resources(extraction) == []
    assert [link_id for _, link_id, _ in told(extraction)] == ["phq2-1", "phq2-4", "phq2-5"]


def test_the_leeds_template_carries_no_extraction_data() -> None:
    questionnaire = leeds_questionnaire()

    extraction = run(questionnaire, response())

    assert "xtract" not in json.dumps(questionnaire)
    assert resources(extraction) == []
    assert told(extraction) == [("information", None, NO_WAY)]
