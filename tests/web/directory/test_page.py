"""The directory page over HTTP: what it finds, what it tells, and what it leads to."""

import html
import logging
import re

import pytest
from werkzeug.test import TestResponse

from directory.model import NEEDS
from tests.web.directory.conftest import (
    BAILIFFS,
    CLUBS,
    HAREHILLS,
    HOSTILE,
    KITCHEN,
    LONDON,
    MADE_UP,
    PANTRY,
    PRACTICE,
    YOUTH,
    service_id,
)
from tests.web.directory.reading import (
    ARTICLE,
    card,
    clearing,
    found,
    left_out,
    look,
    wishes,
)
from tests.web.staff import Staff, title, words, words_of

pytestmark = pytest.mark.usefixtures("monday")


def test_without_wishes_every_service_is_reached_page_by_page(reader: Staff) -> None:
    seen: list[str] = []
    href = "/directory"
    while href:
        page = reader.get(href)
        seen += found(page)
        more = re.search(r'<a class="nhsuk-button[^"]*" href="([^"]*)">Show more', page.text)
        href = html.unescape(more.group(1)).partition("#")[0] if more else ""
    assert sorted(seen) == sorted(one.name for one in MADE_UP)


def test_a_page_says_which_services_it_holds_and_leads_back(reader: Staff) -> None:
    page = look(reader, need="befriending", page="3")
    assert f"41 to {CLUBS} of {CLUBS} services" in words(page)
    assert "Show more" not in page.text
    assert 'href="/directory?need=befriending&amp;page=2#found-h">Show those before' in page.text
    assert [int(number) for number in ARTICLE.findall(page.text)] == list(range(41, CLUBS + 1))


@pytest.mark.parametrize("number", ["0", "-1", "99", "x", "9" * 400, "٣", ""])
def test_a_page_that_is_not_there_is_one_that_is(reader: Staff, number: str) -> None:
    assert found(look(reader, need="befriending", page=number))


