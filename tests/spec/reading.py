"""Reads the shipped FHIR artefacts for the specification tests, without the engine's help."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any

import fhirpathpy
from antlr4 import CommonTokenStream, InputStream  # type: ignore[import-untyped]
from fhirpathpy.parser.generated.FHIRPathLexer import FHIRPathLexer
from fhirpathpy.parser.generated.FHIRPathParser import FHIRPathParser

from template_service.artefacts import artefact_path, artefacts_root

Resource = dict[str, Any]

BASE = "https://template-service.example/fhir"
ANSWERS = f"{BASE}/CodeSystem/template-answers"
EXTENSION_BASE = f"{BASE}/StructureDefinition/"
ITEM_WEIGHT = "http://hl7.org/fhir/StructureDefinition/itemWeight"
EXCLUSIVE = "http://hl7.org/fhir/StructureDefinition/questionnaire-optionExclusive"
HIDDEN = "http://hl7.org/fhir/StructureDefinition/questionnaire-hidden"
VARIABLE = "http://hl7.org/fhir/StructureDefinition/variable"
CALCULATED = "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-calculatedExpression"


def artefact(resource_type: str, resource_id: str) -> Resource:
    """One shipped artefact."""
    resource: Resource = json.loads(artefact_path(resource_type, resource_id).read_bytes())
    return resource


def all_artefacts() -> dict[str, Resource]:
    """Every shipped artefact by its path below the folder of artefacts."""
    root = artefacts_root()
    return {
        path.relative_to(root).as_posix(): json.loads(path.read_bytes())
        for path in sorted(root.rglob("*.json"))
    }


def template() -> Resource:
    """The shipped template."""
    return artefact("Questionnaire", "leeds-social-determinants")


def items(element: Mapping[str, Any]) -> Iterator[Resource]:
    """Every item below an element, in document order."""
    for item in element.get("item", ()):
        yield item
        yield from items(item)


def items_by_link_id(questionnaire: Mapping[str, Any]) -> dict[str, Resource]:
    """Every item of a questionnaire by linkId."""
    return {item["linkId"]: item for item in items(questionnaire)}


def value_of(element: Mapping[str, Any]) -> Any:
    """The value[x] of an extension, an answer or an option."""
    return next(value for key, value in element.items() if key.startswith("value"))


def extensions(element: Mapping[str, Any], url: str) -> list[Resource]:
    """The extensions of one url on an element; ours may be named without their base."""
    wanted = (url, EXTENSION_BASE + url)
    return [found for found in element.get("extension", ()) if found["url"] in wanted]


def values(element: Mapping[str, Any], url: str) -> list[Any]:
    """The values of the extensions of one url on an element, or of the parts of one extension."""
    return [value_of(found) for found in extensions(element, url)]


def value(element: Mapping[str, Any], url: str) -> Any:
    """The only value of that url, or None."""
    found = values(element, url)
    assert len(found) <= 1, f"{url} is there {len(found)} times"
    return found[0] if found else None


def nodes(node: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every JSON node below and including one, with its path."""
    yield path, node
    if isinstance(node, dict):
        for key, child in node.items():
            yield from nodes(child, f"{path}.{key}" if path else key)
    elif isinstance(node, list):
        for child in node:
            yield from nodes(child, path)


def domain_groups(questionnaire: Mapping[str, Any]) -> list[Resource]:
    """The groups of the domains, in order."""
    return [item for item in items(questionnaire) if extensions(item, "sdoh-domain")]


def option_codes(item: Mapping[str, Any]) -> list[str]:
    """The codes an item offers, in order."""
    return [option["valueCoding"]["code"] for option in item.get("answerOption", ())]


def response(
    questionnaire: Mapping[str, Any], answers: Mapping[str, Sequence[str | bool]]
) -> Resource:
    """A QuestionnaireResponse nested like its questionnaire; answers are codes or booleans."""
    unknown = set(answers) - set(items_by_link_id(questionnaire))
    assert not unknown, f"no such item: {sorted(unknown)}"
    return {
        "resourceType": "QuestionnaireResponse",
        "questionnaire": f"{questionnaire['url']}|{questionnaire['version']}",
        "status": "completed",
        "item": _answered(questionnaire["item"], answers),
    }


def _answered(
    questions: Sequence[Resource], answers: Mapping[str, Sequence[str | bool]]
) -> list[Resource]:
    found = []
    for question in questions:
        item: Resource = {"linkId": question["linkId"]}
        if given := answers.get(question["linkId"]):
            item["answer"] = [_answer(question, each) for each in given]
        if below := _answered(question.get("item", ()), answers):
            item["item"] = below
        if len(item) > 1:
            found.append(item)
    return found


def _answer(question: Resource, given: str | bool) -> Resource:
    if isinstance(given, bool):
        return {"valueBoolean": given}
    offered = (option["valueCoding"] for option in question["answerOption"])
    return {"valueCoding": next(coding for coding in offered if coding["code"] == given)}


@cache
def compiled(expression: str) -> Callable[[Resource, Resource], list[Any]]:
    """A FHIRPath expression, parsed once. Raises ValueError when it is not FHIRPath."""
    if not is_fhirpath(expression):
        raise ValueError(expression)
    found: Callable[[Resource, Resource], list[Any]] = fhirpathpy.compile(expression)
    return found


def is_fhirpath(expression: str) -> bool:
    """Whether the grammar takes the whole expression.

    Compiling does not tell: fhirpathpy 2.2 recovers in silence from "iif((true, 1, 2)" or "a and".
    """
    lexer = FHIRPathLexer(InputStream(expression))
    parser = FHIRPathParser(CommonTokenStream(lexer))
    lexer.removeErrorListeners()
    parser.removeErrorListeners()
    parser.entireExpression()  # type: ignore[no-untyped-call]
    return bool(parser.getNumberOfSyntaxErrors() == 0)


def calculated(questionnaire: Mapping[str, Any], resource: Resource, link_id: str) -> Any:
    """What the calculatedExpression of an item gives on a response, or None."""
    expression = value(items_by_link_id(questionnaire)[link_id], CALCULATED)["expression"]
    result = compiled(expression)(resource, {"resource": resource})
    assert len(result) <= 1, f"{link_id} gives {len(result)} values"
    return result[0] if result else None
