from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import ValidationError

from directory.open_referral.coordinates import misplaced, placed
from directory.open_referral.records import Quarantined, Record
from directory.open_referral.schemas import (
    CHILDREN,
    COLUMNS,
    KINDS_OF_TABLE,
    POLYMORPHIC,
    REFERENCES,
    REQUIRED,
    SCHEMAS,
    TABLES,
    checked,
)
from tests.unit.directory.open_referral.nested_documents import objects

LEAST = {"id": "1", "name": "Food bank"}


def _reason(kind: str, raw: dict[str, Any]) -> str:
    found = checked(kind, raw, "here")
    assert isinstance(found, Quarantined)
    return found.reason


def _fields(kind: str, raw: dict[str, Any]) -> dict[str, Any]:
    found = checked(kind, raw, "here")
    assert isinstance(found, Record)
    return dict(found.fields)


def test_blank_fields_mean_unknown() -> None:
    assert _fields("service", LEAST | {"status": " ", "email": "", "url": None}) == {
        "name": "Food bank"
    }


def test_unknown_properties_stay_as_they_came() -> None:
    strange = {"x": None, "y": "", "z": [{"a": 1}]}
    assert _fields("service", LEAST | strange) == {"name": "Food bank"} | strange


def test_a_kind_hsds_does_not_have_stays_as_it_came() -> None:
    assert checked("review", {"id": 7, "score": ""}, "p") == Record(
        "review", "7", {"score": ""}, "p"
    )
    assert checked("review", {"score": 1}, "p") == Quarantined("review", "p", "", "id: missing")


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        ("name", "", "name: missing"),
        ("name", 5, "name: text is expected, this is a number"),
        ("name", "\ud800", "name: a character is broken (half of a pair)"),
        ("id", " ", "id: missing"),
        ("id", {"a": 1}, "id: text is expected, this is an object"),
        ("email", False, "email: text is expected, this is true or false"),
        ("email", "somebody", "email: not an e-mail address"),
        ("email", "a@b c@d", "email: not an e-mail address"),
        ("url", "example_counselling", "url: not a web address"),
        ("url", "http://a]b.example/", "url: not a web address"),
        (
            "url",
            "view-source:http://a.example/",
            "url: a link that would run a script or read a local file",
        ),
        (
            "url",
            "java\tscript:alert(1)",
            "url: a link that would run a script or read a local file",
        ),
        ("url", " JavaScript:alert(1)", "url: a link that would run a script or read a local file"),
        ("url", "data:text/html,x", "url: a link that would run a script or read a local file"),
        ("minimum_age", "about ten", "minimum_age: a number is expected, this is text"),
        ("minimum_age", True, "minimum_age: a number is expected, this is true or false"),
        ("minimum_age", "9" * 30, "minimum_age: not a number that can be kept"),
        ("assured_date", "31/12/2020", "assured_date: not a date as YYYY-MM-DD: '31/12/2020'"),
        ("assured_date", "2021-02-30", "assured_date: not a date as YYYY-MM-DD: '2021-02-30'"),
        ("last_modified", "yesterday", "last_modified: not a date and time: 'yesterday'"),
    ],
)
def test_a_bad_value_is_refused_with_field_and_reason(
    field: str, value: object, reason: str
) -> None:
    assert _reason("service", LEAST | {field: value}) == reason


def test_a_status_is_of_the_vocabulary_in_any_case() -> None:
    assert _fields("service", LEAST | {"status": " Temporarily Closed"})["status"] == (
        "temporarily closed"
    )
    assert _reason("service", LEAST | {"status": "open"}) == (
        "status: not one of active, inactive, defunct, temporarily closed: 'open'"
    )


@pytest.mark.parametrize(
    ("field", "value", "kept"),
    [
        ("url", "www.example.org/help?a=b", "www.example.org/help?a=b"),
        ("url", "https://example.org", "https://example.org"),
        ("minimum_age", "18", 18),
        ("maximum_age", "17.5", 17.5),
        ("assured_date", "2024-05-01T00:00:00Z", "2024-05-01T00:00:00Z"),
        ("organization_id", 12, "12"),
        ("description", "<p>Help</p>", "<p>Help</p>"),
    ],
)
def test_good_values_are_kept_as_they_came(field: str, value: object, kept: object) -> None:
    assert _fields("service", LEAST | {field: value})[field] == kept


@pytest.mark.parametrize("time", ["9:00", "09:00", "18:00:00", "09:00Z", "09:00-05:00", "24:00"])
def test_times(time: str) -> None:
    assert _fields("schedule", {"id": "1", "opens_at": time}) == {"opens_at": time}


