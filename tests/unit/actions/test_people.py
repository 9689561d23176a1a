"""People found and registered: precise refusals, nothing kept that nobody typed on purpose."""

from dataclasses import replace
from typing import Any

import pytest

from template_service.actions.people import add_person, find_people
from template_service.errors import Forbidden, Invalid
from template_service.records.people import AlreadyThere, InvalidNhsNumber, PersonDetails
from template_service.service import Service
from tests.universe import CLINICIAN, PUBLIC_HEALTH, STRANGER

SOMEBODY = PersonDetails(given_name="Robin", family_name="Made-Up-Name")
NUMBER = "9990000069"


def test_a_person_is_found_by_part_of_a_name_and_by_number(service: Service) -> None:
    made = add_person(service, CLINICIAN, details=replace(SOMEBODY, nhs_number=NUMBER))
    for text in ("robin MADE", "999 000 0069"):
        assert [one.person_id for one in find_people(service, CLINICIAN, text=text)] == [
            made.person_id
        ]
    assert find_people(service, STRANGER, text="robin") == ()
    with pytest.raises(AlreadyThere):
        add_person(service, CLINICIAN, details=replace(SOMEBODY, nhs_number=NUMBER))


@pytest.mark.parametrize("text", ["", "  ", "9990000068"])
def test_a_search_that_cannot_find_anybody_says_so(service: Service, text: str) -> None:
    with pytest.raises(Invalid) as caught:
        find_people(service, CLINICIAN, text=text)
    assert caught.value.problems[0].expression == "search"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("given_name", "x" * 101),
        ("family_name", "a\0b"),
        ("sex", "zzz"),
        ("language", "no language"),
    ],
)
def test_what_cannot_be_kept_is_refused_by_field(service: Service, field: str, value: str) -> None:
    changed: dict[str, Any] = {field: value}
    with pytest.raises(Invalid) as caught:
        add_person(service, CLINICIAN, details=replace(SOMEBODY, **changed))
    assert [problem.expression for problem in caught.value.problems] == [field]


@pytest.mark.parametrize("number", ["9990000068", "９９９０００００６９", "9990000069\n", "999"])
def test_a_number_is_ten_plain_digits(service: Service, number: str) -> None:
    with pytest.raises(InvalidNhsNumber):
        add_person(service, CLINICIAN, details=replace(SOMEBODY, nhs_number=number))


def test_a_role_without_people_finds_and_registers_nobody(service: Service) -> None:
    with pytest.raises(Forbidden):
        find_people(service, PUBLIC_HEALTH, text="robin")
    with pytest.raises(Forbidden):
        add_person(service, PUBLIC_HEALTH, details=SOMEBODY)
