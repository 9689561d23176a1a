"""A source that says what it said last time is not read again: its last run says what comes."""

from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import orjson

from directory.code_version import code_version
from directory.open_referral.archives import SourceRefused, files_of
from directory.working_copy.proposing import open_count
from directory.working_copy.report import Counts, ImportReport
from directory.working_copy.runs import quarantine, start
from directory.working_copy.store import WorkingCopy
from directory.working_copy.taking_out import bring_back
from directory.working_copy.writing import Hand, json_text, note

if TYPE_CHECKING:
    import sqlite_utils

_CHUNK: Final = 1 << 20
_LAST: Final = "SELECT run, complete, digest, counts FROM run WHERE source = ? ORDER BY run DESC"
_COPY: Final = """
INSERT INTO quarantine (run, source, held_in, place, id, reason)
SELECT ?, source, held_in, place, id, reason FROM quarantine WHERE run = ? ORDER BY row_number
"""


def digest_of(path: Path, file_format: str, mapping: Path | None) -> str:
    """SHA-256 of all that decides what is read: the files by name and order, how, and our code.

    Blank for a source that is not read at all. Raises OSError.
    """
    digest = sha256(repr((code_version(), file_format, path.name)).encode())
    digest.update(mapping.read_bytes() if mapping else b"")
    try:
        # A zip is one file here: what is in it is in its bytes.
        names = (path.name,) if path.is_file() else _names(path)
    except SourceRefused:
        return ""
    for name in names:
        file = path if path.is_file() else path / name
        digest.update(f"\n{name} {file.stat().st_size}\n".encode())
        with file.open("rb") as stream:
            while chunk := stream.read(_CHUNK):
                digest.update(chunk)
    return digest.hexdigest()


def _names(folder: Path) -> tuple[str, ...]:
    with files_of(folder) as files:
        return files.names


def repeated(
    working: WorkingCopy, source: str, digest: str, *, now: datetime, by: str
) -> ImportReport | None:
    """Notes a run in which a source said again what it said in its last; None: it must be read.

    `digest` is that of `digest_of`. What was read then is unchanged now, what was refused is
    refused again; a source that was taken out since is back. Only a run that was whole, and unsure
    of no table, is repeated.
    """
    if not digest:
        return None
    with working.writing() as database:
        found = _last(database, source, digest)
        if found is None:
            return None
        last, tables = found
        number = start(database, source, now, by, whole=True)
        database.execute(_COPY, (number, last))
        counts = json_text({name: it._asdict() for name, it in tables.items()})
        database.execute(
            "UPDATE run SET counts = ?, digest = ? WHERE run = ?", (counts, digest, number)
        )
        reason = f"import {number} of {source}: the same as import {last}"
        hand = Hand(by, now, "import", reason, run=number)
        waiting = open_count(database)
        returned = bring_back(database, source, hand)
        note(database, hand, became=counts)
        return ImportReport(
            source,
            number,
            True,
            tables,
            quarantine(working, number),
            open_count(database) - waiting,
            returned=returned,
        )


def keep_digest(working: WorkingCopy, report: ImportReport, digest: str) -> None:
    """Keeps with a run what was read, so that the same need not be read again."""
    if digest and report.complete and not report.unsure:
        with working.writing() as database:
            database.execute("UPDATE run SET digest = ? WHERE run = ?", (digest, report.run))


def _last(
    database: "sqlite_utils.Database", source: str, digest: str
) -> tuple[int, dict[str, Counts]] | None:
    row = database.execute(_LAST, (source,)).fetchone()
    if row is None or not row[1] or row[2] != digest:
        return None
    held: dict[str, Any] = orjson.loads(row[3])
    return row[0], {name: _again(Counts(**it)) for name, it in held.items() if it["read"]}


def _again(counts: Counts) -> Counts:
    taken = counts.read - counts.quarantined
    return Counts(read=counts.read, unchanged=taken, quarantined=counts.quarantined)
