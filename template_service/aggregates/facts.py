"""Fact files, checked as a whole and taken as a whole, one Parquet partition for each month.

facts/month=YYYY-MM/<hash of the file>.parquet   what a file said of the month
facts/.ready-<hash>/                             a sound file, on its way to its months
facts/.gone-<hash>/                              a file that is being taken back
"""

# ruff: noqa: S608 -- SQL is put together from names and codes of our own, never from a value

import glob
import re
import shutil
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

import duckdb

from template_service.aggregates.areas import Areas
from template_service.aggregates.durable import held_alone, sync, workplace
from template_service.aggregates.fact_places import (
    NotKnown,
    contradictions,
    known_codes,
    not_known,
    people_by_month,
    people_of_other_codes,
    people_twice,
)
from template_service.aggregates.fact_rules import (
    FACT_TYPES,
    MAY_BE_UNKNOWN,
    FactRules,
    fact_rules,
)
from template_service.aggregates.reporting_period import MONTH
from template_service.aggregates.source_files import (
    ROWS,
    FileRefused,
    SourceRows,
    fingerprint,
    opened,
    sql_file,
    sql_text,
)
from template_service.errors import Conflict, Invalid, Unavailable

DIGEST: Final = re.compile("[0-9A-Fa-f]{64}")
"""The SHA-256 of a file, by which it may be taken back when the file itself is gone."""

_STAYS: Final = "what it counted of the file stays"
_READY: Final = ".ready-"
_GONE: Final = ".gone-"


@dataclass(frozen=True, slots=True)
class MonthFacts:
    """What a file holds of one month; people are counted once however many domains they have."""

    month: str
    rows: int
    people: int


@dataclass(frozen=True, slots=True)
class FactsReport:
    """What an import took, by month; `unknown` is the rows that are blank in each column.

    `not_known` are the columns with codes that neither registered lists nor the geography know.
    `already_held`: the very file was imported before, and nothing was read or changed.
    """

    file: str
    digest: str
    months: tuple[MonthFacts, ...] = ()
    unknown: tuple[tuple[str, int], ...] = ()
    not_known: tuple[NotKnown, ...] = ()
    already_held: bool = False

    @property
    def rows(self) -> int:
        """Rows of all months."""
        return sum(month.rows for month in self.months)


@dataclass(frozen=True, slots=True)
class TakenBack:
    """What was removed of a file, by month; nothing where nothing was held any more.

    `closed` are the months of the file that are closed, as far as the file itself was given.
    """

    digest: str
    months: tuple[MonthFacts, ...]
    closed: tuple[str, ...] = ()


def import_facts(
    folder: Path,
    source: Path,
    *,
    today: date,
    closed: Collection[str],
    areas: Areas | None = None,
) -> FactsReport:
    """Take a file of facts (`.csv` or `.parquet`, columns `FACT_TYPES`) into `folder/facts`.

    `folder` is the data folder's `aggregates`, `closed` the months (`YYYY-MM`) that are closed:
    they and every month before the last of them take no more. Codes that neither the registered
    lists of the folder nor `areas` know are taken, and reported.
    The file is taken whole or not at all: raises FileRefused with every rule that rows break,
    NotFound, UnsupportedMedia, or Unavailable while another import runs or the disk is full.
    """
    known = known_codes(folder, areas)
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
                strange = not_known(rows, known)
            (work / digest).rename(facts / f"{_READY}{digest}")
            sync(facts)
        _settle(facts)
        return FactsReport(source.name, digest, months, unknown, strange)


