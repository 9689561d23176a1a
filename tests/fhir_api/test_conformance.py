"""Every published artefact, and one of every kind of resource the face returns, is valid FHIR R4.

Once by `fhir.resources` (R4B) in this process, once by the independent engines of the workshop.
"""

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import orjson
import pytest

from template_service.access.principal import Role
from template_service.artefacts import artefacts_root
from template_service.questionnaire.form import Form
from template_service.service import Service
from tests.fhir_api.clients import MADE_UP, Fhir, nhs_number, response
from tests.fhir_api.library import questionnaire
from tests.fhir_api.test_operations import ASSEMBLE, EXTRACT, POPULATE, VALIDATE
from tests.fhir_api.test_operations_fuzz import GOOD
from tests.fhir_api.test_operations_fuzz import URL as GOOD_URL
from tests.fhir_api.test_read_response import DISCLOSED
from tests.independent import Refusals

ARTEFACTS = sorted(artefacts_root().rglob("*.json"))


@pytest.fixture(scope="module")
def returned(
    as_role: Callable[..., Fhir], fhir: Fhir, stranger: Fhir, form: Form, service: Service
) -> dict[str, dict[str, Any]]:
    """One of every kind of resource the face returns, by what it is."""
    sent = response(form, DISCLOSED, subject=nhs_number(MADE_UP[4]))
    made = fhir.create(sent, Prefer="return=representation")
    address = made.headers["Location"].split("/fhir/")[1].split("/_history")[0]
    every_need = {
        f"{domain.id}.screen": "need" for domain in form.domains if domain.screen.options
    } | {f"{domain.id}.wants-help": "yes-now" for domain in form.domains}
    answers = {
        "capability": stranger.get("metadata"),
        "questionnaire": fhir.get(f"Questionnaire/{form.id}"),
        "created": made,
        "read": fhir.get(address),
        "read-without-safety": as_role(Role.CARE_NAVIGATOR).get(address),
        "stored-with-a-remark": fhir.create(response(form, {"housing.screen": "need"})),
        "stored": fhir.create(sent, Prefer="return=OperationOutcome"),
        "invalid": fhir.create(sent | {"status": "no-such-status", "questionnaire": form.url}),
        "not-found": fhir.get("QuestionnaireResponse/none"),
        "no-token": stranger.get(address),
        "score": fhir.post("QuestionnaireResponse/$score", response(form, every_need)),
        "library": fhir.get("Questionnaire"),
        "validated": fhir.post(VALIDATE, sent),
        "populated": fhir.post(POPULATE, GOOD[POPULATE]),
        "extracted": fhir.post(EXTRACT, GOOD[EXTRACT]),
        "nothing-extracted": fhir.post(EXTRACT, response(form, {})),
        "assembled": fhir.post(ASSEMBLE, questionnaire(GOOD_URL)),
        "score-of-nothing": fhir.post("QuestionnaireResponse/$score", response(form, {})),
    }
    resources: dict[str, dict[str, Any]] = {
        name: orjson.loads(answer.data) for name, answer in answers.items()
    }
    services = [
        part["resource"]
        for parameter in resources["score"]["parameter"]
        for part in parameter.get("part", ())
        if "resource" in part
    ]
    assert services
    return resources | {f"service-{one['id']}": one for one in services}


def check(resource: dict[str, Any]) -> None:
    """Raises what the R4B model finds wrong."""
    kind = resource["resourceType"]
    model = getattr(import_module(f"fhir.resources.R4B.{kind.lower()}"), kind)
    model.model_validate(resource)


def test_every_kind_of_resource_is_returned(returned: dict[str, dict[str, Any]]) -> None:
    for name in ("created", "read", "read-without-safety"):
        assert returned[name]["resourceType"] == "QuestionnaireResponse"
    assert {resource["resourceType"] for resource in returned.values()} == {
        "Bundle",
        "CapabilityStatement",
        "HealthcareService",
        "OperationOutcome",
        "Parameters",
        "Questionnaire",
        "QuestionnaireResponse",
    }


def test_what_the_face_returns_is_valid(returned: dict[str, dict[str, Any]]) -> None:
    for resource in returned.values():
        check(resource)


@pytest.mark.parametrize("artefact", ARTEFACTS, ids=lambda path: path.name)
def test_a_published_artefact_is_valid(artefact: Path) -> None:
    check(orjson.loads(artefact.read_bytes()))


@pytest.mark.timeout(600)
def test_independent_engines_agree(returned: dict[str, dict[str, Any]], refusals: Refusals) -> None:
    published = {
        f"{path.parent.name}-{path.name}": orjson.loads(path.read_bytes()) for path in ARTEFACTS
    }
    assert refusals({**published, **returned}) == []
