"""Makes questionnaires that carry extraction data, and responses to them."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from template_service.questionnaire.definition import compile_questionnaire
from template_service.questionnaire.extraction.extract import Extraction, extract

Json = dict[str, Any]

SDC = "http://hl7.org/fhir/uv/sdc/StructureDefinition/"
CORE = "http://hl7.org/fhir/StructureDefinition/"
LOINC = "http://loinc.org"
NOW = datetime(2026, 3, 31, 10, 30, tzinfo=UTC)
AUTHORED = "2026-03-31T10:00:00Z"
_NOTHING = "Nothing is extracted: {}"
NO_WAY = _NOTHING.format("the questionnaire has none of SDC's extensions for extraction.")
NO_ANSWER = _NOTHING.format("no question is answered.")
ELSEWHERE = _NOTHING.format("no question that is to be extracted is answered.")
"""What is told when nothing came out, and nothing else says why."""


def sdc(name: str, **value: Any) -> Json:
    """One of SDC's extensions; a list as `parts` stands in it."""
    if "parts" in value:
        return {"url": f"{SDC}sdc-questionnaire-{name}", "extension": value["parts"]}
    return {"url": f"{SDC}sdc-questionnaire-{name}", **value}


def part(name: str, **value: Any) -> Json:
    return {"url": name, **value}


def takes(expression: str) -> Json:
    """An element or `_name` whose value an expression gives."""
    return {"extension": [sdc("templateExtractValue", valueString=expression)]}


def each(expression: str, **element: Any) -> Json:
    """An element made for everything an expression finds."""
    return {
        "extension": [sdc("templateExtractContext", valueString=expression)],
        **element,
    }


def template(name: str, **parts: str) -> Json:
    """The extension that fills a contained template; parts are expressions."""
    reference = {"reference": f"#{name}"}
    found = [part(key, valueString=text) for key, text in parts.items()]
    return sdc("templateExtract", parts=[part("template", valueReference=reference), *found])


def allocate(name: str) -> Json:
    return sdc("extractAllocateId", valueString=name)


def questionnaire(*items: Json, **head: Any) -> Json:
    return {
        "resourceType": "Questionnaire",
        "url": "https://example.org/Questionnaire/made",
        "version": "1",
        "status": "active",
        "item": list(items),
        **head,
    }


def item(link_id: str, type_: str, *extensions: Json, **more: Any) -> Json:
    found = {"extension": list(extensions)} if extensions else {}
    return {"linkId": link_id, "type": type_, **found, **more}


def group(link_id: str, *extensions: Json, item: Sequence[Json], **more: Any) -> Json:
    found = {"extension": list(extensions)} if extensions else {}
    return {"linkId": link_id, "type": "group", "item": list(item), **found, **more}


def answer(link_id: str, *answers: Mapping[str, Any]) -> Json:
    return {"linkId": link_id, "answer": [dict(each) for each in answers]}


def inside(link_id: str, *items: Json) -> Json:
    return {"linkId": link_id, "item": list(items)}


def response(*items: Json, **head: Any) -> Json:
    return {
        "resourceType": "QuestionnaireResponse",
        "id": "r1",
        "questionnaire": "https://example.org/Questionnaire/made|1",
        "status": "completed",
        "subject": {"reference": "Patient/1"},
        "authored": AUTHORED,
        "author": {"reference": "Practitioner/2"},
        "item": list(items),
        **head,
    }


def run(questionnaire: Json, response: Any, **environment: Any) -> Extraction:
    return extract(compile_questionnaire(questionnaire), response, environment, now=NOW)


def resources(extraction: Extraction) -> list[Json]:
    return [entry["resource"] for entry in extraction.bundle.get("entry", [])]


def requests(extraction: Extraction) -> list[Json]:
    return [entry["request"] for entry in extraction.bundle.get("entry", [])]


def told(extraction: Extraction) -> list[tuple[str, str | None, str]]:
    """(severity, linkId, message) of every problem."""
    return [(one.severity, one.link_id, one.message) for one in extraction.problems]
