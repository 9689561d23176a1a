"""What the result of a questionnaire keeps back is in the private notes, and nowhere else."""

from datetime import timedelta
from typing import Any

import pytest

from template_service import clock
from template_service.questionnaire.definition import compile_questionnaire
from template_service.questionnaire.privacy import private_items
from template_service.service import Service
from template_service.web.private_answers import private_answers
from template_service.web.questionnaire_gate import Sight
from template_service.web.questionnaire_result import Line, answer_lines
from tests.web.conftest import make_person
from tests.web.questionnaire.conftest import AddForm
from tests.web.questionnaire.filling import Filling
from tests.web.questionnaire.test_losing_nothing import urgent
from tests.web.questionnaire.test_pages import coded, keep_as, stored
from tests.web.questionnaire.test_safety import HURT, MASKED, MIXED, expressed
from tests.web.staff import Staff, words

GATE = MASKED[1:]
Json = dict[str, Any]


def text(link_id: str, **more: Any) -> Json:
    return {"linkId": link_id, "type": "string", "text": f"Ask {link_id}", **more}


def choice(link_id: str, *, kind: str = "choice", **more: Any) -> Json:
    offered = coded(f"{link_id}-plain", f"{link_id}-masked")
    offered[1]["extension"] = MASKED[:1]
    return text(link_id, **{"answerOption": offered, **more}) | {"type": kind}


def group(link_id: str, *items: Json, **more: Any) -> Json:
    return {**text(link_id, **more), "type": "group", "item": list(items)}


IF_HURT = [{"question": "hurt", "operator": "=", "answerCoding": coded("yes")[0]["valueCoding"]}]
FORM: tuple[Json, ...] = (
    *MIXED,
    text("because", enableWhen=IF_HURT),
    text("gated", extension=GATE),
    text("total", extension=[expressed("calculatedExpression", f"{HURT}.code & '-total'")]),
    group("alone", text("in-alone"), extension=MASKED),
    group("open", text("in-open"), text("masked-in-open", extension=MASKED)),
    choice("one"),
    choice("two"),
    choice("three", kind="open-choice"),
    choice("many", kind="open-choice", repeats=True),
    text("around", item=[text("below"), text("masked-below", extension=MASKED)]),
    text("masked-around", extension=MASKED, item=[text("below-masked")]),
    group("row", text("in-row"), text("masked-in-row", extension=MASKED), repeats=True),
    text(
        "hidden",
        extension=[
            HIDDEN := {
                "url": "http://hl7.org/fhir/StructureDefinition/questionnaire-hidden",
                "valueBoolean": True,
            }
        ],
    ),
    group("away", text("in-away"), text("masked-in-away", extension=MASKED), extension=[HIDDEN]),
)


def said(link_id: str, *values: str | Json, inside: tuple[Json, ...] = ()) -> Json:
    answer: list[Json] = [
        {"valueString": each} if isinstance(each, str) else dict(each) for each in values
    ]
    if inside:
        answer[0]["item"] = list(inside)
    return {"linkId": link_id, "answer": answer}


def within(link_id: str, *items: Json) -> Json:
    return {"linkId": link_id, "item": list(items)}


RESPONSE: Json = {
    "item": [
        said("home", "o-home"),
        said("hurt", coded("yes")[0]),
        said("because", "k-because"),
        said("gated", "k-gated"),
        said("total", "k-total"),
        within("alone", said("in-alone", "k-in-alone")),
        within("open", said("in-open", "o-in-open"), said("masked-in-open", "k-in-open")),
        said("one", coded("one-plain")[0]),
        said("two", coded("two-masked")[0]),
        said("three", "k-three"),
        said(
            "many",
            *coded("many-plain", "many-masked"),
            "k-many",
            {"valueCoding": {"system": "urn:other", "code": "7", "display": "k-foreign"}},
        ),
        said(
            "around",
            "o-around",
            inside=(said("below", "o-below"), said("masked-below", "k-below")),
        ),
        said("masked-around", "k-around", inside=(said("below-masked", "k-below-masked"),)),
        within("row", said("in-row", "o-row"), said("masked-in-row", "k-row-one")),
        within("row", said("in-row", "o-second-row"), said("masked-in-row", "k-row-two")),
        said("hidden", "hidden"),
        within("away", said("in-away", "away"), said("masked-in-away", "k-away")),
        said("unknown", "unknown", inside=(said("in-away", "k-unknown"),)),
    ]
}


