"""Any source that is a file, folder or zip: what format it has, and its items."""

import codecs
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Final

from directory.open_referral import json_reading, mapped_csv, tabular, wrong_file
from directory.open_referral.archives import Files, SourceRefused, files_of
from directory.open_referral.mapping import InvalidMapping
from directory.open_referral.records import Broken, Item, Quarantined, Record
from directory.open_referral.schemas import COLUMNS, KINDS_OF_TABLE

__all__ = ["FORMATS", "Broken", "Unreadable", "format_of", "read_source"]

FORMATS: Final = ("auto", "oruk", "hsds-json", "hsds-csv", "csv")
_TABLES: Final = (".csv", ".tsv", ".txt")
_JSON: Final = json_reading.SUFFIXES
_PEEK: Final = 1 << 16
_NO_FILE: Final = "the folder is empty"
_NEITHER: Final = "this is not a directory: JSON, CSV, or a folder or zip of them is read"
_NO_ROW: Final = (
    "no row of a table of HSDS was found in it (services.csv, organizations.csv and so on);"
    f" any other table {wrong_file.MAPPING}"
)


class Unreadable(ValueError):
    """A source that none of the formats can read, and why, in plain English."""


def read_source(
    path: Path,
    *,
    format: str = "auto",  # noqa: A002  # the word the commands use
    mapping: Path | None = None,
) -> Iterator[Item]:
    """The items of a source, in its order, read as a stream.

    `oruk` (Open Referral UK v3 or v1) and `hsds-json` (HSDS 3) are JSON pages, lists, single
    documents, tables or lines of objects; `hsds-csv` is a tabular data package, folder or zip;
    `csv` any table with a `mapping` file. `auto` recognises which. An item that is Broken says
    that not all could be read: then what is missing must not be taken for withdrawn. Raises
    Unreadable for what is none of these: here, with the first item, or after the last one where
    no object of a directory was among them.
    """
    chosen = format_of(path, mapping) if format == "auto" else format
    if chosen not in FORMATS:
        raise Unreadable(f"{format}: not a format; choose one of {', '.join(FORMATS)}")
    if chosen != "csv" and mapping is not None:
        raise Unreadable(f"{path.name}: the format {chosen} takes no mapping file")
    return _items(path, chosen, mapping)


def format_of(path: Path, mapping: Path | None = None) -> str:
    """The format of a source by what it holds: "oruk", "hsds-csv", or "csv" with a mapping.

    HSDS 3 and Open Referral UK JSON are read alike: both are "oruk". Raises Unreadable.
    """
    if mapping is not None:
        return "csv"
    try:
        with files_of(path) as files:
            return _recognised(path.name, files)
    except SourceRefused as problem:
        raise Unreadable(str(problem)) from problem


def _items(path: Path, chosen: str, mapping: Path | None) -> Iterator[Item]:
    found = _Found()
    try:
        if chosen == "csv":
            if mapping is None:
                raise Unreadable(f"{path.name}: the format csv needs a mapping file")
            yield from found.counted(mapped_csv.read(path, mapping))
        else:
            reader = tabular if chosen == "hsds-csv" else json_reading
            yield from found.counted(reader.read(path))
        if not found.taken and (wrong := _wrong(path, chosen, found)):
            raise Unreadable(f"{path.name}: {wrong}")
    except (SourceRefused, InvalidMapping) as problem:
        raise Unreadable(str(problem)) from problem


class _Found:
    """What was found of a directory: whether objects were `taken`, or refused but `meant` for one.

    `first` is the first that was refused.
    """

    def __init__(self) -> None:
        self.taken = self.meant = False
        self.first: Quarantined | None = None

    def counted(self, items: Iterator[Item]) -> Iterator[Item]:
        """The items as they come."""
        for item in items:
            if isinstance(item, Record):
                # A table of anything may have the name of one of HSDS.
                self.taken = self.taken or not item.fields.keys().isdisjoint(
                    COLUMNS.get(item.kind, ())
                )
            else:
                self.first = self.first or item
                known = item.table in KINDS_OF_TABLE and not isinstance(item, Broken)
                self.meant = self.meant or known
            yield item


def _wrong(path: Path, chosen: str, found: _Found) -> str:
    """What the source is, of which nothing was taken; blank when it was meant as a directory."""
    with files_of(path) as files:
        if chosen == "csv":
            told = f" ({found.first.row}: {found.first.reason})" if found.first else ""
            return "" if found.meant else f"nothing of it could be read with this mapping{told}"
        if chosen == "hsds-csv":
            seems = wrong_file.tables_seem(files, tabular.names_of(files), named=found.meant)
            return seems or ("" if found.meant else _NO_ROW)
        names = json_reading.names_of(files)
        if found.meant:
            return wrong_file.json_fits(files, names)
        return wrong_file.json_seems(files, names, found.first)


def _recognised(name: str, files: Files) -> str:
    """What the files nearest to the top are; a package of tables may describe itself in JSON."""
    nearest = _nearest(files)
    if len(nearest) == 1 and _begins_as_json(files, nearest[0]):
        return "oruk"
    suffixes = {PurePosixPath(it).suffix.lower() for it in nearest}
    is_json, is_tables = not suffixes.isdisjoint(_JSON), not suffixes.isdisjoint(_TABLES)
    described = any(PurePosixPath(it).name == tabular.PACKAGE for it in nearest)
    if is_tables and (described or not is_json):
        return "hsds-csv"
    if is_tables:
        raise Unreadable(f"{name}: holds both JSON and tables; say which format is meant")
    if described:
        return "hsds-csv"
    if is_json:
        return "oruk"
    raise Unreadable(f"{name}: {_NEITHER if files.names else _NO_FILE}")


def _nearest(files: Files) -> list[str]:
    """The readable files with the fewest folders above them; a single file whatever it is."""
    if len(files.names) == 1:
        return list(files.names)
    named = [it for it in files.names if PurePosixPath(it).suffix.lower() in (*_JSON, *_TABLES)]
    least = min((it.count("/") for it in named), default=0)
    return [it for it in named if it.count("/") == least]


def _begins_as_json(files: Files, name: str) -> bool:
    if name.rpartition("/")[2] == tabular.PACKAGE:
        return False
    with files.open(name) as stream:
        start = stream.read(_PEEK)
    wide = start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    text = start.decode("utf-16" if wide else "utf-8-sig", "replace").lstrip()
    return text.startswith(("{", "["))
