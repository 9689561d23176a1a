"""Settles what raking could not: tables whose rows or columns miss their totals by a few units.

Whole units move along rows from a column that has too many to one that has too few, by the
shortest chain of moves that respects every bound.
"""

from collections import deque

import numpy as np
from numpy.typing import NDArray

Rounded = NDArray[np.int64]


class Unsettled(ValueError):
    """No move of whole units within the bounds brings the tables to their totals."""


def settle_rows(table: Rounded, totals: Rounded, most: Rounded) -> None:
    """Brings the rows of a table to their totals, in place; raises `Unsettled`."""
    for row in np.flatnonzero(table.sum(axis=1) != totals):
        cells = table[row]
        while (short := int(totals[row] - cells.sum())) != 0:
            open_cells = np.flatnonzero(cells < most[row] if short > 0 else cells > 0)
            if not open_cells.size:
                raise Unsettled
            # Where there are people already, a unit more or less shows least.
            cells[open_cells[np.argmax(cells[open_cells])]] += 1 if short > 0 else -1


def agree(first: Rounded, second: Rounded, most: tuple[Rounded, Rounded]) -> None:
    """Brings the columns of two tables to the same totals, in place; raises `Unsettled`.

    The second moves towards the first as far as its bounds `most[1]` allow, then the first towards
    the second.
    """
    while (surplus := second.sum(axis=0) - first.sum(axis=0)).any():
        if not (_move(second, most[1], surplus) or _move(first, most[0], -surplus)):
            raise Unsettled


def _move(table: Rounded, most: Rounded, surplus: Rounded) -> bool:
    """Moves one unit from a column with a surplus to one with a deficit; False if none can."""
    starts = {int(column) for column in np.flatnonzero(surplus > 0)}
    came: dict[int, tuple[int, int]] = {}
    waiting = deque(sorted(starts))
    while waiting:
        here = waiting.popleft()
        if surplus[here] < 0:
            while here not in starts:
                before, row = came[here]
                table[row, before] -= 1
                table[row, here] += 1
                here = before
            return True
        for there in range(table.shape[1]):
            if there in starts or there in came:
                continue
            rows = np.flatnonzero((table[:, here] > 0) & (table[:, there] < most[:, there]))
            if rows.size:
                came[there] = (here, int(rows[np.argmax(table[rows, there])]))
                waiting.append(there)
    return False
