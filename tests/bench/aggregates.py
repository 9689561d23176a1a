"""Closing a month, rounding included: seconds and memory of a process that does nothing else.

python -m tests.bench.aggregates WHAT FOLDER     what such a process runs; prints JSON
"""

# ruff: noqa: S608 -- SQL is put together from codes of our own

import json
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final

import duckdb

from template_service.aggregates.vocabulary import (
    ALL,
    BREAKDOWNS,
    ETHNIC_GROUPS,
    FIVE_YEAR_BANDS,
    IMD_DECILES,
    INDICATORS,
    LANGUAGE_GROUPS,
    SEXES,
    domains,
)
from tests.bench.figures import Figure

CLOSE_1M_GOAL_S: Final = 10
CLOSE_50M_GOAL_S: Final = 120
CLOSE_50M_GOAL_MB: Final = 1500

_MONTH: Final = "2026-09"
_DOMAINS: Final = 12
_RUNS: Final = 3
_PEAK: Final = re.compile(r"VmHWM:\s+(\d+) kB")


def close_1m_s() -> Iterator[Figure]:
    """A large city: a million facts of 86 practices and 172 pieces of wards.

    The peers count the same cells, unrounded, from the same file and keep nothing.
    """
    taken: dict[str, list[float]] = {"close": [], "polars": [], "duckdb": []}
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(_RUNS):
            # A close leaves no facts.
            _write_facts(Path(folder), facts=1_000_000, practices=86)
            for what in reversed(taken):
                taken[what].append(_measured(what, Path(folder))["seconds"])
            _reopen(Path(folder))
    medians = {what: statistics.median(runs) for what, runs in taken.items()}
    ours = medians.pop("close")
    yield Figure(
        figure="close_1m_s",
        value=round(ours, 2),
        unit="s",
        goal=f"<= {CLOSE_1M_GOAL_S}",
        met=ours <= CLOSE_1M_GOAL_S,
        peers={f"{what} counting alone": round(each / ours, 2) for what, each in medians.items()},
        runs=_RUNS,
    )


def close_50m_s() -> Iterator[Figure]:
    """A region: fifty million facts of 460 practices and 920 pieces of wards; time, then memory."""
    with tempfile.TemporaryDirectory() as folder:
        _write_facts(Path(folder), facts=50_000_000, practices=460)
        measured = _measured("close", Path(folder))
    for figure, value, unit, goal in (
        ("close_50m_s", measured["seconds"], "s", CLOSE_50M_GOAL_S),
        ("close_50m_mb", measured["mb"], "MB", CLOSE_50M_GOAL_MB),
    ):
        yield Figure(
            figure=figure,
            value=round(value, 1),
            unit=unit,
            goal=f"<= {goal}",
            met=value <= goal,
            runs=1,
        )


def _measured(what: str, folder: Path) -> dict[str, float]:
    """Seconds, its imports among them, and peak MB of the work in a process of its own."""
    command = [sys.executable, "-m", "tests.bench.aggregates", what, str(folder)]
    answer = subprocess.run(command, check=True, capture_output=True, text=True)
    found: dict[str, float] = json.loads(answer.stdout)
    return found


def _reopen(folder: Path) -> None:
    for path in (folder / "cubes").iterdir():
        path.unlink()


def _write_facts(folder: Path, *, facts: int, practices: int) -> None:
    """Made-up people, the same each time, everybody with a fact of each domain."""
    place = folder / "facts" / f"month={_MONTH}"
    place.mkdir(parents=True, exist_ok=True)
    with duckdb.connect(config={"memory_limit": "2GB", "temp_directory": str(folder)}) as made:
        made.execute(f"CREATE TABLE people AS {_people(-(-facts // _DOMAINS), practices)}")
        made.execute("CREATE TABLE asked (domain VARCHAR, chance INT)")
        chances = [[domain, 400 + 120 * place] for place, domain in enumerate(domains())]
        made.executemany("INSERT INTO asked VALUES (?, ?)", chances)
        made.execute(f"COPY ({_FACTS}) TO '{place / 'facts.parquet'}' (FORMAT parquet)")


def _people(number: int, practices: int) -> str:
    """SQL of so many people; each practice has two pieces of wards."""
    return (
        "SELECT number, 'p-' || md5(number::VARCHAR) AS person,"
        " 'B' || 86000 + home // 2 AS practice, 'U' || 10000 + home // 10 AS pcn,"
        " 'E01' || lpad((home * 7)::VARCHAR, 6, '0') AS lsoa,"
        " 'E05' || lpad((home // 6)::VARCHAR, 6, '0') AS ward,"
        " 'E02' || lpad((home // 2)::VARCHAR, 6, '0') AS msoa,"
        f" {_drawn(IMD_DECILES, 1)}::TINYINT AS imd_decile, {_drawn(SEXES, 3)} AS sex,"
        f" {_drawn(FIVE_YEAR_BANDS, 2)} AS age_band, {_drawn(ETHNIC_GROUPS, 4)} AS ethnic_group,"
        f" {_drawn(LANGUAGE_GROUPS, 5)} AS language_group"
        f" FROM (SELECT number, hash(number * 8) % {2 * practices} AS home"
        f" FROM range({number}) AS made (number))"
    )


