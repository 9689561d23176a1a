"""Closing a month: once, whole or not at all, with the one key, the same for the same facts."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from template_service.aggregates.cube import AREAS
from template_service.aggregates.months import close_month, closed_months
from template_service.aggregates.vocabulary import ALL, ANY, INDICATORS, domains
from template_service.errors import Conflict, Invalid, NotFound, Unavailable
from tests.facts import write_facts

MONTH, NEXT = "2026-09", "2026-10"


@pytest.fixture(scope="module")
def facts(tmp_path_factory: pytest.TempPathFactory) -> pa.Table:
    """A month of 600 made-up people."""
    path = tmp_path_factory.mktemp("facts") / "facts.parquet"
    write_facts(path, people=600, month=MONTH, seed=1)
    return pq.read_table(path)


@pytest.fixture
def folder(tmp_path: Path, facts: pa.Table) -> Path:
    """A deployment's folder with the facts of a month and of the next."""
    for month in (MONTH, NEXT):
        _lay_down(tmp_path, month, facts)
    return tmp_path


def _lay_down(folder: Path, month: str, *parts: pa.Table) -> None:
    place = folder / "facts" / f"month={month}"
    place.mkdir(parents=True)
    for number, part in enumerate(parts):
        pq.write_table(part, place / f"part-{number}.parquet")


def _cube(folder: Path, month: str = MONTH) -> pa.Table:
    return pq.read_table(folder / "cubes" / f"{month}.parquet")


def test_a_month_becomes_cells_of_every_domain_that_add_up(folder: Path) -> None:
    told: list[str] = []
    closed = close_month(folder, MONTH, progress=told.append)
    assert (closed.month, closed.people) == (MONTH, 600)
    assert sorted(told) == sorted((*domains(), ANY))
    assert closed_months(folder) == (MONTH,)
    rows = _cube(folder).to_pylist()
    totals: dict[tuple[str, str, str], dict[str, int]] = {}
    for row in rows:
        key = (row["domain"], row["block"], row["breakdown"])
        sums = totals.setdefault(key, dict.fromkeys(INDICATORS, 0))
        for indicator in INDICATORS:
            assert row[indicator] % 5 == 0
            sums[indicator] += row[indicator]
    for (domain, _, _), sums in totals.items():
        assert sums == totals[domain, next(iter(AREAS)), ALL]


def test_the_same_facts_give_the_same_cube_however_their_files_are_cut(
    folder: Path, facts: pa.Table, tmp_path_factory: pytest.TempPathFactory
) -> None:
    close_month(folder, MONTH)
    other = tmp_path_factory.mktemp("other")
    half = facts.num_rows // 2
    _lay_down(other, MONTH, facts.slice(half), facts.slice(0, half))
    (other / "rounding-key").write_bytes((folder / "rounding-key").read_bytes())
    (other / "rounding-key").chmod(0o600)
    close_month(other, MONTH)
    assert _cube(other).equals(_cube(folder))


def test_another_month_of_the_same_facts_is_drawn_anew(folder: Path) -> None:
    close_month(folder, MONTH)
    close_month(folder, NEXT)
    one, two = (_cube(folder, month).drop_columns(["month"]) for month in (MONTH, NEXT))
    assert not one.equals(two)


def test_a_closed_month_stays_as_it_is(folder: Path) -> None:
    close_month(folder, MONTH)
    before = _cube(folder)
    with pytest.raises(Conflict, match="is closed"):
        close_month(folder, MONTH)
    assert _cube(folder).equals(before)


@pytest.mark.parametrize("month", ["2026-13", "2026", "../x", "2026-9", ""])
def test_what_is_no_month_is_refused(folder: Path, month: str) -> None:
    with pytest.raises(Invalid, match="YYYY-MM"):
        close_month(folder, month)


def test_a_month_without_facts_is_refused(folder: Path) -> None:
    with pytest.raises(NotFound, match="import them first"):
        close_month(folder, "2026-01")


def test_a_missing_key_a_changed_one_and_an_open_one_are_refused(folder: Path) -> None:
    close_month(folder, MONTH)
    key = folder / "rounding-key"
    kept = key.read_text()
    key.unlink()
    with pytest.raises(Unavailable, match="cannot be read"):
        close_month(folder, NEXT)
    key.write_text("00" * 32)
    key.chmod(0o600)
    with pytest.raises(Unavailable, match="another key"):
        close_month(folder, NEXT)
    for damaged in ("no key", "", "00"):
        key.write_text(damaged)
        with pytest.raises(Unavailable, match="no rounding key"):
            close_month(folder, NEXT)
    key.write_text(kept)
    key.chmod(0o644)
    with pytest.raises(Unavailable, match="600"):
        close_month(folder, NEXT)
    key.chmod(0o600)
    assert close_month(folder, NEXT).month == NEXT


def test_the_key_is_its_owners_and_is_in_no_cube(folder: Path) -> None:
    close_month(folder, MONTH)
    key = folder / "rounding-key"
    assert key.stat().st_mode & 0o077 == 0
    written = (folder / "cubes" / f"{MONTH}.parquet").read_bytes()
    assert key.read_bytes() not in written
    assert bytes.fromhex(key.read_text()) not in written


def test_a_broken_fact_file_leaves_nothing_behind(folder: Path) -> None:
    (folder / "facts" / f"month={MONTH}" / "part-9.parquet").write_bytes(b"no Parquet")
    with pytest.raises(Unavailable, match="facts"):
        close_month(folder, MONTH)
    assert closed_months(folder) == ()
    assert list(folder.glob("cubes/*")) == []
