"""Two colleagues at one questionnaire: nothing either of them wrote is lost."""

from typing import Any

import pytest

from template_service.service import Service
from tests.web.questionnaire.conftest import AddForm
from tests.web.questionnaire.filling import Filling
from tests.web.questionnaire.test_losing_nothing import urgent
from tests.web.questionnaire.test_pages import answers, coded, stored
from tests.web.questionnaire.test_rows import CHILDREN
from tests.web.staff import Staff, words

ITEMS: tuple[dict[str, Any], ...] = (
    {"linkId": "a", "type": "string", "text": "First"},
    {"linkId": "b", "type": "string", "text": "Second"},
    {"linkId": "c", "type": "choice", "text": "Third", "answerOption": coded("x", "y")},
)


@pytest.fixture
def form(add_form: AddForm) -> str:
    return add_form("two-people", *ITEMS)


def test_both_changed_it(
    nurse: Staff, doctor: Staff, service: Service, form: str, person_id: str
) -> None:
    first = Filling.open(nurse, person_id, form).answer("q:a", "begun").answer("q:c", "x")
    first.press("save")
    mine, theirs = (Filling.open(who, person_id, form) for who in (nurse, doctor))
    theirs.answer("q:a", "theirs").answer("q:b", "also theirs").answer("q:c", "y").press("save")
    assert mine.answer("q:a", "mine").press("save").status_code == 409
    said = words(mine.page)
    assert "Somebody else saved this first" in said
    assert "First: Dr Other answered “theirs” at" in said
    assert mine.values("q:a") == ["mine"]
    # What only they changed comes along; what nobody else touched is not named.
    assert mine.values("q:b") == ["also theirs"]
    assert mine.values("q:c") == ["y"]
    assert "Second: Dr Other" not in said
    assert mine.press("save").status_code == 303
    kept = answers(stored(service, person_id, form))
    assert [kept[link_id][0] for link_id in "ab"] == [
        {"valueString": "mine"},
        {"valueString": "also theirs"},
    ]


def test_both_began_it(
    nurse: Staff, doctor: Staff, service: Service, form: str, person_id: str
) -> None:
    mine, theirs = (Filling.open(who, person_id, form) for who in (nurse, doctor))
    theirs.answer("q:a", "theirs").press("save")
    assert mine.answer("q:b", "mine").press("finish").status_code == 409
    assert stored(service, person_id, form)["status"] == "in-progress"
    assert mine.press("finish").status_code == 303
    assert answers(stored(service, person_id, form)) == {
        "a": [{"valueString": "theirs"}],
        "b": [{"valueString": "mine"}],
    }


def test_it_was_finished_meanwhile(
    nurse: Staff, doctor: Staff, service: Service, form: str, person_id: str
) -> None:
    Filling.open(nurse, person_id, form).answer("q:a", "begun").press("save")
    mine, theirs = (Filling.open(who, person_id, form) for who in (nurse, doctor))
    theirs.press("finish")
    assert mine.answer("q:a", "mine").press("save").status_code == 409
    assert "This questionnaire was finished meanwhile" in words(mine.page)
    assert mine.values("q:a") == ["mine"]
    assert mine.press("save").status_code == 303
    assert answers(stored(service, person_id, form)) == {"a": [{"valueString": "mine"}]}


def test_a_new_version_does_not_change_a_page_or_a_draft_that_is_open(
    nurse: Staff, service: Service, add_form: AddForm, person_id: str
) -> None:
    old = add_form("versions", {"linkId": "a", "type": "string", "text": "Old words"})
    drafted = Filling.open(nurse, person_id, old).answer("q:a", "kept")
    add_form("versions", {"linkId": "n", "type": "string", "text": "New words"}, version="2")
    assert drafted.press("save").status_code == 303
    assert "Old words" in words(drafted.page)
    assert stored(service, person_id, old)["questionnaire"].endswith("/versions|1")
    drafted.press("finish")
    assert "Old words kept" in words(drafted.page)
    assert "New words" in words(Filling.open(nurse, person_id, old).page)


def kept_names(service: Service, person_id: str, form: str) -> list[list[str]]:
    return [
        [answer["valueString"] for inner in child["item"] for answer in inner["answer"]]
        for child in stored(service, person_id, form)["item"]
    ]


def test_rows_of_both_stay_and_none_takes_the_place_of_another(
    nurse: Staff, doctor: Staff, service: Service, add_form: AddForm, person_id: str
) -> None:
    form = add_form("children", *CHILDREN)
    first = Filling.open(nurse, person_id, form).answer("q0:name", "Ann")
    first.press("add:row:child")
    first.answer("q1:name", "Bob").answer("q1.0:phone", "0113 1").press("save")
    mine, theirs = (Filling.open(who, person_id, form) for who in (nurse, doctor))
    theirs.press("remove:row:child|0")
    theirs.press("save")
    assert mine.answer("q0:name", "Ann Smith").press("save").status_code == 409
    assert "You both changed the rows of a list" in words(mine.page)
    assert mine.press("save").status_code == 303
    assert kept_names(service, person_id, form) == [["Bob", "0113 1"], ["Ann Smith"]]


def test_the_rows_of_one_come_along(
    nurse: Staff, doctor: Staff, service: Service, add_form: AddForm, person_id: str
) -> None:
    rows = ({"linkId": "note", "type": "string", "text": "Note"}, *CHILDREN)
    form = add_form("children-noted", *rows)
    first = Filling.open(nurse, person_id, form).answer("q0:name", "Ann")
    first.press("save")
    mine, theirs = (Filling.open(who, person_id, form) for who in (nurse, doctor))
    theirs.press("add:row:child")
    theirs.answer("q1:name", "Bob").press("save")
    mine.answer("q:note", "mine").press("save")
    assert "You both changed" not in words(mine.page)
    mine.press("save")
    children = [one for one in stored(service, person_id, form)["item"] if one["linkId"] == "child"]
    assert len(children) == 2


def test_both_added_the_first_row(
    nurse: Staff, doctor: Staff, service: Service, add_form: AddForm, person_id: str
) -> None:
    form = add_form("children", *CHILDREN)
    mine, theirs = (Filling.open(who, person_id, form) for who in (nurse, doctor))
    theirs.answer("q0:name", "Bob").answer("q0.0:phone", "0113 1").press("save")
    assert mine.answer("q0:name", "Ann").press("save").status_code == 409
    mine.press("save")
    assert kept_names(service, person_id, form) == [["Bob", "0113 1"], ["Ann"]]


@pytest.mark.parametrize("repeats", [True, False])
def test_an_urgent_answer_of_a_colleague_stays(
    *,
    repeats: bool,
    nurse: Staff,
    navigator: Staff,
    service: Service,
    add_form: AddForm,
    person_id: str,
) -> None:
    told = urgent(service, "homeless_tonight")
    form = add_form(
        f"urgent-{repeats}",
        {
            "linkId": "u",
            "type": "choice",
            "repeats": repeats,
            "text": "Anything urgent?",
            "answerOption": [*told, *coded("none", "other")],
        },
    )
    mine = Filling.open(navigator, person_id, form).answer("q:u", "other")
    Filling.open(nurse, person_id, form).answer("q:u", "homeless_tonight").press("save")
    assert mine.press("save").status_code == 409
    assert mine.values("q:u") == ["homeless_tonight", *(["other"] if repeats else [])]
    mine.press("save")
    codes = [one["valueCoding"]["code"] for one in answers(stored(service, person_id, form))["u"]]
    assert "homeless_tonight" in codes
    assert not repeats or "other" in codes
