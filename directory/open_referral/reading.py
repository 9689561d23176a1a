"""Any source that is a file, folder or zip: what format it has, and its items."""

import codecs
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Final

from directory.open_referral import json_reading, mapped_csv, tabular
from directory.open_referral.archives import Files, SourceRefused, files_of
from directory.open_referral.mapping import InvalidMapping
from directory.open_referral.records import Broken, Item

__all__ = ["FORMATS", "Broken", "Unreadable", "format_of", "read_source"]

FORMATS: Final = ("auto", "oruk", "hsds-json", "hsds-csv", "csv")
_TABLES: Final = (".csv", ".tsv", ".txt")
_JSON: Final = json_reading.SUFFIXES
_PEEK: Final = 1 << 16


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
    Unreadable, here or with the first item, for what is none of these.
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
    try:
        if chosen == "csv":
            if mapping is None:
                raise Unreadable(f"{path.name}: the format csv needs a mapping file")
            yield from mapped_csv.read(path, mapping)
        else:
            yield from (tabular if chosen == "hsds-csv" else json_reading).read(path)
    except (SourceRefused, InvalidMapping) as problem:
        raise Unreadable(str(problem)) from problem


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
    raise Unreadable(f"{name}: neither JSON nor tables (CSV)")


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
