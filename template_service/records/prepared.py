"""Statements written with SQLAlchemy Core, compiled once, and run on the driver.

`Connection.execute` works out parameters and result anew on every call, which costs ten times what
SQLite itself needs, and a submission runs about ten statements. So every statement of the records
is compiled once, as a `Prepared`, and runs in the transaction `Store.read` or `Store.write` began.
"""

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Insert, Select, Update
from sqlalchemy.dialects import sqlite
from sqlalchemy.sql.dml import Delete
from sqlalchemy.types import TypeEngine

Row = dict[str, Any]

_DIALECT = sqlite.dialect()
_OPTION = "template_service_driver"
_Converter = Callable[[Any], Any]


class Prepared:
    """A statement with named parameters. Values are converted by the types of their columns.

    A missing parameter raises `KeyError`; what SQLite refuses raises `sqlite3.DatabaseError`, whose
    message names tables and columns and never a value.
    """

    __slots__ = ("_columns", "_fixed", "_from_rows", "_names", "_statement", "_text", "_to_rows")

    def __init__(self, statement: Insert | Update | Delete | Select[Any]) -> None:
        self._statement = statement

    def __getattr__(self, name: str) -> Any:
        """Compiles when first used: all statements at once would be a tenth of every start."""
        if name not in self.__slots__:
            raise AttributeError(name)
        self._compile(self._statement)
        return object.__getattribute__(self, name)

    def _compile(self, statement: Insert | Update | Delete | Select[Any]) -> None:
        compiled = statement.compile(dialect=_DIALECT)
        self._text = str(compiled)
        binds = {name: compiled.binds[name] for name in compiled.positiontup or ()}
        self._names = tuple(compiled.positiontup or ())
        self._to_rows = _converting(
            _type(binds[name].type).bind_processor(_DIALECT) for name in self._names
        )
        # What the statement itself compares with, such as a status.
        self._fixed = {name: bind.value for name, bind in binds.items() if bind.value is not None}
        chosen = statement.selected_columns if isinstance(statement, Select) else ()
        self._columns = tuple(column.key or "" for column in chosen)
        self._from_rows = _converting(
            _type(column.type).result_processor(_DIALECT, None) for column in chosen
        )

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
        placed = [values[name] for name in self._names]
        for index, convert in self._to_rows:
            placed[index] = convert(placed[index])
        return placed

    def _row(self, found: Sequence[Any]) -> Row:
        row = dict(zip(self._columns, found, strict=True))
        for index, convert in self._from_rows:
            row[self._columns[index]] = convert(found[index])
        return row


def _converting(converters: Iterable[_Converter | None]) -> tuple[tuple[int, _Converter], ...]:
    """The few places whose values the driver does not take or give as they are."""
    return tuple((index, each) for index, each in enumerate(converters) if each is not None)


def _type(column_type: TypeEngine[Any]) -> TypeEngine[Any]:
    return column_type.dialect_impl(_DIALECT)


def with_driver(conn: Connection) -> Connection:
    """The same connection, which from now on knows its driver's: `driver_of` asks for every row."""
    return conn.execution_options(**{_OPTION: conn.connection.driver_connection})


def driver_of(conn: Connection) -> sqlite3.Connection:
    """The driver's connection behind one of the store's."""
    driver: sqlite3.Connection = conn.get_execution_options()[_OPTION]
    return driver
