"""The imports that were made: who, when, what came of them, row by row of the source's tables."""

from typing import Any, Final, NamedTuple

import orjson

from directory.open_referral.records import Quarantined
from directory.working_copy.importing import quarantine
from directory.working_copy.problems import NotHeld
from directory.working_copy.report import Counts
from directory.working_copy.store import WorkingCopy

_COLUMNS: Final = "SELECT run, source, at, by, complete, counts FROM run"


class Run(NamedTuple):
    """One import. `tables` maps each table of the source to its counts; `at` is ISO 8601."""

    number: int
    source: str
    at: str
    by: str
    complete: bool
    tables: dict[str, Counts]

    @property
    def total(self) -> Counts:
        """The sum over all tables."""
        return Counts(*(sum(column) for column in zip(*self.tables.values(), strict=True)))


def runs(working: WorkingCopy, *, limit: int) -> tuple[Run, ...]:
    """The latest imports, newest first."""
    rows = working.database.execute(f"{_COLUMNS} ORDER BY run DESC LIMIT ?", (limit,))
    return tuple(map(_run, rows))


def run(working: WorkingCopy, number: int) -> tuple[Run, tuple[Quarantined, ...]]:
    """One import and what it did not take, in the order of the source; raises NotHeld."""
    row = working.database.execute(f"{_COLUMNS} WHERE run = ?", (number,)).fetchone()
    if row is None:
        raise NotHeld(f"there is no import {number}")
    return _run(row), quarantine(working, number)


def _run(row: tuple[Any, ...]) -> Run:
    number, source, at, by, complete, counts = row
    tables = {name: Counts(**found) for name, found in orjson.loads(counts).items()}
    return Run(number, source, at, by, bool(complete), tables)
