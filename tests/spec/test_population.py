"""Public questionnaires are populated: what is filled in is valid, what is not is reported.

The questionnaires are those of `../shared/data/fhir/questionnaires`, nearly all by other authors;
the person is made up. Errors allowed in a populated draft: that a questionnaire without a url
cannot be named, and that items which are not enabled are filled in (SDC "Form population": as much
as possible, even if it may not be needed).
"""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from template_service.questionnaire.definition import compile_questionnaire
from template_service.questionnaire.form import Form, Item
from template_service.questionnaire.population.names import INITIAL_EXPRESSION
from template_service.questionnaire.population.populate import Population, populate
from template_service.questionnaire.population.sources import fixed
from template_service.questionnaire.problems import QuestionnaireError
from template_service.questionnaire.validation import validate
from tests.conftest import SHARED
from tests.spec.reading import items

Json = dict[str, Any]

FOLDER = SHARED / "data" / "fhir" / "questionnaires"
FILES = sorted(path.name for path in FOLDER.glob("*.json") if path.name != "sources.json")
ALLOWED = {("QuestionnaireResponse.questionnaire", "required")}
AUTHORED = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
LOINC = "http://loinc.org"
SNOMED = "http://snomed.info/sct"
HL7 = "http://terminology.hl7.org/CodeSystem"

PATIENT: Json = {
    "resourceType": "Patient",
    "id": "alba",
    "birthDate": "1970-05-06",
    "gender": "female",
    "identifier": [{"type": {"coding": [{"code": "MC"}]}, "value": "00000000001"}],
    "name": [{"use": "official", "family": "Example", "given": ["Alba", "Bea"]}],
    "address": [{"line": ["1 Test St"], "city": "Leeds", "state": "W", "postalCode": "ZZ99 3WZ"}],
    "telecom": [
        {"use": "home", "system": "phone", "value": "01632 960001"},
        {"use": "mobile", "system": "phone", "value": "07700 900001"},
    ],
    "contact": [{"relationship": [{"coding": [{"code": "C"}]}], "name": {"family": "Other"}}],
}


def observation(code: str, **value: Any) -> Json:
    return {
        "resourceType": "Observation",
        "status": "final",
        "category": [
            {"coding": [{"system": f"{HL7}/observation-category", "code": "vital-signs"}]}
        ],
        "code": {"coding": [{"system": LOINC, "code": code}]},
        "subject": {"reference": "Patient/alba"},
        "effectiveDateTime": "2026-03-01T10:00:00Z",
        **value,
    }


def amount(number: float, unit: str) -> Json:
    return {"valueQuantity": {"value": number, "unit": unit}}


def bundle(*resources: Json) -> Json:
    return {"resourceType": "Bundle", "entry": [{"resource": each} for each in resources]}


HEIGHT = bundle(observation("8302-2", **amount(170, "cm")))
WEIGHT = bundle(observation("29463-7", **amount(70.5, "kg")))
DIABETES = {"coding": [{"system": SNOMED, "code": "44054006"}]}
SMOKER = {"coding": [{"system": SNOMED, "code": "77176002"}]}
MEDICATION = {
    "resourceType": "MedicationStatement",
    "status": "active",
    "medicationCodeableConcept": {"coding": [{"system": SNOMED, "code": "376988009"}]},
    "dosage": [{"text": "one a day"}],
    "note": [{"text": "with food"}],
}
CONDITION = {
    "resourceType": "Condition",
    "clinicalStatus": {"coding": [{"system": f"{HL7}/condition-clinical", "code": "active"}]},
    "code": DIABETES,
    "onsetDateTime": "2020-01",
    "note": [{"text": "as told"}],
}


def prepared() -> Json:
    """The answers to the 25 queries of the 715 health check; those of the first questions."""
    found = {
        1: bundle(observation("72166-2", valueCodeableConcept=SMOKER)),
        2: HEIGHT,
        4: WEIGHT,
        21: bundle(CONDITION),
        23: bundle(observation("14647-2", **amount(5.2, "mmol/L"))),
        24: bundle(observation("14646-4", **amount(1.3, "mmol/L"))),
    }
    return bundle(*(found.get(index, bundle()) for index in range(25)))


CONTEXT: Json = {
    "patient": PATIENT,
    "user": {"resourceType": "Practitioner", "id": "pip"},
    "ObsBodyHeight": HEIGHT,
    "ObsBodyWeight": WEIGHT,
    "ObservationHeartRate": bundle(observation("8867-4", **amount(80, "/min"))),
    "Condition": bundle(CONDITION),
    "Procedure": bundle({"resourceType": "Procedure", "status": "completed", "code": DIABETES}),
    "MedicationStatement": bundle(MEDICATION, MEDICATION),
    "PrePopQuery": prepared(),
}


