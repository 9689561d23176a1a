"""Cells: values as JSON text, and text that a spreadsheet never runs; names of columns, told.

SOURCE: OWASP, CSV Injection: a cell that begins with = + - @, a tab or a return may be run; an
apostrophe before it makes it text.
"""

import json
import re
from collections.abc import Sequence
from typing import Any, Final

_GUARD: Final = "'"
# The full-width forms are taken for the same by spreadsheets in East Asian editions.
_RUN: Final = frozenset("=+-@＝＋－＠\t\r\n")
_SOME: Final = 10
_SHOWN: Final = 40
_PLAIN_NUMBER: Final = re.compile(r"-?\d+(\.\d+)?", re.ASCII)


def guarded(cell: str) -> str:
    """The cell with an apostrophe before it where a spreadsheet might run it.

    A plain number is never run. What begins with an apostrophe gets one more, so `unguarded` gives
    every cell back.
    """
    start = cell.lstrip(" ")[:1] or " "
    if (start in _RUN and not _PLAIN_NUMBER.fullmatch(cell)) or cell.startswith(_GUARD):
        return _GUARD + cell
    return cell


def unguarded(cell: str) -> str:
    """What `guarded` was given."""
    return cell.removeprefix(_GUARD)


def some(names: Sequence[str]) -> str:
    """The first of several names, shortened, and how many more there are."""
    told = ", ".join(f"{name[:_SHOWN]}…" if len(name) > _SHOWN else name for name in names[:_SOME])
    return told + (f" and {len(names) - _SOME:,} more" if len(names) > _SOME else "")


def json_text(value: Any) -> str:
    """A value as JSON, always the same for the same value."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def json_value(cell: str) -> Any:
    """The value a JSON cell holds; the cell itself where it is no JSON, or too deep."""
    try:
        return json.loads(cell)
    except (ValueError, RecursionError):
        return cell
