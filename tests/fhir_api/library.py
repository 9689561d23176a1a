"""Questionnaires for the tests of the library, and how a deployer changes it from outside."""

import json
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from template_service.cli import main

BASE = "https://city.example/fhir/Questionnaire"
MASKED = "https://city.example/fhir/StructureDefinition/sdoh-masked"
WEIGHT = "http://hl7.org/fhir/StructureDefinition/itemWeight"
_NUMBERS = count(1)

Command = Callable[..., Result]


def fresh_url() -> str:
    """A url that no other test uses: the library of a run only grows."""
    return f"{BASE}/form-{next(_NUMBERS)}"


def questionnaire(url: str, version: str = "1.0", **elements: Any) -> dict[str, Any]:
    """Another city's questionnaire: whether the home is warm, whether the person is hurt, words."""
    return {
        "resourceType": "Questionnaire",
        "url": url,
        "version": version,
        "title": "Warmth",
        "status": "active",
        "item": [
            {"linkId": "warm", "type": "boolean", "text": "Is your home warm?"},
            hurt(masked=True),
            {"linkId": "words", "type": "string", "text": "Anything else?"},
        ],
        **elements,
    }


def hurt(*, masked: bool) -> dict[str, Any]:
    """A question about safety: a yes discloses something, where the question is masked."""
    options = [
        {
            "valueCoding": {"system": f"{BASE}/codes", "code": code, "display": code.title()},
            "extension": [{"url": WEIGHT, "valueDecimal": weight}],
        }
        for code, weight in (("yes", 4), ("no", 0))
    ]
    marks = {"extension": [{"url": MASKED, "valueBoolean": True}]} if masked else {}
    item = {"linkId": "hurt", "type": "choice", "text": "Does anybody hurt you?"}
    return {**item, **marks, "answerOption": options}


def answered(canonical: str, **given: Any) -> dict[str, Any]:
    """A completed response with answers by linkId: a boolean, a text, or a code of `hurt`."""
    items = [{"linkId": name, "answer": [_answer(name, value)]} for name, value in given.items()]
    return {
        "resourceType": "QuestionnaireResponse",
        "questionnaire": canonical,
        "status": "completed",
        **({"item": items} if items else {}),
    }


def in_parameters(**resources: Any) -> dict[str, Any]:
    """Parameters with a resource for each name; `_` stands for `-`."""
    parts = [
        {"name": name.replace("_", "-"), "resource": resource}
        for name, resource in resources.items()
    ]
    return {"resourceType": "Parameters", "parameter": parts}


def commands(data: Path, folder: Path) -> Command:
    """`template-service questionnaire` on a data folder; a resource among the arguments is a file.

    As a deployer runs it beside a service: over a store of its own on the same file.
    """

    def run(*arguments: Any) -> Result:
        named = [each if isinstance(each, str) else _file(folder, each) for each in arguments]
        return CliRunner().invoke(main, ["questionnaire", *named, "--data", str(data)])

    return run


def _file(folder: Path, resource: Any) -> str:
    path = folder / f"{next(_NUMBERS)}.json"
    path.write_text(json.dumps(resource))
    return str(path)


def _answer(name: str, value: Any) -> dict[str, Any]:
    if isinstance(value, bool):
        return {"valueBoolean": value}
    if name == "hurt":
        return {"valueCoding": {"system": f"{BASE}/codes", "code": value}}
    return {"valueString": value}
