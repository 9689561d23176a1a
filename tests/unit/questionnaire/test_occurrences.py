"""Conditions occurrence by occurrence: repeating groups, expressions, what is left out."""

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from template_service.questionnaire.answers import read_answers, to_response
from template_service.questionnaire.conditions import enable, enabled_items, without_disabled
from template_service.questionnaire.definition import compile_questionnaire
from template_service.questionnaire.expressions.scope import Scope
from template_service.questionnaire.form import Answers, Form
from template_service.questionnaire.occurrences import DEPTH_LIMIT, every, read_occurrences
from template_service.questionnaire.problems import written
from template_service.questionnaire.validation import validate
from tests.strategies import answers, json_values, leeds_form, responses, spoiled

SDC = "http://hl7.org/fhir/uv/sdc/StructureDefinition"


def form_of(*items: dict[str, Any]) -> Form:
    return compile_questionnaire({"resourceType": "Questionnaire", "item": list(items)})


def response_of(*items: dict[str, Any], status: str = "completed") -> dict[str, Any]:
    head = {"resourceType": "QuestionnaireResponse", "questionnaire": "urn:x", "status": status}
    return {**head, **inside(items)}


def asked_if(link_id: str, question: str, **more: Any) -> dict[str, Any]:
    when = [{"question": question, "operator": "=", "answerBoolean": True}]
    return {"linkId": link_id, "type": "boolean", "enableWhen": when, **more}


def by_expression(link_id: str, expression: str, language: str = "text/fhirpath") -> dict[str, Any]:
    value = {"language": language, "expression": expression}
    url = f"{SDC}/sdc-questionnaire-enableWhenExpression"
    extension = [{"url": url, "valueExpression": value}]
    return {"linkId": link_id, "type": "boolean", "extension": extension}


def boolean(link_id: str, **more: Any) -> dict[str, Any]:
    return {"linkId": link_id, "type": "boolean", **more}


def group(link_id: str, *items: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"linkId": link_id, "type": "group", "item": list(items), **more}


def yes(link_id: str, *items: dict[str, Any]) -> dict[str, Any]:
    return {"linkId": link_id, "answer": [{"valueBoolean": True, **inside(items)}]}


def no(link_id: str) -> dict[str, Any]:
    return {"linkId": link_id, "answer": [{"valueBoolean": False}]}


def inside(items: tuple[dict[str, Any], ...]) -> dict[str, Any]:
    return {"item": list(items)} if items else {}


def one(link_id: str, *items: dict[str, Any]) -> dict[str, Any]:
    return {"linkId": link_id, **inside(items)}


def enabled_places(form: Form, response: dict[str, Any]) -> set[str]:
    roots = read_occurrences(form, response)
    enable(form, roots, Scope.of(form, response))
    prefix = len("QuestionnaireResponse.")
    return {written(each.path)[prefix:] for each in every(roots) if each.enabled}


CHILD = group("child", boolean("ill"), asked_if("seen", "ill"), repeats=True)


def test_in_a_repeating_group_the_question_of_the_same_repetition_counts() -> None:
    form = form_of(CHILD)
    response = response_of(
        one("child", yes("ill"), yes("seen")),
        one("child", no("ill"), yes("seen")),
        one("child", yes("seen")),
    )

    assert not form.flat
    assert enabled_places(form, response) == {
        "item[0]", "item[0].item[0]", "item[0].item[1]",
        "item[1]", "item[1].item[0]",
        "item[2]",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("before", "children", "enabled"),
    [
        (False, (True, False), False),
        (False, (False, True), True),
        (True, (True, False), True),
        (True, (False, True), False),
        (True, (), False),
    ],
)
def test_outside_the_group_the_nearest_repetition_counts(
    before: bool, children: tuple[bool, ...], enabled: bool
) -> None:
    definition = [asked_if("late", "ill"), CHILD] if before else [CHILD, asked_if("late", "ill")]
    form = form_of(*definition)
    given_children = [one("child", yes("ill") if ill else no("ill")) for ill in children]
    late = yes("late")
    response = response_of(*([late, *given_children] if before else [*given_children, late]))

    found = {each.link_id for each in validate(form, response).errors}

    assert ("late" in found) is not enabled


def test_an_ancestor_is_nearer_than_anything_before() -> None:
    nested = boolean("q", item=[asked_if("deep", "q")])
    form = form_of(group("g", nested, repeats=True))
    response = response_of(one("g", yes("q", yes("deep"))), one("g", no("q")))

    assert "item[0].item[0].answer[0].item[0]" in enabled_places(form, response)


def test_what_is_inside_a_disabled_group_is_disabled_and_enables_nothing() -> None:
    form = form_of(
        boolean("start"),
        group("g", boolean("inner"), enableWhen=asked_if("", "start")["enableWhen"], repeats=True),
        asked_if("after", "inner"),
    )

    open_, shut = (
        response_of(start("start"), one("g", yes("inner")), yes("after")) for start in (yes, no)
    )

    assert len(enabled_places(form, open_)) == 4
    assert enabled_places(form, shut) == {"item[0]"}


