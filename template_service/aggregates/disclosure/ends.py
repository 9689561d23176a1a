"""What is known so far of the least and the greatest count each cell can hold."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from template_service.aggregates.disclosure.parts import Parts
from template_service.aggregates.disclosure.published import UNLIMITED, Integers


@dataclass(slots=True, eq=False)
class Ends:
    """No table has a cell below `least` or above `most`; some have it at `seen_least`, `seen_most`.

    Where no table was seen yet, `seen_least` is above `seen_most`.
    """

    least: Integers
    most: Integers
    seen_least: Integers
    seen_most: Integers
    safe_width: int

    @classmethod
    def start(cls, parts: Parts, safe_width: int) -> Self:
        """What propagation leaves. A cell that no figure ties down any more can be at both ends."""
        system = parts.system
        free = np.bincount(parts.ties.indices, minlength=len(system.least)) == 0
        return cls(
            system.least.copy(),
            system.most.copy(),
            np.where(free, system.least, UNLIMITED),
            np.where(free, system.most, -1),
            safe_width,
        )

    def taken(self, cells: NDArray[np.int64]) -> Self:
        """A copy for some of the cells."""
        return type(self)(
            self.least[cells],
            self.most[cells],
            self.seen_least[cells],
            self.seen_most[cells],
            self.safe_width,
        )

    def put(self, cells: NDArray[np.int64], ends: Self) -> None:
        """Take over what was found for some of the cells."""
        self.least[cells], self.most[cells] = ends.least, ends.most
        self.seen_least[cells], self.seen_most[cells] = ends.seen_least, ends.seen_most

    def see(self, cells: NDArray[np.int64], counts: Integers) -> None:
        """A table that explains everything has these cells at these counts."""
        np.minimum.at(self.seen_least, cells, counts)
        np.maximum.at(self.seen_most, cells, counts)

    def limit(self, cell: int, sign: int, greatest: int) -> None:
        """No table has `sign` times the cell above `greatest`."""
        if sign > 0:
            self.most[cell] = min(self.most[cell], greatest)
        else:
            self.least[cell] = max(self.least[cell], -greatest)

    def is_open(self, cell: int, sign: int) -> bool:
        """Whether more of the end matters: the cell is not settled, this end not yet seen."""
        seen, end = (self.seen_most, self.most) if sign > 0 else (self.seen_least, self.least)
        return bool(seen[cell] != end[cell] and self.widths(slice(cell, cell + 1))[0] == 0)

    def widths(self, cells: slice = slice(None)) -> Integers:
        """How many counts each cell can hold, `safe_width` for that many or more, 0 for unknown."""
        seen = self.seen_most[cells] - self.seen_least[cells] + 1
        sure = seen == self.most[cells] - self.least[cells] + 1
        return np.where(sure | (seen >= self.safe_width), np.minimum(seen, self.safe_width), 0)
