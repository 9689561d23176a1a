"""The page shown again while it is filled in: another language, a cleared answer, what is told."""

import re
from typing import Any

import pytest

from template_service.service import Service
from template_service.web.questionnaire_styles import styles_of
from tests.web.questionnaire.conftest import AddForm
from tests.web.questionnaire.filling import Filling
from tests.web.questionnaire.test_language import ITEMS as TWO_LANGUAGES
from tests.web.questionnaire.test_pages import EVERY_TYPE, answers, stored
from tests.web.questionnaire.test_populating import CONTEXT, FILLED, question
from tests.web.questionnaire.test_safety import HARK, MASKED
from tests.web.staff import Staff, checked, words

CHILD: dict[str, Any] = {
    "linkId": "child",
    "type": "group",
    "repeats": True,
    "text": "Child",
    "item": [{"linkId": "name", "type": "string", "text": "Name"}],
}
LANGUAGE_BUTTON = re.compile(
    r'<button[^>]* formaction="([^"]+lang=pl[^"]*)"[^>]* name="do" value="go-on"'
)
NOT_ALL = "Not everything is saved: put these right"


def in_polish(filling: Filling) -> None:
    """Presses the button of the other language: it sends the form somewhere else."""
    found = LANGUAGE_BUTTON.search(filling.page.text)
    assert found is not None
    filling.address = found.group(1).replace("&amp;", "&")
    assert filling.press("go-on").status_code == 200


@pytest.fixture
def spoken(nurse: Staff, add_form: AddForm, person_id: str) -> Filling:
    number = {"linkId": "days", "type": "integer", "text": "Days"}
    form = add_form("two-languages", *TWO_LANGUAGES, number, CHILD, language="en")
    return Filling.open(nurse, person_id, form)


def test_another_language_keeps_everything_typed_and_stores_nothing(
    spoken: Filling, service: Service, person_id: str
) -> None:
    spoken.answer("q:food", "yes").answer("q:more", "Only here").answer("q:days", "8.5")
    spoken.press("add:row:child")
    spoken.answer("q1:name", "Ben")
    in_polish(spoken)
    assert "Czy masz co jeść?" in words(spoken.page)
    assert checked(spoken.page, "q:food") == ["yes"]
    assert [spoken.values(name) for name in ("q:more", "q:days", "q1:name")] == [
        ["Only here"],
        ["8.5"],
        ["Ben"],
    ]
    assert "data-unsaved" in spoken.page.text
    assert "Not saved yet." in words(spoken.page)
    with pytest.raises(AssertionError):
        stored(service, person_id, "two-languages")
    spoken.answer("q:days", "8").press("save")
    assert "Czy masz co jeść?" in words(spoken.page)
    assert answers(stored(service, person_id, "two-languages"))["more"] == [
        {"valueString": "Only here"}
    ]


def test_a_page_with_something_wrong_changes_its_language_too(spoken: Filling) -> None:
    assert spoken.answer("q:days", "8.5").press("save").status_code == 422
    in_polish(spoken)
    assert spoken.values("q:days") == ["8.5"]
    assert "data-unsaved" in spoken.page.text


def test_a_page_that_a_colleague_overtook_changes_its_language_and_clashes_no_more(
    spoken: Filling, doctor: Staff, person_id: str
) -> None:
    Filling.open(doctor, person_id, "two-languages").answer("q:more", "Theirs").press("save")
    assert spoken.answer("q:days", "3").press("save").status_code == 409
    in_polish(spoken)
    assert [spoken.values(name) for name in ("q:more", "q:days")] == [["Theirs"], ["3"]]
    assert spoken.press("save").status_code == 303


def test_another_language_keeps_what_a_colleague_answered_otherwise(
    spoken: Filling, doctor: Staff, person_id: str
) -> None:
    Filling.open(doctor, person_id, "two-languages").answer("q:more", "Theirs").press("save")
    assert spoken.answer("q:more", "Mine").press("save").status_code == 409
    in_polish(spoken)
    assert "Dr Other answered “ Theirs ”" in words(spoken.page)
    assert spoken.values("q:more") == ["Mine"]


def test_what_cannot_be_read_stays_marked_while_nothing_is_saved(spoken: Filling) -> None:
    spoken.answer("q:food", "yes").answer("q:days", "8.5").press("save")
    for button in ("clear:q:food", "add:row:child", "go-on"):
        spoken.press(button)
        assert re.search(r'class="ask-error" id="[^"]*-error"', spoken.page.text)
    spoken.answer("q:days", "8").press("go-on")
    assert "ask-error" not in spoken.page.text


def test_the_first_button_of_the_form_saves(spoken: Filling) -> None:
    """The Enter key presses it: it must neither change the language nor clear an answer."""
    assert spoken.buttons[0] == "save"


