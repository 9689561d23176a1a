"""When published documents last changed, read from the versions that are still there.

Somebody who keeps a copy asks for what changed since they last asked. A date too late sends them a
document again; a date too early would keep a change from them. So every doubt makes it later.
"""

import hashlib
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from directory import artefact
from directory.artefact_file import connect, nested_documents

Key = tuple[str, str]

# Earlier versions that are looked into; a document the same in all of them is dated by the oldest.
MOST_VERSIONS: Final = 50
# Building a file takes seconds; in use so much later, it was gone back to or published again.
_BUILDING: Final = timedelta(minutes=10)
_DIGEST_BYTES: Final = 16


def in_use_since(folder: Path, version: str) -> datetime:
    """When a version was made the one in use: published, or gone back to; whole seconds, UTC."""
    published = _published(folder).get(version, datetime.fromtimestamp(0, UTC))
    pointer = folder / artefact.CURRENT
    try:
        named = pointer.read_text(encoding="utf-8").strip()
        pointed = datetime.fromtimestamp(int(pointer.stat().st_mtime), UTC)
    except (OSError, UnicodeDecodeError):
        return published
    return max(published, pointed) if named == artefact.file_of(folder, version).name else published


def changed_at(folder: Path, version: str, since: datetime) -> Mapping[Key, datetime]:
    """When each document of a version (kind, id) last became what it is.

    `since` is when the version came into use. A version that was gone back to replaced others
    nobody can name: then only what is the same in every version that is kept is older.
    """
    published = _published(folder)
    own = _digests(artefact.file_of(folder, version))
    made = published.pop(version, since)
    others = sorted(published.items(), key=lambda one: (one[1], one[0]), reverse=True)
    others = others[:MOST_VERSIONS]
    if since - made > _BUILDING or any(at > made for _, at in others):
        return _gone_back_to(folder, own, since, others)
    dates = dict.fromkeys(own, made)
    same = set(own)
    for other, at in others:
        before = _digests(artefact.file_of(folder, other))
        same = {key for key in same if before.get(key) == own[key]}
        if not same:
            break
        dates |= dict.fromkeys(same, at)
    return dates


def _gone_back_to(
    folder: Path, own: Mapping[Key, bytes], since: datetime, others: list[tuple[str, datetime]]
) -> Mapping[Key, datetime]:
    same = set(own)
    for other, _ in others:
        before = _digests(artefact.file_of(folder, other))
        same = {key for key in same if before.get(key) == own[key]}
    oldest = min((at for _, at in others), default=since)
    return {key: oldest if key in same else since for key in own}


def _published(folder: Path) -> dict[str, datetime]:
    found = {one.version: one.published_at for one in artefact.versions(folder)}
    return {version: datetime.fromisoformat(at).astimezone(UTC) for version, at in found.items()}


def _digests(path: Path) -> dict[Key, bytes]:
    """A digest of each document; none of a file that cannot be read: nothing is like it then."""
    try:
        with closing(connect(path)) as connection:
            return {
                (found.kind, found.id): hashlib.blake2b(
                    found.document, digest_size=_DIGEST_BYTES
                ).digest()
                for found in nested_documents(connection)
            }
    except sqlite3.Error:
        return {}
