"""Which source a service that is or was published comes from, and what was never published."""

from collections.abc import Mapping

from directory.working_copy.services import one_each
from directory.working_copy.store import WorkingCopy

_EVER_HELD = (
    "SELECT uid, source FROM record WHERE kind = 'service'"
    " ORDER BY state = 'current', published, rowid DESC"
)
_NEVER_PUBLISHED = (
    "SELECT source FROM record WHERE kind = 'service' GROUP BY 1 HAVING NOT max(published)"
)


def origins(working: WorkingCopy) -> Mapping[str, str]:
    """The source of every published id, also of what was withdrawn since."""
    held = dict(working.database.execute(_EVER_HELD).fetchall())
    return held | {uid: one.source for uid, one in one_each(working).items()}


def never_published(working: WorkingCopy) -> frozenset[str]:
    """The sources of which no service was ever published out of this working copy."""
    return frozenset(source for (source,) in working.database.execute(_NEVER_PUBLISHED))
