"""Closing a month: once, whole or not at all, with the one key, the same for the same facts."""

import os
import shutil
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from template_service.aggregates import months
from template_service.aggregates.folder import closed_months
from template_service.aggregates.months import Closed, close_month
from template_service.aggregates.rounding_key import RoundingKey
from template_service.aggregates.vocabulary import (
    ALL,
    ANY,
    AREAS,
    INDICATORS,
    REGISTRATION,
    domains,
)
from template_service.errors import Conflict, Invalid, NotFound, Unavailable
from tests.facts import write_facts
from tests.unit.aggregates.month_of_facts import lay_down, true_of

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
        lay_down(tmp_path, month, facts)
    return tmp_path


class Made(NamedTuple):
    """A folder of which both months were closed, a copy from between, and what the first told."""

    one: Path
    both: Path
    closed: Closed
    told: tuple[str, ...]


@pytest.fixture(scope="module")
def made(facts: pa.Table, tmp_path_factory: pytest.TempPathFactory) -> Made:
    one, both = (tmp_path_factory.mktemp("closed") / name for name in ("one", "both"))
    for month in (MONTH, NEXT):
        lay_down(one, month, facts)
    told: list[str] = []
    closed = close_month(one, MONTH, progress=told.append)
    shutil.copytree(one, both)
    close_month(both, NEXT)
    return Made(one, both, closed, tuple(told))


@pytest.fixture
def one_closed(made: Made, tmp_path: Path) -> Path:
    """A folder of its own in which the first month is closed, and the next has its facts."""
    return Path(shutil.copytree(made.one, tmp_path / "one"))


@pytest.fixture
def both_closed(made: Made, tmp_path: Path) -> Path:
    """The same folder later, with the next month closed as well."""
    return Path(shutil.copytree(made.both, tmp_path / "both"))


def _cube(folder: Path, month: str = MONTH) -> pa.Table:
    return pq.read_table(folder / "cubes" / f"{month}.parquet")


def test_a_month_becomes_cells_of_every_domain_that_add_up(made: Made) -> None:
    assert (made.closed.month, made.closed.people) == (MONTH, 600)
    assert sorted(made.told) == sorted((*domains(), ANY))
    assert closed_months(made.one) == (MONTH,)
    rows = _cube(made.one).to_pylist()
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
    made: Made, facts: pa.Table, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    half = facts.num_rows // 2
    lay_down(other, MONTH, facts.slice(half), facts.slice(0, half))
    shutil.copy2(made.one / "rounding-key", other)
    close_month(other, MONTH)
    assert _cube(other).equals(_cube(made.one))


