"""Brings a table of expectations to totals that are fixed already, leaving its pattern as it is.

Iterative proportional fitting (Deming and Stephan, Annals of Mathematical Statistics 11(4), 1940),
with an upper bound on each cell.
"""

from typing import Final

import numpy as np
from numba import njit
from numpy.typing import NDArray

_ROUNDS: Final = 200
_CLOSE: Final = 1e-9

Table = NDArray[np.float64]


def rake(
    expected: Table,
    row_totals: NDArray[np.int64],
    columns: NDArray[np.int64] | None,
    most: NDArray[np.int64],
) -> Table:
    """The table nearest in proportion whose rows, and columns if given, add up to the totals.

    Zeros stay zero and no cell passes `most`, as far as the totals allow; where they do not, the
    rows are right and the columns as near as they came.
    """
    wanted = np.full(expected.shape[1], -1.0) if columns is None else columns.astype(np.float64)
    fitted: Table = _fit(
        expected.astype(np.float64),
        row_totals.astype(np.float64),
        wanted,
        most.astype(np.float64),
    )
    return fitted


@njit(cache=True)
def _fit(table: Table, row_totals: Table, columns: Table, most: Table) -> Table:
    for _ in range(_ROUNDS):
        off = 0.0
        if columns[0] >= 0.0:
            for column in range(table.shape[1]):
                off = max(off, _scale(table[:, column], columns[column], most[:, column]))
        for row in range(table.shape[0]):
            off = max(off, _scale(table[row], row_totals[row], most[row]))
        if off < _CLOSE:
            break
    return table


@njit(cache=True)
def _scale(cells: Table, total: float, most: Table) -> float:
    """Scales cells to their total, leaving those at their bound; returns how far off they were."""
    off: float = abs(cells.sum() - total)
    clipped = True
    while clipped:
        held = 0.0
        free = 0.0
        for cell in range(cells.size):
            if cells[cell] < most[cell]:
                free += cells[cell]
            else:
                held += most[cell]
        clipped = False
        if free > 0.0:
            factor = max(total - held, 0.0) / free
            for cell in range(cells.size):
                if cells[cell] < most[cell]:
                    cells[cell] = min(cells[cell] * factor, most[cell])
                    clipped = clipped or cells[cell] == most[cell]
                else:
                    cells[cell] = most[cell]
    return off
