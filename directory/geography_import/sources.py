"""Official files as they are published: a CSV, or a zip (or the folder it was unpacked to) of them.

Nothing is unpacked to disk and nothing is held whole in memory; what is cut short, compressed to
deceive, or not text is refused with the file's name.
"""

import codecs
import csv
import io
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import IO, Any, Final

# Far above what ONS publishes: the ONS Postcode Directory is a CSV of about 1.3 GB that zip makes
# about eight times smaller.
LARGEST_FILE: Final = 6 * 1024**3
MOST_FILES: Final = 10_000
MOST_COMPRESSED: Final = 200
_SMALL: Final = 1024**2

_BLOCK: Final = 1024**2
_NO_TABLE: Final = (
    (codecs.BOM_UTF16_LE, "is in UTF-16: save it as CSV in UTF-8"),
    (codecs.BOM_UTF16_BE, "is in UTF-16: save it as CSV in UTF-8"),
    (b"\x1f\x8b", "is compressed with gzip: unpack it first"),
    (b"%PDF", "is a PDF document, not a table"),
    (b"\xd0\xcf\x11\xe0", "is an Excel workbook: save its sheet as CSV in UTF-8"),
)
Progress = Callable[[int, int], Any]
"""Told the bytes of each block as it is read, and how many bytes the file has."""
_WORKBOOK: Final = "xl/workbook.xml"


