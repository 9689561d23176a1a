"""The export `hsds-csv`: a tabular data package of HSDS 3 tables, one CSV file for each.

The same records give the same bytes, in whatever order they come; so does what `tabular.read`
reads of them. Blank cells are fields that say nothing.
"""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import orjson

from directory.open_referral.export_folder import replaced_folder
from directory.open_referral.plain_cells import json_text
from directory.open_referral.records import Record
from directory.open_referral.schema_fields import Number
from directory.open_referral.schemas import COLUMNS, REFERENCES, SCHEMAS, table_of
from directory.open_referral.tabular import PACKAGE

VERSION: Final = "3.0.1"
# SOURCE: Frictionless Table Schema 1.0, types.
_JSON_TYPES: Final[Mapping[type, str]] = {
    bool: "boolean",
    int: "integer",
    float: "number",
    dict: "object",
    list: "array",
}


def write(records: Iterable[Record], folder: Path) -> None:
    """Write the tables of these records and their datapackage.json to a folder.

    The folder is replaced as a whole when all is written; raises ExportRefused where it holds
    anything but an earlier export. Columns stand in the order of the schema, then those HSDS does
    not have, sorted; rows by id. A column HSDS does not have whose values are not all text is JSON,
    cell by cell, as its type in the package says. NUL and halves of characters, which no CSV file
    can hold, become U+FFFD.
    """
    ordered = sorted(records, key=lambda record: (record.kind, record.id))
    with replaced_folder(folder) as unfinished:
        resources = []
        for kind, found in groupby(ordered, key=lambda record: record.kind):
            of_kind = list(found)
            extra = _extra_columns(kind, of_kind)
            file = f"{quote(table_of(kind), safe='')}.csv"
            _write_table(unfinished / file, kind, of_kind, extra)
            resources.append(_resource(kind, file, extra))
        package = {
            "profile": "tabular-data-package",
            "name": "human_services_data",
            "version": VERSION,
            "resources": resources,
        }
        text = orjson.dumps(package, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
        (unfinished / PACKAGE).write_bytes(text)


def written(value: Any) -> str:
    """The cell of a value: text as it is, nothing as blank, all else as JSON."""
    if value is None:
        return ""
    if isinstance(value, str):
        return "" if value.isspace() else _writable(value)
    return _writable(json_text(value))


def csv_text(rows: Iterable[Sequence[str]]) -> bytes:
    """A CSV file as RFC 4180 has it: UTF-8, comma, lines that end with a return and a feed."""
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()


def _extra_columns(kind: str, records: Sequence[Record]) -> Mapping[str, str]:
    """The columns HSDS does not have, sorted, with their types."""
    known = frozenset(COLUMNS.get(kind, ("id",)))
    values: dict[str, list[Any]] = {}
    for record in records:
        for name, value in record.fields.items():
            if name not in known and written(value):
                values.setdefault(name, []).append(value)
    return {name: _type(values[name]) for name in sorted(values)}


def _type(values: Sequence[Any]) -> str:
    found = {type(value) for value in values}
    if found == {str}:
        return "string"
    return _JSON_TYPES.get(found.pop(), "any") if len(found) == 1 else "any"


def _write_table(
    path: Path, kind: str, records: Sequence[Record], extra: Mapping[str, str]
) -> None:
    known = COLUMNS.get(kind, ("id",))[1:]
    header = ["id", *known, *extra]
    rows = (
        [
            _writable(record.id),
            *(written(record.fields.get(name)) for name in known),
            *(_extra(record.fields.get(name), of) for name, of in extra.items()),
        ]
        for record in records
    )
    with path.open("wb") as stream:
        stream.write(csv_text([[_writable(name) for name in header]]))
        for row in rows:
            stream.write(csv_text([row]))


def _extra(value: Any, of_type: str) -> str:
    if of_type == "any" and written(value):
        return _writable(json_text(value))
    return written(value)


def _writable(text: str) -> str:
    plain = text.replace("\0", "\ufffd")
    return (
        plain
        if plain.isascii()
        else plain.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    )


def _resource(kind: str, file: str, extra: Mapping[str, str]) -> dict[str, Any]:
    known = SCHEMAS[kind].fields if kind in SCHEMAS else {}
    fields = [
        # Times and dates of feeds have not always the strict form of these types.
        {"name": name, "type": "number" if isinstance(known.get(name), Number) else "string"}
        for name in COLUMNS.get(kind, ("id",))
    ]
    fields += [{"name": name, "type": of_type} for name, of_type in extra.items()]
    schema: dict[str, Any] = {"fields": fields, "primaryKey": "id"}
    keys = [
        {"fields": name, "reference": {"resource": other, "fields": "id"}}
        for name, other in REFERENCES.get(kind, {}).items()
    ]
    if keys:
        schema["foreignKeys"] = keys
    return {
        "name": kind,
        "path": file,
        "profile": "tabular-data-resource",
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "schema": schema,
    }