@pytest.mark.parametrize("choice", ["q:one=b", "q:yes=true", "gate:seen-alone=true"])
def test_an_answer_is_cleared_without_scripts_and_nothing_else(
    nurse: Staff, service: Service, add_form: AddForm, person_id: str, choice: str
) -> None:
    masked = {"linkId": "hurt", "type": "string", "text": "Hurt?", "extension": MASKED}
    form = add_form("clearing", *EVERY_TYPE, masked)
    filling = Filling.open(nurse, person_id, form).answer("q:line", "Typed")
    assert not re.search(r'type="radio"[^>]* value=""', filling.page.text)
    name, code = choice.split("=")
    filling.answer(name, code)
    assert filling.press(f"clear:{name}").status_code == 200
    assert checked(filling.page, name) == []
    assert filling.values("q:line") == ["Typed"]
    assert "data-unsaved" in filling.page.text
    # The focus stays in the question.
    [at] = re.findall(r"<[^>]* autofocus[ >]", filling.page.text)
    assert at.startswith("<fieldset")
    with pytest.raises(AssertionError):
        stored(service, person_id, form)
    filling.press("save")
    assert set(answers(stored(service, person_id, form))) == {"line"}


@pytest.mark.parametrize("name", ["csrf_token", "token", "version", "row:child", "x", ""])
def test_only_an_answer_can_be_cleared(spoken: Filling, name: str) -> None:
    spoken.answer("q:more", "Typed")
    before = {key: texts for key, texts in spoken.fields.items() if key != "csrf_token"}
    assert spoken.press(f"clear:{name}").status_code == 200
    after = {key: texts for key, texts in spoken.fields.items() if key != "csrf_token"}
    assert after == before


def test_clearing_takes_back_no_disclosure_that_is_stored(
    nurse: Staff, service: Service, person_id: str
) -> None:
    filling = Filling.open(nurse, person_id, "hark").answer("gate:seen-alone", "true")
    for name, code in HARK.items():
        filling.answer(name, code)
    filling.press("save")
    told = answers(stored(service, person_id, "hark"))
    filling.answer("gate:seen-alone", "true").answer("q:hark.humiliation", "no")
    filling.press("clear:q:hark.humiliation")
    assert checked(filling.page, "gate:seen-alone") == ["true"]
    filling.press("save")
    assert answers(stored(service, person_id, "hark")) == told


def test_what_could_not_be_read_is_not_said_to_be_saved(
    nurse: Staff, service: Service, add_form: AddForm, person_id: str
) -> None:
    form = add_form("every-type", *EVERY_TYPE)
    filling = Filling.open(nurse, person_id, form).answer("q:whole", "7")
    filling.press("save")
    filling.answer("q:whole", "8.5").answer("q:line", "New")
    assert filling.press("save").status_code == 422
    said = words(filling.page)
    assert NOT_ALL in said
    assert "What could be read is saved as a draft." in said
    assert "is only on this page" in said
    assert "Everything you typed is still here" not in said
    assert filling.values("q:whole") == ["8.5"]
    assert "data-unsaved" in filling.page.text
    kept = answers(stored(service, person_id, form))
    assert kept["whole"] == [{"valueInteger": 7}]
    assert kept["line"] == [{"valueString": "New"}]
    # Finishing is refused in the same words: it too could not save everything.
    filling.press("finish")
    assert NOT_ALL in words(filling.page)


@pytest.fixture
def filled(nurse: Staff, add_form: AddForm, person_id: str) -> Filling:
    items = (
        question("born", "date", "%patient.birthDate"),
        question("family", "string", "%patient.name.family"),
    )
    return Filling.open(nurse, person_id, add_form("filled-rows", *items, CHILD, extension=CONTEXT))


def test_what_was_filled_in_is_told_until_it_is_saved(filled: Filling) -> None:
    told = f"{FILLED} Born, Family. Please check."
    assert told in words(filled.page)
    filled.press("add:row:child")
    assert told in words(filled.page)
    filled.press("go-on")
    assert told in words(filled.page)
    filled.answer("q:family", "Typed").press("go-on")
    assert f"{FILLED} Born. Please check." in words(filled.page)
    filled.answer("day:born", "").press("go-on")
    assert f"{FILLED} Born. Please check." in words(filled.page)
    filled.press("save")
    assert FILLED not in words(filled.page)
    filled.press("go-on")
    assert FILLED not in words(filled.page)


def test_the_line_of_a_card_stays_behind_the_gate_as_the_card_does(
    nurse: Staff, service: Service, person_id: str
) -> None:
    page = Filling.open(nurse, person_id, "hark").page.text
    for classes in re.findall(r'class="((?:card|strip-line)(?: [^"]*)?)"', page):
        assert classes.split()[1:] == ["alone"]
    assert page.count("data-card=") == 2
    [rule] = [
        each
        for each in styles_of(service.forms.by_id("hark")).splitlines()
        if ".alone.raised" in each
    ]
    assert ":is(.card,.strip-line).alone.raised{display:block}" in rule
