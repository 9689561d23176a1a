"""enableWhen, and which answers count."""

from typing import Any

import pytest
from hypothesis import given

from template_service.questionnaire.answers import read_answers
from template_service.questionnaire.conditions import (
    counted_answers,
    drop_disabled,
    enabled_items,
)
from template_service.questionnaire.definition import compile_questionnaire
from template_service.questionnaire.form import Answers, Form
from tests.strategies import answers, leeds_form

SYSTEM = "https://example.org/CodeSystem/x"
CODED = {"valueCoding": {"system": SYSTEM, "code": "a"}}


def form_asking(question: dict[str, Any], *when: dict[str, Any], behaviour: str = "any") -> Form:
    asked = {"linkId": "asked", "type": "string", "enableWhen": list(when)}
    return compile_questionnaire(
        {
            "resourceType": "Questionnaire",
            "item": [{"linkId": "q", **question}, {**asked, "enableBehavior": behaviour}],
        }
    )


def is_asked(form: Form, *given_answers: dict[str, Any]) -> bool:
    items = [{"linkId": "q", "answer": list(given_answers)}] if given_answers else []
    response = {"resourceType": "QuestionnaireResponse", "item": items}
    return "asked" in enabled_items(form, read_answers(form, response)[0])


@pytest.mark.parametrize(
    ("kind", "operator", "expected", "answered", "asked"),
    [
        ("integer", "=", {"answerInteger": 3}, [{"valueInteger": 3}], True),
        ("integer", "=", {"answerInteger": 3}, [{"valueInteger": 4}], False),
        ("integer", "=", {"answerInteger": 3}, [], False),
        ("integer", "!=", {"answerInteger": 3}, [{"valueInteger": 4}], True),
        ("integer", "!=", {"answerInteger": 3}, [{"valueInteger": 3}], False),
        ("integer", "!=", {"answerInteger": 3}, [], True),
        ("integer", ">", {"answerInteger": 3}, [{"valueInteger": 4}], True),
        ("integer", ">", {"answerInteger": 3}, [{"valueInteger": 3}], False),
        ("integer", ">=", {"answerInteger": 3}, [{"valueInteger": 3}], True),
        ("integer", "<", {"answerInteger": 3}, [{"valueInteger": 2}], True),
        ("integer", "<=", {"answerInteger": 3}, [{"valueInteger": 4}], False),
        ("decimal", "=", {"answerDecimal": 1.5}, [{"valueDecimal": 1.5}], True),
        ("decimal", ">", {"answerInteger": 1}, [{"valueDecimal": 1.5}], True),
        ("boolean", "=", {"answerBoolean": True}, [{"valueBoolean": True}], True),
        ("boolean", "=", {"answerBoolean": True}, [{"valueBoolean": False}], False),
        ("boolean", "exists", {"answerBoolean": True}, [{"valueBoolean": False}], True),
        ("boolean", "exists", {"answerBoolean": False}, [], True),
        ("boolean", "exists", {"answerBoolean": False}, [{"valueBoolean": True}], False),
        ("string", "=", {"answerString": "yes"}, [{"valueString": "yes"}], True),
        ("date", ">", {"answerDate": "2020-01-01"}, [{"valueDate": "2021-05-06"}], True),
        ("choice", "=", {"answerCoding": {"system": SYSTEM, "code": "a"}}, [CODED], True),
        ("choice", "=", {"answerCoding": {"code": "a"}}, [CODED], True),
        ("choice", "=", {"answerCoding": {"system": "urn:other", "code": "a"}}, [CODED], False),
        ("choice", "!=", {"answerCoding": {"system": SYSTEM, "code": "a"}}, [CODED], False),
    ],
)
def test_each_operator_as_r4_says(
    kind: str,
    operator: str,
    expected: dict[str, Any],
    answered: list[dict[str, Any]],
    asked: bool,
) -> None:
    options = {"answerOption": [CODED]} if kind == "choice" else {}
    form = form_asking(
        {"type": kind, **options}, {"question": "q", "operator": operator, **expected}
    )

    assert is_asked(form, *answered) is asked


