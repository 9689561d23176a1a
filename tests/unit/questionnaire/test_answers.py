"""Answers read from a response, written to one, and merged."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from template_service.questionnaire.answers import Clash, merge, read_answers, to_response
from template_service.questionnaire.form import Answers, Element, Form, Option, Value
from template_service.questionnaire.validation import validate
from tests.strategies import answers, json_values, leeds_form, responses, spoiled
from tests.unit.questionnaire.conftest import SYSTEM, MakeResponse, coding


def item(link_id: str, *values: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"linkId": link_id, **({"answer": list(values)} if values else {}), **more}


def test_answers_are_found_at_any_depth(small: Form, response: MakeResponse) -> None:
    flat = response(item("shade", coding("dark")), item("colour", coding("red")))
    odd = response(
        item(
            "thanks",
            item=[item("note", {"valueString": "x", "item": [item("shade", coding("dark"))]})],
        ),
        item("unknown", {"item": [item("colour", coding("red"))]}),
    )

    red, dark = small.items["colour"].by_code["red"], small.items["shade"].by_code["dark"]
    assert read_answers(small, flat) == ({"colour": (red,), "shade": (dark,)}, ())
    assert read_answers(small, odd)[0] == {"colour": (red,), "shade": (dark,), "note": ("x",)}
    assert list(read_answers(small, flat)[0]) == ["colour", "shade"]


@pytest.mark.parametrize("system", ["urn:foreign", None, "", 3])
def test_an_option_is_found_by_code_when_the_system_is_foreign(form: Form, system: Any) -> None:
    given_coding = {"code": "rough"} if system is None else {"system": system, "code": "rough"}
    response = {
        "resourceType": "QuestionnaireResponse",
        "item": [item("housing.security", {"valueCoding": given_coding})],
    }

    found, problems = read_answers(form, response)

    assert found == {"housing.security": (form.items["housing.security"].by_code["rough"],)}
    assert problems == ()


def test_what_cannot_be_read_is_named_without_being_repeated(
    small: Form, response: MakeResponse
) -> None:
    secret = "Mrs Example has debts"
    spoilt = response(
        item("colour", {"valueCoding": {"system": SYSTEM, "code": secret}}),
        item("age", {"valueString": secret}),
        item("nothing", {"valueString": secret}),
    )

    found, problems = read_answers(small, spoilt)

    assert found == {}
    assert [(p.severity, p.link_id, p.expression) for p in problems] == [
        ("warning", "colour", "QuestionnaireResponse.item[0].answer[0]"),
        ("warning", "age", "QuestionnaireResponse.item[1].answer[0]"),
        ("warning", "nothing", "QuestionnaireResponse.item[2]"),
    ]
    assert not any(secret in problem.message for problem in problems)


def test_values_of_calculated_items_are_passed_over(form: Form) -> None:
    response = {"item": [item("housing.level", {"valueInteger": 4})]}

    assert read_answers(form, response) == ({}, ())


def test_deeply_nested_answers_are_still_found(form: Form) -> None:
    node = item("urgent", {"valueCoding": {"code": "no_food"}})
    for _ in range(20_000):
        node = {"item": [node]}

    assert list(read_answers(form, node)[0]) == ["urgent"]


@settings(max_examples=100)
@given(json_values() | spoiled(responses(leeds_form()).map(json.dumps)))
def test_any_json_is_read_without_raising(value: Any) -> None:
    read_answers(leeds_form(), value)


@given(answers(leeds_form()))
def test_what_is_written_reads_the_same(given_answers: Answers) -> None:
    form = leeds_form()

    response = to_response(form, given_answers, status="in-progress")

    assert read_answers(form, response) == (given_answers, ())
    assert validate(form, response).answers == given_answers


EVERY_KIND: dict[str, tuple[Value, ...]] = {
    "note": ("hello",),
    "agreed": (False,),
    "age": (41,),
    "height": (Decimal("1.8"),),
    "born": ("1985-02",),
    "seen": ("2026-03-31T10:30:00+01:00",),
    "rises": ("06:30:00",),
    "page": ("https://example.org",),
    "weight": (Element("valueQuantity", '{"unit": "kg", "value": 70}'),),
    "doctor": (Element("valueReference", '{"reference": "Practitioner/1"}'),),
    "photo": (Element("valueAttachment", '{"title": "x"}'),),
    "job": ("shepherd",),
    "job.since": (2001,),
    "size": (Option(None, "38", "38", "valueInteger"),),
    "fruit": (Option(SYSTEM, "pear", "Pear"),),
    "child.name": ("Ada", "Bo"),
}


def test_every_kind_of_value_is_written_and_read_back(small: Form) -> None:
    response = to_response(small, EVERY_KIND, status="in-progress")

    assert read_answers(small, response) == (EVERY_KIND, ())
    [job] = [each for each in response["item"] if each["linkId"] == "job"]
    assert job["answer"] == [
        {
            "valueString": "shepherd",
            "item": [{"linkId": "job.since", "answer": [{"valueInteger": 2001}]}],
        }
    ]
    [size] = [each for each in response["item"] if each["linkId"] == "size"]
    assert size["answer"] == [{"valueInteger": 38}]


def test_a_response_is_nested_in_document_order_without_empty_groups(form: Form) -> None:
    need = form.items["housing.screen"].by_code["need"]
    no_food = form.items["urgent"].by_code["no_food"]

    response = to_response(
        form,
        {"housing.screen": (need,), "urgent": (no_food,)},
        status="in-progress",
        subject="Patient/1",
        author="Practitioner/2",
        authored=datetime(2026, 3, 31, 9, 30, tzinfo=UTC),
        response_id="r1",
    )

    assert [each["linkId"] for each in response["item"]] == ["tab.urgent", "tab.domains"]
    [housing] = response["item"][1]["item"]
    assert [each["linkId"] for each in housing["item"]] == ["housing.screen"]
    assert housing["item"][0]["answer"][0]["valueCoding"]["code"] == "need"
    assert response["questionnaire"] == form.canonical
    assert response["id"] == "r1"
    assert response["subject"] == {"reference": "Patient/1"}
    assert response["author"] == {"reference": "Practitioner/2"}
    assert response["authored"] == "2026-03-31T09:30:00+00:00"


def test_no_answers_make_a_response_without_items(form: Form) -> None:
    assert to_response(form, {}, status="in-progress") == {
        "resourceType": "QuestionnaireResponse",
        "questionnaire": form.canonical,
        "status": "in-progress",
    }


def test_changes_to_different_items_are_put_together() -> None:
    base: Answers = {"a": (1,), "b": (1,), "c": (1,)}

    merged = merge(base, {"a": (2,), "b": (1,), "c": (1,)}, {"a": (1,), "b": (3,), "d": (4,)})

    assert merged.answers == {"a": (2,), "b": (3,), "d": (4,)}
    assert merged.clashes == ()


def test_different_changes_to_one_item_clash_and_keep_what_was_saved() -> None:
    merged = merge({"a": (1,)}, {"a": (2,)}, {"a": (3,)})

    assert merged.answers == {"a": (2,)}
    assert merged.clashes == (Clash("a", (2,), (3,)),)


def test_taking_an_answer_away_clashes_with_changing_it() -> None:
    assert merge({"a": (1,)}, {}, {"a": (2,)}).clashes == (Clash("a", (), (2,)),)


def test_urgent_ticks_are_a_union(form: Form) -> None:
    ticks = form.items["urgent"].by_code
    theirs, mine = (ticks["no_food"],), (ticks["suicidal"], ticks["no_food"])

    merged = merge({"urgent": (ticks["no_energy"],)}, {"urgent": theirs}, {"urgent": mine})

    assert merged.answers == {"urgent": (ticks["no_food"], ticks["suicidal"])}
    assert merged.clashes == ()


@pytest.mark.parametrize("mine_discloses", [True, False])
def test_a_disclosure_wins_over_what_hides_it_and_is_reported(
    form: Form, mine_discloses: bool
) -> None:
    options = form.items["housing.security"].by_code
    rough, settled = (options["rough"],), (options["settled"],)
    theirs, mine = (settled, rough) if mine_discloses else (rough, settled)

    for base in ({}, {"s": rough}, {"s": settled}):
        merged = merge(base, {"s": theirs}, {"s": mine})
        assert merged.answers == {"s": rough}


@given(st.data())
def test_a_merge_loses_nothing_and_invents_nothing(data: st.DataObject) -> None:
    base, theirs, mine = (data.draw(answers(leeds_form())) for _ in range(3))

    merged = merge(base, theirs, mine)

    clashing = {clash.link_id for clash in merged.clashes}
    for link_id in {*base, *theirs, *mine}:
        sides = theirs.get(link_id, ()), mine.get(link_id, ())
        found = merged.answers.get(link_id, ())
        disclosed = {v for side in sides for v in side if isinstance(v, Option) and v.discloses}
        assert bool(disclosed) <= any(isinstance(v, Option) and v.discloses for v in found)
        if link_id != "urgent" and link_id not in clashing:
            assert found in sides
    assert merge(base, theirs, theirs).answers == theirs
    assert merge(base, theirs, theirs).clashes == ()
