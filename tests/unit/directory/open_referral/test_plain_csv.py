"""The plain export: readable, safe in a spreadsheet, and the same bytes again after reading."""

import csv
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from directory.model import NEEDS
from directory.open_referral import mapped_csv, plain_csv
from directory.open_referral.attributes import need_attribute
from directory.open_referral.export_folder import ExportRefused
from directory.open_referral.mapping import SHIPPED
from directory.open_referral.plain_cells import guarded, unguarded
from directory.open_referral.records import Record
from directory.open_referral.schemas import checked

MAPPING: Final = SHIPPED / "plain-csv.yaml"
TEXTS: Final = st.text(
    st.sampled_from("ab1=+-@'\"\n\r\t ,;é") | st.characters(codec="utf-8"), max_size=9
)
OWNERS: Final = st.sampled_from(["s1", "s2"])
PLACES: Final = st.sampled_from(["l1", "l2"])


def _drawn(kind: str, **fields: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({"kind": st.just(kind)}, optional=dict(fields))


CHILDREN: Final = st.lists(
    _drawn("phone", service_id=OWNERS, location_id=PLACES, number=TEXTS)
    | _drawn("schedule", service_id=OWNERS, freq=st.just("WEEKLY"), byday=TEXTS, description=TEXTS)
    | _drawn("address", location_id=PLACES, address_1=TEXTS, city=TEXTS, postal_code=TEXTS)
    | _drawn("language", service_id=OWNERS, name=TEXTS, code=TEXTS)
    | _drawn("service_at_location", service_id=OWNERS, location_id=PLACES),
    max_size=8,
)
SERVICES: Final = _drawn(
    "service",
    organization_id=st.just("o1"),
    description=TEXTS,
    eligibility_description=TEXTS,
    minimum_age=st.integers(-9, 99),
    fees_description=TEXTS,
    status=st.sampled_from(["active", "inactive", ""]),
)


@st.composite
def records(draw: st.DrawFn) -> list[Record]:
    """Two services, their organisation and what else a row says of them."""
    raws = [draw(SERVICES) | {"id": name, "name": draw(TEXTS)} for name in ("s1", "s2")]
    raws.append({"kind": "organization", "id": "o1", "name": draw(TEXTS)})
    raws += [raw | {"id": str(number)} for number, raw in enumerate(draw(CHILDREN))]
    items = [checked(raw.pop("kind"), raw, "made up") for raw in raws]
    made = [item for item in items if isinstance(item, Record)]
    service = next((it for it in made if it.kind == "service"), None)
    if service:
        needs = draw(st.lists(st.sampled_from(sorted(NEEDS)), max_size=2, unique=True))
        made += [need_attribute(service, need, at) for at, need in enumerate(needs)]
    return made


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200)
@given(found=records())
def test_export_then_reading_then_export_gives_the_same_bytes(
    found: list[Record], tmp_path: Path
) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    plain_csv.write(found, first)
    again = list(mapped_csv.read(first, MAPPING))
    assert not [item for item in again if not isinstance(item, Record)]
    plain_csv.write((it for it in again if isinstance(it, Record)), second)
    assert (second / plain_csv.FILE).read_bytes() == (first / plain_csv.FILE).read_bytes()


@given(TEXTS)
@example("=1+1")
@example("'=1+1")
@example("+44 113 496 0000")
@example("  =1+1")
@example("-1.5")
def test_a_guarded_cell_is_never_run_and_reads_back(cell: str) -> None:
    safe = guarded(cell)
    assert unguarded(safe) == cell
    assert safe == "-1.5" or not safe.lstrip(" ").startswith(("=", "+", "@", "\t", "\r"))


def _written(folder: Path, *found: Record) -> list[dict[str, str]]:
    plain_csv.write(found, folder)
    with (folder / plain_csv.FILE).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def test_a_row_says_what_a_person_asks(tmp_path: Path) -> None:
    service = Record("service", "s1", {"name": "Advice", "organization_id": "o1", "url": "x.org"})
    (row,) = _written(
        tmp_path / "out",
        Record("organization", "o1", {"name": "Trust"}),
        service,
        need_attribute(service, "food-aid", 1),
        Record("service_at_location", "t", {"service_id": "s1", "location_id": "l1"}),
        Record("location", "l1", {"name": "Hall"}),
        Record("address", "a", {"location_id": "l1", "address_1": "1 St", "postal_code": "LS1"}),
        Record("address", "b", {"location_id": "l1", "address_1": "2 St", "city": "Leeds"}),
        Record("phone", "p", {"service_id": "s1", "number": "+44 113"}),
        Record("phone", "q", {"location_id": "l1", "number": "0113"}),
        Record("phone", "r", {"location_id": "l2", "number": "elsewhere"}),
        Record(
            "schedule",
            "h",
            {
                "service_id": "s1",
                "freq": "WEEKLY",
                "byday": "MO",
                "opens_at": "9:00",
                "closes_at": "17:00",
            },
        ),
    )
    assert {name: cell for name, cell in row.items() if cell} == {
        "Service": "Advice",
        "Organisation": "Trust",
        "Needs": "food-aid",
        "Phone": "'+44 113\n0113",
        "Website": "x.org",
        "Address": "1 St\n2 St, Leeds",
        "Postcode": "LS1\n-",
        "Opening hours": "WEEKLY MO 9:00 to 17:00",
        "Service id": "s1",
        "Organisation id": "o1",
    }


def test_no_cell_runs_in_a_spreadsheet(tmp_path: Path) -> None:
    formula = '=HYPERLINK("https://example.org","x")'
    (row,) = _written(tmp_path / "out", Record("service", "s1", {"name": formula, "alert": "@x"}))
    assert (row["Service"], row["Alert"]) == (f"'{formula}", "'@x")


def test_a_folder_with_other_things_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("mine")
    with pytest.raises(ExportRefused):
        plain_csv.write([], tmp_path)
