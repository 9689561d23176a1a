"""OperationDefinition: what our own operations take and give is read where the statement points."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from template_service.access.principal import Role
from template_service.artefacts import artefact_path
from tests.fhir_api.clients import Fhir

OWN = "https://template-service.example/fhir/OperationDefinition/"


def found(fhir: Fhir, query: str) -> list[str]:
    answer = fhir.get(f"OperationDefinition{query}")
    assert answer.status_code == 200, answer.text
    bundle: dict[str, Any] = answer.get_json(force=True)
    assert bundle["type"] == "searchset"
    assert bundle["total"] == len(bundle.get("entry", []))
    return [each["resource"]["id"] for each in bundle.get("entry", ())]


def test_every_operation_of_ours_that_the_statement_names_is_read(fhir: Fhir) -> None:
    statement = fhir.get("metadata").get_json(force=True)
    named = {
        operation["definition"]
        for resource in statement["rest"][0]["resource"]
        for operation in resource.get("operation", ())
        if operation["definition"].startswith(OWN)
    }
    assert named
    for url in named:
        (only,) = found(fhir, f"?url={url}")
        answer = fhir.get(f"OperationDefinition/{only}")
        published = artefact_path("OperationDefinition", only).read_text()
        assert answer.get_json(force=True) == json.loads(published)
        assert answer.get_json(force=True)["url"] == url
        assert answer.headers["ETag"]


def test_they_are_searched(fhir: Fhir) -> None:
    assert found(fhir, "") == ["evaluate-measure", "score"]
    assert found(fhir, "?_id=score&status=draft") == ["score"]
    assert found(fhir, "?url=https://none.example") == []
    assert found(fhir, "?status=active") == []
    assert fhir.get("OperationDefinition?code=score").status_code == 422


@pytest.mark.parametrize("unknown", ["none", "..%2Fscore", "score.json"])
def test_what_is_not_there_is_an_outcome(fhir: Fhir, unknown: str) -> None:
    answer = fhir.get(f"OperationDefinition/{unknown}")
    assert answer.status_code == 404
    assert answer.get_json(force=True)["resourceType"] == "OperationOutcome"


@pytest.mark.parametrize("place", ["OperationDefinition", "OperationDefinition/score"])
def test_every_role_may_read_them_and_nobody_without_a_token(
    as_role: Callable[..., Fhir], stranger: Fhir, place: str
) -> None:
    assert stranger.get(place).status_code == 401
    for role in Role:
        assert as_role(role).get(place).status_code == 200
