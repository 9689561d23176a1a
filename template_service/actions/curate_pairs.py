"""Services that look alike: pairs proposed, and those a curator said are not the same.

What was said stands in the audit of the working copy, as every other word of a curator does.
"""

from datetime import datetime
from typing import Final

from directory.duplicates import Likeness, duplicates
from directory.working_copy import graphs
from directory.working_copy.services import current_services
from directory.working_copy.store import WorkingCopy
from directory.working_copy.writing import Hand, note

_APART: Final = "not the same"
_KIND: Final = "service"


def likenesses(working: WorkingCopy) -> tuple[Likeness, ...]:
    """Pairs of current services that may be one, most alike first, without those told apart."""
    services = [one.service for one in current_services(working) if one.service is not None]
    known = _told_apart(working)
    return tuple(
        pair
        for pair in duplicates(services)
        if frozenset((pair.one.id, pair.other.id)) not in known
    )


def tell_apart(
    working: WorkingCopy, one: str, other: str, *, by: str, now: datetime, reason: str
) -> None:
    """Notes that two services (published ids) are not the same; raises NotHeld.

    The pair is not proposed again.
    """
    with working.writing() as database:
        source, record_id = graphs.key_of(database, one)
        graphs.key_of(database, other)
        note(
            database,
            Hand(by, now, _APART, reason),
            about=(source, _KIND, record_id),
            field=other,
            became=one,
        )


def _told_apart(working: WorkingCopy) -> frozenset[frozenset[str]]:
    rows = working.database.execute("SELECT field, became FROM change WHERE action = ?", (_APART,))
    return frozenset(frozenset(pair) for pair in rows)
