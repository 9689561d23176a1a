"""Bounds propagation: what each figure leaves of each of its cells, until nothing more follows."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.sparse import csr_array, vstack

from template_service.aggregates.disclosure.published import UNLIMITED, Integers, Published
from template_service.errors import Invalid

# Limits that creep by one a round would take as many rounds as they are wide. Stopping early only
# leaves them looser, and the solver has the last word.
_MOST_ROUNDS: Final = 100


class Contradiction(Invalid):
    """Published figures that no table of counts can explain."""

    title = "The published figures contradict one another"


@dataclass(frozen=True, slots=True, eq=False)
class System:
    """Integer cells within `least` and `most`; each row of `rows` (1, -1) within its limits."""

    rows: csr_array
    lower: Integers
    upper: Integers
    least: Integers
    most: Integers

    def holds(self, table: Integers) -> bool:
        """Whether a table of counts explains everything."""
        sums = self.rows @ table
        return bool(
            np.all((self.lower <= sums) & (sums <= self.upper))
            and np.all((self.least <= table) & (table <= self.most))
        )

    def reach(self) -> tuple[Integers, Integers]:
        """The least and the greatest sum of each row that the limits of its cells allow."""
        positive, negative = self.rows.maximum(0), (-self.rows).maximum(0)
        return (
            positive @ self.least - negative @ self.most,
            positive @ self.most - negative @ self.least,
        )


def system_of(published: Published) -> System:
    """Everything an attacker knows, before any of it is put together."""
    width = len(published.cells)
    rows = csr_array(vstack([published.figures, published.known], format="csr"), dtype=np.int64)
    # Several of scipy's operations sort entries in place, under whoever looks at them.
    rows.sort_indices()
    return System(
        rows=rows,
        lower=np.concatenate([published.lower, published.known_lower]),
        upper=np.concatenate([published.upper, published.known_upper]),
        least=np.zeros(width, np.int64),
        most=np.full(width, UNLIMITED),
    )


def propagated(system: System) -> System:
    """The same system with every cell narrowed as far as one row at a time can narrow it.

    Raises `Contradiction` when a cell is left with no value.
    """
    entries = system.rows.tocoo()
    row, column, positive = entries.row, entries.col, entries.data > 0
    least, most = system.least.copy(), system.most.copy()
    for _ in range(_MOST_ROUNDS):
        low, high = System(system.rows, system.lower, system.upper, least, most).reach()
        # What the row leaves for this cell once its other cells are at their ends.
        above = (system.upper - low)[row] + np.where(positive, least[column], -most[column])
        below = (system.lower - high)[row] + np.where(positive, most[column], -least[column])
        new_least, new_most = least.copy(), most.copy()
        np.maximum.at(new_least, column, np.where(positive, below, -above))
        np.minimum.at(new_most, column, np.where(positive, above, -below))
        if np.any(new_least > new_most):
            cell = int(np.flatnonzero(new_least > new_most)[0])
            raise Contradiction(f"No count of cell {cell} explains the published figures")
        still = np.array_equal(new_least, least) and np.array_equal(new_most, most)
        least, most = new_least, new_most
        if still:
            break
    return System(system.rows, system.lower, system.upper, least, most)


def binding(system: System) -> csr_array:
    """A mask of the entries that still tie cells together: rows that bind, cells not yet known.

    A row whose every sum is allowed says nothing; a cell with one value left ties nothing.
    """
    low, high = system.reach()
    binds = (low < system.lower) | (high > system.upper)
    loose = system.least < system.most
    entries = system.rows.tocoo()
    kept = binds[entries.row] & loose[entries.col]
    return csr_array(
        (entries.data[kept], (entries.row[kept], entries.col[kept])), shape=system.rows.shape
    )
