"""Safety content is heard, and nobody expects to extract it."""

from collections.abc import Callable
from typing import Any

import pytest

from template_service.questionnaire.definition import compile_questionnaire
from template_service.web.questionnaire_holding import cannot_be_asked
from tests.unit.questionnaire.checking.conftest import (
    R4,
    SDC,
    Json,
    coded,
    expression,
    item,
    questionnaire,
)

Said = Callable[..., list[tuple[str, str, str]]]
BASE = "https://example.org/StructureDefinition/"
CODE = [{"system": "https://example.org/s", "code": "a"}]
OBSERVED = {"url": f"{SDC}observationExtract", "valueBoolean": True}
NOT_OBSERVED = {"url": f"{SDC}observationExtract", "valueBoolean": False}
MASKED = {"url": f"{BASE}sdoh-masked", "valueBoolean": True}


GATED = {"url": f"{BASE}sdoh-display-gate", "valueCode": "seen-alone"}


@pytest.mark.parametrize("mark", [MASKED, GATED])
def test_safety_content_is_not_expected_to_be_extracted(said: Said, mark: Json) -> None:
    def safety(*more: Json) -> Json:
        return group(item("y", "boolean", code=CODE), mark, *more)

    [(severity, place, message)] = said(safety(), extension=[OBSERVED])
    assert (severity, place) == ("error", "Questionnaire.item[0]")
    assert "safety content, which is never extracted" in message
    assert said(safety(NOT_OBSERVED), extension=[OBSERVED]) == []
    assert said(safety()) == []


WEIGHT = {"url": f"{R4}itemWeight", "valueDecimal": 1}
URGENT = {"url": f"{BASE}sdoh-urgent", "valueCode": "help"}
CARD = {
    "url": f"{BASE}sdoh-urgent-card",
    "extension": [
        {"url": "card", "valueCoding": {"code": "help", "display": "Help"}},
        {"url": "derived", "valueBoolean": True},
        {"url": "owner", "valueString": "clinician, same day"},
        {"url": "action", "valueString": "Ring them"},
    ],
}


def answered(*of_yes: Json, **more: Any) -> Json:
    options = [coded("yes", extension=list(of_yes)) if of_yes else coded("yes"), coded("no")]
    return item("y", "choice", answerOption=options, **more)


def group(inside: Json, *extensions: Json) -> Json:
    return item("g", "group", item=[inside], extension=[*extensions])


def test_a_disclosure_that_alarms_nobody(said: Said) -> None:
    [(severity, place, message)] = said(group(answered(WEIGHT), MASKED))
    assert (severity, place) == ("warning", "Questionnaire.item[0].item[0]")
    assert "'Yes' discloses something but raises no urgent card" in message
    assert said(group(answered(WEIGHT, URGENT), MASKED, CARD)) == []
    assert said(group(answered(WEIGHT))) == []


def test_masked_questions_that_nobody_hears_of(said: Said) -> None:
    [(severity, place, message)] = said(group(answered(), MASKED))
    assert (severity, place) == ("warning", "Questionnaire.item[0]")
    assert "no answer here raises an urgent card" in message
    gate = {"url": f"{BASE}sdoh-display-gate", "valueCode": "seen-alone"}
    assert len(said(group(answered(), gate))) == 1
    # Not every question beside one that raises a card discloses anything.
    assert said(group(answered(), MASKED, CARD)) == []


def test_a_masked_result_discloses_nothing_itself(said: Said) -> None:
    calculated = expression("calculatedExpression", "%resource.item.answer.value.first()")
    assert said(group(answered(extension=[calculated]), MASKED)) == []


def rows(*inside: Json) -> Json:
    return item("rows", "group", repeats=True, item=list(inside))


@pytest.mark.parametrize(
    "items",
    [
        [rows(answered(URGENT, extension=[MASKED, CARD]))],
        [rows(group(answered(MASKED), CARD))],
        [group(item("y", repeats=True), MASKED)],
    ],
)
def test_safety_in_rows_cannot_be_asked(said: Said, items: list[Json]) -> None:
    [(severity, _, message)] = [one for one in said(*items) if "in rows" in one[2]]
    assert severity == "warning"
    assert "Cannot be asked on this page yet" in message
    form = compile_questionnaire(questionnaire(*items))
    assert cannot_be_asked(form)


@pytest.mark.parametrize(
    "items",
    [
        [rows(item("name")), answered(URGENT, extension=[MASKED, CARD])],
        [answered(URGENT, extension=[MASKED, CARD], repeats=True)],
    ],
)
def test_safety_beside_rows_can_be_asked(said: Said, items: list[Json]) -> None:
    assert said(*items) == []
    assert not cannot_be_asked(compile_questionnaire(questionnaire(*items)))


def test_what_may_read_anything_is_kept_back(said: Said) -> None:
    safety = answered(URGENT, extension=[MASKED, CARD])
    anything = expression("calculatedExpression", "%resource.descendants().count()")
    known = expression("calculatedExpression", "%resource.item.where(linkId='a').answer.count()")
    counting = item("n", "integer", extension=[anything])
    [(severity, place, message)] = said(safety, counting, item("a"))
    assert (severity, place) == ("information", "Questionnaire.item[1]")
    assert "It may read safety answers, so it is shown to nobody who must not see them" in message
    assert said(safety, item("n", "integer", extension=[known]), item("a")) == []
    assert said(counting, item("a")) == []
    assert (
        said(item("s", "group", extension=[MASKED, CARD], item=[answered(URGENT), counting])) == []
    )
