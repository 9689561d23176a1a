"""Statements written with SQLAlchemy Core, compiled once, and run on the driver.

`Connection.execute` works out parameters and result anew on every call, which costs ten times what
SQLite itself needs, and a submission runs about ten statements. So every statement of the records
is built once as a `Prepared`, and runs in the transaction that `Store.read` or `Store.write` began.
"""

import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Insert, Select, Update
from sqlalchemy.dialects import sqlite
from sqlalchemy.sql.dml import Delete
from sqlalchemy.types import TypeEngine

Row = dict[str, Any]

_DIALECT = sqlite.dialect()
_Converter = Callable[[Any], Any] | None


class Prepared:
    """A statement with named parameters. Values are converted by the types of their columns.

    A missing parameter raises `KeyError`; what SQLite refuses raises `sqlite3.DatabaseError`, whose
    message names tables and columns and never a value.
    """

    __slots__ = ("_columns", "_fixed", "_parameters", "_text")

    def __init__(self, statement: Insert | Update | Delete | Select[Any]) -> None:
        compiled = statement.compile(dialect=_DIALECT)
        self._text = str(compiled)
        binds = {name: compiled.binds[name] for name in compiled.positiontup or ()}
        self._parameters = [
            (name, _type(binds[name].type).bind_processor(_DIALECT))
            for name in compiled.positiontup or ()
        ]
        # What the statement itself compares with, such as a status.
        self._fixed = {name: bind.value for name, bind in binds.items() if bind.value is not None}
        self._columns: list[tuple[str, _Converter]] = []
        if isinstance(statement, Select):
            self._columns = [
                (column.key or "", _type(column.type).result_processor(_DIALECT, None))
                for column in statement.selected_columns
            ]

    def run(self, conn: Connection, **values: Any) -> int:
        """Execute once; returns how many rows it changed."""
        return self._execute(conn, values).rowcount

    def run_all(self, conn: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
        """Execute for every row, in one call of the driver; nothing happens for none."""
        if rows:
            driver_of(conn).executemany(self._text, [self._placed(values) for values in rows])

    def first(self, conn: Connection, **values: Any) -> Row | None:
        """The first row, or None; no further row is computed."""
        cursor = self._execute(conn, values)
        found = cursor.fetchone()
        cursor.close()
        return None if found is None else self._row(found)

    def rows(self, conn: Connection, **values: Any) -> Iterator[Row]:
        """Every row, one at a time."""
        return map(self._row, self._execute(conn, values))

    def _execute(self, conn: Connection, values: Mapping[str, Any]) -> sqlite3.Cursor:
        return driver_of(conn).execute(self._text, self._placed(values))

    def _placed(self, values: Mapping[str, Any]) -> list[Any]:
        if self._fixed:
            values = {**self._fixed, **values}
        return [
            values[name] if convert is None else convert(values[name])
            for name, convert in self._parameters
        ]

    def _row(self, found: Sequence[Any]) -> Row:
        return {
            name: value if convert is None else convert(value)
            for (name, convert), value in zip(self._columns, found, strict=True)
        }


def _type(column_type: TypeEngine[Any]) -> TypeEngine[Any]:
    return column_type.dialect_impl(_DIALECT)


def driver_of(conn: Connection) -> sqlite3.Connection:
    """The driver's connection behind one of the store's."""
    driver = conn.connection.driver_connection
    assert isinstance(driver, sqlite3.Connection)  # noqa: S101 -- the store opens no other
    return driver
