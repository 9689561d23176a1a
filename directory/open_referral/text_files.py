"""Tables as text: the rows of a CSV file of any encoding, one at a time, bad ones with the reason.

A row that cannot be read never takes the next ones with it, and never more memory than one row may
have.
"""

import codecs
import csv
import io
import logging
import zipfile
import zlib
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import IO, Final, NamedTuple

# One row with its line breaks; what is longer is a quote that was never closed, or no table.
LONGEST: Final = 4 << 20
_CHUNK: Final = 1 << 20
_OPEN_QUOTE: Final = "a quote is opened and never closed"
# Stands for a line longer than `LONGEST`; no other line holds this.
_TOO_LONG: Final = "\0too long\0\n"
_DELIMITERS: Final = ",;\t|"
_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# Bytes that Windows-1252 leaves undefined (Unicode Consortium, CP1252.TXT).
_NOT_WINDOWS: Final = frozenset(b"\x81\x8d\x8f\x90\x9d")
# What reading a broken or cut zip member raises.
BROKEN: Final = (OSError, EOFError, zlib.error, zipfile.BadZipFile)

# The limit is the process's: 128 KiB, its default, is less than the outline of one ward.
csv.field_size_limit(LONGEST)

Notice = Callable[[str], None]
"""Told what was noticed that is no fault of a row: another encoding, a column named twice."""

log_notice: Final[Notice] = logging.getLogger(__name__).warning


class Row(NamedTuple):
    """The cells of a row, as many as the header has, and the line it begins on (from 1)."""

    line: int
    cells: Sequence[str]


class BadRow(NamedTuple):
    """A row that was not read, the line it begins on (from 1), and why.

    `broken`: nobody knows whether more rows were there, as where the file is cut off.
    """

    line: int
    reason: str
    broken: bool = False


class Table(NamedTuple):
    """A table: the names of its columns, and its rows in their order."""

    header: tuple[str, ...]
    rows: Iterator[Row | BadRow]


@contextmanager
def read_table(
    open_file: Callable[[], IO[bytes]],
    name: str,
    notice: Notice = log_notice,
    *,
    exact: bool = False,
) -> Iterator[Table]:
    """The table of a CSV file. Blank lines and rows of blank cells are no rows.

    UTF-8, with or without its mark, UTF-16 with its mark, else Windows-1252 or Latin-1, which is
    noticed. Separated by comma, or by semicolon, tab or bar where the header has no comma. A file
    without a header gives a table without columns. A file that breaks off gives its rows up to
    there and a BadRow that says so. Names of columns lose the blanks around them and have their
    number where they are blank or there twice, unless they are `exact`.
    """
    try:
        opened = _decoded(open_file, name, notice)
    except BROKEN as problem:
        yield Table((), iter((BadRow(1, f"cannot be opened ({problem})", broken=True),)))
        return
    with opened as text:
        lines = _Lines(text)
        first = lines.peek()
        rows = _Rows(lines, next((mark for mark in _DELIMITERS if mark in first), ","))
        header = next(rows.records(), BadRow(1, "no header: the file is empty"))
        if isinstance(header, BadRow):
            yield Table((), iter((header,)))
            return
        names = tuple(header.cells) if exact else _column_names(header.cells, name, notice)
        rows.width = len(names)
        yield Table(names, rows.records())


def encoding_of(stream: IO[bytes]) -> tuple[str, int]:
    """The encoding of a file, and the first line that is not UTF-8 (0 when all is)."""
    start = stream.read(4)
    marked = next((encoding for mark, encoding in _MARKS if start.startswith(mark)), "")
    if marked == "utf-16":
        return marked, 0
    decoder = codecs.getincrementaldecoder("utf-8")()
    line, wrong, windows, chunk = 1, 0, True, start
    while chunk:
        if not wrong:
            try:
                decoder.decode(chunk)
            except UnicodeDecodeError as problem:
                wrong = line + chunk[: problem.start].count(b"\n")
            line += chunk.count(b"\n")
        windows = windows and _NOT_WINDOWS.isdisjoint(chunk)
        chunk = stream.read(_CHUNK)
    if not wrong:
        return marked or "utf-8", 0
    return ("windows-1252" if windows else "iso-8859-1"), wrong


def _decoded(open_file: Callable[[], IO[bytes]], name: str, notice: Notice) -> io.TextIOWrapper:
    with open_file() as stream:
        try:
            encoding, line = encoding_of(stream)
        except BROKEN:
            # The reading proper comes to the same break and says where.
            encoding, line = "utf-8", 0
    if line:
        notice(f"{name}: line {line} is not UTF-8; the file is read as {encoding}")
    # Half a character, where the file breaks off, is shown as a character that cannot be read.
    return io.TextIOWrapper(open_file(), encoding=encoding, errors="replace", newline="")


