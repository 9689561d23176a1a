"""Codes that are known here must say what they say here."""

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from template_service.questionnaire.checking.check import check
from template_service.questionnaire.checking.known_codes import SNOMED, known_codes
from tests.unit.questionnaire.checking.conftest import Json, coded, item, questionnaire

Said = Callable[..., list[tuple[str, str, str]]]
OURS = "https://template-service.example/fhir/CodeSystem/template-answers"


def offering(system: str, code: str, display: str) -> Json:
    option = {"valueCoding": {"system": system, "code": code, "display": display}}
    return item("x", "choice", answerOption=[option])


@pytest.fixture
def snomed() -> tuple[str, str]:
    """A code of SNOMED CT known here, with its term."""
    code, terms = next(iter(sorted(known_codes()[SNOMED].items())))
    return code, min(terms)


def test_a_known_code_with_another_term_is_named(said: Said, snomed: tuple[str, str]) -> None:
    code, term = snomed
    [(severity, place, message)] = said(offering(SNOMED, code, "Something else"))
    assert severity == "warning"
    assert place == "Questionnaire.item[0].answerOption[0].valueCoding.display"
    assert code in message
    assert term in message


def test_case_and_the_semantic_tag_do_not_matter(said: Said, snomed: tuple[str, str]) -> None:
    code, term = snomed
    bare = term.split(" (")[0]
    assert said(offering(SNOMED, code, bare.upper())) == []
    assert said(offering(SNOMED, code, f"{bare} (finding)")) == []


def test_our_own_codes_are_all_known(said: Said) -> None:
    code, terms = next(iter(known_codes()[OURS].items()))
    assert said(offering(OURS, code, next(iter(terms)))) == []
    [(_, _, other)] = said(offering(OURS, code, "Something else"))
    assert "not by this display" in other
    [(_, _, unknown)] = said(offering(OURS, "no-such-code", "x"))
    assert "is no code of" in unknown


def test_other_systems_are_named_once() -> None:
    problems = check(
        questionnaire(
            item("x", "choice", answerOption=[coded("a"), coded("b")], code=[{"code": "c"}])
        )
    )
    assert [(one.severity, one.expression) for one in problems] == [
        ("information", "Questionnaire.item[0].code[0]"),
        ("information", "Questionnaire.item[0].answerOption[0].valueCoding"),
    ]


def test_options_without_codes(said: Said) -> None:
    [(severity, _, message)] = said(item("x", "choice", answerOption=[{"valueString": "a"}]))
    assert (severity, "without codes" in message) == ("information", True)
    [(severity, place, _)] = said(
        item("x", "choice", answerOption=[{"valueCoding": {"display": "A"}}])
    )
    assert (severity, place) == ("warning", "Questionnaire.item[0].answerOption[0]")


def test_contained_value_sets_are_looked_at(said: Said, snomed: tuple[str, str]) -> None:
    concept = {"code": snomed[0], "display": "Something else"}
    compose: Any = {"include": [{"system": SNOMED, "concept": [concept]}]}
    held = {"resourceType": "ValueSet", "id": "v", "compose": compose}
    chooses = item("x", "choice", answerValueSet="#v")
    [(_, place, _)] = said(chooses, contained=[held])
    assert place == "Questionnaire.contained[0].compose.include[0].concept[0].display"


def test_the_terms_of_snomed_are_the_verified_ones(shared: Path) -> None:
    with (shared / "content" / "codes.csv").open(encoding="utf-8", newline="") as lines:
        verified = {
            (row["code"], row["term"])
            for row in csv.DictReader(lines)
            if (row["system"], row["status"]) == (SNOMED, "VERIFIED")
        }
    known = {(code, term) for code, terms in known_codes()[SNOMED].items() for term in terms}
    assert verified <= known
