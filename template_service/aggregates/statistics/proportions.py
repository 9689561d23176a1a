"""Proportions with Wilson score intervals."""

from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from template_service.aggregates.statistics.estimates import (
    CONFIDENCE,
    Estimate,
    Estimates,
    numbers,
    refuse,
    z_score,
)

WILSON: Final = "Wilson"


def proportion(numerator: float, denominator: float, confidence: float = CONFIDENCE) -> Estimate:
    """One proportion with its interval; as `proportions`, for single numbers."""
    return proportions(numerator, denominator, confidence).only()


def proportions(
    numerators: ArrayLike, denominators: ArrayLike, confidence: float = CONFIDENCE
) -> Estimates:
    """Proportions from 0 to 1 with their Wilson score intervals, method `Wilson`.

    Counts, not percentages; always 0 <= lower <= value <= upper <= 1. A numerator of 0 has lower
    limit 0, a full one upper limit 1. Raises `Undefined` for a denominator of 0 (nobody asked is no
    proportion: leave the figure blank before coming here), a negative numerator, one larger than
    its denominator, or anything that is not a finite number.

    Source: E. B. Wilson, Probable inference, the law of succession, and statistical inference,
    Journal of the American Statistical Association 22 (1927), 209-212; OHID (then Public Health
    England), Technical Guide: Confidence Intervals (2018), appendix 3.
    """
    count, total = numbers(numerators=numerators, denominators=denominators)
    refuse(total <= 0, "denominators must be above 0")
    refuse(count < 0, "numerators must not be negative")
    refuse(count > total, "numerators must not exceed their denominators")
    z = z_score(confidence)
    value = count / total
    middle = 2 * count + z**2
    reach = z * np.sqrt(z**2 + 4 * count * (1 - value))
    # The lower limit is (middle - reach) / (2 * (total + z**2)), here without the difference of two
    # near numbers. The last bit of a float may put the upper one just beside 1: hence the clip.
    lower = value * (2 * count / (middle + reach))
    upper = np.clip((middle + reach) / (2 * (total + z**2)), value, 1)
    return Estimates(value, lower, upper, np.full(value.shape, WILSON))
