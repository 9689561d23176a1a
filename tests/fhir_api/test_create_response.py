"""Storing a QuestionnaireResponse: what is kept, what is refused, what is answered."""

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import orjson
import pytest
from werkzeug.test import TestResponse

from template_service.questionnaire.form import Form
from template_service.service import Service
from tests.fhir_api.clients import MADE_UP, Fhir, nhs_number, response

DAMP = {"housing.screen": "need", "housing.condition": "damp", "housing.wants-help": "yes-now"}
SOMEBODY = nhs_number(MADE_UP[0])


def issues(answer: TestResponse) -> list[dict[str, Any]]:
    """The issues of an OperationOutcome."""
    outcome = orjson.loads(answer.data)
    assert outcome["resourceType"] == "OperationOutcome"
    assert answer.content_type == "application/fhir+json"
    found: list[dict[str, Any]] = outcome["issue"]
    assert found
    return found


def stored(service: Service) -> int:
    """How many responses the records hold."""
    with service.store.read() as conn:
        return int(conn.exec_driver_sql("SELECT count(*) FROM response").scalar() or 0)


def assert_refused(service: Service, answer: TestResponse, before: int, place: str) -> None:
    """The request is refused as invalid at a place, and nothing is stored."""
    assert answer.status_code == 422, answer.text
    assert place in [expression for issue in issues(answer) for expression in issue["expression"]]
    assert stored(service) == before


def test_what_is_sent_is_stored_and_given_back_with_its_version(fhir: Fhir, form: Form) -> None:
    sent = response(form, DAMP, subject=SOMEBODY)
    before = datetime.now(UTC).replace(microsecond=0)
    answer = fhir.create(sent)
    assert answer.status_code == 201
    made = orjson.loads(answer.data)
    assert answer.headers["ETag"] == 'W/"1"'
    assert parsedate_to_datetime(answer.headers["Last-Modified"]) >= before
    location = re.fullmatch(
        r"http://localhost/fhir/(QuestionnaireResponse/[-0-9a-f]+)/_history/1",
        answer.headers["Location"],
    )
    assert location
    meta = made.pop("meta")
    assert meta["versionId"] == "1"
    assert datetime.fromisoformat(meta["lastUpdated"]) >= before
    assert f"QuestionnaireResponse/{made.pop('id')}" == location[1]
    assert made == sent
    read = fhir.get(location[1])
    assert read.status_code == 200
    assert orjson.loads(read.data) == orjson.loads(answer.data)


def test_application_json_is_read_too(fhir: Fhir, form: Form) -> None:
    sent = response(form, DAMP, subject=SOMEBODY)
    assert fhir.create(sent, Content_Type="application/json; charset=utf-8").status_code == 201


def test_ids_and_versions_of_the_sender_are_not_taken_over(fhir: Fhir, form: Form) -> None:
    profile = ["https://example.org/profile"]
    meta = {"versionId": "77", "lastUpdated": "2020-01-01T00:00:00Z", "profile": profile}
    answer = fhir.create(response(form, DAMP, subject=SOMEBODY, id="mine", meta=meta))
    made = orjson.loads(answer.data)
    assert made["id"] != "mine"
    assert made["meta"]["versionId"] == "1"
    assert made["meta"]["lastUpdated"] > "2021"
    assert made["meta"]["profile"] == profile


@pytest.mark.parametrize(
    ("prefer", "kind"),
    [
        ("return=minimal", None),
        ("return=representation", "QuestionnaireResponse"),
        ("return=OperationOutcome", "OperationOutcome"),
        ("return=nonsense", "QuestionnaireResponse"),
    ],
)
def test_prefer_decides_the_body(fhir: Fhir, form: Form, prefer: str, kind: str | None) -> None:
    answer = fhir.create(response(form, DAMP, subject=SOMEBODY), Prefer=prefer)
    assert answer.status_code == 201
    assert answer.headers["Location"]
    if kind is None:
        assert answer.data == b""
    else:
        assert orjson.loads(answer.data)["resourceType"] == kind


# ---- rule 4a: a disclosure in a disabled item is kept, with a warning


