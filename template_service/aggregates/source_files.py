"""Files that come from elsewhere, CSV or Parquet, as rows of text that rules are checked on.

Nothing is guessed: every value is text until a rule has passed it. Rows stay in DuckDB, which goes
to disk where memory is short, and are checked a column at a time.
"""

# ruff: noqa: S608 -- SQL is put together from names and codes of our own, never from a value

import csv
import errno
import glob
import hashlib
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import duckdb

from template_service.errors import Invalid, NotFound, Unavailable, UnsupportedMedia

MEMORY_LIMIT: Final = "1GB"
LINES_NAMED: Final = 5
"""A rule that many rows break is told with its first lines and how many there are."""
ROWS: Final = "source_rows"
"""The view of a file's rows: every column as text, blank as null, and `row` counted from 0."""

_CHUNK_BYTES: Final = 1 << 20
_HEADER_BYTES: Final = 1 << 16
_BROKEN_LINES_KEPT: Final = 1000
_DISK_FULL: Final = os.strerror(errno.ENOSPC)
_NOT_CSV: Final = {
    "MISSING COLUMNS": "has fewer values than the header",
    "TOO MANY COLUMNS": "has more values than the header",
    "UNQUOTED VALUE": "has a quotation mark that is not closed, or text after one that is",
    "INVALID ENCODING": "is not UTF-8",
    "LINE SIZE OVER MAXIMUM": "is too long",
}


@dataclass(frozen=True, slots=True)
class Rule:
    """What no row may be: `breaks` is the SQL condition of a row that breaks it.

    `message` says what would be right, and `code` is a FHIR issue-type.
    """

    column: str
    breaks: str
    message: str
    code: str = "code-invalid"


@dataclass(frozen=True, slots=True)
class FileProblem:
    """One thing wrong with a file: how often (`count`), and the first `lines` it is found at.

    Lines are those of a CSV file, its header being line 1, or rows of a Parquet file, from 1; none
    where it is wrong of the whole file. Never holds a value of the file.
    """

    file: str
    column: str
    text: str
    code: str = "structure"
    count: int = 1
    lines: tuple[int, ...] = ()
    severity: str = "error"
    expression: str = ""

    @property
    def message(self) -> str:
        """`facts.csv:17: sex must be … (3 lines: 17, 20, 45)`."""
        place = f"{self.file}:{self.lines[0]}" if self.lines else self.file
        about = " ".join(part for part in (self.column, self.text) if part)
        if self.count == 1:
            return f"{place}: {about}"
        named = ", ".join(str(line) for line in self.lines)
        more = ", …" if self.count > len(self.lines) else ""
        return f"{place}: {about} ({self.count:,} lines: {named}{more})"


class FileRefused(Invalid):
    """A file that is not sound: nothing of it was taken. `problems` are `FileProblem`s."""

    title = "The file was refused, and nothing of it was taken"


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """The SHA-256 of a file in hex, and how many lines of text it has."""

    digest: str
    lines: int


@dataclass(frozen=True, slots=True)
class SourceRows:
    """The rows of an opened file, in the view `ROWS` of `connection`; `columns` are the file's."""

    connection: duckdb.DuckDBPyConnection
    source: Path
    columns: tuple[str, ...]
    count: int
    _lines: int

    def broken(self, columns: Sequence[str], rules: Sequence[Rule]) -> list[FileProblem]:
        """The rules about `columns` alone that rows break, in the order of the rules.

        Few combinations of codes stand in many rows: each combination is checked once.
        """
        listed = ", ".join(columns)
        combinations = f"(SELECT {listed}, count(*) AS times FROM {ROWS} GROUP BY ALL)"
        counts = self._one(
            (f"sum(times) FILTER ({rule.breaks})::BIGINT" for rule in rules), combinations
        )
        broken = [(rule, count) for rule, count in zip(rules, counts, strict=True) if count]
        if not broken:
            return []
        firsts = self._one(
            (f"min(row, {LINES_NAMED}) FILTER ({rule.breaks})" for rule, _ in broken), ROWS
        )
        return [
            self.problem(rule, count, rows)
            for (rule, count), rows in zip(broken, firsts, strict=True)
        ]

    def problem(self, rule: Rule, count: int, rows: Sequence[int]) -> FileProblem:
        """A problem of `count` rows, of which the first are named by their lines."""
        lines = self._lines_of(rows)
        return FileProblem(self.source.name, rule.column, rule.message, rule.code, count, lines)

    def _one(self, columns: Iterable[str], table: str) -> tuple[Any, ...]:
        found = self.connection.execute(f"SELECT {', '.join(columns)} FROM {table}").fetchone()
        return found or ()

    def _lines_of(self, rows: Sequence[int]) -> tuple[int, ...]:
        if self.source.suffix != ".csv":
            return tuple(row + 1 for row in rows)
        if self._lines == self.count + 1:
            return tuple(row + 2 for row in rows)
        return _lines_with_text(self.source, rows)


def fingerprint(source: Path) -> Fingerprint:
    """Read a file once, for its hash and its lines; raises NotFound."""
    digest, lines, last = hashlib.sha256(), 0, b"\n"
    try:
        with source.open("rb") as stream:
            while chunk := stream.read(_CHUNK_BYTES):
                digest.update(chunk)
                lines += chunk.count(b"\n")
                last = chunk[-1:]
    except OSError as problem:
        raise NotFound(f"{source.name}: {problem.strerror or 'cannot be read'}") from None
    return Fingerprint(digest.hexdigest(), lines + (last != b"\n"))


