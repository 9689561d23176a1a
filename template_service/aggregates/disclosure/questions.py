"""Questions about one person: sums of cells with theirs among them, and differences of two such."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from template_service.aggregates.disclosure.published import Integers

Filter = tuple[tuple[int, ...], ...]
"""The codes asked for, of each column of the records."""


def counted(records: Integers, asked: Filter, widths: Integers) -> int:
    """How many records a filter asks for; `widths` is how many codes each column has."""
    kept = np.ones(len(records), bool)
    for column, (codes, width) in enumerate(zip(asked, widths.tolist(), strict=True)):
        if len(codes) == 1 < width:
            kept &= records[:, column] == codes[0]
        elif len(codes) < width:
            wanted = np.zeros(width, bool)
            wanted[list(codes)] = True
            kept &= wanted[records[:, column]]
    return int(np.count_nonzero(kept))


@dataclass(frozen=True, slots=True, eq=False)
class Board:
    """What may be asked: `widths` codes of each column, only columns of one of `tables` at a time.

    `period` is the column of months, which filters of any table take as a span.
    """

    widths: Integers
    tables: Sequence[Sequence[int]]
    period: int | None

    def questions(
        self, person: Integers, generator: np.random.Generator
    ) -> Iterator[list[tuple[int, Filter]]]:
        """Questions about a person, endlessly: sums (1) and differences (-1) of filters.

        First the cell of the person alone in each table; then again and again of any table that
        cell, the same as a difference, and a sum of cells around it.
        """
        cells = [self._alone(person, table) for table in self.tables]
        yield from ([(1, alone)] for alone in cells)
        while True:
            for ask in (_again, _difference, _around):
                yield ask(cells[int(generator.integers(len(cells)))], self, generator)

    def pinned(self, asked: Filter) -> list[int]:
        """The columns of which a filter does not ask for every code, and that have several."""
        return [
            column
            for column, (codes, width) in enumerate(zip(asked, self.widths.tolist(), strict=True))
            if len(codes) < width
        ]

    def _alone(self, person: Integers, table: Sequence[int]) -> Filter:
        return tuple(
            (code,) if column in table or column == self.period else tuple(range(width))
            for column, (code, width) in enumerate(
                zip(person.tolist(), self.widths.tolist(), strict=True)
            )
        )


def _again(
    alone: Filter, _board: Board, _generator: np.random.Generator
) -> list[tuple[int, Filter]]:
    """The cell of the person alone, as in the first look."""
    return [(1, alone)]


def _around(
    alone: Filter, board: Board, generator: np.random.Generator
) -> list[tuple[int, Filter]]:
    """A random filter with the person in it: each column of the table pinned or widened."""
    pinned = board.pinned(alone)
    asked = tuple(
        _with(codes[0], width, generator, span=column == board.period)
        if column in pinned and generator.random() < 0.5
        else codes
        for column, (codes, width) in enumerate(zip(alone, board.widths.tolist(), strict=True))
    )
    return [(1, asked)]


def _with(code: int, width: int, generator: np.random.Generator, *, span: bool) -> tuple[int, ...]:
    """Random codes with this one among them, a span of them for months."""
    if span:
        first = int(generator.integers(code + 1))
        return tuple(range(first, int(generator.integers(code, width)) + 1))
    return tuple(other for other in range(width) if other == code or generator.random() < 0.5)


def _difference(
    alone: Filter, board: Board, generator: np.random.Generator
) -> list[tuple[int, Filter]]:
    """Two filters that differ by the cell of the person alone."""
    several = board.pinned(alone)
    if not several:
        return [(1, alone)]
    column = int(generator.choice(several))
    (code,), width = alone[column], int(board.widths[column])
    if column == board.period:
        rest = _beside(code, width, generator)
    else:
        other = (code + int(generator.integers(1, width))) % width
        rest = tuple(each for each in _with(other, width, generator, span=False) if each != code)
    wide, narrow = list(alone), list(alone)
    wide[column], narrow[column] = tuple(sorted((*rest, code))), rest
    return [(1, tuple(wide)), (-1, tuple(narrow))]


def _beside(month: int, width: int, generator: np.random.Generator) -> tuple[int, ...]:
    """A span of months that ends just before this one, or begins just after it."""
    if month == width - 1 or (month > 0 and generator.random() < 0.5):
        return tuple(range(int(generator.integers(month)), month))
    return tuple(range(month + 1, int(generator.integers(month + 1, width)) + 1))