class GeographyRefused(ValueError):
    """An official file that cannot be imported; the message names it, the place and the reason."""


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One file to read. `path` is its path in the zip or folder, `name` what people know it by."""

    name: str
    path: str
    size: int
    open: Callable[[], IO[bytes]]


@contextmanager
def source_files(path: Path) -> Iterator[tuple[SourceFile, ...]]:
    """The files of a CSV (itself), a zip or a folder, in order of path; raises GeographyRefused."""
    with ExitStack() as stack:
        with reasons(path.name):
            if path.is_dir():
                files = _in_folder(path)
            elif _is_zip(path):
                files = _in_zip(stack.enter_context(zipfile.ZipFile(path)), path.name)
            else:
                files = (_plain(path, path.name, path.name),)
        yield files


@contextmanager
def reasons(name: str) -> Iterator[None]:
    """Gives what goes wrong in reading a file as GeographyRefused, with its name."""
    try:
        yield
    except UnicodeDecodeError:
        raise GeographyRefused(
            f"{name} is not in UTF-8 (Latin-1 or Windows-1252?): save it as CSV in UTF-8"
        ) from None
    except (zipfile.BadZipFile, zlib.error, EOFError):
        raise GeographyRefused(f"{name} is cut short or damaged: download it again") from None
    except NotImplementedError:
        raise GeographyRefused(
            f"{name} is compressed in a way that cannot be read here: unpack it and give the folder"
        ) from None
    except OSError as problem:
        raise GeographyRefused(f"{name}: {problem.strerror}") from None


class Rows:
    """The rows of a CSV in UTF-8 (with a BOM or without): lists of text, read as they are asked.

    `line` is the line the last row ended on. `headers` are the first row, in small letters and each
    run of white space one space, because official headers hold line breaks and change their case.
    """

    def __init__(
        self, file: SourceFile, stream: IO[bytes], progress: Progress | None = None
    ) -> None:
        self.file = file
        blocks = _blocks(file, stream, progress or (lambda _done, _total: None))
        # Lines come in blocks, so that no step of the way costs Python time for each of them.
        self._lines = chain.from_iterable(blocks)
        self._reader = csv.reader(self._lines)
        self._split = 0
        self.first = next(self._reader, [])
        self.headers = tuple(" ".join(cell.split()).casefold() for cell in self.first)

    def __iter__(self) -> Iterator[list[str]]:
        try:
            yield from self._reader
        except csv.Error as problem:
            raise GeographyRefused(f"{self.place} is not CSV: {problem}") from None

    def split(self) -> Iterator[list[str]]:
        """The further rows of a file of codes and numbers, three times as fast as by `csv`.

        Every row has as many cells as there are headers, or none where the line has not; cells keep
        their quotes and white space. Blank lines are left out.
        """
        width = len(self.first)
        for line in self._lines:
            self._split += 1
            cells = line.split(",")
            if len(cells) == width:
                yield cells
            elif line.strip():
                # A comma within quotes, or a broken line.
                cells = next(csv.reader([line]))
                yield cells if len(cells) == width else []

    @property
    def line(self) -> int:
        """The line of the file that the last row ended on, the first being 1."""
        return self._reader.line_num + self._split

    @property
    def place(self) -> str:
        """The file and the line, as people read them."""
        return f"{self.file.name}, line {self.line}"


@contextmanager
def rows_of(file: SourceFile, progress: Progress | None = None) -> Iterator[Rows]:
    """The rows of a file; `progress` is told of every block. Raises GeographyRefused."""
    with reasons(file.name), file.open() as stream:
        try:
            yield Rows(file, stream, progress)
        except csv.Error as problem:
            raise GeographyRefused(f"{file.name} is not CSV: {problem}") from None


def _blocks(file: SourceFile, stream: IO[bytes], progress: Progress) -> Iterator[io.StringIO]:
    """The text of a file as blocks of whole lines; a line longer than a block is refused."""
    decoder = codecs.getincrementaldecoder("utf-8-sig")()
    rest = ""
    first = True
    while chunk := stream.read(_BLOCK):
        if first:
            _refuse_no_table(file, chunk)
            first = False
        text = rest + decoder.decode(chunk)
        whole = text.rfind("\n") + 1
        if not whole and len(text) > _BLOCK:
            raise GeographyRefused(f"{file.name} has no lines: it is not a table")
        rest = text[whole:]
        yield io.StringIO(text[:whole], newline="")
        progress(len(chunk), file.size)
    if first:
        raise GeographyRefused(f"{file.name} is empty")
    yield io.StringIO(rest + decoder.decode(b"", final=True), newline="")


def _refuse_no_table(file: SourceFile, start: bytes) -> None:
    for mark, reason in _NO_TABLE:
        if start.startswith(mark):
            raise GeographyRefused(f"{file.name} {reason}")


def _is_zip(path: Path) -> bool:
    with path.open("rb") as stream:
        return stream.read(4).startswith(b"PK")


def _plain(path: Path, name: str, inner: str) -> SourceFile:
    return SourceFile(name, inner, path.stat().st_size, lambda: path.open("rb"))


def _in_folder(folder: Path) -> tuple[SourceFile, ...]:
    found = sorted(islice((path for path in folder.rglob("*") if path.is_file()), MOST_FILES + 1))
    _refuse_too_many(folder.name, len(found))
    inner = [path.relative_to(folder).as_posix() for path in found]
    return tuple(
        _plain(path, f"{folder.name}/{name}", name) for path, name in zip(found, inner, strict=True)
    )


def _refuse_too_many(name: str, files: int) -> None:
    if files > MOST_FILES:
        raise GeographyRefused(f"{name} holds {files:,} files: no official file does")


def _in_zip(archive: zipfile.ZipFile, name: str) -> tuple[SourceFile, ...]:
    entries = [entry for entry in archive.infolist() if not entry.is_dir()]
    if _WORKBOOK in {entry.filename for entry in entries}:
        raise GeographyRefused(f"{name} is an Excel workbook: save its sheet as CSV in UTF-8")
    _refuse_too_many(name, len(entries))
    return tuple(
        _zipped(archive, entry, name) for entry in sorted(entries, key=lambda each: each.filename)
    )


def _zipped(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, name: str) -> SourceFile:
    label = f"{name}: {entry.filename}"

    def opened() -> IO[bytes]:
        # zipfile never gives more than the size the entry declares, so the size bounds the work.
        squeezed = max(entry.compress_size, 1) * MOST_COMPRESSED
        if entry.file_size > LARGEST_FILE or _SMALL < entry.file_size > squeezed:
            raise GeographyRefused(f"{label} would unpack to {entry.file_size:,} bytes: refused")
        if entry.flag_bits & 1:
            raise GeographyRefused(f"{label} is encrypted: unpack it first")
        return archive.open(entry)

    return SourceFile(label, entry.filename, entry.file_size, opened)
