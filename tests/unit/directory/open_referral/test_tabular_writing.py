"""Export as tables: nothing lost, the same bytes again after reading, a folder whole or not."""

from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from directory.open_referral import tabular, tabular_writing
from directory.open_referral.export_folder import ExportRefused
from directory.open_referral.records import Record
from directory.open_referral.schemas import COLUMNS, checked

TEXTS = st.text(st.characters(exclude_categories=()), max_size=12)
SCALARS = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | TEXTS
VALUES = (
    SCALARS
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.lists(st.integers() | TEXTS, max_size=3)
    | st.dictionaries(st.text("xyz", min_size=1, max_size=2), st.text("ab,\r", max_size=3))
)
NAMES = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=6)
KINDS = st.sampled_from(
    ["service", "organization", "phone", "schedule", "taxonomy", "eligibility", "a/../b", "Ünknown"]
)


@st.composite
def records(draw: st.DrawFn) -> list[Record]:
    """Valid records of known and unknown kinds, with fields nobody foresaw."""
    made: dict[tuple[str, str], Record] = {}
    for kind, record_id in draw(
        st.lists(st.tuples(KINDS, st.text("abc-1é '", min_size=1, max_size=5)), max_size=8)
    ):
        raw: dict[str, Any] = draw(st.dictionaries(NAMES, VALUES, max_size=3))
        known = draw(st.sampled_from(COLUMNS.get(kind, ("note",))))
        raw |= {known: draw(TEXTS), "name": draw(TEXTS), "number": "1", "id": record_id}
        item = checked(kind, raw, "made up")
        if isinstance(item, Record):
            made[kind, item.id] = item
    return list(made.values())


def _bytes(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150)
@given(found=records())
def test_export_then_reading_then_export_gives_the_same_bytes(
    found: list[Record], tmp_path: Path
) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    tabular_writing.write(found, first)
    again = list(tabular.read(first)) if found else []
    assert not [item for item in again if not isinstance(item, Record)]
    tabular_writing.write((it for it in reversed(again) if isinstance(it, Record)), second)
    assert _bytes(second) == _bytes(first)
    assert {(it.kind, it.id) for it in again if isinstance(it, Record)} == {
        (it.kind, it.id) for it in found
    }


def test_a_table_has_the_columns_of_the_schema_then_the_others_sorted(tmp_path: Path) -> None:
    found = [
        Record("phone", "2", {"number": "=1", "zone": "a"}),
        Record("phone", "1", {"number": "119", "area": [1, "b"], " size ": 3}),
        Record("pets", "p", {"name": "Rex"}),
    ]
    tabular_writing.write(found, tmp_path / "out")
    assert (tmp_path / "out" / "phones.csv").read_bytes() == (
        b"id,location_id,service_id,organization_id,contact_id,service_at_location_id,number,"
        b"extension,type,description, size ,area,zone\r\n"
        b'1,,,,,,119,,,,3,"[1,""b""]",\r\n'
        b"2,,,,,,=1,,,,,,a\r\n"
    )
    package = orjson.loads((tmp_path / "out" / "datapackage.json").read_bytes())
    names = {it["name"]: it for it in package["resources"]}
    assert list(names) == ["pets", "phone"]
    fields = {it["name"]: it["type"] for it in names["phone"]["schema"]["fields"]}
    assert (fields[" size "], fields["area"], fields["zone"]) == ("integer", "array", "string")
    assert {"fields": "service_id", "reference": {"resource": "service", "fields": "id"}} in names[
        "phone"
    ]["schema"]["foreignKeys"]
    assert _records(tmp_path / "out") == {(it.kind, it.id): it.fields for it in found}


def _records(folder: Path) -> dict[tuple[str, str], Any]:
    return {(it.kind, it.id): it.fields for it in tabular.read(folder) if isinstance(it, Record)}


def test_the_name_of_a_kind_never_leads_out_of_the_folder(tmp_path: Path) -> None:
    tabular_writing.write([Record("../../x", "1", {})], tmp_path / "a" / "out")
    assert sorted(path.name for path in (tmp_path / "a" / "out").iterdir()) == [
        "..%2F..%2Fx.csv",
        "datapackage.json",
    ]
    assert _records(tmp_path / "a" / "out") == {("../../x", "1"): {}}


def test_an_earlier_export_is_replaced_as_a_whole(tmp_path: Path) -> None:
    folder = tmp_path / "out"
    tabular_writing.write([Record("phone", "1", {"number": "119"})], folder)
    tabular_writing.write([Record("unit", "1", {"name": "bed"})], folder)
    assert sorted(_bytes(folder)) == ["datapackage.json", "units.csv"]
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_folder_with_other_things_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("mine")
    with pytest.raises(ExportRefused, match=r"letter\.txt"):
        tabular_writing.write([], tmp_path)
    assert _bytes(tmp_path) == {"letter.txt": b"mine"}


def test_an_export_that_fails_leaves_the_earlier_one(tmp_path: Path) -> None:
    folder = tmp_path / "out"
    tabular_writing.write([Record("phone", "1", {"number": "119"})], folder)
    before = _bytes(folder)
    with pytest.raises(TypeError):
        tabular_writing.write([Record("phone", "1", {"number": object()})], folder)
    assert _bytes(folder) == before
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_swap_that_fails_puts_the_earlier_export_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "out"
    tabular_writing.write([Record("phone", "1", {"number": "119"})], folder)
    before = _bytes(folder)
    rename = Path.rename

    def renamed(path: Path, target: Path) -> Path:
        if path.name == "new":
            raise OSError("no room")
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", renamed)
    with pytest.raises(OSError, match="no room"):
        tabular_writing.write([], folder)
    assert _bytes(folder) == before
