"""The connected parts of a system: figures that share no cell say nothing of each other."""

from dataclasses import dataclass
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import block_array, csr_array
from scipy.sparse.csgraph import connected_components

from template_service.aggregates.disclosure.bounds import System, binding
from template_service.aggregates.disclosure.published import Integers


class Members(NamedTuple):
    """Which things lie in which part: `of[i]` is the part of thing i, -1 for none."""

    of: NDArray[np.int64]
    order: NDArray[np.int64]
    starts: NDArray[np.int64]

    @classmethod
    def listed(cls, of: NDArray[np.int64], parts: int) -> Self:
        """Sorted once, so that the members of each of many parts are found at once."""
        order = np.argsort(of, kind="stable")
        return cls(of, order, np.searchsorted(of[order], np.arange(parts + 1)))

    def __call__(self, part: int) -> NDArray[np.int64]:
        """The members of a part, in order."""
        return self.order[self.starts[part] : self.starts[part + 1]]


@dataclass(frozen=True, slots=True, eq=False)
class Parts:
    """A system cut into `count` parts. A cell whose count is known lies in no part.

    `ties` has the entries that still bind, of all rows and all cells of the system.
    """

    system: System
    ties: csr_array
    cells: Members
    rows: Members
    count: int

    def system_of(self, part: int) -> System:
        """A part as a system of its own, its cells in the order of `cells`."""
        cells, rows = self.cells(part), self.rows(part)
        system = self.system
        # The known cells of a row are counted once and for all.
        settled = system.rows[rows] @ np.where(self.cells.of < 0, system.least, 0)
        return System(
            rows=csr_array(self.ties[rows][:, cells]),
            lower=system.lower[rows] - settled,
            upper=system.upper[rows] - settled,
            least=system.least[cells],
            most=system.most[cells],
        )

    def broken_by(self, table: Integers) -> NDArray[np.bool_]:
        """Which parts a table of counts does not explain."""
        system = self.system
        outside = (table < system.least) | (table > system.most)
        sums = system.rows @ table
        wrong = (sums < system.lower) | (sums > system.upper)
        broken = np.zeros(self.count, bool)
        for members, bad in ((self.cells, outside), (self.rows, wrong)):
            broken[members.of[bad & (members.of >= 0)]] = True
        return broken


def parts_of(system: System) -> Parts:
    """Cut a propagated system into its connected parts."""
    ties = binding(system)
    height = ties.shape[0]
    _, labels = connected_components(block_array([[None, ties], [ties.T, None]]), directed=False)
    loose = system.least < system.most
    kept, of_loose = np.unique(labels[height:][loose], return_inverse=True)
    of_cell = np.full(len(loose), -1)
    of_cell[loose] = of_loose
    of_row = np.full(height, -1)
    tying = np.flatnonzero(np.diff(ties.indptr))
    of_row[tying] = np.searchsorted(kept, labels[tying])
    count = len(kept)
    return Parts(system, ties, Members.listed(of_cell, count), Members.listed(of_row, count), count)


def interchangeable(system: System) -> NDArray[np.int64]:
    """For each cell the number of its group: cells of a group may swap counts in any table.

    They stand in the same rows with the same sign and have the same limits, so what is possible for
    one is possible for all.
    """
    columns = csr_array(system.rows.T)
    columns.sort_indices()
    groups: dict[tuple[bytes, bytes, int, int], int] = {}
    found = np.empty(columns.shape[0], np.int64)
    for cell in range(columns.shape[0]):
        entries = slice(columns.indptr[cell], columns.indptr[cell + 1])
        key = (
            columns.indices[entries].tobytes(),
            columns.data[entries].tobytes(),
            int(system.least[cell]),
            int(system.most[cell]),
        )
        found[cell] = groups.setdefault(key, len(groups))
    return found


def signature(system: System) -> tuple[bytes, ...]:
    """Equal for two parts that are the same puzzle, cell by cell."""
    rows = system.rows
    rows.sort_indices()
    arrays = (rows.indptr, rows.indices, rows.data, system.lower, system.upper)
    return tuple(array.tobytes() for array in (*arrays, system.least, system.most))