def test_another_month_and_other_facts_are_drawn_anew(
    made: Made, facts: pa.Table, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No random numbers of one are those of another, and the same facts are rounded otherwise."""
    begun: list[str] = []
    generator = RoundingKey.generator

    def noted(key: RoundingKey, *about: str) -> np.random.Generator:
        drawn = generator(key, *about)
        begun.append(str(drawn.bit_generator.state))
        return drawn

    monkeypatch.setattr(RoundingKey, "generator", noted)
    of_thirty = 30 * len(domains())
    cubes = []
    # Each in a folder of its own, where nobody was counted before: only the draw may differ.
    for month, start in ((MONTH, 0), (NEXT, 0), (MONTH, of_thirty)):
        folder = tmp_path / f"{month}-{start}"
        lay_down(folder, month, facts.slice(start, of_thirty))
        shutil.copy2(made.one / "rounding-key", folder)
        close_month(folder, month)
        cubes.append(_cube(folder, month).drop_columns(["month"]))
    assert len(set(begun)) == len(begun) > len(cubes) * len(domains())
    assert not cubes[0].equals(cubes[1])


def test_a_closed_month_stays_as_it_is(one_closed: Path) -> None:
    before = _cube(one_closed)
    with pytest.raises(Conflict, match="is closed"):
        close_month(one_closed, MONTH)
    assert _cube(one_closed).equals(before)


def test_a_month_that_is_not_over_is_not_closed(folder: Path) -> None:
    for day in (date(2026, 8, 1), date(2026, 9, 30)):
        with pytest.raises(Invalid, match="not over"):
            close_month(folder, MONTH, today=day)
        assert closed_months(folder) == ()
    close_month(folder, MONTH, today=date(2026, 10, 1))
    assert closed_months(folder) == (MONTH,)


def test_months_are_closed_in_order(folder: Path, both_closed: Path, facts: pa.Table) -> None:
    with pytest.raises(Conflict, match=f"{MONTH} has facts and is not closed"):
        close_month(folder, NEXT)
    lay_down(both_closed, "2026-08", facts)
    with pytest.raises(Conflict, match=f"{NEXT} is closed"):
        close_month(both_closed, "2026-08")


def test_facts_are_gone_once_they_are_counted_and_no_id_is_left(one_closed: Path) -> None:
    folder = one_closed
    assert [path.name for path in (folder / "facts").glob("month=*")] == [f"month={NEXT}"]
    shutil.rmtree(folder / "facts")
    for path in folder.rglob("*.parquet"):
        assert "person" not in pq.read_schema(path).names
        assert b"p1-0000" not in path.read_bytes()


def test_another_engine_is_refused(folder: Path) -> None:
    with pytest.raises(Invalid, match="duckdb, spark"):
        close_month(folder, MONTH, engine="abacus")  # type: ignore[arg-type]


def test_months_of_a_year_add_up_to_people(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Unrounded, `any` over a year is the people of the year, and of the next they count again."""
    monkeypatch.setattr(months, "round_month", _as_they_are)
    people: dict[str, set[str]] = {}
    found: Counter[str] = Counter()
    for seed, month in enumerate(("2026-04", "2026-05", "2027-03", "2027-04")):
        facts = _some_of_a_month(tmp_path / f"{month}.parquet", month, seed)
        lay_down(tmp_path, month, facts)
        year = "2027" if month == "2027-04" else "2026"
        for fact in facts.to_pylist():
            for indicator in true_of(fact):
                people.setdefault(f"{year} {indicator}", set()).add(fact["person"])
        close_month(tmp_path, month)
        for row in _cube(tmp_path, month).to_pylist():
            if (row["domain"], row["breakdown"], row["block"]) == (ANY, ALL, REGISTRATION):
                for indicator in INDICATORS:
                    found[f"{year} {indicator}"] += row[indicator]
    assert found == {key: len(these) for key, these in people.items()}


def _as_they_are(counts: Mapping[str, Any], *arguments: object, **how: object) -> Mapping[str, Any]:
    return counts


def _some_of_a_month(path: Path, month: str, seed: int) -> pa.Table:
    """Facts of the same people each month, of other domains and answers."""
    write_facts(path, people=150, month=month, seed=seed, asked_all=False)
    facts = pq.read_table(path)
    persons = pa.array([f"q{person.as_py()[-8:]}" for person in facts["person"]])
    facts = facts.set_column(facts.column_names.index("person"), "person", persons)
    return facts.take(list(range(seed, facts.num_rows, 7)))


def test_more_in_need_than_asked_are_rounded_in_a_later_month(
    tmp_path: Path, facts: pa.Table
) -> None:
    """Asked everything in April, in need of something in May: in `any`, need without asked."""
    for month in (MONTH, NEXT):
        answer = "need" if month == NEXT else "no-need"
        states = pa.array([answer] * facts.num_rows)
        place = facts.column_names.index("state")
        lay_down(tmp_path, month, facts.set_column(place, "state", states))
        close_month(tmp_path, month)
    rows = [row for row in _cube(tmp_path, NEXT).to_pylist() if row["domain"] == ANY]
    everybody = [row for row in rows if (row["block"], row["breakdown"]) == (REGISTRATION, ALL)]
    assert sum(row["asked"] for row in everybody) == 0
    assert abs(sum(row["need"] for row in everybody) - 600) < 5


def test_a_month_in_which_nobody_was_asked_is_closed_without_cells(
    tmp_path: Path, facts: pa.Table
) -> None:
    for name, value in {"state": "not-asked", "signposted": "0", "referred": "0"}.items():
        values = pa.array([value] * facts.num_rows)
        facts = facts.set_column(facts.column_names.index(name), name, values)
    outcome = facts.column_names.index("outcome")
    nothing = pa.nulls(facts.num_rows, pa.string())
    lay_down(tmp_path, MONTH, facts.set_column(outcome, "outcome", nothing))
    closed = close_month(tmp_path, MONTH)
    assert (closed.people, closed.cells) == (600, 0)
    assert closed_months(tmp_path) == (MONTH,)
    assert _cube(tmp_path).num_rows == 0


KILLED = """
import os, signal, sys
from pathlib import Path
from template_service.aggregates import months

def kill(*_):
    os.kill(os.getpid(), signal.SIGKILL)

step, folder, month = sys.argv[1:]
if step == "after the cube":
    kept = months._keep
    months._keep = lambda *given: (kept(*given), kill())
else:
    months._keep = kill
months.close_month(Path(folder), month)
"""


@pytest.mark.parametrize("step", ["before the cube", "after the cube"])
def test_a_kill_between_the_steps_counts_nobody_twice_and_loses_nobody(
    folder: Path, made: Made, step: str
) -> None:
    whole = made.both
    shutil.copy2(whole / "rounding-key", folder)
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, step, str(folder), MONTH], check=False, env=os.environ
    )
    assert killed.returncode == -signal.SIGKILL
    assert closed_months(folder) == ((MONTH,) if step == "after the cube" else ())
    if step == "before the cube":
        close_month(folder, MONTH)
    close_month(folder, NEXT)
    for month in (MONTH, NEXT):
        assert _cube(folder, month).equals(_cube(whole, month))
    assert not any(row["domain"] == ANY for row in _cube(folder, NEXT).to_pylist())
    assert not list(folder.glob("facts/month=*"))
    assert not list(folder.glob("facts/.work-*"))


@pytest.mark.parametrize("month", ["2026-13", "2026", "../x", "2026-9", ""])
def test_what_is_no_month_is_refused(folder: Path, month: str) -> None:
    with pytest.raises(Invalid, match="YYYY-MM"):
        close_month(folder, month)


def test_a_month_without_facts_is_refused(folder: Path) -> None:
    with pytest.raises(NotFound, match="import them first"):
        close_month(folder, "2026-01")


def test_a_missing_key_a_changed_one_and_an_open_one_are_refused(one_closed: Path) -> None:
    folder = one_closed
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


def test_the_key_is_its_owners_and_is_in_no_cube(made: Made) -> None:
    key = made.one / "rounding-key"
    assert key.stat().st_mode & 0o077 == 0
    written = (made.one / "cubes" / f"{MONTH}.parquet").read_bytes()
    assert key.read_bytes() not in written
    assert bytes.fromhex(key.read_text()) not in written


def test_a_broken_fact_file_leaves_nothing_behind(folder: Path) -> None:
    (folder / "facts" / f"month={MONTH}" / "part-9.parquet").write_bytes(b"no Parquet")
    with pytest.raises(Unavailable, match="facts"):
        close_month(folder, MONTH)
    assert closed_months(folder) == ()
    assert list(folder.glob("cubes/*")) == []
