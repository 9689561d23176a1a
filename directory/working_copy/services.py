"""Every current service of the working copy, read once in a process and then followed.

Whatever changes a record leaves an entry in the audit: where nothing was added to it, what was read
before is given again, and where few were, only the services that they are about are read anew.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Protocol, TypeVar

from directory.model import Service
from directory.open_referral.lens_reading import Context
from directory.open_referral.records import uuid_of
from directory.open_referral.service_graph import ServiceIndex
from directory.working_copy import graphs, reading
from directory.working_copy.problems import Refused
from directory.working_copy.proposing import owner_of
from directory.working_copy.store import WorkingCopy

if TYPE_CHECKING:
    import sqlite_utils

Key = tuple[str, str]
"""The source of a service and its id there."""

# More services than this are sooner read all together.
_FEW: Final = 100

_LAST: Final = (
    "SELECT change, at, by, action, source, kind, id, field, became FROM change"
    " ORDER BY change DESC LIMIT 1"
)
_STILL_THERE: Final = (
    "SELECT change, at, by, action, source, kind, id, field, became FROM change WHERE change = ?"
)
# An import is not followed (its own entry is about no record), nor is a part that went from one
# service to another; of a new record every reference is new.
_SINCE: Final = (
    "SELECT source, kind, id, max(field GLOB '*_id')"
    " AND NOT max(field = '' AND was IS NULL AND became = 'current') FROM change"
    " WHERE change > ? AND (source <> '' OR run IS NOT NULL) GROUP BY source, kind, id"
)
_OWNERS: Final = (
    "SELECT uid, source FROM record WHERE kind = 'service' AND published AND state = 'current'"
)
_CURRENT: Final = (
    "SELECT 1 FROM record WHERE source = ? AND kind = 'service' AND id = ? AND state = 'current'"
)


class Read(NamedTuple):
    """One service of a source; `service` is None, and `problem` says why, when it is none.

    `notes` are what could be read only in part.
    """

    source: str
    id: str
    published_id: str
    name: str
    service: Service | None
    dates: reading.Dates
    problem: str
    notes: tuple[str, ...]


class _Found(Protocol):
    @property
    def source(self) -> str: ...

    @property
    def published_id(self) -> str: ...


F = TypeVar("F", bound=_Found)


class _Kept(NamedTuple):
    """What was read of a working copy when `last` was the last entry of its audit."""

    file: str
    context: Context
    last: tuple[Any, ...] | None
    services: Mapping[Key, Read]


class _Shelf:
    """The one reading that a process keeps: it has one working copy."""

    kept: _Kept | None = None


_SHELF: Final = _Shelf()


def current_services(working: WorkingCopy) -> tuple[Read, ...]:
    """The current services, by source, in the order of each source."""
    database = working.database
    ((_, _, file),) = database.execute("PRAGMA database_list").fetchall()[:1]
    # Before the services are read: what changes meanwhile is then read once more the next time.
    last = database.execute(_LAST).fetchone()
    before = _SHELF.kept
    services = None
    if before is not None and (file, working.context) == (before.file, before.context):
        services = _followed(working, before, last)
    if services is None:
        services = {(one.source, one.id): one for one in _all(working)}
    # What is not committed may never be.
    if file and not database.conn.in_transaction:
        _SHELF.kept = _Kept(file, working.context, last, services)
    return tuple(services.values())


def services_of(
    index: ServiceIndex,
    source: str,
    noted: Mapping[Key, reading.Dates],
    context: Context,
) -> Iterator[Read]:
    """The services of one source from its records."""
    for record_id in index.service_ids():
        opened = graphs.Opened(source, record_id, index.graph(record_id))
        yield _read(opened, noted.get((source, record_id), reading.Dates()), context)


def owners(database: "sqlite_utils.Database") -> Mapping[str, str]:
    """The published ids of what is published, and the sources whose services they are."""
    return dict(database.execute(_OWNERS).fetchall())


def doubles(
    found: Iterable[F], first: dict[str, F], owned: Mapping[str, str]
) -> Iterator[tuple[F, str]]:
    """Those whose published id is that of another source's service, and why they are left out.

    One service is published once: as the source has it whose service is published (`owned`), so
    that nobody takes its place by giving its id; else as the first has it. `first` maps each
    published id to who has it, and grows.
    """
    for one in found:
        owner = owned.get(one.published_id, one.source)
        if owner == one.source:
            owner = first.setdefault(one.published_id, one).source
        if owner != one.source:
            yield one, f"its id is that of a service of {owner}"


def _all(working: WorkingCopy) -> Iterator[Read]:
    noted = reading.dates(working.database)
    for source in graphs.in_turn(working.database):
        index = ServiceIndex(graphs.records(working.database, source))
        yield from services_of(index, source, noted, working.context)


def _followed(
    working: WorkingCopy, before: _Kept, last: tuple[Any, ...] | None
) -> Mapping[Key, Read] | None:
    """What was read before with what changed since; None where all is to be read."""
    if last == before.last:
        return before.services
    if before.last is None:
        return None
    number = before.last[0]
    # A backup that was put back has another past.
    if working.database.execute(_STILL_THERE, (number,)).fetchone() != before.last:
        return None
    changed = _changed(working.database, number)
    if changed is None or len(changed) > _FEW or not changed <= before.services.keys():
        return None
    services = dict(before.services)
    for source, record_id in changed:
        if working.database.execute(_CURRENT, (source, record_id)).fetchone() is None:
            return None
        opened = graphs.opened_at(working.database, source, record_id)
        dates = reading.dates_of(working.database, source, record_id)
        services[source, record_id] = _read(opened, dates, working.context)
    return services


def _changed(database: "sqlite_utils.Database", since: int) -> set[Key] | None:
    """The services that the entries of the audit after this one are about; None: it may be any."""
    changed = set()
    for source, kind, record_id, moved in database.execute(_SINCE, (since,)):
        owner = None if moved else owner_of(database, source, kind, record_id)
        if owner is None:
            return None
        changed.add((source, owner))
    return changed


def _read(opened: graphs.Opened, dates: reading.Dates, context: Context) -> Read:
    source, record_id, graph = opened
    name = str(graph.service.fields.get("name") or "")
    published_id = uuid_of(source, "service", record_id)
    try:
        service, notes = reading.service(opened, dates, context)
    except Refused as problem:
        return Read(source, record_id, published_id, name, None, dates, str(problem), ())
    return Read(source, record_id, published_id, name, service, dates, "", notes)
