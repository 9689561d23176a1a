"""Any source that is a file, folder or zip: what format it has, and its items."""

from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Final

from directory.open_referral import file_kinds, json_reading, mapped_csv, tabular, wrong_file
from directory.open_referral.archives import Files, SourceRefused, files_of
from directory.open_referral.mapping import InvalidMapping
from directory.open_referral.records import Broken, Item, Quarantined, Record
from directory.open_referral.schemas import COLUMNS, KINDS_OF_TABLE

__all__ = ["FORMATS", "Broken", "Unexplained", "Unreadable", "format_of", "read_source"]

FORMATS: Final = ("auto", "oruk", "hsds-json", "hsds-csv", "csv")
_TABLES: Final = (".csv", ".tsv", ".txt")
_JSON: Final = json_reading.SUFFIXES
_NO_FILE: Final = "the folder is empty"
_NEITHER: Final = "this is not a directory: JSON, CSV, or a folder or zip of them is read"


class Unreadable(ValueError):
    """A source that none of the formats can read, and why, in plain English."""


class Unexplained(Unreadable):
    """A table or list that a mapping file would explain.

    `mapping` names the one that comes with the directory and does; blank where none is known to.
    """

    def __init__(self, told: str, mapping: str) -> None:
        super().__init__(told)
        self.mapping = mapping


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
        _refuse_other_kinds(path)
        with files_of(path) as files:
            return _recognised(path.name, files)
    except SourceRefused as problem:
        raise Unreadable(str(problem)) from problem


def _items(path: Path, chosen: str, mapping: Path | None) -> Iterator[Item]:
    found = _Found()
    try:
        _refuse_other_kinds(path)
        if chosen == "csv":
            if mapping is None:
                raise Unreadable(f"{path.name}: the format csv needs a mapping file")
            yield from found.counted(mapped_csv.read(path, mapping))
        else:
            reader = tabular if chosen == "hsds-csv" else json_reading
            yield from found.counted(reader.read(path))
        if not found.taken and (wrong := _wrong(path, chosen, found)):
            told = f"{path.name}: {wrong.told}"
            raise Unreadable(told) if wrong.mapping is None else Unexplained(told, wrong.mapping)
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


def _refuse_other_kinds(path: Path) -> None:
    with files_of(path) as files:
        if kind := file_kinds.kind_of_all(files, _nearest(files)):
            raise Unreadable(f"{path.name}: {kind}")


def _wrong(path: Path, chosen: str, found: _Found) -> wrong_file.Seems | None:
    """What the source is, of which nothing was taken; None when it was meant as a directory."""
    with files_of(path) as files:
        if chosen == "csv":
            told = f" ({found.first.row}: {found.first.reason})" if found.first else ""
            nothing = f"nothing of it could be read with this mapping{told}"
            return None if found.meant else wrong_file.Seems(nothing)
        if chosen == "hsds-csv":
            tables = tabular.names_of(files)
            return wrong_file.tables_seem(files, tables, found.first, meant=found.meant)
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
        raise Unreadable(f"{name}: holds both JSON and tables; leave one of them out")
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
    return file_kinds.beginning(files, name).lstrip().startswith(("{", "["))
