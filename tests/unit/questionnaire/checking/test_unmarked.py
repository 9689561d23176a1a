"""A question about danger is marked as safety or raises a card, or its author is told."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from template_service.questionnaire.checking.check import check
from tests.unit.questionnaire.checking.conftest import (
    Json,
    choice,
    coded,
    expression,
    item,
    questionnaire,
)
from tests.unit.questionnaire.counting import lines_run

Said = Callable[..., list[tuple[str, str, str]]]
BASE = "https://example.org/StructureDefinition/"
MASKED = {"url": f"{BASE}sdoh-masked", "valueBoolean": True}
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
HURT = "Has anyone at home hurt you?"
LOINC = "http://loinc.org"

# Words of published instruments, and of authors.
DANGERS = [
    HURT,
    "Has your partner ever hit, kicked or punched you?",
    "Have you been slapped or choked by anyone?",
    "Has he slapped you?",
    "Are you afraid of your partner?",
    "Do you ever feel afraid at home?",
    "Has anyone threatened to kill you?",
    "How often does anyone threaten you with harm?",
    "Do you feel unsafe at home?",
    "Do you feel physically and emotionally safe where you currently live?",
    "Has anyone forced you to have sexual activities?",
    "Has anyone made you do something sexual that you did not want to do?",
    "Domestic abuse",
    "Suicidal thoughts",
    "Thoughts that you would be better off dead, or of hurting yourself in some way",
    "The thought of harming myself has occurred to me",
    "Have you been having thoughts about killing yourself?",
    "Have you wished you were dead?",
    "Do you have thoughts of ending your life?",
    "Does anyone control what you do?",
    "HAS ANYONE  BEATEN\nYOU?",
    "Is anyone making you afraid?",
    "Are you scared of someone you live with?",
    "Do you feel controlled by your partner?",
    "Are you being followed or stalked?",
    "Has someone touched you without consent?",
    "Has anyone prevented you from getting food, clothes, wheelchair?",
    "Is anyone taking your money?",
    "Have you had FGM or been cut?",
    "How safe do you feel at home?",
    # What is harmless in one place leaves the danger in another.
    "Has drug abuse made your partner threaten you?",
    "Have you been emotionally abused, alcohol being drunk?",
    "Has a partner abused you after drinking alcohol?",
    "Has anyone done things that hurt you?",
    "Does your medication make you want to harm yourself?",
    "Are you being followed by your ex from the hospital?",
]
HARMLESS = [
    "Have you hit your head?",
    "Does it hurt you to walk?",
    "Are you afraid of falling?",
    "Forced expiratory volume (FEV1)",
    "Has the gas company threatened to shut off services in your home?",
    "Alcohol abuse",
    "Do you feel safe driving?",
    "Is your home safe from damp?",
    "Were you forced to move home because of rent?",
    "Pain killers",
    "Has smoking harmed your lungs?",
    "Threatened miscarriage",
    "Did anyone in your family die of cancer?",
    "Rapid breathing",
    "Do you abuse alcohol or drugs?",
    "Does your pain control what you can do?",
    "Do you control what you eat?",
    "Do you feel safe driving at home?",
    "Feel safe to eat foods living with allergy",
    "Are you afraid of the dentist?",
    "I am afraid of my blood pressure",
    "fear of an injection",
    "Are you afraid of losing your home?",
    "Have you been pushed to pay by debt collectors?",
    "Have you been forced to choose between heating and eating?",
    "Do you take part in violent sports?",
    "Does smoking harm others?",
    "The medication could harm your baby",
    "Has your gas been cut off? Have you been cut off?",
]


@pytest.mark.parametrize("text", DANGERS)
def test_a_question_about_danger_that_nothing_marks(said: Said, text: str) -> None:
    [(severity, place, message)] = said(choice("q", "yes", "no") | {"text": text})
    assert (severity, place) == ("warning", "Questionnaire.item[0]")
    assert "it is not marked as safety (sdoh-masked)" in message
    assert "a disclosure here alarms nobody and everybody can read it" in message


@pytest.mark.parametrize("text", HARMLESS)
def test_the_same_words_about_something_else(said: Said, text: str) -> None:
    assert said(choice("q", "yes", "no") | {"text": text}) == []


def test_the_words_of_an_option(said: Said) -> None:
    options = [coded("money"), coded("da", "Someone threatens me"), coded("none")]
    [(_, place, message)] = said(item("q", "choice", answerOption=options))
    assert place == "Questionnaire.item[0]"
    assert "('threatens me')" in message


def test_the_options_of_a_value_set(said: Said) -> None:
    concepts = [{"code": "sh", "display": "Self-harm"}, {"code": "no", "display": "None"}]
    values = {
        "resourceType": "ValueSet",
        "id": "v",
        "compose": {"include": [{"system": "https://example.org/s", "concept": concepts}]},
    }
    problems = said(item("q", "choice", answerValueSet="#v"), contained=[values])
    assert [place for _, place, text in problems if "danger" in text] == ["Questionnaire.item[0]"]


def filtered(concepts: list[Json]) -> Json:
    """A value set of which nobody can say all it holds."""
    system = {"system": "https://example.org/s"}
    include = [{**system, "concept": concepts}, {**system, "filter": [{}]}]
    return {"resourceType": "ValueSet", "id": "v", "compose": {"include": include}}


def test_a_value_set_is_read_once_however_many_share_it() -> None:
    values = filtered(
        [{"code": str(each), "display": f"Way of life {each}"} for each in range(300)]
    )

    def work(questions: int) -> int:
        asked = [item(f"q{each}", "choice", answerValueSet="#v") for each in range(questions)]
        resource = questionnaire(*asked, contained=[values])
        return lines_run(lambda: check(resource))

    few, more, most = work(1), work(11), work(21)
    assert most - more < 1.2 * (more - few)
    # Once for all: what ten more questions cost has nothing to do with the 300 options.
    assert (more - few) / 10 < 1_500


def test_of_too_much_text_only_so_much_is_read(said: Said) -> None:
    long = "feel afraid of the cold " * 100

    def told(questions: int) -> list[tuple[str, str, str]]:
        return said(*(item(f"q{each}") | {"text": long} for each in range(questions)))

    assert told(10) == []
    [(severity, place, message)] = told(100)
    assert (severity, place) == ("information", "Questionnaire")
    assert "not all of it was read for questions about danger" in message


def test_a_long_list_leaves_the_questions_read(said: Said) -> None:
    values = filtered([{"code": str(each), "display": "x" * 1_000} for each in range(200)])
    hurt = item("hurt") | {"text": HURT}
    problems = said(hurt, item("q", "choice", answerValueSet="#v"), contained=[values])
    assert [text for _, _, text in problems if "'hurt you'" in text]
    assert [text for _, _, text in problems if "not all of it was read" in text]


@pytest.mark.parametrize("code", ["95615-1", "95616-9", "95617-7", "95618-5", "93026-3", "76501-6"])
def test_a_known_code_whatever_the_words(said: Said, code: str) -> None:
    def about(question: Json) -> list[str]:
        return [text for _, _, text in said(question) if "danger" in text]

    assert len(about(item("q", code=[{"system": LOINC, "code": code}]))) == 1
    assert about(item("q", code=[{"system": "https://example.org/s", "code": code}])) == []
    assert about(item("q", code=[{"system": LOINC, "code": "88122-7"}])) == []


def test_a_marked_question_is_heard(said: Said) -> None:
    question = choice("q", "yes", "no") | {"text": HURT}
    options = [coded("yes", extension=[URGENT]), coded("no")]
    assert said({**question, "answerOption": options, "extension": [CARD]}) == []
    marked = said({**question, "extension": [MASKED]})
    assert not any("danger" in text for _, _, text in marked)
    around = item("g", "group", item=[question], extension=[MASKED])
    assert not any("danger" in text for _, _, text in said(around))


def test_what_is_told_already_is_not_told_twice(said: Said) -> None:
    weight = {"url": "http://hl7.org/fhir/StructureDefinition/itemWeight", "valueDecimal": 1}
    options = [coded("yes", extension=[MASKED, weight]), coded("no")]
    [(_, _, message)] = said(item("q", "choice", answerOption=options) | {"text": HURT})
    assert "discloses something but raises no urgent card" in message


def test_a_group_is_told_of_where_nothing_inside_is(said: Said) -> None:
    often = choice("q", "yes", "no") | {"text": "How often?"}
    group = item("g", "group", item=[often]) | {"text": "Violence at home"}
    assert [place for _, place, _ in said(group)] == ["Questionnaire.item[0]"]
    inside = {**group, "item": [{**often, "text": HURT}]}
    assert [place for _, place, _ in said(inside)] == ["Questionnaire.item[0].item[0]"]


def test_what_is_only_shown_or_worked_out_asks_nothing(said: Said) -> None:
    worked_out = expression("calculatedExpression", "1 + 1")
    score = item("score", "integer", extension=[worked_out]) | {"text": "Risk of suicide"}
    assert said(item("note", "display") | {"text": "If anyone hurts you, ring 999."}, score) == []


def test_an_english_translation_is_read(said: Said) -> None:
    url = "http://hl7.org/fhir/StructureDefinition/translation"
    parts = [{"url": "lang", "valueCode": "en-GB"}, {"url": "content", "valueString": HURT}]
    translated: Json = {"extension": [{"url": url, "extension": parts}]}
    question = {**item("q", "boolean"), "text": "Sauging?", "_text": translated}
    problems = said(question, language="de")
    assert [place for _, place, text in problems if "danger" in text] == ["Questionnaire.item[0]"]


WARNED = {
    "sdoh/AHC-questionnaire.json": ["123825", "123826", "123827", "123828"],
    "questionnaires/mycareplanner--AHC-questionnaire.json": [
        *("123825", "123826", "123827", "123828"),
    ],
    # "Do you feel safe at home?"
    "questionnaires/smart-forms--715.R4.json": ["dd6d2e56-4ea5-4556-b2e1-8397f1e53b1d"],
}


def test_of_real_questionnaires_those_that_ask_about_violence_are_warned(shared: Path) -> None:
    found: dict[str, list[str | None]] = {}
    for path in sorted((shared / "data" / "fhir").rglob("*.json")):
        resource: Any = json.loads(path.read_bytes())
        if isinstance(resource, dict) and resource.get("resourceType") == "Questionnaire":
            about = [one.link_id for one in check(resource) if "asks about danger" in one.message]
            if about:
                found[f"{path.parent.name}/{path.name}"] = about
    assert found == WARNED
