"""Tabular packages: HSDS 3, older tables as HSDS 3, unknown ones kept, bad rows quarantined."""

import logging
import zipfile
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import orjson
import pytest

from directory.open_referral import tabular
from directory.open_referral.archives import SourceRefused
from directory.open_referral.records import Item, Quarantined, Record


@pytest.fixture
def folder(tmp_path: Path) -> Callable[..., Path]:
    """Makes a folder of these tables, each a text named as its file."""

    def made(**tables: str) -> Path:
        for name, text in tables.items():
            (tmp_path / f"{name}.csv").write_text(text, encoding="utf-8")
        return tmp_path

    return made


def _records(items: Iterable[Item]) -> dict[tuple[str, str], dict[str, Any]]:
    return {(it.kind, it.id): dict(it.fields) for it in items if isinstance(it, Record)}


def test_hsds_3_tables_are_read_with_unknown_columns_and_tables(
    folder: Callable[..., Path],
) -> None:
    path = folder(
        services="id,name,minimum_age,Ward,status\ns1,Advice,16,Gipton,\n",
        service_at_location="id,service_id,location_id\nx,s1,l1\n",
        pets="id,name\np1,Rex\n",
    )
    items = list(tabular.read(path))
    assert _records(items) == {
        ("pets", "p1"): {"name": "Rex"},
        ("service_at_location", "x"): {"service_id": "s1", "location_id": "l1"},
        ("service", "s1"): {"name": "Advice", "minimum_age": 16, "Ward": "Gipton"},
    }
    assert [it.place for it in items if isinstance(it, Record)] == [
        "pets.csv:2",
        "service_at_location.csv:2",
        "services.csv:2",
    ]


def test_tables_of_hsds_1_1_become_objects_of_hsds_3(folder: Callable[..., Path]) -> None:
    path = folder(
        organizations="id,name,url\no1,Trust,https://trust.example\n",
        services="id,organization_id,name\ns1,o1,Advice\ns2,o1,Food\n",
        physical_addresses="id,location_id,address_1\n1,l1,High Street\n",
        postal_addresses="id,location_id,address_1\n1,l1,PO Box\n",
        regular_schedules="id,service_id,weekday,opens_at,closes_at\n1,s1,Monday,9:00,17:00\n"
        "2,s1,Sunday,,\n3,s1,1,9:00,17:00\n",
        holiday_schedules="id,service_id,closed,start_date,end_date\n1,s1,true,2026-12-25,2026-12-26\n",
        eligibility="id,service_id,eligibility\n1,s1,Over 60\n",
        services_at_location="id,service_id,location_id\n1,s1,l1\n",
        service_taxonomy="id,service_id,taxonomy_id,taxonomy_detail\n1,s1,t1,\n",
        taxonomy="id,name,parent_id,parent_name,vocabulary\nt1,Food,,,AIRS\n",
        accessibility_for_disabilities="id,location_id,accessibility,details\n"
        "1,l1,Ramp,at the back\n",
        languages="id,service_id,language\n1,s1,Urdu\n",
        payments_accepted="id,service_id,payment\n1,s1,Cash\n",
    )
    schedule = {"service_id": "s1"}
    assert _records(tabular.read(path)) == {
        ("organization", "o1"): {"name": "Trust", "website": "https://trust.example"},
        ("service", "s1"): {
            "organization_id": "o1",
            "name": "Advice",
            "eligibility_description": "Over 60",
        },
        ("service", "s2"): {"organization_id": "o1", "name": "Food"},
        ("address", "1"): {
            "location_id": "l1",
            "address_1": "High Street",
            "address_type": "physical",
        },
        ("address", "postal_address/1"): {
            "location_id": "l1",
            "address_1": "PO Box",
            "address_type": "postal",
        },
        ("schedule", "1"): schedule
        | {"freq": "WEEKLY", "byday": "MO", "opens_at": "9:00", "closes_at": "17:00"},
        # Closed, or not known: no rule says that it is open.
        ("schedule", "2"): schedule | {"weekday": "Sunday"},
        ("schedule", "3"): schedule | {"weekday": "1", "opens_at": "9:00", "closes_at": "17:00"},
        ("schedule", "holiday_schedule/1"): schedule
        | {"closed": "true", "valid_from": "2026-12-25", "valid_to": "2026-12-26"},
        ("eligibility", "1"): {"service_id": "s1", "eligibility": "Over 60"},
        ("service_at_location", "1"): {"service_id": "s1", "location_id": "l1"},
        ("attribute", "1"): {
            "link_entity": "service",
            "link_id": "s1",
            "taxonomy_term_id": "t1",
        },
        ("taxonomy_term", "t1"): {"name": "Food", "taxonomy": "AIRS"},
        ("accessibility", "1"): {
            "location_id": "l1",
            "description": "Ramp",
            "details": "at the back",
        },
        ("language", "1"): {"service_id": "s1", "name": "Urdu"},
        ("payments_accepted", "1"): {"service_id": "s1", "payment": "Cash"},
    }