def told(lines: tuple[Line, ...]) -> list[str]:
    return [each for line in lines for each in (*line.said, *told(line.lines))]


def answered(node: Json) -> list[str]:
    """Every value, and of codings the words."""
    found = []
    for item in node.get("item", ()):
        for answer in item.get("answer", ()):
            value = answer.get("valueString") or answer["valueCoding"]["display"]
            found += [value, *answered(answer)]
        found += answered(item)
    return found


def test_every_answer_is_on_the_result_or_in_the_private_notes_and_safety_in_these_alone() -> None:
    form = compile_questionnaire({"resourceType": "Questionnaire", "item": list(FORM)})
    sight = Sight(private_items(form), sees_safety=True)
    shown = told(answer_lines(form, RESPONSE, sight))
    kept = private_answers(form, RESPONSE, young=False)
    words_kept = [each for _, texts in kept for each in texts.split(", ")]
    assert sorted([*shown, *words_kept]) == sorted(
        each for each in answered(RESPONSE) if each not in ("hidden", "away", "unknown")
    )
    open_codes = {"One-Plain", "Many-Plain"}
    assert {each for each in shown if not each.startswith("o-")} == open_codes
    codes = {"Yes", "Two-Masked", "Many-Masked"}
    assert {each for each in words_kept if not each.startswith("k-")} == codes
    rows = [question for question, texts in kept if "k-row" in texts]
    assert rows == ["Ask row 1: Ask masked-in-row", "Ask row 2: Ask masked-in-row"]


def beside(answer: Json, words_there: str) -> Json:
    """An answer with what was said in words beside it."""
    url = "http://hl7.org/fhir/StructureDefinition/originalText"
    return {**answer, "extension": [{"url": url, "valueString": words_there}]}


def test_words_beside_an_answer_stand_where_it_is_told() -> None:
    form = compile_questionnaire({"resourceType": "Questionnaire", "item": list(FORM)})
    response = {
        "item": [
            said("home", beside({"valueString": "o-home"}, "o-beside")),
            said("hurt", beside(coded("yes")[0], "k-beside-hurt")),
            said("one", beside(coded("one-plain")[0], "k-beside-plain")),
            said("masked-around", beside({"valueString": "k-around"}, "k-beside-text")),
            # Nothing of it can be read but its words.
            said("in-row", beside({}, "o-alone")),
        ]
    }
    shown = told(answer_lines(form, response, Sight(private_items(form), sees_safety=True)))
    assert shown == ["o-home", "o-beside", "o-alone"]
    kept = [texts for _, texts in private_answers(form, response, young=False)]
    assert kept == ["Yes, k-beside-hurt", "One-Plain, k-beside-plain", "k-around, k-beside-text"]


def test_words_beside_an_ordinary_answer_are_read_on_its_result(
    nurse: Staff, service: Service, add_form: AddForm, person_id: str
) -> None:
    form = add_form("kept-beside", text("o"))
    Filling.open(nurse, person_id, form).answer("q:o", "Ordinary").press("save")
    resource = stored(service, person_id, form)
    [item] = resource["item"]
    item["answer"] = [beside(item["answer"][0], "In their own words")]
    keep_as(service, person_id, form, resource)
    page = Filling.open(nurse, person_id, form)
    page.press("finish")
    result = words(page.page)
    assert "Ask o Ordinary In their own words" in result
    assert "In their own words" not in words(nurse.post(f"/people/{person_id}/private"))


