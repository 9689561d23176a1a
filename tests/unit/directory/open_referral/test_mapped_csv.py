"""Mapping files: one row makes several records, nothing of it is lost, faults are named."""

import logging
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

from directory.open_referral import mapped_csv
from directory.open_referral.archives import SourceRefused
from directory.open_referral.attributes import made_id
from directory.open_referral.hours_text import schedules_of
from directory.open_referral.mapping import SHIPPED, InvalidMapping
from directory.open_referral.mapping_reading import read_mapping
from directory.open_referral.records import Item, Quarantined, Record
from directory.taxonomies import NEED_VOCABULARY

MAPPING = """
about: {title: Made up, licence: none}
files:
  - file: "*.csv"
    records:
      organization: {id: "o/{Org}", shared: true}
      service: {id: "{Id}", refers: [organization], unless: {Kind: [Office]}}
      location: {id: "l/{Id}", refers: [organization]}
      service_at_location: {id: "sl/{Id}", refers: [service, location]}
      address: {id: "a/{Id}", refers: [location]}
      phone: {id: "p/{Id}/{#}", refers: [service]}
      free_phone: {kind: phone, id: "f/{Id}", refers: [service]}
      schedule: {id: "h/{Id}/{#}", refers: [service_at_location]}
    columns:
      Org: organization.name
      Title: [service.name, location.name]
      Phones: {to: phone.number, split: ";"}
      Free phone: free_phone.number
      Open: {to: service.status, values: {Yes: active, No: inactive, "?": null}}
      Note 1: {to: service.description, join: " / "}
      Note 2: {to: service.description, join: " / "}
      Kind: {to: service.needs, split: "+"}
      Hours: {to: schedule, hours: true}
      Place: {to: address, pattern: "(?P<address_1>.+), (?P<postal_code>.+)", otherwise: address_1}
    constants:
      free_phone.description: Free
      location.location_type: physical
      service.national: false
      service.alert: ["{Title} is at {Place}", "{Title} has no place"]
    ignored: [Secret]
"""
HEADER = "Id,Org,Title,Phones,Free phone,Open,Note 1,Note 2,Kind,Hours,Place,Secret,Ward"


@pytest.fixture
def read(tmp_path: Path) -> Callable[..., list[Item]]:
    """Reads rows of the made-up table with a mapping, the one above unless another is given."""

    def made(*rows: str, mapping: str = MAPPING, header: str = HEADER) -> list[Item]:
        (tmp_path / "mapping.yaml").write_text(mapping, encoding="utf-8")
        (tmp_path / "table.csv").write_text("\n".join([header, *rows]), encoding="utf-8")
        return list(mapped_csv.read(tmp_path / "table.csv", tmp_path / "mapping.yaml"))

    return made


def _of(items: Iterable[Item], *kinds: str) -> dict[str, dict[str, Any]]:
    return {it.id: dict(it.fields) for it in items if isinstance(it, Record) and it.kind in kinds}


def test_one_row_makes_all_its_records(read: Callable[..., list[Item]]) -> None:
    items = read('1,Trust,Advice,01 ; 02,0800,Yes,a,b,food-aid,Monday: 9:00-17:00,"St, LS1",x,Y')
    assert [it for it in items if isinstance(it, Quarantined)] == []
    assert _of(items, "organization") == {"o/Trust": {"name": "Trust"}}
    assert _of(items, "service") == {
        "1": {
            "organization_id": "o/Trust",
            "name": "Advice",
            "status": "active",
            "description": "a / b",
            "alert": "Advice is at St, LS1",
            "Ward": "Y",
        }
    }
    assert _of(items, "location", "service_at_location", "address", "phone", "schedule") == {
        "l/1": {"organization_id": "o/Trust", "name": "Advice", "location_type": "physical"},
        "sl/1": {"service_id": "1", "location_id": "l/1"},
        "a/1": {"location_id": "l/1", "address_1": "St", "postal_code": "LS1"},
        "p/1/1": {"service_id": "1", "number": "01"},
        "p/1/2": {"service_id": "1", "number": "02"},
        "f/1": {"service_id": "1", "number": "0800", "description": "Free"},
        "h/1/1": {
            "service_at_location_id": "sl/1",
            "freq": "WEEKLY",
            "byday": "MO",
            "opens_at": "09:00",
            "closes_at": "17:00",
        },
    }
    said = {it["taxonomy_term_id"]: it.get("value") for it in _of(items, "attribute").values()}
    assert said == {
        made_id(NEED_VOCABULARY, "food-aid"): None,
        made_id("template-service", "national"): "false",
    }
    assert all(it.place in {"table.csv:2", "mapping"} for it in _places(items))


