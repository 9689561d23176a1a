"""What a source said, read to its end and checked, before anything is written.

Items are kept in temporary tables of the connection, so that memory stays bounded and nobody has to
wait for a slow source. A row that is not taken keeps its reason.
"""

import re
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from hashlib import blake2b
from itertools import islice
from typing import Any, Final, NamedTuple
from uuid import UUID

import orjson

from directory.open_referral.attributes import is_ours
from directory.open_referral.json_documents import UNTOLD
from directory.open_referral.records import Broken, Item, Quarantined, Record
from directory.open_referral.schemas import CHILDREN, REFERENCES, kind_of, table_of
from directory.working_copy.dangling import Dangling
from directory.working_copy.references import references

_BATCH: Final = 2_000
_MAKE: Final = (
    "DROP TABLE IF EXISTS temp.staged",
    "DROP TABLE IF EXISTS temp.staged_link",
    "DROP TABLE IF EXISTS temp.hidden",
    """CREATE TEMP TABLE staged (seq INTEGER PRIMARY KEY, kind TEXT, id TEXT, held_in TEXT,
    fields TEXT, digest TEXT, place TEXT, reason TEXT, uid TEXT, fate TEXT)""",
    "CREATE TEMP TABLE staged_link (seq INTEGER, field TEXT, kind TEXT, id TEXT)",
    "CREATE TEMP TABLE hidden (kind TEXT)",
)
_INDEX: Final = (
    "CREATE INDEX temp.staged_key ON staged (kind, id)",
    "CREATE INDEX temp.staged_uid ON staged (kind, uid) WHERE uid IS NOT NULL",
    "CREATE INDEX temp.staged_link_target ON staged_link (kind, id)",
)
_REPEATED: Final = """
UPDATE staged SET reason = 'id: stands at ' || (
    SELECT coalesce(nullif(first.place, ''), 'another place') FROM staged AS first
    WHERE first.kind = staged.kind AND first.id = staged.id AND first.reason IS NULL
    ORDER BY first.seq LIMIT 1) || ' already'
WHERE reason IS NULL AND EXISTS (
    SELECT 1 FROM staged AS first WHERE first.kind = staged.kind AND first.id = staged.id
    AND first.reason IS NULL AND first.seq < staged.seq)
"""
_UNIDENTIFIED: Final = "SELECT DISTINCT kind FROM staged WHERE id = '' ORDER BY kind"
# Ids that are written in another way than the UUID they are, and those that are the same UUID.
_TWINS: Final = """
SELECT staged.seq, staged.kind, staged.id, coalesce(staged.uid, staged.id), staged.place
FROM staged WHERE staged.reason IS NULL AND EXISTS (
    SELECT 1 FROM staged AS other WHERE other.uid IS NOT NULL AND other.kind = staged.kind
    AND other.uid = coalesce(staged.uid, staged.id))
ORDER BY staged.seq
"""
_UUID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_SHORTEST_UUID: Final = 32
_ELSEWHERE: Final = "its source"
# A broken reading may lack what was read before: the parent may then be one already held.
_HELD_BEFORE: Final = (
    "((NOT :complete OR link.kind IN (SELECT kind FROM temp.hidden))"
    " AND EXISTS (SELECT 1 FROM record WHERE record.source = :source"
    " AND record.kind = link.kind AND record.id = link.id AND record.state <> 'withdrawn'))"
)
_DANGLING: Final = f"""
WITH RECURSIVE dangling (seq, field, kind, id, refused) AS (
    SELECT link.seq, link.field, link.kind, link.id, EXISTS (
        SELECT 1 FROM staged AS other WHERE other.kind = link.kind AND other.id = link.id)
    FROM staged_link AS link JOIN staged ON staged.seq = link.seq
    WHERE staged.reason IS NULL AND NOT {_HELD_BEFORE}
    AND NOT EXISTS (SELECT 1 FROM staged AS target WHERE target.kind = link.kind
                    AND target.id = link.id AND target.reason IS NULL)
    AND (link.kind <> staged.kind OR EXISTS (
        SELECT 1 FROM staged AS above WHERE above.kind = link.kind AND above.id = link.id))
  UNION
    SELECT link.seq, link.field, link.kind, link.id, 1
    FROM dangling JOIN staged AS parent ON parent.seq = dangling.seq
    JOIN staged_link AS link ON link.kind = parent.kind AND link.id = parent.id
    JOIN staged ON staged.seq = link.seq
    WHERE staged.reason IS NULL AND NOT {_HELD_BEFORE}
)
SELECT seq, field, kind, id, refused FROM dangling ORDER BY seq, refused, field
"""  # noqa: S608 -- made of constants


