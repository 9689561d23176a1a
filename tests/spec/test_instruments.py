"""The shipped instruments come to what their authors say, case by case.

Sources: Hager et al. 2010 (Hunger Vital Sign), Sohal, Eldridge, Feder 2007 (HARK), the Office for
National Statistics (loneliness, ONS4), Kroenke et al. 2009 and the NINDS common data elements
(PHQ-4). The cases of `../shared/content/instruments.json` are run beside our own.
"""

import itertools
import json
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from template_service.questionnaire.definition import compile_questionnaire
from template_service.questionnaire.form import Form
from template_service.questionnaire.scoring import score_report
from template_service.questionnaire.validation import validate
from tests.spec.reading import artefact

YES, NO = "yes", "no"
OFTEN, SOMETIMES, NEVER, UNKNOWN = "LA28397-0", "LA6729-3", "LA28398-8", "LA15775-2"
AT_RISK, NO_RISK = "LA19952-3", "LA19983-8"
HVS = ("hvs.worried", "hvs.ran-out")
HARK = ("hark.humiliation", "hark.afraid", "hark.rape", "hark.kick")
PHQ4 = ("phq4.nervous", "phq4.worry", "phq4.interest", "phq4.down")
PHQ4_ANSWERS = ("not-at-all", "several-days", "more-than-half-the-days", "nearly-every-day")


@cache
def instrument(name: str) -> Form:
    """A shipped questionnaire, compiled."""
    return compile_questionnaire(artefact("Questionnaire", name))


def content(shared: Path) -> dict[str, Any]:
    """What the content says of each instrument, by its id there."""
    file = shared / "content" / "instruments.json"
    return {each["id"]: each for each in json.loads(file.read_bytes())["instruments"]}


def answered(questionnaire: str, given: dict[str, str | int | None]) -> dict[str, Any]:
    """A sound response with these codes or numbers, in the places the questionnaire gives them."""
    form = instrument(questionnaire)

    def written(items: Any) -> list[dict[str, Any]]:
        found = []
        for item in items:
            inside, value = written(item.children), given.get(item.link_id)
            if isinstance(value, int):
                found.append({"linkId": item.link_id, "answer": [{"valueInteger": value}]})
            elif value is not None:
                answer = item.by_code[value].as_answer()
                found.append({"linkId": item.link_id, "answer": [answer]})
            elif inside:
                found.append({"linkId": item.link_id, "item": inside})
        return found

    response = {
        "resourceType": "QuestionnaireResponse",
        "questionnaire": form.canonical,
        "status": "completed",
        "item": written(form.roots),
    }
    return {name: value for name, value in response.items() if value != []}


def calculated(questionnaire: str, given: dict[str, str | int | None]) -> dict[str, Any]:
    """What an instrument comes to: linkId -> number or code."""
    form = instrument(questionnaire)
    response = answered(questionnaire, given)
    assert validate(form, response).problems == ()
    found = score_report(form, response)["calculated"]
    return {name: each["code"] if isinstance(each, dict) else each for name, each in found.items()}


@pytest.mark.parametrize(
    ("worried", "ran_out", "risk"),
    [
        (OFTEN, OFTEN, AT_RISK),
        (NEVER, SOMETIMES, AT_RISK),
        (SOMETIMES, NEVER, AT_RISK),
        (None, OFTEN, AT_RISK),
        (UNKNOWN, SOMETIMES, AT_RISK),
        (NEVER, NEVER, NO_RISK),
        (NEVER, None, None),
        (UNKNOWN, NEVER, None),
        (UNKNOWN, UNKNOWN, None),
        (None, UNKNOWN, None),
        (None, None, None),
    ],
)
def test_hunger_vital_sign(worried: str | None, ran_out: str | None, risk: str | None) -> None:
    found = calculated("hunger-vital-sign", dict(zip(HVS, (worried, ran_out), strict=True)))
    assert found.get("hvs.risk") == risk


@pytest.mark.parametrize(
    ("given", "score", "result"),
    [
        ((YES, NO, NO, NO), 1, "positive"),
        ((NO, NO, YES, YES), 2, "positive"),
        ((YES, YES, YES, YES), 4, "positive"),
        ((NO, NO, NO, NO), 0, "negative"),
        ((None, YES, None, None), None, "positive"),
        ((NO, NO, NO, None), None, None),
        ((None, None, None, None), None, None),
    ],
)
def test_hark(given: tuple[str | None, ...], score: int | None, result: str | None) -> None:
    found = calculated("hark", dict(zip(HARK, given, strict=True)))
    assert (found.get("hark.score"), found.get("hark.result")) == (score, result)


