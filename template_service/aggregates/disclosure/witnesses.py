"""Witnesses: tables that explain every figure and show a cell at another count.

A table is shown, not argued: whoever finds one that explains everything has proved that the cell
may hold that count. Starting from one such table, a cell is moved and what that breaks is mended,
cell by cell, at random; many cells are tried at once. Failing proves nothing.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from template_service.aggregates.disclosure.bounds import System
from template_service.aggregates.disclosure.published import Integers

# A moved cell breaks the total of its table, that breaks the other tables of the same people, and
# each of them is mended by one cell: few rounds do, or none will.
_ROUNDS: Final = 12
_CHOICES: Final = 8
_AT_ONCE: Final = 1 << 14
_GREATEST_STEP: Final = 8

Flags = NDArray[np.bool_]


class Neighbourhood:
    """The tables around `base`, one that explains everything.

    `ties` has the entries of the system's rows that still bind (see `bounds.binding`).
    """

    def __init__(self, system: System, ties: csr_array, base: Integers, seed: int) -> None:
        self._ties = ties
        self._rows_of = csr_array(ties.T)
        self._degrees = np.diff(ties.indptr)
        sums = system.rows @ base
        self._row_up = system.upper - sums
        self._row_down = sums - system.lower
        self._up = system.most - base
        self._down = base - system.least
        self._harm: dict[int, Integers] = {}
        self._random = np.random.default_rng(seed)

    def can_move(self, cells: Integers, steps: Integers) -> Flags:
        """Which cells were found able to move by their step (not 0), each on its own."""
        done = np.zeros(len(cells), bool)
        for start in range(0, len(cells), _AT_ONCE):
            part = slice(start, start + _AT_ONCE)
            self._move(cells[part], steps[part], done[part])
        return done

    def _move(self, cells: Integers, steps: Integers, done: Flags) -> None:
        """Move each cell in a table of its own, and mark in `done` those whose table came right."""
        trying = np.flatnonzero((-self._down[cells] <= steps) & (steps <= self._up[cells]))
        changes = csr_array(
            (steps[trying], cells[trying], np.arange(len(trying) + 1)),
            shape=(len(trying), self._ties.shape[1]),
        )
        for _ in range(_ROUNDS):
            sums = (changes @ self._rows_of).tocoo()
            excess = self._excess(sums.col, sums.data)
            broken = np.flatnonzero(excess)
            wrong = np.zeros(len(trying), bool)
            wrong[sums.row[broken]] = True
            done[trying[~wrong]] = True
            if not len(broken):
                break
            changes = changes + self._mended(
                changes, cells[trying], sums.row[broken], sums.col[broken], excess[broken]
            )
            changes, trying = changes[np.flatnonzero(wrong)], trying[wrong]

    def _excess(self, rows: Integers, changes: Integers) -> Integers:
        """By how much each changed sum leaves its limits: above (positive) or below."""
        above: Integers = np.maximum(changes - self._row_up[rows], 0)
        below: Integers = np.minimum(changes + self._row_down[rows], 0)
        return above + below

    def _mended(
        self,
        changes: csr_array,
        moved: Integers,
        table: Integers,
        row: Integers,
        excess: Integers,
    ) -> csr_array:
        """A change of one cell for each broken row of a table, where one is found.

        Of a few cells drawn at random, the one that breaks fewest other rows; never the cell that
        was moved.
        """
        drawn = self._random.random((len(row), _CHOICES)) * self._degrees[row][:, None]
        entry = self._ties.indptr[row][:, None] + drawn.astype(np.int64)
        cell = self._ties.indices[entry].astype(np.int64)
        step = -excess[:, None] * self._ties.data[entry]
        now = _looked_up(changes, table[:, None], cell) + step
        fits = (
            (-self._down[cell] <= now) & (now <= self._up[cell]) & (cell != moved[table][:, None])
        )
        cost = np.where(fits, self._harm_of(cell, step) + self._random.random(cell.shape), np.inf)
        best = cost.argmin(axis=1)[:, None]
        chosen = np.flatnonzero(np.isfinite(np.take_along_axis(cost, best, 1)[:, 0]))
        cell = np.take_along_axis(cell, best, 1)[chosen, 0]
        step = np.take_along_axis(step, best, 1)[chosen, 0]
        # A cell that mends two rows is changed once.
        _, once = np.unique(table[chosen] * changes.shape[1] + cell, return_index=True)
        return csr_array((step[once], (table[chosen][once], cell[once])), shape=changes.shape)

    def _harm_of(self, cells: Integers, steps: Integers) -> Integers:
        """How many rows each step breaks when taken from the base alone."""
        steps = np.clip(steps, -_GREATEST_STEP, _GREATEST_STEP)
        harm = np.zeros(cells.shape, np.int64)
        for step in np.unique(steps).tolist():
            if step not in self._harm:
                self._harm[step] = self._broken_by(step)
            at = steps == step
            harm[at] = self._harm[step][cells[at]]
        return harm

    def _broken_by(self, step: int) -> Integers:
        entries = self._ties.tocoo()
        broken = self._excess(entries.row, entries.data * step) != 0
        harm: Integers = np.zeros(self._ties.shape[1], np.int64)
        np.add.at(harm, entries.col[broken], 1)
        return harm


def _looked_up(matrix: csr_array, rows: Integers, columns: Integers) -> Integers:
    """The values of a matrix at many places; 0 where it has none."""
    matrix.sum_duplicates()
    width = matrix.shape[1]
    held = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr)) * width + matrix.indices
    wanted = rows * width + columns
    place = np.minimum(np.searchsorted(held, wanted), len(held) - 1)
    return np.where(held[place] == wanted, matrix.data[place], 0)
