"""Which items an expression reads."""

from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from template_service.questionnaire.definition import compile_questionnaire
from template_service.questionnaire.expressions.dependencies import Sources, linkids
from template_service.questionnaire.expressions.scope import Scope
from template_service.questionnaire.privacy import private_items
from template_service.questionnaire.problems import QuestionnaireError
from tests.unit.questionnaire.expressions.shapes import variable
from tests.unit.questionnaire.expressions.test_calculation import calculated, form_of

VARIABLES = {
    "group": "%resource.item.where(linkId='group')",
    "sum": "%group.item.where(linkId='one').answer.value + %other",
    "other": "%resource.descendants().where(linkId='two').answer.value",
    "round": "%round + 1",
    "all": "%resource",
}
_A = "%resource.item.where(linkId='a').answer.value"
_B = "%resource.item.where(linkId='b').answer.value"
READ: tuple[tuple[str, Any], ...] = (
    ("%resource.item.where(linkId='a').answer.value", {"a"}),
    ("%resource.item.where(linkId='g').item.where(linkId='a').answer.value", {"a"}),
    ("%resource.item.where(linkId='g').item.answer.value.sum()", {"g"}),
    ("%resource.repeat(item).where(linkId='a' or linkId='b').answer.value", {"a", "b"}),
    ("%resource.repeat(item).where(linkId in ('a' | 'b')).answer.value", {"a", "b"}),
    ("%resource.descendants().where(linkId='a' and answer.exists()).count()", {"a"}),
    ("%resource.item.where(linkId='a' and %resource.item.where(linkId='b').exists())", {"a", "b"}),
    ("iif(%resource.item.where(linkId='a').exists(), %group.item.count(), {})", {"a", "group"}),
    ("%resource.item.where(linkId='a').combine(%other).first()", {"a", "two"}),
    ("%resource.item.where(linkId='a')[0].answer.value & 'x'", {"a"}),
    ("%group.item[%resource.item.where(linkId='a').answer.value].count()", {"group", "a"}),
    ("%other.startsWith(%resource.item.where(linkId='a').answer.value)", {"a", "two"}),
    ("%other.aggregate($this + $total, %group.answer.value)", {"group", "two"}),
    ("%rootResource.item.where(linkId='a').answer.value", {"a"}),
    ("%sum", {"one", "two"}),
    ("%sum.select($this + %group.item.where(linkId='three').count())", {"one", "two", "three"}),
    ("%resource.item.where(linkId='a').answer.weight().aggregate($this + $total, 0)", {"a"}),
    ("item.where(linkId='a').answer.value", {"a"}),
    ("%context.answer.value", {"here"}),
    ("%qitem.answerOption.count() + %questionnaire.item.where(linkId='a').count()", set()),
    ("%patient.birthDate < today()", set()),
    ("1 + 1 'mg'.value", set()),
    ("%resource.item.answer.value", None),
    ("%resource.descendants().where(answer.value = 1).count()", None),
    ("%resource.item.where(linkId.startsWith('a')).count()", None),
    ("%resource.item.where(linkId='a' or answer.value = 1).count()", None),
    ("%resource.item.where(linkId='it\\'s').count()", None),
    ("%all.item.count()", None),
    ("%round", None),
    ("%resource.exists()", None),
    ("1 +", None),
    # `~` does not look at the case of letters.
    ("%resource.item.where(linkId ~ 'a').answer.value", None),
    ("%resource.item.where(linkId='g').item.where(linkId ~ 'A').answer.value", {"g"}),
    # How many pass, and which, tells of what they are chosen from and counted by.
    (f"{_A}.take(iif({_B}, 1, 0))", {"a", "b"}),
    (f"{_A}.skip({_B}).first()", {"a", "b"}),
    (f"(1 | 2).skip({_B})", {"b"}),
    (f"{_A}.trace({_B})", {"a", "b"}),
    (f"{_A}.select(1).count()", {"a"}),
    (f"{_A}.select($index)", {"a"}),
    (f"{_A}.aggregate($total + 1, 0)", {"a"}),
    (f"{_A}.repeat({_B})", None),
    (f"%questionnaire.repeat({_B})", None),
    ("%resource.item.where(linkId='g').repeat(item | answer).count()", {"g"}),
    ("%resource.item.first().where(linkId='a').exists()", None),
    ("%resource.item[0].where(linkId='a').exists()", None),
    ("%resource.item.all(linkId='a')", None),
    ("%resource.item.where(linkId='a' and $index = 1).exists()", None),
    (f"%resource.item.where((linkId='a' and {_B}) or linkId='c').count()", None),
    (f"%group.item.where((linkId='a' and {_B}) or linkId='c').count()", {"group", "a", "b", "c"}),
    ("%resource.item.where(linkId='a').exclude(%group).where(linkId='a')", {"a", "group"}),
    (f"{_B}.today()", {"b"}),
    # A comparison that fails for another item gives nothing at all.
    ("%resource.item.where(linkId='a' and answer.value > 5).exists()", None),
    ("%resource.item.where(linkId='a' and answer.value = 5).exists()", {"a"}),
    ("%resource.item.where(linkId='g').select(item.where(linkId='a').answer.value * 2)", {"a"}),
    (f"{_A}.ofType(Coding).code", {"a"}),
    # Only where(), exists(), all(), select() and aggregate() have an $index of their own.
    ("%group.item.select(item.where(linkId='a').take($index))", {"group", "a"}),
    ("%resource.item.select(item.where(linkId='a').take($index)).answer.value", None),
    ("%resource.item.select(item.where(linkId='a').first().combine($index))", None),
    ("%resource.item.select(item.where(linkId='a').repeat(item.where($index > 0)))", None),
    ("%resource.item.select(%qitem.repeat(iif($index > 0, code, text)))", None),
    (f"%resource.item.select({_A}.all($index > 0))", None),
    (f"{_A}.all($index > 0)", {"a"}),
    # Where there is anything it fails, whatever is there.
    ("%group.where(linkId='gb' and ((1 | 2 | 3) > 1)).count()", {"group", "gb"}),
    ("%resource.item.where(linkId='a' and ((1 | 2 | 3) > 1)).count()", None),
)


