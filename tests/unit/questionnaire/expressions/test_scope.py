"""What an expression sees at a place: its focus, its variables, and those around it."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import pytest

from template_service.questionnaire.definition import compile_questionnaire
from template_service.questionnaire.expressions import limits, variables
from template_service.questionnaire.expressions import scope as scopes
from template_service.questionnaire.expressions.evaluation import UnknownVariable
from template_service.questionnaire.expressions.limits import TooCostly
from template_service.questionnaire.expressions.scope import Scope
from template_service.questionnaire.form import Form
from template_service.questionnaire.problems import QuestionnaireError

VARIABLE = "http://hl7.org/fhir/StructureDefinition/variable"


def variable(name: str, expression: str, language: str = "text/fhirpath") -> dict[str, Any]:
    value = {"name": name, "language": language, "expression": expression}
    return {"url": VARIABLE, "valueExpression": value}


def form(*root: dict[str, Any], group: Any = (), question: Any = ()) -> Form:
    return compile_questionnaire(
        {
            "resourceType": "Questionnaire",
            "status": "draft",
            "title": "Sample",
            "extension": list(root),
            "item": [
                {
                    "linkId": "group",
                    "type": "group",
                    "repeats": True,
                    "extension": list(group),
                    "item": [
                        {
                            "linkId": "number",
                            "text": "How many?",
                            "type": "integer",
                            "extension": list(question),
                        }
                    ],
                }
            ],
        }
    )


def occurrence(number: int) -> dict[str, Any]:
    answered = {"linkId": "number", "answer": [{"valueInteger": number}]}
    return {"linkId": "group", "item": [answered]}


RESPONSE: dict[str, Any] = {
    "resourceType": "QuestionnaireResponse",
    "id": "r",
    "status": "in-progress",
    "item": [occurrence(3), occurrence(5)],
}


def at(compiled: Form, index: int, environment: Any = None) -> Scope:
    """The scope of the question in one of the two groups."""
    group = RESPONSE["item"][index]
    around = Scope.of(compiled, RESPONSE, environment or {}).inside(compiled.items["group"], group)
    return around.inside(compiled.items["number"], group["item"][0])


def test_the_root() -> None:
    scope = Scope.of(form(), RESPONSE)

    assert scope.evaluate("id") == ["r"]
    assert scope.evaluate("%resource.id | %context.id | %rootResource.id") == ["r"]
    assert scope.evaluate("%questionnaire.title") == ["Sample"]
    assert scope.evaluate("%questionnaire.item.item.text") == ["How many?"]


def test_the_focus_of_an_item_is_its_node() -> None:
    scope = at(form(), 1)

    assert scope.evaluate("answer.value") == [5]
    assert scope.evaluate("%context.answer.value") == [5]
    assert scope.evaluate("%qitem.text") == ["How many?"]
    assert scope.evaluate("%resource.item.item.answer.value") == [3, 5]


def test_an_item_without_an_answer() -> None:
    compiled = form()
    scope = Scope.of(compiled, RESPONSE).inside(compiled.items["number"], {"linkId": "number"})

    assert scope.evaluate("answer.value") == []
    assert scope.evaluate("linkId") == ["number"]


def test_variables_see_those_before_and_around_them() -> None:
    compiled = form(
        variable("all", "%resource.item.item.answer"),
        variable("total", "%all.value.sum()"),
        group=[variable("mine", "item.answer.value"), variable("part", "%mine / %total")],
        question=[variable("said", "'part ' & %part.toString()")],
    )

    assert at(compiled, 0).evaluate("%said") == ["part 0.375"]
    assert at(compiled, 1).evaluate("%mine + %total") == [13]
    assert at(compiled, 1).plain("total") == [8]


def test_an_inner_variable_hides_an_outer_one() -> None:
    compiled = form(
        variable("x", "'root'"), group=[variable("x", "'group'"), variable("y", "%x & '!'")]
    )

    assert Scope.of(compiled, RESPONSE).evaluate("%x") == ["root"]
    assert at(compiled, 0).evaluate("%x | %y") == ["group", "group!"]


def test_a_variable_is_seen_at_its_place_and_below_only() -> None:
    with pytest.raises(UnknownVariable):
        Scope.of(form(group=[variable("x", "1")]), RESPONSE).evaluate("%x")


def test_variables_are_evaluated_when_asked_for_and_once() -> None:
    compiled = form(variable("bad", "item.single()"), variable("now", "now()"))
    scope = Scope.of(compiled, RESPONSE)

    assert scope.evaluate("1 + 1") == [2]
    assert scope.evaluate("%now") == scope.evaluate("%now")
    for _ in range(2):
        with pytest.raises(QuestionnaireError):
            scope.evaluate("%bad")


def test_cycles_are_refused() -> None:
    compiled = form(variable("a", "%b"), variable("b", "%c + 1"), variable("c", "%a"))
    scope = Scope.of(compiled, RESPONSE)

    for name in ("a", "b", "c"):
        with pytest.raises(QuestionnaireError, match="needs itself"):
            scope.evaluate(f"%{name}")
    with pytest.raises(QuestionnaireError, match="needs itself"):
        Scope.of(form(variable("me", "%me")), RESPONSE).evaluate("%me")


def test_a_chain_of_hundreds_of_variables() -> None:
    chain = [variable(f"v{number}", f"%v{number - 1} + 1") for number in range(1, 300)]
    scope = Scope.of(form(variable("v0", "0"), *chain), RESPONSE)

    assert scope.evaluate("%v299.toString()") == ["299"]


@pytest.mark.parametrize("step", ["%v{} + 1", "(%v{0} | %v{0}.first()).first() + 1"])
def test_a_longer_chain_never_seems_to_need_itself(step: str) -> None:
    chain = [variable(f"v{number}", step.format(number - 1)) for number in range(1, 400)]
    scope = Scope.of(form(variable("v0", "1"), *chain), RESPONSE)

    assert scope.evaluate("%v399") == [400]
    assert scope.evaluate("%v250 + 1") == [252]


def test_where_pythons_stack_ends_is_no_circle() -> None:
    # Texts of its own: that one was too deep to be read is remembered.
    chain = [variable(f"v{number}", f"%v{number - 1}.toString()") for number in range(1, 9)]
    scope = Scope.of(form(variable("v0", "0 + 1 + 0"), *chain), RESPONSE)

    def deeper(levels: int) -> None:
        if levels:
            deeper(levels - 1)
        else:
            scope["v8"]

    for levels in range(980, 860, -1):
        with suppress(RecursionError, TooCostly):
            deeper(levels)
    with suppress(TooCostly):
        assert scope.evaluate("%v8") == ["1"]


def test_variables_of_an_item_are_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str | None] = []

    def definitions(element: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
        read.append(element.get("linkId"))
        return original(element)

    original = variables.definitions
    monkeypatch.setattr(scopes, "definitions", definitions)
    compiled = form(variable("root", "1"), group=[variable("n", "item.answer.value")])
    root = Scope.of(compiled, RESPONSE)
    inner = [root.inside(compiled.items["group"], node) for node in RESPONSE["item"]]

    assert [scope.evaluate("%n + %root") for scope in inner] == [[4], [6]]
    assert read == [None, "group"]


def test_launch_contexts_by_name() -> None:
    environment = {"patient": {"resourceType": "Patient", "birthDate": "1980-02-03"}, "age": 40}
    scope = at(form(question=[variable("born", "%patient.birthDate")]), 0, environment)

    assert scope.evaluate("%born") == ["1980-02-03"]
    assert scope.evaluate("%age + 1") == [41]
    with pytest.raises(UnknownVariable, match="%user"):
        scope.evaluate("%user.name")


@pytest.mark.parametrize(
    ("language", "said"),
    [("application/x-fhir-query", "x-fhir-query"), ("text/cql-identifier", "CQL")],
)
def test_other_languages_need_a_value_of_that_name(language: str, said: str) -> None:
    compiled = form(variable("found", "Observation?code=x", language))

    with pytest.raises(QuestionnaireError, match=f"'found' is not there: .*{said}"):
        Scope.of(compiled, RESPONSE).evaluate("%found.exists()")
    supplied = Scope.of(compiled, RESPONSE, {"found": [{"resourceType": "Observation"}]})
    assert supplied.evaluate("%found.exists()") == [True]


@pytest.mark.parametrize("name", ["resource", "questionnaire", "context", "rootResource", "qitem"])
def test_the_names_of_sdc_cannot_be_taken(name: str) -> None:
    compiled = form(variable(name, "'mine'"), question=[variable(name, "'mine'")])

    assert at(compiled, 0, {"resource": {}, "questionnaire": {}}).evaluate(f"%{name}") != ["mine"]


def test_variables_that_hold_too_much_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "KEPT_LIMIT", 20_000)
    response = {
        "resourceType": "QuestionnaireResponse",
        "item": [{"linkId": f"q{number}"} for number in range(700)],
    }
    many = [variable(f"v{number}", "descendants()") for number in range(15)]
    scope = Scope.of(form(*many), response)

    assert [len(scope[f"v{number}"]) for number in range(14)] == [1_400] * 14
    with pytest.raises(QuestionnaireError, match="variables hold more than"):
        scope["v14"]


def test_variables_of_closures_are_counted_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "KEPT_LIMIT", 1_000)
    items = [{"linkId": f"q{number}"} for number in range(300)]
    many = [variable(f"v{number}", "%resource.item") for number in range(4)]
    scope = Scope.of(form(*many), {"resourceType": "QuestionnaireResponse", "item": items})

    assert [scope.evaluate(f"%v{number}.count()") for number in range(3)] == [[300]] * 3
    with pytest.raises(QuestionnaireError, match="variables hold more than"):
        scope.evaluate("%v3.count()")


def test_a_hostile_form_uses_up_its_time_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "STEP_LIMIT", 5_000)
    bomb = "'a'.repeat($this & 'a')"
    bombs = [variable(f"v{number}", f"{bomb} | '{number}'") for number in range(10)]
    scope = Scope.of(form(*bombs), RESPONSE)

    for number in range(10):
        with pytest.raises(QuestionnaireError, match="too much work"):
            scope.evaluate(f"%v{number}.count() + 1")
    assert scope.shared.seconds <= limits.ALLOWANCE_AFTERWARDS
