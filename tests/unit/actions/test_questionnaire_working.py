"""Finishing leaves out what does not apply, but nothing of safety that nobody on the page saw."""

from datetime import UTC, datetime
from typing import Any

import pytest

from template_service.actions.questionnaire_working import settled, with_masked
from template_service.questionnaire.definition import compile_questionnaire
from template_service.records.people import Person

OURS = "https://template-service.example/fhir/StructureDefinition"
MASKED = {"extension": [{"url": f"{OURS}/sdoh-masked", "valueBoolean": True}]}
IF_ASKED = {"enableWhen": [{"question": "asked", "operator": "=", "answerBoolean": True}]}
TOLD = {"linkId": "told", "answer": [{"valueString": "he hit me in May"}]}
NOT_ASKED = {"linkId": "asked", "answer": [{"valueBoolean": False}]}


NOW = datetime(2026, 11, 2, tzinfo=UTC)
PERSON = Person(organisation_id="X99001", person_id="p", created_at=NOW, active_at=NOW)


def finished(*items: dict[str, Any], said: tuple[dict[str, Any], ...]) -> Any:
    """What is stored of these answers when somebody finishes who does not see `told`."""
    asked = {"linkId": "asked", "type": "boolean", "text": "asked"}
    form = compile_questionnaire({"resourceType": "Questionnaire", "item": [asked, *items]})
    whole = {"resourceType": "QuestionnaireResponse", "item": [NOT_ASKED, *said]}
    return with_masked(form, whole, settled(form, whole, PERSON).response)["item"]


def text(link_id: str, **more: Any) -> dict[str, Any]:
    return {"linkId": link_id, "type": "text", "text": link_id, **more}


def test_a_masked_text_comes_back_beside_what_kept_its_group() -> None:
    group = {"linkId": "g", "type": "group", **MASKED}
    stayed = {"linkId": "stayed", "answer": [{"valueString": "x"}]}
    said = {"linkId": "g", "item": [stayed, TOLD]}

    kept = finished({**group, "item": [text("stayed"), text("told", **IF_ASKED)]}, said=(said,))

    assert kept == [NOT_ASKED, said]


@pytest.mark.parametrize("values", [("a", "b"), ("a", "a"), ("b", "a")])
def test_a_masked_text_comes_back_into_the_answer_it_was_given_to(values: tuple[str, str]) -> None:
    first, second = values
    inside = text("told", **MASKED, **IF_ASKED)
    question = text("q", repeats=True, item=[inside, text("open")])
    opened = {"linkId": "open", "answer": [{"valueString": "y"}]}
    said = {
        "linkId": "q",
        "answer": [
            {"valueString": first, "item": [opened]},
            {"valueString": second, "item": [TOLD]},
        ],
    }

    assert finished(question, said=(said,)) == [NOT_ASKED, said]


def test_what_is_not_of_safety_stays_out() -> None:
    assert finished(text("told", **IF_ASKED), said=(TOLD,)) == [NOT_ASKED]


def test_what_safety_alone_asks_for_comes_back_too() -> None:
    hurt = {"linkId": "hurt", "type": "boolean", "text": "hurt", **MASKED, **IF_ASKED}
    condition = [{"question": "hurt", "operator": "=", "answerBoolean": True}]
    said = ({"linkId": "hurt", "answer": [{"valueBoolean": True}]}, TOLD)

    assert finished(hurt, text("told", enableWhen=condition), said=said) == [NOT_ASKED, *said]


@pytest.mark.parametrize(
    "given",
    [
        {"valueString": "he hit me in May"},
        {"valueCoding": {"system": "urn:other", "code": "7", "display": "He hit me"}},
    ],
)
def test_what_was_said_beside_masked_options_comes_back(given: dict[str, Any]) -> None:
    offered = [{"valueCoding": {"code": "fine"}}, {"valueCoding": {"code": "beaten"}, **MASKED}]
    question = {"linkId": "q", "type": "open-choice", "text": "q", "answerOption": offered}
    said = {"linkId": "q", "answer": [given]}

    assert finished({**question, **IF_ASKED}, said=(said,)) == [NOT_ASKED, said]
