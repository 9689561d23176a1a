"""What is kept of people between the months of a year: enough to count them once, no more."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from template_service.aggregates.counted_people import Counted, forget
from template_service.aggregates.reporting_period import financial_year
from template_service.aggregates.rounding_key import RoundingKey
from template_service.errors import Unavailable

KEY = RoundingKey(b"k" * 32)
MONTHS = ("2026-04", "2026-06", "2027-03", "2027-04")

# A person's marks in each month they have facts of.
YEARS = st.lists(
    st.dictionaries(st.sampled_from([f"p{n}" for n in range(6)]), st.integers(0, 255)),
    min_size=len(MONTHS),
    max_size=len(MONTHS),
)


def _people(folder: Path, month: dict[str, int]) -> Path:
    path = folder / "people.parquet"
    columns = {"person": pa.array(month, pa.string()), "any": pa.array(month.values(), pa.int64())}
    pq.write_table(pa.table(columns), path)
    return path


def _close(
    folder: Path, month: str, closed: list[str], of_month: dict[str, int]
) -> tuple[int, dict[str, int]]:
    """Closes a month as far as people go: how many there are, and what each must not count in."""
    marked = folder / "marked.parquet"
    before = Counted.before(folder, month, closed)
    number, added = before.tell(_people(folder, of_month), KEY, month, marked)
    added.keep(folder, month, folder)
    closed.append(month)
    forget(folder, closed)
    rows = pq.read_table(marked).to_pylist()
    return number, {row["person"]: row["marks"] for row in rows}


@settings(max_examples=40, deadline=None)
@given(YEARS)
def test_everybody_counts_once_a_year_in_each_indicator(
    tmp_path_factory: pytest.TempPathFactory, year: list[dict[str, int]]
) -> None:
    folder, closed = tmp_path_factory.mktemp("counted"), list[str]()
    counted: dict[tuple[int, str], int] = {}
    for month, of_month in zip(MONTHS, year, strict=True):
        number, again = _close(folder, month, closed, of_month)
        assert number == len(of_month)
        for person, marks in of_month.items():
            before = counted.get((financial_year(month), person), 0)
            assert again.get(person, 0) & marks == before & marks
            counted[financial_year(month), person] = before | marks


def test_no_id_is_kept_and_no_year_can_be_joined_to_another(tmp_path: Path) -> None:
    person = "somebody-0123456789"
    _close(tmp_path, "2026-04", [], {person: 1})
    kept = (tmp_path / "counted" / "2026-04.parquet").read_bytes()
    assert person.encode() not in kept
    assert (tmp_path / "counted").stat().st_mode & 0o077 == 0
    one, other = (KEY.fingerprints(year, [person]) for year in ("2026", "2027"))
    assert one != other
    assert one != RoundingKey(b"l" * 32).fingerprints("2026", [person])
    assert one == pq.read_table(tmp_path / "counted" / "2026-04.parquet")["fingerprint"].to_numpy()


@pytest.mark.parametrize(
    ("closed", "left"),
    [
        (["2026-04", "2026-06"], {"2026-04", "2026-06"}),
        (["2026-04"], {"2026-04"}),
        (["2026-04", "2027-03"], set()),
        (["2026-04", "2027-04"], {"2027-04"}),
        ([], set()),
    ],
)
def test_what_is_kept_goes_with_the_year_and_with_its_cube(
    tmp_path: Path, closed: list[str], left: set[str]
) -> None:
    nobody = Counted(np.empty(0, np.uint64), np.empty(0, np.uint8))
    for month in MONTHS:
        nobody.keep(tmp_path, month, tmp_path)
    forget(tmp_path, closed)
    assert {path.stem for path in (tmp_path / "counted").iterdir()} == left


@pytest.mark.parametrize("content", [None, b"no Parquet"])
def test_a_lost_or_damaged_month_is_refused(tmp_path: Path, content: bytes | None) -> None:
    _close(tmp_path, "2026-04", [], {"p1": 1})
    path = tmp_path / "counted" / "2026-04.parquet"
    path.unlink()
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(Unavailable, match="2026-04 cannot be read"):
        Counted.before(tmp_path, "2026-05", ["2026-04"])
    assert not Counted.before(tmp_path, "2027-04", ["2026-04"]).fingerprints.size