def _drawn(codes: Sequence[str], salt: int) -> str:
    """SQL of a code drawn for a person, all as likely as blank."""
    cases = " ".join(f"WHEN {place} THEN '{code}'" for place, code in enumerate(codes))
    return f"CASE hash(number * 8 + {salt}) % {len(codes) + 1} {cases} END"


_FACTS: Final = f"""
SELECT '{_MONTH}' AS month, person, practice, pcn, lsoa, ward, msoa, imd_decile, age_band, sex,
    ethnic_group, language_group, domain,
    CASE WHEN draw < chance THEN 'need' WHEN draw < 9200 THEN 'no-need' WHEN draw < 9400
        THEN 'unsure' WHEN draw < 9600 THEN 'declined' WHEN draw < 9700 THEN 'not-offered'
        ELSE 'not-asked' END AS state,
    'asked' AS method, NULL::TINYINT AS level,
    CASE WHEN draw < chance THEN CASE draw % 3 WHEN 0 THEN 'yes-now' WHEN 1 THEN 'later'
        ELSE 'no' END END AS wants_help,
    (draw < chance AND draw % 3 = 0)::TINYINT AS signposted,
    (draw < chance AND draw % 6 = 0)::TINYINT AS referred,
    CASE WHEN draw < chance AND draw % 12 = 0 THEN 'resolved' END AS outcome
FROM (SELECT *, hash(number, domain) % 10000 AS draw FROM people CROSS JOIN asked)
"""


def _close(folder: Path) -> None:
    from template_service.aggregates.months import close_month

    close_month(folder, _MONTH)


def _duckdb(folder: Path) -> None:
    """The counts by hand-written SQL: grouping sets over the facts, and over people for `any`."""
    areas = (("practice", "pcn"), ("ward", "msoa"))
    sets = [
        f"({', '.join((*area, 'domain', *characteristic))})"
        for area in areas
        for characteristic in ((), *((name,) for name in _CHARACTERISTICS))
    ]
    codes = ", ".join(f"any_value({name}) AS {name}" for name in _OF_PERSON)
    marks = ", ".join(f"max({name}) AS {name}" for name in INDICATORS)
    sums = ", ".join(f"sum({name})" for name in INDICATORS)
    flags = ", ".join(f"({test})::INT AS {name}" for name, test in _FLAGS.items())
    duckdb.sql(
        f"WITH flagged AS (SELECT person, domain, {', '.join(_OF_PERSON)}, {flags}"
        f" FROM read_parquet('{folder}/facts/*/*.parquet', hive_partitioning = false)),"
        f" people AS (SELECT person, 'any' AS domain, {codes}, {marks} FROM flagged"
        " GROUP BY person)"
        f" SELECT {', '.join(_OF_PERSON)}, domain, {sums}"
        " FROM (FROM flagged UNION ALL BY NAME FROM people)"
        f" GROUP BY GROUPING SETS ({', '.join(sets)})"
    ).fetchnumpy()


def _polars(folder: Path) -> None:
    """The counts in Polars, lazily: all tables collected at once."""
    import polars as pl

    flagged = pl.scan_parquet(folder / "facts" / f"month={_MONTH}" / "*.parquet").select(
        "person",
        "domain",
        *_OF_PERSON,
        *(pl.sql_expr(test).cast(pl.Int32).alias(name) for name, test in _FLAGS.items()),
    )
    people = flagged.group_by("person").agg(
        pl.lit("any").alias("domain"),
        *(pl.col(name).first() for name in _OF_PERSON),
        *(pl.col(name).max() for name in INDICATORS),
    )
    rows = pl.concat([flagged, people])
    pl.collect_all(
        rows.group_by(*area, "domain", *characteristic).agg(pl.col(*INDICATORS).sum())
        for area in (("practice", "pcn"), ("ward", "msoa"))
        for characteristic in ((), *((name,) for name in _CHARACTERISTICS))
    )


_CHARACTERISTICS: Final = tuple(name for name in BREAKDOWNS if name != ALL)
_OF_PERSON: Final = ("practice", "pcn", "ward", "msoa", *_CHARACTERISTICS)
_FLAGS: Final = {
    "asked": "state IN ('no-need', 'need', 'unsure', 'declined')",
    "declined": "state = 'declined'",
    "not_offered": "state = 'not-offered'",
    "need": "state = 'need'",
    "wants_help": "state = 'need' AND COALESCE(wants_help IN ('yes-now', 'later'), FALSE)",
    "signposted": "signposted = 1",
    "referred": "referred = 1",
    "helped": "COALESCE(outcome IN ('resolved', 'partly'), FALSE)",
}
_WORK: Final[dict[str, Callable[[Path], None]]] = {
    "close": _close,
    "duckdb": _duckdb,
    "polars": _polars,
}


def main(what: str, folder: str) -> None:
    """Does the work in this process and prints its seconds and the peak of its memory."""
    started = time.perf_counter()
    _WORK[what](Path(folder))
    seconds = time.perf_counter() - started
    # Not getrusage, whose peak a process inherits from the one that started it.
    (peak,) = _PEAK.findall(Path("/proc/self/status").read_text())
    sys.stdout.write(json.dumps({"seconds": seconds, "mb": int(peak) * 1024 / 1e6}))


if __name__ == "__main__":
    main(*sys.argv[1:])
