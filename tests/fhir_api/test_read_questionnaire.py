"""Reading the template as a Questionnaire."""

import json

import pytest

from template_service.artefacts import artefact_path
from tests.fhir_api.clients import Fhir

ADDRESS = "Questionnaire/leeds-social-determinants"


def test_it_is_the_published_resource(fhir: Fhir) -> None:
    answer = fhir.get(ADDRESS)
    assert answer.status_code == 200
    assert answer.content_type == "application/fhir+json"
    published = artefact_path("Questionnaire", "leeds-social-determinants").read_bytes()
    assert json.loads(answer.data) == json.loads(published)


def test_a_client_that_has_it_is_told_so(fhir: Fhir) -> None:
    etag = fhir.get(ADDRESS).headers["ETag"]
    assert fhir.get(ADDRESS, If_None_Match=etag).status_code == 304
    assert fhir.get(ADDRESS, If_None_Match='W/"another"').status_code == 200


def test_head_answers_without_a_body(fhir: Fhir) -> None:
    whole = fhir.get(ADDRESS)
    headers = {"Authorization": f"Bearer {fhir.token}"}
    head = fhir.client.head(f"/fhir/{ADDRESS}", headers=headers)
    assert head.status_code == 200
    assert head.data == b""
    assert head.headers["ETag"] == whole.headers["ETag"]


@pytest.mark.parametrize(
    "unknown", ["nothing-here", "..%2Fsecret", "leeds-social-determinants.json"]
)
def test_what_is_not_there_is_an_outcome(fhir: Fhir, unknown: str) -> None:
    answer = fhir.get(f"Questionnaire/{unknown}")
    assert answer.status_code == 404
    assert answer.get_json(force=True)["issue"][0]["code"] == "not-found"
    assert unknown not in answer.text
