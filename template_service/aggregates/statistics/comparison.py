"""Comparison with the city: whether a figure differs, and how far chance alone would spread it."""

from typing import Final, Literal, NamedTuple, cast

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import gdtrib

from template_service.aggregates.statistics.estimates import (
    CONFIDENCE,
    Floats,
    numbers,
    refuse,
    tail,
    z_score,
)

Significance = Literal["higher", "similar", "lower"]

HIGHER: Final[Significance] = "higher"
SIMILAR: Final[Significance] = "similar"
LOWER: Final[Significance] = "lower"

CONTROL_LEVELS: Final = (CONFIDENCE, 0.998)
"""The two pairs of lines of a funnel plot (OHID, Technical Guide: Funnel Plots, 2017)."""


class ControlLimits(NamedTuple):
    """The lower and upper line of a funnel, in the unit of the average."""

    lower: Floats
    upper: Floats


def significance(lower: float, upper: float, comparator: float) -> Significance:
    """One comparison; as `significances`, for single numbers."""
    return cast(Significance, str(significances(lower, upper, comparator).item()))


def significances(lower: ArrayLike, upper: ArrayLike, comparators: ArrayLike) -> NDArray[np.str_]:
    """Whether figures are `higher`, `similar` or `lower` than a comparator, by their intervals.

    Higher when the whole interval lies above the comparator's value, lower when below; an interval
    that reaches the value is similar. The comparator's own uncertainty does not count, as the city
    is taken as it is; nor does it matter that an area is part of it. Raises `Undefined` for
    intervals upside down or anything that is not a finite number.

    Source: OHID, Technical Guide: RAG Rating Indicator Values (2017), the method of Fingertips.
    """
    low, high, city = numbers(lower=lower, upper=upper, comparators=comparators)
    refuse(low > high, "lower limits must not exceed upper limits")
    return np.where(low > city, HIGHER, np.where(high < city, LOWER, SIMILAR))


def proportion_limits(
    average: float, denominators: ArrayLike, confidence: float = CONFIDENCE
) -> ControlLimits:
    """The funnel of a proportion: where chance leaves it around an average, by denominator.

    An area lies outside exactly when its Wilson interval leaves the average out. Limits stay from
    0 to 1. Raises `Undefined` for an average outside 0 to 1, a denominator of 0, or anything that
    is not a finite number.

    Source: D. J. Spiegelhalter, Funnel plots for comparing institutional performance, Statistics in
    Medicine 24 (2005), 1185-1202; OHID, Technical Guide: Funnel Plots (2017).
    """
    middle, total = numbers(average=average, denominators=denominators)
    refuse((middle < 0) | (middle > 1), "average must lie from 0 to 1")
    refuse(total <= 0, "denominators must be above 0")
    # The proportions whose Wilson limits touch the average are those a score test just rejects.
    reach = z_score(confidence) * np.sqrt(middle * (1 - middle) / total)
    return ControlLimits(np.clip(middle - reach, 0, 1), np.clip(middle + reach, 0, 1))


def rate_limits(
    average: float,
    populations: ArrayLike,
    *,
    multiplier: float,
    confidence: float = CONFIDENCE,
) -> ControlLimits:
    """The funnel of a crude rate: where chance leaves it around an average, by population.

    `average` and the limits are per `multiplier`. An area lies outside exactly when its exact
    Poisson interval leaves the average out. Where even no events are within chance the lower line
    is 0. Raises `Undefined` for a negative average, a population of 0, a multiplier not above 0, or
    anything that is not a finite number.

    Source: as `proportion_limits`, with the Poisson distribution.
    """
    middle, total, per = numbers(average=average, populations=populations, multiplier=multiplier)
    refuse(middle < 0, "average must not be negative")
    refuse(total <= 0, "populations must be above 0")
    refuse(per <= 0, "multiplier must be above 0")
    beyond = tail(confidence)
    expected = middle / per * total
    none = expected == 0
    # An exact limit of k events is a gamma quantile of shape k; here the quantile is the expected
    # number and the shape is sought.
    quantile = np.where(none, 1, expected)
    fewest = np.maximum(gdtrib(1, 1 - beyond, quantile) - 1, 0)
    most = gdtrib(1, beyond, quantile)
    return ControlLimits(
        np.where(none, 0, fewest) / total * per, np.where(none, 0, most) / total * per
    )
