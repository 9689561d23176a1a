"""The published directory as a file: what is in it, what its version means, and proof before use.

One SQLite file, never changed after it was made. Tables: `meta`; `need` (code, phrase,
synonyms, bit in the mask); `service` (row, id, document: the JSON record); `service_filter` (the
facts to filter by in SQL); `service_text` with its FTS5 index; `open_referral` (kind, id, document:
the nested Open Referral UK v3 JSON of services, organisations, taxonomies, terms and services at
locations, where there are any). Anything that opens SQLite reads it.
"""

import hashlib
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

import orjson

from directory.model import NEEDS, SYNONYMS, Service, read_service, service_record

# Raised when a table or the meaning of a column changes; part of the content hash.
FORMAT: Final = "3"

_TEXT: Final = "service_text"
_INDEX: Final = f"{_TEXT}_fts"
_DOCUMENTS: Final = "SELECT row, id, document FROM service ORDER BY id"
_TABLES: Final = frozenset(
    {"meta", "need", "service", "service_filter", "open_referral", _TEXT, _INDEX}
    | {f"{_INDEX}_{part}" for part in ("data", "idx", "docsize", "config")}
)


class NestedDocument(NamedTuple):
    """An object as Open Referral UK v3 serves it: its kind ("service"), its UUID, its JSON."""

    kind: str
    id: str
    document: bytes


class DirectoryDamaged(RuntimeError):
    """A published directory that is missing, cut short, altered, or of another format."""


@dataclass(frozen=True, slots=True)
class Artefact:
    """A verified file, open for reading: its version (content hash) and its services."""

    version: str
    connection: sqlite3.Connection

    def services(self) -> Iterator[tuple[int, Service]]:
        """Every row with its service, by id, one at a time."""
        for row, service_id, stored in self.connection.execute(_DOCUMENTS):
            service = read_service(orjson.loads(stored))
            if service.id != service_id:
                raise DirectoryDamaged("the published directory keeps a service as another's")
            yield row, service

    def documents(self) -> Iterator[tuple[str, bytes]]:
        """The id and the JSON of every service, by id."""
        for _, service_id, stored in self.connection.execute(_DOCUMENTS):
            yield service_id, stored.encode()


def document(service: Service) -> bytes:
    """The one way a service is written: JSON with sorted keys."""
    return orjson.dumps(service_record(service), option=orjson.OPT_SORT_KEYS)


def needs_document() -> bytes:
    """The need categories with their phrases and synonyms, as JSON with sorted keys."""
    needs = {code: [phrase, *SYNONYMS[code]] for code, phrase in NEEDS.items()}
    return orjson.dumps(needs, option=orjson.OPT_SORT_KEYS)


def content_hash(
    needs: bytes, documents: Iterable[bytes], nested: Iterable[NestedDocument] = ()
) -> str:
    """SHA-256 of the format, the need categories and the documents.

    The service documents are in order of id, the nested ones in order of kind and id.
    """
    digest = hashlib.sha256(f"directory format {FORMAT}\n".encode())
    for part in (needs, *documents):
        digest.update(part + b"\n")
    for kind, record_id, stored in nested:
        digest.update(f"{kind} {record_id} ".encode() + stored + b"\n")
    return digest.hexdigest()


def connect(path: Path) -> sqlite3.Connection:
    """A read-only connection that trusts nothing in the file."""
    uri = f"{path.resolve().as_uri()}?mode=ro&immutable=1"
    connection = sqlite3.connect(uri, uri=True, check_same_thread=False)
    connection.execute("PRAGMA trusted_schema = OFF")
    connection.execute("PRAGMA cell_size_check = ON")
    return connection


@contextmanager
def verified(path: Path) -> Iterator[Artefact]:
    """The file, once its size, structure, integrity and content hash are proved.

    Raises DirectoryDamaged, also for what turns out to be wrong while it is read.
    """
    try:
        with closing(connect(path)) as connection:
            _check_size(connection, path.stat().st_size)
            _check_structure(connection)
            yield Artefact(_proved_version(connection), connection)
    except (OSError, sqlite3.Error, ValueError, KeyError, TypeError) as problem:
        raise DirectoryDamaged("the published directory cannot be read") from problem


def service_at(connection: sqlite3.Connection, row: int) -> Service:
    """The service kept in this row of a verified file."""
    query = "SELECT document FROM service WHERE row = ?"
    (stored,) = connection.execute(query, (row,)).fetchone()
    return read_service(orjson.loads(stored))


def nested_documents(
    connection: sqlite3.Connection, kind: str | None = None
) -> Iterator[NestedDocument]:
    """The nested documents of a verified file, of one kind or of all, in order of kind and id."""
    where, given = ("WHERE kind = ?", (kind,)) if kind else ("", ())
    query = f"SELECT kind, id, document FROM open_referral {where} ORDER BY kind, id"  # noqa: S608
    for found, record_id, stored in connection.execute(query, given):
        yield NestedDocument(found, record_id, stored.encode())


def nested_document(connection: sqlite3.Connection, kind: str, record_id: str) -> bytes | None:
    """The nested document of this kind and UUID in a verified file; None when it has none."""
    query = "SELECT document FROM open_referral WHERE kind = ? AND id = ?"
    row = connection.execute(query, (kind, record_id)).fetchone()
    return row[0].encode() if row else None


def _check_size(connection: sqlite3.Connection, size: int) -> None:
    (pages,) = connection.execute("PRAGMA page_count").fetchone()
    (page_size,) = connection.execute("PRAGMA page_size").fetchone()
    if size == 0 or size != pages * page_size:
        raise DirectoryDamaged("the published directory is cut short")


def _check_structure(connection: sqlite3.Connection) -> None:
    kinds = connection.execute("SELECT type, name FROM sqlite_schema").fetchall()
    tables = {name for kind, name in kinds if kind == "table"}
    # A view or a trigger in a crafted file would run somebody else's SQL.
    if tables != _TABLES or any(kind not in ("table", "index") for kind, _ in kinds):
        raise DirectoryDamaged("the published directory does not have the tables of this format")
    if connection.execute("PRAGMA integrity_check").fetchall() != [("ok",)]:
        raise DirectoryDamaged("the published directory fails SQLite's integrity check")


def _proved_version(connection: sqlite3.Connection) -> str:
    meta = dict(connection.execute("SELECT name, value FROM meta"))
    if meta["format"] != FORMAT:
        raise DirectoryDamaged("the published directory is of another format: publish it again")
    documents = (stored.encode() for _, _, stored in connection.execute(_DOCUMENTS))
    nested = nested_documents(connection)
    version = content_hash(meta["needs"].encode(), documents, nested)
    if version != meta["version"]:
        raise DirectoryDamaged("the published directory does not match its content hash")
    return version
