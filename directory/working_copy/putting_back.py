"""An edit taken back: what it changed of a service says again what it said before."""

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import orjson

from directory.model import Service
from directory.open_referral.attributes import field_of
from directory.open_referral.lens_editing import fingerprint
from directory.open_referral.lens_writing import DIRECT
from directory.open_referral.service_graph import ServiceGraph
from directory.working_copy import edits, graphs
from directory.working_copy.arriving import needed_by
from directory.working_copy.problems import NotHeld, Refused
from directory.working_copy.proposing import held_of, owner_of
from directory.working_copy.store import WorkingCopy
from directory.working_copy.writing import Hand, Wanted, json_text, write

if TYPE_CHECKING:
    import sqlite_utils

Key = tuple[str, str]

EDIT: Final = "edit"
PUT_BACK: Final = "put back"
_ACT: Final = (
    "SELECT change.kind, change.id, change.field, change.was, change.became"
    " FROM change JOIN change AS one USING (source, at, by, action, reason)"
    " WHERE one.change = ? AND one.source = ? AND one.action = ? ORDER BY change.change"
)
# Our own vocabulary, made with the first edit that needs it: it says nothing of a service.
_VOCABULARY: Final = frozenset({"taxonomy", "taxonomy_term"})
# What a curator calls the fields of the record of a service.
_NAMES: Final = {hsds: name for name, hsds in DIRECT.items()}
_SINCE: Final = "was changed since: edit it instead"


class _Was(NamedTuple):
    """A field of a record, or its state where `field` is blank: before and after, as written."""

    field: str
    was: str | None
    became: str | None


def put_back(
    working: WorkingCopy, service_id: str, number: int, *, by: str, now: datetime, reason: str
) -> None:
    """Puts back what an edit of a service changed, all of it or nothing.

    `number` is any entry of the audit that the edit made. Feeds still may not touch the fields.
    Raises NotHeld, and Refused when no reason is given or something of it changed since.
    """
    if not reason.strip():
        raise Refused("say why it is put back")
    with working.writing() as database:
        opened = graphs.open_service(database, service_id)
        act = _act(database, opened, number)
        if not act:
            raise NotHeld(f"there is no edit {number} of this service")
        now_said = edits.current(working, opened)
        wanted = [_before(database, opened.source, key, act[key]) for key in act]
        write(database, opened.source, wanted, Hand(by, now, PUT_BACK, reason), protect=True)
        after = graphs.open_service(database, service_id)
        _refuse_more(database, opened, after, act)
        changed = {it.field for it in act.get(("service", opened.id), ())}
        _refuse_lost_ages(now_said, edits.current(working, after), changed)


def _act(
    database: "sqlite_utils.Database", opened: graphs.Opened, number: int
) -> dict[Key, list[_Was]]:
    """What an edit changed of the records of this service; others it changed stay as they are."""
    own = {(record.kind, record.id) for record in opened.graph.records()} - opened.graph.shared
    found: dict[Key, list[_Was]] = {}
    for kind, record_id, *was in database.execute(_ACT, (number, opened.source, EDIT)):
        if kind not in _VOCABULARY:
            found.setdefault((kind, record_id), []).append(_Was(*was))
    return {
        key: changed
        for key, changed in found.items()
        if key in own or _is_of(database, opened, key, changed)
    }


def _is_of(
    database: "sqlite_utils.Database", opened: graphs.Opened, key: Key, changed: list[_Was]
) -> bool:
    """Whether a record is this service's own; raises Refused where nobody can tell any more."""
    me = json_text(opened.id)
    if any(it.field.endswith("_id") and me in (it.was, it.became) for it in changed):
        return True
    owner = key[1] if key[0] == "service" else owner_of(database, opened.source, *key)
    if owner is None:
        raise Refused(f"{key[0].replace('_', ' ')} {_SINCE}")
    return owner == opened.id


def _before(
    database: "sqlite_utils.Database", source: str, key: Key, changed: list[_Was]
) -> Wanted:
    """A record as it was before; raises Refused when what changed is not as the edit left it."""
    now = held_of(database, source, *key)
    fields, state = dict(now.fields), now.state
    # Two edits of one second and one reason are one: the latest is taken back first.
    for field, was, became in reversed(changed):
        if not field:
            if state != became:
                raise Refused(f"{key[0].replace('_', ' ')} {_SINCE}")
            state = "current" if was == "current" else "withdrawn"
        elif (json_text(fields[field]) if field in fields else None) != became:
            raise Refused(f"{_NAMES.get(field, field).replace('_', ' ')} {_SINCE}")
        elif was is None:
            del fields[field]
        else:
            fields[field] = orjson.loads(was)
    if state == "withdrawn" and fields:
        raise Refused(f"{key[0].replace('_', ' ')} {_SINCE}")
    # What the edit made is not there any more, and keeps what it said.
    return Wanted(*key, now.fields if state == "withdrawn" else fields, state)


def _refuse_more(
    database: "sqlite_utils.Database",
    before: graphs.Opened,
    after: graphs.Opened,
    act: dict[Key, list[_Was]],
) -> None:
    """Raises Refused where something changed later hangs on what is put back."""
    there = {(record.kind, record.id) for record in after.graph.records()}
    for key in act.keys() - there:
        needing = needed_by(database, before.source, key)
        if needing is not None:
            raise Refused(f"{needing[0].replace('_', ' ')} {_SINCE}")
    standing = dict(_standing(after.graph))
    for key, field in _standing(before.graph):
        if key not in act and key not in standing:
            raise Refused(f"{field.replace('_', ' ')} {_SINCE}")


def _refuse_lost_ages(before: Service, after: Service, changed: set[str]) -> None:
    """Raises Refused where ages would contradict each other: then neither is read."""
    for name in ("minimum_age", "maximum_age"):
        if name not in changed and getattr(before, name) != getattr(after, name):
            raise Refused(f"{name.replace('_', ' ')} {_SINCE}")


def _standing(graph: ServiceGraph) -> Iterator[tuple[Key, str]]:
    """The additions that stand in place of what the records say, and give way when they change."""
    terms = {it.id: it for it in graph.of("taxonomy_term")}
    for attribute in graph.linked("attribute", "link_id", graph.service.id):
        field, about = field_of(attribute, terms), _text(attribute.fields.get("instead_of"))
        if field is not None and about and about == fingerprint(graph, field):
            yield ("attribute", attribute.id), field


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
