"""Small questionnaires, contexts and Observations for the tests of population."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from template_service.questionnaire.definition import compile_questionnaire
from template_service.questionnaire.population.populate import Population, populate

SDC = "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-"
CORE = "http://hl7.org/fhir/StructureDefinition/"
LOINC = "http://loinc.org"
UCUM = "http://unitsofmeasure.org"
SYSTEM = "https://example.org/CodeSystem/colours"
URL = "https://example.org/Questionnaire/small"
AUTHORED = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
ANN = {
    "resourceType": "Patient",
    "id": "ann",
    "birthDate": "1970-05-06",
    "gender": "female",
    "name": [{"use": "official", "family": "Example", "given": ["Ann", "Bea"]}, {"family": "Old"}],
}

Json = dict[str, Any]


def expression(text: str, name: str | None = None, language: str = "text/fhirpath") -> Json:
    named = {} if name is None else {"name": name}
    return {**named, "language": language, "expression": text}


def initial(text: str, **of: Any) -> Json:
    """The extension that fills an item from an expression."""
    return {"url": f"{SDC}initialExpression", "valueExpression": expression(text, **of)}


def variable(name: str, text: str, language: str = "text/fhirpath") -> Json:
    return {"url": f"{CORE}variable", "valueExpression": expression(text, name, language)}


def repeated(name: str | None, text: str, language: str = "text/fhirpath") -> Json:
    """The population context of a group."""
    return {
        "url": f"{SDC}itemPopulationContext",
        "valueExpression": expression(text, name, language),
    }


def launch(name: str, *types: str) -> Json:
    return {
        "url": f"{SDC}launchContext",
        "extension": [
            {"url": "name", "valueCoding": {"code": name}},
            *({"url": "type", "valueCode": each} for each in types),
        ],
    }


def link(number: float, code: str = "mo") -> Json:
    """How far back an item looks for Observations."""
    duration = {"value": number, "system": UCUM, "code": code}
    return {"url": f"{SDC}observationLinkPeriod", "valueDuration": duration}


def unit(code: str) -> Json:
    return {
        "url": f"{CORE}questionnaire-unit",
        "valueCoding": {"system": UCUM, "code": code},
    }


def item(link_id: str, kind: str, *extensions: Json, **more: Any) -> Json:
    extended = {"extension": list(extensions)} if extensions else {}
    return {"linkId": link_id, "type": kind, **extended, **more}


def group(link_id: str, *items: Json, extension: Any = (), **more: Any) -> Json:
    return item(link_id, "group", *extension, item=list(items), **more)


def choices(*codes: str) -> list[Json]:
    return [{"valueCoding": {"system": SYSTEM, "code": code}} for code in codes]


def coded(code: str) -> list[Json]:
    """The `code` of an item."""
    return [{"system": LOINC, "code": code}]


def observation(code: str, when: str = "2026-03-01", **more: Any) -> Json:
    return {
        "resourceType": "Observation",
        "status": "final",
        "code": {"coding": [{"system": LOINC, "code": code}]},
        "subject": {"reference": "Patient/ann"},
        "effectiveDateTime": when,
        **more,
    }


def amount(number: float, code: str = "kg") -> Json:
    return {"value": number, "unit": code, "system": UCUM, "code": code}


def filled(
    *items: Json,
    context: Any = None,
    extension: Any = (),
    subject: str | Json | None = None,
    **more: Any,
) -> Population:
    """A questionnaire of these items, populated from a context (unless given: the patient Ann)."""
    questionnaire = {
        "resourceType": "Questionnaire",
        "url": URL,
        "version": "1",
        "status": "active",
        "extension": list(extension),
        "item": list(items),
        **more,
    }
    given = {"patient": ANN} if context is None else context
    return populate(compile_questionnaire(questionnaire), given, subject=subject, authored=AUTHORED)


def answers(population: Population) -> dict[str, list[Any]]:
    """The values of every answer by linkId, wherever it stands."""
    found: dict[str, list[Any]] = {}
    waiting: list[Mapping[str, Any]] = [population.response]
    while waiting:
        node = waiting.pop(0)
        waiting.extend(node.get("item", ()))
        for answer in node.get("answer", ()):
            values = [value for name, value in answer.items() if name != "item"]
            found.setdefault(node["linkId"], []).extend(values)
            waiting.extend(answer.get("item", ()))
    return found


def codes(population: Population) -> list[tuple[str, str, str | None]]:
    """(severity, code, linkId) of every problem."""
    return [(each.severity, each.code, each.link_id) for each in population.problems]