def test_a_bad_row_is_quarantined_and_the_next_is_read(folder: Callable[..., Path]) -> None:
    path = folder(services='id,name,email\n1,"a,b\n2,Food,nobody\n,Advice,\n4,Money,\n5,Home\n')
    assert list(tabular.read(path)) == [
        Quarantined("services", "services.csv:2", "", "a quote is opened and never closed"),
        Quarantined("services", "services.csv:3", "2", "email: not an e-mail address"),
        Quarantined("services", "services.csv:4", "", "id: missing"),
        Record("service", "4", {"name": "Money"}, "services.csv:5"),
        Quarantined("services", "services.csv:6", "", "2 cells, the header has 3"),
    ]


def test_rows_without_an_id_have_the_same_each_time(folder: Callable[..., Path]) -> None:
    path = folder(phones="id,service_id,number\n,s1,0113 496 0000\n,s2,0113 496 0000\n")
    first, again = (_records(tabular.read(path)) for _ in range(2))
    assert first == again
    assert len(first) == 2


def test_a_package_says_which_file_is_which_table(
    folder: Callable[..., Path], caplog: pytest.LogCaptureFixture
) -> None:
    path = folder(first="id,name,size\ns1,Food,12\ns2,Home,many\n", phones="id,number\n1,119\n")
    resources = [
        {
            "name": "service",
            "path": "first.csv",
            "schema": {"fields": [{"name": "size", "type": "integer"}]},
        },
        {"name": "contact", "path": "contacts.csv"},
        {"name": "phone", "path": "../phones.csv"},
        7,
    ]
    package = orjson.dumps({"version": "3.0.1", "resources": resources})
    (path / "datapackage.json").write_bytes(package)
    with caplog.at_level(logging.WARNING):
        found = _records(tabular.read(path))
    assert found == {
        ("service", "s1"): {"name": "Food", "size": 12},
        ("service", "s2"): {"name": "Home", "size": "many"},
        ("phone", "1"): {"number": "119"},
    }
    assert [record.message.split(":")[0] for record in caplog.records] == [
        "datapackage.json",
        "datapackage.json",
        "contacts.csv",
    ]


def test_a_zip_reads_as_its_folder(folder: Callable[..., Path], tmp_path: Path) -> None:
    path = folder(services="id,name\n1,Food\n", phones="id,number\n1,119\n")
    packed = tmp_path / "hsds.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        for name in ("services.csv", "phones.csv"):
            archive.write(path / name, f"export/{name}")
        archive.writestr("__MACOSX/export/._services.csv", b"\0")
    assert _records(tabular.read(packed)) == _records(tabular.read(path))


def test_a_member_that_is_damaged_gives_what_was_before(tmp_path: Path) -> None:
    packed = tmp_path / "hsds.zip"
    rows = "".join(f"{number},Service {number * 7919}\n" for number in range(20_000))
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("services.csv", f"id,name\n{rows}")
        archive.writestr("phones.csv", "id,number\n1,119\n")
    content = packed.read_bytes().replace(b"\n19999,", b"\n19998,")
    packed.write_bytes(content)
    items = list(tabular.read(packed))
    broken = [it for it in items if isinstance(it, Quarantined)]
    assert len(broken) == 1
    assert broken[0].reason.startswith("the file breaks off here")
    kinds = Counter(it.kind for it in items if isinstance(it, Record))
    assert kinds["phone"] == 1
    assert kinds["service"] > 15_000


def test_a_member_that_cannot_be_opened_is_told_and_the_next_read(tmp_path: Path) -> None:
    packed = tmp_path / "hsds.zip"
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("services.csv", "id,name\n1,Food\n")
        archive.writestr("phones.csv", "id,number\n1,119\n")
    # The first of the two places that name the member now names another.
    packed.write_bytes(packed.read_bytes().replace(b"services.csv", b"servants.csv", 1))
    bad, phone = sorted(tabular.read(packed), key=lambda it: isinstance(it, Record))
    assert isinstance(bad, Quarantined)
    assert bad.row == "services.csv:1"
    assert bad.reason.startswith("cannot be opened")
    assert isinstance(phone, Record)


def test_what_holds_no_table_is_refused(tmp_path: Path) -> None:
    (tmp_path / "readme.txt").write_text("nothing")
    (tmp_path / "letter.txt").write_text("nothing")
    with pytest.raises(SourceRefused, match="no CSV table"):
        list(tabular.read(tmp_path))
    assert not tabular.is_package(tmp_path)


def test_the_examples_of_the_uk_profile_are_read(shared: Path) -> None:
    path = shared / "data" / "directory" / "oruk" / "uk-profile-v3" / "examples" / "csv"
    items = list(tabular.read(path))
    assert not [it for it in items if isinstance(it, Quarantined)]
    assert len(items) == 23
    # The profile's own example stands at latitude 100, longitude 101.
    (place,) = (it for it in items if isinstance(it, Record) and it.kind == "location")
    assert (place.fields["latitude"], place.fields["longitude"]) == (100, 101)
