"""Fact files, checked as a whole and taken as a whole, one Parquet partition for each month.

facts/month=YYYY-MM/<hash of the file>.parquet   what a file said of the month
facts/.ready-<hash>/                             a sound file, on its way to its months
"""

# ruff: noqa: S608 -- SQL is put together from names and codes of our own, never from a value

import glob
import shutil
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

from template_service.aggregates.durable import held_alone, sync, workplace
from template_service.aggregates.fact_rules import (
    FACT_TYPES,
    MAY_BE_UNKNOWN,
    FactRules,
    fact_rules,
)
from template_service.aggregates.reporting_period import MONTH
from template_service.aggregates.source_files import (
    LINES_NAMED,
    ROWS,
    FileProblem,
    FileRefused,
    Rule,
    SourceRows,
    fingerprint,
    opened,
    sql_file,
    sql_text,
)
from template_service.aggregates.vocabulary import domains

_READY: Final = ".ready-"
_TWICE = Rule(
    "person",
    "",
    "is there more than once for a domain and month, here or in facts already held",
    "duplicate",
)
_DIFFERENT = Rule(
    "person",
    "",
    "has other codes in an earlier row of the month, here or in facts already held",
    "business-rule",
)
# A person is counted in one place and with one of each characteristic.
_CODES_OF_PERSON: Final = ("practice", *MAY_BE_UNKNOWN)


@dataclass(frozen=True, slots=True)
class MonthFacts:
    """What a file holds of one month; people are counted once however many domains they have."""

    month: str
    rows: int
    people: int


@dataclass(frozen=True, slots=True)
class FactsReport:
    """What an import took, by month; `unknown` is the rows that are blank in each column.

    `already_held`: the very file was imported before, and nothing was read or changed.
    """

    file: str
    digest: str
    months: tuple[MonthFacts, ...] = ()
    unknown: tuple[tuple[str, int], ...] = ()
    already_held: bool = False

    @property
    def rows(self) -> int:
        """Rows of all months."""
        return sum(month.rows for month in self.months)


def import_facts(
    folder: Path, source: Path, *, today: date, closed: Collection[str]
) -> FactsReport:
    """Take a file of facts (`.csv` or `.parquet`, columns `FACT_TYPES`) into `folder/facts`.

    `folder` is the data folder's `aggregates`, `closed` the months (`YYYY-MM`) that are closed:
    they and every month before the last of them take no more.
    The file is taken whole or not at all: raises FileRefused with every rule that rows break,
    NotFound, UnsupportedMedia, or Unavailable while another import runs or the disk is full.
    """
    with facts_held(folder) as facts:
        discard(facts, closed)
        print_of_file = fingerprint(source)
        digest = print_of_file.digest
        if any(facts.glob(f"month=*/{digest}.parquet")):
            return FactsReport(source.name, digest, already_held=True)
        with workplace(facts) as work:
            with opened(source, print_of_file.lines, work, needed=tuple(FACT_TYPES)) as rows:
                months = _checked(rows, facts, fact_rules(today, _shut(rows, closed)))
                _write(rows, months, work / digest)
                unknown = _unknown(rows, work / digest)
            (work / digest).rename(facts / f"{_READY}{digest}")
            sync(facts)
        _settle(facts)
        return FactsReport(source.name, digest, months, unknown)


def discard(facts: Path, closed: Collection[str]) -> None:
    """Remove the facts of closed months (`YYYY-MM`): their cells are kept, their people are not."""
    gone = [facts / f"month={month}" for month in closed if (facts / f"month={month}").exists()]
    for folder in gone:
        shutil.rmtree(folder)
    if gone:
        sync(facts)


@contextmanager
def facts_held(folder: Path) -> Iterator[Path]:
    """The facts folder, made if absent, for this process alone: to import into it or to close.

    What an earlier import did not finish is finished first. Raises Unavailable while another
    process holds it.
    """
    facts = folder / "facts"
    with held_alone(facts):
        _settle(facts)
        yield facts


def _settle(facts: Path) -> None:
    """Carry what is ready to its months: also what a crash interrupted."""
    for ready in facts.glob(f"{_READY}*"):
        for part in sorted(ready.iterdir()):
            month = facts / part.stem
            month.mkdir(mode=0o700, exist_ok=True)
            part.replace(month / f"{ready.name.removeprefix(_READY)}.parquet")
            sync(month)
        sync(facts)
        ready.rmdir()


def _shut(rows: SourceRows, closed: Collection[str]) -> list[str]:
    """The months of a file that take no more: months are closed in order."""
    if not closed:
        return []
    months = (
        f"SELECT DISTINCT month FROM {ROWS} WHERE month <= {sql_text(max(closed))}"
        f" AND regexp_full_match(month, {sql_text(MONTH.pattern)})"
    )
    return [month for (month,) in rows.connection.execute(months).fetchall()]


