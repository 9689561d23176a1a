"""Modules made at random mean the same in an assembled questionnaire, under their prefixes."""

import re
from random import Random
from typing import Any

from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from template_service.questionnaire.assembly.assemble import assemble
from template_service.questionnaire.definition import compile_questionnaire
from template_service.questionnaire.enabling import enable
from template_service.questionnaire.expressions.calculation import calculate
from template_service.questionnaire.expressions.scope import Scope
from template_service.questionnaire.form import Form
from template_service.questionnaire.occurrences import every, read_occurrences
from template_service.questionnaire.problems import Problem, written
from template_service.questionnaire.validation import validate
from tests.made_questionnaires import SDC, made_questionnaire, made_response, spoil

PREFIXES = ("a.", "b-")
SEEDS = st.integers(0, 10**9)
Json = dict[str, Any]


def expression(kind: str, text: str) -> Json:
    given_ = {"language": "text/fhirpath", "expression": text}
    return {"url": f"{SDC}/sdc-questionnaire-{kind}Expression", "valueExpression": given_}


def made_module(seed: int) -> Json:
    """A module whose last items look at its others, by linkId, in expressions."""
    module = made_questionnaire(seed)
    random = Random(seed)
    names = [item["linkId"] for item in module["item"]]
    first, second = random.choice(names), random.choice(names)
    answered = f"%resource.descendants().where(linkId = '{first}').answer.exists()"
    either = f"%resource.descendants().where(linkId in ('{first}' | '{second}')).answer.count()"
    module["item"] += [
        {"linkId": "asked", "type": "string", "extension": [expression("enableWhen", answered)]},
        {"linkId": "count", "type": "integer", "extension": [expression("calculated", either)]},
        {"linkId": "told", "type": "string", "extension": [expression("calculated", f"'{first}'")]},
    ]
    expectation = {
        "url": f"{SDC}/sdc-questionnaire-assemble-expectation",
        "valueCode": "assemble-child",
    }
    return module | {"extension": [expectation]}


def answered(module: Json, seed: int) -> Json:
    """A response to a module; one in two is wrong in a place."""
    response = made_response(module, seed)
    response["item"] += [
        {"linkId": "asked", "answer": [{"valueString": "Yes"}]},
        {"linkId": "count", "answer": [{"valueInteger": 1}]},
    ]
    if seed % 2:
        response["item"] = spoil({"item": response["item"]}, seed).get("item")
    return response


def assembled(modules: list[Json]) -> Json:
    def group(number: int) -> Json:
        prefix = {"name": "linkIdPrefix", "expression": f"'{PREFIXES[number]}'"}
        url = f"{SDC}/sdc-questionnaire-subQuestionnaire"
        asked = {"url": url, "valueCanonical": str(number)}
        variable = "http://hl7.org/fhir/StructureDefinition/variable"
        return {
            "linkId": f"group-{number}",
            "type": "group",
            "extension": [{"url": variable, "valueExpression": prefix}],
            "item": [{"linkId": f"place-{number}", "type": "display", "extension": [asked]}],
        }

    whole = {
        "resourceType": "Questionnaire",
        "url": "https://made.example/Questionnaire/whole",
        "version": "1",
        "status": "active",
        "item": [group(number) for number in range(len(modules))],
    }
    assembly = assemble(whole, lambda canonical: modules[int(canonical)])
    assert assembly.errors == ()
    return assembly.resource


def prefixed(value: Any, prefix: str) -> Any:
    """A copy of items of a response with every linkId prefixed."""
    if isinstance(value, list):
        return [prefixed(each, prefix) for each in value]
    if not isinstance(value, dict):
        return value
    return {
        name: prefix + each
        if name == "linkId" and isinstance(each, str)
        else prefixed(each, prefix)
        for name, each in value.items()
    }


def joined(responses: list[Json]) -> Json:
    groups = [
        {"linkId": f"group-{number}", "item": prefixed(response["item"], PREFIXES[number])}
        for number, response in enumerate(responses)
    ]
    canonical = "https://made.example/Questionnaire/whole|1"
    return responses[0] | {"questionnaire": canonical, "item": groups}


def outcomes(form: Form, response: Json) -> list[tuple[str, str, bool]]:
    roots = read_occurrences(form, response)
    enable(form, roots, Scope.of(form, response))
    return [(written(each.path), each.item.link_id, each.enabled) for each in every(roots)]


def within(number: int, place: str) -> str | None:
    """A place inside a group of the whole, as it is in the module's own response."""
    start = f"QuestionnaireResponse.item[{number}]"
    return place.replace(start, "QuestionnaireResponse", 1) if place.startswith(start) else None


def alone_again(message: str, prefix: str, number: int) -> str:
    """A message about the whole as it is of the module alone, which has no group around it."""
    bare = re.sub(rf"'{re.escape(prefix)}", "'", message)
    return bare.replace(f"inside 'group-{number}'", "at the top")


def calculated(form: Form, response: Json, prefix: str = "") -> list[Any]:
    values = calculate(form, response).values
    return [values.get(f"{prefix}{name}") for name in ("count", "told")]


def said(problem: Problem) -> tuple[str, str, str, str | None, str]:
    return (
        *(problem.severity, problem.code, problem.expression),
        *(problem.link_id, problem.message),
    )


@given(SEEDS, SEEDS, SEEDS, SEEDS)
@example(20462385, 0, 135, 0)
@settings(max_examples=40, deadline=None)
def test_modules_under_a_prefix_mean_what_they_mean_alone(
    one: int, other: int, first: int, second: int
) -> None:
    modules = [made_module(one), made_module(other)]
    responses = [
        answered(module, seed) for module, seed in zip(modules, (first, second), strict=True)
    ]
    assume(all(isinstance(each["item"], list) and each["item"] for each in responses))
    whole, response = compile_questionnaire(assembled(modules)), joined(responses)
    together, checked = outcomes(whole, response), validate(whole, response).problems
    for number, (module, alone) in enumerate(zip(modules, responses, strict=True)):
        form, prefix = compile_questionnaire(module), PREFIXES[number]
        assert {f"{prefix}{link_id}" for link_id in form.items} <= whole.items.keys()
        assert [
            (place, link_id.removeprefix(prefix), enabled)
            for path, link_id, enabled in together
            if (place := within(number, path)) not in (None, "QuestionnaireResponse")
        ] == outcomes(form, alone)
        assert calculated(whole, response, prefix) == calculated(form, alone)
        inside = [
            (
                *(each.severity, each.code, place),
                each.link_id and each.link_id.removeprefix(prefix),
                alone_again(each.message, prefix, number),
            )
            for each in checked
            if (place := within(number, each.expression)) is not None
        ]
        assert sorted(inside, key=str) == sorted(map(said, validate(form, alone).problems), key=str)
