"""What is needed before a questionnaire is finished is marked, and said so that it can be done."""

from typing import Any

import pytest

from tests.web.questionnaire.conftest import AddForm
from tests.web.questionnaire.filling import Filling
from tests.web.questionnaire.test_pages import X, coded
from tests.web.staff import Staff, words

NEEDED = "Questions and groups marked * are needed before it can be finished."
IN_ROWS = "In a list, a row that is left empty needs nothing."
STAR = "* (needed to finish)"
STAR_IN_ROW = "* (needed if this row is filled in)"


def control(code: str) -> list[dict[str, Any]]:
    return [
        {
            "url": f"{X}/questionnaire-itemControl",
            "valueCodeableConcept": {"coding": [{"code": code}]},
        }
    ]


def asked(link_id: str, **more: Any) -> dict[str, Any]:
    return {
        "linkId": link_id,
        "type": "choice",
        "text": link_id.title(),
        "answerOption": coded("yes", "no"),
        **more,
    }


def group(link_id: str, *items: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"linkId": link_id, "type": "group", "text": link_id.title(), "item": [*items], **more}


@pytest.fixture
def page(nurse: Staff, add_form: AddForm, person_id: str) -> Any:
    def opened(name: str, *items: dict[str, Any]) -> Filling:
        return Filling.open(nurse, person_id, add_form(name, *items))

    return opened


def test_a_group_that_is_needed_is_marked_and_says_what_to_do(page: Any) -> None:
    filling = page("needed-group", group("living", asked("steady"), required=True), asked("other"))
    said = words(filling.page)
    assert NEEDED in said
    assert f"Living {STAR}" in said
    assert said.count(STAR) == 1
    assert filling.press("finish").status_code == 422
    said = words(filling.page)
    assert "Living: Answer at least one question here." in said
    assert "An answer is required." not in said
    filling.answer("q:steady", "yes")
    assert filling.press("finish").status_code == 303


def test_a_group_that_is_needed_without_words_is_marked_too(page: Any) -> None:
    quiet = group("quiet", asked("steady"), required=True)
    said = words(page("needed-quiet", {**quiet, "text": ""}).page)
    assert NEEDED in said
    assert "* Answer at least one question here." in said


def test_groups_that_are_needed_are_marked_in_tables_and_rows(page: Any) -> None:
    table = group(
        "table",
        group("sitting", asked("upper", required=True), required=True),
        group("standing", asked("upper2")),
        extension=control("grid"),
    )
    one_by_one = group(
        "often", asked("sad", required=True), asked("glad"), extension=control("table")
    )
    rows = group("home", asked("who"), required=True, repeats=True)
    filling = page("needed-tables", table, one_by_one, rows)
    said = words(filling.page)
    for text in (f"Upper {STAR}", f"Sitting {STAR}", f"Sad {STAR}", f"Home {STAR}"):
        assert text in said
    for text in ("Standing *", "Glad *", "Table *", "Often *"):
        assert text not in said
    filling.answer("q:upper", "yes").answer("q:sad", "yes").press("finish")
    assert "Home: Answer at least one question here." in words(filling.page)


def test_what_is_needed_in_rows_that_may_stay_empty_is_told_so(page: Any) -> None:
    home = group("home", asked("name", required=True), asked("age"), repeats=True)
    filling = page("needed-rows", home)
    said = words(filling.page)
    assert f"{NEEDED} {IN_ROWS}" in said
    assert f"Name {STAR_IN_ROW}" in said
    assert STAR not in said
    assert filling.press("finish").status_code == 303


def test_what_is_needed_in_rows_that_are_needed_is_needed(page: Any) -> None:
    home = group("home", asked("name", required=True), repeats=True, required=True)
    said = words(page("needed-rows-all", home).page)
    assert IN_ROWS not in said
    assert f"Home {STAR}" in said
    assert f"Name {STAR}" in said


def test_where_nothing_is_marked_nothing_is_said_to_be(page: Any) -> None:
    said = words(page("needed-nothing", asked("a")).page)
    assert "needed before it can be finished" not in said
