"""Proposals as rows: offered, superseded, listed; `directory.working_copy.decisions` decides.

A proposal is about one field of one record ("set"), about a record that came ("add") or went
("withdraw"), about one field of a service as `directory.model.Service` has it ("edit"), or is what
somebody on the staff says of a service ("flag").
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple

import orjson

from directory.working_copy.problems import NotHeld
from directory.working_copy.references import is_part
from directory.working_copy.writing import Hand, Held, held, insert, json_text, note, stamp

if TYPE_CHECKING:
    import sqlite_utils

Action = Literal["set", "add", "withdraw", "edit", "flag"]
Origin = Literal["feed", "staff", "organisation", "check"]
Standing = Literal["open", "accepted", "rejected", "superseded"]

_COLUMNS: Final = (
    "proposal, source, kind, id, uid, action, field, was, wanted, origin, by, at, reason, state,"
    " decided_by, decided_at, decision"
)
# What a record is a part of, upwards to its service; shared records belong to no single one.
_PARTS_OF: Final = (
    "SELECT field, target_kind, target_id FROM link WHERE source = ? AND kind = ? AND id = ?"
)


class Proposal(NamedTuple):
    """A change that somebody offers and a curator decides on.

    `service` is the published id of the service it is about, blank for what several share. `was`
    and `wanted` are JSON values, None where there is no such field; for "edit" they are as in
    `directory.model.service_record`.
    """

    id: int
    source: str
    kind: str
    record_id: str
    service: str
    action: Action
    field: str
    was: Any
    wanted: Any
    origin: Origin
    by: str
    at: str
    reason: str
    state: Standing
    decided_by: str
    decided_at: str
    decision: str


def offer(
    database: "sqlite_utils.Database",
    hand: Hand,
    key: tuple[str, str, str],
    *,
    action: Action,
    field: str = "",
    was: Mapping[str, Any] | None = None,
    wanted: Mapping[str, Any] | None = None,
    origin: Origin = "feed",
) -> int:
    """Puts a proposal about a record (`key`: source, kind, id) before the curators.

    `was` and `wanted` are fields, of which only `field` is kept. Gives its number. An open proposal
    of the same origin about the same field gives way to this one.
    """
    values = {"was": _value(was, field), "wanted": _value(wanted, field)}
    _close(
        database, key, hand, "AND action = ? AND field = ? AND origin = ?", (action, field, origin)
    )
    row = {
        **dict(zip(("source", "kind", "id"), key, strict=True)),
        "uid": service_of_record(database, *key),
        "action": action,
        "field": field,
        **values,
        "origin": origin,
        "by": hand.by,
        "at": stamp(hand.at),
        "reason": hand.reason,
        "state": "open",
        "decided_by": "",
        "decided_at": "",
        "decision": "",
    }
    number = insert(database, "proposal", row)
    note(
        database,
        hand._replace(action="propose", proposal=number),
        about=key,
        field=field,
        was=values["was"],
        became=values["wanted"],
    )
    return number


def supersede(
    database: "sqlite_utils.Database",
    key: tuple[str, str, str],
    says: Mapping[str, Any] | None,
    hand: Hand,
) -> None:
    """Closes what a feed proposed and does not say any more; None: the record is gone."""
    rows = database.execute(
        "SELECT proposal, action, field, wanted FROM proposal WHERE state = 'open'"
        " AND origin = 'feed' AND source = ? AND kind = ? AND id = ?",
        key,
    ).fetchall()
    for number, action, field, wanted in rows:
        gone = says is None
        if gone or action == "withdraw" or (action == "set" and wanted != _value(says, field)):
            _close(database, key, hand, "AND proposal = ?", (number,))


def open_count(database: "sqlite_utils.Database") -> int:
    """How many proposals wait for a curator."""
    (count,) = database.execute("SELECT count(*) FROM proposal WHERE state = 'open'").fetchone()
    return int(count)


def protected(
    database: "sqlite_utils.Database", source: str, kind: str, record_id: str
) -> frozenset[str]:
    """The fields of a record that feeds may not touch."""
    rows = database.execute(
        "SELECT field FROM protection WHERE source = ? AND kind = ? AND id = ?",
        (source, kind, record_id),
    )
    return frozenset(field for (field,) in rows)


def held_of(database: "sqlite_utils.Database", source: str, kind: str, record_id: str) -> Held:
    """The record of this key; raises NotHeld."""
    found = held(database, source, kind, record_id)
    if found is None:
        raise NotHeld(f"there is no {kind} {record_id} of {source}")
    return found


def service_of_record(
    database: "sqlite_utils.Database", source: str, kind: str, record_id: str
) -> str:
    """The published id of the service a record is a part of; blank when it is shared."""
    owner = owner_of(database, source, kind, record_id)
    return _uid(database, source, owner) if owner is not None else ""


def owner_of(
    database: "sqlite_utils.Database", source: str, kind: str, record_id: str
) -> str | None:
    """The id in its source of the service a record is a part of; None when it is shared."""
    found = (at for kind, at, _ in above(database, source, kind, record_id) if kind == "service")
    return next(found, None)


def above(
    database: "sqlite_utils.Database", source: str, kind: str, record_id: str
) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """A record and all that it is a part of, upwards: kinds and ids, and the kinds that each is a
    part of.
    """
    seen = {(kind, record_id)}
    waiting = [(kind, record_id)]
    for at_kind, at_id in waiting:
        rows = database.execute(_PARTS_OF, (source, at_kind, at_id))
        found = [key for field, *key in rows if is_part(at_kind, field, key[0])]
        yield at_kind, at_id, tuple(target for target, _ in found)
        for target, target_id in found:
            if (target, target_id) not in seen:
                seen.add((target, target_id))
                waiting.append((target, target_id))


def listed(
    database: "sqlite_utils.Database", where: str = "", given: Iterable[Any] = ()
) -> tuple[Proposal, ...]:
    """The proposals of a condition, oldest first."""
    query = f"SELECT {_COLUMNS} FROM proposal {where} ORDER BY proposal"  # noqa: S608 -- constants
    rows = database.execute(query, tuple(given))
    return tuple(_proposal(row) for row in rows)


def _uid(database: "sqlite_utils.Database", source: str, record_id: str) -> str:
    row = database.execute(
        "SELECT uid FROM record WHERE source = ? AND kind = 'service' AND id = ?",
        (source, record_id),
    ).fetchone()
    return row[0] if row else ""


def _value(fields: Mapping[str, Any] | None, field: str) -> str | None:
    return json_text(fields[field]) if fields is not None and field in fields else None


def _close(
    database: "sqlite_utils.Database",
    key: tuple[str, str, str],
    hand: Hand,
    condition: str,
    given: tuple[Any, ...],
) -> None:
    query = (
        "UPDATE proposal SET state = 'superseded', decided_by = ?, decided_at = ?, decision = ?"
        " WHERE state = 'open' AND source = ? AND kind = ? AND id = ? "
    )
    decided = (hand.by, stamp(hand.at), hand.reason)
    database.execute(query + condition, (*decided, *key, *given))


def _proposal(row: tuple[Any, ...]) -> Proposal:
    values = dict(zip(Proposal._fields, row, strict=True))
    for name in ("was", "wanted"):
        values[name] = orjson.loads(values[name]) if values[name] is not None else None
    return Proposal(**values)
