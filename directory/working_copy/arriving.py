"""Records that came with an import and records that are gone from their source."""

from collections.abc import Container, Iterator, Mapping
from typing import TYPE_CHECKING, Final

from directory.open_referral.attributes import CURATED
from directory.open_referral.schemas import table_of
from directory.working_copy import proposing
from directory.working_copy.references import ROOTS, is_part
from directory.working_copy.writing import Hand, Wanted, write

if TYPE_CHECKING:
    import sqlite_utils

Key = tuple[str, str]

# New records beside something published, or beside something that itself still waits.
_BESIDE: Final = """
SELECT staged.kind, staged.id, link.field, link.kind
FROM staged JOIN staged_link AS link ON link.seq = staged.seq
JOIN record AS mine ON mine.source = :source AND mine.kind = staged.kind AND mine.id = staged.id
JOIN record AS target ON target.source = :source AND target.kind = link.kind
     AND target.id = link.id
WHERE staged.fate = 'new' AND mine.state = 'current'
AND (target.published OR target.state = 'proposed') ORDER BY staged.seq
"""
_GONE: Final = """
SELECT kind, id, published, state FROM record
WHERE source = :source AND origin = 'source' AND NOT missing AND state <> 'withdrawn'
AND (:ours OR place NOT IN ('', :curated)) AND kind NOT IN (SELECT kind FROM temp.hidden)
AND NOT EXISTS (SELECT 1 FROM staged WHERE staged.kind = record.kind AND staged.id = record.id)
ORDER BY rowid
"""
_PUBLISHED: Final = "SELECT 1 FROM record WHERE source = ? AND published LIMIT 1"
_PARTS: Final = (
    "SELECT link.kind, link.id, link.field, link.target_kind FROM link JOIN record"
    " USING (source, kind, id) WHERE link.source = ? AND link.target_kind = ?"
    " AND link.target_id = ? AND record.missing AND record.state = 'current'"
)


_TARGETS: Final = (
    "SELECT field, target_kind, target_id FROM link WHERE source = ? AND kind = ? AND id = ?"
)
_ABOVE: Final = (
    "SELECT DISTINCT target_kind, target_id FROM link JOIN record"
    " ON record.source = link.source AND record.kind = target_kind AND record.id = target_id"
    " WHERE link.source = ? AND link.kind = ? AND link.id = ?"
    " AND record.missing AND record.state = 'current'"
)
_POINTING: Final = (
    "SELECT link.kind, link.id FROM link JOIN record USING (source, kind, id)"
    " WHERE link.source = ? AND link.target_kind = ? AND link.target_id = ?"
    " AND record.state = 'current'"
)


def arrive(database: "sqlite_utils.Database", source: str, hand: Hand) -> None:
    """Makes new parts of what is published wait for a curator; all else that is new is current."""
    if database.execute(_PUBLISHED, (source,)).fetchone() is None:
        return
    while beside := _beside(database, source):
        for kind, record_id in beside:
            write(database, source, [Wanted(kind, record_id, state="proposed")], hand)
            proposing.offer(database, hand, (source, kind, record_id), action="add")


def leave(
    database: "sqlite_utils.Database",
    source: str,
    hand: Hand,
    *,
    ours: bool = False,
    agreed: bool = False,
) -> dict[str, int]:
    """Notes what is gone from the source; gives how many of each table.

    A service, and whatever is published or edited, stays until a curator agrees; one proposal
    stands for a record and all that went with it. What something else still points at stays too,
    and so does what a curator made: no source has it to take away but `ours`, the directory's own,
    and that only what came from it. `agreed`: a curator took all of the source out before, so that
    nobody has to agree again.
    """
    rows = database.execute(_GONE, {"source": source, "curated": CURATED, "ours": ours}).fetchall()
    gone = {(kind, record_id): bool(published) for kind, record_id, published, _ in rows}
    counts: dict[str, int] = {}
    for kind, _ in gone:
        counts[table_of(kind)] = counts.get(table_of(kind), 0) + 1
    database.conn.executemany(
        "UPDATE record SET missing = 1 WHERE source = ? AND kind = ? AND id = ?",
        [(source, *key) for key in gone],
    )
    for kind, record_id, published, state in rows:
        if state == "proposed":
            proposing.supersede(database, (source, kind, record_id), None, hand)
            write(database, source, [Wanted(kind, record_id, state="withdrawn")], hand)
        elif not _stays(database, source, (kind, record_id), gone):
            waits = not agreed and (
                kind == "service"
                or bool(published)
                or bool(proposing.protected(database, source, kind, record_id))
            )
            _withdraw(database, (source, kind, record_id), hand, waits=waits)
    return counts


def gone_with(database: "sqlite_utils.Database", source: str, key: Key) -> tuple[Key, ...]:
    """A record and what its source has no more with it, the record first.

    That is all its parts, and what only they pointed at: its place, its organisation.
    """
    found = [key]
    for at in found:
        found += [it for it in _parts_gone(database, source, at) if it not in found]
        above = [it for it in _keys(database, _ABOVE, source, at) if it[0] in ROOTS]
        found += [
            it
            for it in above
            if it[0] != "service" and it not in found and not needed_by(database, source, it, found)
        ]
    return tuple(found)


def needed_by(
    database: "sqlite_utils.Database", source: str, key: Key, going: Container[Key] = ()
) -> Key | None:
    """A current record that points at this one and does not go with it; None if there is none.

    What stands below another of its kind does not need it.
    """
    pointing = _keys(database, _POINTING, source, key)
    return next((it for it in pointing if it not in going and it[0] != key[0]), None)


def _parts_gone(database: "sqlite_utils.Database", source: str, key: Key) -> Iterator[Key]:
    for kind, record_id, field, target in database.execute(_PARTS, (source, *key)):
        if is_part(kind, field, target):
            yield kind, record_id


def _keys(database: "sqlite_utils.Database", query: str, source: str, key: Key) -> list[Key]:
    return [(kind, found) for kind, found in database.execute(query, (source, *key))]


def _beside(database: "sqlite_utils.Database", source: str) -> dict[Key, None]:
    rows = database.execute(_BESIDE, {"source": source}).fetchall()
    return {
        (kind, record_id): None
        for kind, record_id, field, target in rows
        if is_part(kind, field, target)
    }


def _stays(
    database: "sqlite_utils.Database", source: str, key: Key, gone: Mapping[Key, bool]
) -> bool:
    """Whether a record that is gone waits for what it is a part of, or for what points at it."""
    for field, target, target_id in database.execute(_TARGETS, (source, *key)):
        if (target, target_id) in gone and is_part(key[0], field, target):
            return True
    return key[0] in ROOTS - {"service"} and needed_by(database, source, key) is not None


def _withdraw(
    database: "sqlite_utils.Database",
    key: tuple[str, str, str],
    hand: Hand,
    *,
    waits: bool,
) -> None:
    if waits:
        proposing.offer(database, hand, key, action="withdraw")
        return
    source, kind, record_id = key
    went = gone_with(database, source, (kind, record_id))
    write(database, source, [Wanted(*part, state="withdrawn") for part in went], hand)
