"""Every current service of the working copy, read once in a process and then followed.

Whatever changes a record leaves an entry in the audit: where nothing was added to it, what was read
before is given again, and where few were, only the services that they are about are read anew.
"""

from collections.abc import Container, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Protocol, TypeVar

from directory.model import Service
from directory.open_referral.lens_reading import Context
from directory.open_referral.records import uuid_of
from directory.open_referral.service_graph import ServiceIndex
from directory.working_copy import graphs, reading
from directory.working_copy.problems import Refused
from directory.working_copy.proposing import above
from directory.working_copy.references import ROOTS, is_fully_linked
from directory.working_copy.store import WorkingCopy
from directory.working_copy.writing import held

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
    "SELECT source, kind, id, max(field GLOB '*_id' OR field IN ('link_entity', 'resource_type'))"
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
    """What was read of a working copy when `last` was the last entry of its audit.

    `linked` are the sources of which it can be told which services a change is about.
    """

    file: str
    context: Context
    last: tuple[Any, ...] | None
    services: Mapping[Key, Read]
    linked: frozenset[str]


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
    if before is not None and services is not None:
        kept = before._replace(last=last, services=services)
    else:
        kept = _Kept(file, working.context, last, *_all(working))
    # What is not committed may never be.
    if file and not database.conn.in_transaction:
        _SHELF.kept = kept
    return tuple(kept.services.values())


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


def one_each(working: WorkingCopy) -> dict[str, Read]:
    """The current services by published id: of those with one id, the one to be published."""
    first: dict[str, Read] = {}
    for _ in doubles(current_services(working), first, owners(working.database)):
        pass
    return first


def _all(working: WorkingCopy) -> tuple[dict[Key, Read], frozenset[str]]:
    """Every current service, and the sources whose records are all fully linked."""
    noted = reading.dates(working.database)
    services: dict[Key, Read] = {}
    linked = set()
    for source in graphs.in_turn(working.database):
        records = list(graphs.records(working.database, source))
        found = services_of(ServiceIndex(records), source, noted, working.context)
        services |= {(source, one.id): one for one in found}
        if all(is_fully_linked(record.kind, record.fields) for record in records):
            linked.add(source)
    return services, frozenset(linked)


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
    changed = _changed(working.database, number, before.linked)
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


def _changed(
    database: "sqlite_utils.Database", since: int, linked: Container[str]
) -> set[Key] | None:
    """The services that the entries of the audit after this one are about; None: it may be any."""
    changed: set[Key] = set()
    for source, kind, record_id, moved in database.execute(_SINCE, (since,)):
        found = held(database, source, kind, record_id)
        if moved or source not in linked or found is None:
            return None
        # What waited when all was read was not among what was.
        owners = is_fully_linked(kind, found.fields) and _owners(database, source, kind, record_id)
        if not owners:
            return None
        changed |= {(source, owner) for owner in owners}
    return changed


def _owners(
    database: "sqlite_utils.Database", source: str, kind: str, record_id: str
) -> set[str] | None:
    """Every service a record may be read with; None: it may be any.

    What hangs on something shared is for all that share it, unless it names its service.
    """
    found = set()
    for at_kind, at_id, targets in above(database, source, kind, record_id):
        if at_kind == "service":
            found.add(at_id)
        elif at_kind in ROOTS or ("service" not in targets and not ROOTS.isdisjoint(targets)):
            return None
    return found


def _read(opened: graphs.Opened, dates: reading.Dates, context: Context) -> Read:
    source, record_id, graph = opened
    name = str(graph.service.fields.get("name") or "")
    published_id = uuid_of(source, "service", record_id)
    try:
        service, notes = reading.service(opened, dates, context)
    except Refused as problem:
        return Read(source, record_id, published_id, name, None, dates, str(problem), ())
    return Read(source, record_id, published_id, name, service, dates, "", notes)
