"""What a source seems to be of which nothing was taken, and what to do with it."""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any, Final

from directory.open_referral.archives import Files
from directory.open_referral.json_streams import documents_of
from directory.open_referral.mapping import SHIPPED
from directory.open_referral.mapping_reading import read_mapping
from directory.open_referral.records import Broken, Quarantined
from directory.open_referral.schemas import COLUMNS
from directory.open_referral.text_files import read_table

MAPPING: Final = "needs a mapping file that says what each column is (--format csv --mapping FILE)"
EMPTY: Final = "the file is empty"

_PEEK: Final = 1 << 16
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


def json_seems(files: Files, names: Sequence[str], first: Quarantined | None) -> str:
    """What JSON without an object of Open Referral is; `first` is the first that was refused."""
    start = "".join(_start(files, name) for name in names[:1])
    if not start.strip():
        return EMPTY
    for pattern, told in _OTHERS:
        if found := pattern.search(start):
            return told.format(*found.groups())
    if first is None:
        return "it holds no object: there is nothing to import"
    if fitting := json_fits(files, names):
        return fitting
    told = f"{first.row}: {first.reason.partition(';')[0]}"
    if isinstance(first, Broken):
        return f"nothing of it could be read: {told}"
    return f"no object of Open Referral was found in it ({told}); any other list {MAPPING}"


def tables_seem(files: Files, names: Sequence[str], *, named: bool) -> str:
    """What tables without a row of HSDS are; blank where their columns are those of HSDS.

    `named`: a table has the name of one of HSDS.
    """
    columns = _columns(files, names)
    if not columns:
        return EMPTY
    if fitting := fitting_mapping(columns):
        return fitting
    if columns.isdisjoint(_COLUMNS if named else _COLUMNS - _COMMON):
        return f"no column is one of HSDS; any other table {MAPPING}"
    return ""


def json_fits(files: Files, names: Sequence[str]) -> str:
    """What reads the objects of JSON that were all refused; blank where nobody knows."""
    return fitting_mapping(_properties(files, names))


def fitting_mapping(columns: frozenset[str]) -> str:
    """Says which mapping of the directory these columns are those of; blank when of none."""
    for path in sorted(SHIPPED.glob("*.yaml")):
        for file in read_mapping(path):
            if file.columns and file.columns.keys() <= columns:
                name = path.stem
                return f"its columns are those of {name}: give --format csv --mapping {name}"
    return ""


def _columns(files: Files, names: Sequence[str]) -> frozenset[str]:
    found: set[str] = set()
    for name in names:
        with read_table(partial(files.open, name), name, lambda _: None) as table:
            found.update(table.header)
    return frozenset(found)


def _properties(files: Files, names: Sequence[str]) -> frozenset[str]:
    return frozenset(next(_objects(files, names), {}))


def _objects(files: Files, names: Sequence[str]) -> Iterator[Mapping[str, Any]]:
    for name in names:
        for found in documents_of(partial(files.open, name), name):
            if not isinstance(found, Quarantined) and isinstance(found.content, Mapping):
                yield found.content


def _start(files: Files, name: str) -> str:
    with files.open(name) as stream:
        return stream.read(_PEEK).decode("utf-8-sig", "replace")
