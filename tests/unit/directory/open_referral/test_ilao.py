"""Illinois Legal Aid Online: its native tables give the HSDS 1.1 tables it published.

Both are read as HSDS 3 here. They differ in what follows and in nothing else:

| where | published | ours | why |
|---|---|---|---|
| organizations, alternate_name | never | 33 | its mapping names a column that is not there |
| services, fees | `fees` | `fees_description` | HSDS 3 has deprecated the first |
| services, application_process | run together | one to a line | "TelephonePlease call" |
| services without id | one row of blanks | quarantined | nothing to be known by |
| phones without number | 19 rows | none | a phone is its number |
| schedules of closed days | 665 rows without times | none | an HSDS 3 schedule says when open |
| schedules, second opening of a day | never | 99 | "9:00-12:00 , 13:00-17:00" has two |
| schedules, times | 9:00 | 09:00 | HSDS 3 writes HH:MM |
| service_at_locations | no table | 425 | its mapping names it, HSDS 3 needs it |
| columns nobody mapped | left out | kept under their own names | nothing is lost |
"""

from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from directory.open_referral import mapped_csv, tabular
from directory.open_referral.mapping import SHIPPED
from directory.open_referral.records import Item, Quarantined, Record
from directory.open_referral.schemas import COLUMNS

Rows = Counter[tuple[tuple[str, Any], ...]]


@pytest.fixture(scope="module")
def native(shared: Path) -> list[Item]:
    folder = shared / "data" / "directory" / "ilao" / "ilao" / "input"
    return list(mapped_csv.read(folder, SHIPPED / "ilao.yaml"))


@pytest.fixture(scope="module")
def published(shared: Path) -> list[Item]:
    return list(tabular.read(shared / "data" / "directory" / "ilao" / "ilao" / "output"))


def _same(fields: Mapping[str, Any]) -> Mapping[str, Any]:
    return fields


def _rows(
    items: list[Item], kind: str, change: Callable[[Mapping[str, Any]], Mapping[str, Any]] = _same
) -> Rows:
    """The records of a kind as rows: columns of HSDS 3 and the older ones, ids where they are."""
    kept = {*COLUMNS[kind], "organization_id"}
    return Counter(
        tuple(
            sorted(
                {"id": it.id if it.id.isdigit() else "", **_kept(change(it.fields), kept)}.items()
            )
        )
        for it in items
        if isinstance(it, Record) and it.kind == kind
    )


def _kept(fields: Mapping[str, Any], names: set[str]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if name in names}


def _without(*names: str) -> Callable[[Mapping[str, Any]], Mapping[str, Any]]:
    return lambda fields: {name: it for name, it in fields.items() if name not in names}


def test_locations_phones_and_addresses_are_the_same(
    native: list[Item], published: list[Item]
) -> None:
    for kind, rows in (("location", 520), ("phone", 963), ("address", 33)):
        assert _rows(native, kind) == _rows(published, kind)
        assert _rows(native, kind).total() == rows


def test_organizations_differ_in_the_column_that_was_missed(
    native: list[Item], published: list[Item]
) -> None:
    ours = _rows(native, "organization", _without("alternate_name"))
    assert ours == _rows(published, "organization")
    named = [it for it in native if isinstance(it, Record) and "alternate_name" in it.fields]
    assert (ours.total(), len(named)) == (33, 33)


def test_services_differ_in_how_the_process_is_joined_and_fees_are_called(
    native: list[Item], published: list[Item]
) -> None:
    def joined(fields: Mapping[str, Any]) -> Mapping[str, Any]:
        process = "".join(fields.get("application_process", "").split())
        fees = fields.get("fees", fields.get("fees_description"))
        return {**_without("fees", "fees_description")(fields), "application_process": process} | (
            {"fees": fees} if fees else {}
        )

    assert _rows(native, "service", joined) == _rows(published, "service", joined)
    assert _rows(native, "service").total() == 429


def test_schedules_differ_in_closed_days_and_second_openings(
    native: list[Item], published: list[Item]
) -> None:
    def padded(fields: Mapping[str, Any]) -> Mapping[str, Any]:
        times = {name: fields[name].zfill(5) for name in ("opens_at", "closes_at")}
        return {**fields, **times}

    open_days = [it for it in published if isinstance(it, Record) and "opens_at" in it.fields]
    ours, theirs = _rows(native, "schedule"), _rows([*open_days], "schedule", padded)
    assert theirs - ours == Counter()
    second = ours - theirs
    assert (theirs.total(), second.total()) == (1827, 99)
    closed = [
        it
        for it in published
        if isinstance(it, Record) and it.kind == "schedule" and "opens_at" not in it.fields
    ]
    assert len(closed) == 665
    assert all(set(it.fields) == {"location_id", "weekday"} for it in closed)


def test_only_rows_that_say_nothing_are_quarantined(
    native: list[Item], published: list[Item]
) -> None:
    service = ("services", "id: missing; name: missing")
    assert _reasons(native) == {service: 1}
    assert _reasons(published) == {service: 1, ("phones", "number: missing"): 19}


def _reasons(items: list[Item]) -> Counter[tuple[str, str]]:
    return Counter((it.table, it.reason) for it in items if isinstance(it, Quarantined))


def test_services_are_tied_to_their_locations_both_ways(native: list[Item]) -> None:
    ties = {
        (it.fields["service_id"], it.fields["location_id"])
        for it in native
        if isinstance(it, Record) and it.kind == "service_at_location"
    }
    the_other_way = {
        (it.id, it.fields["Location ID"])
        for it in native
        if isinstance(it, Record) and it.kind == "service" and "Location ID" in it.fields
    }
    assert len(ties) == 425
    assert ties == the_other_way