def test_an_expression_enables_per_occurrence() -> None:
    child = group("child", boolean("ill"), by_expression("seen", "%resource.item.count() > 1"))
    form = form_of({**child, "repeats": True})
    once = response_of(one("child", yes("seen")))
    twice = response_of(one("child", yes("seen")), one("child", yes("seen")))

    assert not form.flat
    assert [each.link_id for each in validate(form, once).errors] == ["seen"]
    assert validate(form, twice).errors == ()


@pytest.mark.parametrize("result", ["{}", "false"])
def test_an_expression_that_is_not_true_disables(result: str) -> None:
    form = form_of(by_expression("x", result))

    assert [each.code for each in validate(form, response_of(yes("x"))).errors] == ["business-rule"]


@pytest.mark.parametrize("result", ["'text'", "1", "2", "true | false"])
def test_an_expression_that_is_neither_true_nor_false_hides_nothing_and_is_told(
    result: str,
) -> None:
    checked = validate(form_of(by_expression("x", result)), response_of(yes("x")))

    assert not checked.errors
    assert [(each.code, each.link_id) for each in checked.problems] == [("not-supported", "x")]


def test_an_expression_that_fails_loses_nothing_and_is_named() -> None:
    form = form_of(by_expression("x", "%nobody.knows"))

    checked = validate(form, response_of(yes("x")))

    assert checked.errors == ()
    assert [each.expression for each in checked.problems] == ["QuestionnaireResponse.item[0]"]


def test_an_expression_of_another_language_is_named_when_compiled() -> None:
    form = form_of(by_expression("x", "true", "text/cql"))

    assert [each.severity for each in form.problems] == ["warning"]
    assert validate(form, response_of(yes("x"))).problems == ()


def test_required_is_asked_of_each_repetition() -> None:
    form = form_of(group("g", boolean("a", required=True), boolean("b"), repeats=True))
    response = response_of(one("g", yes("a")), one("g", yes("b")))

    [problem] = validate(form, response).errors

    assert (problem.code, problem.expression) == ("required", "QuestionnaireResponse.item[1]")
    assert validate(form, response_of()).errors == ()


def test_required_inside_a_question_is_asked_of_each_answer_only() -> None:
    inner = {"linkId": "why", "type": "string", "required": True}
    form = form_of({"linkId": "q", "type": "integer", "repeats": True, "item": [inner]})
    why = {"linkId": "why", "answer": [{"valueString": "a"}]}
    given_answers = [{"valueInteger": 1, "item": [why]}, {"valueInteger": 2}]

    [problem] = validate(form, response_of({"linkId": "q", "answer": given_answers})).errors

    assert problem.expression == "QuestionnaireResponse.item[0].answer[1]"
    assert validate(form, response_of()).errors == ()


@pytest.mark.parametrize(("count", "codes"), [(1, ["required"]), (2, []), (4, ["structure"])])
def test_repetitions_of_a_group_are_counted(count: int, codes: list[str]) -> None:
    core = "http://hl7.org/fhir/StructureDefinition/questionnaire"
    extension = [
        {"url": f"{core}-minOccurs", "valueInteger": 2},
        {"url": f"{core}-maxOccurs", "valueInteger": 3},
    ]
    form = form_of(group("g", boolean("a"), repeats=True, extension=extension))

    errors = validate(form, response_of(*[one("g", yes("a"))] * count)).errors

    assert [each.code for each in errors] == codes


def test_what_is_disabled_is_left_out_and_named() -> None:
    form = form_of(CHILD, asked_if("after", "ill"))
    response = response_of(one("child", no("ill"), yes("seen")), yes("after"))
    before = copy.deepcopy(response)

    kept, dropped = without_disabled(form, response)

    assert kept["item"] == [one("child", no("ill"))]
    assert [(each.expression, each.link_id) for each in dropped] == [
        ("QuestionnaireResponse.item[0].item[1].answer[0]", "seen"),
        ("QuestionnaireResponse.item[1].answer[0]", "after"),
    ]
    assert response == before
    assert validate(form, kept).errors == ()


def test_what_an_expression_sees_no_longer_is_left_out_too() -> None:
    last = by_expression("last", "%resource.item.where(linkId='b').answer.value = true")
    form = form_of(boolean("a"), asked_if("b", "a"), last)
    response = response_of(no("a"), yes("b"), yes("last"))

    kept, dropped = without_disabled(form, response)

    assert kept["item"] == [no("a")]
    assert [each.expression for each in dropped] == [
        "QuestionnaireResponse.item[1].answer[0]",
        "QuestionnaireResponse.item[2].answer[0]",
    ]


@settings(max_examples=25)
@given(answers(leeds_form()))
def test_leaving_out_keeps_every_disclosure_and_settles(given_answers: Answers) -> None:
    form = leeds_form()

    kept, dropped = without_disabled(form, to_response(form, given_answers, status="completed"))

    left = read_answers(form, kept)[0]
    for link_id, values in given_answers.items():
        disclosed = [each for each in values if getattr(each, "discloses", False)]
        assert set(disclosed) <= set(left.get(link_id, ()))
    assert without_disabled(form, kept) == (kept, ())
    assert bool(dropped) is (left != given_answers)
    assert not any(each.code == "business-rule" for each in validate(form, kept).errors)


