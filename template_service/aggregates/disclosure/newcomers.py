"""Somebody more of the same kind: the changes of tables that leave everything known as it is.

One more person is one more in each table they stand in: every breakdown, both blocks, every
indicator that theirs is part of, their domain and `any`. All equalities and inequalities that held
before hold after, so only the limits of what is shown can stand against it.
"""

from collections.abc import Sequence

import numpy as np
from scipy.sparse import coo_array, csr_array, vstack

from template_service.aggregates.disclosure.attack import SAFE_WIDTH
from template_service.aggregates.disclosure.couplings import WITHIN, Tables
from template_service.aggregates.disclosure.published import Integers
from template_service.aggregates.disclosure.sight import COLUMNS, STARTS, Flags, Sight
from template_service.aggregates.vocabulary import INDICATORS


def wholes_of(indicator: str) -> tuple[str, ...]:
    """The indicators that somebody who counts in this one counts in, itself first."""
    found = [indicator]
    while found[-1] in WITHIN:
        found.append(WITHIN[found[-1]])
    return tuple(found)


class Newcomers:
    """Two more of each kind of person, tried on one month after another of the same tables."""

    def __init__(self, sight: Sight, tables: Tables, more: int = SAFE_WIDTH - 1) -> None:
        self.moves = kinds_of(sight, tables.domains, tables.indicators)
        self._tables = tables
        self._rows = csr_array(vstack([tables.figures, tables.known], format="csr"))
        self._effect = csr_array(self.moves @ self._rows.T * more)

    def proved(self, values: Integers) -> Flags:
        """Which cells can hold what is shown, and so many more; none if that cannot be the truth.

        Each witness is a table that was checked against everything known of these tables.
        """
        published = self._tables.published(values)
        lower = np.concatenate([published.lower, published.known_lower])
        upper = np.concatenate([published.upper, published.known_upper])
        sums = self._rows @ values
        found = np.zeros(len(values), bool)
        if np.any((sums < lower) | (sums > upper)):
            return found
        effect = self._effect
        above = effect.data > (upper - sums)[effect.indices]
        below = effect.data < (lower - sums)[effect.indices]
        kind = np.repeat(np.arange(effect.shape[0]), np.diff(effect.indptr))
        possible = np.bincount(kind[above | below], minlength=effect.shape[0]) == 0
        moved = np.repeat(possible, np.diff(self.moves.indptr))
        found[self.moves.indices[moved]] = True
        return found


def kinds_of(sight: Sight, domains: Sequence[int], indicators: Sequence[int]) -> csr_array:
    """A row for each kind of person: 1 in each cell of `couplings.Tables` they stand in.

    Kinds are chosen so that every cell of these tables has one at least.
    """
    heights = [len(block.groups) for block in sight.blocks]
    offsets = (0, len(domains) * len(indicators) * heights[0] * len(COLUMNS))
    kinds = np.arange(max(heights) * int(np.diff([*STARTS, len(COLUMNS)]).max()))
    cells = []
    for each in _tables(sight, domains, indicators):
        of_kind = [
            offset + ((table * height + kinds % height) * len(COLUMNS) + column)
            for offset, height in zip(offsets, heights, strict=True)
            for table in each
            for column in _columns(kinds // max(heights))
        ]
        cells.append(np.stack(of_kind, axis=1))
    places = [np.concatenate(part) for part in zip(*map(_entries, cells), strict=True)]
    shape = (len(kinds) * len(cells), len(domains) * len(indicators) * sum(heights) * len(COLUMNS))
    rows = places[0] + np.repeat(np.arange(len(cells)) * len(kinds), [part.size for part in cells])
    return csr_array(coo_array((np.ones(len(rows), np.int64), (rows, places[1])), shape=shape))


def _tables(
    sight: Sight, domains: Sequence[int], indicators: Sequence[int]
) -> list[tuple[int, ...]]:
    """The tables (domain x indicator) of each kind: of every domain and last indicator."""
    names = [INDICATORS[which] for which in indicators]
    last = [name for name in names if not any(WITHIN.get(other) == name for other in names)]
    singles = [here for here, which in enumerate(domains) if which != sight.any_domain]
    whole = [here for here, which in enumerate(domains) if which == sight.any_domain]
    return [
        tuple(
            place * len(names) + names.index(each)
            for place in (one, *(whole if one not in whole else ()))
            for each in wholes_of(name)
            if each in names
        )
        for one in singles or whole
        for name in last
    ]


def _columns(turns: Integers) -> list[Integers]:
    """The column of each breakdown: the next category at each turn."""
    widths = np.diff([*STARTS, len(COLUMNS)])
    return [start + turns % width for start, width in zip(STARTS, widths, strict=True)]


def _entries(cells: Integers) -> tuple[Integers, Integers]:
    return np.repeat(np.arange(len(cells)), cells.shape[1]), cells.ravel()