@pytest.mark.parametrize(("expression", "expected"), READ)
def test_the_items_that_an_expression_reads(expression: str, expected: Any) -> None:
    assert linkids(expression, VARIABLES, "here") == expected


def test_the_focus_of_the_whole_response_may_be_any_item() -> None:
    assert linkids("%context.answer.value", {}) is None
    assert linkids("answer.value", {}) is None


def test_a_variable_reads_what_its_own_place_sees() -> None:
    root = Sources({"x": "%resource.item.where(linkId='outer')", "y": "%x.answer.value"})
    inner = root.inside({"x": "item.where(linkId='inner')", "z": "%x.answer.value + %y"})
    assert inner.linkids("%y", None) == frozenset({"outer"})
    assert inner.linkids("%z", None) == frozenset({"outer", "inner"})
    assert root.linkids("%z + %y", None) == frozenset({"outer"})
    assert root.inside({}) is root


def test_a_chain_of_a_thousand_variables_is_followed() -> None:
    chain = {
        f"v{at}": f"%v{at - 1} + %resource.item.where(linkId='q{at}').answer.value"
        for at in range(1, 1000)
    }
    sources = Sources({**chain, "v0": "1"})
    read = sources.linkids("%v999", None)
    assert read == frozenset(f"q{at}" for at in range(1, 1000))
    assert sources.linkids("%v999 + 1", None) is read


@pytest.mark.parametrize(
    "expression",
    [
        "%resource.item.where(linkId ~ 'S').answer.value",
        f"{_A}.take(iif(%resource.item.where(linkId='s').answer.value, 1, 0)).exists()",
        "%resource.item.where(linkId='c').repeat(%resource.item.where(linkId='s')).exists()",
        "%resource.item.where((linkId='a' and %s) or linkId='c').exists()",
    ],
)
def test_what_is_worked_out_of_safety_in_any_way_is_safety(expression: str) -> None:
    masked = {
        "url": "https://template-service.example/fhir/StructureDefinition/sdoh-masked",
        "valueBoolean": True,
    }
    form = form_of(
        {"linkId": "s", "type": "boolean", "extension": [masked]},
        {"linkId": "a", "type": "boolean"},
        calculated("c", expression, "boolean"),
        calculated("d", f"{_A}.count()"),
        variables=(variable("s", "%resource.item.where(linkId='s').answer.value"),),
    )
    assert private_items(form) == {"s", "c"}


Json = dict[str, Any]

# The small form of the property: g holds a and b; c and d stand beside it, and e in c's answer.
_AROUND = {"g": "g", "a": "g", "b": "g", "c": "c", "d": "d", "e": "c"}
_FORM = compile_questionnaire(
    {
        "resourceType": "Questionnaire",
        "status": "active",
        "item": [
            {
                "linkId": "g",
                "type": "group",
                "item": [
                    {"linkId": "a", "type": "integer", "repeats": True},
                    {"linkId": "b", "type": "boolean"},
                ],
            },
            {
                "linkId": "c",
                "type": "string",
                "item": [{"linkId": "e", "type": "integer", "repeats": True}],
            },
            {"linkId": "d", "type": "boolean"},
        ],
    }
)
_SIGNS = ("+", "-", "*", "/", "&", "<=", "|")


