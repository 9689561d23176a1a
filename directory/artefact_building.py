"""A published file is built here: its tables, its search index, and the proof that it is whole."""

import os
import sqlite3
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from datetime import datetime
from itertools import pairwise, zip_longest
from operator import attrgetter
from pathlib import Path
from typing import Any, Final, NamedTuple

import orjson

from directory.artefact_file import (
    FORMAT,
    DirectoryDamaged,
    NestedDocument,
    content_hash,
    document,
    needs_document,
    nested_documents,
    verified,
)
from directory.model import NEEDS, SYNONYMS, InvalidService, Service, read_service
from directory.postings import NEED_BITS, need_mask
from directory.search_text import INDEXED, TOKENIZE, search_text

_BUILDING: Final = ".building-"
_FILTER: Final = {
    "row": int,
    "active": bool,
    "needs": int,
    "minimum_age": int,
    "maximum_age": int,
    "lat": float,
    "lon": float,
    "public_funds": str,
    "urgent_today": bool,
    "national": bool,
}
_COUNTS: Final = (
    "SELECT count(*) FROM service_filter",
    "SELECT count(*) FROM service_text",
    "SELECT count(*) FROM service_text_fts_docsize",
)
_KEYS: Final[Mapping[str, Any]] = {"open_referral": ("kind", "id")}


class Entry(NamedTuple):
    """A service as the file keeps it: its JSON, its row of `service_filter` and of `service_text`.

    The rows are without their number. Only `entry_of` makes one.
    """

    id: str
    document: bytes
    filtered: Sequence[Any]
    texts: Sequence[str]


def entry_of(service: Service) -> Entry:
    """The entry of a service; raises DirectoryDamaged for one that would not read back the same."""
    stored = document(service)
    if read_service(orjson.loads(stored)) != service:
        raise DirectoryDamaged("a service does not read back as it was written")
    return Entry(service.id, stored, tuple(_filter(service).values()), _texts(service))


class Content(NamedTuple):
    """What a file is made of, each in its order (id; kind and id), and the version of it all."""

    entries: Sequence[Entry]
    nested: Sequence[NestedDocument]
    version: str


def content_of(services: Iterable[Service | Entry], nested: Iterable[NestedDocument]) -> Content:
    """The content of these services; raises InvalidService for two with one id."""
    entries = (one if isinstance(one, Entry) else entry_of(one) for one in services)
    ordered = sorted(entries, key=attrgetter("id"))
    _refuse_duplicates(ordered)
    beside = sorted(nested)
    documents = (entry.document for entry in ordered)
    return Content(ordered, beside, content_hash(needs_document(), documents, beside))


def build(published: Path, content: Content, now: datetime) -> None:
    """Builds the file beside its place, proves it and puts it there; removes what a crash left.

    Raises DirectoryDamaged when it does not read back as it was written.
    """
    for abandoned in published.parent.glob(f"{_BUILDING}*"):
        abandoned.unlink(missing_ok=True)
    handle, name = tempfile.mkstemp(prefix=_BUILDING, dir=published.parent)
    os.close(handle)
    unfinished = Path(name)
    try:
        _write(unfinished, content, now)
        if not is_whole(unfinished, content):
            raise DirectoryDamaged("the new directory does not read back as it was written")
        unfinished.chmod(0o444)
        sync(unfinished)
        unfinished.replace(published)
        sync(published.parent)
    finally:
        unfinished.unlink(missing_ok=True)


def _write(path: Path, content: Content, now: datetime) -> None:
    # Only publishing needs it, and it costs start-up time and memory.
    import sqlite_utils  # noqa: PLC0415

    with closing(sqlite3.connect(path)) as connection:
        # Nobody reads the file before it is whole, so no journal has to survive.
        connection.execute("PRAGMA journal_mode = OFF")
        database = sqlite_utils.Database(connection)
        for table, (columns, rows) in _contents(content, now).items():
            database.table(table).create(columns, pk=_KEYS.get(table, next(iter(columns))))
            marks = ", ".join("?" for _ in columns)
            connection.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)  # noqa: S608
        database.table("service").create_index(["id"], unique=True)
        database.table("service_text").enable_fts(INDEXED, tokenize=TOKENIZE)
        connection.commit()
        connection.execute("VACUUM")


def _contents(
    content: Content, now: datetime
) -> dict[str, tuple[dict[str, type], Iterable[Sequence[Any]]]]:
    """Each table: its columns, the primary key first, and its rows."""
    meta = {
        "format": FORMAT,
        "version": content.version,
        "services": str(len(content.entries)),
        "needs": needs_document().decode(),
        "published_at": now.isoformat(timespec="seconds"),
    }
    numbered = tuple(enumerate(content.entries, start=1))
    return {
        "meta": ({"name": str, "value": str}, meta.items()),
        "need": ({"code": str, "phrase": str, "synonyms": str, "bit": int}, _needs()),
        "service": (
            {"row": int, "id": str, "document": str},
            ((row, entry.id, entry.document.decode()) for row, entry in numbered),
        ),
        "open_referral": (
            {"kind": str, "id": str, "document": str},
            ((one.kind, one.id, one.document.decode()) for one in content.nested),
        ),
        "service_filter": (_FILTER, ((row, *entry.filtered) for row, entry in numbered)),
        "service_text": (
            {"row": int, **dict.fromkeys(INDEXED, str)},
            ((row, *entry.texts) for row, entry in numbered),
        ),
    }


def _needs() -> Iterator[tuple[str, str, str, int]]:
    for code, bit in NEED_BITS.items():
        yield code, NEEDS[code], "\n".join(SYNONYMS[code]), bit


def _texts(service: Service) -> tuple[str, ...]:
    said = search_text(service)
    return tuple(said[name] for name in INDEXED)


def _filter(service: Service) -> dict[str, Any]:
    """The columns of `_FILTER` but the number of the row, in their order."""
    return {
        "active": service.status == "active",
        "needs": need_mask(service.needs),
        "minimum_age": service.minimum_age,
        "maximum_age": service.maximum_age,
        "lat": service.lat,
        "lon": service.lon,
        "public_funds": service.public_funds,
        "urgent_today": service.urgent_today,
        "national": service.national,
    }


def is_whole(path: Path, content: Content) -> bool:
    """Whether the file is there, proves whole, and gives everything back as it was."""
    try:
        with verified(path) as artefact:
            counts = {artefact.connection.execute(query).fetchone()[0] for query in _COUNTS}
            kept = artefact.documents()
            given = ((entry.id, entry.document) for entry in content.entries)
            same = all(was == now for was, now in zip_longest(given, kept))
            beside = nested_documents(artefact.connection)
            same = same and all(was == now for was, now in zip_longest(content.nested, beside))
    except DirectoryDamaged:
        return False
    return same and counts == {len(content.entries)}


def sync(path: Path) -> None:
    """Make a file's content, or the names in a folder, survive a power cut."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _refuse_duplicates(ordered: Sequence[Entry]) -> None:
    twice = {former.id for former, latter in pairwise(ordered) if former.id == latter.id}
    if twice:
        raise InvalidService(tuple(f"id: {found} is on two services" for found in sorted(twice)))
