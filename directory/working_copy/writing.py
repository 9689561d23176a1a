"""The one way a record of the working copy changes: record, links and audit together."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple

import orjson

from directory.open_referral.records import uuid_of
from directory.working_copy.references import references
from directory.working_copy.staging import written

if TYPE_CHECKING:
    import sqlite_utils

State = Literal["current", "proposed", "withdrawn"]
"""Current: published when somebody publishes. Proposed: a feed offers it, nobody agreed yet."""

_HELD: Final = (
    "SELECT fields, said, state, origin, published, place FROM record"
    " WHERE source = ? AND kind = ? AND id = ?"
)


class Hand(NamedTuple):
    """Who changes something, when, what they do, and why; every entry of the audit has all four."""

    by: str
    at: datetime
    action: str
    reason: str = ""
    run: int | None = None
    proposal: int | None = None


class Held(NamedTuple):
    """A record as the working copy has it; `said` is what its source last said of it."""

    fields: dict[str, Any]
    said: dict[str, Any]
    state: State
    origin: str
    published: bool
    place: str = ""


class Wanted(NamedTuple):
    """What a record shall be; None leaves its fields, its state, or its place, as they are."""

    kind: str
    id: str
    fields: Mapping[str, Any] | None = None
    state: State | None = None
    place: str | None = None


class Effect(NamedTuple):
    """What a record was (None: not there) and what it became: `fields` and `state` of each."""

    kind: str
    id: str
    before: dict[str, Any] | None
    after: dict[str, Any]


def held(database: "sqlite_utils.Database", source: str, kind: str, record_id: str) -> Held | None:
    """The record of this key, or None."""
    row = database.execute(_HELD, (source, kind, record_id)).fetchone()
    if row is None:
        return None
    fields, said, state, origin, published, place = row
    kept = orjson.loads(fields)
    says = orjson.loads(said) if said else dict(kept)
    return Held(kept, says, state, origin, bool(published), place)


def write(
    database: "sqlite_utils.Database",
    source: str,
    wanted: Iterable[Wanted],
    hand: Hand,
    *,
    protect: bool = False,
) -> tuple[Effect, ...]:
    """Writes records inside the caller's transaction; gives what really changed.

    `protect` keeps feeds from the fields that changed, from now on. A record that is not there is
    made, as a curator's own.
    """
    effects = []
    for want in wanted:
        before = held(database, source, want.kind, want.id)
        effect = _effect(want, before)
        if effect is not None:
            _store(database, source, effect, before, want.place)
            changed = tuple(_changed(effect))
            _audit(database, source, effect, changed, hand)
            if protect:
                protect_fields(
                    database, source, (want.kind, want.id), [it[0] for it in changed], hand
                )
            effects.append(effect)
    return tuple(effects)


def protect_fields(
    database: "sqlite_utils.Database",
    source: str,
    key: tuple[str, str],
    fields: Iterable[str],
    hand: Hand,
) -> None:
    """Keeps feeds from these fields of a record (`key`: kind and id)."""
    database.conn.executemany(
        "INSERT OR IGNORE INTO protection VALUES (?, ?, ?, ?, ?, ?)",
        [(source, *key, field, hand.by, stamp(hand.at)) for field in fields],
    )


def note(
    database: "sqlite_utils.Database",
    hand: Hand,
    *,
    about: tuple[str, str, str] = ("", "", ""),
    field: str = "",
    was: str | None = None,
    became: str | None = None,
) -> None:
    """One entry of the audit about a record (source, kind, id), or about nothing in particular."""
    database.execute(
        "INSERT INTO change (at, by, action, source, kind, id, field, was, became, reason, run,"
        " proposal) VALUES (?,?,?,?,?,?,?,?,?,?,?,?)",
        (
            stamp(hand.at),
            hand.by,
            hand.action,
            *about,
            field,
            was,
            became,
            hand.reason,
            hand.run,
            hand.proposal,
        ),
    )


def link(
    database: "sqlite_utils.Database",
    source: str,
    key: tuple[str, str],
    fields: Mapping[str, Any],
) -> None:
    """Keeps what a record (`key`: kind and id) points at, in place of what it pointed at."""
    database.execute("DELETE FROM link WHERE source = ? AND kind = ? AND id = ?", (source, *key))
    database.conn.executemany(
        "INSERT INTO link (source, kind, id, field, target_kind, target_id)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        [(source, *key, *found) for found in references(key[0], fields)],
    )


def insert(database: "sqlite_utils.Database", table: str, row: Mapping[str, Any]) -> int:
    """Adds a row to a table with a whole number as its key; gives the number."""
    columns = ", ".join(f'"{name}"' for name in row)
    marks = ", ".join("?" for _ in row)
    query = f"INSERT INTO {table} ({columns}) VALUES ({marks}) RETURNING rowid"  # noqa: S608
    (number,) = database.execute(query, tuple(row.values())).fetchone()
    return int(number)


def stamp(moment: datetime) -> str:
    """A moment as the working copy writes it: ISO 8601 to the second."""
    return moment.isoformat(timespec="seconds")


def json_text(value: Any) -> str:
    """A value as the working copy writes it: JSON with sorted keys."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()


def _effect(want: Wanted, before: Held | None) -> Effect | None:
    if before is None:
        after = {"fields": dict(want.fields or {}), "state": want.state or "current"}
        return Effect(want.kind, want.id, None, after)
    was = {"fields": before.fields, "state": before.state}
    fields = before.fields if want.fields is None else dict(want.fields)
    after = {"fields": fields, "state": want.state or before.state}
    return None if after == was else Effect(want.kind, want.id, was, after)


def _store(
    database: "sqlite_utils.Database",
    source: str,
    effect: Effect,
    before: Held | None,
    place: str | None,
) -> None:
    key = (effect.kind, effect.id)
    fields = effect.after["fields"]
    text, state = written(fields).decode(), effect.after["state"]
    if before is None:
        uid = uuid_of(source, *key) if effect.kind == "service" else ""
        database.execute(
            "INSERT INTO record (source, kind, id, fields, digest, state, origin, missing,"
            " published, uid, place) VALUES (?, ?, ?, ?, '', ?, 'curator', 0, 0, ?, ?)",
            (source, *key, text, state, uid, place or ""),
        )
    else:
        said = None if before.said == fields else written(before.said).decode()
        database.execute(
            "UPDATE record SET fields = ?, said = ?, state = ?, place = coalesce(?, place)"
            " WHERE source = ? AND kind = ? AND id = ?",
            (text, said, state, place, source, *key),
        )
    if before is None or before.fields != fields:
        link(database, source, key, fields)


def _changed(effect: Effect) -> Iterator[tuple[str, str | None, str | None]]:
    """The fields that differ, as JSON before and after; None where there is no such field."""
    before = effect.before["fields"] if effect.before else {}
    after = effect.after["fields"]
    for field in sorted(before.keys() | after.keys()):
        was = json_text(before[field]) if field in before else None
        became = json_text(after[field]) if field in after else None
        if was != became:
            yield field, was, became


def _audit(
    database: "sqlite_utils.Database",
    source: str,
    effect: Effect,
    changed: Iterable[tuple[str, str | None, str | None]],
    hand: Hand,
) -> None:
    about = (source, effect.kind, effect.id)
    for field, was, became in changed:
        note(database, hand, about=about, field=field, was=was, became=became)
    before = effect.before["state"] if effect.before else None
    if before != effect.after["state"]:
        note(database, hand, about=about, was=before, became=effect.after["state"])
