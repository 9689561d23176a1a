"""Export as FHIR R4: valid, references resolve, nobody is named, the same bytes every time."""

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given, settings

from directory.model import Service, read_service
from directory.open_referral.fhir_writing import TYPES, resources, write_fhir
from directory.open_referral.lens_text import is_safe_link
from directory.open_referral.records import Record, uuid_of
from directory.open_referral.service_lens import records_of, records_of_all
from directory.starter import LEEDS
from tests.independent import Refusals
from tests.unit.directory.made_up import any_services, made_up_services


def rec(kind: str, record_id: str, **fields: Any) -> Record:
    return Record(kind, record_id, fields, "feed:1")


FEED = (
    rec("organization", "o", name="Org", alternate_name="O", email="o@example.org"),
    rec(
        "organization_identifier",
        "oi",
        organization_id="o",
        identifier="123",
        identifier_scheme="GB-COH",
    ),
    rec("phone", "op", organization_id="o", number="0113 496 0000"),
    rec("program", "pr", name="Winter programme", organization_id="o"),
    rec(
        "service",
        "s",
        name="<b>Advice</b>",
        description="On\x0b benefits",
        status="active",
        organization_id="o",
        program_id="pr",
        email="s@example.org",
        url="https://s.example",
        fees="Free",
        minimum_age=16,
        interpretation_services="by phone",
    ),
    rec("service", "t", name="Other", organization_id="o", url="javascript:x"),
    rec("service", "nameless", name="<b></b>", organization_id="o"),
    rec("location", "l", location_type="physical", name="Hall", latitude=53.8, longitude=-1.5),
    rec("service_at_location", "sl", service_id="s", location_id="l"),
    rec("service_at_location", "tl", service_id="t", location_id="l"),
    rec(
        "address",
        "a",
        location_id="l",
        address_1="1 Example Street",
        city="Leeds",
        postal_code="LS9 6AU",
        country="GB",
        address_type="physical",
    ),
    rec("phone", "p", service_id="s", number="0113 496 0001", type="voice"),
    rec("phone", "f", service_id="s", number="0113 496 0002", type="fax"),
    rec("phone", "pl", location_id="l", number="0113 496 0003", type="text"),
    rec("contact", "c", service_id="s", name="Ann Persona", title="Reception"),
    rec("service_area", "sa", service_id="s", name="Leeds"),
    rec("language", "la", service_id="s", name="Polish"),
    rec("funding", "fu", service_id="s", source="The council"),
    rec(
        "schedule",
        "sc",
        service_id="s",
        freq="WEEKLY",
        byday="MO",
        opens_at="09:00",
        closes_at="00:00",
    ),
)


@pytest.fixture(scope="module")
def starter() -> tuple[Service, ...]:
    return tuple(map(read_service, orjson.loads((LEEDS / "services.json").read_bytes())))


def exported(records: tuple[Record, ...] | Iterator[Record]) -> dict[str, dict[str, Any]]:
    return {f"{it['resourceType']}/{it['id']}": it for it in resources(records, "feed")}


def references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("reference"), str):
            yield value["reference"]
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from references(item)


def check(resource: dict[str, Any]) -> None:
    """Raises what the R4B model finds wrong."""
    kind = resource["resourceType"]
    model = getattr(import_module(f"fhir.resources.R4B.{kind.lower()}"), kind)
    model.model_validate(resource)


