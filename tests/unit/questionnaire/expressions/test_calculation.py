"""Calculated values: complete, in order, in the right places, and the same after every change."""

import copy
import functools
import itertools
import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from template_service.questionnaire.definition import compile_questionnaire
from template_service.questionnaire.expressions import limits, order
from template_service.questionnaire.expressions.calculation import Recalculator, calculate
from template_service.questionnaire.form import Form
from tests.strategies import json_values
from tests.unit.questionnaire.expressions.shapes import option, variable

Json = dict[str, Any]

SDC = "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-"


def expressed(name: str, expression: str, language: str = "text/fhirpath") -> Json:
    value = {"language": language, "expression": expression}
    return {"url": SDC + name, "valueExpression": value}


def calculated(link_id: str, expression: str, type_: str = "integer", **more: Any) -> Json:
    extension = [expressed("calculatedExpression", expression), *more.pop("extension", ())]
    return {"linkId": link_id, "type": type_, "extension": extension, **more}


def form_of(*items: Json, variables: tuple[Json, ...] = ()) -> Form:
    resource = {"resourceType": "Questionnaire", "status": "active", "item": list(items)}
    return compile_questionnaire({**resource, "extension": list(variables)})


def group(link_id: str, *items: Json, **more: Any) -> Json:
    return {"linkId": link_id, "type": "group", "item": list(items), **more}


def integer(link_id: str, **more: Any) -> Json:
    return {"linkId": link_id, "type": "integer", **more}


def node(link_id: str, *values: Any, **more: Any) -> Json:
    kinds = {int: "valueInteger", float: "valueDecimal", str: "valueString", bool: "valueBoolean"}
    answers = [{kinds.get(type(value), "valueCoding"): value} for value in values]
    return {"linkId": link_id, **({"answer": answers} if answers else {}), **more}


def response(*items: Json) -> Json:
    return {"resourceType": "QuestionnaireResponse", "item": list(items)}


def of(link_id: str) -> str:
    return f"%resource.descendants().where(linkId='{link_id}').answer.value"


def test_what_is_calculated_from_what_is_calculated_comes_after_it() -> None:
    form = form_of(
        calculated("third", f"{of('second')} + 1"),
        calculated("second", f"{of('first')} * 2"),
        calculated("first", f"{of('given')} + 1"),
        integer("given"),
    )
    found = calculate(form, response(node("given", 4)))
    assert found.values == {"third": 11, "second": 10, "first": 5}
    assert [item["linkId"] for item in found.response["item"]] == list(form.items)
    assert found.problems == ()


def test_a_missing_answer_is_never_zero_and_takes_the_old_value_out() -> None:
    form = form_of(
        integer("one"),
        integer("two"),
        group("totals", calculated("sum", f"{of('one')} + {of('two')}")),
    )
    stale = response(node("one", 1), {"linkId": "totals", "item": [node("sum", 99)]})
    given = copy.deepcopy(stale)

    found = calculate(form, stale)

    assert found.values == {}
    assert found.response == response(node("one", 1))
    assert stale == given


def test_groups_are_made_where_they_belong() -> None:
    form = form_of(
        integer("one"),
        group("outer", group("inner", calculated("sum", f"{of('one')} + 1", text="Sum")), text="O"),
        integer("last"),
    )
    found = calculate(form, response(node("one", 1), node("last", 3)))
    made = {"linkId": "inner", "item": [node("sum", 2, text="Sum")]}
    assert found.response["item"][1] == {"linkId": "outer", "text": "O", "item": [made]}