@settings(max_examples=40)
@given(answers(leeds_form()))
def test_the_general_way_agrees_with_the_flat_one(given_answers: Answers) -> None:
    form = leeds_form()
    roots = read_occurrences(form, to_response(form, given_answers, status="completed"))
    enabling = enable(form, roots)

    flat = enabled_items(form, given_answers)

    assert form.flat
    assert {each.item.link_id for each in every(roots) if each.enabled} <= flat
    assert not {each.item.link_id for each in every(roots) if not each.enabled} & flat
    for item in form.roots:
        assert enabling.would_be(item, None, ()) is (item.link_id in flat)


COMPARED = {"=": "answerInteger", ">": "answerInteger", "!=": "answerInteger", "exists": "exists"}


@st.composite
def chained_items(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Integer questions, each enabled by some that come earlier in the list."""
    items: list[dict[str, Any]] = []
    for index in range(draw(st.integers(2, 7))):
        item: dict[str, Any] = {"linkId": f"q{index}", "type": "integer"}
        named = draw(st.lists(st.integers(0, index - 1), max_size=3)) if index else []
        when = [draw(entries(f"q{each}")) for each in named]
        if when:
            item |= {"enableWhen": when, "enableBehavior": draw(st.sampled_from(("any", "all")))}
        items.append(item)
    return items


@st.composite
def entries(draw: st.DrawFn, question: str) -> dict[str, Any]:
    comparison = draw(st.sampled_from(sorted(COMPARED)))
    expected: dict[str, Any] = {"answerBoolean": draw(st.booleans())}
    if comparison != "exists":
        expected = {"answerInteger": draw(st.integers(0, 2))}
    return {"question": question, "operator": comparison, **expected}


NUMBERS = st.dictionaries(st.integers(0, 6), st.integers(0, 2), max_size=7)


@settings(max_examples=50)
@given(chained_items(), NUMBERS, st.randoms(use_true_random=False))
def test_what_is_enabled_does_not_depend_on_the_order_of_items(
    items: list[dict[str, Any]], numbers: dict[int, int], random: Any
) -> None:
    given_items = [
        {"linkId": f"q{index}", "answer": [{"valueInteger": number}]}
        for index, number in numbers.items()
    ]
    shuffled = random.sample(items, len(items))
    forms = [form_of(*order) for order in (items, shuffled)]
    expected = enabled_items(forms[0], read_answers(forms[0], response_of(*given_items))[0])

    for form in forms:
        known = [each for each in given_items if each["linkId"] in form.items]
        response = response_of(*random.sample(known, len(known)))
        assert enabled_items(form, read_answers(form, response)[0]) == expected
        roots = read_occurrences(form, response)
        enabling = enable(form, roots)
        present = {each.item.link_id: each.enabled for each in every(roots)}
        for link_id, item in form.items.items():
            enabled = present.get(link_id, enabling.would_be(item, None, ()))
            assert enabled is (link_id in expected)


def _general_form() -> Form:
    return form_of(
        {**CHILD, "required": True},
        asked_if("after", "ill", required=True),
        boolean("top", item=[asked_if("under", "ill", required=True)]),
        by_expression("x", "%resource.item.exists()"),
    )


GENERAL = _general_form()
SOUND = json.dumps(
    response_of(one("child", yes("ill"), yes("seen")), yes("after"), yes("top", yes("under")))
)


@settings(max_examples=40)
@given(st.one_of(spoiled(st.just(SOUND)), json_values().map(response_of)))
def test_nothing_raises_on_any_json(resource: Any) -> None:
    before = json.dumps(resource)

    validate(GENERAL, resource)
    if isinstance(resource, dict):
        without_disabled(GENERAL, resource)

    assert json.dumps(resource) == before


@settings(max_examples=25)
@given(spoiled(responses(leeds_form()).map(json.dumps)))
def test_a_spoiled_response_loses_no_disclosure(resource: Any) -> None:
    form = leeds_form()

    def disclosed(response: Any) -> list[str]:
        return [
            f"{link_id} {each}"
            for link_id, values in sorted(read_answers(form, response)[0].items())
            for each in values
            if getattr(each, "discloses", False)
        ]

    if isinstance(resource, dict):
        assert disclosed(without_disabled(form, resource)[0]) == disclosed(resource)


Nest = Callable[[Any], dict[str, Any]]


@pytest.mark.parametrize("nest", [lambda x: one("g", x), lambda x: yes("q", x)])
def test_a_response_of_any_depth_is_survived(nest: Nest) -> None:
    form = form_of(group("g", boolean("q")), asked_if("z", "q"))
    node: dict[str, Any] = yes("z")
    for _ in range(20_000):
        node = nest(node)
    response = response_of(node)

    assert DEPTH_LIMIT <= sum(1 for _ in every(read_occurrences(form, response))) < 20_000
    assert "too-costly" in {each.code for each in validate(form, response).errors}
    without_disabled(form, response)
