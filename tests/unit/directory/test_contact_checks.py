"""Contacts that cannot be right are doubts; odd but real ones are not."""

from typing import Any

import pytest

from directory.contact_checks import contact_doubts
from directory.geography import Geography
from directory.model import Phone
from directory.starter import starter_services
from tests.unit.directory.made_up import a_service


def doubts(geography: Geography | None = None, **facts: Any) -> list[tuple[str, str]]:
    given = {"phone": (), "postcode": "", "url": "", "email": "", "lat": None, "lon": None}
    found = contact_doubts(a_service(**(given | facts)), geography)
    return [(doubt.field, doubt.reason) for doubt in found]


@pytest.mark.parametrize(
    "number", ["999", "111", "101", "116 123", "0113 496 0101", "+44 113 496 0101", "0808 157 0192"]
)
def test_numbers_that_can_be_rung(number: str) -> None:
    assert not doubts(phone=(Phone(number),))


@pytest.mark.parametrize(
    ("number", "reason"),
    [
        ("0113 496 010", "is no number of the numbering plan: digits are wrong"),
        ("0113 496 01011", "is no number of the numbering plan: digits are wrong"),
        ("998", "is no number of the numbering plan: digits are wrong"),
        ("ask at the desk", "is not a phone number"),
        ("+1 312...", "is not a UK number"),
    ],
)
def test_numbers_that_cannot(number: str, reason: str) -> None:
    assert doubts(phone=(Phone("999"), Phone(number))) == [("phone[1]", reason)]


@pytest.mark.parametrize(
    ("postcode", "expected"),
    [
        ("LS9 6AU", []),
        ("ls96au", []),
        ("LS9", [("postcode", "is not written as a postcode is")]),
        ("LS9 0ZZ", [("postcode", "is not one that is in use")]),
        # Another city: our tables of Leeds cannot tell.
        ("AB10 1AB", []),
    ],
)
def test_postcodes(geography: Geography, postcode: str, expected: list[tuple[str, str]]) -> None:
    assert doubts(geography, postcode=postcode) == expected
    assert not doubts(postcode=postcode)


def test_a_point_far_from_its_postcode(geography: Geography) -> None:
    place = geography.place("LS9 6AU")
    assert place.lat is not None
    assert not doubts(geography, postcode="LS9 6AU", lat=place.lat + 0.005, lon=place.lon)

    found = doubts(geography, postcode="LS9 6AU", lat=place.lat + 0.05, lon=place.lon)

    assert found == [("lat, lon", "lie 5.6 km from the postcode")]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("email", "someone at example.org"),
        ("url", "javascript:alert(1)"),
        ("url", "example"),
        ("url", "http://["),
        ("url", "https://exam ple.org/"),
    ],
)
def test_addresses_of_the_net(field: str, value: str) -> None:
    facts: dict[str, Any] = {field: value}
    assert [name for name, _ in doubts(**facts)] == [field]


def test_the_starter_directory_has_no_contact_that_cannot_be_right(geography: Geography) -> None:
    found = {
        service.name: contact_doubts(service, geography) for service in starter_services(geography)
    }

    assert not {name: said for name, said in found.items() if said}