def _places(items: Iterable[Item]) -> Iterable[Record]:
    return (it for it in items if isinstance(it, Record))


def test_blank_cells_make_no_records(read: Callable[..., list[Item]]) -> None:
    items = read("1,Trust,Advice,,,,,,,,,,")
    assert _of(items, "phone", "schedule", "address") == {}
    assert _of(items, "service")["1"]["alert"] == "Advice has no place"


def test_records_are_made_by_condition_and_what_hangs_on_them_too(
    read: Callable[..., list[Item]],
) -> None:
    items = read("1,Trust,Advice,01,,,,,Office,,,,")
    assert _of(items, "service", "service_at_location") == {}
    assert _of(items, "location") != {}


def test_a_shared_record_is_given_once_and_never_twice_differently(
    read: Callable[..., list[Item]],
) -> None:
    mapping = MAPPING.replace(
        "Org: organization.name", "Org: organization.name\n      Ward: organization.ward"
    )
    rows = ("1,Trust,A,,,,,,,,,,Y", "2,Trust,B,,,,,,,,,,Y", "3,Trust,C,,,,,,,,,,Z")
    items = read(*rows, mapping=mapping)
    assert list(_of(items, "organization")) == ["o/Trust"]
    assert [it for it in items if isinstance(it, Quarantined)] == [
        Quarantined(
            "organizations",
            "table.csv:4",
            "o/Trust",
            "differs from the same record at table.csv:2",
        )
    ]
    assert list(_of(items, "service")) == ["1", "2", "3"]


def test_bad_rows_and_values_are_quarantined(read: Callable[..., list[Item]]) -> None:
    items = read("1,Trust", ",Trust,B,,,Perhaps,,,no-need,,,,", "3,Trust,C,,,,,,no-need,,,,")
    assert [it for it in items if isinstance(it, Quarantined)] == [
        Quarantined("organizations", "table.csv:2", "", "2 cells, the header has 13"),
        Quarantined(
            "services",
            "table.csv:3",
            "",
            "id: missing; status: not one of active, inactive, defunct, temporarily closed: "
            "'Perhaps'",
        ),
        Quarantined("locations", "table.csv:3", "", "id: missing"),
        Quarantined("service_at_locations", "table.csv:3", "", "id: missing"),
        Quarantined("attributes", "table.csv:4", "", "needs: 'no-need' is no need of ours"),
    ]


def test_a_column_no_rule_names_never_stands_for_a_field_of_its_name(
    read: Callable[..., list[Item]],
) -> None:
    mapping = "files: [{file: t, records: {service: {id: '{Id}'}}, columns: {Title: service.name}}]"
    items = read("1,Food,me,big", mapping=mapping, header="Id,Title,email,size")
    assert _of(items, "service") == {"1": {"name": "Food", "source_email": "me", "size": "big"}}


def test_columns_that_are_not_there_are_told(
    read: Callable[..., list[Item]], caplog: pytest.LogCaptureFixture
) -> None:
    mapping = "files: [{file: t, records: {service: {id: '{Id}'}}, columns: {Titel: service.name}}]"
    with caplog.at_level(logging.WARNING):
        read("1,Food", mapping=mapping, header="Id,Title")
    assert "has no column 'Titel'" in caplog.text


