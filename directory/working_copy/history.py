"""The audit of the working copy: who changed what, when and why."""

from typing import Any, NamedTuple

import orjson

from directory.working_copy import graphs
from directory.working_copy.store import WorkingCopy
from directory.working_copy.writing import json_text

_COLUMNS = "change, at, by, action, source, kind, id, field, was, became, reason, run, proposal"

# What a service had and has no more is a part of its history.
_HAD = (
    "SELECT DISTINCT kind, id FROM change"
    " WHERE source = ? AND field IN ('service_id', 'link_id') AND ? IN (was, became)"
)


class AuditEntry(NamedTuple):
    """One change. `was` and `became` are JSON values of the field, or states, None for neither.

    `number` is its place in the audit; `run` is the import, and `proposal` the proposal, that it
    came of.
    """

    number: int
    at: str
    by: str
    action: str
    source: str
    kind: str
    record_id: str
    field: str
    was: Any
    became: Any
    reason: str
    run: int | None
    proposal: int | None


def changes(
    working: WorkingCopy, *, service_id: str | None = None, limit: int = 100
) -> tuple[AuditEntry, ...]:
    """The latest changes first; those of one service (published id) and its own records if given.

    Raises NotHeld for an id that is no service's.
    """
    if service_id is None:
        query = f"SELECT {_COLUMNS} FROM change ORDER BY change DESC LIMIT ?"  # noqa: S608
        return tuple(map(_entry, working.database.execute(query, (limit,))))
    opened = graphs.open_service(working.database, service_id)
    keys = {(record.kind, record.id) for record in opened.graph.records()} - opened.graph.shared
    keys.update(working.database.execute(_HAD, (opened.source, json_text(opened.id))).fetchall())
    query = (
        f"SELECT {_COLUMNS} FROM change WHERE source = ? AND kind = ? AND id = ?"  # noqa: S608
        " ORDER BY change DESC LIMIT ?"
    )
    rows = [
        row for key in keys for row in working.database.execute(query, (opened.source, *key, limit))
    ]
    rows.sort(reverse=True)
    return tuple(map(_entry, rows[:limit]))


def _entry(row: tuple[Any, ...]) -> AuditEntry:
    values = dict(zip(AuditEntry._fields, row, strict=True))
    for name in ("was", "became"):
        values[name] = _plain(values[name])
    return AuditEntry(**values)


def _plain(text: str | None) -> Any:
    if text is None:
        return None
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        # States and versions are plain words.
        return text
