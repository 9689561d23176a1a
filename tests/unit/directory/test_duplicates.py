"""Two entries of one service are found; branches and neighbours at a desk are left alone."""

from typing import Any
from uuid import UUID

import pytest

from directory.duplicates import LIKELY, duplicates
from directory.model import Phone, Service
from tests.unit.directory.made_up import a_service

A = str(UUID(int=1))
B = str(UUID(int=2))
# From the range of Ofcom for use in drama.
NUMBER = "0113 496 0101"


def one(**facts: Any) -> Service:
    given = {"id": A, "name": "Seacroft Warm Room", "phone": (), "postcode": "", "url": ""}
    return a_service(**(given | facts))


def pairs(*services: Service) -> list[tuple[str, str]]:
    return [(found.one.id, found.other.id) for found in duplicates(services)]


@pytest.mark.parametrize("written", ["0113 4960101", "+44 113 496 0101", "+44 (0)113 496 0101"])
def test_a_name_and_a_phone_however_written(written: str) -> None:
    first = one(phone=(Phone(NUMBER),))
    second = one(id=B, name="SEACROFT: warm room", phone=(Phone(written),))

    (found,) = duplicates([second, first])

    assert (found.one.id, found.other.id) == (A, B)
    assert found.points >= LIKELY
    assert found.reasons == ("the same name", "the same phone")


def test_a_slip_in_the_name_at_the_same_place_and_page() -> None:
    first = one(postcode="LS14 6PL", url="https://www.example.org/warm/")
    second = one(
        id=B, name="Seacroft Warm Rooms", postcode="ls146pl", url="http://example.org/warm"
    )

    assert pairs(first, second) == [(A, B)]


@pytest.mark.parametrize(
    "facts",
    [
        # A branch: everything of the organisation, another place.
        {"phone": (Phone(NUMBER),), "postcode": "LS9 6AU"},
        # Another service of the same people at the same desk.
        {"name": "Benefits advice", "phone": (Phone(NUMBER),), "postcode": "LS14 6PL"},
        # The name alone, and another place.
        {"postcode": "LS9 6AU"},
        # No longer there.
        {"phone": (Phone(NUMBER),), "postcode": "LS14 6PL", "status": "defunct"},
    ],
)
def test_what_is_not_the_same(facts: dict[str, Any]) -> None:
    assert not pairs(one(phone=(Phone(NUMBER),), postcode="LS14 6PL"), one(id=B, **facts))


def test_the_most_alike_come_first_whatever_the_order() -> None:
    phone = (Phone(NUMBER),)
    everything = one(phone=phone, postcode="LS14 6PL")
    same = one(id=B, phone=phone, postcode="LS14 6PL")
    less = one(id=str(UUID(int=3)), name="Seacroft Warm Space", phone=phone)

    services = [less, everything, same]

    assert duplicates(services) == duplicates(reversed(services))
    assert [found.points for found in duplicates(services)] == sorted(
        (found.points for found in duplicates(services)), reverse=True
    )
    assert pairs(*services)[0] == (A, B)


def test_nothing_in_common_is_nothing_to_say() -> None:
    assert not pairs()
    assert not pairs(one(), one(id=B, name="!", url="", postcode=""))


def test_an_address_that_is_none_stops_nobody() -> None:
    assert not pairs(one(url="http://["), one(id=B, name="Another", url="http://a]b.example/"))


@pytest.mark.parametrize(
    ("name", "facts", "expected"),
    [
        ("Leeds North & West", {}, 1),
        ("Leeds North and West Foodbank", {}, 1),
        ("Leeds South & East", {}, 0),
        ("Leeds", {}, 0),
        ("Leeds North & West", {"postcode": "LS4 2PU"}, 0),
    ],
)
def test_a_name_is_enough_where_nothing_else_is_known_of_both(
    name: str, facts: dict[str, Any], expected: int
) -> None:
    ours = a_service(name="Leeds North and West Foodbank", postcode="LS12 4RU" if facts else "")
    assert len(duplicates([ours, a_service(name=name, **facts)])) == expected