def test_a_disclosure_in_a_disabled_item_is_stored_with_a_warning(fhir: Fhir, form: Form) -> None:
    sent = response(
        form, {"safety.screen": "no-need", "safety.hark.afraid": "yes"}, subject=SOMEBODY
    )
    answer = fhir.create(sent)
    assert answer.status_code == 201
    assert [issue["severity"] for issue in issues(answer)] == ["warning"]
    assert "safety.hark.afraid" in issues(answer)[0]["diagnostics"]
    kept = orjson.loads(fhir.get(answer.headers["Location"].split("/fhir/")[1][:-11]).data)
    assert kept["item"] == sent["item"]


def test_any_other_answer_to_a_disabled_item_is_refused(
    fhir: Fhir, form: Form, service: Service
) -> None:
    before = stored(service)
    sent = response(form, {"housing.screen": "no-need", "housing.condition": "damp"})
    answer = fhir.create(sent | {"subject": SOMEBODY})
    assert answer.status_code == 422
    assert "housing.condition" in issues(answer)[0]["diagnostics"]
    assert stored(service) == before


def test_every_problem_is_named_with_its_place(fhir: Fhir, form: Form, service: Service) -> None:
    before = stored(service)
    sent = response(form, DAMP, subject=SOMEBODY)
    housing = sent["item"][0]["item"][0]["item"]
    housing[0]["answer"][0]["valueCoding"]["code"] = "perhaps"
    sent["item"].append({"linkId": "unheard-of", "answer": [{"valueBoolean": True}]})
    answer = fhir.create(sent)
    places = {place for issue in issues(answer) for place in issue["expression"]}
    assert {
        "QuestionnaireResponse.item[0].item[0].item[0].answer[0]",
        "QuestionnaireResponse.item[2]",
    } <= places
    assert "perhaps" not in answer.text
    assert_refused(service, answer, before, "QuestionnaireResponse.item[2]")


# ---- the questionnaire it names


@pytest.mark.parametrize("questionnaire", [None, 3, "", "https://example.org/other|1"])
def test_a_response_without_a_known_questionnaire_is_refused(
    fhir: Fhir, form: Form, service: Service, questionnaire: object
) -> None:
    before = stored(service)
    sent = response(form, DAMP, subject=SOMEBODY, questionnaire=questionnaire)
    if questionnaire is None:
        del sent["questionnaire"]
    assert_refused(service, fhir.create(sent), before, "QuestionnaireResponse.questionnaire")


def test_another_version_of_the_questionnaire_is_refused(
    fhir: Fhir, form: Form, service: Service
) -> None:
    before = stored(service)
    sent = response(form, DAMP, subject=SOMEBODY, questionnaire=f"{form.url}|0.0.1")
    assert_refused(service, fhir.create(sent), before, "QuestionnaireResponse.questionnaire")


def test_another_resource_is_refused(fhir: Fhir, service: Service) -> None:
    before = stored(service)
    answer = fhir.create({"resourceType": "Observation", "status": "final"})
    assert_refused(service, answer, before, "resourceType")


# ---- whose response it is


def person_of(service: Service, answer: TestResponse) -> str:
    """The person a created response is filed under."""
    response_id = answer.headers["Location"].split("/")[-3]
    query = "SELECT person_id FROM response WHERE response_id = ?"
    with service.store.read() as conn:
        return str(conn.exec_driver_sql(query, (response_id,)).scalar())


def test_an_nhs_number_finds_the_person_again(fhir: Fhir, form: Form, service: Service) -> None:
    subject = nhs_number(MADE_UP[1])
    people = {
        person_of(service, fhir.create(response(form, DAMP, subject=subject))) for _ in range(2)
    }
    assert len(people) == 1
    spaced = nhs_number(f"{MADE_UP[1][:3]} {MADE_UP[1][3:6]} {MADE_UP[1][6:]}")
    again = fhir.create(response(form, DAMP, subject=spaced))
    assert person_of(service, again) in people


def test_the_same_nhs_number_is_somebody_else_at_another_practice(
    fhir: Fhir, other: Fhir, form: Form, service: Service
) -> None:
    sent = response(form, DAMP, subject=nhs_number(MADE_UP[2]))
    assert person_of(service, fhir.create(sent)) != person_of(service, other.create(sent))


def test_a_person_is_known_by_our_reference(fhir: Fhir, form: Form, service: Service) -> None:
    person = person_of(service, fhir.create(response(form, DAMP, subject=SOMEBODY)))
    sent = response(form, DAMP, subject={"reference": f"Patient/{person}"})
    assert person_of(service, fhir.create(sent)) == person


