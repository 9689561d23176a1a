"""Import runs as rows: begun, and what each did not take."""

from datetime import datetime
from typing import TYPE_CHECKING

from directory.open_referral.records import Quarantined
from directory.working_copy.store import WorkingCopy
from directory.working_copy.writing import insert, stamp

if TYPE_CHECKING:
    import sqlite_utils


def start(
    database: "sqlite_utils.Database", source: str, now: datetime, by: str, *, whole: bool
) -> int:
    """Begins a run inside the caller's write; gives its number."""
    row = {"source": source, "at": stamp(now), "by": by, "complete": int(whole), "counts": "{}"}
    return insert(database, "run", row)


def quarantine(working: WorkingCopy, run: int) -> tuple[Quarantined, ...]:
    """What an import run did not take, in the order of the source, with the reasons."""
    rows = working.database.execute(
        "SELECT held_in, place, id, reason FROM quarantine WHERE run = ? ORDER BY row_number",
        (run,),
    )
    return tuple(Quarantined(*row) for row in rows)
