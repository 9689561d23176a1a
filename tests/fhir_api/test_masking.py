"""What a role that must not see safety content is shown, over every response a form can give."""

from typing import Any

import orjson
from hypothesis import given
from hypothesis import strategies as st

from template_service.artefacts import artefact_path
from template_service.fhir_api.masking import (
    answers_without_safety,
    without_safety,
)
from template_service.questionnaire.answers import read_answers, to_response
from template_service.questionnaire.definition import compile_questionnaire
from template_service.questionnaire.form import Answers, Form, Item, Option
from template_service.questionnaire.privacy import is_private_option

FORM = compile_questionnaire(
    orjson.loads(artefact_path("Questionnaire", "leeds-social-determinants").read_bytes())
)
ASKED = [item for item in FORM.items.values() if item.type in {"choice", "boolean"}]


def values(item: Item) -> st.SearchStrategy[tuple[Any, ...]]:
    if item.type == "boolean":
        return st.tuples(st.booleans())
    return st.lists(st.sampled_from(item.options), min_size=1, max_size=3, unique=True).map(tuple)


@st.composite
def answers(draw: st.DrawFn) -> Answers:
    chosen = draw(st.lists(st.sampled_from(ASKED), max_size=12, unique_by=lambda i: i.link_id))
    given = {item.link_id: draw(values(item)) for item in chosen}
    return {link_id: given[link_id] for link_id in FORM.items if link_id in given}


def harmless(form: Form, given: Answers) -> dict[str, tuple[Any, ...]]:
    """The answers that are neither safety items nor safety options, worked out the long way."""
    kept = {
        link_id: tuple(
            value
            for value in found
            if not isinstance(value, Option)
            or not (value.masked or (value.card is not None and value.card.masked))
        )
        for link_id, found in given.items()
        if not form.items[link_id].masked
    }
    return {link_id: found for link_id, found in kept.items() if found}


@given(answers())
def test_exactly_the_safety_content_is_left_out(given: Answers) -> None:
    masked = without_safety(FORM, to_response(FORM, given, status="completed"))
    left, _ = read_answers(FORM, masked)
    assert left == harmless(FORM, given)


@given(answers())
def test_the_answers_to_score_are_the_answers_shown(given: Answers) -> None:
    assert answers_without_safety(FORM, given) == harmless(FORM, given)


@given(answers())
def test_no_empty_item_marks_where_something_was(given: Answers) -> None:
    masked = without_safety(FORM, to_response(FORM, given, status="completed"))
    waiting = list(masked.get("item", ()))
    while waiting:
        item = waiting.pop()
        assert item.get("answer") or item.get("item")
        waiting += item.get("item", [])


def test_a_disclosure_with_a_foreign_system_is_safety_all_the_same() -> None:
    coding = {"system": "https://elsewhere.example", "code": "unsafe_home"}
    urgent = {"linkId": "urgent", "answer": [{"valueCoding": coding}]}
    assert "item" not in without_safety(
        FORM, {"item": [{"linkId": "tab.urgent", "item": [urgent]}]}
    )


def test_an_item_the_questionnaire_does_not_know_is_left_out() -> None:
    unknown = {"linkId": "another", "answer": [{"valueString": "anything"}]}
    assert "item" not in without_safety(FORM, {"item": [unknown]})


def test_whatever_stands_in_a_masked_group_is_left_out() -> None:
    masked = "https://template-service.example/fhir/StructureDefinition/sdoh-masked"
    words = {"linkId": "words", "type": "text", "text": "Anything else?"}
    group = {
        "linkId": "private",
        "type": "group",
        "extension": [{"url": masked, "valueBoolean": True}],
        "item": [words],
    }
    questionnaire = {"resourceType": "Questionnaire", "status": "draft", "item": [group]}
    answered = {"linkId": "words", "answer": [{"valueString": "a disclosure"}]}
    misplaced = {"item": [answered]}
    inside = {"item": [{"linkId": "private", "item": [answered]}]}
    for sent in (misplaced, inside):
        assert "item" not in without_safety(compile_questionnaire(questionnaire), sent)


def private_codes(link_id: str) -> set[str]:
    return {option.code for option in FORM.items[link_id].options if is_private_option(option)}


def test_the_template_has_safety_content_to_leave_out() -> None:
    assert {"unsafe_home"} == private_codes("urgent")
    assert {"refuge"} == private_codes("housing.security")
    assert {"safety"} == private_codes("priority")


MARK = {"url": "https://template-service.example/fhir/StructureDefinition/sdoh-masked"}
MASKED = {**MARK, "valueBoolean": True}


def asking(kind: str, *inside: dict[str, Any]) -> Form:
    """A question with an option of safety, and what is worked out of what is asked inside it."""
    coding = {"system": "urn:s", "code": "abuse", "display": "Abuse"}
    options = [
        {"valueCoding": {"system": "urn:s", "code": "flat", "display": "Flat"}},
        {"valueCoding": coding, "extension": [MASKED]},
    ]
    home = {"linkId": "home", "type": kind, "answerOption": options, "item": [*inside]}
    told = {
        "language": "text/fhirpath",
        "expression": "%resource.item.where(linkId='home').answer.item.answer.value",
    }
    sdc = "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-calculatedExpression"
    copy = {
        "linkId": "copy",
        "type": "string",
        "extension": [{"url": sdc, "valueExpression": told}],
    }
    return compile_questionnaire({"resourceType": "Questionnaire", "item": [home, copy]})


def test_what_is_said_inside_an_answer_of_safety_goes_with_it() -> None:
    form = asking("choice", {"linkId": "who", "type": "string"})
    said = [{"valueString": "my husband"}]
    abuse = {"valueCoding": {"system": "urn:s", "code": "abuse", "display": "Abuse"}}
    answered = {
        "linkId": "home",
        "answer": [{**abuse, "item": [{"linkId": "who", "answer": said}]}],
    }
    response = {"item": [answered, {"linkId": "copy", "answer": said}]}
    assert "item" not in without_safety(form, response)
    assert answers_without_safety(form, read_answers(form, response)[0]) == {}


def test_what_is_typed_beside_an_option_of_safety_is_neither_shown_nor_scored() -> None:
    form = asking("open-choice")
    other = {"valueCoding": {"system": "urn:other", "code": "tent", "display": "Tent"}}
    flat = {"valueCoding": {"system": "urn:s", "code": "flat", "display": "Flat"}}
    for answer, kept in (({"valueString": "he hits me"}, []), (other, []), (flat, [flat])):
        response = {"item": [{"linkId": "home", "answer": [answer]}]}
        shown = without_safety(form, response).get("item", [])
        scored = answers_without_safety(form, read_answers(form, response)[0])
        assert [each["answer"] for each in shown] == [kept] * len(shown)
        assert list(scored) == ["home"] * len(kept) == [each["linkId"] for each in shown]