def form_of(name: str) -> Form:
    return compile_questionnaire(json.loads((FOLDER / name).read_text(encoding="utf-8")))


def populated(name: str, context: Json = CONTEXT) -> Population:
    return populate(form_of(name), context, subject="Patient/alba", authored=AUTHORED)


def answers(population: Population) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for node in items(population.response):
        for answer in node.get("answer", ()):
            found.setdefault(node["linkId"], []).extend(answer.values())
    return found


@pytest.mark.parametrize("context", [CONTEXT, {}], ids=["everything", "nothing"])
@pytest.mark.parametrize("name", FILES)
def test_what_is_filled_in_is_valid_and_what_is_not_is_reported(
    name: str, context: Json, shared: Path
) -> None:
    try:
        form = form_of(name)
    except QuestionnaireError:
        return
    population = populate(form, context, subject="Patient/alba", authored=AUTHORED)
    errors = validate(form, population.response).errors
    assert {(each.expression, each.code) for each in errors if each.code != "business-rule"} <= (
        ALLOWED if not form.url else set()
    )
    assert {each.severity for each in population.problems} <= {"warning", "information"}
    filled = answers(population)
    told = " ".join(each.message for each in population.problems)
    for item in form.items.values():
        if (_expects(item) or list(fixed(item.raw))) and item.link_id not in filled:
            assert f"'{item.link_id}'" in told


def _expects(item: Item) -> bool:
    return any(INITIAL_EXPRESSION in each["url"] for each in item.raw.get("extension", ()))


def test_names_and_contacts_of_a_person(shared: Path) -> None:
    found = answers(populated("smart-forms--template-extract--QComplexTemplateExtract.json"))
    assert found == {
        "given": ["Alba", "Bea"],
        "family": ["Example"],
        "dob": ["1970-05-06"],
        "mobile-phone": ["07700 900001"],
        "contact-name": ["Other"],
        "height": [170],
        "weight": [70.5],
    }


def test_height_and_weight_from_the_results_of_queries(shared: Path) -> None:
    name = "smart-forms--renderer--qSourceQueriesBMICalculator.json"
    found = answers(populated(name, {**CONTEXT, "PrePopQuery": bundle(HEIGHT, WEIGHT)}))
    assert (found["patient-height"], found["patient-weight"]) == ([170], [70.5])
    assert found["bmi-result"] == [24.4]


def test_a_number_is_no_text(shared: Path) -> None:
    name = "smart-forms--renderer--qInitialExpressionRepopulatable.json"
    population = populated(name)
    assert answers(population) == {}
    assert [(each.code, each.link_id) for each in population.problems] == [
        ("value", "height-latestresult"),
        ("value", "weight-latestresult"),
    ]
    [height, weight] = populated(name, {}).problems
    assert "'ObsBodyHeight' is not run" in height.message
    assert "'ObsBodyWeight' is not run" in weight.message


def test_the_health_check_of_an_adult(shared: Path) -> None:
    population = populated("smart-forms--715.R4.json")
    found = [value for values in answers(population).values() for value in values]
    plain = [value for value in found if isinstance(value, str | float)]
    assert {"Alba Example", "1970-05-06", "1 Test St, Leeds, W ZZ99 3WZ"} <= set(plain)
    assert {"01632 960001", "07700 900001", 70.5, 5.2, 1.3} <= set(plain)
    codes = {value["code"] for value in found if isinstance(value, dict)}
    assert {"female", "77176002"} <= codes
    assert not any(each.code == "processing" for each in population.problems)


def test_each_medication_is_a_group_of_its_own(shared: Path) -> None:
    name = "smart-forms--template-extract--QRegularMedicationsWithPatchAdd.json"
    found = answers(populated(name))
    assert found["regularmedications-summary-current-dosage"] == ["one a day"] * 2
    assert found["regularmedications-summary-current-comment-hidden"] == ["with food"] * 2


def test_without_any_context_every_item_is_named_under_what_is_missing(shared: Path) -> None:
    population = populated("smart-forms--715.R4.json", {})
    missing = {each.message.split("'")[1]: each.message for each in population.problems}
    assert set(missing) == {"patient", "PrePopQuery"}
    form = form_of("smart-forms--715.R4.json")
    expecting = [item.link_id for item in form.items.values() if _expects(item)]
    assert len(expecting) == 27
    told = " ".join(missing.values())
    assert all(f"'{link_id}'" in told or link_id in answers(population) for link_id in expecting)
