"""What a source seems to be of which nothing was taken, and what to do with it."""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import PurePosixPath
from typing import Any, Final, NamedTuple

from directory.open_referral.archives import Files
from directory.open_referral.file_kinds import beginning
from directory.open_referral.json_streams import documents_of
from directory.open_referral.mapping import shipped
from directory.open_referral.mapping_reading import read_mapping
from directory.open_referral.plain_cells import some
from directory.open_referral.records import Broken, Quarantined
from directory.open_referral.schemas import COLUMNS, KINDS_OF_TABLE
from directory.open_referral.text_files import read_table

# What other JSON is known by, and what is said of it.
_OTHERS: Final = (
    (re.compile(r'"resourceType"\s*:\s*"([A-Za-z]{1,40})"'), "this is a FHIR {}, not a directory"),
    (re.compile(r'"type"\s*:\s*"Feature(?:Collection)?"'), "this is GeoJSON, not a directory"),
    (
        re.compile(r'"(?:openapi|openapi_url|swagger)"\s*:'),
        "this describes an API; import the address that its services are at",
    ),
)
# What tables of anything have, so that it says nothing.
_COMMON: Final = frozenset({"id", "name", "description", "url", "email", "notes", "status"})
_COLUMNS: Final = frozenset(name for names in COLUMNS.values() for name in names)
_A_TABLE: Final = "services.csv"


class Seems(NamedTuple):
    """What a source seems to be and what to do, in words for a page and a terminal alike.

    `mapping` is the one of ours that reads it; None where a mapping file is of no use.
    """

    told: str
    mapping: str | None = None


def unexplained(told: str) -> Seems:
    """A table or list of which nobody said which column is what."""
    ours = ", ".join(shipped())
    way = "A mapping file says which column is what; those that come with the directory:"
    return Seems(f"{told}. {way} {ours}", "")


def json_seems(files: Files, names: Sequence[str], first: Quarantined | None) -> Seems:
    """What JSON without an object of Open Referral is; `first` is the first that was refused."""
    start = "".join(beginning(files, name) for name in names[:1])
    if not start.strip():
        return Seems("the file is empty")
    for pattern, told in _OTHERS:
        if found := pattern.search(start):
            return Seems(told.format(*found.groups()))
    if first is None:
        return Seems("it holds no object: there is nothing to import")
    properties = _properties(files, names)
    if fitting := fitting_mapping(properties):
        return fitting
    told = f"{first.row}: {first.reason.partition(';')[0]}"
    if isinstance(first, Broken):
        return Seems(f"nothing of it could be read: {told}")
    has = f"; its first object has: {some(properties)}" if properties else ""
    return unexplained(f"no object of Open Referral was found in it ({told}{has})")


def tables_seem(
    files: Files, names: Sequence[str], first: Quarantined | None, *, meant: bool
) -> Seems | None:
    """What tables are of which no row was taken; None where they are meant as a directory's.

    `first` is the first row refused; `meant`: one was, of a table with the name of one of HSDS.
    """
    columns = _columns(files, names)
    if not columns:
        return Seems("the file is empty")
    if fitting := fitting_mapping(columns):
        return fitting
    named = any(PurePosixPath(name).stem in KINDS_OF_TABLE for name in names)
    if _COLUMNS.isdisjoint(columns):
        return unexplained(f"no column is one of HSDS (it has: {some(columns)})")
    if named:
        return None if meant else _without_rows(first)
    if (_COLUMNS - _COMMON).isdisjoint(columns):
        return unexplained(f"no column is one that only HSDS has (it has: {some(columns)})")
    return unexplained(
        f"it has columns of HSDS ({some([name for name in columns if name in _COLUMNS])}), but"
        f" nothing says of which table: put it into a zip under the table's name, as {_A_TABLE}"
    )


def _without_rows(first: Quarantined | None) -> Seems:
    if first is not None:
        return Seems(f"nothing of it could be read: {first.row}: {first.reason}")
    return Seems("its tables have no row: there is nothing to import")


def json_fits(files: Files, names: Sequence[str]) -> Seems | None:
    """What reads the objects of JSON that were all refused; None where nobody knows."""
    return fitting_mapping(_properties(files, names))


def fitting_mapping(columns: Sequence[str]) -> Seems | None:
    """Says which mapping of the directory these columns are those of; None when of none."""
    for name, path in shipped().items():
        for file in read_mapping(path):
            if file.columns and file.columns.keys() <= set(columns):
                told = f"its columns are those of {name}, a mapping that comes with the directory"
                return Seems(f"{told}: import it with that", name)
    return None


def _columns(files: Files, names: Sequence[str]) -> Sequence[str]:
    found: dict[str, None] = {}
    for name in names:
        with read_table(partial(files.open, name), name, lambda _: None) as table:
            found |= dict.fromkeys(table.header)
    return list(found)


def _properties(files: Files, names: Sequence[str]) -> Sequence[str]:
    return list(next(_objects(files, names), {}))


def _objects(files: Files, names: Sequence[str]) -> Iterator[Mapping[str, Any]]:
    for name in names:
        for found in documents_of(partial(files.open, name), name):
            if not isinstance(found, Quarantined) and isinstance(found.content, Mapping):
                yield found.content
