"""Any table read with a mapping file: CSV, or a JSON list of flat objects, one file or several."""

from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatch
from functools import partial
from hashlib import blake2b
from pathlib import Path, PurePosixPath
from typing import Any, Final, NamedTuple

import ijson

from directory.open_referral.archives import Files, SourceRefused, files_of
from directory.open_referral.attributes import vocabulary_of
from directory.open_referral.json_bytes import as_utf8
from directory.open_referral.json_faults import Counted
from directory.open_referral.mapped_row import MappedRow
from directory.open_referral.mapping import FileMapping
from directory.open_referral.mapping_reading import read_mapping
from directory.open_referral.plain_cells import json_text, unguarded
from directory.open_referral.records import Broken, Item, Quarantined, Record
from directory.open_referral.schemas import table_of
from directory.open_referral.text_files import (
    BadRow,
    Notice,
    log_notice,
    read_table,
)

_JSON: Final = (".json", ".geojson")


class _Line(NamedTuple):
    """A row: where it stood, and its cells that say something; or why it was not read.

    `absent` are the columns that the mapping asks for and the row does not have.
    """

    place: str
    cells: Mapping[str, Any]
    reason: str = ""
    absent: Sequence[str] = ()


def read(path: Path, mapping: Path, *, notice: Notice = log_notice) -> Iterator[Item]:
    """The objects that a mapping makes of a file, or of the files of a folder or zip, row by row.

    Raises InvalidMapping before anything is read, SourceRefused for a source that is not safe or
    has none of the files the mapping names.
    """
    mapped = read_mapping(mapping)
    with files_of(path) as files:
        pairs = _pairs(files, mapped)
        if not pairs:
            wanted = ", ".join(file.file for file in mapped)
            raise SourceRefused(f"{path.name}: has none of the files the mapping names ({wanted})")
        for name in sorted(set(files.names) - {name for name, _ in pairs}):
            notice(f"{name}: the mapping does not name this file; it is not read")
        once = _Once()
        for name, file in pairs:
            for item in _items(files, name, file, notice):
                yield from once.taken(item, shared=_shared(file))


def _pairs(files: Files, mapped: tuple[FileMapping, ...]) -> list[tuple[str, FileMapping]]:
    """The files of the source with their mapping; one file needs not have the name of the one."""
    if len(files.names) == 1 and len(mapped) == 1:
        return [(files.names[0], mapped[0])]
    return [
        (name, file)
        for file in mapped
        for name in files.names
        if fnmatch(PurePosixPath(name).name.lower(), file.file.lower())
    ]


def _shared(file: FileMapping) -> frozenset[str]:
    return frozenset(made.kind for made in file.records.values() if made.shared)


def _items(files: Files, name: str, file: FileMapping, notice: Notice) -> Iterator[Item]:
    main = table_of(next(iter(file.records.values())).kind)
    used = file.used()
    for line in _lines(files, name, file, notice):
        if line.reason:
            # A row makes objects of several kinds: nobody knows which are not there now.
            yield Broken(main, line.place, "", line.reason)
        else:
            yield from MappedRow(file, line.cells, line.place, used, line.absent).items()


def _lines(files: Files, name: str, file: FileMapping, notice: Notice) -> Iterator[_Line]:
    if name.lower().endswith(_JSON):
        yield from _json_lines(files, name, file.asked())
        return
    with read_table(lambda: files.open(name), name, notice) as table:
        absent = sorted(file.asked() - set(table.header)) if table.header else ()
        if absent:
            notice(f"{name}: has no column {', '.join(map(repr, absent))}, which the mapping names")
        read_cell = unguarded if file.guarded else str
        for row in table.rows:
            place = f"{name}:{row.line}"
            if isinstance(row, BadRow):
                yield _Line(place, {}, row.reason)
            else:
                cells = zip(table.header, map(read_cell, row.cells), strict=True)
                said = {column: cell for column, cell in cells if cell.strip()}
                yield _Line(place, said, absent=absent)


def _json_lines(files: Files, name: str, asked: frozenset[str]) -> Iterator[_Line]:
    number = 0
    opened = as_utf8(partial(files.open, name), name)
    with opened() as raw:
        stream = Counted(raw)
        try:
            for number, found in enumerate(ijson.items(stream, "item", use_float=True), start=1):
                yield _json_line(f"{name}[{number - 1}]", found, asked)
        except ijson.JSONError as problem:
            yield _Line(f"{name}[{number}]", {}, stream.broken(problem, opened))
            return
    if not number:
        yield _Line(name, {}, "not a list of objects")


def _json_line(place: str, found: Any, asked: frozenset[str]) -> _Line:
    if not isinstance(found, dict):
        return _Line(place, {}, "not an object")
    deep = [key for key, value in found.items() if isinstance(value, dict | list)]
    if deep:
        return _Line(place, {}, f"{', '.join(deep)}: not a single value")
    cells = {key: value for key, value in found.items() if str(value or 0).strip() and value != ""}
    said = {key: value for key, value in cells.items() if value is not None}
    return _Line(place, said, absent=sorted(asked - found.keys()))


class _Once:
    """What several rows may make is given once; our vocabulary, before what points at it."""

    def __init__(self) -> None:
        self._seen: dict[tuple[str, str], tuple[bytes, str]] = {}

    def taken(self, item: Item, *, shared: frozenset[str]) -> Iterator[Item]:
        """The item, with what must come before it, or nothing where it has been given."""
        if isinstance(item, Quarantined):
            yield item
            return
        if item.kind == "attribute":
            for ours in vocabulary_of((item,)):
                yield from self._unless_given(ours._replace(place="mapping"))
        if item.kind in shared:
            yield from self._unless_given(item)
        else:
            yield item

    def _unless_given(self, record: Record) -> Iterator[Item]:
        content = json_text(record.fields).encode("utf-8", "surrogatepass")
        digest = blake2b(content, digest_size=16).digest()
        before = self._seen.get((record.kind, record.id))
        if before is None:
            self._seen[record.kind, record.id] = (digest, record.place)
            yield record
        elif before[0] != digest:
            reason = f"differs from the same record at {before[1]}"
            yield Quarantined(table_of(record.kind), record.place, record.id, reason)
