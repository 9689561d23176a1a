"""What was built of each cluster for the last publication, kept in the working copy."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Final, NamedTuple

import orjson

from directory.artefact_building import Entry
from directory.artefact_file import NestedDocument

if TYPE_CHECKING:
    import sqlite_utils

_SERVICES: Final = (
    "SELECT cluster, id, uid, name, problem, notes, document, filtered, texts FROM built_service"
    " ORDER BY row_number"
)
_DOCUMENTS: Final = "SELECT cluster, kind, id, document FROM built_document ORDER BY row_number"
_KEEP_SERVICE: Final = (
    "INSERT INTO built_service (cluster, id, uid, name, problem, notes, document, filtered, texts)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
_KEEP_DOCUMENT: Final = (
    "INSERT INTO built_document (cluster, kind, id, document) VALUES (?, ?, ?, ?)"
)
_TABLES: Final = ("built", "built_service", "built_document")


class KeptService(NamedTuple):
    """One service of a cluster as it was built; the fields are those of `building.Built`."""

    id: str
    published_id: str
    name: str
    entry: Entry | None
    problem: str
    notes: tuple[str, ...]


class Before:
    """What was built before, by the digest of its cluster; use it inside one write."""

    def __init__(self, database: "sqlite_utils.Database") -> None:
        self._connection = database.conn
        self._known = {digest for (digest,) in database.execute("SELECT cluster FROM built")}
        self._used: set[str] = set()
        self._services: dict[str, list[KeptService]] = {}
        self._documents: dict[str, list[NestedDocument]] = {}
        for digest, *row in database.execute(_SERVICES):
            self._services.setdefault(digest, []).append(_service(*row))
        for digest, kind, record_id, stored in database.execute(_DOCUMENTS):
            document = NestedDocument(kind, record_id, stored.encode())
            self._documents.setdefault(digest, []).append(document)

    def __contains__(self, digest: object) -> bool:
        return digest in self._known

    def services(self, digest: str) -> Iterable[KeptService]:
        """The services of a cluster; none of one that was not built before."""
        return self._services.get(digest, ())

    def documents(self, digest: str) -> Iterator[NestedDocument]:
        """The documents of a cluster that was built before and is used again."""
        self._used.add(digest)
        yield from self._documents.get(digest, ())

    def keep_services(self, digest: str, services: Iterable[KeptService]) -> None:
        """Keeps what a cluster was built to, for the next time."""
        if digest in self._used:
            return
        self._used.add(digest)
        self._connection.execute("INSERT OR IGNORE INTO built VALUES (?)", (digest,))
        self._connection.executemany(_KEEP_SERVICE, (_row(digest, one) for one in services))

    def keep_document(self, digest: str, document: NestedDocument) -> None:
        """Keeps a document of a cluster that is kept."""
        if digest in self._used:
            given = (digest, document.kind, document.id, document.document.decode())
            self._connection.execute(_KEEP_DOCUMENT, given)

    def forget_unused(self) -> None:
        """Forgets every cluster that was neither used nor kept this time."""
        unused = [(digest,) for digest in self._known - self._used]
        for table in _TABLES:
            query = f"DELETE FROM {table} WHERE cluster = ?"  # noqa: S608 -- one of three names
            self._connection.executemany(query, unused)


def _service(
    record_id: str, uid: str, name: str, problem: str, notes: str, *entry: str | None
) -> KeptService:
    stored, filtered, texts = entry
    found = None
    if stored is not None and filtered is not None and texts is not None:
        found = Entry(uid, stored.encode(), orjson.loads(filtered), orjson.loads(texts))
    return KeptService(record_id, uid, name, found, problem, tuple(orjson.loads(notes)))


def _row(digest: str, one: KeptService) -> tuple[str | None, ...]:
    notes = orjson.dumps(one.notes).decode()
    known = (digest, one.id, one.published_id, one.name, one.problem, notes)
    if one.entry is None:
        return (*known, None, None, None)
    filtered, texts = (orjson.dumps(it).decode() for it in (one.entry.filtered, one.entry.texts))
    return (*known, one.entry.document.decode(), filtered, texts)