def test_a_repeating_group_is_calculated_for_each_occurrence() -> None:
    twice = variable("twice", "item.where(linkId='n').answer.value * 2")
    form = form_of(
        group("child", integer("n"), calculated("d", "%twice"), repeats=True, extension=[twice])
    )
    given = response(*({"linkId": "child", "item": [node("n", n)]} for n in (1, 5)), node("child"))

    found = calculate(form, given)

    inside = [occurrence.get("item", []) for occurrence in found.response["item"]]
    assert inside == [[node("n", 1), node("d", 2)], [node("n", 5), node("d", 10)], []]
    changing = Recalculator(form, given)
    assert changing.answer("n", [{"valueInteger": 7}], (1,)) == {"n", "d"}
    assert changing.response["item"][1]["item"] == [node("n", 7), node("d", 14)]


def test_what_is_not_enabled_has_no_value_while_answers_change() -> None:
    positive = [{"question": "n", "operator": ">", "answerInteger": 0}]
    form = form_of(
        integer("n"),
        calculated("d", f"{of('n')} * 2", enableWhen=positive),
        calculated("t", f"{of('d')} + 1"),
    )
    changing = Recalculator(form, response(node("n", 1)))
    assert changing.values == {"d": 2, "t": 3}
    assert changing.answer("n", [{"valueInteger": -1}]) == {"n", "d", "t"}
    assert changing.values == {}
    assert changing.answer("n", [{"valueInteger": 2}]) == {"n", "d", "t"}
    assert changing.response == calculate(form, response(node("n", 2))).response


def test_an_item_inside_an_answer_is_calculated_there() -> None:
    form = form_of(
        {
            "linkId": "q",
            "type": "boolean",
            "item": [integer("n"), calculated("d", f"{of('n')} + 1")],
        }
    )
    answer = {"valueBoolean": True, "item": [node("n", 1)]}
    found = calculate(form, response({"linkId": "q", "answer": [answer]}))
    assert found.response["item"][0]["answer"][0]["item"] == [node("n", 1), node("d", 2)]
    assert calculate(form, response()).values == {}


def test_an_answer_makes_room_for_what_is_calculated_inside_it() -> None:
    count = "%resource.descendants().where(linkId='q').count() + 1"
    changing = Recalculator(form_of(integer("q", item=[calculated("d", count)])), response())
    assert changing.answer("q", [{"valueInteger": 1}]) == {"q", "d"}
    assert changing.values == {"d": 2}


def test_a_variable_is_evaluated_anew_when_what_it_reads_changes() -> None:
    form = form_of(
        integer("a"), calculated("c", "%said + 1"), variables=(variable("said", of("a")),)
    )
    changing = Recalculator(form, response(node("a", 1)))
    for number in (2, 3):
        assert changing.answer("a", [{"valueInteger": number}]) == {"a", "c"}
        assert changing.values == {"c": number + 1}


def test_what_comes_inside_an_answer_is_read_too() -> None:
    form = form_of(integer("q", item=[integer("n")]), calculated("d", f"{of('n')} + 1"))
    changing = Recalculator(form, response())
    assert changing.answer("q", [{"valueInteger": 1, "item": [node("n", 5)]}]) == {"q", "d"}
    assert changing.values == {"d": 6}


def test_an_odd_answer_is_seen_as_the_library_sees_it() -> None:
    form = form_of(integer("n"), calculated("d", f"{of('n')}.count()"))
    changing = Recalculator(form, response())
    changing.answer("n", [{"valueInteger": 1, "valueString": "x"}, {"valueInteger": None}])
    assert changing.values == calculate(form, changing.response).values
    changing.answer("n", [{"valueInteger": 1}])
    assert changing.values == {"d": 1}


CHOICE = {"answerOption": [option("red", 1)]}
RED = {"system": "https://example.org/CodeSystem/answers", "code": "red", "display": "red"}