def _made(random: Random, depth: int) -> str:
    """A collection; of $this, $index and $total where it stands inside a function."""
    if depth <= 0:
        return random.choice(
            (
                *(f"%resource.{way}.where({_link(random)})" for way in ("item", "repeat(item)")),
                f"%resource.descendants().where({_link(random)}).answer.value",
                *("$this", "item", "answer.value", "%questionnaire.item", "(1 | 2)", "%x"),
                *("%resource.item", "$index", "$total"),
            )
        )
    inner, base = _made(random, depth - 1), _made(random, depth - random.randint(1, 2))
    return random.choice(
        (
            *(f"{base}.{_step(random, depth)}" for _ in range(4)),
            f"{base}.{_step(random, depth)}.where({_link(random)})",
            f"({base} | {inner})",
            f"{base}[{_number(random, depth)}]",
            f"%resource.repeat(item).where({_test(random, depth)})",
        )
    )


def _link(random: Random) -> str:
    link_id = random.choice("gabcde")
    others = (f"'{link_id}' = linkId", f"linkId in ('{link_id}' | 'b')")
    return random.choice((*[f"linkId = '{link_id}'"] * 3, *others))


def _test(random: Random, depth: int) -> str:
    inner, link = _made(random, depth - 1), _link(random)
    if depth > 0 and random.random() < 0.5:
        sign = random.choice(("and", "and", "or", "xor", "implies"))
        return f"({_test(random, depth - 1)} {sign} {_test(random, depth - 1)})"
    return random.choice(
        (
            *(link, link, f"linkId ~ '{random.choice('GABCDE')}'", "answer.exists()"),
            *("answer.value = 1", "answer.value > 1", "$index = 1", f"{inner}.exists()"),
            *(f"{inner}.empty().not()", f"{inner}.all({link})", f"{inner}.exists({link})"),
        )
    )


def _number(random: Random, depth: int) -> str:
    inner, test = _made(random, depth - 2), _test(random, depth - 1)
    return random.choice(("0", "1", "$index", f"{inner}.count()", f"iif({test}, 1, 0)", inner))


def _step(random: Random, depth: int) -> str:
    inner, other = _made(random, depth - 1), _made(random, depth - 2)
    of_two = ("combine", "union", "intersect", "exclude", "trace", "subsetOf", "coalesce")
    return random.choice(
        (
            *("item", "answer", "answer.value", "linkId", "first()", "last()", "tail()"),
            *("single()", "distinct()", "ofType(boolean)", "as(boolean)", "children()", "count()"),
            *(f"where({_test(random, depth - 1)})", f"where({_link(random)})"),
            f"{random.choice(('take', 'skip'))}({_number(random, depth)})",
            *(f"{name}({inner})" for name in ("select", "repeat", "repeat", "select")),
            f"select({inner} {random.choice(_SIGNS)} {other})",
            f"{random.choice(of_two)}({inner})",
            f"aggregate({inner}, {other})",
            f"iif({_test(random, depth - 1)}, {inner}, {other})",
        )
    )


_ANSWERS = {
    "a": st.lists(st.sampled_from(({"valueInteger": 1}, {"valueInteger": 2})), max_size=2),
    "b": st.lists(st.sampled_from(({"valueBoolean": True}, {"valueBoolean": False})), max_size=1),
    "d": st.lists(st.just({"valueBoolean": True}), max_size=1),
    "e": st.lists(st.sampled_from(({"valueInteger": 1}, {"valueInteger": 3})), max_size=2),
    "c": st.lists(st.sampled_from(({"valueString": "s"}, {"valueString": "t"})), max_size=1),
}
_ANSWERED = st.fixed_dictionaries(_ANSWERS)


def _response(answers: dict[str, list[Json]]) -> Json:
    found = {
        name: [{"linkId": name, "answer": given}] if given else []
        for name, given in answers.items()
    }
    # What is inside a question stays when its own answer goes.
    held = answers["c"] or ([{}] if answers["e"] else [])
    held = [{**each, "item": found["e"]} if found["e"] else each for each in held]
    items = [
        {"linkId": "g", "item": [*found["a"], *found["b"]]},
        *([{"linkId": "c", "answer": held}] if held else []),
        *found["d"],
    ]
    return {"resourceType": "QuestionnaireResponse", "status": "completed", "item": items}


def _result(expression: str, answers: dict[str, list[Json]]) -> Any:
    try:
        return Scope.of(_FORM, _response(answers), {"x": [1]}).evaluate(expression)
    except QuestionnaireError:
        return QuestionnaireError


@settings(max_examples=300)
@given(seed=st.integers(0, 2**32), answers=_ANSWERED, others=_ANSWERED)
def test_what_an_expression_does_not_read_never_changes_what_it_gives(
    seed: int, answers: dict[str, list[Json]], others: dict[str, list[Json]]
) -> None:
    expression = _made(Random(seed), 3)
    read = linkids(expression, {})
    if read is None:
        return
    before = _result(expression, answers)
    for name, given_instead in others.items():
        # Whoever reads an item reads what is inside it.
        if not read & {name, _AROUND[name]}:
            assert _result(expression, {**answers, name: given_instead}) == before, expression