@pytest.mark.parametrize("time", ["25:00", "9am", "09:60", "24:30"])
def test_bad_times(time: str) -> None:
    assert _reason("schedule", {"id": "1", "opens_at": time}).startswith("opens_at: not a time")


@pytest.mark.parametrize(
    ("latitude", "longitude", "reason"),
    [
        (100, 101, "latitude 100 is not between -90 and 90"),
        (53.8, 200, "longitude 200 is not between -180 and 180"),
        (-1.55, 53.8, "latitude -1.55, longitude 53.8 look swapped"),
        (0, 0, "latitude 0, longitude 0 is not in the United Kingdom"),
        (54.0, 3.5, "latitude 54.0, longitude 3.5 is not in the United Kingdom"),
        ("53.8", "-20", "latitude 53.8, longitude -20 is not in the United Kingdom"),
        ("north of the bridge", -1.5, "latitude is not a number"),
        (53.8, "1e999", "longitude is not a number"),
        (True, -1.5, "latitude is not a number"),
        (53.8, None, "there is no longitude"),
    ],
)
def test_impossible_coordinates_are_kept_and_never_given_out(
    latitude: object, longitude: object, reason: str
) -> None:
    fields = _fields(
        "location", {"id": "1", "name": "Hall", "latitude": latitude, "longitude": longitude}
    )
    said = {"latitude": latitude, "longitude": longitude}
    assert {name: str(fields[name]) for name in said if name in fields} == {
        name: str(it) for name, it in said.items() if it is not None
    }
    assert misplaced(fields) == reason
    assert placed(Record("location", "1", fields)).fields == {"name": "Hall"}


@pytest.mark.parametrize(("latitude", "longitude"), [(53.8, -1.55), (54.6, -5.93), (60.15, -1.14)])
def test_places_in_the_united_kingdom(latitude: float, longitude: float) -> None:
    place = {"latitude": latitude, "longitude": longitude}
    assert _fields("location", {"id": "1", **place}) == place


def test_every_problem_is_named() -> None:
    assert _reason("service", {"id": "1", "email": "x", "minimum_age": []}) == (
        "email: not an e-mail address; minimum_age: a number is expected, this is a list; "
        "name: missing"
    )


def test_no_reason_repeats_what_may_be_about_a_person() -> None:
    assert "ann" not in _reason("contact", {"id": "1", "email": "ann persona"})


def test_the_tables_and_references_are_of_known_kinds() -> None:
    assert {"service", "program", "required_document", "unit", "url"} < SCHEMAS.keys()
    assert {KINDS_OF_TABLE[table] for table in TABLES.values()} == SCHEMAS.keys()
    for kind in SCHEMAS:
        assert set(REFERENCES[kind].values()) <= SCHEMAS.keys()
        assert set(REQUIRED[kind]) <= set(COLUMNS[kind])
        for nested in CHILDREN[kind].values():
            owner = kind if not nested.many else nested.kind
            links = {*REFERENCES[owner], *(it.id_field for it in POLYMORPHIC.values())}
            assert nested.by in links


@given(kind=st.sampled_from(sorted(SCHEMAS)), data=st.data())
def test_the_fast_way_takes_what_marshmallow_takes(kind: str, data: st.DataObject) -> None:
    raw = data.draw(objects(kind, 9))
    for name in data.draw(st.lists(st.sampled_from(COLUMNS[kind]), max_size=3)):
        raw[name] = data.draw(st.sampled_from([None, "", " ", "x", 4, [], "javascript:0", 1e400]))
    schema = SCHEMAS[kind]
    assert _outcome(schema.taken, raw) == _outcome(schema.load, raw)


def _outcome(take: Callable[[dict[str, Any]], Any], raw: dict[str, Any]) -> Any:
    try:
        return take(raw)
    except ValidationError as problem:
        return "refused", problem.messages_dict


def test_the_columns_of_the_profile_are_known(shared: Path) -> None:
    """Every field and required field of the UK profile's own tables."""
    package = shared / "data" / "directory" / "oruk" / "uk-profile-v3" / "datapackage.json"
    for resource in orjson.loads(package.read_bytes())["resources"]:
        kind = resource["name"]
        fields = resource["schema"]["fields"]
        assert {field["name"] for field in fields} <= set(COLUMNS[kind])
        for key in resource["schema"].get("foreignKeys", []):
            assert REFERENCES[kind][key["fields"]] == key["reference"]["resource"]
