"""A response against its form: each mistake is named, nothing urgent is refused, nothing raises."""

import copy
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from template_service.questionnaire.answers import to_response
from template_service.questionnaire.definition import compile_questionnaire
from template_service.questionnaire.form import Answers, Form
from template_service.questionnaire.validation import DEPTH_LIMIT, PROBLEM_LIMIT, validate
from tests.made_questionnaires import annotated, made_questionnaire, made_response, spoil
from tests.strategies import (
    json_values,
    leeds_form,
    leeds_questionnaire,
    responses,
    spoiled,
    submittable_answers,
)
from tests.unit.questionnaire.conftest import SYSTEM, URL, MakeResponse, coding

RED, GREEN, NONE = coding("red"), coding("green"), coding("none")
DARK = coding("dark")


def item(link_id: str, *values: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"linkId": link_id, **({"answer": list(values)} if values else {}), **more}


def first(*items: dict[str, Any]) -> dict[str, Any]:
    return {"linkId": "first", "item": list(items)} if items else {"linkId": "first"}


VALID = [
    pytest.param([], id="nothing answered"),
    pytest.param([first(item("colour", RED, GREEN), item("shade", DARK))], id="coded"),
    pytest.param([first(item("colour", RED)), item("note", {"valueString": "12345"})], id="text"),
    pytest.param([item("thanks", text="Thank you.")], id="display without an answer"),
    pytest.param([item("child", item=[item("child.name", {"valueString": "A"})])] * 2, id="repeat"),
    pytest.param([item("job", {"valueString": "nurse"})], id="offered text"),
    pytest.param([item("job", {"valueString": "shepherd"})], id="open choice"),
    pytest.param(
        [item("job", {"valueString": "x", "item": [item("job.since", {"valueInteger": 1})]})],
        id="inside an answer",
    ),
    pytest.param([item("size", {"valueInteger": 38})], id="offered number"),
    pytest.param([item("age", {"valueInteger": -3})], id="integer"),
    pytest.param([item("height", {"valueDecimal": 2})], id="decimal"),
    pytest.param([item("born", {"valueDate": "1999-02"})], id="part of a date"),
    pytest.param([item("seen", {"valueDateTime": "2026-01-02T03:04:05.6Z"})], id="dateTime"),
    pytest.param([item("rises", {"valueTime": "23:59:59"})], id="time"),
    pytest.param([item("weight", {"valueQuantity": {"value": 1}})], id="quantity"),
    pytest.param([item("doctor", {"valueReference": {"reference": "Practitioner/1"}})], id="ref"),
    pytest.param([{**item("note", {"valueString": "x"}), "_linkId": {"id": "1"}}], id="primitive"),
]


@pytest.mark.parametrize("items", VALID)
def test_a_sound_response_has_no_problem(
    small: Form, response: MakeResponse, items: list[dict[str, Any]]
) -> None:
    assert validate(small, response(*items)).problems == ()


def wrong(name: str, items: list[Any], code: str, place: str, link_id: str | None) -> Any:
    return pytest.param(items, (code, f"QuestionnaireResponse.{place}", link_id), id=name)


def wrong_answer(name: str, link_id: str, answer: Any, code: str = "value") -> Any:
    items = [{"linkId": link_id, "answer": [answer]}]
    return wrong(name, items, code, "item[0].answer[0]", link_id)


def wrong_colour(name: str, value: dict[str, Any], code: str = "code-invalid") -> Any:
    items = [first(item("colour", value))]
    return wrong(name, items, code, "item[0].item[0].answer[0]", "colour")