def test_a_service_is_a_healthcare_service_by_the_guide() -> None:
    found = exported(FEED)
    service = found[f"HealthcareService/{uuid_of('feed', 'service', 's')}"]
    organization = f"Organization/{uuid_of('feed', 'organization', 'o')}"
    location = f"Location/{uuid_of('feed', 'location', 'l')}"
    assert service == {
        "resourceType": "HealthcareService",
        "id": uuid_of("feed", "service", "s"),
        "active": True,
        "providedBy": {"reference": organization, "display": "Org"},
        "location": [{"reference": location, "display": "Hall"}],
        "name": "Advice",
        "comment": "On benefits\nOnly covers: Leeds. Check that the person lives there.",
        "extraDetails": "Cost: Free\nFunding: The council",
        "telecom": [
            {"system": "phone", "value": "0113 496 0001", "use": "work"},
            {"system": "fax", "value": "0113 496 0002", "use": "work"},
            {"system": "email", "value": "s@example.org", "use": "work"},
            {"system": "url", "value": "https://s.example", "use": "work"},
        ],
        "coverageArea": [{"display": "Leeds"}],
        "eligibility": [{"comment": "Ages from 16"}],
        "program": [{"text": "Winter programme"}],
        "characteristic": [{"text": "interpreters: by phone"}],
        "communication": [{"text": "Polish"}],
        "availableTime": [
            {
                "daysOfWeek": ["mon"],
                "availableStartTime": "09:00:00",
                "availableEndTime": "23:59:59",
            }
        ],
    }
    assert found[organization]["identifier"] == [
        {"use": "official", "type": {"text": "GB-COH"}, "value": "123"}
    ]
    assert found[location]["position"] == {"longitude": -1.5, "latitude": 53.8}
    assert found[location]["telecom"][0]["system"] == "sms"


def test_a_status_nobody_stated_is_neither_active_nor_not() -> None:
    other = exported(FEED)[f"HealthcareService/{uuid_of('feed', 'service', 't')}"]
    assert "active" not in other
    assert other["telecom"] == [{"system": "email", "value": "o@example.org", "use": "work"}]


def test_organizations_and_places_in_common_are_written_once_and_no_people() -> None:
    kinds = [it["resourceType"] for it in resources(FEED, "feed")]
    assert sorted(kinds) == ["HealthcareService"] * 2 + ["Location", "Organization"]
    assert b"Persona" not in orjson.dumps(exported(FEED))


def test_what_is_no_service_is_left_out_and_named() -> None:
    left_out: list[str] = []
    assert len(list(resources(FEED, "feed", left_out=left_out))) == 4
    assert left_out == ["service nameless: name: write a name"]


def test_every_reference_resolves(starter: tuple[Service, ...]) -> None:
    for records in (FEED, tuple(records_of_all((*starter, *made_up_services(100))))):
        found = exported(records)
        pointed_at = set(references(list(found.values())))
        assert pointed_at
        assert pointed_at <= found.keys()


@settings(max_examples=40)
@given(any_services().filter(lambda it: is_safe_link(it.url)))
def test_any_service_is_valid(service: Service) -> None:
    for resource in resources(records_of(service), "made-up"):
        check(resource)


def test_the_same_records_give_the_same_bytes_whatever_came_first(tmp_path: Path) -> None:
    counts = write_fhir(resources(FEED, "feed"), tmp_path / "one")
    write_fhir(resources(sorted(FEED, key=lambda it: it.kind), "feed"), tmp_path / "two")
    assert counts == {"HealthcareService": 2, "Location": 1, "Organization": 1}
    for kind in TYPES:
        content = (tmp_path / "one" / f"{kind}.ndjson").read_bytes()
        assert content == (tmp_path / "two" / f"{kind}.ndjson").read_bytes()
        lines = [orjson.loads(line) for line in content.splitlines()]
        assert [it["id"] for it in lines] == sorted(it["id"] for it in lines)


def test_a_type_without_resources_has_an_empty_file(tmp_path: Path) -> None:
    assert write_fhir([], tmp_path / "out") == dict.fromkeys(TYPES, 0)
    assert (tmp_path / "out" / "Location.ndjson").read_bytes() == b""


@pytest.mark.timeout(600)
def test_independent_engines_agree(starter: tuple[Service, ...], refusals: Refusals) -> None:
    found = [*exported(FEED).values(), *exported(records_of_all(starter)).values()]
    assert refusals({f"{it['resourceType']}-{it['id']}": it for it in found}) == []
