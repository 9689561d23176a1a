"""An import run: what a source says now becomes records, proposals and a report, all or nothing."""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import orjson

from directory.open_referral.attributes import CURATED
from directory.open_referral.records import Item
from directory.open_referral.schemas import TABLES, table_of
from directory.working_copy import proposing, staging, taking_out
from directory.working_copy.arriving import arrive, leave
from directory.working_copy.merging import merge
from directory.working_copy.report import Counts, ImportReport
from directory.working_copy.runs import quarantine, start
from directory.working_copy.store import WorkingCopy
from directory.working_copy.writing import Hand, Wanted, json_text, note, write

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
_HALF_THERE: Final = """
SELECT 2 * count(staged.id) >= count(*) FROM record
LEFT JOIN staged ON staged.kind = record.kind AND staged.id = record.id AND staged.fate IS NOT NULL
WHERE record.source = ? AND record.kind = 'service' AND record.state <> 'withdrawn'
"""
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
    ours: bool = False,
) -> ImportReport:
    """Takes in everything a source holds; the same again changes nothing.

    `items` are read to their end before anything is written, whatever they raise leaves the working
    copy as it was. `complete` is asked after that whether the source was read without a break; if
    not, or if one of the items is Broken, nothing counts as withdrawn. Where a row was refused
    whose id nobody knows, nothing of its kind does, nor of what may be nested in it: the row may
    hold what seems to be missing. A change of what a curator edited or what is published, and
    every service that is gone, becomes a proposal. `ours`: the items are the directory's own, so
    that those whose place says so are believed as a curator's. Raises WorkingCopyBusy.
    """
    connection = working.database.conn
    unbroken = staging.stage(connection, items, ours=ours)
    whole = complete() and unbroken
    with working.writing() as database:
        number = start(database, source, now, by, whole=whole)
        hand = Hand(by, now, "import", f"import {number} of {source}", run=number)
        run = _Run(database, source, hand, number)
        waiting = proposing.open_count(database)
        # What a row refers to may be among what comes back.
        returned = taking_out.bring_back(database, source, hand)
        gone = _take(run, whole=whole, returned=returned, ours=ours)
        connection.execute(_KEEP_QUARANTINE, (number, source))
        tables = _counts(database, gone)
        hidden = sorted(staging.hidden_kinds(connection)) if whole else ()
        unsure = tuple(map(table_of, hidden))
        _finish(run, tables, unsure)
        return ImportReport(
            source,
            number,
            whole,
            tables,
            quarantine(working, number),
            proposing.open_count(database) - waiting,
            unsure,
            returned,
        )


def _take(run: _Run, *, whole: bool, returned: bool, ours: bool) -> dict[str, int]:
    """Takes what was staged; gives how many rows of each table are gone from the source."""
    connection = run.database.conn
    staging.check(connection, run.source, complete=whole)
    connection.execute(_DECIDE, (run.source,))
    # Whoever took the source out agreed to less of it, not to the wrong file.
    (half_there,) = connection.execute(_HALF_THERE, (run.source,)).fetchone()
    if not whole:
        _add_to_known(run)
    _take_new(run)
    _take_different(run)
    if not whole:
        return {}
    return leave(run.database, run.source, run.hand, ours=ours, agreed=returned and half_there)


def _finish(run: _Run, tables: dict[str, Counts], unsure: tuple[str, ...]) -> None:
    counts = json_text({name: found._asdict() for name, found in tables.items()})
    run.database.execute(
        "UPDATE run SET counts = ?, unsure = ? WHERE run = ?",
        (counts, json_text(unsure), run.number),
    )
    note(run.database, run.hand, became=counts)


def _take_new(run: _Run) -> None:
    given = {"source": run.source, "run": run.number}
    run.database.conn.execute(_TAKE_NEW, given)
    run.database.conn.execute(_LINK_NEW, (run.source,))
    arrive(run.database, run.source, run.hand)


def _add_to_known(run: _Run) -> None:
    """Keeps what was said before where a reading that was not whole does not say it.

    A list of changes, or what stands before a break, may hold an object with the few fields by
    which another names it; only a whole reading tells that a field is gone.
    """
    rows = run.database.execute(_DIFFERENT.replace("IN ('changed', 'back')", "= 'changed'"))
    for kind, record_id, text, _, _, _ in rows.fetchall():
        before = proposing.held_of(run.database, run.source, kind, record_id)
        said = before.said if before.origin == "source" else {}
        fields = staging.written({**said, **orjson.loads(text)})
        fate = "unchanged" if fields == staging.written(said) else "changed"
        run.database.execute(
            "UPDATE staged SET fate = ?, fields = ?, digest = ? WHERE kind = ? AND id = ?"
            " AND fate = 'changed'",
            (fate, fields.decode(), staging.digest_of(fields), kind, record_id),
        )


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
            " digest = :digest, run = :run, missing = 0,"
            " origin = CASE WHEN :taken AND place IN ('', :curated) THEN origin ELSE 'source' END,"
            # What comes back is the source's word alone, whoever made what was there before.
            " place = CASE WHEN :taken AND place IN ('', :curated) THEN place ELSE :place END"
            " WHERE source = :source AND kind = :kind AND id = :id",
            {
                "text": text,
                "digest": digest,
                "place": place,
                "taken": fate == "changed",
                "curated": CURATED,
                "run": run.number,
                **dict(zip(("source", "kind", "id"), key, strict=True)),
            },
        )


def _take_changed(run: _Run, kind: str, record_id: str, says: dict[str, Any]) -> None:
    before = proposing.held_of(run.database, run.source, kind, record_id)
    said = before.said if before.origin == "source" else {}
    protected = proposing.protected(run.database, run.source, kind, record_id)
    # One word more or less in an attribute makes it say something else.
    whole = before.place in ("", CURATED) or (kind == "attribute" and bool(protected))

    def free(field: str) -> bool:
        unpublished = not before.published or field in _UNATTENDED
        return not whole and field not in protected and unpublished

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
