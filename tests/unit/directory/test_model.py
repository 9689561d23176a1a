"""A service and its record: nothing lost, nothing let in that is not one."""

import json
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given

from directory.model import InvalidService, Service, read_service, service_record
from tests.unit.directory.made_up import CROWDED, a_service, any_services


@given(any_services())
def test_a_record_gives_the_same_service_back(service: Service) -> None:
    assert read_service(json.loads(json.dumps(service_record(service)))) == service


def test_what_says_nothing_is_left_out_of_the_record() -> None:
    service = Service(str(UUID(int=1)), "Name", "", "", ())
    assert set(service_record(service)) == {"id", "name", "organisation", "description", "needs"}


def test_null_means_not_stated() -> None:
    record = service_record(a_service())
    assert read_service(record | {"url": None, "minimum_age": None, "sex": None}) == a_service()


@pytest.mark.parametrize(
    ("wrong", "problem"),
    [
        ({"id": "1"}, "id: not a UUID"),
        ({"id": "6481D3F0-7B35-5DC7-B7E7-77B34DFB3BFC"}, "id: write the UUID in lower case"),
        ({"name": None}, "name: missing"),
        ({"name": "  "}, "name: write a name"),
        ({"name": 7}, "name: 7 is not text"),
        ({"nmae": "x"}, "nmae: not a field of a service"),
        ({"needs": ["money"]}, "needs: 'money' is none of"),
        ({"needs": "food-aid"}, "needs: 'food-aid' is not a list"),
        ({"status": "open"}, "status: 'open' is none of active, inactive"),
        ({"sex": "women"}, "sex: 'women' is none of female, male"),
        ({"public_funds": "maybe"}, "public_funds: 'maybe' is none of yes, no, unknown"),
        ({"channels": ["fax"]}, "channels: 'fax' is none of"),
        ({"tenures": ["squat"]}, "tenures: 'squat' is none of"),
        ({"household": ["dog"]}, "household: 'dog' is none of"),
        ({"minimum_age": "16"}, "minimum_age: '16' is not a whole number"),
        ({"minimum_age": True}, "minimum_age: True is not a whole number"),
        ({"maximum_age": 131}, "maximum_age: 131 is not an age"),
        ({"minimum_age": 30, "maximum_age": 20}, "minimum_age: 30 is above the highest age, 20"),
        ({"lat": 53.8}, "lat, lon: one without the other"),
        ({"lat": 153.8, "lon": -1.5}, "lat: 153.8 is not a latitude"),
        ({"lat": 53.8, "lon": -181}, "lon: -181.0 is not a longitude"),
        ({"service_area": ["Leeds"]}, "service_area: 'Leeds' is not an ONS area code"),
        ({"verified_on": "yesterday"}, "verified_on: Invalid isoformat string"),
        ({"urgent_today": "yes"}, "urgent_today: 'yes' is not true or false"),
        ({"phone": ["999"]}, "phone: '999' is not an object with number, label, hours"),
        ({"phone": [{"number": "999", "fax": "1"}]}, "phone: "),
        ({"phone": [{"label": "Helpline"}]}, "phone: "),
        ({"phone": [{"number": " "}]}, "phone: a number is blank"),
        ({"sources": [{"title": ""}]}, "sources: a title is blank"),
        (
            {"schedules": [{"day": "Monday", "opens": "09:00", "closes": "10:00"}]},
            "schedules: 'Monday' is not a day; write monday, tuesday, wednesday, thursday, fri",
        ),
        (
            {"schedules": [{"day": "monday", "opens": "9am", "closes": "10:00"}]},
            "schedules: '9am' is not a time; write four digits, as in monday 09:00-17:00",
        ),
    ],
)
def test_a_bad_record_is_refused_by_field(wrong: dict[str, Any], problem: str) -> None:
    with pytest.raises(InvalidService) as caught:
        read_service(service_record(a_service()) | wrong)
    assert len(caught.value.problems) == 1
    assert caught.value.problems[0].startswith(problem)


def test_all_problems_are_told_at_once() -> None:
    with pytest.raises(InvalidService) as caught:
        a_service(status="open", sex="women", needs=(CROWDED[0], "money"))
    assert len(caught.value.problems) == 3
