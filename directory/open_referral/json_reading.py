"""Open Referral JSON in files: pages, lists, single documents, tables, lines; v3, v1 and HSDS 3."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Final

from directory.open_referral.archives import Files, files_of
from directory.open_referral.json_documents import (
    UNTOLD,
    kind_by_properties,
    read_documents,
    table_by_name,
)
from directory.open_referral.json_streams import Found, documents_of
from directory.open_referral.records import Item, Quarantined
from directory.open_referral.schemas import table_of

SUFFIXES: Final = (".json", ".ndjson", ".jsonl")


def read(path: Path) -> Iterator[Item]:
    """The items of a JSON file, or of the JSON files of a folder or zip together.

    Files are read as streams; a file that breaks gives what stands before the break. Raises
    SourceRefused for a path that is not there and for an unsafe zip.
    """
    with files_of(path) as files:
        yield from read_documents(_documents(files))


def names_of(files: Files) -> tuple[str, ...]:
    """The files of a source that are read; a single one whatever its name."""
    if len(files.names) == 1:
        return files.names
    return tuple(name for name in files.names if name.lower().endswith(SUFFIXES))


def _documents(files: Files) -> Iterator[Found | Quarantined]:
    single = len(files.names) == 1
    for name in names_of(files):
        yield from _of_file(files, name, "" if single else name)


def _of_file(files: Files, name: str, before: str) -> Iterator[Found | Quarantined]:
    """What one file holds; a document that does not tell its kind is of the one before it's."""
    table = table_by_name(name)
    for each in documents_of(partial(files.open, name), name):
        if isinstance(each, Quarantined):
            row = _joined(before, each.row)
            kind = each.table or table
            yield each._replace(table=table_of(kind) if kind else UNTOLD, row=row)
            continue
        found = each
        if not found.table and isinstance(found.content, dict):
            table = kind_by_properties(found.content) or table
        yield Found(found.table or table, found.content, _joined(before, found.place))


def _joined(name: str, place: str) -> str:
    return f"{name}: {place}" if name else place
