"""The pages of questionnaires in the test language, around questions that have their own."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from template_service.web.pseudo_locale import PSEUDO, mirrored
from tests.web.languages.leftovers import leftovers
from tests.web.languages.test_pages import MirroredStaff, assert_speaks
from tests.web.questionnaire.conftest import added
from tests.web.questionnaire.filling import Filling
from tests.web.questionnaire.test_pages import EVERY_TYPE, SDC, TYPED, X, coded
from tests.web.questionnaire.test_populating import CONTEXT, ITEMS
from tests.web.questionnaire.test_rows import CHILDREN
from tests.web.questionnaire.test_safety import MIXED
from tests.web.staff import Staff

TEXTS = frozenset({"text", "title", "display", "prefix"})
CONTROL = f"{X}/questionnaire-itemControl"


def control(code: str) -> list[dict[str, Any]]:
    return [{"url": CONTROL, "valueCodeableConcept": {"coding": [{"code": code}]}}]


# What makes the page say something of its own: a group without words, bounds, help, units of
# one's own, rows without a name, a table, a value worked out, a list that is elsewhere.
MORE: tuple[dict[str, Any], ...] = (
    {
        "linkId": "scale",
        "type": "integer",
        "text": "From to",
        "required": True,
        "extension": [
            {"url": f"{X}/minValue", "valueInteger": 1},
            {"url": f"{X}/maxValue", "valueInteger": 5},
        ],
        "item": [
            {"linkId": "help", "type": "display", "text": "Like so", "extension": control("help")}
        ],
    },
    {
        "linkId": "least",
        "type": "integer",
        "text": "At least",
        "extension": [{"url": f"{X}/minValue", "valueInteger": 1}],
    },
    {
        "linkId": "most",
        "type": "integer",
        "text": "At most",
        "extension": [{"url": f"{X}/maxValue", "valueInteger": 5}],
    },
    {
        "linkId": "folded",
        "type": "group",
        "extension": [
            {"url": f"{SDC}/sdc-questionnaire-collapsible", "valueCode": "default-closed"}
        ],
        "item": [{"linkId": "inside", "type": "string", "text": "Inside"}],
    },
    {
        "linkId": "unnamed",
        "type": "group",
        "repeats": True,
        "item": [{"linkId": "thing", "type": "string", "text": "Thing"}],
    },
    {
        "linkId": "table",
        "type": "group",
        "text": "How often",
        "extension": control("table"),
        "item": [
            {"linkId": "sad", "type": "choice", "text": "Sad", "answerOption": coded("often")},
            {"linkId": "nameless", "type": "choice", "answerOption": coded("often")},
        ],
    },
    {
        "linkId": "grid",
        "type": "group",
        "extension": control("grid"),
        "item": [
            {
                "linkId": "nameless-row",
                "type": "group",
                "item": [{"linkId": "upper", "type": "integer", "text": "Upper"}],
            }
        ],
    },
    {"linkId": "mass", "type": "quantity", "text": "How much"},
    {
        "linkId": "several",
        "type": "open-choice",
        "repeats": True,
        "text": "Or these",
        "answerOption": coded("a"),
    },
    {
        "linkId": "sum",
        "type": "integer",
        "text": "Twice",
        "readOnly": True,
        "extension": [
            {
                "url": f"{SDC}/sdc-questionnaire-calculatedExpression",
                "valueExpression": {
                    "language": "text/fhirpath",
                    "expression": "%resource.item.where(linkId='least').answer.value * 2",
                },
            }
        ],
    },
    {"linkId": "elsewhere", "type": "choice", "text": "Of a list", "answerValueSet": "urn:x"},
    {
        "linkId": "who-else",
        "type": "reference",
        "text": "Who else",
        "extension": [
            {"url": f"{X}/questionnaire-referenceResource", "valueCode": code}
            for code in ("Practitioner", "Patient")
        ],
    },
    {
        "linkId": "follows",
        "type": "string",
        "text": "When it is much",
        "enableWhen": [{"question": "least", "operator": ">", "answerInteger": 7}],
    },
    {"linkId": "month", "type": "date", "text": "A month"},
)


def all_mirrored(node: Any) -> Any:
    """A questionnaire in the test language: each of its own texts stands mirrored."""
    if isinstance(node, dict):
        return {
            key: mirrored(value) if key in TEXTS and isinstance(value, str) else all_mirrored(value)
            for key, value in node.items()
        }
    return [all_mirrored(each) for each in node] if isinstance(node, list) else node


@pytest.fixture(scope="session")
def add_mirrored(speaking: Flask) -> Callable[..., str]:
    """Adds a questionnaire of these items, in the test language, to the bilingual service."""

    def add(questionnaire_id: str, *items: dict[str, Any], **more: Any) -> str:
        resource = {
            "resourceType": "Questionnaire",
            "url": f"https://questionnaires.example/mirrored/{questionnaire_id}",
            "version": "1",
            "title": "A title",
            "language": PSEUDO,
            "status": "active",
            "item": list(items),
            **more,
        }
        return added(speaking.extensions["template_service"], all_mirrored(resource))

    return add


@pytest.fixture
def everything(mirrored_nurse: Staff, add_mirrored: Callable[..., str], person_id: str) -> Filling:
    form = add_mirrored("everything", *EVERY_TYPE, *CHILDREN, *MORE)
    return Filling.open(mirrored_nurse, person_id, form)


def test_every_kind_of_question(everything: Filling) -> None:
    assert f'<div id="questions" lang="{PSEUDO}" dir="rtl">' in everything.page.text
    assert_speaks(everything.page)
    everything.press("add:row:child")
    everything.press("add:row:unnamed")
    assert_speaks(everything.page)


def test_all_that_is_refused(everything: Filling) -> None:
    wrong = {
        "q:whole": "a", "q:number": "b", "day:day": "40", "time:moment": "9", "q:clock": "later",
        "q:one": "z", "title:file": "x", "q:tall": "1.8", "q:web": "a b", "q:who": "Basic/1",
        "q:scale": "9", "unit:mass": "kg", "q:nameless": "z", "q:upper": "a",
    }  # fmt: skip
    for name, text in wrong.items():
        everything.answer(name, text)
    assert everything.press("finish").status_code == 422
    assert_speaks(everything.page)
    for name in wrong:
        everything.answer(name, "")
    everything.answer("q:scale", "9")
    assert everything.press("finish").status_code == 422
    assert_speaks(everything.page)


def test_saved_finished_and_read_again(everything: Filling) -> None:
    for name, texts in TYPED.items():
        everything.answer(name, *texts)
    everything.answer("q:scale", "3").answer("q:least", "3").answer("q0:name", "Ada")
    everything.answer("month:month", "5").answer("year:month", "2026")
    everything.answer("q0:thing", "A thing")
    assert everything.press("save").status_code == 303
    assert_speaks(everything.page)
    place = everything.address.rpartition("/")[0]
    assert_speaks(everything.staff.get(place))
    look = everything.staff.post(f"{everything.address}/look", everything.fields)
    assert leftovers(look.text) == []
    assert everything.press("finish").status_code == 303
    assert_speaks(everything.page)
    assert_speaks(everything.staff.get(place))


def test_what_colleagues_did_meanwhile(
    everything: Filling, mirrored_staff: MirroredStaff, person_id: str
) -> None:
    doctor, form = mirrored_staff("doctor"), everything.address.rpartition("/")[2]
    theirs = Filling.open(doctor, person_id, form)
    theirs.answer("q:line", "Theirs").answer("q:yes", "true").answer("q0:name", "Ada")
    theirs.press("save")
    everything.answer("q:line", "Mine").answer("q:yes", "false").answer("q0:name", "Bob")
    assert everything.press("save").status_code == 409
    assert_speaks(everything.page)
    theirs.answer("q:scale", "3").press("finish")
    assert everything.press("save").status_code == 409
    assert_speaks(everything.page)


def test_a_draft_that_is_discarded(everything: Filling) -> None:
    everything.press("save")
    sent = {name: everything.fields[name] for name in ("revision", "response", "version")}
    assert_speaks(everything.staff.post(everything.address, {**sent, "do": "discard"}))
    old = {**sent, "revision": "0", "do": "discard:yes"}
    assert_speaks(everything.staff.post(everything.address, old))
    gone = everything.staff.post(everything.address, {**sent, "do": "discard:yes"})
    assert gone.status_code == 303
    assert_speaks(everything.staff.get(gone.location))


def test_a_discarding_that_carries_what_was_typed(everything: Filling) -> None:
    everything.press("save")
    everything.press("discard")
    assert 'value="go-on"' in everything.page.text
    assert_speaks(everything.page)


def test_a_draft_that_must_be_kept(
    mirrored_nurse: Staff, add_mirrored: Callable[..., str], person_id: str
) -> None:
    filling = Filling.open(mirrored_nurse, person_id, add_mirrored("must-stay", *MIXED))
    filling.press("save")
    assert filling.press("discard").status_code == 409
    assert_speaks(filling.page)


def test_a_draft_of_another_version(
    mirrored_nurse: Staff, add_mirrored: Callable[..., str], person_id: str
) -> None:
    asked = {"linkId": "a", "type": "string", "text": "First"}
    form = add_mirrored("other-version", asked)
    mine = Filling.open(mirrored_nurse, person_id, form)
    add_mirrored("other-version", asked, version="2")
    Filling.open(mirrored_nurse, person_id, form).answer("q:a", "x").press("save")
    assert mine.press("save").status_code == 409
    assert_speaks(mine.page)


def test_what_is_filled_in_from_the_record(
    mirrored_nurse: Staff, add_mirrored: Callable[..., str], person_id: str
) -> None:
    form = add_mirrored("filled", *ITEMS, extension=CONTEXT)
    page = Filling.open(mirrored_nurse, person_id, form).page
    assert 'role="note"' in page.text
    assert_speaks(page)


def test_one_that_is_asked_alone(
    mirrored_nurse: Staff, add_mirrored: Callable[..., str], person_id: str
) -> None:
    alone = Filling.open(mirrored_nurse, person_id, add_mirrored("alone", *MIXED))
    assert "data-gate" in alone.page.text
    assert_speaks(alone.page)
    alone.press("finish")
    assert_speaks(alone.page)


def test_one_in_rows_is_not_asked(
    mirrored_nurse: Staff, add_mirrored: Callable[..., str], person_id: str
) -> None:
    rows = {"linkId": "row", "type": "group", "repeats": True, "item": list(MIXED)}
    form = add_mirrored("alone-in-rows", rows)
    place = f"/people/{person_id}/questionnaires"
    assert_speaks(mirrored_nurse.get(f"{place}/{form}"))
    assert_speaks(mirrored_nurse.get(place))


@pytest.mark.parametrize("form", ["phq-4", "hark", "hunger-vital-sign"])
def test_a_questionnaire_in_english_says_so(
    mirrored_nurse: Staff, person_id: str, form: str
) -> None:
    filling = Filling.open(mirrored_nurse, person_id, form)
    assert '<div id="questions" lang="en-GB" dir="ltr">' in filling.page.text
    assert f'<span lang="{PSEUDO}" dir="rtl">{mirrored("Clear")}</span>' in filling.page.text
    assert_speaks(filling.page)
    filling.press("finish")
    assert_speaks(filling.page)


def test_the_language_of_the_questions_stays_when_that_of_the_page_changes(
    visitor: Staff, person_id: str
) -> None:
    page = f"/people/{person_id}/questionnaires/phq-4?lang=en-GB"
    answer = visitor.post("/language", {"language": PSEUDO, "page": page})
    assert answer.location == page
