"""The CapabilityStatement says what the face does: no more and no less."""

import re
from typing import Any

import pytest
from flask import Flask

from template_service import __version__
from tests.fhir_api.clients import Fhir
from tests.spec.reading import artefact

# How a promise of the statement shows as an address.
INTERACTIONS = {
    "read": ("GET", "/fhir/{type}/<id>"),
    "vread": ("GET", "/fhir/{type}/<id>/_history/<id>"),
    "create": ("POST", "/fhir/{type}"),
    "search-type": ("GET", "/fhir/{type}"),
}


@pytest.fixture(scope="module")
def statement(stranger: Fhir) -> dict[str, Any]:
    answer = stranger.get("metadata")
    assert answer.status_code == 200
    assert answer.content_type == "application/fhir+json"
    read: dict[str, Any] = answer.get_json(force=True)
    return read


# Operations of FHIR R4 and of SDC, which others define: at which levels this face answers them. All
# take resources, so that GET is none of their ways.
STANDARD = {
    "http://hl7.org/fhir/OperationDefinition/Resource-validate": [""],
    "http://hl7.org/fhir/uv/sdc/OperationDefinition/Questionnaire-assemble": ["", "/<id>"],
    "http://hl7.org/fhir/uv/sdc/OperationDefinition/Questionnaire-populate": ["", "/<id>"],
    "http://hl7.org/fhir/uv/sdc/OperationDefinition/QuestionnaireResponse-extract": ["", "/<id>"],
}


def called(definition: str) -> set[tuple[str, str]]:
    """How an operation is called: POST always, GET too where FHIR R4 allows it, at which address.

    GET is for what changes nothing and takes and gives plain values (operations.html#request).
    """
    if definition in STANDARD:
        return {("POST", level) for level in STANDARD[definition]}
    operation = artefact("OperationDefinition", definition.rsplit("/", 1)[-1])
    levels = [level for level, on in (("", "type"), ("/<id>", "instance")) if operation[on]]
    taken = {each.get("type", "") for each in operation["parameter"] if each["use"] == "in"}
    methods = ["POST", "GET"] if all(kind[:1].islower() for kind in taken) else ["POST"]
    return {(method, level) for method in methods for level in levels}


def promised(statement: dict[str, Any]) -> set[tuple[str, str]]:
    """The methods and addresses that the statement promises."""
    found = {("GET", "/fhir/metadata")}
    for resource in statement["rest"][0]["resource"]:
        for interaction in resource.get("interaction", ()):
            method, address = INTERACTIONS[interaction["code"]]
            found.add((method, address.format(type=resource["type"])))
        for operation in resource.get("operation", ()):
            found |= {
                (method, f"/fhir/{resource['type']}{instance}/${operation['name']}")
                for method, instance in called(operation["definition"])
            }
    return found


def offered(app: Flask) -> set[tuple[str, str]]:
    """The methods and addresses that the face answers, whatever an id is called."""
    return {
        (method, re.sub("<.+?>", "<id>", rule.rule))
        for rule in app.url_map.iter_rules()
        if rule.endpoint.startswith("fhir.")
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }


def test_it_promises_what_is_there_and_nothing_else(app: Flask, statement: dict[str, Any]) -> None:
    assert promised(statement) == offered(app)


def test_it_names_the_running_software(statement: dict[str, Any]) -> None:
    assert statement["software"]["version"] == __version__
    assert statement["fhirVersion"] == "4.0.1"
    assert statement["date"]
    assert statement["kind"] == "instance"


def test_it_is_open_to_all_and_kept_until_it_changes(stranger: Fhir) -> None:
    first = stranger.get("metadata")
    again = stranger.get("metadata", If_None_Match=first.headers["ETag"])
    assert again.status_code == 304
    assert not again.data
