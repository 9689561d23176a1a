"""Our FHIRPath says what fhirpath.js says, for every published expression and a table of our own.

What they say differently is listed here with the reason; the list must stay exact.
"""

import importlib.util
import json
import random
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from template_service.questionnaire.expressions.evaluation import RESPONSE_ITEM, Typed, evaluate
from template_service.questionnaire.problems import QuestionnaireError
from tests.conftest import SHARED
from tests.unit.questionnaire.expressions.samples import (
    BUNDLE,
    EXPRESSIONS,
    OBSERVATION,
    PATIENT,
    QUESTIONNAIRE,
    RESPONSE,
)

Pair = dict[str, Any]

ROOT = Path(__file__).parents[4]
ASSETS = ROOT / "deploy" / "assets"
SCRIPT = Path(__file__).with_name("fhirpath_js.cjs")
FAILS = "fails"

_NEGATIVE = "FHIRPath: a count of none or less skips nothing and takes nothing"
_NO_SERVER = "fhirpath.js wants a terminology server although the option's coding has the weight"
_CONSTANT = "FHIR R4 defines the constant; fhirpath.js takes it from its caller only"

KNOWN_DIFFERENCES = {
    "item.skip(-1).count()": _NEGATIVE,
    "item.take(-1).count()": _NEGATIVE,
    "today() is Date": "fhirpathpy has one type for a date and a dateTime",
    "'a ' ~ 'A'": "fhirpathpy takes white space at the ends for none",
    "-(%resource.descendants().where(linkId='whole').answer.value.first())": (
        "fhirpath.js negates literals only"
    ),
    "(-2.5).round()": "FHIRPath leaves open where half of a negative number goes",
    "@2025-03-04T10:20:30.000Z + 1 hour": "fhirpath.js loses the milliseconds and the Z",
    "item.where(linkId='worry').answer.value.weight()": _NO_SERVER,
    "%sct": _CONSTANT,
    "%loinc": _CONSTANT,
    "%`vs-administrative-gender`": _CONSTANT,
    "%'ext-patient-birthTime'": _CONSTANT,
    "%rootResource.id": _CONSTANT,
}


def pair(expression: str, data: Any, base: str | None, variables: Any) -> Pair:
    return {"expression": expression, "data": data, "base": base, "variables": variables}


def of_the_table() -> list[Pair]:
    known = {"resource": RESPONSE, "questionnaire": QUESTIONNAIRE}
    return [pair(expression, RESPONSE, None, known) for expression in EXPRESSIONS]


def of_common_shapes(number: int) -> Iterator[Pair]:
    """Sums, counts, comparisons and choices over answers, from a fixed seed."""
    dice = random.Random(5)
    numeric, chosen = ("whole", "part", "numbers", "none"), ("mood", "sleep", "often")
    link_ids = (*numeric, *chosen, "smokes", "child", "name")
    paths = (
        "%resource.item.where(linkId='{}').answer.value",
        "%resource.descendants().where(linkId='{}').answer.value",
        "%resource.repeat(item).where(linkId='{}').answer.value",
        "item.where(linkId = '{}').answer.value",
        "item.item.where(linkId = '{}').answer.value",
    )
    numbers = ("{}.sum()", "{}.max()", "{}.min()", "{}.avg()", "2.5")
    weights = ("{}.weight().sum()", "{}.weight().max()", "{}.ordinal().count()", "{}.count() + 1")
    tests = ("{}.exists()", "{}.empty()", "{} = true", "{}.code = 'low'", "{}.count() > 1")

    def path(names: tuple[str, ...] = link_ids) -> str:
        return dice.choice(paths).format(dice.choice(names))

    def amount() -> str:
        if dice.random() < 0.5:
            return dice.choice(numbers).format(path(numeric))
        return f"({dice.choice(weights)})".format(path(chosen))

    def condition() -> str:
        if dice.random() < 0.4:
            return f"{amount()} {dice.choice(('<', '<=', '>', '>=', '=', '!='))} {amount()}"
        return dice.choice(tests).format(path())

    shapes = (
        lambda: f"{amount()} {dice.choice('+-*/')} {amount()}",
        lambda: f"{condition()} {dice.choice(('and', 'or', 'xor', 'implies'))} {condition()}",
        lambda: f"iif({condition()}, {amount()}, {amount()})",
        lambda: f"({condition()}).not()",
        lambda: f"({path()} | {path()}).count()",
    )
    known = {"resource": RESPONSE, "questionnaire": QUESTIONNAIRE}
    for _ in range(number):
        expression = dice.choice(shapes)()
        numbered = RESPONSE["item"][4]
        if dice.random() < 0.5:
            yield pair(expression, numbered, RESPONSE_ITEM, known)
        else:
            yield pair(expression, RESPONSE, None, known)


