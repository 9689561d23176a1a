"""An import run: what a source says now becomes records, proposals and a report, all or nothing."""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import orjson

from directory.open_referral.attributes import CURATED
from directory.open_referral.records import Item, Quarantined
from directory.open_referral.schemas import TABLES
from directory.working_copy import proposing, staging
from directory.working_copy.arriving import arrive, leave
from directory.working_copy.merging import merge
from directory.working_copy.report import Counts, ImportReport
from directory.working_copy.store import WorkingCopy
from directory.working_copy.writing import Hand, Wanted, insert, json_text, note, stamp, write

if TYPE_CHECKING:
    import sqlite_utils

# What a source's system writes by itself; nobody has to agree to it.
_UNATTENDED: Final = frozenset({"last_modified"})

_DECIDE: Final = """
UPDATE staged SET fate = coalesce((
    SELECT CASE WHEN record.state = 'withdrawn' AND record.missing THEN 'back'
                WHEN record.digest <> staged.digest OR record.missing THEN 'changed'
                ELSE 'unchanged' END
    FROM record WHERE record.source = ? AND record.kind = staged.kind AND record.id = staged.id
), 'new') WHERE reason IS NULL
"""
_TAKE_NEW: Final = """
INSERT INTO record (source, kind, id, fields, digest, state, origin, missing, published, uid,
                    place, run)
SELECT :source, kind, id, fields, digest, 'current', 'source', 0, 0,
       CASE kind WHEN 'service' THEN uuid_of(:source, kind, id) ELSE '' END, place, :run
FROM staged WHERE fate = 'new'
"""
_LINK_NEW: Final = """
INSERT INTO link (source, kind, id, field, target_kind, target_id)
SELECT ?, staged.kind, staged.id, link.field, link.kind, link.id
FROM staged_link AS link JOIN staged ON staged.seq = link.seq WHERE staged.fate = 'new'
"""
_KEEP_QUARANTINE: Final = """
INSERT INTO quarantine (run, source, held_in, place, id, reason)
SELECT ?, ?, held_in, place, id, reason FROM staged WHERE reason IS NOT NULL ORDER BY seq
"""
_DIFFERENT: Final = (
    "SELECT staged.kind, staged.id, staged.fields, staged.digest, staged.place, staged.fate"
    " FROM staged WHERE staged.fate IN ('changed', 'back') ORDER BY staged.seq"
)
_COUNTS: Final = "SELECT held_in, coalesce(fate, 'quarantined'), count(*) FROM staged GROUP BY 1, 2"
_FATES: Final = {"back": "new"}


class _Run(NamedTuple):
    database: "sqlite_utils.Database"
    source: str
    hand: Hand
    number: int


def import_items(
    working: WorkingCopy,
    source: str,
    items: Iterable[Item],
    *,
    now: datetime,
    by: str,
    complete: Callable[[], bool] = lambda: True,
) -> ImportReport:
    """Takes in everything a source holds; the same again changes nothing.

    `items` are read to their end before anything is written, whatever they raise leaves the working
    copy as it was. `complete` is asked after that whether the source was read without a break; if
    not, and also where a row was refused whose id nobody knows, nothing counts as withdrawn: it may
    be what seems to be missing. A change of what a curator edited or what is published, and
    every service that is gone, becomes a proposal. Raises WorkingCopyBusy.
    """
    connection = working.database.conn
    staging.stage(connection, items)
    whole = complete() and staging.is_recognised(connection)
    with working.writing() as database:
        staging.check(connection, source, complete=whole)
        number = _start(database, source, now, by, whole)
        hand = Hand(by, now, "import", f"import {number} of {source}", run=number)
        run = _Run(database, source, hand, number)
        waiting = proposing.open_count(database)
        connection.execute(_DECIDE, (source,))
        _take_new(run)
        _take_different(run)
        gone = leave(database, source, hand) if whole else {}
        connection.execute(_KEEP_QUARANTINE, (number, source))
        tables = _counts(database, gone)
        _finish(run, tables)
        return ImportReport(
            source,
            number,
            whole,
            tables,
            quarantine(working, number),
            proposing.open_count(database) - waiting,
        )


