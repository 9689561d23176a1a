"""Tabular data packages: HSDS 3 tables and the older ones of HSDS 1.1 and 2.0, folder or zip.

`datapackage.json` may be absent: a table is known by the name of its file. Tables and columns that
HSDS does not have are kept under their own names.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path, PurePosixPath
from typing import Any, Final, NamedTuple
from urllib.parse import unquote

import orjson

from directory.open_referral.archives import Files, SourceRefused, files_of, unsafe_name
from directory.open_referral.hsds_1_1 import Older, modern, rule_of
from directory.open_referral.plain_cells import json_text, json_value
from directory.open_referral.records import Broken, Item, Quarantined, uuid_of
from directory.open_referral.schemas import COLUMNS, KINDS_OF_TABLE, checked, table_of
from directory.open_referral.text_files import (
    BROKEN,
    BadRow,
    Notice,
    Table,
    log_notice,
    read_table,
)

PACKAGE: Final = "datapackage.json"
# A cell of a column declared so is JSON. SOURCE: Frictionless Table Schema 1.0, types.
JSON_TYPES: Final = frozenset({"integer", "number", "boolean", "object", "array", "any"})
_LARGEST_PACKAGE: Final = 16 << 20
# What others point at must have its own id: one made from its content would change with it.
_NAMED: Final = frozenset(
    {"organization", "service", "location", "program", "taxonomy", "taxonomy_term", "unit"}
)
_ROWS_WITHOUT_ID: Final = "row without id"


class _Resource(NamedTuple):
    """A table of a package: its file, its name, and its columns whose cells are JSON.

    `current`: the package says that it is HSDS 3, so no name is an older one.
    """

    file: str
    table: str
    json_columns: frozenset[str] = frozenset()
    current: bool = False

    def rule(self, header: tuple[str, ...]) -> Older:
        """How its rows become objects."""
        if self.current:
            return Older(KINDS_OF_TABLE.get(self.table, self.table))
        return rule_of(self.table, header)


def read(path: Path, *, notice: Notice = log_notice) -> Iterator[Item]:
    """The objects of a folder or zip of CSV tables, or of one table, row by row.

    A row without id has one made from its content, but for the objects that others point at. A row
    that cannot be read is quarantined with its line, a table that cannot at its first; where the
    table breaks off, Broken. Raises
    SourceRefused for what holds no table or is not safe to read.
    """
    with files_of(path) as files:
        resources = _resources(files, notice)
        if not resources:
            raise SourceRefused(f"{path.name}: there is no CSV table in it")
        eligibility = _eligibility(files, resources)
        for resource in resources:
            yield from _items(files, resource, eligibility, notice)


def is_package(path: Path) -> bool:
    """Whether a folder or zip holds at least one CSV table. Raises SourceRefused as `read`."""
    with files_of(path) as files:
        return any(map(_is_table, files.names))


def names_of(files: Files) -> list[str]:
    """The tables of a source, in the order they are read."""
    return [resource.file for resource in _resources(files, _silent)]


def _resources(files: Files, notice: Notice) -> list[_Resource]:
    """The tables that the package names, in its order, then those it does not, by name."""
    packages = [name for name in files.names if PurePosixPath(name).name == PACKAGE]
    named = _of_package(files, packages[0], notice) if packages else []
    taken = {resource.file for resource in named}
    # A single file was asked for by its name, whatever that ends with.
    alone = len(files.names) == 1
    rest = [name for name in files.names if (alone or _is_table(name)) and name not in taken]
    return named + [_Resource(name, unquote(PurePosixPath(name).stem)) for name in rest]


def _is_table(name: str) -> bool:
    path = PurePosixPath(name)
    # Archives made on a Mac carry a shadow of every file.
    return path.suffix.lower() in (".csv", ".tsv") and not path.name.startswith("._")


def _of_package(files: Files, package: str, notice: Notice) -> list[_Resource]:
    try:
        with files.open(package) as stream:
            described = orjson.loads(stream.read(_LARGEST_PACKAGE))
        current = str(described.get("version", "")).startswith("3")
        resources = list(described.get("resources", ()))
    except (orjson.JSONDecodeError, AttributeError, TypeError, *BROKEN) as problem:
        notice(f"{package}: not a description of tables ({problem}); tables go by their names")
        return []
    found = []
    for resource in resources:
        try:
            found.append(_resource(resource, PurePosixPath(package).parent, current=current))
        except (AttributeError, KeyError, TypeError, ValueError) as problem:
            notice(f"{package}: a resource is passed over ({type(problem).__name__}: {problem})")
    return [resource for resource in found if _is_there(files, resource, notice)]


def _resource(described: Mapping[str, Any], folder: PurePosixPath, *, current: bool) -> _Resource:
    path = described["path"]
    if problem := unsafe_name(path):
        raise ValueError(f"its path is {problem}")
    file = str(folder / path)
    table = str(described.get("name") or unquote(PurePosixPath(file).stem))
    # What the schema knows it reads itself.
    known = set(COLUMNS.get(KINDS_OF_TABLE.get(table, table), ()))
    fields = described.get("schema", {}).get("fields", ())
    return _Resource(
        file,
        table,
        frozenset(field["name"] for field in fields if field.get("type") in JSON_TYPES) - known,
        current,
    )


def _is_there(files: Files, resource: _Resource, notice: Notice) -> bool:
    there = resource.file in files.names
    if not there:
        notice(f"{resource.file}: the package names it, but it is not there")
    return there


def _items(
    files: Files, resource: _Resource, eligibility: Mapping[str, str], notice: Notice
) -> Iterator[Item]:
    with _table(files, resource, notice) as table:
        rule = resource.rule(table.header)
        for row in table.rows:
            place = f"{resource.file}:{row.line}"
            if isinstance(row, BadRow):
                refused = Broken if row.broken else Quarantined
                yield refused(table_of(rule.kind), place, "", row.reason)
                continue
            raw = modern(rule, resource.table, _raw(table, row.cells, resource.json_columns))
            if rule.kind == "service" and raw.get("id") in eligibility:
                raw.setdefault("eligibility_description", eligibility[raw["id"]])
            yield checked(rule.kind, _with_id(rule, raw), place)


def _table(files: Files, resource: _Resource, notice: Notice) -> AbstractContextManager[Table]:
    return read_table(
        lambda: files.open(resource.file), resource.file, notice, exact=resource.current
    )


def _raw(table: Table, cells: Sequence[str], json_columns: frozenset[str]) -> dict[str, Any]:
    """The cells that say something, by column."""
    return {
        name: json_value(cell) if name in json_columns else cell
        for name, cell in zip(table.header, cells, strict=True)
        if cell and not cell.isspace()
    }


def _with_id(rule: Older, raw: dict[str, Any]) -> dict[str, Any]:
    if "id" in raw or rule.kind in _NAMED:
        return raw
    return {"id": uuid_of(_ROWS_WITHOUT_ID, rule.kind, json_text(raw)), **raw}


def _eligibility(files: Files, resources: Sequence[_Resource]) -> Mapping[str, str]:
    """What the older table `eligibility` says, by service: a field of the service in HSDS 3."""
    found: dict[str, list[str]] = {}
    for resource in resources:
        if resource.current or resource.rule(()).kind != "eligibility":
            continue
        with _table(files, resource, _silent) as table:
            for row in table.rows:
                raw = {} if isinstance(row, BadRow) else _raw(table, row.cells, frozenset())
                if {"service_id", "eligibility"} <= raw.keys():
                    found.setdefault(raw["service_id"], []).append(raw["eligibility"])
    return {service: "\n".join(said) for service, said in found.items()}


def _silent(_: str) -> None:
    """The reading proper says the same again."""