SINCE = item("job.since", {"valueInteger": 1})
TWO_AGES = item("age", {"valueInteger": 1}, {"valueInteger": 2})
INVALID = [
    wrong("unknown linkId", [item("nothing")], "not-found", "item[0]", "nothing"),
    wrong("wrong place", [item("colour", RED)], "structure", "item[0]", "colour"),
    wrong("wrong group", [first(item("note"))], "structure", "item[0].item[0]", "note"),
    wrong("group twice", [first(), first()], "structure", "item[1]", "first"),
    wrong("item twice", [item("age"), item("age")], "structure", "item[1]", "age"),
    wrong("item no object", ["x"], "structure", "item[0]", None),
    wrong("no linkId", [{"text": "x"}], "structure", "item[0]", None),
    wrong(
        "answer no list", [{"linkId": "note", "answer": {}}], "structure", "item[0].answer", None
    ),
    wrong("several answers", [TWO_AGES], "structure", "item[0]", "age"),
    wrong(
        "exclusive", [first(item("colour", RED, NONE))], "invariant", "item[0].item[0]", "colour"
    ),
    wrong("disabled", [first(item("shade", DARK))], "business-rule", "item[0].item[0]", "shade"),
    wrong("child beside", [item("job", item=[SINCE])], "structure", "item[0]", "job"),
    wrong("misspelt property", [item("note", answers=[])], "structure", "item[0]", "note"),
    wrong_answer("text as integer", "age", {"valueString": "3"}),
    wrong_answer("boolean as integer", "age", {"valueInteger": True}),
    wrong_answer("fraction", "age", {"valueInteger": 2.5}),
    wrong_answer("integer of 33 bits", "age", {"valueInteger": 2**31}),
    wrong_answer("two values", "age", {"valueInteger": 1, "valueString": "x"}, "structure"),
    wrong_answer("text as boolean", "agreed", {"valueBoolean": "true"}),
    wrong_answer("no number", "height", {"valueDecimal": float("nan")}),
    wrong_answer("huge number", "height", {"valueDecimal": 10**400}),
    wrong_answer("month 13", "born", {"valueDate": "1999-13"}),
    wrong_answer("no zone", "seen", {"valueDateTime": "2026-01-02T03:04:05"}),
    wrong_answer("hour 24", "rises", {"valueTime": "24:00:00"}),
    wrong_answer("spaces in a URI", "page", {"valueUri": "two words"}),
    wrong_answer("quantity no object", "weight", {"valueQuantity": 3}),
    wrong_answer("too long", "note", {"valueString": "123456"}, "too-long"),
    wrong_answer("two lines", "note", {"valueString": "a\nb"}),
    wrong_answer("control character", "note", {"valueString": "a\x00b"}),
    wrong_answer("blank text", "note", {"valueString": "  "}),
    wrong_answer("empty answer", "note", {}),
    wrong_answer("number not offered", "size", {"valueInteger": 39}, "code-invalid"),
    wrong_answer("group answered", "first", {"valueString": "x"}, "structure"),
    wrong_answer("display answered", "thanks", {"valueString": "x"}, "structure"),
    wrong_colour("not offered", coding("blue")),
    wrong_colour("foreign system", coding("red", "urn:x")),
    wrong_colour("no system", {"valueCoding": {"code": "red"}}),
    wrong_colour("no code", {"valueCoding": {"system": SYSTEM}}),
    wrong_colour("text for a choice", {"valueString": "red"}, "value"),
]


@pytest.mark.parametrize(("items", "named"), INVALID)
def test_a_mistake_is_named_with_its_place(
    small: Form, response: MakeResponse, items: list[Any], named: tuple[str, str, str | None]
) -> None:
    [problem] = validate(small, response(*items)).errors

    assert (problem.code, problem.expression, problem.link_id) == named
    assert problem.link_id is None or f"'{problem.link_id}'" in problem.message


def test_an_answer_that_is_no_object_is_named(small: Form, response: MakeResponse) -> None:
    [problem] = validate(small, response({"linkId": "note", "answer": ["x"]})).errors

    assert problem.expression == "QuestionnaireResponse.item[0].answer[0]"


HEADS = [
    pytest.param({"status": None}, "required", "status"),
    pytest.param({"status": "done"}, "value", "status"),
    pytest.param({"status": ["completed"]}, "value", "status"),
    pytest.param({"questionnaire": None}, "required", "questionnaire"),
    pytest.param({"questionnaire": 3}, "required", "questionnaire"),
    pytest.param({"questionnaire": "https://example.org/other|1"}, "not-found", "questionnaire"),
    pytest.param({"questionnaire": f"{URL}|2"}, "conflict", "questionnaire"),
    pytest.param({"subject": "Patient/1"}, "structure", "subject"),
    pytest.param({"authored": "yesterday"}, "value", "authored"),
    pytest.param({"item": {}}, "structure", "item"),
]


