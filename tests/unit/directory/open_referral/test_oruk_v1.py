from typing import Any, Final

from hypothesis import given
from hypothesis import strategies as st

from directory.open_referral.json_documents import read_documents
from directory.open_referral.oruk_v1 import as_v3, is_v1
from directory.open_referral.records import Record

V1: Final[dict[str, Any]] = {
    "id": "1502",
    "name": "Lunch club",
    "status": "active",
    "deliverable_type": "Advice",
    "organization": {"id": "9", "name": "Church", "description": "", "url": "http://example.org"},
    "eligibilitys": [
        {"id": "e1", "eligibility": "adult", "minimum_age": 18, "maximum_age": 64},
        {"id": "e2", "eligibility": "family", "minimum_age": 5, "maximum_age": 70},
    ],
    "fundings": [{"id": "f", "source": "Grant"}],
    "languages": [{"id": "l", "language": "Polish"}],
    "regular_schedules": [{"id": "r", "weekday": 2, "opens_at": "10:00", "closes_at": "12:00"}],
    "holiday_schedules": [{"id": "h", "closed": True, "start_date": "2026-12-25"}],
    "service_taxonomys": [
        {"id": "x", "taxonomy": {"id": "t", "name": "Food", "vocabulary": "esdServiceTypes"}}
    ],
    "link_taxonomies": [
        {
            "id": "y",
            "link_type": "eligibility",
            "link_id": "e1",
            "taxonomy": {"id": "u", "name": "Older", "parent_id": "t"},
        }
    ],
    "service_at_locations": [
        {
            "id": "sl",
            "location": {
                "id": "loc",
                "latitude": 53.8,
                "longitude": -1.5,
                "physical_addresses": [{"id": "a", "city": "Leeds"}],
                "accessibility_for_disabilities": [{"id": "acc", "accessibility": "Ramp"}],
            },
        }
    ],
}


def _records(*documents: tuple[str, Any, str]) -> dict[tuple[str, str], dict[str, Any]]:
    items = list(read_documents(documents))
    assert all(isinstance(item, Record) for item in items), items
    return {(it.kind, it.id): dict(it.fields) for it in items if isinstance(it, Record)}


def test_a_v1_service_is_read_as_v3() -> None:
    records = _records(("services", V1, "content[0]"))
    service = records.pop(("service", "1502"))
    assert service["minimum_age"] == 5
    assert service["maximum_age"] == 70
    assert service["eligibility_description"] == "adult; family"
    assert service["eligibilitys"] == V1["eligibilitys"]
    assert service["holiday_schedules"] == V1["holiday_schedules"]
    assert service["deliverable_type"] == "Advice"
    assert records == {
        ("organization", "9"): {"name": "Church", "website": "http://example.org"},
        ("funding", "f"): {"source": "Grant", "service_id": "1502"},
        ("language", "l"): {"name": "Polish", "service_id": "1502"},
        ("schedule", "r"): {
            "weekday": 2,
            "byday": "TU",
            "freq": "WEEKLY",
            "opens_at": "10:00",
            "closes_at": "12:00",
            "service_id": "1502",
        },
        ("attribute", "x"): {"taxonomy_term_id": "t", "link_id": "1502", "link_entity": "service"},
        ("taxonomy_term", "t"): {"name": "Food", "taxonomy": "esdServiceTypes"},
        ("attribute", "y"): {
            "link_type": "eligibility",
            "oruk_v1_link_id": "e1",
            "taxonomy_term_id": "u",
            "link_id": "1502",
            "link_entity": "service",
        },
        ("taxonomy_term", "u"): {"name": "Older", "parent_id": "t"},
        ("service_at_location", "sl"): {"service_id": "1502", "location_id": "loc"},
        ("location", "loc"): {"latitude": 53.8, "longitude": -1.5, "location_type": "physical"},
        ("address", "a"): {"city": "Leeds", "address_type": "physical", "location_id": "loc"},
        ("accessibility", "acc"): {"accessibility": "Ramp", "location_id": "loc"},
    }


def test_the_taxonomies_of_v1_are_terms() -> None:
    term = {"id": "t", "name": "Food", "vocabulary": "esdServiceTypes"}
    assert _records(("taxonomies", term, "content[0]")) == {
        ("taxonomy_term", "t"): {"name": "Food", "taxonomy": "esdServiceTypes"}
    }


def test_an_age_that_is_open_for_one_group_is_open() -> None:
    groups = [{"minimum_age": 18}, {"minimum_age": 5, "maximum_age": 11}]
    modern = as_v3({"id": "1", "eligibilitys": groups}, "service")
    assert modern["minimum_age"] == 5
    assert "maximum_age" not in modern


def test_physical_and_postal_addresses_come_together() -> None:
    place = {"physical_addresses": [{"id": "a"}], "postal_addresses": [{"id": "b"}]}
    assert as_v3(place, "location")["addresses"] == [
        {"id": "a", "address_type": "physical"},
        {"id": "b", "address_type": "postal"},
    ]


@given(left_out=st.sets(st.sampled_from(sorted(V1))))
def test_reading_as_v3_a_second_time_changes_nothing(left_out: set[str]) -> None:
    document = {name: value for name, value in V1.items() if name not in left_out}
    modern = as_v3(document, "service")
    assert as_v3(modern, "service") == modern


def test_a_v3_document_is_not_v1() -> None:
    assert not is_v1({"id": "1", "schedules": [], "organization": {"website": "x"}})
    assert is_v1(V1)
    assert is_v1({"service_at_locations": [{"location": {"physical_addresses": []}}]})