class _Row(NamedTuple):
    kind: str
    id: str
    held_in: str
    fields: str | None
    digest: str | None
    place: str
    reason: str | None
    uid: str | None = None


def written(fields: Mapping[str, Any]) -> bytes:
    """The one way the fields of a record are written: JSON with sorted keys."""
    return orjson.dumps(fields, option=orjson.OPT_SORT_KEYS)


def digest_of(fields: bytes) -> str:
    """What tells the fields of a record, as `written`, from others."""
    return blake2b(fields, digest_size=16).hexdigest()


def stage(connection: sqlite3.Connection, items: Iterable[Item], *, ours: bool = False) -> bool:
    """Reads the items to their end into the temporary tables, in the order of the source.

    Gives whether there was no break (Broken) among them. Only where the source is `ours` may an
    item pass for one that a curator made.
    """
    for statement in _MAKE:
        connection.execute(statement)
    remaining = iter(enumerate(items, start=1))
    whole = True
    while batch := list(islice(remaining, _BATCH)):
        whole = whole and not any(_is_break(item) for _, item in batch)
        _stage_batch(connection, batch, ours=ours)
    for statement in _INDEX:
        connection.execute(statement)
    connection.executemany(
        "INSERT INTO temp.hidden VALUES (?)", [(kind,) for kind in hidden_kinds(connection)]
    )
    return whole


def check(connection: sqlite3.Connection, source: str, *, complete: bool) -> None:
    """Gives a reason to every staged row that repeats an id, goes round in circles or dangles.

    Two ids that are the same UUID, written differently, would be published as one: the second is
    refused too.

    What refers to a refused row is refused too. What is above a record of the same kind (the parent
    of an organisation, of a term) may be in nobody's source: such a row is taken as it stands.
    `complete` says that the source was read to its
    end: then only what it holds itself can be referred to.
    """
    connection.execute(_REPEATED)
    _refuse(connection, _twins(connection))
    _refuse(connection, _circles(connection))
    given = {"source": source, "complete": complete}
    _refuse(
        connection,
        {
            seq: str(Dangling(field, kind, target, bool(refused)))
            for seq, field, kind, target, refused in connection.execute(_DANGLING, given)
        },
    )


def hidden_kinds(connection: sqlite3.Connection) -> frozenset[str]:
    """The kinds of which a row without id may hold what seems to be missing.

    That is its own kind and all that may be nested in it: a phone without id hides no service, a
    service without id hides its phones.
    """
    found = [kind for (kind,) in connection.execute(_UNIDENTIFIED)]
    for kind in found:
        below = {nested.kind for nested in CHILDREN.get(kind, {}).values()}
        found += sorted(below - set(found))
    return frozenset(found)


def _is_break(item: Item) -> bool:
    """Whether nobody knows what else stood at the place of this item."""
    if isinstance(item, Record):
        return False
    return isinstance(item, Broken) or item.table == UNTOLD


