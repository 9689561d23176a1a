"""What a page of a stranger's questionnaire may cost, and what it makes of odd input."""

from typing import Any

import pytest

from template_service.questionnaire.definition import compile_questionnaire
from template_service.questionnaire.problems import Problem
from template_service.web.questionnaire_markup import rich_text
from template_service.web.questionnaire_page import names_of_problems
from template_service.web.questionnaire_reading import named_nodes
from template_service.web.questionnaire_rows import MOST_ROWS_IN_ALL, change_rows
from template_service.web.questionnaire_styles import shown_by_styles
from tests.web.questionnaire.conftest import AddForm
from tests.web.questionnaire.filling import Filling
from tests.web.staff import Staff, words

INNER = {"linkId": "in", "type": "string", "text": "In", "repeats": True}
OUTER = {"linkId": "out", "type": "group", "text": "Out", "repeats": True, "item": [INNER]}


def form_of(*items: dict[str, Any]) -> Any:
    return compile_questionnaire(
        {"resourceType": "Questionnaire", "url": "urn:f", "status": "active", "item": list(items)}
    )


def test_a_long_chain_of_conditions_backwards_is_the_servers() -> None:
    chain = [
        {
            "linkId": f"i{number}",
            "type": "boolean",
            "text": "I",
            "enableWhen": [{"question": f"i{number + 1}", "operator": "=", "answerBoolean": True}],
        }
        for number in range(300)
    ]
    form = form_of(*chain, {"linkId": "i300", "type": "boolean", "text": "I"})
    assert "i299" in shown_by_styles(form)
    assert "i0" not in shown_by_styles(form)


@pytest.mark.parametrize("element_id", ["rp-1", "q1..2:in", "q99999999999:in", "q", ""])
def test_an_element_id_of_somebody_else_names_no_row(element_id: str) -> None:
    form = form_of({"linkId": "in", "type": "string", "text": "In"})
    response = {"item": [{"id": element_id, "linkId": "in"}]}
    problem = Problem("error", "required", "QuestionnaireResponse.item[0]", "in", "Missing")
    assert names_of_problems(form, [problem], response) == {"q:in": "Missing"}
    assert [name for name, _ in named_nodes(form, response)] == ["q:in"]


def test_a_page_takes_so_many_rows_in_all(nurse: Staff, add_form: AddForm, person_id: str) -> None:
    fields = {f"row{number}:in": tuple(map(str, range(50))) for number in range(9)}
    fields["row:out"] = tuple(map(str, range(MOST_ROWS_IN_ALL - 450)))
    assert change_rows(form_of(OUTER), fields, "add:row0:in") == (fields, "")
    filling = Filling.open(nurse, person_id, add_form("nested", OUTER))
    for name, texts in fields.items():
        filling.answer(name, *texts)
    filling.answer("row9:in", "0").press("save")
    assert "more rows than one page can hold" in words(filling.page)


@pytest.mark.parametrize("name", ["rendering-xhtml", "rendering-markdown"])
def test_marks_beyond_a_length_are_plain_text(name: str) -> None:
    kind = "valueString" if name.endswith("xhtml") else "valueMarkdown"
    url = f"http://hl7.org/fhir/StructureDefinition/{name}"

    def text(source: str) -> str:
        return rich_text({"text": "Plain", "_text": {"extension": [{"url": url, kind: source}]}})

    assert "short" in text("short")
    assert text("long " * 1_700) == "Plain"


def test_numbers_that_need_not_be_whole_have_a_point_on_the_keys(
    nurse: Staff, add_form: AddForm, person_id: str
) -> None:
    items = [{"linkId": kind, "type": kind, "text": kind} for kind in ("integer", "decimal")]
    page = Filling.open(nurse, person_id, add_form("numbers", *items)).page.text
    assert 'name="q:integer" inputmode="numeric"' in page
    assert 'name="q:decimal" inputmode="decimal"' in page


@pytest.mark.parametrize("typed", ["12345678901234567890", "0.1234567890123456"])
@pytest.mark.parametrize("kind", ["decimal", "quantity"])
def test_a_number_with_more_digits_than_are_kept_is_told_and_stays_on_the_page(
    kind: str, typed: str, nurse: Staff, add_form: AddForm, person_id: str
) -> None:
    form = add_form(f"long-{kind}", {"linkId": "n", "type": kind, "text": "How much"})
    filling = Filling.open(nurse, person_id, form).answer("q:n", typed)
    assert filling.press("save").status_code == 422
    assert "Type a number of at most 15 digits." in words(filling.page)
    assert filling.values("q:n") == [typed]


@pytest.mark.parametrize("kind", ["url", "attachment"])
def test_what_is_no_web_address_is_told_in_plain_words(
    kind: str, nurse: Staff, add_form: AddForm, person_id: str
) -> None:
    form = add_form(f"{kind}-only", {"linkId": "w", "type": kind, "text": "Where"})
    filling = Filling.open(nurse, person_id, form).answer("q:w", "not an address")
    filling.press("save")
    assert "Type a web address without spaces" in words(filling.page)


def test_rows_are_numbered_where_they_are_read_again(
    nurse: Staff, add_form: AddForm, person_id: str
) -> None:
    name = {"linkId": "n", "type": "string", "text": "Name"}
    child = {"linkId": "c", "type": "group", "text": "Child", "repeats": True, "item": [name]}
    filling = Filling.open(nurse, person_id, add_form("named-rows", child))
    filling.answer("row:c", "0", "1").answer("q0:n", "Ann").answer("q1:n", "Bea").press("finish")
    assert "Child 1 Name Ann Child 2 Name Bea" in words(filling.page)
    assert filling.page.text.count('class="inner-result row-of"') == 2