@pytest.mark.parametrize("question", HARK)
def test_any_yes_to_hark_raises_the_card_of_domestic_abuse(question: str) -> None:
    form = instrument("hark")
    report = score_report(form, answered("hark", {question: YES}))
    assert report["urgent"] == ["domestic_abuse"]
    assert report["masked_on_screen"] == ["domestic_abuse"]


def test_no_to_every_question_of_hark_raises_nothing() -> None:
    form = instrument("hark")
    report = score_report(form, answered("hark", dict.fromkeys(HARK, NO)))
    assert report["urgent"] == []


def test_all_of_hark_is_safety_content() -> None:
    form = instrument("hark")
    assert all(item.masked and item.gate == "seen-alone" for item in form.items.values())


def test_the_card_of_hark_is_the_card_of_the_template() -> None:
    ours = instrument("hark").cards["domestic_abuse"]
    template = instrument("leeds-social-determinants").cards["domestic_abuse"]
    assert replace(ours, domain=template.domain) == template


BANDS = {"none": (0, 2), "mild": (3, 5), "moderate": (6, 8), "severe": (9, 12)}


def test_phq4_by_its_rule_for_every_set_of_answers() -> None:
    for given in itertools.product(range(4), repeat=4):
        codes = [PHQ4_ANSWERS[each] for each in given]
        anxiety, depression = sum(given[:2]), sum(given[2:])
        total = anxiety + depression
        [band] = [name for name, (low, high) in BANDS.items() if low <= total <= high]
        assert calculated("phq-4", dict(zip(PHQ4, codes, strict=True))) == {
            "phq4.anxiety": anxiety,
            "phq4.anxiety-screen": "positive" if anxiety >= 3 else "negative",
            "phq4.depression": depression,
            "phq4.depression-screen": "positive" if depression >= 3 else "negative",
            "phq4.total": total,
            "phq4.band": band,
        }, given


@pytest.mark.parametrize("missing", PHQ4)
def test_phq4_has_no_score_where_a_question_is_open(missing: str) -> None:
    given: dict[str, str | int | None] = dict.fromkeys(PHQ4, "several-days")
    given[missing] = None
    found = calculated("phq-4", given)
    part = "depression" if missing in PHQ4[:2] else "anxiety"
    assert found == {f"phq4.{part}": 2, f"phq4.{part}-screen": "negative"}


def test_ons4_and_loneliness_come_to_no_score() -> None:
    for questionnaire in ("ons4", "ons-loneliness"):
        form = instrument(questionnaire)
        assert not [item for item in form.items.values() if item.calculated]
        assert form.weighted == ()


@pytest.mark.parametrize("answer", range(11))
def test_ons4_takes_0_to_10(answer: int) -> None:
    assert calculated("ons4", {"ons4.satisfied": answer, "ons4.anxious": 10 - answer}) == {}


@pytest.mark.parametrize("answer", [-1, 11])
def test_ons4_takes_nothing_else(answer: int) -> None:
    form = instrument("ons4")
    [problem] = validate(form, answered("ons4", {"ons4.happy": answer})).errors
    assert problem.link_id == "ons4.happy"


def test_the_words_are_those_of_the_content(shared: Path) -> None:
    said = content(shared)
    words = {
        "hunger-vital-sign": [each["text"] for each in said["hvs"]["items"]],
        "hark": [each["text"] for each in said["hark"]["items"]],
        "ons-loneliness": [said["ons_lonely"]["items"][0]["text"], *said["ons_lonely"]["options"]],
        "ons4": said["ons4"]["items"],
        "phq-4": [
            said["phq4"]["stem"],
            *said["phq4"]["items"],
            *(each["text"] for each in said["phq4"]["options"]),
        ],
    }
    for questionnaire, texts in words.items():
        form = instrument(questionnaire)
        shown = {item.text.replace("’", "'") for item in form.items.values()}
        shown |= {option.display for item in form.items.values() for option in item.options}
        assert set(texts) - shown == set(), questionnaire


def test_the_worked_examples_of_the_content(shared: Path) -> None:
    said = content(shared)
    for example in said["hark"]["examples"]:
        codes = [YES if each else NO for each in example["in"]]
        found = calculated("hark", dict(zip(HARK, codes, strict=True)))
        assert (found["hark.score"], found["hark.result"]) == (example["score"], example["result"])
    for example in said["phq4"]["examples"]:
        codes = [PHQ4_ANSWERS[each] for each in example["in"]]
        found = calculated("phq-4", dict(zip(PHQ4, codes, strict=True)))
        for name in example.keys() & {"total", "band"}:
            assert found[f"phq4.{name}"] == example[name]
        for name in example.keys() & {"anxiety", "depression"}:
            assert found[f"phq4.{name}-screen"] == example[name]
