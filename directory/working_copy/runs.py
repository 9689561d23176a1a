"""Import runs: begun, ended, listed, and what each did not take."""

from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import orjson

from directory.open_referral.records import Quarantined
from directory.working_copy.problems import NotHeld
from directory.working_copy.report import Counts, Gone, mostly_gone
from directory.working_copy.store import WorkingCopy
from directory.working_copy.writing import insert, stamp

if TYPE_CHECKING:
    import sqlite_utils

_COLUMNS: Final = "SELECT run, source, at, by, complete, counts, unsure FROM run"


class Run(NamedTuple):
    """One import. `tables` maps each table of the source to its counts; `at` is ISO 8601.

    `complete` and `unsure` are as in `report.ImportReport`.
    """

    number: int
    source: str
    at: str
    by: str
    complete: bool
    tables: dict[str, Counts]
    unsure: tuple[str, ...]

    @property
    def mostly_gone(self) -> Gone | None:
        """Services that went, where they are most of the source: likely the wrong file."""
        return mostly_gone(self.tables)

    @property
    def total(self) -> Counts:
        """The sum over all tables."""
        return Counts(*(sum(column) for column in zip(*self.tables.values(), strict=True)))


def start(
    database: "sqlite_utils.Database", source: str, now: datetime, by: str, *, whole: bool
) -> int:
    """Begins a run inside the caller's write; gives its number."""
    row = {"source": source, "at": stamp(now), "by": by, "complete": int(whole), "counts": "{}"}
    return insert(database, "run", row)


def runs(working: WorkingCopy, *, limit: int) -> tuple[Run, ...]:
    """The latest imports, newest first."""
    rows = working.database.execute(f"{_COLUMNS} ORDER BY run DESC LIMIT ?", (limit,))
    return tuple(_run(*row) for row in rows)


def run(working: WorkingCopy, number: int) -> tuple[Run, tuple[Quarantined, ...]]:
    """One import and what it did not take, in the order of the source; raises NotHeld."""
    row = working.database.execute(f"{_COLUMNS} WHERE run = ?", (number,)).fetchone()
    if row is None:
        raise NotHeld(f"there is no import {number}")
    return _run(*row), quarantine(working, number)


def quarantine(working: WorkingCopy, number: int) -> tuple[Quarantined, ...]:
    """What an import run did not take, in the order of the source, with the reasons."""
    rows = working.database.execute(
        "SELECT held_in, place, id, reason FROM quarantine WHERE run = ? ORDER BY row_number",
        (number,),
    )
    return tuple(Quarantined(*row) for row in rows)


def _run(number: int, source: str, at: str, by: str, *found: Any) -> Run:
    complete, counts, unsure = found
    tables = {name: Counts(**held) for name, held in orjson.loads(counts).items()}
    unsure_of = tuple(orjson.loads(unsure or "[]"))
    return Run(number, source, at, by, bool(complete), tables, unsure_of)