@pytest.mark.parametrize(("head", "code", "element"), HEADS)
def test_the_head_of_a_response_is_checked(
    small: Form, response: MakeResponse, head: dict[str, Any], code: str, element: str
) -> None:
    resource = {k: v for k, v in response(**head).items() if v is not None}

    [problem] = validate(small, resource).errors

    assert (problem.code, problem.expression) == (code, f"QuestionnaireResponse.{element}")


def test_an_unknown_property_is_named_unless_it_may_be_somebodys_text(
    small: Form, response: MakeResponse
) -> None:
    named, unnamed = validate(small, response(items=[], **{"Ada Example, LS9": 1})).errors

    assert "'items'" in named.message
    assert "Ada" not in unnamed.message


def test_a_canonical_without_a_version_is_a_warning(small: Form, response: MakeResponse) -> None:
    checked = validate(small, response(questionnaire=URL))

    assert checked.errors == ()
    assert [problem.severity for problem in checked.problems] == ["warning"]


def test_another_display_is_a_warning_and_the_answer_is_kept(
    small: Form, response: MakeResponse
) -> None:
    other = {"valueCoding": {"system": SYSTEM, "code": "red", "display": "Rouge"}}

    checked = validate(small, response(first(item("colour", other))))

    assert [(p.severity, p.code) for p in checked.problems] == [("warning", "value")]
    assert checked.answers == {"colour": (small.items["colour"].by_code["red"],)}


def test_a_value_set_published_elsewhere_is_said_not_to_be_checked(
    small: Form, response: MakeResponse
) -> None:
    checked = validate(small, response(item("fruit", coding("pear"))))

    assert [p.severity for p in checked.problems] == ["information"]
    assert [value.code for value in checked.answers["fruit"]] == ["pear"]  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("items", "status", "missing"),
    [
        ([first(item("colour", RED))], "completed", ["shade"]),
        ([first(item("colour", RED))], "amended", ["shade"]),
        ([first(item("colour", RED))], "in-progress", []),
        ([first(item("colour", GREEN))], "completed", []),
        ([first(item("colour", RED), item("shade", DARK))], "completed", []),
    ],
)
def test_required_counts_when_enabled_and_finished(
    small: Form, response: MakeResponse, items: list[Any], status: str, missing: list[str]
) -> None:
    errors = validate(small, response(*items, status=status)).errors

    assert [problem.link_id for problem in errors] == missing
    assert all(p.expression == "QuestionnaireResponse.item[0]" for p in errors)


@pytest.mark.parametrize("resource", [None, [], "x", 3, {}, {"resourceType": "Patient"}])
def test_what_is_no_response_is_said_to_be_none(small: Form, resource: Any) -> None:
    checked = validate(small, resource)

    assert [problem.expression for problem in checked.errors] == ["QuestionnaireResponse"]
    assert checked.answers == {}


def nested(depth: int) -> dict[str, Any]:
    node: dict[str, Any] = {"linkId": "x"}
    for level in range(depth):
        node = {"linkId": "x", "item": [node]} if level % 2 else item("x", {"item": [node]})
    return node


def test_deep_nesting_is_an_error_not_a_crash(small: Form, response: MakeResponse) -> None:
    errors = validate(small, response(nested(50_000))).errors

    assert errors[-1].code == "too-costly"
    assert f"more than {DEPTH_LIMIT} deep" in errors[-1].message


def test_problems_are_limited_but_an_error_is_never_crowded_out(
    small: Form, response: MakeResponse
) -> None:
    many = [item("fruit", *[coding(str(n)) for n in range(5 * PROBLEM_LIMIT)])]

    checked = validate(small, response(*many))

    assert checked.errors
    assert len(checked.problems) <= 2 * PROBLEM_LIMIT


