"""Which figures carry no numbers, and why: rules that hold wherever a figure is shown."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from template_service.aggregates.frozen_cube import FIGURE_CELLS
from template_service.aggregates.rounding_noise import count_spread
from template_service.aggregates.vocabulary import INDICATORS

FEWEST: Final = 8
"""Counts below this read "fewer than 8": NHS Digital's rule for counts of people, 1 to 7."""
ETHNIC_GROUP_ASKED: Final = 100
"""People asked in an area before figures of an ethnic group are shown there."""
NOISE_SHARE: Final = 0.25
"""The standard deviation of the rounding, as a share of a count, from which it means nothing."""

FLAGS: Final = ("", "fewer_than_8", "group", "noise")
_FEWER, _GROUP, _NOISE = 1, 2, 3

_ETHNIC: Final = np.array([name == "ethnic_group" for name, _ in FIGURE_CELLS])
_TRAVELLERS: Final = ("ethnic_group", "gypsy_roma_traveller")
_CITY_ONLY: Final = np.array([cell == _TRAVELLERS for cell in FIGURE_CELLS])
ASKED: Final = INDICATORS.index("asked")

Numbers = NDArray[np.int64]
Flags = NDArray[np.int8]


def flags(people: Numbers, denominators: Numbers, roundings: Numbers, *, below_city: bool) -> Flags:
    """The place in `FLAGS` of what keeps each figure from having numbers; 0 where nothing does.

    `people` and `denominators` are `[domain, area, cell, indicator]`, a denominator below 0 is not
    known; `roundings[area]` counts the numbers rounded apart that a total sums; `below_city` says
    that the areas are smaller than the city. Source of the rules: the project's design of
    aggregates, "The way", 4.
    """
    result = np.zeros(people.shape, np.int8)
    noise = count_spread(roundings)[None, :, None, None] > NOISE_SHARE * people
    # More of a part than of its whole: cells so sparse that rounding them could not agree.
    impossible = (denominators >= 0) & (people > denominators)
    result[noise | impossible] = _NOISE
    asked = people[..., ASKED]
    whole = people == denominators
    whole[..., ASKED] = False
    result[whole] = _GROUP
    result[people < FEWEST] = _FEWER
    result[(asked < ETHNIC_GROUP_ASKED) & _ETHNIC] = _GROUP
    if below_city:
        result[:, :, _CITY_ONLY] = _GROUP
    return result
