"""What people read, and what a questionnaire says of itself."""

from collections.abc import Callable
from typing import Any

import pytest

from template_service.questionnaire.checking.check import check
from tests.unit.questionnaire.checking.conftest import R4, SDC, Json, item, questionnaire

Said = Callable[..., list[tuple[str, str, str]]]


def into(language: str, text: str) -> Json:
    parts = [{"url": "lang", "valueCode": language}, {"url": "content", "valueString": text}]
    return {"extension": [{"url": f"{R4}translation", "extension": parts}]}


def test_a_sound_questionnaire_has_nothing_against_it(said: Said) -> None:
    assert said(item("x")) == []


@pytest.mark.parametrize(
    ("name", "severity"),
    [
        ("url", "warning"),
        ("version", "information"),
        ("title", "information"),
        ("language", "information"),
        ("status", "warning"),
    ],
)
def test_what_it_should_say_of_itself(name: str, severity: str) -> None:
    lacking = questionnaire(item("x"))
    del lacking[name]
    [problem] = check(lacking)
    assert (problem.severity, problem.expression) == (severity, f"Questionnaire.{name}")


@pytest.mark.parametrize(
    ("url", "words"),
    [
        (None, "There is no url"),
        ("", "There is no url"),
        ("https://example.org/a form", "The url is malformed"),
        ("https://example.org/form|1", "The url is malformed"),
        (7, "The url is malformed"),
    ],
)
def test_a_url_that_is_missing_and_one_that_is_malformed(url: Any, words: str) -> None:
    problems = check(questionnaire(item("x")) | {"url": url})
    told = [one.message for one in problems if one.expression == "Questionnaire.url"]
    assert any(words in message for message in told)
    assert not any("no url" in message for message in told) or not url


@pytest.mark.parametrize("status", ["on", 1, ["draft"], {}])
def test_a_status_that_is_none(status: Any) -> None:
    problems = check(questionnaire(item("x")) | {"status": status})
    assert any(one.expression == "Questionnaire.status" for one in problems)


def test_texts_that_lack_a_translation(said: Said) -> None:
    first = item("x", _text=into("es", "Pregunta"))
    missing = said(first, item("y"), _title=into("es", "Comprobado"))
    assert [(severity, place) for severity, place, _ in missing] == [
        ("warning", "Questionnaire.item[1].text")
    ]
    assert "into es" in missing[0][2]


def test_a_language_that_is_hardly_there_is_not_told_for_ever(said: Said) -> None:
    many = [item(f"q{number}") for number in range(80)]
    problems = said(*many, _title=into("es", "Comprobado"))
    assert len(problems) == 51
    assert any("30 more texts lack es" in message for _, _, message in problems)


@pytest.mark.parametrize(
    "text", ["<script>alert(1)</script>", "a <b>bold</b> word", "<!doctype x>"]
)
def test_html_in_a_text_is_told(said: Said, text: str) -> None:
    [(severity, place, message)] = said(item("x") | {"text": text})
    assert (severity, place) == ("information", "Questionnaire.item[0].text")
    assert "shown as text" in message


def test_html_in_an_option_is_told(said: Said) -> None:
    option = {"valueCoding": {"system": "urn:x", "code": "a", "display": "<img src=x>"}}
    [(_, place, _)] = said(item("x", "choice", answerOption=[option]))
    assert place == "Questionnaire.item[0].answerOption[0].valueCoding"


@pytest.mark.parametrize("text", ["a < b and c > d", "1 <2", "<>", "ask & tell"])
def test_signs_are_no_html(said: Said, text: str) -> None:
    assert said(item("x") | {"text": text}) == []


def test_a_question_needs_words(said: Said) -> None:
    [(severity, _, message)] = said({"linkId": "x", "type": "string"})
    assert (severity, "has no text" in message) == ("warning", True)
    group = {"linkId": "g", "type": "group", "item": [item("x")]}
    assert said(group) == []


def test_what_must_be_assembled_first(said: Said) -> None:
    module = {"url": f"{SDC}subQuestionnaire", "valueCanonical": "https://example.org/m|1"}
    [(severity, place, message)] = said(item("x", "display", extension=[module]))
    assert (severity, place) == ("warning", "Questionnaire.item[0]")
    assert "$assemble" in message


@pytest.mark.parametrize("given", [["Patient", "Person"], ["Encounter"]])
def test_types_of_subject(said: Said, given: Any) -> None:
    assert said(item("x"), subjectType=given) == []


@pytest.mark.parametrize("given", [["patient"], ["Patient", "HumanName"], [1], "Patient", []])
def test_types_of_subject_that_are_none(said: Said, given: Any) -> None:
    assert [one[:2] for one in said(item("x"), subjectType=given)] == [
        ("warning", "Questionnaire.subjectType")
    ]