def test_what_was_told_alone_is_read_in_the_private_notes(
    nurse: Staff, add_form: AddForm, person_id: str
) -> None:
    form = add_form("kept-back", *MIXED, *FORM[2:4], choice("three", kind="open-choice"))
    page = Filling.open(nurse, person_id, form).answer("gate:seen-alone", "true")
    page.answer("q:hurt", "yes").answer("q:because", "In May").answer("q:gated", "At night")
    page.answer("other:three", "He locks me in").press("save")
    secrets = ("In May", "At night", "He locks me in")
    assert not any(each in page.page.text for each in secrets)
    page.press("finish")
    assert "/results/" in page.page.request.path
    assert not any(each in page.page.text for each in secrets)
    private = words(nurse.post(f"/people/{person_id}/private"))
    assert all(each in private for each in secrets)


@pytest.mark.parametrize(("years", "is_private"), [(14, True), (40, False)])
def test_suicide_under_16_is_read_in_the_private_notes(
    *, years: int, is_private: bool, nurse: Staff, service: Service, add_form: AddForm
) -> None:
    item = choice("u", answerOption=[*urgent(service, "suicidal"), *coded("none")])
    form = add_form("kept-suicide", item)
    person_id = make_person(service, born=clock.today() - timedelta(days=years * 365.25 + 9))
    page = Filling.open(nurse, person_id, form).answer("q:u", "suicidal")
    page.answer("gate:who", "patient").answer("gate:seen-alone", "true").press("finish")
    said_there = words(nurse.post(f"/people/{person_id}/private")).split("What was said")[1]
    assert ("Ask u" in said_there) is is_private
    assert ("Ask u" in words(page.page)) is not is_private


NEEDED: tuple[Json, ...] = (
    MIXED[0],
    {**MIXED[1], "required": True},
    text("who", required=True, enableWhen=IF_HURT),
    text("since", required=True, extension=GATE),
)
ASKED_ALONE = "Needed, and not asked yet"


def result_of(nurse: Staff, person_id: str, form: str, **typed: str) -> str:
    """The words of the result, finished later with the gate shut, without its times."""
    page = Filling.open(nurse, person_id, form).answer("gate:seen-alone", "true")
    for link_id, given in typed.items():
        page.answer(f"q:{link_id}", given)
    page.press("save")
    page = Filling.open(nurse, person_id, form)
    page.press("finish")
    assert "/results/" in page.page.request.path
    return words(page.page).split("Finished at")[1].split("by Nurse")[1]


@pytest.mark.parametrize(
    ("typed", "open_now"),
    [
        ({}, ["Does anybody hurt you?", "Ask since"]),
        ({"hurt": "no", "since": "x"}, []),
        ({"hurt": "yes", "since": "x"}, ["Ask who"]),
        ({"hurt": "yes", "since": "x", "who": "y"}, []),
    ],
)
def test_that_something_is_still_to_be_asked_is_in_the_private_notes_alone(
    typed: dict[str, str], open_now: list[str], nurse: Staff, service: Service, add_form: AddForm
) -> None:
    form = add_form("kept-needed", *NEEDED)
    nobody, somebody = make_person(service), make_person(service)
    assert result_of(nurse, somebody, form, **typed) == result_of(nurse, nobody, form)
    private = words(nurse.post(f"/people/{somebody}/private"))
    asked = private.partition(ASKED_ALONE)[2]
    assert bool(asked) is bool(open_now)
    assert all(each in asked for each in open_now)
    assert "Ask who" not in asked or "Ask who" in open_now


def test_that_some_answers_are_kept_back_is_said_whatever_was_answered(
    nurse: Staff, service: Service, add_form: AddForm
) -> None:
    form = add_form("kept-options", choice("one"), text("o"))
    results = set()
    for code in ("one-plain", "one-masked"):
        person_id = make_person(service)
        result = result_of(nurse, person_id, form, one=code, o="Ordinary")
        results.add("They are kept." in result)
    assert results == {True}
