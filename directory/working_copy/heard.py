"""What colleagues said of services that is not in the published directory yet, read quickly.

For every page that shows services: it opens the file beside the curators, reads one query, and
reads nothing at all while the audit is as it was.
"""

import sqlite3
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final, Literal, NamedTuple
from urllib.parse import quote

Kind = Literal["wrong", "full", "closed"]

# A page never waits for a curator: readers need not, and what takes longer is not worth it.
_SECONDS: Final = 0.2
_LAST: Final = "SELECT change, at, by FROM change ORDER BY change DESC LIMIT 1"
# What was agreed stands in no directory until it is published.
_HEARD: Final = (
    "SELECT uid, action, field, at, state FROM proposal WHERE origin = 'staff' AND uid <> ''"
    " AND (state = 'open' OR (state = 'accepted' AND action = 'edit' AND decided_at >"
    " coalesce((SELECT max(at) FROM version WHERE action = 'publish' AND version ="
    " (SELECT version FROM version ORDER BY number DESC LIMIT 1)), '')))"
    " ORDER BY proposal"
)
_KINDS: Final[Mapping[str, Kind]] = {"status": "closed", "caution": "full"}


class Heard(NamedTuple):
    """What a colleague said of a service, by its kind only, when, and whether a curator agreed."""

    kind: Kind
    at: datetime
    agreed: bool


class _Kept(NamedTuple):
    """What was read when this was the last entry of the audit."""

    file: Path
    last: Any
    heard: Mapping[str, tuple[Heard, ...]]


class _Shelf:
    """The one reading that a process keeps: it has one working copy."""

    kept: _Kept | None = None


_SHELF: Final = _Shelf()


def heard(file: Path) -> Mapping[str, tuple[Heard, ...]]:
    """What was said of services, by published id, from the file of a working copy.

    Nothing where there is none yet. Raises sqlite3.Error for what cannot be read.
    """
    if not file.exists():
        return {}
    uri = f"file:{quote(str(file))}?mode=ro"
    connection = sqlite3.connect(uri, uri=True, timeout=_SECONDS, isolation_level=None)
    try:
        last = connection.execute(_LAST).fetchone()
        before = _SHELF.kept
        if before is not None and (before.file, before.last) == (file, last):
            return before.heard
        found: dict[str, tuple[Heard, ...]] = {}
        for uid, action, field, at, state in connection.execute(_HEARD):
            kind: Kind = "wrong" if action == "flag" else _KINDS.get(field, "wrong")
            one = Heard(kind, datetime.fromisoformat(at), state == "accepted")
            found[uid] = (*found.get(uid, ()), one)
    finally:
        connection.close()
    _SHELF.kept = _Kept(file, last, found)
    return found
