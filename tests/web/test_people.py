"""People of a practice: found by POST, added, and the team's urgent cards on top."""

import re
from collections.abc import Callable

import pytest

from template_service.service import Service
from tests.web.conftest import PRACTICE, nhs_number
from tests.web.staff import Staff, words

NEW = {
    "nhs_number": nhs_number(500),
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
    first = nurse.post("/people/add", NEW | {"nhs_number": nhs_number(501)})
    again = nurse.post("/people/add", NEW | {"nhs_number": nhs_number(501)})
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
        ("postcode", "LS9", "postcode"),
    ],
)
def test_a_wrong_field_is_named_and_nothing_typed_is_lost(
    nurse: Staff, field: str, sent: str, place: str
) -> None:
    valid = NEW | {"nhs_number": nhs_number(502)}
    if field == "born-day" and sent == "31":
        valid["born-month"] = "2"
    page = nurse.post("/people/add", valid | {field: sent})
    assert page.status_code == 422
    assert f'<a href="#{place}"' in page.text
    assert f'id="{place}"' in page.text
    assert 'value="Robin"' in page.text
    assert not nurse.post("/people", {"find": nhs_number(502)}).text.count("/template")


def test_a_person_without_a_home_needs_no_postcode(nurse: Staff) -> None:
    for index, postcode in enumerate(("", "ZZ99 3VZ")):
        sent = NEW | {"nhs_number": nhs_number(510 + index), "postcode": postcode}
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
    nurse.post("/people/add", NEW | {"nhs_number": nhs_number(520), "family_name": "Onlyhere"})
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


def test_no_search_ever_reaches_an_address(nurse: Staff) -> None:
    page = nurse.get("/people").text
    assert 'method="post" action="/people"' in page
    assert nurse.get("/people?find=Robin").text.count("People found") == 0


def test_the_practice_has_a_name_on_every_page(nurse: Staff, service: Service) -> None:
    assert f"Surgery {PRACTICE}" in words(nurse.get("/people"))
    assert service.settings.demo
