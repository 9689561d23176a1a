"""Compiling a large form, and calculating again what depends on one answer of a larger one.

The peers of recalculation have no dependencies to go by, as most engines have none: they evaluate
every expression. Some of theirs stand for all, because all of them take minutes; which peers need
Node and how they get there is told in `node_peers`.
"""

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from template_service.questionnaire.definition import compile_questionnaire
from template_service.questionnaire.expressions.calculation import Recalculator
from tests.bench.figures import Figure, interleaved, seconds
from tests.bench.node_peers import fhirpath_js

COMPILE_GOAL_MS = 50.0
RECALCULATE_GOAL_MS = 20.0
_GROUPS = 10
_EACH = 50
_SAMPLE = 25
"""Every so manieth expression is evaluated by a peer, and counted so many times."""

_HL7 = "http://hl7.org/fhir"
_SYSTEM = "https://example.org/CodeSystem/answers"
_CODES = ("never", "sometimes", "often", "daily")

Json = dict[str, Any]


def compile_500_ms() -> Iterator[Figure]:
    """Compiling 500 items with conditions, options with weights and 100 expressions."""
    from fhir.resources.R4B.questionnaire import Questionnaire

    resource = large_questionnaire()
    medians = interleaved(
        {
            "ours": lambda: seconds(lambda: compile_questionnaire(resource), 3) * 1000,
            "fhir.resources": lambda: (
                seconds(lambda: Questionnaire.model_validate(resource), 1) * 1000
            ),
        }
    )
    yield _figure("compile_500_ms", medians, COMPILE_GOAL_MS)


def recalculate_1000_ms() -> Iterator[Figure]:
    """One answer changed in a form of 1,000 items, 500 of them calculated, some in long chains."""
    import fhirpathpy
    from fhirpathpy.models import models

    resource, response = calculating_questionnaire(), answered_response()
    form = compile_questionnaire(resource)
    changing = Recalculator(form, response)
    names = [f"q{at % _GROUPS}.{at % _EACH}" for at in range(2 * _GROUPS)]
    numbers = iter(range(1_000_000))

    def ours() -> None:
        for name in names:
            changing.answer(name, [{"valueInteger": next(numbers) % 9}])

    every = [item.calculated for item in form.items.values() if item.calculated is not None]
    sample = every[::_SAMPLE]

    def uncompiled() -> None:
        for expression in sample:
            fhirpathpy.evaluate(response, expression, {"resource": response}, models["r4"])

    work: dict[str, Callable[[], float]] = {
        "ours": lambda: seconds(ours, 1) / len(names) * 1000,
        "fhirpathpy uncompiled": lambda: seconds(uncompiled, 1) * 1000 * _SAMPLE,
    }
    given = {"response": response, "expressions": sample}
    with tempfile.TemporaryDirectory() as place, fhirpath_js(given, Path(place)) as peer:
        if peer is not None:
            peer.ms(1)
            work["fhirpath.js"] = lambda: peer.ms(1) * _SAMPLE
        medians = interleaved(work)
    yield _figure("recalculate_1000_ms", medians, RECALCULATE_GOAL_MS)


def _figure(name: str, medians: dict[str, float], goal: float) -> Figure:
    ours = medians["ours"]
    return Figure(
        figure=name,
        value=round(ours, 3),
        unit="ms",
        goal=f"<= {goal}",
        met=ours <= goal,
        peers={peer: round(value / ours, 1) for peer, value in medians.items() if peer != "ours"},
    )


def large_questionnaire() -> Json:
    """500 items in 10 groups: choices with four weighted options, conditions, 100 expressions."""
    return {
        "resourceType": "Questionnaire",
        "status": "active",
        "url": "https://example.org/Questionnaire/large",
        "item": [
            {
                "linkId": f"g{group}",
                "type": "group",
                "item": [_asked(group, at) for at in range(_EACH - 1)],
            }
            for group in range(_GROUPS)
        ],
    }


def _asked(group: int, at: int) -> Json:
    link_id = f"q{group}.{at}"
    if at % 5 == 4 or at == _EACH - 2:
        total = " + ".join(
            f"%resource.descendants().where(linkId='q{group}.{each}').answer.weight()"
            for each in range(at - 4, at)
        )
        return {"linkId": link_id, "type": "decimal", "extension": [calculated(total)]}
    item: Json = {
        "linkId": link_id,
        "type": "choice",
        "text": f"How often does it happen ({link_id})?",
        "answerOption": [
            {
                "valueCoding": {"system": _SYSTEM, "code": code, "display": code.title()},
                "extension": [
                    {"url": f"{_HL7}/StructureDefinition/itemWeight", "valueDecimal": weight}
                ],
            }
            for weight, code in enumerate(_CODES)
        ],
    }
    if at % 5:
        item["enableWhen"] = [
            {
                "question": f"q{group}.{at - at % 5}",
                "operator": "=",
                "answerCoding": {"system": _SYSTEM, "code": code},
            }
            for code in _CODES[1:]
        ]
        item["enableBehavior"] = "any"
    return item


def calculating_questionnaire() -> Json:
    """1,000 items in 10 groups, half of them calculated by expressions of the common shapes."""
    return {
        "resourceType": "Questionnaire",
        "status": "active",
        "extension": [_variable("first", "%resource.item.where(linkId='g0')")],
        "item": [
            {
                "linkId": f"g{group}",
                "type": "group",
                "item": [
                    *({"linkId": f"q{group}.{at}", "type": "integer"} for at in range(_EACH)),
                    *(_calculated(group, at) for at in range(_EACH)),
                ],
            }
            for group in range(_GROUPS)
        ],
    }


def _calculated(group: int, at: int) -> Json:
    inside = f"%resource.item.where(linkId='g{group}').item"
    own, before = f"q{group}.{at}", f"c{group}.{at - 1}"
    whole = "%resource.repeat(item).where(linkId='{}').answer.value"
    pair = f"({whole.format(own)} | {whole.format(f'q{group}.{at - 1}')}).sum()"
    kept = f"{inside}.where(linkId='{before}').answer.value"
    shapes = (
        f"%resource.descendants().where(linkId='{own}').answer.value * 2",
        f"{kept} + 1",
        f"iif({inside}.where(linkId='{own}').answer.value > 3, {kept}, 0)",
        pair,
        f"{kept} + %first.item.where(linkId='q0.0').answer.value",
    )
    extension = [calculated(shapes[at % len(shapes)])]
    return {"linkId": f"c{group}.{at}", "type": "decimal", "extension": extension}


def answered_response() -> Json:
    """Every question of `calculating_questionnaire` answered."""
    return {
        "resourceType": "QuestionnaireResponse",
        "status": "in-progress",
        "item": [
            {
                "linkId": f"g{group}",
                "item": [
                    {"linkId": f"q{group}.{at}", "answer": [{"valueInteger": at % 7}]}
                    for at in range(_EACH)
                ],
            }
            for group in range(_GROUPS)
        ],
    }


def calculated(expression: str) -> Json:
    """A calculatedExpression."""
    return {
        "url": f"{_HL7}/uv/sdc/StructureDefinition/sdc-questionnaire-calculatedExpression",
        "valueExpression": {"language": "text/fhirpath", "expression": expression},
    }


def _variable(name: str, expression: str) -> Json:
    return {
        "url": f"{_HL7}/StructureDefinition/variable",
        "valueExpression": {"name": name, "language": "text/fhirpath", "expression": expression},
    }
