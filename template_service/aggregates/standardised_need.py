"""Need of an area against the city with the ages of both made alike."""

from functools import lru_cache
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from template_service.aggregates.figure_rules import ASKED, FEWEST
from template_service.aggregates.frozen_cube import CELLS, People, all_domains
from template_service.aggregates.rounding_noise import share_reach, widened
from template_service.aggregates.statistics.comparison import Significance, significance
from template_service.aggregates.statistics.estimates import Estimate
from template_service.aggregates.statistics.standardised import (
    EVENTS_AT_LEAST,
    standard_weights,
    standardised_rate,
)
from template_service.aggregates.vocabulary import AGE_BANDS, CITY_ONLY_DOMAINS, INDICATORS

_BANDS: Final = [CELLS.index(("age_band", band)) for band in AGE_BANDS]
_NEED: Final = INDICATORS.index("need")
# An area's tables for every domain and a city's, a few times over.
_KEPT: Final = 1024


class StandardisedNeed(NamedTuple):
    """Share of the people asked who had a need, 0 to 1, were their ages those of ESP 2013.

    `city` is the city's share made the same way, `significance` how the interval stands to it.
    """

    value: float
    lower: float
    upper: float
    city: float
    significance: Significance
    method: str


def standardised_need(
    area: People, city: People, roundings: int = 1
) -> dict[str, StandardisedNeed]:
    """Domain to its standardised need, of tables `[domain, cell, indicator]` of one period.

    A domain is absent where fewer than 10 people had the need, or where an age band of the area or
    of the city has fewer than 8 people asked: one of 5 may be 5 or nobody after rounding, and its
    weight is that of a whole band. People of unknown age are left out. The domains that only the
    city shows are absent too. Intervals are Dobson's, which are wider than a proportion needs;
    they stop at 1. `significance` allows for rounding too: `roundings` is how many months are
    summed.

    Source: direct standardisation on the European Standard Population 2013, as
    `statistics.standardised.standardised_rate`.
    """
    found = {}
    for place, domain in enumerate(all_domains()):
        if domain in CITY_ONLY_DOMAINS:
            continue
        here, there = _standardised(area[place]), _standardised(city[place])
        if here and there:
            reach = _reach(area[place], roundings)
            low, high = widened(here.value, (here.lower, here.upper), reach)
            word = significance(float(low), float(high), there.value)
            found[domain] = StandardisedNeed(*here[:3], there.value, word, here.method)
    return found


def _standardised(cells: NDArray[np.int64]) -> Estimate | None:
    needs, asked = cells[_BANDS, _NEED], cells[_BANDS, ASKED]
    if needs.sum() < EVENTS_AT_LEAST or asked.min() < FEWEST:
        return None
    return _rate(tuple(needs.tolist()), tuple(asked.tolist()))


def _reach(cells: NDArray[np.int64], roundings: int) -> float:
    """How far rounding moves the standardised share: that of each band by its weight."""
    weights = standard_weights(AGE_BANDS)
    of_band = share_reach(cells[_BANDS, ASKED], roundings) * weights / weights.sum()
    return float(np.sqrt((of_band**2).sum()))


@lru_cache(maxsize=_KEPT)
def _rate(needs: tuple[int, ...], asked: tuple[int, ...]) -> Estimate:
    found = standardised_rate(needs, asked, standard_weights(AGE_BANDS), multiplier=1)
    return found._replace(upper=min(found.upper, 1.0), value=min(found.value, 1.0))
