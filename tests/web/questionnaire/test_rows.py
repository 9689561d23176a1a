"""What repeats: rows added and removed by buttons, with everything typed kept, in their order."""

from typing import Any

import pytest

from template_service.service import Service
from tests.web.questionnaire.conftest import AddForm
from tests.web.questionnaire.filling import Filling
from tests.web.questionnaire.test_pages import X, stored
from tests.web.staff import Staff, words

CHILDREN: tuple[dict[str, Any], ...] = (
    {
        "linkId": "child",
        "type": "group",
        "repeats": True,
        "text": "Child",
        "item": [
            {"linkId": "name", "type": "string", "text": "Name", "required": True},
            {"linkId": "phone", "type": "string", "repeats": True, "text": "Telephone"},
            {
                "linkId": "kept",
                "type": "string",
                "text": "Of another system",
                "extension": [{"url": f"{X}/questionnaire-hidden", "valueBoolean": True}],
            },
        ],
    },
)


@pytest.fixture
def filling(nurse: Staff, add_form: AddForm, person_id: str) -> Filling:
    return Filling.open(nurse, person_id, add_form("children", *CHILDREN))


def names(service: Service, person_id: str) -> list[Any]:
    items = stored(service, person_id, "children").get("item", [])
    return [
        [answer["valueString"] for inner in child["item"] for answer in inner["answer"]]
        for child in items
    ]


def test_rows_are_added_filled_in_and_kept_in_order(
    filling: Filling, service: Service, person_id: str
) -> None:
    filling.answer("q0:name", "Ada")
    assert filling.press("add:row:child").status_code == 200
    assert filling.values("row:child") == ["0", "1"]
    assert filling.values("q0:name") == ["Ada"]
    assert 'id="i0-1-row" tabindex="-1" role="group" aria-label="Child 2" autofocus' in (
        filling.page.text
    )
    filling.answer("q1:name", "Ben").press("add:row1:phone")
    filling.answer("q1.0:phone", "0113 1").answer("q1.1:phone", "0113 2").press("save")
    assert names(service, person_id) == [["Ada"], ["Ben", "0113 1", "0113 2"]]
    assert filling.values("q1.1:phone") == ["0113 2"]


def test_a_row_is_removed_and_the_others_stay_themselves(
    filling: Filling, service: Service, person_id: str
) -> None:
    filling.answer("q0:name", "Ada").press("add:row:child")
    filling.answer("q1:name", "Ben").press("add:row:child")
    filling.answer("q2:name", "Cleo")
    filling.press("remove:row:child|1")
    assert filling.values("row:child") == ["0", "2"]
    assert "Child 2" in words(filling.page)
    assert 'value="add:row:child" autofocus' in filling.page.text
    filling.press("save")
    assert names(service, person_id) == [["Ada"], ["Cleo"]]


def test_what_a_row_holds_unseen_goes_with_its_row(
    filling: Filling, service: Service, person_id: str
) -> None:
    from tests.web.questionnaire.test_pages import keep_as

    filling.answer("q0:name", "Ada").press("add:row:child")
    filling.answer("q1:name", "Ben").press("save")
    whole = stored(service, person_id, "children")
    for number, child in enumerate(whole["item"]):
        child["item"].append({"linkId": "kept", "answer": [{"valueString": f"of {number}"}]})
    keep_as(service, person_id, "children", whole)
    again = Filling.open(filling.staff, person_id, "children")
    again.press("remove:row:child|0")
    again.press("save")
    assert names(service, person_id) == [["Ben", "of 1"]]


def test_an_error_in_a_row_is_told_at_that_row(filling: Filling) -> None:
    filling.answer("q0:name", "Ada").press("add:row:child")
    filling.answer("q1.0:phone", "0113 1")
    assert filling.press("finish").status_code == 422
    assert 'href="#i1-1"' in filling.page.text
    assert 'id="i1-1-error"' in filling.page.text
    assert 'id="i1-0-error"' not in filling.page.text
    assert "Child 2: Name: An answer is required." in words(filling.page)


def test_an_error_in_rows_of_rows_names_each_of_them(
    nurse: Staff, add_form: AddForm, person_id: str
) -> None:
    number = {"linkId": "age", "type": "integer", "repeats": True, "text": "Age"}
    [child] = CHILDREN
    child = {**child, "item": [*child["item"], number]}
    filling = Filling.open(nurse, person_id, add_form("children-ages", child))
    filling.answer("q0.0:age", "x").press("save")
    assert "Child 1: Age 1: Type a whole number" in words(filling.page)


@pytest.mark.parametrize("button", ["add:row:nothing", "add:", "remove:row:child", "remove:x|0"])
def test_a_button_of_no_row_changes_nothing(filling: Filling, button: str) -> None:
    filling.answer("q0:name", "Ada")
    assert filling.press(button).status_code == 200
    assert filling.values("row:child") == ["0"]
    assert filling.values("q0:name") == ["Ada"]


def test_no_page_grows_without_end(filling: Filling) -> None:
    filling.answer("row:child", *map(str, range(500)))
    filling.press("add:row:child")
    assert len(filling.values("row:child")) == 100