@pytest.mark.parametrize(("behaviour", "asked"), [("any", True), ("all", False)])
def test_any_and_all(behaviour: str, asked: bool) -> None:
    when = [{"question": "q", "operator": "=", "answerInteger": number} for number in (1, 2)]
    form = form_asking({"type": "integer"}, *when, behaviour=behaviour)

    assert is_asked(form, {"valueInteger": 1}) is asked


def test_an_answer_to_a_disabled_question_enables_nothing() -> None:
    def boolean(link_id: str, question: str | None = None) -> dict[str, Any]:
        when = {"question": question, "operator": "=", "answerBoolean": True}
        return {
            "linkId": link_id,
            "type": "boolean",
            **({"enableWhen": [when]} if question else {}),
        }

    # In the wrong order on purpose: conditions are put in order when they are compiled.
    items = [boolean("third", "second"), boolean("second", "first"), boolean("first")]
    form = compile_questionnaire({"resourceType": "Questionnaire", "item": items})

    assert enabled_items(form, {"second": (True,)}) == {"first"}
    assert enabled_items(form, {"first": (True,), "second": (True,)}) == {
        "first",
        "second",
        "third",
    }


def test_a_choice_in_a_disabled_question_enables_nothing_either() -> None:
    def choice(link_id: str, question: str | None = None) -> dict[str, Any]:
        when = {"question": question, "operator": "=", "answerCoding": CODED["valueCoding"]}
        condition = {"enableWhen": [when]} if question else {}
        return {"linkId": link_id, "type": "choice", "answerOption": [CODED], **condition}

    items = [choice("first"), choice("second", "first"), choice("third", "second")]
    form = compile_questionnaire({"resourceType": "Questionnaire", "item": items})
    [option] = form.items["first"].options

    assert enabled_items(form, {"second": (option,)}) == {"first"}
    assert "third" in enabled_items(form, {"first": (option,), "second": (option,)})


def test_follow_ups_need_the_row_and_the_household(form: Form) -> None:
    need = form.items["family.screen"].by_code["need"]
    school = form.items["household"].by_code["school"]

    assert "family.help" in enabled_items(form, {"family.screen": (need,)})
    assert "family.school" not in enabled_items(form, {"family.screen": (need,)})
    enabled = enabled_items(form, {"family.screen": (need,), "household": (school,)})
    assert "family.school" in enabled
    assert "family.early" not in enabled
    assert "family.school" not in enabled_items(form, {"household": (school,)})


def test_of_a_disabled_item_only_what_discloses_is_kept(form: Form) -> None:
    who = form.items["safety.who"].by_code
    rough = form.items["housing.security"].by_code["rough"]
    damp = form.items["housing.condition"].by_code["damp"]
    given_answers: Answers = {
        "housing.security": (rough,),
        "housing.condition": (damp,),
        "safety.who": (who["declined"], who["other"]),
    }

    kept, dropped = drop_disabled(form, given_answers)

    assert kept == {"housing.security": (rough,), "safety.who": (who["other"],)}
    assert dropped == {"housing.condition": (damp,), "safety.who": (who["declined"],)}


@given(answers(leeds_form()))
def test_dropping_splits_the_answers_and_is_settled_at_once(given_answers: Answers) -> None:
    form = leeds_form()

    kept, dropped = drop_disabled(form, given_answers)

    assert drop_disabled(form, kept) == (kept, {})
    assert counted_answers(form, given_answers) == kept
    for link_id, values in given_answers.items():
        split = kept.get(link_id, ()) + dropped.get(link_id, ())
        assert sorted(map(repr, split)) == sorted(map(repr, values))
        assert not any(getattr(value, "discloses", False) for value in dropped.get(link_id, ()))


def test_answers_to_items_the_form_does_not_have_do_not_count(form: Form) -> None:
    assert counted_answers(form, {"nothing": (True,)}) == {}
