"""The hidden level items compute what the engine computes, so any FHIR form filler does too."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from template_service.questionnaire.answers import read_answers
from template_service.questionnaire.definition import compile_questionnaire
from template_service.questionnaire.scoring import score
from tests.spec.reading import (
    EXCLUSIVE,
    ITEM_WEIGHT,
    Resource,
    calculated,
    domain_groups,
    extensions,
    items,
    items_by_link_id,
    option_codes,
    response,
    template,
    value,
)

TEMPLATE = template()
FORM = compile_questionnaire(TEMPLATE)
ITEMS = items_by_link_id(TEMPLATE)
GROUPS = {group["linkId"]: group for group in domain_groups(TEMPLATE)}
OFTEN = (False, True, True)
SELDOM = (False, False, False, True)
Answers = dict[str, list[str | bool]]


def some(draw: st.DrawFn, item: Resource, codes: list[str]) -> list[str | bool]:
    """Answers a form filler would let a person give to an item, out of some of its codes."""
    if not item.get("repeats"):
        return [draw(st.sampled_from(codes))]
    alone = {
        option["valueCoding"]["code"] for option in item["answerOption"] if value(option, EXCLUSIVE)
    }
    chosen = draw(st.lists(st.sampled_from(codes), min_size=1, max_size=3, unique=True))
    return next(([code] for code in chosen if code in alone), list(chosen))


def is_shown(item: Resource, answers: Answers) -> bool:
    when = item.get("enableWhen", [])
    return not when or any(
        each["answerCoding"]["code"] in answers.get(each["question"], []) for each in when
    )


def disclosures(domain: str, item: Resource) -> list[str]:
    """The codes that count even where the item is not shown (rules.md, rule 4a)."""
    return [
        option["valueCoding"]["code"]
        for option in item["answerOption"]
        if value(option, "sdoh-urgent") or (domain == "safety" and value(option, ITEM_WEIGHT))
    ]


@st.composite
def answers_to(draw: st.DrawFn, domain: str) -> Answers:
    """Answers to one domain and what bears on it; a disclosure may arrive unasked."""
    answers: Answers = {}
    for link_id in ("household", "health", "urgent", f"{domain}.screen"):
        if draw(st.booleans()):
            answers[link_id] = some(draw, ITEMS[link_id], option_codes(ITEMS[link_id]))
    if draw(st.booleans()):
        answers["asked-rest"] = [draw(st.booleans())]
    group = ITEMS[f"{domain}.follow-up"]
    for item in items(group):
        if item["type"] != "choice":
            continue
        shown = is_shown(group, answers) and is_shown(item, answers)
        codes = option_codes(item) if shown else disclosures(domain, item)
        if codes and draw(st.sampled_from(OFTEN if shown else SELDOM)):
            answers[item["linkId"]] = some(draw, item, codes)
    return answers


def levels(domain: str, answers: Answers) -> tuple[Any, Any]:
    """The level of a domain by its expression, and by the engine."""
    resource = response(TEMPLATE, answers)
    found, problems = read_answers(FORM, resource)
    assert problems == ()
    by_engine = score(FORM, found).domains[domain].level
    return calculated(TEMPLATE, resource, f"{domain}.level"), by_engine


@pytest.mark.parametrize("domain", GROUPS)
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_the_expression_of_a_level_gives_what_the_engine_gives(
    domain: str, data: st.DataObject
) -> None:
    by_expression, by_engine = levels(domain, data.draw(answers_to(domain)))
    assert by_expression == by_engine


@pytest.mark.parametrize("domain", GROUPS)
@pytest.mark.parametrize("row", [None, "declined", "unsure", "no-need", "need"])
def test_a_row_alone_gives_the_same_level_either_way(domain: str, row: str | None) -> None:
    floor = 3 if domain == "safety" else 1
    expected = {"need": floor, "no-need": 0}.get(row or "")
    answers: Answers = {f"{domain}.screen": [row]} if row else {}
    assert levels(domain, answers) == (expected, expected)


CIRCUMSTANCES = [
    (each, code) for each in ("household", "health") for code in option_codes(ITEMS[each])
]
MODIFIED = [domain for domain, group in GROUPS.items() if extensions(group, "sdoh-modifier")]


@pytest.mark.parametrize(("question", "circumstance"), CIRCUMSTANCES)
@pytest.mark.parametrize("domain", MODIFIED)
def test_every_circumstance_changes_a_level_the_same_way(
    domain: str, question: str, circumstance: str
) -> None:
    for item in items(ITEMS[f"{domain}.follow-up"]):
        for option in item["answerOption"]:
            if value(option, ITEM_WEIGHT):
                code = option["valueCoding"]["code"]
                answers: Answers = {question: [circumstance], f"{domain}.screen": ["unsure"]}
                by_expression, by_engine = levels(domain, answers | {item["linkId"]: [code]})
                assert by_expression == by_engine, code
