"""Publishing: services become one immutable file, proved before use and swapped in at once.

The folder holds `directory-<hash>.sqlite` files and `current`, a small text file that names the one
in use. A crash at any point leaves the old one current. Older files stay: `versions` lists them and
`make_current` goes back to one.
"""

import os
import sqlite3
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, NamedTuple

from directory.artefact_building import Entry, build, content_of, is_whole, sync
from directory.artefact_file import (
    Artefact,
    DirectoryDamaged,
    NestedDocument,
    connect,
    verified,
)
from directory.matching import Directory
from directory.model import Service

CURRENT: Final = "current"
_PREFIX: Final = "directory-"


class PublishedFile(NamedTuple):
    """A published version that is still there; `published_at` is when its file was made."""

    version: str
    published_at: str
    services: int
    current: bool


def publish(
    services: Iterable[Service | Entry],
    folder: Path,
    *,
    now: datetime | None = None,
    nested: Iterable[NestedDocument] = (),
) -> str:
    """Publish these services in the folder and make them current; gives the version.

    An Entry is a service that was made ready before (`artefact_building.entry_of`).
    `nested` are their Open Referral documents, for serving. The same content gives the same version
    and the same file. Raises InvalidService for two services with one id; whatever goes wrong, what
    was current stays current.
    """
    content = content_of(services, nested)
    folder.mkdir(parents=True, exist_ok=True)
    published = file_of(folder, content.version)
    if not is_whole(published, content):
        build(published, content, now or datetime.now(UTC))
    _replace_text(folder / CURRENT, published.name)
    return content.version


def versions(folder: Path) -> tuple[PublishedFile, ...]:
    """Every published version in the folder, oldest first; files that are damaged are left out."""
    current = _current_name(folder)
    found = []
    for path in folder.glob(f"{_PREFIX}*.sqlite"):
        try:
            with closing(connect(path)) as connection:
                meta = dict(connection.execute("SELECT name, value FROM meta"))
            version, at, count = meta["version"], meta["published_at"], int(meta["services"])
        except (sqlite3.Error, KeyError, ValueError):
            continue
        found.append(PublishedFile(version, at, count, path.name == current))
    return tuple(sorted(found, key=lambda one: (one.published_at, one.version)))


def services_of(folder: Path, version: str) -> tuple[Service, ...]:
    """The services of a published version, by id; raises DirectoryDamaged."""
    with _opened(folder, version) as artefact:
        return tuple(service for _, service in artefact.services())


def make_current(folder: Path, version: str) -> None:
    """Makes a published version the one in use, after proving it whole; raises DirectoryDamaged."""
    with _opened(folder, version):
        pass
    _replace_text(folder / CURRENT, file_of(folder, version).name)


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


def _current_name(folder: Path) -> str:
    try:
        return (folder / CURRENT).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return ""


def file_of(folder: Path, version: str) -> Path:
    """Where the file of a published version is, or would be."""
    return folder / f"{_PREFIX}{version}.sqlite"


@contextmanager
def _opened(folder: Path, version: str) -> Iterator[Artefact]:
    with verified(file_of(folder, version)) as artefact:
        if artefact.version != version:
            raise DirectoryDamaged("the published directory is not the version its name says")
        yield artefact


def _replace_text(path: Path, text: str) -> None:
    """Replace a small file so that a crash leaves either the old one or the new one."""
    handle, name = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
    unfinished = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            stream.write(f"{text}\n")
        sync(unfinished)
        unfinished.replace(path)
        sync(path.parent)
    finally:
        unfinished.unlink(missing_ok=True)
