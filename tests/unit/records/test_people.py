"""People: identity is read back, found by NHS number, stays in its organisation, never leaks."""

import dataclasses
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from template_service.records import people
from template_service.records.people import AlreadyThere, InvalidNhsNumber, PersonDetails
from template_service.records.store import Store
from tests.unit.records.practice import ANN, NEIGHBOUR, NOW, PRACTICE, City, save

IDENTITY = ("Quillfeather", "Annabellina", "9990000018", "999 000 0018", "1980", "LS99")


def test_a_person_is_read_back_as_added(city: City, store: Store) -> None:
    with store.read() as conn:
        found = people.person(conn, PRACTICE, city.person.person_id)
    assert found == city.person
    assert found is not None
    assert found.nhs_number == "9990000018"
    assert found.birth_date == date(1980, 2, 29)
    assert found.display_name == "Annabellina Quillfeather"


def test_a_person_is_found_by_nhs_number_however_it_is_spaced(city: City, store: Store) -> None:
    with store.read() as conn:
        for number in ("9990000018", "999 000 0018", "999-000-0018"):
            assert people.find_by_nhs_number(conn, PRACTICE, number) == city.person
        assert people.find_by_nhs_number(conn, PRACTICE, "9990000026") is None


def test_another_organisation_does_not_see_the_person(ann: str, store: Store) -> None:
    with store.read() as conn:
        assert people.person(conn, NEIGHBOUR, ann) is None
        assert people.find_by_nhs_number(conn, NEIGHBOUR, "9990000018") is None
        assert people.people_of(conn, NEIGHBOUR) == ()


def test_the_same_nhs_number_twice_names_who_is_there(ann: str, store: Store) -> None:
    with store.write() as conn:
        with pytest.raises(AlreadyThere) as caught:
            people.add_person(conn, PRACTICE, ANN, at=NOW)
        assert caught.value.person_id == ann
        # A neighbour may register the same person.
        people.add_person(conn, NEIGHBOUR, ANN, at=NOW)


@pytest.mark.parametrize("number", ["9990000019", "999000001", "", "99900000180", "abcdefghij"])
def test_an_invalid_nhs_number_is_refused_without_repeating_it(store: Store, number: str) -> None:
    details = dataclasses.replace(ANN, nhs_number=number)
    with store.write() as conn, pytest.raises(InvalidNhsNumber) as caught:
        people.add_person(conn, PRACTICE, details, at=NOW)
    assert number == "" or number not in str(caught.value)


def test_people_without_any_identity_are_kept_side_by_side(store: Store) -> None:
    with store.write() as conn:
        one = people.add_person(conn, PRACTICE, PersonDetails(), at=NOW)
        two = people.add_person(conn, PRACTICE, PersonDetails(), at=NOW)
    assert one.person_id != two.person_id
    assert one.display_name == people.NOT_IDENTIFIED
    with store.read() as conn:
        assert people.person(conn, PRACTICE, one.person_id) == one


def test_people_come_most_recent_activity_first_page_by_page(ann: str, store: Store) -> None:
    with store.write() as conn:
        later = [
            people.add_person(conn, PRACTICE, PersonDetails(), at=NOW + timedelta(hours=hour))
            for hour in (1, 2, 3)
        ]
    newest_first = [person.person_id for person in reversed(later)] + [ann]
    with store.read() as conn:
        assert [one.person_id for one in people.people_of(conn, PRACTICE)] == newest_first
        page = people.people_of(conn, PRACTICE, limit=2, offset=1)
    assert [one.person_id for one in page] == newest_first[1:3]
    with store.write() as conn:
        save(conn, ann, at=NOW + timedelta(hours=4))
    with store.read() as conn:
        assert people.people_of(conn, PRACTICE)[0].person_id == ann


def test_no_identity_shows_in_a_repr(city: City) -> None:
    for shown in (repr(city.person), str(city.person), repr(ANN), f"{[city.person]}"):
        assert not [text for text in IDENTITY if text in shown]


@given(born=st.dates(date(1900, 1, 1), date(2020, 12, 31)), years=st.integers(0, 110))
def test_age_turns_on_the_birthday(born: date, years: int) -> None:
    person = PersonDetails(birth_date=born)
    birthday = date(born.year + years, born.month, min(born.day, 28))
    if born.day <= 28:
        assert person.age_on(birthday) == years
        assert person.age_on(birthday - timedelta(days=1)) == years - 1


def test_age_is_unknown_without_a_birth_date() -> None:
    assert PersonDetails().age_on(date(2026, 1, 1)) is None
    assert ANN.age_on(date(2026, 2, 28)) == 45
    assert ANN.age_on(date(2026, 3, 1)) == 46
