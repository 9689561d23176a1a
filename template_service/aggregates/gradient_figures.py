"""The slope of need over deprivation deciles, fitted over the ranks of the people asked."""

from functools import lru_cache
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from template_service.aggregates.figure_rules import ASKED
from template_service.aggregates.frozen_cube import CELLS, People, all_domains
from template_service.aggregates.statistics.estimates import Estimate
from template_service.aggregates.statistics.inequality import gradient, inequality, ranks
from template_service.aggregates.statistics.proportions import proportions
from template_service.aggregates.vocabulary import ANY, IMD_DECILES, INDICATORS

DECILES_AT_LEAST: Final = 7
ASKED_AT_LEAST: Final = 30
"""A slope needs seven deciles of thirty people asked each (the project's design of aggregates)."""

_CELLS: Final = [CELLS.index(("imd_decile", decile)) for decile in IMD_DECILES]
_NEED: Final = INDICATORS.index("need")
# The same counts give the same limits on every page.
_SEED: Final = 2013
_KEPT: Final = 128


class Slope(NamedTuple):
    """The line of need over rank, and both indices of inequality.

    `deciles` are those the line is fitted to and `ranks` the middle of each one's stretch of the
    people asked, from 0, the most deprived, to 1; the line runs from `start` at rank 0 to
    `start + sii.value` at rank 1. Shares are 0 to 1, so an `sii` of -0.2 is 20 in every 100 fewer.
    """

    deciles: tuple[str, ...]
    ranks: tuple[float, ...]
    start: float
    sii: Estimate
    rii: Estimate | None


def slope(area: People, domain: str = ANY) -> Slope | None:
    """The slope of a table `[domain, cell, indicator]`; None where too few deciles have it.

    The rank is that among the people asked in the deciles that take part, because need is counted
    among them alone.
    """
    cells = area[all_domains().index(domain)][_CELLS]
    needs, asked = cells[:, _NEED], cells[:, ASKED]
    # Rounded apart, a cell may hold more needs than people asked; such a one says nothing.
    part = (asked >= ASKED_AT_LEAST) & (needs <= asked)
    if part.sum() < DECILES_AT_LEAST:
        return None
    deciles = tuple(np.array(IMD_DECILES)[part].tolist())
    return _fitted(deciles, tuple(needs[part].tolist()), tuple(asked[part].tolist()))


def rank_stretches(area: People) -> dict[str, tuple[float, float]]:
    """Decile to the stretch of the people asked it takes, from 0, the most deprived, to 1.

    Deciles in which nobody was asked are absent.
    """
    asked: NDArray[np.int64] = area[all_domains().index(ANY)][_CELLS][:, ASKED]
    ends = np.cumsum(asked) / max(int(asked.sum()), 1)
    starts = np.concatenate([[0.0], ends[:-1]])
    return {
        decile: (float(start), float(end))
        for decile, start, end, people in zip(IMD_DECILES, starts, ends, asked, strict=True)
        if people
    }


@lru_cache(maxsize=_KEPT)
def _fitted(deciles: tuple[str, ...], needs: tuple[int, ...], asked: tuple[int, ...]) -> Slope:
    shares = proportions(needs, asked)
    indices = inequality(asked, shares.value, (shares.lower, shares.upper), seed=_SEED)
    line = gradient(asked, shares.value)
    middles = tuple(ranks(asked).tolist())
    return Slope(deciles, middles, line.intercept, indices.sii, indices.rii)