def published(shared: Path) -> list[Pair]:
    """Every FHIRPath expression of the real questionnaires, on responses to them."""
    expressions: dict[str, None] = {}
    responses = []
    for path in sorted((shared / "data" / "fhir").rglob("*.json")):
        resource = json.loads(path.read_text())
        expressions |= dict.fromkeys(written(resource))
        kind = resource.get("resourceType") if isinstance(resource, dict) else None
        if kind == "QuestionnaireResponse" and path.parent.name in ("extract", "sdoh"):
            responses.append(resource)
    assert len(expressions) > 150
    return [
        pair(expression, response, None, made_up(expression) | {"resource": response})
        for number, expression in enumerate(expressions)
        for response in (responses[number % len(responses)], responses[-1 - number % 3])
    ]


def written(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if node.get("language") == "text/fhirpath" and isinstance(node.get("expression"), str):
            yield node["expression"]
        for each in node.values():
            yield from written(each)
    elif isinstance(node, list):
        for each in node:
            yield from written(each)


def made_up(expression: str) -> dict[str, Any]:
    """A value for every variable an expression names."""
    return {
        name: PATIENT
        if name == "patient"
        else BUNDLE
        if re.search("Query|Obs|Condition|Immun|Proc|Medic", name)
        else (3, "x", OBSERVATION)[len(name) % 3]
        for name in re.findall(r"%([A-Za-z_]\w*)", expression)
    }


def said_by_fhirpath_js(pairs: list[Pair]) -> list[Any]:
    spec = importlib.util.spec_from_file_location("assets_install", ASSETS / "install.py")
    assert spec is not None
    assert spec.loader is not None
    install = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(install)
    node = install.node()
    if node is None or not install.FHIRPATH.is_file():
        pytest.fail("needs Node.js and fhirpath.js: run python deploy/assets/install.py --dev")
    # What many are asked about is sent once.
    values: dict[int, tuple[int, Any]] = {}

    def place(value: Any) -> int:
        return values.setdefault(id(value), (len(values), value))[0]

    asked = [
        {
            **each,
            "data": place(each["data"]),
            "variables": {name: place(value) for name, value in each["variables"].items()},
        }
        for each in pairs
    ]
    done = subprocess.run(
        [node, "--no-opt", str(SCRIPT), str(install.MODULES)],
        input=json.dumps({"asked": asked, "values": [value for _, value in values.values()]}),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    return [FAILS if "error" in each else comparable(each["values"]) for each in found]


def said_by_us(each: Pair) -> Any:
    focus = Typed(each["data"], each["base"]) if each["base"] else each["data"]
    try:
        return comparable(evaluate(each["expression"], focus, each["variables"]))
    except QuestionnaireError:
        return FAILS


def comparable(value: Any) -> Any:
    """Numbers to 12 digits; a quantity that was made (value and code alone) by these two."""
    if isinstance(value, float | int) and not isinstance(value, bool):
        return float(f"{value:.12g}")
    if isinstance(value, list):
        return [comparable(each) for each in value]
    if isinstance(value, dict):
        made = {"value", "code"} <= value.keys() <= {"value", "code", "unit", "system"}
        names = ("value", "code") if made else value
        return {name: comparable(value[name]) for name in names if name in value}
    return {"days": "d", "years": "a"}.get(value, value) if isinstance(value, str) else value


@pytest.fixture(scope="module")
def differing() -> dict[str, dict[str, tuple[Any, Any]]]:
    """What both say differently, of the table and of what is published; Node is started once."""
    asked = {"table": [*of_the_table(), *of_common_shapes(150)]}
    assert len(asked["table"]) > 450
    asked["published"] = published(SHARED) if SHARED.is_dir() else []
    theirs = iter(said_by_fhirpath_js([each for pairs in asked.values() for each in pairs]))
    return {
        name: {
            each["expression"]: (ours, other)
            for each, other in zip(pairs, theirs, strict=False)
            if (ours := said_by_us(each)) != other
        }
        for name, pairs in asked.items()
    }


def test_a_table_of_expressions_and_common_shapes(
    differing: dict[str, dict[str, tuple[Any, Any]]],
) -> None:
    found = differing["table"]

    unknown = {name: said for name, said in found.items() if name not in KNOWN_DIFFERENCES}
    assert not unknown
    assert set(found) == set(KNOWN_DIFFERENCES)


@pytest.mark.usefixtures("shared")
def test_every_published_expression(
    differing: dict[str, dict[str, tuple[Any, Any]]],
) -> None:
    assert not differing["published"]
