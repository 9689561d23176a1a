"""The tables of the working copy: one SQLite file that any SQLite tool can open.

`record` is what each source said and what curators made of it; `link` which record points at which;
`run` and `quarantine` what was read; `proposal` what waits for a curator; `change` the audit: who,
when, what, why; `protection` the fields that feeds may not touch; `care` who rang a service, when,
and its last days; `apart` which services that look alike are two; `link_check` whether the web page
of a service answered; `version` what was published; `setting` the curators in charge; `built` and
its services and documents what was made of each cluster of records when it was last published.
"""

from collections.abc import Callable, Collection
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import sqlite_utils

# Kept in PRAGMA user_version; raised when a table or the meaning of a column changes.
SCHEMA_VERSION: Final = 3

_KEY: Final = {"source": str, "kind": str, "id": str}

_TABLES: Final[dict[str, tuple[dict[str, Any], Any]]] = {
    # `said` is what the source last said, where a curator or an open proposal holds `fields` apart.
    "record": (
        {
            **_KEY,
            "fields": str,
            "said": str,
            "digest": str,
            "state": str,
            "origin": str,
            "missing": int,
            "published": int,
            "uid": str,
            "place": str,
            "run": int,
        },
        ("source", "kind", "id"),
    ),
    "link": (
        {"link": int, **_KEY, "field": str, "target_kind": str, "target_id": str},
        "link",
    ),
    "run": (
        {
            "run": int,
            "source": str,
            "at": str,
            "by": str,
            "complete": int,
            "counts": str,
            # What was read, where it can be read again: a SHA-256; see `repeating`.
            "digest": str,
            # The tables of which nothing counted as withdrawn, as JSON; see `report.ImportReport`.
            "unsure": str,
        },
        "run",
    ),
    "quarantine": (
        {
            "row_number": int,
            "run": int,
            "source": str,
            "held_in": str,
            "place": str,
            "id": str,
            "reason": str,
        },
        "row_number",
    ),
    "proposal": (
        {
            "proposal": int,
            **_KEY,
            "uid": str,
            "action": str,
            "field": str,
            "was": str,
            "wanted": str,
            "origin": str,
            "by": str,
            "at": str,
            "reason": str,
            "state": str,
            "decided_by": str,
            "decided_at": str,
            "decision": str,
            "effect": str,
        },
        "proposal",
    ),
    "change": (
        {
            "change": int,
            "at": str,
            "by": str,
            "action": str,
            **_KEY,
            "field": str,
            "was": str,
            "became": str,
            "reason": str,
            "run": int,
            "proposal": int,
        },
        "change",
    ),
    "protection": (
        {**_KEY, "field": str, "by": str, "at": str},
        ("source", "kind", "id", "field"),
    ),
    "care": (
        {
            "source": str,
            "id": str,
            "verified_on": str,
            "verified_by": str,
            "verified_source": str,
            "expires_on": str,
            "funding_ends_on": str,
        },
        ("source", "id"),
    ),
    # Published ids, the lower one first.
    "apart": (
        {"one": str, "other": str, "by": str, "at": str, "reason": str},
        ("one", "other"),
    ),
    "link_check": (
        {"uid": str, "url": str, "state": str, "reason": str, "at": str},
        "uid",
    ),
    "version": (
        {
            "number": int,
            "version": str,
            "action": str,
            "at": str,
            "by": str,
            "note": str,
            "services": int,
        },
        "number",
    ),
    "setting": ({"name": str, "value": str}, "name"),
    "built": ({"cluster": str}, "cluster"),
    "built_service": (
        {
            "row_number": int,
            "cluster": str,
            "id": str,
            "uid": str,
            "name": str,
            "problem": str,
            "notes": str,
            "document": str,
            "filtered": str,
            "texts": str,
        },
        "row_number",
    ),
    "built_document": (
        {"row_number": int, "cluster": str, "kind": str, "id": str, "document": str},
        "row_number",
    ),
}
_INDEXES: Final[tuple[tuple[str, tuple[str, ...]], ...]] = (
    ("record", ("uid",)),
    ("link", ("source", "kind", "id")),
    ("link", ("source", "target_kind", "target_id")),
    ("quarantine", ("run",)),
    ("proposal", ("state", "source", "kind", "id")),
    ("change", ("source", "kind", "id")),
    ("built_service", ("cluster",)),
    ("built_document", ("cluster",)),
)


def create(database: "sqlite_utils.Database") -> None:
    """Makes every table and index of this version in an empty file, inside the caller's write."""
    _create(database, _TABLES)
    database.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")


def upgrade(database: "sqlite_utils.Database", version: int) -> None:
    """Brings a file of an earlier version to this one, inside the caller's write."""
    for step in _STEPS[version - 1 :]:
        step(database)
    database.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")


def _create(database: "sqlite_utils.Database", names: Collection[str]) -> None:
    for name in names:
        columns, key = _TABLES[name]
        database.table(name).create(columns, pk=key, strict=True)
    for name, indexed in _INDEXES:
        if name in names:
            database.table(name).create_index(indexed)


def _to_second(database: "sqlite_utils.Database") -> None:
    _create(database, ("built", "built_service", "built_document"))
    database.execute("ALTER TABLE run ADD COLUMN digest TEXT")


def _to_third(database: "sqlite_utils.Database") -> None:
    """What was told apart stood in the audit alone; a review date stood in two places."""
    _create(database, ("apart", "link_check"))
    database.execute(
        "INSERT OR REPLACE INTO apart SELECT min(field, became), max(field, became), by, at, reason"
        " FROM change WHERE action = 'not the same' ORDER BY change"
    )
    database.execute("ALTER TABLE run ADD COLUMN unsure TEXT")
    database.execute("ALTER TABLE care DROP COLUMN review_by")


# From each version to the next, from the first on.
_STEPS: Final[tuple[Callable[["sqlite_utils.Database"], None], ...]] = (_to_second, _to_third)
