"""From the working copy to the published directory, and the history of what was published."""

import gc
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

import orjson

from directory import artefact
from directory.artefact_building import Entry, entry_of
from directory.artefact_file import DirectoryDamaged
from directory.model import read_service
from directory.working_copy import reading
from directory.working_copy.building import Built, build_all
from directory.working_copy.problems import NotHeld, Refused
from directory.working_copy.store import WorkingCopy
from directory.working_copy.writing import Hand, insert, note, stamp

if TYPE_CHECKING:
    import sqlite_utils

_BEFORE: Final = "published without a working copy"
# A version is named by its number, or by the beginning of its hash as lists show it.
_SHORTEST: Final = 6
# A service that was taken out is no longer the one of its id where another's is published now.
_GIVEN_UP: Final = (
    "UPDATE record SET published = 0 WHERE kind = 'service' AND state = 'withdrawn' AND published"
    " AND uid IN (SELECT uid FROM record"
    " WHERE kind = 'service' AND state = 'current' AND published)"
)


class Version(NamedTuple):
    """One entry of the history. `current` is true of the last entry of what is in use now.

    `available` is false when its file is gone: it can be neither compared nor gone back to.
    """

    number: int
    version: str
    action: Literal["publish", "rollback"]
    at: str
    by: str
    note: str
    services: int
    current: bool
    available: bool


class Publication(NamedTuple):
    """What was published: the version, how many services, and what could not be read.

    `left_out` are services that could not be built, each with its `problem`; `partly` those that
    were published though something of them could not be read, each with its `notes`.
    """

    number: int
    version: str
    services: int
    left_out: tuple[Built, ...]
    partly: tuple[Built, ...]


def publish(
    working: WorkingCopy,
    folder: Path,
    *,
    now: datetime,
    today: date,
    by: str,
    reason: str = "",
    progress: Callable[[str], object] = lambda _: None,
) -> Publication:
    """Publishes every current service and makes that version current; all or nothing.

    A service that cannot be built is left out and named. A service whose last day has passed is
    published as inactive. From now on feeds only propose changes of what was published. Raises
    WorkingCopyBusy, and Refused when not one service could be built. Only what changed since the
    last time is built anew.
    """
    with _uncollected(), working.writing() as database:
        _adopt(database, folder)
        built, nested = build_all(working, progress)
        services = [_as_of(one.entry, one.dates, today) for one in built if one.entry]
        if not services:
            raise Refused("there is no service to publish")
        progress("writing")
        version = artefact.publish(services, folder, now=now, nested=nested)
        left_out = tuple(one for one in built if one.entry is None)
        _mark_published(database, left_out)
        hand = Hand(by, now, "publish", reason)
        number = _record(database, version, "publish", len(services), hand)
    partly = tuple(one for one in built if one.entry and one.notes)
    return Publication(number, version, len(services), left_out, partly)


def history(working: WorkingCopy, folder: Path) -> tuple[Version, ...]:
    """Everything that was ever current, oldest first."""
    files = {found.version: found for found in artefact.versions(folder)}
    # Whoever only looks waits for nobody who writes.
    if files.keys() - _known(working.database):
        with working.writing() as database:
            _adopt(database, folder)
    rows = working.database.query(
        "SELECT number, version, action, at, by, note, services FROM version ORDER BY number"
    )
    entries = [Version(**row, current=False, available=row["version"] in files) for row in rows]
    last = {entry.version: entry.number for entry in entries}
    current = next((found.version for found in files.values() if found.current), None)
    return tuple(
        entry._replace(current=entry.version == current and last[entry.version] == entry.number)
        for entry in entries
    )


def find_version(working: WorkingCopy, folder: Path, name: str) -> Version:
    """The version of a number, or of the beginning of a hash; raises NotHeld."""
    found = history(working, folder)
    numbered = [one for one in found if str(one.number) == name]
    hashed = [one for one in found if len(name) >= _SHORTEST and one.version.startswith(name)]
    if len({one.version for one in hashed}) > 1:
        raise NotHeld(f"several versions begin with {name}: give more of it")
    if not numbered and not hashed:
        raise NotHeld(f"there is no version {name}")
    return numbered[0] if numbered else hashed[-1]


def roll_back(
    working: WorkingCopy, folder: Path, name: str, *, now: datetime, by: str, reason: str
) -> Version:
    """Makes an earlier version the one in use again; the working copy stays as it is.

    Raises NotHeld, and Refused when it is in use already or its file is gone or damaged.
    """
    with working.writing() as database:
        wanted = find_version(working, folder, name)
        if any(it.current and it.version == wanted.version for it in history(working, folder)):
            raise Refused(f"version {wanted.number} is in use already")
        try:
            artefact.make_current(folder, wanted.version)
        except DirectoryDamaged as problem:
            raise Refused(f"version {wanted.number}: {problem}") from None
        hand = Hand(by, now, "rollback", reason)
        number = _record(database, wanted.version, "rollback", wanted.services, hand)
    return wanted._replace(
        number=number, action="rollback", at=stamp(now), by=by, note=reason, current=True
    )


@contextmanager
def _uncollected() -> Iterator[None]:
    """No search for garbage: there is none in the many objects that all last until the end."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _as_of(entry: Entry, noted: reading.Dates, today: date) -> Entry:
    """The service as it is published on this day."""
    if not noted.is_over(today):
        return entry
    return entry_of(reading.as_of(read_service(orjson.loads(entry.document)), noted, today))


def _adopt(database: "sqlite_utils.Database", folder: Path) -> None:
    """Takes into the history what was published past it: without a working copy, or by a publish
    that died after the swap.
    """
    known = _known(database)
    for found in artefact.versions(folder):
        if found.version not in known:
            _insert(
                database,
                found.version,
                "publish",
                found.services,
                ("", found.published_at, _BEFORE),
            )


def _known(database: "sqlite_utils.Database") -> set[str]:
    return {version for (version,) in database.execute("SELECT version FROM version")}


def _record(
    database: "sqlite_utils.Database", version: str, action: str, services: int, hand: Hand
) -> int:
    number = _insert(database, version, action, services, (hand.by, stamp(hand.at), hand.reason))
    note(database, hand, became=version)
    return number


def _insert(
    database: "sqlite_utils.Database",
    version: str,
    action: str,
    services: int,
    who: tuple[str, str, str],
) -> int:
    by, at, why = who
    row = {
        "version": version,
        "action": action,
        "at": at,
        "by": by,
        "note": why,
        "services": services,
    }
    return insert(database, "version", row)


def _mark_published(database: "sqlite_utils.Database", left_out: Iterable[Built]) -> None:
    database.execute("UPDATE record SET published = 1 WHERE state = 'current' AND NOT published")
    database.conn.executemany(
        "UPDATE record SET published = 0 WHERE source = ? AND kind = 'service' AND id = ?",
        [(one.source, one.id) for one in left_out],
    )
    database.execute(_GIVEN_UP)