def take_back(folder: Path, source: Path | str, *, closed: Collection[str]) -> TakenBack:
    """Remove what a file, or the one of that digest (SHA-256 in hex), brought to open months.

    `folder` and `closed` are those of `import_facts`. All of it is gone, or nothing yet; done again
    it changes nothing. Raises Conflict where the file's months are closed and nothing is left to
    remove, Invalid for what is no digest, NotFound or FileRefused for a file that cannot be read,
    and Unavailable while another command is at work.
    """
    with facts_held(folder) as facts:
        discard(facts, closed)
        digest, shut = _named(source, facts, closed)
        months = tuple(_held_of(part) for part in sorted(facts.glob(f"month=*/{digest}.parquet")))
        if shut and not months:
            raise Conflict("; ".join(f"{month} is closed: {_STAYS}" for month in shut))
        if months:
            (facts / f"{_GONE}{digest}").mkdir(mode=0o700)
            sync(facts)
            _settle(facts)
        return TakenBack(digest, months, shut)


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
    """Finish what was begun, also what a crash interrupted."""
    for gone in facts.glob(f"{_GONE}*"):
        _remove(facts, gone)
    for ready in facts.glob(f"{_READY}*"):
        for part in sorted(ready.iterdir()):
            month = facts / part.stem
            month.mkdir(mode=0o700, exist_ok=True)
            part.replace(month / f"{ready.name.removeprefix(_READY)}.parquet")
            sync(month)
        sync(facts)
        ready.rmdir()


def _remove(facts: Path, gone: Path) -> None:
    for part in sorted(facts.glob(f"month=*/{gone.name.removeprefix(_GONE)}.parquet")):
        part.unlink()
        sync(part.parent)
        if not any(part.parent.iterdir()):
            part.parent.rmdir()
    # The mark goes last: until then the next command knows that there may be more.
    sync(facts)
    gone.rmdir()


def _shut(rows: SourceRows, closed: Collection[str]) -> list[str]:
    """The months of a file that take no more: months are closed in order."""
    if not closed:
        return []
    months = (
        f"SELECT DISTINCT month FROM {ROWS} WHERE month <= {sql_text(max(closed))}"
        f" AND regexp_full_match(month, {sql_text(MONTH.pattern)})"
    )
    return [month for (month,) in rows.connection.execute(months).fetchall()]


def _named(source: Path | str, facts: Path, closed: Collection[str]) -> tuple[str, tuple[str, ...]]:
    """The digest of a file and its months that are closed; a digest alone tells no months."""
    if isinstance(source, str):
        if not DIGEST.fullmatch(source):
            raise Invalid("A digest is 64 characters, 0 to 9 and a to f")
        return source.lower(), ()
    print_of_file = fingerprint(source)
    with (
        workplace(facts) as work,
        opened(source, print_of_file.lines, work, needed=tuple(FACT_TYPES)) as rows,
    ):
        return print_of_file.digest, tuple(sorted({*_shut(rows, closed)} & {*closed}))


def _held_of(part: Path) -> MonthFacts:
    """What a partition holds of its month."""
    try:
        with duckdb.connect() as connection:
            rows, people = connection.execute(
                f"SELECT count(*), count(DISTINCT person) FROM read_parquet({sql_file(part)})"
            ).fetchone() or (0, 0)
    except duckdb.Error:
        raise Unavailable(f"{part.parent.name}/{part.name} is damaged: remove it by hand") from None
    return MonthFacts(part.parent.name.removeprefix("month="), rows, people)


def _checked(rows: SourceRows, facts: Path, rules: FactRules) -> tuple[MonthFacts, ...]:
    """The months of a sound file; raises FileRefused."""
    problems = [problem for columns, some in rules for problem in rows.broken(columns, some)]
    held = _held(rows, facts)
    months = people_by_month(rows, held)
    if any(month.twice for month in months):
        problems.append(people_twice(rows))
    # A code that is wrong differs from the others too, and was told.
    if not problems:
        problems = contradictions(rows, held)
        if any(month.differs for month in months):
            problems.append(people_of_other_codes(rows))
    if problems:
        raise FileRefused(problems=problems)
    return tuple(MonthFacts(month.month, month.rows, month.people) for month in months)


def _held(rows: SourceRows, facts: Path) -> list[Path]:
    """The partitions already there of the months of the file."""
    months = rows.connection.execute(f"SELECT DISTINCT month FROM {ROWS}").fetchall()
    asked_of = {f"month={month}" for (month,) in months}
    return [
        path for path in sorted(facts.glob("month=*/*.parquet")) if path.parent.name in asked_of
    ]


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


_BLANKS: Final = (
    "SELECT path_in_schema, sum(stats_null_count)::BIGINT FROM parquet_metadata($1)"
    " GROUP BY path_in_schema"
)
