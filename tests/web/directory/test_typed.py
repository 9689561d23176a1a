"""What is typed beside plain words: of whom it is, a postcode; and where results are."""

import logging
import re

import pytest

from tests.web.directory.conftest import HAREHILLS, KITCHEN, PANTRY, PRACTICE, YOUTH
from tests.web.directory.reading import card, clearing, found, look, wishes
from tests.web.staff import Staff, words

pytestmark = pytest.mark.usefixtures("monday")

NOWHERE = [
    ("LS9 9ZZ", "We do not know this postcode: choose a ward instead"),
    ("ZZ99 3VZ", "This postcode means no fixed home: choose a practice instead"),
]


def test_an_age_typed_is_told_and_taken_back_by_one_click(reader: Staff) -> None:
    page = look(reader, search="soup 30 year old")
    assert "For somebody aged 30" in wishes(page)
    assert "“soup”" in wishes(page)
    assert YOUTH.name in found(page)
    assert "Less likely to help" in words(page)
    assert 'value="soup 30 year old"' in page.text
    literally = reader.get(clearing(page, "For somebody aged 30", "Not about age"))
    assert "For somebody" not in wishes(literally)
    assert "“soup 30 year old”" in wishes(literally)
    assert YOUTH.name in found(literally)


def test_a_sex_typed_is_told_and_taken_back(reader: Staff) -> None:
    page = look(reader, search="soup for an old man under 18")
    assert "For somebody under 18" in wishes(page)
    literally = reader.get(clearing(page, "For somebody male", "Not about sex"))
    assert "For somebody male" not in wishes(literally)
    assert "For somebody under 18" in wishes(literally)


def test_an_age_chosen_is_told_instead_of_one_typed(reader: Staff) -> None:
    page = look(reader, search="soup 30 year old", age="20")
    assert "For age 20" in wishes(page)
    assert "For somebody" not in wishes(page)
    assert YOUTH.name in found(page)


@pytest.mark.parametrize(
    ("typed", "left"),
    [("LS14 6AR", ""), ("soup ls146ar", "search=soup&"), ("ls14 6ar soup", "search=soup&")],
)
@pytest.mark.parametrize("sent", [True, False])
def test_a_postcode_among_the_words_becomes_its_ward(
    reader: Staff, caplog: pytest.LogCaptureFixture, typed: str, left: str, *, sent: bool
) -> None:
    with caplog.at_level(logging.DEBUG):
        if sent:
            answer = reader.post("/directory", {"search": typed, "near": PRACTICE, "free": "yes"})
        else:
            answer = reader.client.get(
                "/directory", query_string={"search": typed, "near": PRACTICE, "free": "yes"}
            )
    assert answer.status_code == 303
    assert answer.location == f"/directory?{left}near={HAREHILLS}&free=yes"
    assert "6ar" not in caplog.text.casefold()


@pytest.mark.parametrize(("typed", "told"), NOWHERE)
def test_a_postcode_among_the_words_that_leads_nowhere_is_told(
    reader: Staff, typed: str, told: str
) -> None:
    page = reader.post("/directory", {"search": f"soup {typed}"})
    assert page.status_code == 422
    assert words(page).count(told) == 2
    assert f'name="postcode" value="{typed}"' in page.text
    assert 'name="search" type="search" value="soup"' in page.text
    assert found(page) == []


@pytest.mark.parametrize(
    "typed", ["soup", "ls14", "b12 soup", "section 21 3rd", "xls14 6arx", "A1 2pm"]
)
def test_what_is_no_postcode_stays_in_the_search(reader: Staff, typed: str) -> None:
    answer = reader.post("/directory", {"search": typed, "need": "food-aid"})
    assert answer.status_code == 303
    page = reader.get(answer.location)
    assert page.status_code == 200
    assert f'value="{typed}"' in page.text


def test_the_form_of_the_search_keeps_words_out_of_the_first_address(reader: Staff) -> None:
    page = look(reader)
    form = re.findall(r"<form[^>]*role=.search.[^>]*>", page.text)
    assert len(form) == 1
    assert 'method="post"' in form[0]


def test_each_service_says_where_it_is_and_whom_it_covers(reader: Staff) -> None:
    page = look(reader, search="soup")
    assert "Where 1 Made-up Street, LS9 6AU" in card(page, KITCHEN.name)
    assert "Area Leeds" in card(page, KITCHEN.name)
    assert "Where" not in card(page, YOUTH.name)


def test_a_long_web_address_is_named_by_its_site(reader: Staff) -> None:
    page = look(reader, search="pantry")
    assert f'<a href="{PANTRY.url}" rel="noreferrer">pantry.example</a>' in page.text
