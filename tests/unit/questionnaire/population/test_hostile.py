"""Populating is bounded and raises nothing, whatever a context or a questionnaire holds."""

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from template_service.questionnaire.definition import compile_questionnaire
from template_service.questionnaire.population import filling, observations
from template_service.questionnaire.population.populate import populate
from template_service.questionnaire.problems import QuestionnaireError
from template_service.questionnaire.validation import validate
from tests.strategies import json_values
from tests.unit.questionnaire.population.making import (
    AUTHORED,
    CORE,
    SDC,
    amount,
    answers,
    choices,
    coded,
    codes,
    filled,
    group,
    initial,
    item,
    launch,
    link,
    observation,
    repeated,
    unit,
    variable,
)

KINDS = (
    "boolean", "decimal", "integer", "date", "dateTime", "time", "string", "text", "url",
    "choice", "open-choice", "attachment", "reference", "quantity",
)  # fmt: skip
EXTENSIONS = (
    "initialExpression", "itemPopulationContext", "observationLinkPeriod", "launchContext",
    "sourceQueries", "sourceStructureMap",
)  # fmt: skip


def of_every_kind() -> list[dict[str, Any]]:
    """An item of every type, filled from an expression and from an Observation."""
    either = [initial("%given"), link(10, "a"), unit("kg")]
    offered: dict[str, Any] = {
        "choice": {"answerOption": choices("red")},
        "open-choice": {"repeats": True},
    }
    return [
        item(kind, kind, *either, code=coded("x"), **offered.get(kind, {})) for kind in KINDS
    ] + [group("g", item("in", "string", initial("%Each.given")), repeats=True, extension=[
        repeated("Each", "%given")
    ])]  # fmt: skip


FORM = compile_questionnaire(
    {
        "resourceType": "Questionnaire",
        "url": "https://example.org/q",
        "extension": [launch("patient", "Patient")],
        "item": of_every_kind(),
    }
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(value=json_values(), rest=json_values(8))
def test_any_context_gives_a_response_that_is_valid(value: Any, rest: Any) -> None:
    kinds = ("valueString", "valueQuantity", "valueCodeableConcept", "valueDateTime")
    seen = [observation("x", **{kind: value}) for kind in kinds]
    entry = {"resourceType": "Bundle", "entry": [{"resource": each} for each in (*seen, rest)]}
    context = {"given": value, "patient": rest, "seen": entry, "more": rest}
    population = populate(FORM, context, subject="Patient/ann", authored=AUTHORED)
    assert validate(FORM, population.response).errors == ()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(context=json_values(), name=st.sampled_from(EXTENSIONS), value=json_values(8))
def test_any_context_and_any_extension(context: Any, name: str, value: Any) -> None:
    extension = {"url": f"{SDC}{name}", "valueExpression": value, "valueDuration": value}
    strange = [extension, {**extension, "extension": value, "valueReference": value}]
    raw: Any = {
        "resourceType": "Questionnaire",
        "extension": strange,
        "item": [
            {"linkId": "q", "type": "string", "extension": strange, "initial": value},
            {"linkId": "g", "type": "group", "extension": strange, "code": value},
        ],
    }
    try:
        form = compile_questionnaire(raw)
    except QuestionnaireError:
        return
    populate(form, context, authored=AUTHORED)


def test_a_context_without_end_is_not_looked_through(monkeypatch: Any) -> None:
    monkeypatch.setattr(observations, "LOOK_LIMIT", 100)
    record = [observation("x", valueQuantity=amount(1)), *[{}] * 200]
    found = filled(item("q", "quantity", link(3), code=coded("x")), context={"record": record})
    assert codes(found)[0] == ("warning", "too-costly", None)


def test_a_bundle_within_bundles_without_end() -> None:
    bundle: Any = observation("x", valueQuantity=amount(1))
    for _ in range(5_000):
        bundle = {"resourceType": "Bundle", "entry": [{"resource": bundle}]}
    asked = item("q", "quantity", link(3), code=coded("x"))
    assert answers(filled(asked, context={"record": bundle})) == {"q": [amount(1)]}


def test_groups_do_not_multiply_without_end(monkeypatch: Any) -> None:
    monkeypatch.setattr(filling, "NODE_LIMIT", 50)
    inner = group("g2", item("q", "string", initial("'x'")), repeats=True, extension=[
        repeated("Y", "%many")
    ])  # fmt: skip
    outer = group("g1", inner, repeats=True, extension=[repeated("X", "%many")])
    found = filled(outer, context={"many": [{"resourceType": "Patient"}] * 20})
    assert len(answers(found)["q"]) < 50
    assert {each[1] for each in codes(found)} == {"too-costly"}


def test_a_group_occurs_a_thousand_times_at_most() -> None:
    many = [{"resourceType": "Patient"}] * 1_001
    asked = group("g", item("q", "string", initial("'x'")), repeats=True, extension=[
        repeated("X", "%many")
    ])  # fmt: skip
    found = filled(asked, context={"many": many})
    assert (answers(found), codes(found)) == ({}, [("warning", "multiple-matches", "g")])


def test_variables_that_need_each_other_fail_alone() -> None:
    found = filled(
        item("q", "string", initial("%a")),
        item("other", "string", initial("'x'")),
        extension=[variable("a", "%b"), variable("b", "%a")],
    )
    assert answers(found) == {"other": ["x"]}
    assert [each[2] for each in codes(found)] == ["q"]


def test_an_expression_that_never_ends_is_stopped() -> None:
    endless = "1.repeat($this + 1)"
    found = filled(item("q", "string", initial(endless)), item("r", "string", initial("'x'")))
    assert answers(found) == {"r": ["x"]}
    assert codes(found) == [("warning", "too-costly", "q")]


def test_what_a_message_names_is_bounded() -> None:
    items = [item(f"q{n}", "string", initial("%patient.id")) for n in range(300)]
    found = filled(*items, extension=[launch("patient", "Patient")], context={})
    [problem] = found.problems
    assert problem.message.endswith(" and 100 more.")


def test_messages_hold_nothing_of_the_person() -> None:
    secret = "Zebedee"
    texts = [{"resourceType": "Patient", "id": secret, "name": [{"family": secret}]}]
    found = filled(
        *(item(kind, kind, initial("%given.name.family")) for kind in KINDS[:6]),
        item("long", "string", initial("%given.name.family"), maxLength=3),
        item("two", "string", initial("%given.id | 'x'")),
        item("odd", "string", initial("%given.name.family.toInteger() + %given.name")),
        group("g", item("q", "date", initial("%X")), extension=[repeated("X", "%given.id")]),
        context={"given": texts, "patient": texts},
        extension=[launch("patient", "Patient"), {"url": f"{CORE}variable"}],
    )
    assert found.problems
    assert all(secret not in each.message for each in found.problems)