def test_no_more_than_the_last_page_is_listed(
    reader: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("template_service.web.directory_found._MOST", 40)
    monkeypatch.setattr("template_service.web.directory_found.LAST_PAGE", 2)
    page = look(reader, need="befriending", page="2")
    assert "Show more" not in page.text
    assert "No more are listed. Add a word or a filter to find the rest." in words(page)


def test_a_service_is_shown_with_its_reasons_freshness_and_contact(reader: Staff) -> None:
    page = look(reader, search="soup kitchen", near=HAREHILLS, age="30")
    kitchen = card(page, KITCHEN.name)
    assert f"Helps with {NEEDS['food-aid']}" in kitchen
    assert "Covers Leeds" in kitchen
    assert "km away" in kitchen
    assert "checked 9 days ago" in kitchen
    assert "0113 496 0000" in kitchen
    assert "check first" in card(page, PANTRY.name)
    assert f'href="/directory/{KITCHEN.id}"' in page.text


def test_what_was_corrected_is_told_and_stays_in_the_box(reader: Staff) -> None:
    page = look(reader, search="bailifs helpline")
    assert "Showing results for “ bailiffs ”. No service mentions “bailifs”" in words(page)
    assert BAILIFFS.name in found(page)
    assert 'value="bailifs helpline"' in page.text


def test_whom_it_is_not_for_is_told_with_the_reason(reader: Staff) -> None:
    page = look(reader, search="soup", age="30")
    assert YOUTH.name not in found(page)
    assert f"Not shown: 1 service, and why Only for under 25s {YOUTH.name}" in left_out(page)
    assert f'href="/directory/{YOUTH.id}"' in page.text


def test_services_for_other_needs_are_not_said_to_be_left_out(reader: Staff) -> None:
    assert left_out(look(reader, need="debt-advice")) == ""
    assert YOUTH.name in left_out(look(reader, need="food-aid", age="30"))


def test_many_left_out_are_said_to_be_perhaps_more(reader: Staff) -> None:
    page = look(reader, language="so")
    assert left_out(page).startswith("Not shown: 50 services and perhaps more, and why")


WISHES = [
    ({"search": "soup"}, "“soup”"),
    ({"need": "food-aid"}, f"Helps with {NEEDS['food-aid']}"),
    ({"near": HAREHILLS}, "In Gipton & Harehills"),
    ({"near": PRACTICE}, "Around City View Medical Practice"),
    ({"when": "now"}, "Open now"),
    ({"when": "today"}, "Open today"),
    ({"when": "saturday"}, "Open on Saturday"),
    ({"when": "saturday", "time": "15:00"}, "Open on Saturday at 15:00"),
    ({"time": "11:00"}, "Open on Monday at 11:00"),
    ({"when": "today", "time": "11:00"}, "Open on Monday at 11:00"),
    ({"search": "open on saturday"}, "Open on Saturday"),
    ({"search": "soup open tonight"}, "Open on Monday after 18:00"),
    ({"age": "030"}, "For age 30"),
    ({"language": "ro"}, "Speaks Romanian"),
    ({"access": ["BSL", "step-free"]}, "British Sign Language"),
    ({"channel": ["phone", "online"]}, "Online"),
    ({"free": "yes"}, "Free"),
    ({"no_public_funds": "yes"}, "Not public funds"),
]


@pytest.mark.parametrize(("asked", "wish"), WISHES)
def test_each_wish_is_told_and_can_be_cleared_alone(
    reader: Staff, asked: dict[str, str | list[str]], wish: str
) -> None:
    page = look(reader, **({"need": "befriending"} | asked))
    assert wish in wishes(page)
    cleared = reader.get(clearing(page, wish))
    assert cleared.status_code == 200
    assert f"{wish} Clear" not in wishes(cleared)
    assert ("befriending" in clearing(page, wish)) is ("need" not in asked)


FILTERS = [
    ({"when": "now"}, [KITCHEN.name], [PANTRY.name]),
    ({"when": "saturday", "time": "15:00"}, [PANTRY.name], [KITCHEN.name]),
    ({"when": "today"}, [KITCHEN.name, YOUTH.name], [PANTRY.name]),
    ({"search": "soup open on saturday"}, [PANTRY.name], [KITCHEN.name]),
    ({"language": "ro"}, [PANTRY.name], [KITCHEN.name]),
    ({"access": ["BSL", "step-free"]}, [KITCHEN.name], [PANTRY.name]),
    ({"channel": ["phone"]}, [KITCHEN.name, YOUTH.name], [PANTRY.name]),
    ({"free": "yes"}, [KITCHEN.name], [PANTRY.name]),
    ({"no_public_funds": "yes"}, [KITCHEN.name], [YOUTH.name]),
    ({"age": "24"}, [YOUTH.name], []),
]


@pytest.mark.parametrize(("asked", "there", "gone"), FILTERS)
def test_each_wish_narrows_what_is_shown(
    reader: Staff, asked: dict[str, str | list[str]], there: list[str], gone: list[str]
) -> None:
    page = look(reader, **({"search": "soup"} | asked))
    assert set(there) <= set(found(page))
    assert not set(gone) & set(found(page))
    assert all(name in left_out(page) for name in gone)


def test_unknown_opening_comes_last_and_says_check_first(reader: Staff) -> None:
    page = look(reader, search="soup", when="now")
    assert found(page)[0] == KITCHEN.name
    assert "Opening times not known: check first" in card(page, YOUTH.name)
    assert 'class="check">Opening times not known' in page.text


def test_around_a_practice_is_told_as_such(reader: Staff) -> None:
    page = look(reader, search="soup", near=PRACTICE)
    assert "Distances are in a straight line from City View Medical Practice." in words(page)
    assert "km from the practice" in card(page, KITCHEN.name)


def test_in_a_ward_distances_are_from_its_middle(reader: Staff) -> None:
    page = look(reader, search="soup", near=HAREHILLS)
    told = "Distances are in a straight line from the middle of Gipton & Harehills."
    assert told in words(page)
    page = look(reader, search="bailiffs", near=HAREHILLS)
    assert "How far these are is not known." in words(page)


def test_nothing_found_says_what_to_try(reader: Staff) -> None:
    page = look(reader, search="soup", access="hearing loop", age="30")
    assert "Nothing matches. You could try: Clear Hearing loop: 4 services" in words(page)
    assert "Clear For age 30" not in words(page)
    assert "another word" in words(page).casefold()
    assert 'class="fold left-out" open' in page.text
    assert "Nothing matches" in words(look(reader, search="zzzznothing"))
    assert "Nothing matches" in words(look(reader, need="literacy"))


WRONG = [
    ({"age": "abc"}, "age", "Write the age in whole years, from 0 to 130"),
    ({"age": "131"}, "age", "Write the age in whole years, from 0 to 130"),
    ({"age": "-1"}, "age", "Write the age in whole years, from 0 to 130"),
    ({"age": "³"}, "age", "Write the age in whole years, from 0 to 130"),
    ({"time": "25:00"}, "time", "Write the time as in 14:30"),
    ({"time": "2pm"}, "time", "Write the time as in 14:30"),
    ({"when": "now", "time": "14:00"}, "time", "Choose a day for this time"),
    ({"when": "someday"}, "when", "Open: choose from the list"),
    ({"need": "nothing"}, "need", "Helps with: choose from the list"),
    ({"near": "E99999999"}, "near", "Choose a ward or a practice of the list"),
    ({"language": "tlh"}, "language", "Language: choose from the list"),
    ({"access": ["BSL", "lift"]}, "access", "Access: choose from the list"),
    ({"channel": "fax"}, "channel", "How they help: choose from the list"),
]


@pytest.mark.parametrize(("asked", "field", "told"), WRONG)
def test_what_cannot_be_understood_is_told_and_nothing_is_guessed(
    reader: Staff, asked: dict[str, str | list[str]], field: str, told: str
) -> None:
    page = reader.client.get("/directory", query_string={"search": "soup", **asked})
    assert page.status_code == 422
    assert title(page).startswith("Error:")
    assert f'href="#{field}"' in page.text
    assert f'id="{field}"' in page.text
    assert words(page).count(told) == 2
    assert found(page) == []
    assert 'value="soup"' in page.text


@pytest.mark.parametrize(
    "typed", ['"', "* OR (", "a" * 2000, "'; DROP TABLE service;--", "\x00", "<script>", "  "]
)
def test_any_text_can_be_searched_for(reader: Staff, typed: str) -> None:
    page = look(reader, search=typed)
    assert "<script>" not in page.text.partition("</head>")[2]


def test_names_and_descriptions_are_text_not_markup(reader: Staff) -> None:
    page = look(reader, search="bold soup")
    assert HOSTILE.name in found(page)
    assert HOSTILE.name not in page.text


def test_a_search_changes_nothing_else_of_the_form(reader: Staff) -> None:
    page = look(
        reader, search="soup", near=HAREHILLS, age="30", access=["BSL"], free="yes", when="monday"
    )
    for chosen in (
        'value="soup"',
        f'value="{HAREHILLS}" selected',
        'value="30"',
        'name="access" value="BSL" checked',
        'name="free" value="yes" checked',
        'value="monday" selected',
        'filters-fold" open',
    ):
        assert chosen in page.text


def send(reader: Staff, postcode: str) -> TestResponse:
    return reader.post("/directory", {"postcode": postcode, "search": "soup", "access": ["BSL"]})


def test_a_postcode_becomes_its_ward_and_stands_in_no_address(
    reader: Staff, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        answer = send(reader, "ls14 6ar")
    assert answer.status_code == 303
    assert answer.location == f"/directory?search=soup&near={HAREHILLS}&access=BSL"
    assert "6ar" not in caplog.text.casefold()
    page = reader.get(answer.location)
    assert "In Gipton & Harehills" in wishes(page)
    assert 'value="ls14' not in page.text.casefold()


POSTCODES = [
    ("", "Write a whole postcode, with both parts"),
    ("LS9", "Write a whole postcode, with both parts"),
    ("LS9 9ZZ", "We do not know this postcode: choose a ward instead"),
    ("ZZ99 3VZ", "This postcode means no fixed home: choose a practice instead"),
]


@pytest.mark.parametrize(("postcode", "told"), POSTCODES)
def test_a_postcode_that_leads_nowhere_is_told(reader: Staff, postcode: str, told: str) -> None:
    page = send(reader, postcode)
    assert page.status_code == 422
    assert words(page).count(told) == 2
    assert 'name="search" value="soup"' in page.text
    assert 'name="access" value="BSL"' in page.text
    assert found(page) == []


def test_a_postcode_needs_a_token_of_this_page(reader: Staff) -> None:
    answer = reader.client.post("/directory", data={"postcode": "LS9 6AU"})
    assert answer.status_code == 400


def test_where_services_are_is_drawn_and_told_in_a_table(reader: Staff) -> None:
    page = look(reader, search="soup", near=HAREHILLS)
    names = found(page)
    drawn = re.findall(r'<text class="numbers" [^>]*>([\d, –]+)</text>', page.text)
    told = {str(names.index(one.name) + 1) for one in (KITCHEN, PANTRY)}
    assert set(drawn) == told
    assert 'class="home"' in page.text
    table = words_of(page.text.partition("As a table")[2].partition("</table>")[0])
    assert "1 Made-up Street, LS9 6AU" in table
    assert "Address not stated" in table
    assert f"{LONDON.name} Address not stated (too far away to be drawn)" in table
    assert "A sketch, not a map: north is up" in words(page)
    assert "2 km" in words(page)


def test_without_a_place_services_are_drawn_on_their_own(reader: Staff) -> None:
    page = look(reader, need="befriending")
    assert '<svg class="sketch" role="img"' in page.text
    assert 'class="home"' not in page.text
    assert 'scope="col" class="nhsuk-table__header">Distance' not in page.text


def test_services_of_no_known_place_have_no_sketch(reader: Staff) -> None:
    page = look(reader, search="bailiffs")
    assert "<svg" not in page.text.partition("<main")[2]
    assert "Where they are" not in page.text


def test_one_service_has_a_page_of_its_own(reader: Staff) -> None:
    page = reader.get(f"/directory/{KITCHEN.id}")
    assert KITCHEN.description in words(page)
    assert reader.get(f"/directory/{service_id(9999)}").status_code == 404


def test_the_city_has_every_ward_and_practice_to_choose(reader: Staff) -> None:
    page = look(reader)
    near = page.text.partition('name="near"')[2].partition("</select>")[0]
    wards, practices = near.split('<optgroup label="Around a practice">')
    assert len(re.findall(r'value="E\d{8}"', wards)) == 33
    assert 'value="B86002"' in practices
