"""Services that look alike: pairs proposed, and those a curator said are not the same."""

from datetime import datetime
from typing import TYPE_CHECKING, Final, NamedTuple

from directory.duplicates import Likeness, duplicates
from directory.working_copy import graphs
from directory.working_copy.problems import NotHeld, Refused
from directory.working_copy.services import one_each
from directory.working_copy.store import WorkingCopy
from directory.working_copy.writing import Hand, note, stamp

if TYPE_CHECKING:
    import sqlite_utils

APART: Final = "not the same"
AGAIN: Final = "may be the same"
"""What the audit calls telling two services apart, and taking that back."""


class Apart(NamedTuple):
    """Two services (published ids, the lower one first) that a curator said are not the same."""

    one: str
    other: str
    by: str
    at: str
    reason: str


def likenesses(working: WorkingCopy) -> tuple[Likeness, ...]:
    """Pairs of current services that may be one, most alike first, without those told apart.

    Two of one published id are no pair: only one of them is published, and so is told already.
    """
    services = [one.service for one in one_each(working).values() if one.service is not None]
    known = {(pair.one, pair.other) for pair in told_apart(working)}
    # A pair has its lower id first too.
    return tuple(it for it in duplicates(services) if (it.one.id, it.other.id) not in known)


def told_apart(working: WorkingCopy) -> tuple[Apart, ...]:
    """The pairs that are not proposed again, those told apart last first."""
    rows = working.database.execute(
        "SELECT one, other, by, at, reason FROM apart ORDER BY rowid DESC"
    )
    return tuple(Apart(*row) for row in rows)


def tell_apart(
    working: WorkingCopy, one: str, other: str, *, by: str, now: datetime, reason: str
) -> None:
    """Keeps that two services (published ids) are not the same: the pair is not proposed again.

    Raises NotHeld, and Refused for a service and itself.
    """
    if one == other:
        raise Refused("a service is the same as itself")
    lower, higher = sorted((one, other))
    with working.writing() as database:
        database.execute(
            "INSERT OR REPLACE INTO apart (one, other, by, at, reason) VALUES (?, ?, ?, ?, ?)",
            (lower, higher, by, stamp(now), reason),
        )
        _note(database, (lower, higher), Hand(by, now, APART, reason))


def take_back(
    working: WorkingCopy, one: str, other: str, *, by: str, now: datetime, reason: str
) -> None:
    """Takes back that two services are not the same; raises NotHeld where nobody said so."""
    pair = sorted((one, other))
    with working.writing() as database:
        row = database.execute(
            "DELETE FROM apart WHERE one = ? AND other = ? RETURNING one", pair
        ).fetchone()
        if row is None:
            raise NotHeld("nobody told these two services apart")
        _note(database, (pair[0], pair[1]), Hand(by, now, AGAIN, reason))


def _note(database: "sqlite_utils.Database", pair: tuple[str, str], hand: Hand) -> None:
    """It stands in the history of both."""
    for one, other in (pair, pair[::-1]):
        source, record_id = graphs.key_of(database, one)
        note(database, hand, about=(source, "service", record_id), became=other)