def _stage_batch(
    connection: sqlite3.Connection, batch: list[tuple[int, Item]], *, ours: bool
) -> None:
    rows = [(seq, *_row(item, ours=ours)) for seq, item in batch]
    links = [(seq, *link) for seq, item in batch for link in _links(item)]
    connection.execute("BEGIN")
    try:
        connection.executemany("INSERT INTO staged VALUES (?,?,?,?,?,?,?,?,?,NULL)", rows)
        connection.executemany("INSERT INTO staged_link VALUES (?,?,?,?)", links)
    finally:
        connection.execute("COMMIT")


def _row(item: Item, *, ours: bool) -> _Row:
    if isinstance(item, Quarantined):
        row, found, reason = map(_storable, (item.row, item.id, item.reason))
        table = _storable(item.table)
        return _Row(kind_of(table), found, table, None, None, row, reason or "no reason given")
    place, found, kind = _storable(item.place), _storable(item.id), _storable(item.kind)
    table = table_of(kind)
    if is_ours(item) and not ours:
        place = _ELSEWHERE
    if not item.id.strip():
        return _Row(kind, "", table, None, None, place, "id: missing")
    try:
        fields = written(item.fields)
    except TypeError as problem:
        # A whole number beyond 64 bits, or half a character.
        return _Row(kind, found, table, None, None, place, f"a value cannot be kept: {problem}")
    digest = digest_of(fields)
    return _Row(kind, found, table, fields.decode(), digest, place, None, _other_uuid(found))


def _other_uuid(record_id: str) -> str | None:
    """The UUID of an id that is one but is not written as one; None for all others."""
    if len(record_id) < _SHORTEST_UUID or _UUID.fullmatch(record_id):
        return None
    try:
        return str(UUID(record_id))
    except ValueError:
        return None


def _links(item: Item) -> Iterator[tuple[str, str, str]]:
    if isinstance(item, Record):
        for link in references(item.kind, item.fields):
            yield link.field, link.kind, _storable(link.id)


def _storable(text: str) -> str:
    """Text without halves of characters, which SQLite cannot keep."""
    return text.encode("utf-8", "replace").decode()


def _refuse(connection: sqlite3.Connection, reasons: Mapping[int, str]) -> None:
    connection.executemany(
        "UPDATE staged SET reason = ? WHERE seq = ?",
        [(reason, seq) for seq, reason in reasons.items()],
    )


def _twins(connection: sqlite3.Connection) -> dict[int, str]:
    """The rows whose id is the same UUID as that of an earlier row of their kind."""
    found: dict[int, str] = {}
    first: dict[tuple[str, str], tuple[str, str]] = {}
    for seq, kind, record_id, uid, place in connection.execute(_TWINS):
        other, stands = first.setdefault((kind, uid), (record_id, place))
        if other != record_id:
            found[seq] = f"id: is the same UUID as {other} at {stands}"
    return found


def _circles(connection: sqlite3.Connection) -> dict[int, str]:
    """The rows whose parents, grandparents and so on lead back to themselves."""
    found: dict[int, str] = {}
    for kind, fields in REFERENCES.items():
        for field in (field for field, target in fields.items() if target == kind):
            rows = connection.execute(
                "SELECT staged.id, link.id, staged.seq FROM staged_link AS link"
                " JOIN staged USING (seq) WHERE staged.reason IS NULL"
                " AND staged.kind = ? AND link.field = ?",
                (kind, field),
            ).fetchall()
            parents = {child: parent for child, parent, _ in rows}
            rows_of = {child: seq for child, _, seq in rows}
            for circle in _round_trips(parents):
                way = " -> ".join((*circle, circle[0]))
                reason = f"{field}: goes round in a circle: {way}"
                found |= {rows_of[member]: reason for member in circle}
    return found


def _round_trips(parents: Mapping[str, str]) -> Iterator[list[str]]:
    """Every circle among children and their parents, once."""
    settled: set[str] = set()
    for start in parents:
        way: list[str] = []
        at = start
        while at in parents and at not in settled:
            settled.add(at)
            way.append(at)
            at = parents[at]
        if at in way:
            yield way[way.index(at) :]
