"""People of a practice: found by POST, added, and the team's urgent cards on top."""

import re
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from template_service.service import Service
from template_service.web.people import TeamCardLine, most_urgent_first
from tests.web.conftest import PRACTICE, make_person, nhs_number
from tests.web.staff import Staff, words

NEW = {
    "nhs_number": nhs_number(100_500),
    "given_name": "Robin",
    "family_name": "Madeupname",
    "born-day": "15",
    "born-month": "3",
    "born-year": "1984",
    "postcode": "ls9 6au",
    "sex": "",
    "language": "ro",
}


def test_the_form_sends_the_fields_that_are_read(nurse: Staff) -> None:
    page = nurse.get("/people/add").text
    assert set(re.findall(r'<(?:input|select)[^>]* name="([^"]+)"', page)) == {*NEW, "csrf_token"}


def test_somebody_added_can_be_found_by_number_and_by_name(nurse: Staff) -> None:
    added = nurse.post("/people/add", NEW)
    assert added.status_code == 303
    template = nurse.get(added.location or "")
    assert "15 March 1984" in words(template)
    number = NEW["nhs_number"]
    for typed in (number, f"{number[:3]} {number[3:6]} {number[6:]}", "robin", "MADEUP rob"):
        page = nurse.post("/people", {"find": typed})
        assert "Robin Madeupname" in words(page)
        assert (added.location or "-") in page.text


def test_adding_somebody_who_is_here_already_opens_their_template(nurse: Staff) -> None:
    first = nurse.post("/people/add", NEW | {"nhs_number": nhs_number(100_501)})
    again = nurse.post("/people/add", NEW | {"nhs_number": nhs_number(100_501)})
    assert again.location == first.location


@pytest.mark.parametrize(
    ("field", "sent", "place"),
    [
        ("nhs_number", "", "nhs_number"),
        ("nhs_number", "9990000019", "nhs_number"),
        ("family_name", " ", "family_name"),
        ("born-day", "31", "born-day"),
        ("born-month", "13", "born-day"),
        ("born-year", "2990", "born-day"),
        ("born-year", "184", "born-day"),
        ("born-day", "²", "born-day"),
        ("born-year", "99999999999999999999", "born-day"),
        ("born-day", "9" * 5000, "born-day"),
        ("born-month", "-1", "born-day"),
        ("born-year", "\x00", "born-day"),
        ("nhs_number", "9" * 5000, "nhs_number"),
        ("given_name", "x" * 101, "given_name"),
        ("family_name", "x" * 101, "family_name"),
        ("family_name", "a\x07b", "family_name"),
        ("given_name", "a\nb", "given_name"),
        ("sex", "other", "sex"),
        ("language", "xx-nothing", "language"),
        ("postcode", "LS9", "postcode"),
        ("postcode", "LS99 9ZZ", "postcode"),
    ],
)
def test_a_wrong_field_is_named_and_nothing_typed_is_lost(
    nurse: Staff, field: str, sent: str, place: str
) -> None:
    valid = NEW | {"nhs_number": nhs_number(100_502)}
    if field == "born-day" and sent == "31":
        valid["born-month"] = "2"
    page = nurse.post("/people/add", valid | {field: sent})
    assert page.status_code == 422
    assert f'<a href="#{place}"' in page.text
    assert f'id="{place}"' in page.text
    assert ('value="Robin"' in page.text) is (field != "given_name")
    assert 'value="1984"' in page.text or field == "born-year"
    found = nurse.post("/people", {"find": nhs_number(100_502)})
    assert "Nobody here matches." in words(found)


def test_a_person_without_a_home_needs_no_postcode(nurse: Staff) -> None:
    for index, postcode in enumerate(("", "ZZ99 3VZ")):
        sent = NEW | {"nhs_number": nhs_number(100_510 + index), "postcode": postcode}
        added = nurse.post("/people/add", sent)
        assert added.status_code == 303
        assert nurse.get(added.location or "").status_code == 200


def test_a_search_for_nothing_or_a_wrong_number_says_so(nurse: Staff) -> None:
    for typed in ("", "9990000019"):
        page = nurse.post("/people", {"find": typed})
        assert page.status_code == 422
        assert '<a href="#find"' in page.text
    page = nurse.post("/people", {"find": "Nobodyhasthisname"})
    assert page.status_code == 200
    assert "Nobody here matches." in words(page)
    assert 'href="/people/add"' in page.text


def test_people_of_another_practice_are_never_found(
    staff: Callable[[str], Staff], nurse: Staff
) -> None:
    nurse.post("/people/add", NEW | {"nhs_number": nhs_number(100_520), "family_name": "Onlyhere"})
    page = staff("elsewhere").post("/people", {"find": "Onlyhere"})
    assert "Robin Onlyhere" not in words(page)


def test_urgent_cards_of_the_team_stand_on_top(
    nurse: Staff, doctor: Staff, navigator: Staff, person_id: str
) -> None:
    nurse.save(person_id, {"urgent": ["no_food", "unsafe_home"], "seen-alone": "true"})
    top = words(doctor.get("/people")).split("NHS number or name")[0]
    assert "Someone needs help now" in top
    assert "No food for today" in top
    assert "Private follow-up" in top
    assert "Afraid" not in top
    seen = words(navigator.get("/people")).split("NHS number or name")[0]
    assert "No food for today" in seen
    assert "Private follow-up" not in seen


def test_an_unknown_postcode_says_where_services_are_looked_for_without_one(nurse: Staff) -> None:
    page = nurse.post("/people/add", NEW | {"postcode": "LS99 9ZZ"})
    assert (
        "We do not know this postcode. Check it, or leave it blank: services are then looked for "
        "around the practice."
    ) in words(page)


def test_the_team_list_has_one_line_for_a_person_and_themost_urgent_first(
    nurse: Staff, navigator: Staff, service: Service
) -> None:
    waits, urgent = make_person(service), make_person(service)
    navigator.save(waits, {"housing.screen": "need", "housing.security": "notice"})
    nurse.save(waits, {"urgent": ["no_food"]})
    answers = {
        "seen-alone": "true",
        "urgent": ["no_energy", "unsafe_home"],
        "safety.screen": "need",
    }
    nurse.save(urgent, answers)
    page = nurse.get("/people").text.split('id="find"')[0]
    lines = [line for line in re.split(r'<li><span class="name">', page) if urgent in line]
    assert len(lines) == 1
    assert lines[0].count("Private follow-up") == 1
    assert "same day" in lines[0]
    assert "clinician now" not in lines[0]


def test_cards_that_cannot_wait_come_before_older_ones() -> None:
    def card(hour: int, *, urgent: bool, text: str = "") -> TeamCardLine:
        raised = datetime(2026, 11, 22, hour, tzinfo=UTC)
        return TeamCardLine("", text or str(hour), "", "", urgent, raised)

    cards = [card(8, urgent=False), card(10, urgent=True), card(9, urgent=True)]
    cards += [card(11, urgent=True, text="Private follow-up") for _ in range(2)]
    assert [one.text for one in most_urgent_first(cards)] == ["9", "10", "Private follow-up", "8"]


def test_no_search_ever_reaches_an_address(nurse: Staff) -> None:
    page = nurse.get("/people").text
    assert 'method="post" action="/people"' in page
    assert nurse.get("/people?find=Robin").text.count("People found") == 0


def test_the_practice_has_a_name_on_every_page(nurse: Staff, service: Service) -> None:
    assert f"Surgery {PRACTICE}" in words(nurse.get("/people"))
    assert service.settings.demo