def test_a_person_of_another_practice_is_not_there(
    fhir: Fhir, other: Fhir, form: Form, service: Service
) -> None:
    theirs = person_of(service, other.create(response(form, DAMP, subject=nhs_number(MADE_UP[3]))))
    before = stored(service)
    refusals = [
        fhir.create(response(form, DAMP, subject={"reference": f"Patient/{person_id}"}))
        for person_id in (theirs, "nobody-at-all")
    ]
    for refused in refusals:
        assert refused.status_code == 422
        assert issues(refused)[0]["expression"][0].startswith("QuestionnaireResponse.subject")
    assert refusals[0].data == refusals[1].data
    assert stored(service) == before


@pytest.mark.parametrize(
    "subject",
    [
        nhs_number("9990000019"),
        nhs_number("999000001"),
        nhs_number("9990000018\n"),
        {"identifier": {"system": "https://example.org/id", "value": "12345"}},
        {"identifier": {"value": MADE_UP[0]}},
        {"reference": "Practitioner/1"},
        {"reference": "https://elsewhere.example/fhir/Patient/1"},
        {},
    ],
)
def test_an_unusable_subject_is_refused_and_not_repeated(
    fhir: Fhir, form: Form, service: Service, subject: dict[str, Any]
) -> None:
    before = stored(service)
    answer = fhir.create(response(form, DAMP, subject=subject))
    assert answer.status_code == 422
    assert issues(answer)[0]["expression"][0].startswith("QuestionnaireResponse.subject")
    for value in ("999000", "12345", "Somebody"):
        assert value not in answer.text
    assert stored(service) == before


def test_a_response_about_nobody_is_kept_and_said_so(fhir: Fhir, form: Form) -> None:
    answer = fhir.create(response(form, DAMP))
    assert answer.status_code == 201
    assert [issue["severity"] for issue in issues(answer)] == ["information"]
    assert issues(answer)[0]["expression"] == ["QuestionnaireResponse.subject"]


# ---- sent twice


@pytest.mark.parametrize(
    "header", [{"Idempotency_Key": "k-1"}, {"If_None_Exist": "identifier=https://a.example|7"}]
)
def test_a_repeated_create_gives_the_same_resource(
    fhir: Fhir, form: Form, service: Service, header: dict[str, str]
) -> None:
    identifier = {"system": "https://a.example", "value": "7"}
    sent = response(form, DAMP, subject=SOMEBODY, identifier=identifier)
    first = fhir.create(sent, **header)
    before = stored(service)
    again = fhir.create(sent, **header)
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.data == first.data
    assert again.headers["Location"] == first.headers["Location"]
    assert again.headers["ETag"] == first.headers["ETag"]
    assert stored(service) == before


def test_a_key_belongs_to_one_practice(fhir: Fhir, other: Fhir, form: Form) -> None:
    sent = response(form, DAMP, subject=SOMEBODY)
    answers = [client.create(sent, Idempotency_Key="shared") for client in (fhir, other)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].headers["Location"] != answers[1].headers["Location"]


def test_a_key_used_for_another_body_is_a_conflict(
    fhir: Fhir, form: Form, service: Service
) -> None:
    fhir.create(response(form, DAMP, subject=SOMEBODY), Idempotency_Key="k-2")
    before = stored(service)
    sent = response(form, {"housing.screen": "no-need"}, subject=SOMEBODY)
    answer = fhir.create(sent, Idempotency_Key="k-2")
    assert answer.status_code == 409
    assert issues(answer)[0]["code"] == "conflict"
    assert stored(service) == before


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"If_None_Exist": "subject=Patient/1"}, 400),
        ({"If_None_Exist": "identifier=7"}, 400),
        ({"If_None_Exist": "identifier=https://a.example|7&status=completed"}, 400),
        ({"If_None_Exist": "identifier=https://a.example|8"}, 422),
        ({"Idempotency_Key": "k" * 256}, 400),
        ({"Idempotency_Key": "k", "If_None_Exist": "identifier=https://a.example|7"}, 400),
    ],
)
def test_a_condition_that_cannot_be_kept_is_refused(
    fhir: Fhir, form: Form, service: Service, headers: dict[str, str], status: int
) -> None:
    before = stored(service)
    identifier = {"system": "https://a.example", "value": "7"}
    sent = response(form, DAMP, subject=SOMEBODY, identifier=identifier)
    answer = fhir.create(sent, **headers)
    assert answer.status_code == status
    issues(answer)
    assert stored(service) == before