@contextmanager
def opened(
    source: Path, lines: int, work: Path, *, needed: Sequence[str], allowed: Sequence[str] = ()
) -> Iterator[SourceRows]:
    """The rows of a `.csv` (UTF-8, commas, RFC 4180) or `.parquet` file.

    Columns may stand in any order, `needed` ones must be there, `allowed` ones may be. `lines` is
    the `fingerprint`'s, `work` a folder for what memory does not hold. Raises UnsupportedMedia,
    FileRefused (at once with every line that is no CSV) or Unavailable (a full disk), also for what
    fails while the rows are used.
    """
    if source.suffix not in (".csv", ".parquet"):
        raise UnsupportedMedia(f"{source.name}: a .csv or .parquet file is needed")
    with _connected(work) as connection, _told(source.name):
        is_csv = source.suffix == ".csv"
        header = _csv_header(source) if is_csv else _parquet_header(connection, source)
        _check_header(source.name, header, needed, allowed)
        path = _staged(connection, source, header, work) if is_csv else source
        _view(connection, path, {name: name in header for name in (*needed, *allowed)})
        (count,) = connection.execute(f"SELECT count(*) FROM {ROWS}").fetchone() or (0,)
        if not count:
            raise _refused(source.name, "holds no rows")
        yield SourceRows(connection, source, header, count, lines)


def _connected(work: Path) -> duckdb.DuckDBPyConnection:
    return duckdb.connect(config={"memory_limit": MEMORY_LIMIT, "temp_directory": str(work)})


def sql_text(value: str | Path) -> str:
    """A text as a literal of SQL."""
    return "'" + str(value).replace("'", "''") + "'"


def sql_file(path: Path) -> str:
    """A file's name as a literal of SQL, in which no character stands for others."""
    return sql_text(glob.escape(str(path)))


@contextmanager
def _told(name: str) -> Iterator[None]:
    """What DuckDB says repeats values of the file; what it means is told without them."""
    try:
        yield
    except (duckdb.Error, UnicodeDecodeError) as problem:
        short = isinstance(problem, duckdb.OutOfMemoryException) or _DISK_FULL in str(problem)
        if short:
            raise Unavailable(f"{name}: not enough memory or disk; nothing was taken") from None
        raise _refused(name, "is damaged, or not what its name says") from None


def _refused(name: str, text: str) -> FileRefused:
    return FileRefused(problems=[FileProblem(name, "", text)])


def _csv_header(source: Path) -> tuple[str, ...]:
    with source.open("rb") as stream:
        first = stream.readline(_HEADER_BYTES).decode("utf-8-sig")
    # As lines of its own: an old line end (a bare carriage return) would be an error to csv.
    return tuple(next(csv.reader(first.splitlines()), ()))


def _parquet_header(connection: duckdb.DuckDBPyConnection, source: Path) -> tuple[str, ...]:
    described = connection.execute(
        f"DESCRIBE SELECT * FROM read_parquet({sql_file(source)}, hive_partitioning = false)"
    )
    return tuple(str(row[0]) for row in described.fetchall())


def _check_header(
    name: str, header: Sequence[str], needed: Sequence[str], allowed: Sequence[str]
) -> None:
    missing = [column for column in needed if column not in header]
    # An unknown column is told by its place: it may be named for somebody.
    unknown = [
        place
        for place, column in enumerate(header, start=1)
        if column not in (*needed, *allowed) or column in header[: place - 1]
    ]
    problems = [FileProblem(name, column, "is missing") for column in missing]
    problems += [
        FileProblem(name, f"column {place}", "is not one of this kind of file, or there twice")
        for place in unknown
    ]
    if problems:
        raise FileRefused(problems=problems)


def _staged(
    connection: duckdb.DuckDBPyConnection, source: Path, header: Sequence[str], work: Path
) -> Path:
    """The file's text as Parquet, read once: what follows reads only the columns it needs."""
    staged = work / "text.parquet"
    columns = ", ".join(f"'{name}': 'VARCHAR'" for name in header)
    connection.execute(
        f"COPY (SELECT * FROM read_csv({sql_file(source)}, auto_detect = false, header = true,"
        f""" columns = {{{columns}}}, delim = ',', quote = '"', escape = '"',"""
        f" store_rejects = true, rejects_limit = {_BROKEN_LINES_KEPT},"
        f" hive_partitioning = false)) TO {sql_text(staged)} (FORMAT parquet)"
    )
    broken = connection.execute(
        "SELECT error_type, count(DISTINCT line), min(line)"
        " FROM reject_errors GROUP BY ALL ORDER BY ALL"
    ).fetchall()
    if broken:
        raise FileRefused(
            problems=[
                FileProblem(
                    source.name, "", _NOT_CSV.get(kind, "is not CSV"), "structure", count, (line,)
                )
                for kind, count, line in broken
            ]
        )
    return staged


def _view(connection: duckdb.DuckDBPyConnection, path: Path, columns: Mapping[str, bool]) -> None:
    texts = ", ".join(
        (f"nullif({name}::VARCHAR, '')" if present else "NULL::VARCHAR") + f" AS {name}"
        for name, present in columns.items()
    )
    connection.execute(
        f"CREATE VIEW {ROWS} AS SELECT {texts}, file_row_number AS row FROM"
        f" read_parquet({sql_file(path)}, file_row_number = true, hive_partitioning = false)"
    )


def _lines_with_text(source: Path, rows: Sequence[int]) -> tuple[int, ...]:
    """The lines of rows of a file that has empty lines, which count for no row."""
    wanted, found, row = set(rows), [], -2
    with source.open("rb") as stream:
        for number, line in enumerate(stream, start=1):
            row += bool(line.strip(b"\r\n"))
            if row in wanted:
                found.append(number)
                wanted.remove(row)
            if not wanted:
                break
    return tuple(found)
