"""The shipped template, and a small questionnaire with one item of every kind."""

from collections.abc import Callable
from typing import Any

import pytest

from template_service.questionnaire.definition import compile_questionnaire
from template_service.questionnaire.form import Form
from tests.strategies import leeds_form

URL = "https://example.org/Questionnaire/small"
SYSTEM = "https://example.org/CodeSystem/colours"
MakeResponse = Callable[..., dict[str, Any]]


def coding(code: str, system: str = SYSTEM) -> dict[str, Any]:
    return {"valueCoding": {"system": system, "code": code}}


def small_questionnaire() -> dict[str, Any]:
    option = {"colour": ("red", "green"), "shade": ("light", "dark")}
    return {
        "resourceType": "Questionnaire",
        "id": "small",
        "url": URL,
        "version": "1",
        "title": "Small",
        "status": "active",
        "item": [
            {
                "linkId": "first",
                "type": "group",
                "item": [
                    {
                        "linkId": "colour",
                        "type": "choice",
                        "repeats": True,
                        "answerOption": [
                            *(coding(code) for code in option["colour"]),
                            {
                                **coding("none"),
                                "extension": [
                                    {
                                        "url": "http://hl7.org/fhir/StructureDefinition/"
                                        "questionnaire-optionExclusive",
                                        "valueBoolean": True,
                                    }
                                ],
                            },
                        ],
                    },
                    {
                        "linkId": "shade",
                        "type": "choice",
                        "required": True,
                        "enableWhen": [
                            {
                                "question": "colour",
                                "operator": "=",
                                "answerCoding": {"system": SYSTEM, "code": "red"},
                            }
                        ],
                        "answerOption": [coding(code) for code in option["shade"]],
                    },
                ],
            },
            {"linkId": "note", "type": "string", "maxLength": 5},
            {"linkId": "agreed", "type": "boolean"},
            {"linkId": "age", "type": "integer"},
            {"linkId": "height", "type": "decimal"},
            {"linkId": "born", "type": "date"},
            {"linkId": "seen", "type": "dateTime"},
            {"linkId": "rises", "type": "time"},
            {"linkId": "page", "type": "url"},
            {"linkId": "weight", "type": "quantity"},
            {"linkId": "doctor", "type": "reference"},
            {"linkId": "photo", "type": "attachment"},
            {
                "linkId": "job",
                "type": "open-choice",
                "answerOption": [{"valueString": "nurse"}, {"valueString": "driver"}],
                "item": [{"linkId": "job.since", "type": "integer"}],
            },
            {"linkId": "size", "type": "choice", "answerOption": [{"valueInteger": 38}]},
            {"linkId": "fruit", "type": "choice", "answerValueSet": "https://example.org/fruit"},
            {
                "linkId": "child",
                "type": "group",
                "repeats": True,
                "item": [{"linkId": "child.name", "type": "string"}],
            },
            {"linkId": "thanks", "type": "display", "text": "Thank you."},
        ],
    }


@pytest.fixture
def form() -> Form:
    """The shipped template."""
    return leeds_form()


@pytest.fixture
def small() -> Form:
    """The small questionnaire."""
    return compile_questionnaire(small_questionnaire())


@pytest.fixture
def response() -> MakeResponse:
    """Makes a response to the small questionnaire from its items."""

    def make(*items: Any, **head: Any) -> dict[str, Any]:
        return {
            "resourceType": "QuestionnaireResponse",
            "questionnaire": f"{URL}|1",
            "status": "in-progress",
            **({"item": list(items)} if items else {}),
            **head,
        }

    return make
