"""Which items an expression reads."""

from typing import Any

import pytest

from template_service.questionnaire.expressions.dependencies import Sources, linkids

VARIABLES = {
    "group": "%resource.item.where(linkId='group')",
    "sum": "%group.item.where(linkId='one').answer.value + %other",
    "other": "%resource.descendants().where(linkId='two').answer.value",
    "round": "%round + 1",
    "all": "%resource",
}
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
