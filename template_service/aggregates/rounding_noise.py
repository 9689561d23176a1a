"""How far rounding can move a share: nothing it may have made is called a difference."""

from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from template_service.aggregates.statistics.estimates import CONFIDENCE, z_score
from template_service.aggregates.vocabulary import BASE

ROUNDING_VARIANCE: Final = BASE**2 / 6
"""Variance of one rounded count: x = k + f steps of `BASE` to k or k + 1 has f(1 - f) steps
squared, which is 1/6 on average over f."""

# A part (need) is rounded within its rounded whole (asked), and so moved twice.
_TIMES: Final = 2

Floats = NDArray[np.float64]


def count_spread(roundings: ArrayLike) -> Floats:
    """Standard deviation, in people, of a count that sums so many counts rounded apart."""
    spread: Floats = np.sqrt(ROUNDING_VARIANCE * np.asarray(roundings, np.float64))
    return spread


def share_reach(denominators: ArrayLike, roundings: ArrayLike) -> Floats:
    """How far, up or down, rounding moves a share of so many people, 19 times of 20."""
    people = np.asarray(denominators, np.float64)
    reach: Floats = z_score(CONFIDENCE) * np.sqrt(_TIMES) * count_spread(roundings) / people
    return reach


def widened(
    value: ArrayLike, limits: tuple[ArrayLike, ArrayLike], reach: ArrayLike
) -> tuple[Floats, Floats]:
    """The lower and upper limit of a value once rounding is added to chance.

    The two are independent, so that their distances add as the sides of a right triangle do.
    """
    middle, (lower, upper) = np.asarray(value, np.float64), map(np.asarray, limits)
    return middle - np.hypot(middle - lower, reach), middle + np.hypot(upper - middle, reach)