def quarantine(working: WorkingCopy, run: int) -> tuple[Quarantined, ...]:
    """What an import run did not take, in the order of the source, with the reasons."""
    rows = working.database.execute(
        "SELECT held_in, place, id, reason FROM quarantine WHERE run = ? ORDER BY row_number",
        (run,),
    )
    return tuple(Quarantined(*row) for row in rows)


def _start(
    database: "sqlite_utils.Database", source: str, now: datetime, by: str, whole: bool
) -> int:
    row = {"source": source, "at": stamp(now), "by": by, "complete": int(whole), "counts": "{}"}
    return insert(database, "run", row)


def _finish(run: _Run, tables: dict[str, Counts]) -> None:
    counts = json_text({name: found._asdict() for name, found in tables.items()})
    run.database.execute("UPDATE run SET counts = ? WHERE run = ?", (counts, run.number))
    note(run.database, run.hand, became=counts)


def _take_new(run: _Run) -> None:
    given = {"source": run.source, "run": run.number}
    run.database.conn.execute(_TAKE_NEW, given)
    run.database.conn.execute(_LINK_NEW, (run.source,))
    arrive(run.database, run.source, run.hand)


def _take_different(run: _Run) -> None:
    for kind, record_id, text, digest, place, fate in run.database.execute(_DIFFERENT).fetchall():
        key = (run.source, kind, record_id)
        says = orjson.loads(text)
        if fate == "back":
            _take_back(run, kind, record_id, says)
        else:
            _take_changed(run, kind, record_id, says)
        run.database.execute(
            "UPDATE record SET said = CASE WHEN fields = :text THEN NULL ELSE :text END,"
            " digest = :digest, run = :run, missing = 0, origin = 'source',"
            " place = CASE WHEN place IN ('', :curated) THEN place ELSE :place END"
            " WHERE source = :source AND kind = :kind AND id = :id",
            {
                "text": text,
                "digest": digest,
                "place": place,
                "curated": CURATED,
                "run": run.number,
                **dict(zip(("source", "kind", "id"), key, strict=True)),
            },
        )


def _take_changed(run: _Run, kind: str, record_id: str, says: dict[str, Any]) -> None:
    before = proposing.held_of(run.database, run.source, kind, record_id)
    said = before.said if before.origin == "source" else {}
    protected = proposing.protected(run.database, run.source, kind, record_id)

    def free(field: str) -> bool:
        return field not in protected and (not before.published or field in _UNATTENDED)

    merged = merge(before.fields, said, says, free)
    write(run.database, run.source, [Wanted(kind, record_id, merged.fields)], run.hand)
    proposing.supersede(run.database, (run.source, kind, record_id), says, run.hand)
    for field in merged.waiting:
        offer = partial(proposing.offer, run.database, run.hand, (run.source, kind, record_id))
        offer(action="set", field=field, was=before.fields, wanted=says)


def _take_back(run: _Run, kind: str, record_id: str, says: dict[str, Any]) -> None:
    """A record a curator agreed to withdraw is in the source again: a curator decides again."""
    write(run.database, run.source, [Wanted(kind, record_id, says, "proposed")], run.hand)
    proposing.offer(run.database, run.hand, (run.source, kind, record_id), action="add")


def _counts(database: "sqlite_utils.Database", gone: dict[str, int]) -> dict[str, Counts]:
    found: dict[str, dict[str, int]] = {}
    for table, fate, rows in database.execute(_COUNTS):
        counts = found.setdefault(table, {})
        name = _FATES.get(fate, fate)
        counts[name] = counts.get(name, 0) + rows
        counts["read"] = counts.get("read", 0) + rows
    for table, rows in gone.items():
        found.setdefault(table, {})["withdrawn"] = rows
    return {table: Counts(**found[table]) for table in _in_order(found)}


def _in_order(tables: Iterable[str]) -> Iterator[str]:
    """The tables as HSDS lists them, services first, then those it does not have."""
    known = ["services", *(table for table in TABLES.values() if table != "services")]
    named = set(tables)
    yield from (table for table in known if table in named)
    yield from sorted(named - set(known))