def _checked(rows: SourceRows, facts: Path, rules: FactRules) -> tuple[MonthFacts, ...]:
    """The months of a sound file; raises FileRefused."""
    problems = [problem for columns, some in rules for problem in rows.broken(columns, some)]
    _view_people(rows, _held(rows, facts))
    months = rows.connection.execute(_MONTHS).fetchall()
    if any(twice for *_, twice, _ in months):
        problems.append(_of_people(rows, _TWICE, _TWICE_ROWS))
    # A code that is wrong differs from the others too, and was told.
    if not problems and any(differs for *_, differs in months):
        problems.append(_of_people(rows, _DIFFERENT, _DIFFERENT_ROWS))
    if problems:
        raise FileRefused(problems=problems)
    return tuple(MonthFacts(month, count, people) for month, count, people, *_ in months)


def _held(rows: SourceRows, facts: Path) -> list[Path]:
    """The partitions already there of the months of the file."""
    months = rows.connection.execute(f"SELECT DISTINCT month FROM {ROWS}").fetchall()
    asked_of = {f"month={month}" for (month,) in months}
    return [
        path for path in sorted(facts.glob("month=*/*.parquet")) if path.parent.name in asked_of
    ]


def _view_people(rows: SourceRows, held: list[Path]) -> None:
    """The view of every person, domain and month: the file's, and what is held of its months."""
    listed = f"[{', '.join(sql_file(path) for path in held)}]"
    codes = ", ".join(f"{name}::VARCHAR" for name in _CODES_OF_PERSON)
    columns = f"SELECT month, person, domain, hash({codes}) AS codes"
    stored = f"UNION ALL {columns}, NULL FROM read_parquet({listed})"
    names = ", ".join(sql_text(domain) for domain in domains())
    rows.connection.execute(f"CREATE TYPE domain_code AS ENUM ({names})")
    rows.connection.execute(
        "CREATE VIEW asked_people AS SELECT month, person, domain, codes, row,"
        " 1 << enum_code(TRY_CAST(domain AS domain_code))::INT AS bit"
        f" FROM ({columns}, row FROM {ROWS} {stored if held else ''})"
        " WHERE month IS NOT NULL AND person IS NOT NULL"
    )


def _of_people(rows: SourceRows, rule: Rule, found: str) -> FileProblem:
    count, lines = rows.connection.execute(found).fetchone() or (0, [])
    return rows.problem(rule, count, lines)


def _write(rows: SourceRows, months: tuple[MonthFacts, ...], folder: Path) -> None:
    folder.mkdir()
    typed = ", ".join(f"{name}::{kind} AS {name}" for name, kind in FACT_TYPES.items())
    for part in months:
        path = folder / f"month={part.month}.parquet"
        rows.connection.execute(
            f"COPY (SELECT {typed} FROM {ROWS} WHERE month = {sql_text(part.month)})"
            f" TO {sql_text(path)} (FORMAT parquet, COMPRESSION zstd)"
        )
        sync(path)
    sync(folder)


def _unknown(rows: SourceRows, written: Path) -> tuple[tuple[str, int], ...]:
    """Blanks by column, which the partitions just written have counted."""
    found = rows.connection.execute(_BLANKS, [f"{glob.escape(str(written))}/*.parquet"])
    blanks = dict(found.fetchall())
    return tuple((column, blanks[column]) for column in MAY_BE_UNKNOWN)


# A person has a row twice where the rows are more than the different domains: one group for each
# person, not for each row, so that millions of rows fit.
_PEOPLE: Final = (
    "SELECT month, person, count(row) AS file_rows,"
    " count(bit) > bit_count(bit_or(bit)) AS twice, min(codes) < max(codes) AS differs"
    " FROM asked_people GROUP BY month, person"
)
_MONTHS: Final = (
    "SELECT month, sum(file_rows)::BIGINT, count(*) FILTER (file_rows > 0),"
    " count(*) FILTER (twice), count(*) FILTER (differs)"
    f" FROM ({_PEOPLE}) GROUP BY month ORDER BY month"
)
_BLANKS: Final = (
    "SELECT path_in_schema, sum(stats_null_count)::BIGINT FROM parquet_metadata($1)"
    " GROUP BY path_in_schema"
)
_TWICE_ROWS: Final = (
    f"SELECT count(*), min(row, {LINES_NAMED}) FROM ("
    "SELECT row, row_number() OVER (PARTITION BY month, person, domain ORDER BY row NULLS FIRST)"
    " AS time FROM asked_people SEMI JOIN"
    f" (FROM ({_PEOPLE}) WHERE twice) USING (month, person) WHERE bit IS NOT NULL"
    ") WHERE time > 1"
)
_DIFFERENT_ROWS: Final = (
    f"SELECT count(*), min(row, {LINES_NAMED}) FROM (SELECT row, codes,"
    " first_value(codes) OVER (PARTITION BY month, person ORDER BY row NULLS FIRST) AS first_codes"
    f" FROM asked_people SEMI JOIN (FROM ({_PEOPLE}) WHERE differs) USING (month, person)"
    ") WHERE codes <> first_codes"
)
