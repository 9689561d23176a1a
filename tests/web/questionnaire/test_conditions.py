"""What is asked depends on what was answered: on the page, in a draft, and in what is finished."""

import re
from typing import Any

import pytest

from template_service.service import Service
from tests.web.questionnaire.conftest import AddForm
from tests.web.questionnaire.filling import Filling
from tests.web.questionnaire.test_pages import SDC, answers, stored
from tests.web.staff import Staff, words


def fhirpath(name: str, expression: str) -> dict[str, Any]:
    found = {"language": "text/fhirpath", "expression": expression}
    return {"url": f"{SDC}/{name}", "valueExpression": found}


OPENED = [{"question": "smokes", "operator": "=", "answerBoolean": True}]
SMOKING: tuple[dict[str, Any], ...] = (
    {"linkId": "smokes", "type": "boolean", "text": "Do you smoke?"},
    {"linkId": "a-day", "type": "integer", "text": "How many a day?", "enableWhen": OPENED},
    {
        "linkId": "many",
        "type": "string",
        "text": "Have you tried to stop?",
        "enableWhen": [{"question": "a-day", "operator": ">", "answerInteger": 20}],
    },
    {
        "linkId": "child",
        "type": "group",
        "repeats": True,
        "text": "Child",
        "item": [
            {"linkId": "school", "type": "boolean", "text": "At school?"},
            {
                "linkId": "which",
                "type": "string",
                "text": "Which school?",
                "enableWhen": [{"question": "school", "operator": "=", "answerBoolean": True}],
            },
        ],
    },
    {
        "linkId": "week",
        "type": "integer",
        "text": "In a week",
        "readOnly": True,
        "extension": [
            fhirpath(
                "sdc-questionnaire-calculatedExpression",
                "%resource.item.where(linkId = 'a-day').answer.value * 7",
            )
        ],
    },
    {
        "linkId": "told",
        "type": "display",
        "text": "That is more than a hundred.",
        "extension": [
            fhirpath(
                "sdc-questionnaire-enableWhenExpression",
                "%resource.item.where(linkId = 'a-day').answer.value * 7 > 100",
            )
        ],
    },
)
HIDDEN = re.compile(r'<div id="i([0-9-]+)-when" data-live hidden>')


@pytest.fixture
def filling(nurse: Staff, add_form: AddForm, person_id: str) -> Filling:
    return Filling.open(nurse, person_id, add_form("smoking", *SMOKING))


def hidden(filling: Filling) -> set[str]:
    """The ids of what the server hides: number of the item, then rows."""
    return set(HIDDEN.findall(filling.page.text))


def test_numbers_and_expressions_are_followed_by_an_update(filling: Filling) -> None:
    assert hidden(filling) == {"2", "5-0", "7"}
    assert 'data-when="a-day"' in filling.page.text
    filling.answer("q:smokes", "true").answer("q:a-day", "30")
    assert filling.press("update:i1").headers["Location"].endswith("#i1")
    assert hidden(filling) == {"5-0"}
    assert "In a week 210" in words(filling.page)


def test_each_row_of_a_group_is_asked_for_itself(filling: Filling) -> None:
    filling.answer("q0:school", "false").press("add:row:child")
    filling.answer("q1:school", "true").press("update:questions")
    filling.press("add:row:child")
    assert {"5-0", "5-2"} <= hidden(filling)
    assert "5-1" not in hidden(filling)


def test_a_missing_answer_is_not_zero(filling: Filling) -> None:
    assert "In a week Nothing yet" in words(filling.page)
    filling.press("finish")
    assert "In a week" not in words(filling.page)


def test_a_draft_keeps_what_is_hidden_and_a_finished_one_leaves_it_out_and_says_so(
    filling: Filling, service: Service, person_id: str
) -> None:
    filling.answer("q:smokes", "true").answer("q:a-day", "30").answer("q:many", "Twice")
    filling.press("save")
    filling.answer("q:smokes", "false").press("save")
    assert answers(stored(service, person_id, "smoking"))["many"] == [{"valueString": "Twice"}]
    assert filling.values("q:a-day") == ["30"]
    filling.press("finish")
    assert answers(stored(service, person_id, "smoking")) == {"smokes": [{"valueBoolean": False}]}
    said = words(filling.page)
    assert "Some answers were left out" in said
    assert "Twice" not in said


def test_nothing_is_said_to_be_left_out_where_nothing_was(filling: Filling) -> None:
    filling.answer("q:smokes", "true").answer("q:a-day", "30").press("finish")
    said = words(filling.page)
    assert "left out" not in said
    assert "Worked out In a week 210" in said


def test_a_script_asks_what_follows_and_nothing_is_stored(
    filling: Filling, service: Service, person_id: str
) -> None:
    filling.press("save")
    before = stored(service, person_id, "smoking")
    fields = {**filling.fields, "q:smokes": ["true"], "q:a-day": ["30"]}
    fields.pop("csrf_token")
    fragment = filling.staff.post(f"{filling.address}/look", fields)
    assert set(HIDDEN.findall(fragment.text)) == {"5-0"}
    assert fragment.text.lstrip().startswith('<div id="questions"')
    assert stored(service, person_id, "smoking") == before


def test_a_questionnaire_of_ticks_alone_asks_nothing_of_the_server(
    nurse: Staff, add_form: AddForm, person_id: str
) -> None:
    page = Filling.open(nurse, person_id, add_form("ticks", *SMOKING[:2])).page
    assert "data-look" not in page.text
    assert "Update the page" not in page.text
