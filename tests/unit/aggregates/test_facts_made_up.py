"""The made-up facts of the tests themselves: as many as asked, the same each time, a gradient."""

from hashlib import sha256
from pathlib import Path

import duckdb
import pytest

from template_service.aggregates.vocabulary import STATES, domains
from tests.facts import shared_msoas, write_facts


def digest(path: Path, *, seed: int) -> str:
    write_facts(path, people=200, month="2026-09", seed=seed)
    return sha256(path.read_bytes()).hexdigest()


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_a_seed_gives_the_same_facts_each_time(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"facts{suffix}"
    first = digest(path, seed=1)
    assert digest(path, seed=1) == first
    assert digest(path, seed=2) != first


def test_need_falls_from_decile_to_decile_in_every_domain(tmp_path: Path) -> None:
    path = tmp_path / "facts.parquet"
    write_facts(path, people=20_000, month="2026-09", seed=1)
    shares = duckdb.sql(
        "SELECT domain, avg((state = 'need')::INT) FILTER (imd_decile = '1'),"  # noqa: S608
        " avg((state = 'need')::INT) FILTER (imd_decile = '10'), count(*)"
        f" FROM read_parquet('{path}') GROUP BY domain"
    ).fetchall()
    assert {domain for domain, *_ in shares} == set(domains())
    for _, most, least, rows in shares:
        assert 0.04 < least < most < 0.26
        assert rows == 20_000


def test_everything_that_facts_may_say_is_said(tmp_path: Path) -> None:
    path = tmp_path / "facts.parquet"
    write_facts(path, people=5_000, month="2026-09", seed=1, asked_all=False)
    states = duckdb.sql(f"SELECT DISTINCT state FROM read_parquet('{path}')").fetchall()  # noqa: S608
    assert {state for (state,) in states} == {*STATES, None}


def test_an_msoa_is_given_only_by_a_look_up(tmp_path: Path, shared: Path) -> None:
    path = tmp_path / "facts.parquet"
    missing = f"SELECT count(*) FILTER (msoa IS NULL), count(*) FILTER (lsoa IS NULL) FROM '{path}'"  # noqa: S608
    write_facts(path, people=500, month="2026-09", seed=1)
    assert duckdb.sql(missing).fetchall()[0][0] == 6000
    write_facts(path, people=500, month="2026-09", seed=1, msoas=shared_msoas(shared))
    without_msoa, without_lsoa = duckdb.sql(missing).fetchall()[0]
    assert 0 < without_msoa == without_lsoa < 600