class _Lines:
    """The physical lines of a text for the CSV reader, with those of the row in hand kept.

    Ends where the row in hand grows beyond `LONGEST`: the CSV reader then finds its quote open.
    """

    def __init__(self, text: io.TextIOWrapper) -> None:
        self._text = text
        self._again: deque[str] = deque()
        self._number = 0
        self.row: list[str] = []
        self._size = 0
        self.broken = ""

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        if self._size > LONGEST:
            raise StopIteration
        line = self._again.popleft() if self._again else self._read()
        if not line:
            raise StopIteration
        self._number += 1
        self._size += len(line)
        self.row.append(line)
        return line

    @property
    def first(self) -> int:
        """The number of the line that the row in hand begins on."""
        return self._number - len(self.row) + 1

    def peek(self) -> str:
        """The next line, which still comes."""
        if not self._again:
            self._again.append(self._read())
        return self._again[0]

    def start(self) -> None:
        """Begin the next row."""
        self.row = []
        self._size = 0

    def back(self) -> None:
        """Only the first line of the row in hand was one: its others come again."""
        others = self.row[1:]
        self._again.extendleft(reversed(others))
        self._number -= len(others)
        self.start()

    def _read(self) -> str:
        if self.broken:
            return ""
        try:
            line = self._text.readline(LONGEST)
            if len(line) < LONGEST:
                return line
            # The rest of a line without end is passed over, never kept.
            while len(line) == LONGEST:
                line = self._text.readline(LONGEST)
        except BROKEN as problem:
            self.broken = f"the file breaks off here ({str(problem) or type(problem).__name__})"
            return ""
        return _TOO_LONG


class _Rows:
    """The rows of a table of `width` columns; 0 while the header is not known."""

    def __init__(self, lines: _Lines, delimiter: str) -> None:
        self._lines = lines
        self._delimiter = delimiter
        self._reader = csv.reader(lines, delimiter=delimiter, strict=True)
        self.width = 0

    def records(self) -> Iterator[Row | BadRow]:
        """The rows from here on."""
        lines = self._lines
        while True:
            lines.start()
            try:
                cells = next(self._reader)
            except StopIteration:
                break
            except csv.Error as problem:
                yield self._bad(_in_words(problem))
                continue
            if not any(map(str.strip, cells)):
                continue
            reason = self._problem(cells)
            yield self._bad(reason) if reason else Row(lines.first, cells[: self.width or None])
        if lines.broken:
            yield BadRow(lines.first, lines.broken, broken=True)

    def _problem(self, cells: Sequence[str]) -> str:
        if _TOO_LONG in self._lines.row:
            return f"a line longer than {LONGEST:,} characters"
        if any("\0" in cell for cell in cells):
            return "a NUL byte"
        # Blank cells too many are a spreadsheet's, and say nothing.
        if self.width and (len(cells) < self.width or any(cells[self.width :])):
            return f"{len(cells)} cells, the header has {self.width}"
        return ""

    def _bad(self, reason: str) -> BadRow:
        """The row in hand is bad; lines that a quote never closed took with it come again."""
        lines = self._lines
        taken = len(lines.row) > 1 and any(map(self._whole, lines.row[1:]))
        if not taken and reason != _OPEN_QUOTE:
            # A bad row without a line end is the last of a file that was cut off in it.
            return BadRow(lines.first, reason, broken=not lines.row[-1].endswith(("\n", "\r")))
        bad = BadRow(lines.first, _OPEN_QUOTE, broken=True)
        lines.back()
        return bad

    def _whole(self, line: str) -> bool:
        """Whether a line alone is a row of the table."""
        if self.width < 2:
            return False
        try:
            cells = next(csv.reader([line], delimiter=self._delimiter, strict=True), [])
        except csv.Error:
            return False
        return len(cells) == self.width


def _in_words(problem: csv.Error) -> str:
    said = str(problem)
    if "unexpected end" in said:
        return _OPEN_QUOTE
    if "expected after" in said:
        return "a quote in the middle of a cell"
    if "field larger" in said:
        return f"a cell longer than {LONGEST:,} characters"
    return said


def _column_names(cells: Sequence[str], name: str, notice: Notice) -> tuple[str, ...]:
    """The names of the columns, each once: a blank is its number, a repeat has its own behind."""
    given = [cell.strip() for cell in cells]
    names: list[str] = []
    for number, found in enumerate(given, start=1):
        unique = found or f"column {number}"
        while unique in names or (unique != found and unique in given):
            unique = f"{unique} ({number})"
        if found and unique != found:
            notice(
                f"{name}: two columns are named {found!r}; column {number} is kept as {unique!r}"
            )
        names.append(unique)
    return tuple(names)
