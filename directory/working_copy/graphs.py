"""The records of the working copy as services: one of them to edit, all of them to publish."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Final, NamedTuple

import orjson

from directory.open_referral.records import Record
from directory.open_referral.service_graph import ServiceGraph, ServiceIndex
from directory.working_copy.problems import NotHeld
from directory.working_copy.references import ROOTS

if TYPE_CHECKING:
    import sqlite_utils

Key = tuple[str, str]

_ONE: Final = (
    "SELECT rowid, kind, id, fields, place FROM record"
    " WHERE source = ? AND kind = ? AND id = ? AND state IN ('current', ?)"
)
_PROPOSED: Final = (
    "SELECT 1 FROM record WHERE source = ? AND kind = ? AND id = ? AND state = 'proposed'"
)
_ALL: Final = (
    "SELECT kind, id, fields, place FROM record WHERE source = ? AND state = 'current'"
    " ORDER BY rowid"
)
_IN_TURN: Final = (
    "SELECT source FROM record GROUP BY source"
    " ORDER BY (SELECT min(run.run) FROM run WHERE run.source = record.source), source"
)
_TARGETS: Final = "SELECT target_kind, target_id FROM link WHERE source = ? AND kind = ? AND id = ?"
_POINTING: Final = (
    "SELECT link.kind, link.id FROM link JOIN record USING (source, kind, id)"
    " WHERE link.source = ? AND link.target_kind = ? AND link.target_id = ?"
    " AND record.state = 'current' ORDER BY record.rowid"
)
# As publishing chooses among the sources that have it: whose is published, or who came first.
_KEY_OF: Final = (
    "SELECT source, id FROM record WHERE uid = ? AND kind = 'service' AND state <> 'withdrawn'"
    " ORDER BY state = 'current' DESC, published DESC,"
    " (SELECT min(run.run) FROM run WHERE run.source = record.source), source"
)
# Everything hangs together with a term; a term is found from what it describes.
_ENDS: Final = frozenset({"taxonomy", "taxonomy_term"})
# What may belong to many services: how many decides what an edit of one may change.
_SHARED: Final = frozenset({"organization", "location", "program"})


class Opened(NamedTuple):
    """One service of the working copy: its source, the id it has there, and its records."""

    source: str
    id: str
    graph: ServiceGraph


def open_service(database: "sqlite_utils.Database", service_id: str) -> Opened:
    """The service with this published id; raises NotHeld."""
    return opened_at(database, *key_of(database, service_id))


def opened_at(database: "sqlite_utils.Database", source: str, record_id: str) -> Opened:
    """The service of this source with this id there; raises KeyError."""
    index = ServiceIndex(_around(database, source, record_id))
    return Opened(source, record_id, index.graph(record_id))


def key_of(database: "sqlite_utils.Database", service_id: str) -> tuple[str, str]:
    """The source of a service and its id there, from its published id; raises NotHeld."""
    row = database.execute(_KEY_OF, (service_id,)).fetchone()
    if row is None:
        raise NotHeld(f"there is no service {service_id} in the working copy")
    return row[0], row[1]


def sources(database: "sqlite_utils.Database") -> tuple[str, ...]:
    """The names of all sources, sorted."""
    rows = database.execute("SELECT DISTINCT source FROM record ORDER BY source")
    return tuple(source for (source,) in rows)


def in_turn(database: "sqlite_utils.Database") -> tuple[str, ...]:
    """The names of all sources, those that came first first.

    Of an object that two sources have, the earlier one's is published.
    """
    return tuple(source for (source,) in database.execute(_IN_TURN))


def records(database: "sqlite_utils.Database", source: str) -> Iterator[Record]:
    """Every current record of a source, in its order."""
    for kind, record_id, fields, place in database.execute(_ALL, (source,)):
        yield Record(kind, record_id, orjson.loads(fields), place)


def _around(database: "sqlite_utils.Database", source: str, record_id: str) -> Iterator[Record]:
    """The records of a service, and of other services only what shares something with it.

    In the order of the source, as all of them are read to publish: without what only waits for a
    curator, unless the service itself does.
    """
    start = ("service", record_id)
    mine: dict[Key, None] = {start: None}
    others: dict[Key, None] = {}
    waiting = [start]
    for key in waiting:
        up = [it for it in _keys(database, _TARGETS, source, key) if it[0] != "service"]
        down = [] if key[0] in _ENDS else _keys(database, _POINTING, source, key)
        found = [*up, *(it for it in down if _belongs(it, key, start))]
        if key[0] in _SHARED:
            others |= dict.fromkeys(it for it in down if not _belongs(it, key, start))
        waiting += [it for it in dict.fromkeys(found) if it not in mine]
        mine |= dict.fromkeys(found)
    waits = database.execute(_PROPOSED, (source, *start)).fetchone() is not None
    also = "proposed" if waits else "current"
    rows = (database.execute(_ONE, (source, *key, also)).fetchone() for key in mine | others)
    for _, kind, found_id, fields, place in sorted(row for row in rows if row is not None):
        yield Record(kind, found_id, orjson.loads(fields), place)


def _belongs(part: Key, owner: Key, start: Key) -> bool:
    if part[0] in ROOTS:
        return False
    return part[0] != "service_at_location" or owner == start


def _keys(database: "sqlite_utils.Database", query: str, source: str, key: Key) -> Iterable[Key]:
    return [(kind, found) for kind, found in database.execute(query, (source, *key))]