def test_no_message_repeats_what_a_person_wrote(small: Form, response: MakeResponse) -> None:
    secret = "Owes money"
    items = [
        first(item("colour", coding(secret), {"valueCoding": secret})),
        *(item(link_id, {kind: secret}) for link_id, kind in WRONG_KINDS),
    ]

    checked = validate(small, response(*items, authored=secret, status=secret))

    assert len(checked.errors) >= 8
    assert not any(secret in problem.message for problem in checked.problems)


WRONG_KINDS = (
    ("age", "valueInteger"),
    ("height", "valueDecimal"),
    ("born", "valueDate"),
    ("seen", "valueDateTime"),
    ("note", "valueString"),
    ("page", "valueUri"),
    ("size", "valueString"),
)


def leeds_response(form: Form, *items: dict[str, Any]) -> dict[str, Any]:
    return {
        "resourceType": "QuestionnaireResponse",
        "questionnaire": form.canonical,
        "status": "in-progress",
        "item": list(items),
    }


def in_domain(form: Form, link_id: str, *codes: str, system: str | None = None) -> dict[str, Any]:
    asked = form.items[link_id]
    values = [
        {"valueCoding": {"system": system or asked.options[0].system, "code": code}}
        for code in codes
    ]
    node = {"linkId": link_id, "answer": values}
    while asked.parent is not None:
        asked = form.items[asked.parent]
        node = {"linkId": asked.link_id, "item": [node]}
    return node


@pytest.mark.parametrize(
    ("link_id", "code"),
    [("housing.security", "rough"), ("energy.now", "off"), ("safety.who", "other")],
)
def test_a_disclosure_in_a_disabled_item_is_kept_with_a_warning(
    form: Form, link_id: str, code: str
) -> None:
    checked = validate(form, leeds_response(form, in_domain(form, link_id, code)))

    assert checked.errors == ()
    [warning] = checked.problems
    assert (warning.severity, warning.link_id) == ("warning", link_id)
    assert checked.answers == {link_id: (form.items[link_id].by_code[code],)}


@pytest.mark.parametrize(
    ("link_id", "codes"),
    [("housing.security", ("staying",)), ("safety.now", ("yes",)), ("safety.who", ("none-no",))],
)
def test_any_other_answer_to_a_disabled_item_is_an_error(
    form: Form, link_id: str, codes: tuple[str, ...]
) -> None:
    errors = validate(form, leeds_response(form, in_domain(form, link_id, *codes))).errors

    assert [problem.link_id for problem in errors] == [link_id]


def test_beside_a_disclosure_the_rest_of_a_disabled_item_refuses_nothing(form: Form) -> None:
    node = in_domain(form, "safety.who", "other", "declined")

    checked = validate(form, leeds_response(form, node))

    assert checked.errors == ()
    assert "business-rule" in {problem.code for problem in checked.problems}
    assert form.items["safety.who"].by_code["other"] in checked.answers["safety.who"]


@pytest.mark.parametrize(
    ("link_id", "code", "severity"),
    [
        ("urgent", "suicidal", "warning"),
        ("housing.security", "rough", "warning"),
        ("tenure", "private", "error"),
    ],
)
def test_an_urgent_code_of_a_foreign_system_is_kept_with_a_warning(
    form: Form, link_id: str, code: str, severity: str
) -> None:
    node = in_domain(form, link_id, code, system="urn:foreign")
    row = in_domain(form, "housing.screen", "need")
    if link_id == "housing.security":
        [domain] = row["item"]
        domain["item"] += node["item"][0]["item"]
        node = row

    checked = validate(form, leeds_response(form, node))

    assert [problem.severity for problem in checked.problems] == [severity]
    assert checked.answers[link_id] == (form.items[link_id].by_code[code],)


def test_a_derived_card_is_not_an_option(form: Form) -> None:
    checked = validate(form, leeds_response(form, in_domain(form, "urgent", "family_homeless")))

    assert [problem.code for problem in checked.errors] == ["code-invalid"]


