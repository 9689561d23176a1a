"""The rows of official files that were not taken, with the place and the reason."""

from dataclasses import dataclass
from typing import Final

from directory.geography_import.sources import Rows

NAMED: Final = 100
"""So many rows are named; further ones are only counted, so that a bad file costs no memory."""


@dataclass(frozen=True, slots=True)
class RefusedRow:
    """A row that was not taken: its file, its line and why, in plain English."""

    file: str
    row: int
    reason: str


class RefusedRows:
    """Collects what is refused in one import; `count` is all of it, `named` the first of it."""

    def __init__(self) -> None:
        self.count = 0
        self.named: list[RefusedRow] = []

    def add(self, rows: Rows, reason: str) -> None:
        """The row that was just read is not taken."""
        self.count += 1
        if len(self.named) < NAMED:
            self.named.append(RefusedRow(rows.file.name, rows.line, reason))
