"""The greatest and least counts of a part by linear and integer programming (HiGHS, by scipy)."""

from time import monotonic
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, OptimizeResult, milp

from template_service.aggregates.disclosure.bounds import Contradiction, System
from template_service.aggregates.disclosure.ends import Ends
from template_service.aggregates.disclosure.parts import interchangeable
from template_service.aggregates.disclosure.published import UNLIMITED, Integers

# HiGHS keeps its promises to 1e-6; two whole numbers are never that close.
_TOLERANCE: Final = 1e-5
_OPTIMAL: Final = 0
_INFEASIBLE: Final = 2


class Answer(NamedTuple):
    """No table goes beyond `limit`; `table` reached most of those found, None when none was."""

    limit: int
    table: Integers | None


class Solver:
    """Asks HiGHS until `deadline` (seconds of `time.monotonic`), and counts the questions."""

    def __init__(self, deadline: float) -> None:
        self._deadline = deadline
        self.asked = 0

    @property
    def tired(self) -> bool:
        """Whether the time is up."""
        return monotonic() >= self._deadline

    def greatest(self, system: System, weights: Integers, *, whole: bool = True) -> Answer:
        """The greatest weighted sum of cells, over whole counts or (a looser limit) fractions.

        A table is checked in whole numbers, so it stands whatever the solver's precision. Raises
        `Contradiction` when nothing explains the figures.
        """
        if self.tired:
            return Answer(UNLIMITED, None)
        self.asked += 1
        found = self._maximum(system, weights, whole=whole)
        if found.status == _INFEASIBLE:
            raise Contradiction("No table of counts explains the published figures")
        least = found.fun if found.status == _OPTIMAL else found.get("mip_dual_bound")
        limit = UNLIMITED
        if least is not None and np.isfinite(least):
            limit = int(np.floor(-least + _TOLERANCE))
        return Answer(limit, _checked(system, found.x))

    def any_table(self, system: System) -> Integers | None:
        """A table that explains everything, None where none was found in time.

        Fractions in a random direction first: corners of tables in two directions are whole, and
        looking for whole counts is slow.
        """
        weights = np.random.default_rng(len(system.least)).integers(1, 100, len(system.least))
        for direction in (weights, -weights):
            table = self.greatest(system, direction, whole=False).table
            if table is not None:
                return table
        return self.greatest(system, np.zeros_like(weights)).table

    def settle(self, system: System, ends: Ends, wanted: NDArray[np.bool_]) -> None:
        """Find the ends of the wanted cells of a part, as far as it matters and time allows."""
        group = interchangeable(system)
        first = np.unique(group, return_index=True)[1]
        shared = ends.taken(first)
        np.minimum.at(shared.seen_least, group, ends.seen_least)
        np.maximum.at(shared.seen_most, group, ends.seen_most)
        asked_for = first[np.unique(group[wanted])]
        # All at once first: one table shows many cells far out.
        together = np.zeros(len(wanted), np.int64)
        together[asked_for] = 1
        for weights in (together, -together):
            self._see(shared, group, self.greatest(system, weights, whole=False).table)
        for cell in asked_for:
            for sign in (1, -1):
                self._find_end(system, shared, group, int(cell), sign)
        ends.put(np.arange(len(group)), shared.taken(group))

    def _find_end(
        self, system: System, shared: Ends, group: NDArray[np.int64], cell: int, sign: int
    ) -> None:
        """One end of a cell: in fractions, fast and mostly enough, then in whole counts."""
        weights = np.zeros(len(group), np.int64)
        weights[cell] = sign
        for whole in (False, True):
            if shared.is_open(int(group[cell]), sign):
                answer = self.greatest(system, weights, whole=whole)
                shared.limit(int(group[cell]), sign, answer.limit)
                self._see(shared, group, answer.table)

    @staticmethod
    def _see(shared: Ends, group: NDArray[np.int64], table: Integers | None) -> None:
        if table is not None:
            shared.see(group, table)

    def _maximum(self, system: System, weights: Integers, *, whole: bool) -> OptimizeResult:
        return milp(
            -weights.astype(float),
            integrality=np.full(len(weights), int(whole)),
            bounds=Bounds(_finite(system.least), _finite(system.most)),
            constraints=LinearConstraint(
                system.rows.astype(float), _finite(system.lower), _finite(system.upper)
            ),
            options={"time_limit": max(0.1, self._deadline - monotonic()), "mip_rel_gap": 0.0},
        )


def _checked(system: System, values: NDArray[np.float64] | None) -> Integers | None:
    if values is None or not np.all(np.isfinite(values)):
        return None
    table = np.rint(values).astype(np.int64)
    return table if system.holds(table) else None


def _finite(limits: Integers) -> NDArray[np.float64]:
    far = np.abs(limits) >= UNLIMITED
    return np.where(far, np.copysign(np.inf, limits), limits.astype(float))