def test_a_stale_calculated_level_is_tolerated_and_ignored(form: Form) -> None:
    node = {"linkId": "housing.level", "answer": [{"valueInteger": 4}]}
    for link_id in ("housing", "tab.domains"):
        node = {"linkId": link_id, "item": [node]}

    checked = validate(form, leeds_response(form, node))

    assert checked.problems == ()
    assert checked.answers == {}


@given(submittable_answers(leeds_form()))
def test_what_a_renderer_submits_is_sound(given_answers: Answers) -> None:
    form = leeds_form()

    checked = validate(form, to_response(form, given_answers, status="completed"))

    assert checked.problems == ()
    assert checked.answers == given_answers


@pytest.mark.parametrize("text", ["", " ", "a\x00b"])
def test_a_text_that_cannot_be_stored_is_refused_though_the_questionnaire_has_it(text: str) -> None:
    inside = {"linkId": "agreed", "type": "boolean"}
    group = {"linkId": "first", "type": "group", "text": text, "item": [inside]}
    form = compile_questionnaire({"resourceType": "Questionnaire", "url": URL, "item": [group]})
    given_items = [{**first(item("agreed", {"valueBoolean": True})), "text": text}]
    resource = {
        "resourceType": "QuestionnaireResponse",
        "questionnaire": URL,
        "status": "completed",
        "item": given_items,
    }

    [problem] = validate(form, resource).problems

    assert (problem.severity, problem.code) == ("error", "structure")
    assert problem.expression == "QuestionnaireResponse.item[0].text"


@settings(max_examples=150)
@given(json_values())
def test_any_json_is_checked_without_raising(value: Any) -> None:
    form = leeds_form()
    head = {"resourceType": "QuestionnaireResponse", "item": value}

    for resource in (value, head, {**head, "item": [value]}):
        for problem in validate(form, resource).problems:
            assert problem.message
            assert problem.expression.startswith("QuestionnaireResponse")


@settings(max_examples=150)
@given(spoiled(responses(leeds_form()).map(json.dumps)))
def test_a_spoiled_response_is_checked_without_raising_or_changing(resource: Any) -> None:
    before = copy.deepcopy(resource)

    validate(leeds_form(), resource)

    assert json.dumps(resource) == json.dumps(before)


def carefully(questionnaire: dict[str, Any]) -> Form:
    """The form, with no option that is taken at a glance."""
    form = compile_questionnaire(questionnaire)
    for each in form.items.values():
        object.__setattr__(each, "flawless", {})
    return form


@given(st.integers(0, 10**9), st.integers(0, 10**9))
def test_what_is_taken_at_a_glance_is_what_a_closer_look_says(seed: int, place: int) -> None:
    questionnaire = made_questionnaire(seed)
    form, careful = compile_questionnaire(questionnaire), carefully(questionnaire)
    sound = made_response(questionnaire, place)
    full = annotated(sound)

    for response in (sound, full, spoil(sound, place), spoil(full, place)):
        checked, known = validate(form, response), validate(careful, response)
        assert checked == known
        assert type(checked.answers) is type(known.answers)


LEEDS_CAREFULLY = carefully(leeds_questionnaire())


@given(spoiled(responses(leeds_form()).map(json.dumps)))
def test_of_the_template_too(response: Any) -> None:
    assert validate(leeds_form(), response) == validate(LEEDS_CAREFULLY, response)


def test_an_option_of_an_item_that_demands_more_is_looked_at(response: MakeResponse) -> None:
    """A bound on a choice cannot be judged, which is said however the option is written."""
    bound = {"url": "http://hl7.org/fhir/StructureDefinition/minValue", "valueInteger": 1}
    option = {"valueCoding": {"system": SYSTEM, "code": "red"}}
    question = {"linkId": "colour", "type": "choice", "answerOption": [option]}
    form = compile_questionnaire(
        {"resourceType": "Questionnaire", "url": URL, "version": "1"}
        | {"item": [question | {"extension": [bound]}]}
    )

    [problem] = validate(form, response(item("colour", option))).problems

    assert (problem.severity, problem.code) == ("information", "not-supported")