@pytest.mark.parametrize(
    ("text", "places"),
    [
        (b'[{"a": "1"}, {"a": {}}, 3, {"a": null}]', ["t.json[1]", "t.json[2]", "t.json[3]"]),
        (b'[{"a": "1"}, {"a": "2"', ["t.json[1]"]),
        (b'{"a": "1"}', ["t.json"]),
        (b"nothing", ["t.json[0]"]),
        (b'\xef\xbb\xbf[{"a": "1"}]', []),
    ],
)
def test_lists_of_flat_objects_are_read(tmp_path: Path, text: bytes, places: list[str]) -> None:
    source, mapping = tmp_path / "t.json", tmp_path / "m.json"
    source.write_bytes(text)
    mapping.write_text(
        '{"files": [{"file": "t.json", "records": {"service": {"id": "{a}"}},'
        ' "columns": {"a": "service.name"}, "constants": {"service.name": "x"}}]}'
    )
    items = list(mapped_csv.read(source, mapping))
    assert [it.row for it in items if isinstance(it, Quarantined)] == places


@pytest.mark.parametrize(
    ("mapping", "problem"),
    [
        ("files: []", "files: Shorter than minimum length 1."),
        ("nothing: 1", "nothing: Unknown field."),
        ("files: [{file: t, records: {service: {}}}]", "kind service needs an id"),
        ("files: [{file: t, records: {phone: {refers: [x]}}}]", "refers to 'x'"),
        (
            "files: [{file: t, records: {phone: {}}, columns: {A: contact.name}}]",
            "columns.A: 'contact' is none of the records",
        ),
        ("files: [{file: t, records: {phone: {}}, columns: {A: phone}}]", "write record.field"),
        (
            "files: [{file: t, records: {service: {id: x}}, columns: {A: service.verified_on}}]",
            "only a curator can say verified_on",
        ),
        (
            "files: [{file: t, records: {service: {id: x}}, constants: {service.needs: food}}]",
            "'food' is no need of ours",
        ),
        (
            "files: [{file: t, records: {phone: {}}, columns: {A: {to: phone, pattern: '('}}}]",
            "not a regular expression",
        ),
        ("a: &a [1]\nb: *a", "an alias is not read here"),
        ("a: 1\na: 2", "'a' is there twice"),
        ("a: !!python/object/apply:os.getcwd []", "could not determine a constructor"),
        ("[" * 5_000, ""),
        ("\x00", ""),
    ],
)
def test_a_wrong_mapping_is_refused_with_the_place(
    tmp_path: Path, mapping: str, problem: str
) -> None:
    path = tmp_path / "mapping.yaml"
    path.write_text(mapping)
    with pytest.raises(InvalidMapping) as refused:
        read_mapping(path)
    assert problem in str(refused.value)


def test_yes_and_no_are_words(tmp_path: Path) -> None:
    path = tmp_path / "mapping.yaml"
    path.write_text(MAPPING)
    values = read_mapping(path)[0].columns["Open"].values
    assert values == {"Yes": "active", "No": "inactive", "?": None}


def test_every_mapping_that_comes_with_the_directory_is_right() -> None:
    shipped = sorted(SHIPPED.glob("*.yaml"))
    assert [path.name for path in shipped] == ["ilao.yaml", "plain-csv.yaml", "uk-foodbanks.yaml"]
    for path in shipped:
        read_mapping(path)


def test_a_source_without_the_files_of_the_mapping_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("id\n")
    (tmp_path / "b.csv").write_text("id\n")
    with pytest.raises(SourceRefused, match=r"foodbanks\.json"):
        list(mapped_csv.read(tmp_path, SHIPPED / "uk-foodbanks.yaml"))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Monday: Closed Tuesday: 9:00-12:00 , 13:00-17:00", ["TU 09:00 12:00", "TU 13:00 17:00"]),
        ("Monday: closed", []),
        ("By appointment", ["By appointment"]),
        ("Monday: 9:00-17:00 except in August", ["Monday: 9:00-17:00 except in August"]),
        ("Monday: 9:00-25:00", ["Monday: 9:00-25:00"]),
    ],
)
def test_hours_are_understood_whole_or_kept_as_text(text: str, said: list[str]) -> None:
    found = schedules_of(text)
    names = ("byday", "opens_at", "closes_at", "description")
    assert [" ".join(it[name] for name in names if name in it) for it in found] == said