@pytest.mark.parametrize(
    ("type_", "expression", "answer"),
    [
        ("decimal", "2", {"valueDecimal": 2}),
        ("decimal", "5 / 2", {"valueDecimal": 2.5}),
        ("integer", "5.0 / 2.5", {"valueInteger": 2}),
        ("integer", "2.5", None),
        ("integer", "'2'", None),
        ("integer", "1 | 2", None),
        ("string", "'two'", {"valueString": "two"}),
        ("string", "2", None),
        ("boolean", "2 > 1", {"valueBoolean": True}),
        ("boolean", "1", None),
        ("date", "@2026-01-31", {"valueDate": "2026-01-31"}),
        ("date", "'soon'", None),
        ("dateTime", "@2026-01-31", {"valueDateTime": "2026-01-31"}),
        ("choice", "'red'", {"valueCoding": RED}),
        ("choice", "'pink'", None),
        ("quantity", "2", None),
        ("display", "2", None),
    ],
)
def test_a_value_becomes_an_answer_of_the_items_type_or_a_problem(
    type_: str, expression: str, answer: Json | None
) -> None:
    more = CHOICE if type_ == "choice" else {}
    found = calculate(form_of(calculated("x", expression, type_, **more)), response())
    if answer is None:
        assert "item" not in found.response or found.response["item"] == []
        assert [problem.link_id for problem in found.problems] == ["x"]
    else:
        assert found.response["item"] == [{"linkId": "x", "answer": [answer]}]
        assert found.problems == ()


def test_a_weight_is_that_of_the_option() -> None:
    form = form_of(
        {"linkId": "c", "type": "choice", **CHOICE},
        calculated("w", "%resource.item.where(linkId='c').answer.weight().sum()"),
    )
    assert calculate(form, response(node("c", RED))).values == {"w": 1}
    assert calculate(form, response()).values == {}


@pytest.mark.parametrize(
    "expression",
    [
        "%resource.item.where(linkId ~ 'LATER').answer.value",
        "(0 | 1 | 2 | 3).skip(%resource.item.where(linkId='later').answer.value).first()",
        "(0 | 1 | 2 | 3).take(%resource.item.where(linkId='later').answer.value + 1).last()",
    ],
)
def test_what_is_read_in_any_way_is_calculated_before(expression: str) -> None:
    form = form_of(
        calculated("first", expression), calculated("later", of("given")), integer("given")
    )
    assert calculate(form, response(node("given", 2))).values == {"first": 2, "later": 2}
    assert calculate(form, response(node("later", 0), node("given", 2))).values["first"] == 2


@pytest.mark.parametrize("number", [math.inf, -math.inf, math.nan, 10**400])
def test_a_number_without_end_is_no_error(number: float) -> None:
    items = [calculated(f"t{at}", text) for at, text in enumerate(("%n + 1", "-%n", "%n"))]
    form = form_of(integer("n"), *items, variables=(variable("n", of("n")),))
    odd = response({"linkId": "n", "answer": [{"valueInteger": number}]})
    assert calculate(form, odd).values == {}


def test_items_calculated_from_each_other_are_refused_by_name() -> None:
    form = form_of(
        calculated("one", f"{of('two')} + 1"),
        calculated("two", "%through"),
        calculated("three", f"{of('one')} + 1"),
        calculated("self", "%context.answer.value + 1"),
        calculated("fine", "2"),
        variables=(variable("through", f"{of('one')} + 1"),),
    )
    found = calculate(form, response(node("one", 1), node("two", 2), node("self", 3)))
    assert found.values == {"fine": 2}
    messages = [problem.message for problem in found.problems]
    assert any("'one', 'two'" in message for message in messages)
    assert {problem.link_id for problem in found.problems} == {"one", "three", "self"}
    assert {problem.severity for problem in found.problems} == {"error"}


def test_a_total_of_its_own_group_does_not_count_itself_or_what_follows_from_it() -> None:
    form = form_of(
        group(
            "g",
            integer("n"),
            calculated("double", f"{of('n')} * 2"),
            calculated("total", "%resource.item.where(linkId='g').item.answer.value.sum()"),
            calculated("next", f"{of('total')} + 1"),
        )
    )
    again = calculate(form, response({"linkId": "g", "item": [node("n", 2)]}))
    assert again.values == {"double": 4, "total": 6, "next": 7}
    assert calculate(form, again.response).values == again.values
    changing = Recalculator(form, again.response)
    assert changing.answer("n", [{"valueInteger": 3}]) == {"n", "double", "total", "next"}
    assert changing.values == {"double": 6, "total": 9, "next": 10}


