"""The tidy CSV of indicator figures: reading its lines, and writing it so that no sheet runs it."""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final, NamedTuple

from template_service.aggregates.indicators.figures import COLUMNS, IndicatorValue
from template_service.aggregates.indicators.problems import Findings, IndicatorsRefused
from template_service.errors import Malformed

# What makes a spreadsheet take a cell for a formula (OWASP, CSV Injection), and the sign that
# undoes it, which must itself be marked to be read back.
_RUN_BY_SHEETS: Final = tuple("=+-@\t\r\n＝＋－＠")
_MARK: Final = "'"
_MARKED: Final = (*_RUN_BY_SHEETS, _MARK)


class Line(NamedTuple):
    """A line of the file: its number, counted from 1 with the header, and its cells by column."""

    number: int
    cells: Mapping[str, str]


def read_lines(path: Path, findings: Findings) -> Iterator[Line]:
    """The lines of a CSV file in UTF-8, columns in any order; what is not one goes to `findings`.

    Raises Malformed when the file cannot be opened, and IndicatorsRefused when it is not text or
    its header is not the columns of `COLUMNS`, each once: its lines could not be read then.
    """
    lines = csv.reader(io.StringIO(_text(path, findings), newline=""), strict=True)
    header: list[str] | None = None
    while True:
        findings.line = lines.line_num + 1
        try:
            cells = next(lines, None)
        except csv.Error:
            findings.add("", "is not CSV: a quotation mark stands alone", "structure")
            return
        if cells is None:
            break
        if header is None:
            header = _header(cells, findings)
        elif any(cell.strip() for cell in cells):
            if len(cells) == len(header):
                named = zip(header, map(_unmarked, cells), strict=True)
                yield Line(findings.line, dict(named))
            else:
                what = f"has {len(cells)} cells, the header has {len(header)}"
                findings.add("", what, "structure")
    if header is None:
        findings.line = 0
        findings.add("", "is empty", "structure")


def tidy_csv(values: Iterable[IndicatorValue]) -> str:
    """The figures as CSV that can be imported again; text a spreadsheet would run is marked."""
    written = io.StringIO(newline="")
    rows = csv.writer(written, lineterminator="\n")
    rows.writerow(COLUMNS)
    rows.writerows([_cell(getattr(each, column)) for column in COLUMNS] for each in values)
    return written.getvalue()


def _text(path: Path, findings: Findings) -> str:
    try:
        raw = path.read_bytes()
    except OSError as problem:
        raise Malformed(f"{path.name}: {problem.strerror}") from None
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        findings.line = raw.count(b"\n", 0, problem.start) + 1
        findings.add("", "is not text in UTF-8", "structure")
        raise IndicatorsRefused(findings.errors) from None


def _header(cells: list[str], findings: Findings) -> list[str]:
    header = [cell.strip() for cell in cells]
    for column in COLUMNS:
        if header.count(column) != 1:
            what = "is missing" if column not in header else "is there more than once"
            findings.add(column, what, "structure")
    for place, column in enumerate(header, start=1):
        if column not in COLUMNS:
            findings.add("", f"column {place} is not one of {', '.join(COLUMNS)}", "structure")
    if findings.errors:
        raise IndicatorsRefused(findings.errors)
    return header


def _unmarked(cell: str) -> str:
    text = cell.strip()
    return text[1:] if text.startswith(_MARK) and text[1:].startswith(_MARKED) else text


def _cell(value: float | str | None) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return _MARK + value if value.startswith(_MARKED) else value
    return str(int(value)) if float(value).is_integer() else repr(value)
