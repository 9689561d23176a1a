"""The attack: which cells beneath published figures can be told exactly, or nearly.

Bounds propagation narrows every cell, witnesses (tables shown to explain everything) prove most
cells wide enough, and a solver settles the rest, part by part. A release passes only on witnesses:
what no table was shown for counts against it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from time import monotonic
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from template_service.aggregates.disclosure.bounds import propagated, system_of
from template_service.aggregates.disclosure.ends import Ends
from template_service.aggregates.disclosure.parts import (
    Parts,
    parts_of,
    signature,
)
from template_service.aggregates.disclosure.published import Integers, Published
from template_service.aggregates.disclosure.solver import Solver
from template_service.aggregates.disclosure.witnesses import Neighbourhood

SAFE_WIDTH: Final = 3
"""The fewest counts a cell must be able to hold; 0 published in base 5 leaves five (0 to 4)."""

SMALL: Final = 8
"""Counts from here on may be published as they are: aggregates.md, "The way", 4."""

# Mending is done at random: what fails once mostly succeeds soon, and few cells are left to try.
_PASSES: Final = 8
_TRIED_AT_ONCE: Final = 1024
_LOOKED_AT_ONCE: Final = 1 << 11
# The solver settles a cell of a part of so many cells in milliseconds.
_LARGE_PART: Final = 1000


@dataclass(frozen=True, slots=True)
class AttackResult:
    """What an attacker learns of the `cells` that were not published openly on their own.

    `exact` cells can hold one count only; `narrow` ones fewer than the safe width (exact ones
    included); `undecided` ones could not be settled in time. `widths[n]` cells can hold n counts,
    from the least to the greatest that some table of whole counts shows, the last entry: so many or
    more, the first: undecided. `parts` are the connected parts left after propagation, `asked` the
    questions the solver was asked.
    """

    cells: int
    exact: int
    narrow: int
    undecided: int
    parts: int
    asked: int
    seconds: float
    widths: tuple[int, ...]

    @property
    def passed(self) -> bool:
        """Whether every cell was proved to be wide enough."""
        return not (self.narrow or self.undecided)


def attack(
    published: Published,
    *,
    table: Integers | None = None,
    moves: csr_array | None = None,
    safe_width: int = SAFE_WIDTH,
    patience: float = 300.0,
    seed: int = 0,
) -> AttackResult:
    """Attack publications (`published.union` puts several together).

    Cells published openly, on their own, as 0 or as `SMALL` or more are not looked at; a small
    count published as it is has been told exactly. `table` are counts of all cells to start from,
    by default those published; where they explain nothing, a solver finds others. `moves` are
    changes of tables (a row each, a column per cell) that are tried first, so many times as a safe
    width needs; each is checked, so none can do harm. `patience` is
    how many seconds the search has altogether. The result depends on `seed` in its time only.
    Raises `Contradiction` when no counts explain the figures.
    """
    start = monotonic()
    parts = parts_of(propagated(system_of(published)))
    solver = Solver(start + patience)
    wanted = ~openly_published(published)
    ends = Ends.start(parts, safe_width)
    base = _explaining(parts, _shown(published) if table is None else table, solver)
    explained = np.flatnonzero(base.explained)
    ends.see(explained, base.table[explained])
    if moves is not None:
        _move_as_told(parts, base, ends, moves)
    _move_all(parts, base, ends, wanted, _Luck(seed, solver))
    _solve_rest(parts, ends, wanted, solver)
    widths = ends.widths()[wanted]
    counted = np.bincount(widths, minlength=safe_width + 1)
    return AttackResult(
        cells=int(wanted.sum()),
        exact=int(counted[1]),
        narrow=int(counted[1:safe_width].sum()),
        undecided=int(counted[0]),
        parts=parts.count,
        asked=solver.asked,
        seconds=monotonic() - start,
        widths=tuple(counted.tolist()),
    )


def openly_published(published: Published) -> NDArray[np.bool_]:
    """Which cells have a figure of their own that says their count, and it is 0 or not small."""
    alone = np.flatnonzero(np.diff(published.figures.indptr) == 1)
    cells = published.figures.indices[published.figures.indptr[alone]]
    told = published.lower[alone]
    plain = (told == published.upper[alone]) & ((told == 0) | (told >= SMALL))
    found = np.zeros(len(published.cells), bool)
    found[cells[plain]] = True
    return found


def _shown(published: Published) -> Integers:
    """The published counts of the cells that have a figure of their own, 0 for the others."""
    alone = np.flatnonzero(np.diff(published.figures.indptr) == 1)
    table = np.zeros(len(published.cells), np.int64)
    cells = published.figures.indices[published.figures.indptr[alone]]
    table[cells] = np.maximum(published.values[alone], 0)
    return table


class _Base(NamedTuple):
    """A table of counts, and which cells lie in a part that it explains."""

    table: Integers
    explained: NDArray[np.bool_]


def _explaining(parts: Parts, table: Integers, solver: Solver) -> _Base:
    """A table of counts to start from: the one given, mended by the solver where it is wrong."""
    table = np.where(parts.cells.of < 0, parts.system.least, table)
    lacking = parts.broken_by(table)
    solved: dict[tuple[bytes, ...], Integers | None] = {}
    for part in np.flatnonzero(lacking).tolist():
        system, cells = parts.system_of(part), parts.cells(part)
        key = signature(system)
        if key not in solved:
            solved[key] = solver.any_table(system)
        found = solved[key]
        if found is not None:
            table[cells], lacking[part] = found, False
    explained = np.append(~lacking, False)[parts.cells.of]
    return _Base(table, explained)


def _move_as_told(parts: Parts, base: _Base, ends: Ends, moves: csr_array) -> None:
    """Prove cells wide by changes that somebody who knows the tables offers."""
    system = parts.system
    sums = system.rows @ base.table
    for step in _steps(ends.safe_width):
        changes = csr_array(moves * step).tocoo()
        changed = csr_array(changes @ system.rows.T).tocoo()
        row, now = changed.col, sums[changed.col] + changed.data
        broken = (now < system.lower[row]) | (now > system.upper[row])
        counts = base.table[changes.col] + changes.data
        outside = (counts < system.least[changes.col]) | (counts > system.most[changes.col])
        possible = np.ones(moves.shape[0], bool)
        possible[changed.row[broken]] = False
        possible[changes.row[outside | ~base.explained[changes.col]]] = False
        shown = possible[changes.row]
        ends.see(changes.col[shown], counts[shown])


class _Luck(NamedTuple):
    """What witnesses are sought by: chance, and the time the solver has too."""

    seed: int
    solver: Solver


def _move_all(
    parts: Parts, base: _Base, ends: Ends, wanted: NDArray[np.bool_], luck: _Luck
) -> None:
    """Prove cells wide by witnesses: tables that differ from the base by few small changes."""
    around = Neighbourhood(parts.system, parts.ties, base.table, luck.seed)
    tried = wanted & base.explained
    for number in range(_PASSES):
        for step in _steps(ends.safe_width):
            cells = np.flatnonzero(tried & (ends.widths() == 0))
            if number and len(cells):
                # Few cells are left: each is tried many times at once.
                cells = np.tile(cells, max(1, _TRIED_AT_ONCE // len(cells)))
            for start in range(0, len(cells), _LOOKED_AT_ONCE):
                if luck.solver.tired:
                    return
                some = cells[start : start + _LOOKED_AT_ONCE]
                moved = some[around.can_move(some, np.full(len(some), step))]
                ends.see(moved, base.table[moved] + step)
        tried &= _in_large_part(parts)


def _in_large_part(parts: Parts) -> NDArray[np.bool_]:
    """Which cells lie in a part that is slow to solve."""
    large = np.diff(parts.cells.starts) > _LARGE_PART
    return np.append(large, False)[parts.cells.of]


def _steps(safe_width: int) -> Iterator[int]:
    """The whole way first, which is all that most cells need; then shorter ways to both sides."""
    for size in range(safe_width - 1, 0, -1):
        yield from (size, -size)


def _solve_rest(parts: Parts, ends: Ends, wanted: NDArray[np.bool_], solver: Solver) -> None:
    """Let the solver find what no witness showed; parts that are the same puzzle only once."""
    solved: dict[tuple[bytes, ...], Ends] = {}
    left = wanted & (ends.widths() == 0)
    for part in np.unique(parts.cells.of[left & (parts.cells.of >= 0)]).tolist():
        cells, system = parts.cells(part), parts.system_of(part)
        key = (*signature(system), left[cells].tobytes())
        if key not in solved:
            mine = ends.taken(cells)
            solver.settle(system, mine, left[cells])
            solved[key] = mine
        ends.put(cells, solved[key])