def test_what_is_not_supported_or_fails_is_said_and_the_rest_is_calculated() -> None:
    form = form_of(
        calculated("cql", "x", extension=[]),
        calculated("patient", "%patient.birthDate"),
        {"linkId": "a", "type": "string", "extension": [expressed("answerExpression", "'x'")]},
        calculated("fine", "2"),
    )
    form.items["cql"].raw["extension"][0]["valueExpression"]["language"] = "text/cql"
    found = calculate(form, response())
    assert found.values == {"fine": 2}
    assert [(problem.link_id, problem.code) for problem in found.problems] == [
        ("cql", "not-supported"),
        ("patient", "processing"),
        ("a", "not-supported"),
    ]
    assert calculate(form, response(), {"patient": {"birthDate": "x"}}).problems[1].code == "value"


def test_problems_never_hold_an_answer() -> None:
    form = form_of(integer("n"), calculated("x", f"{of('n')} + 'secret'"), calculated("y", of("n")))
    found = calculate(form, response(node("n", "Betelgeuse")))
    assert found.problems
    assert not any("Betelgeuse" in problem.message for problem in found.problems)


def test_too_many_calculated_items_are_refused_by_their_number(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(order, "COUNT_LIMIT", 3)
    form = form_of(*(calculated(f"c{at}", "1") for at in range(4)))
    found = calculate(form, response())
    assert found.values == {}
    assert [problem.code for problem in found.problems] == ["too-costly"]


ODD: tuple[Any, ...] = ({"a": 1}, 5, "x", None, True, [5], [[]], [None], [{}])


@pytest.mark.parametrize("odd", ODD)
def test_items_and_answers_that_are_no_lists(odd: Any) -> None:
    own = calculated("d", f"{of('n')} + 1")
    form = form_of(group("g", calculated("k", "1"), integer("q", item=[integer("n"), own])))
    for holder in (
        {"resourceType": "QuestionnaireResponse", "item": odd},
        response({"linkId": "g", "item": odd}),
        response({"linkId": "g", "item": [{"linkId": "k", "answer": odd}]}),
        response({"linkId": "g", "item": [{"linkId": "q", "answer": odd}]}),
        response({"linkId": "g", "item": [{"linkId": "q", "answer": [{"item": odd}]}]}),
    ):
        found = calculate(form, holder)
        assert found.values["k"] == 1
        assert calculate(form, found.response) == found


def test_a_calculated_question_may_hold_items() -> None:
    total = "%resource.item.where(linkId='a').answer.value + %resource.item.answer.count()"
    form = form_of(
        integer("a"),
        calculated(
            "p",
            total,
            item=[integer("pi"), calculated("k", "%resource.descendants().count()")],
        ),
    )
    changing = Recalculator(form, response(node("a", 1)))
    assert changing.values.keys() == {"p", "k"}
    assert changing.answer("a", []) == {"a", "p", "k"}
    assert (changing.values, changing.response["item"]) == ({}, [{"linkId": "a"}])
    changing.answer("a", [{"valueInteger": 1}])
    changing.answer("pi", [{"valueInteger": 7}])
    changing.answer("a", [])
    # What somebody answered inside it stays, in an answer without a value of its own.
    assert changing.values.keys() == {"k"}
    assert calculate(form, changing.response).response == changing.response


def test_what_is_calculated_inside_an_answer_comes_after_that_answer() -> None:
    form = form_of(
        integer("a"), calculated("p", "%resource.item.count()", item=[calculated("k", "1")])
    )
    assert calculate(form, response(node("a", 1))).values == {"p": 1, "k": 1}


def test_items_inside_answers_stay_in_the_places_of_their_answers() -> None:
    inner = [integer("pi"), calculated("k", "%resource.descendants().where(linkId='pi').count()")]
    form = form_of(integer("p", repeats=True, item=inner))
    answers = [{"valueInteger": at, "item": [node("pi", 10 * at)]} for at in (1, 2)]
    empty = {"valueInteger": 3}
    changing = Recalculator(form, response({"linkId": "p", "answer": [*answers, empty]}))

    def inside() -> list[Any]:
        (question,) = changing.response["item"]
        return [
            (answer.get("valueInteger"), *(one["linkId"] for one in answer.get("item", ())))
            for answer in question.get("answer", ())
        ]

    assert inside() == [(1, "pi", "k"), (2, "pi", "k"), (3, "k")]
    assert changing.answer("p", []) == {"p", "k"}
    assert inside() == [(None, "pi", "k"), (None, "pi", "k")]
    changing.answer("p", [{"valueInteger": 5}])
    assert inside() == [(5, "pi", "k"), (None, "pi", "k")]
    assert calculate(form, changing.response).response == changing.response


def test_chained_variables_are_followed_to_what_they_read() -> None:
    chain = [
        variable(f"v{at}", f"%v{at - 1} + %resource.item.where(linkId='q').answer.value")
        for at in range(1, 400)
    ]
    items = [calculated(f"c{at}", f"%v{at}") for at in range(390, 400)]
    form = form_of(integer("q"), integer("r"), *items, variables=(variable("v0", "0"), *chain))
    found = order.order_of(form)
    assert (len(found.anything), found.watched) == (0, frozenset({"q"}))
    changing = Recalculator(form, response(node("q", 1)))
    assert changing.values == {f"c{at}": at for at in range(390, 400)}
    assert changing.answer("r", [{"valueInteger": 1}]) == {"r"}


def test_a_variable_that_takes_a_name_of_sdc_hides_nothing_from_the_order() -> None:
    form = form_of(
        integer("q"),
        calculated("c", f"{of('q')} + 1"),
        variables=(variable("resource", "1"),),
    )
    changing = Recalculator(form, response(node("q", 1)))
    assert changing.answer("q", [{"valueInteger": 5}]) == {"q", "c"}
    assert changing.values == {"c": 6}


@settings(max_examples=60)
@given(given_response=json_values())
def test_no_json_value_is_too_odd(given_response: Any) -> None:
    form = form_of(
        group("housing.security", calculated("need", "%resource.item.count()"), repeats=True),
        calculated("urgent", "%resource.item.first().linkId", "string"),
    )
    for odd in (given_response, {"resourceType": "QuestionnaireResponse", "item": given_response}):
        calculate(form, odd)


def test_a_change_names_what_changed_and_leaves_the_rest() -> None:
    form = form_of(
        integer("one"),
        integer("two"),
        calculated("of-one", f"{of('one')} + 1"),
        calculated("of-two", f"{of('two')} + 1"),
        calculated("sign", f"iif({of('of-one')}.exists(), iif({of('of-one')} > 5, 1, 0), {{}})"),
    )
    changing = Recalculator(form, response(node("one", 1), node("two", 2)))
    assert changing.answer("one", [{"valueInteger": 2}]) == {"one", "of-one"}
    assert changing.answer("one", [{"valueInteger": 9}]) == {"one", "of-one", "sign"}
    assert changing.answer("one", []) == {"one", "of-one", "sign"}
    assert changing.values == {"of-two": 3}
    assert changing.answer("of-two", [{"valueInteger": 1}]) == frozenset()
    with pytest.raises(KeyError):
        changing.answer("three", [])


# One pool of names, so that expressions meet items, groups, each other and nothing at all.
_PLAIN = ("a", "b", "c")
_NAMES = (*_PLAIN, "g", "r", "q", "x0", "x1", "x2", "x3", "x4")
_NUMBERS = st.sampled_from((1, 2, 5))
_READ = st.one_of(
    *(
        st.sampled_from(_NAMES).map(text.format)
        for text in (
            "%resource.descendants().where(linkId='{}').answer.value",
            "%resource.repeat(item).where(linkId='{}').answer.value.first()",
            "%resource.item.where(linkId='{}').item.answer.value.sum()",
            "%resource.item.where(linkId='{}').exists()",
            "%resource.descendants().where(linkId='{}').count()",
            "item.where(linkId='{}').answer.value",
        )
    ),
    st.sampled_from(("%all", "%own", "%resource.item.count()", "%resource.descendants().count()")),
)
_EXPRESSION = st.one_of(
    st.builds("{} + {}".format, _READ, _NUMBERS),
    st.builds("({} | {}).sum()".format, _READ, _READ),
    st.builds("iif({} > 3, {}, {{}})".format, _READ, _READ),
)


_QUESTIONS = st.sampled_from(
    (
        integer,
        functools.partial(integer, repeats=True),
        lambda link_id, **more: calculated(link_id, f"{of('a')} + 1", **more),
    )
)


@st.composite
def random_forms(draw: st.DrawFn) -> tuple[list[Json], Json]:
    """Items, some calculated, in a group, a repeating group and an answer; a root variable."""
    places: dict[str, list[Json]] = {"top": [], "g": [], "r": [], "q": []}
    for name in _PLAIN:
        places[draw(st.sampled_from(sorted(places)))].append(integer(name))
    for name in ("x0", "x1", "x2", "x3", "x4"):
        item = calculated(name, draw(_EXPRESSION))
        places[draw(st.sampled_from(sorted(places)))].append(item)
    own = [variable("own", draw(_READ))] if draw(st.booleans()) else []
    items = [
        group("g", *places["g"]),
        group("r", *places["r"], repeats=True, extension=own),
        draw(_QUESTIONS)("q", item=places["q"]),
        *places["top"],
    ]
    kept = [item for item in items if item.get("item") != []]
    return draw(st.permutations(kept)), variable("all", draw(_READ))


@settings(max_examples=60)
@given(
    items=random_forms(),
    occurrences=st.integers(0, 2),
    changes=st.lists(
        st.tuples(
            st.sampled_from((*_PLAIN, "q")),
            st.lists(_NUMBERS, max_size=2),
            st.integers(0, 2),
        ),
        min_size=1,
        max_size=5,
    ),
)
def test_after_any_changes_it_is_as_if_all_were_calculated_anew(
    items: tuple[list[Json], Json], occurrences: int, changes: list[tuple[str, list[int], int]]
) -> None:
    form = form_of(*items[0], variables=(items[1],))
    repeated = [{"linkId": "r"}] * occurrences if "r" in form.items else []
    changing = Recalculator(form, response(*repeated))
    for link_id, numbers, at in changes:
        answers = [{"valueInteger": number} for number in numbers]
        try:
            changing.answer(link_id, answers, (at,))
        except KeyError:
            continue
        anew = calculate(form, changing.response)
        assert changing.response == anew.response
        assert changing.values == anew.values
        assert changing.problems == anew.problems


@pytest.mark.parametrize("double", ["%{0}.combine(%{0})", "(%{0} | %{0}.select($this + {1}))"])
def test_variables_that_double_and_double_again_are_stopped(
    double: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "SIZE_LIMIT", 5_000)
    monkeypatch.setattr(limits, "KEPT_LIMIT", 10_000)
    names = [f"v{number}" for number in range(31)]
    growing = [
        variable(name, double.format(before, 2**number))
        for number, (before, name) in enumerate(itertools.pairwise(names))
    ]
    form = form_of(
        calculated("q", "%v30.count()"), variables=(variable("v0", "1 | 2 | 3"), *growing)
    )
    found = calculate(form, response())
    assert found.values == {}
    assert "too much work" in " ".join(problem.message for problem in found.problems)
