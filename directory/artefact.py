"""Publishing: services become one immutable file, proved before use and swapped in at once.

The folder holds `directory-<hash>.sqlite` files and `current`, a small text file that names the one
in use. A crash at any point leaves the old one current.
"""

import os
import sqlite3
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime
from itertools import pairwise, zip_longest
from pathlib import Path
from typing import Any, Final

from directory.artefact_file import (
    FORMAT,
    DirectoryDamaged,
    content_hash,
    document,
    needs_document,
    verified,
)
from directory.matching import Directory
from directory.model import NEEDS, SYNONYMS, InvalidService, Service
from directory.postings import NEED_BITS, need_mask

CURRENT: Final = "current"
_INDEXED: Final = ("name", "organisation", "description", "needs", "synonyms")
_PREFIX: Final = "directory-"
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


def publish(services: Iterable[Service], folder: Path, *, now: datetime | None = None) -> str:
    """Publish these services in the folder and make them current; gives the version.

    The same services give the same version and the same file. Raises InvalidService for two
    services with one id; whatever goes wrong, what was current stays current.
    """
    ordered = sorted(services, key=lambda service: service.id)
    _refuse_duplicates(ordered)
    folder.mkdir(parents=True, exist_ok=True)
    version = content_hash(needs_document(), map(document, ordered))
    published = folder / f"{_PREFIX}{version}.sqlite"
    if not _is_whole(published, ordered):
        _build(published, ordered, version, now or datetime.now(UTC))
    _replace_text(folder / CURRENT, published.name)
    return version


def open_current(folder: Path) -> Directory:
    """The directory in use; raises DirectoryDamaged when there is none or it is not whole."""
    try:
        name = (folder / CURRENT).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as problem:
        raise DirectoryDamaged("no directory has been published") from problem
    if Path(name).name != name or not name.startswith(_PREFIX):
        raise DirectoryDamaged("the pointer to the current directory names no published file")
    directory = Directory.open(folder / name)
    if name != f"{_PREFIX}{directory.version}.sqlite":
        directory.close()
        raise DirectoryDamaged("the current directory is not the version its name says")
    return directory


def _refuse_duplicates(ordered: Sequence[Service]) -> None:
    twice = {former.id for former, latter in pairwise(ordered) if former.id == latter.id}
    if twice:
        raise InvalidService(tuple(f"id: {found} is on two services" for found in sorted(twice)))


def _build(published: Path, ordered: Sequence[Service], version: str, now: datetime) -> None:
    for abandoned in published.parent.glob(f"{_BUILDING}*"):
        abandoned.unlink(missing_ok=True)
    handle, name = tempfile.mkstemp(prefix=_BUILDING, dir=published.parent)
    os.close(handle)
    unfinished = Path(name)
    try:
        _write(unfinished, ordered, version, now)
        if not _is_whole(unfinished, ordered):
            raise DirectoryDamaged("the new directory does not read back as it was written")
        unfinished.chmod(0o444)
        _sync(unfinished)
        unfinished.replace(published)
        _sync(published.parent)
    finally:
        unfinished.unlink(missing_ok=True)


def _write(path: Path, ordered: Sequence[Service], version: str, now: datetime) -> None:
    # Only publishing needs it, and it costs start-up time and memory.
    import sqlite_utils  # noqa: PLC0415

    with closing(sqlite3.connect(path)) as connection:
        # Nobody reads the file before it is whole, so no journal has to survive.
        connection.execute("PRAGMA journal_mode = OFF")
        database = sqlite_utils.Database(connection)
        for table, (columns, rows) in _contents(ordered, version, now).items():
            database.table(table).create(columns, pk=next(iter(columns)))
            database.table(table).insert_all(rows)
        database.table("service").create_index(["id"], unique=True)
        database.table("service_text").enable_fts(
            _INDEXED, tokenize="porter unicode61 remove_diacritics 2"
        )
        connection.commit()
        connection.execute("VACUUM")


def _contents(
    ordered: Sequence[Service], version: str, now: datetime
) -> dict[str, tuple[dict[str, type], Iterable[dict[str, Any]]]]:
    """Each table: its columns, the primary key first, and its rows."""
    meta = {
        "format": FORMAT,
        "version": version,
        "services": str(len(ordered)),
        "needs": needs_document().decode(),
        "published_at": now.isoformat(timespec="seconds"),
    }
    numbered = tuple(enumerate(ordered, start=1))
    return {
        "meta": (
            {"name": str, "value": str},
            [{"name": name, "value": value} for name, value in meta.items()],
        ),
        "need": ({"code": str, "phrase": str, "synonyms": str, "bit": int}, _needs()),
        "service": (
            {"row": int, "id": str, "document": str},
            [{"row": row, "id": it.id, "document": document(it).decode()} for row, it in numbered],
        ),
        "service_filter": (_FILTER, (_filter(row, service) for row, service in numbered)),
        "service_text": (
            {"row": int, **dict.fromkeys(_INDEXED, str)},
            (_text(row, service) for row, service in numbered),
        ),
    }


def _needs() -> Iterator[dict[str, Any]]:
    for code, bit in NEED_BITS.items():
        synonyms = "\n".join(SYNONYMS[code])
        yield {"code": code, "phrase": NEEDS[code], "synonyms": synonyms, "bit": bit}


def _filter(row: int, service: Service) -> dict[str, Any]:
    return {
        "row": row,
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


def _text(row: int, service: Service) -> dict[str, Any]:
    return {
        "row": row,
        "name": service.name,
        "organisation": service.organisation,
        "description": service.description,
        "needs": "\n".join(NEEDS[need] for need in service.needs),
        "synonyms": "\n".join(word for need in service.needs for word in SYNONYMS[need]),
    }


def _is_whole(path: Path, ordered: Sequence[Service]) -> bool:
    """Whether the file is there, proves whole, and gives every service back as it was."""
    try:
        with verified(path) as artefact:
            counts = {artefact.connection.execute(query).fetchone()[0] for query in _COUNTS}
            kept = (service for _, service in artefact.services())
            same = all(was == now for was, now in zip_longest(ordered, kept))
    except DirectoryDamaged:
        return False
    return same and counts == {len(ordered)}


def _replace_text(path: Path, text: str) -> None:
    """Replace a small file so that a crash leaves either the old one or the new one."""
    handle, name = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
    unfinished = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            stream.write(f"{text}\n")
        _sync(unfinished)
        unfinished.replace(path)
        _sync(path.parent)
    finally:
        unfinished.unlink(missing_ok=True)


def _sync(path: Path) -> None:
    """Make a file's content, or the names in a folder, survive a power cut."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
