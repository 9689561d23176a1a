"""The audit: who did what to whose record, append-only, one hash chain per organisation.

Each entry's hash is SHA-256 over the previous entry's hash and the canonical JSON of its content,
so a changed, removed or inserted entry breaks the chain from there on. That the newest entries were
cut off cannot be seen from inside; a trigger refuses to remove them.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson
from sqlalchemy import Connection, bindparam, select

from template_service.records import tables
from template_service.records.prepared import Prepared, Row

_GENESIS = bytes(32)


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One entry. `entities` maps a kind of thing to its id; `detail` names no person."""

    organisation_id: str
    seq: int
    at: datetime
    actor: str
    action: str
    entities: Mapping[str, str]
    detail: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Broken:
    """The first entry of an organisation's chain that does not fit."""

    organisation_id: str
    seq: int

    def __str__(self) -> str:
        return f"entry {self.seq} of organisation {self.organisation_id}"


_T = tables.audit
_ADD = Prepared(_T.insert())
_NEWEST_FIRST = (
    select(_T).where(_T.c.organisation_id == bindparam("organisation_id")).order_by(_T.c.seq.desc())
)
_LAST = Prepared(_NEWEST_FIRST.with_only_columns(_T.c.seq, _T.c.hash))
_ENTRIES = Prepared(_NEWEST_FIRST.limit(bindparam("limit")).offset(bindparam("offset")))
_CHAIN = Prepared(select(_T).order_by(_T.c.organisation_id, _T.c.seq))


def append(
    conn: Connection,
    organisation_id: str,
    *,
    actor: str,
    action: str,
    at: datetime,
    entities: Mapping[str, str] | None = None,
    detail: Mapping[str, Any] | None = None,
) -> int:
    """Add an entry in the writer's transaction; returns its number in the organisation's chain.

    `actor` is `Principal.actor`; `entities` and `detail` carry ids, counts and codes, never an NHS
    number, a name, a postcode or free text.
    """
    last = _LAST.first(conn, organisation_id=organisation_id) or {"seq": 0, "hash": _GENESIS}
    row: Row = {
        "organisation_id": organisation_id,
        "seq": last["seq"] + 1,
        "at": at.astimezone(UTC),
        "actor": actor,
        "action": action,
        "entities": _canonical(entities or {}),
        "detail": _canonical(detail or {}),
    }
    _ADD.run(conn, **row, hash=_chained(last["hash"], row))
    return int(row["seq"])


def verify(conn: Connection) -> Broken | None:
    """The first entry that breaks its organisation's chain, or None when all chains hold."""
    organisation_id: str | None = None
    seq, previous = 0, _GENESIS
    for row in _CHAIN.rows(conn):
        if row["organisation_id"] != organisation_id:
            organisation_id, seq, previous = row["organisation_id"], 0, _GENESIS
        seq += 1
        if row["seq"] != seq or row["hash"] != _chained(previous, row):
            return Broken(row["organisation_id"], seq)
        previous = row["hash"]
    return None


def entries(
    conn: Connection, organisation_id: str, limit: int = 100, offset: int = 0
) -> tuple[AuditEntry, ...]:
    """The entries of an organisation, newest first."""
    rows = _ENTRIES.rows(conn, organisation_id=organisation_id, limit=limit, offset=offset)
    return tuple(
        AuditEntry(
            organisation_id,
            row["seq"],
            row["at"],
            row["actor"],
            row["action"],
            orjson.loads(row["entities"]),
            orjson.loads(row["detail"]),
        )
        for row in rows
    )


def _canonical(content: Mapping[str, Any]) -> str:
    return orjson.dumps(dict(content), option=orjson.OPT_SORT_KEYS).decode()


def _chained(previous: bytes, row: Row) -> bytes:
    content = [
        row["organisation_id"],
        row["seq"],
        row["at"].isoformat(),
        row["actor"],
        row["action"],
        row["entities"],
        row["detail"],
    ]
    return hashlib.sha256(previous + orjson.dumps(content)).digest()
