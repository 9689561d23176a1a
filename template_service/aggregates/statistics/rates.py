"""Crude rates, with exact Poisson limits for few events and Byar's approximation for the rest."""

from typing import Final

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import gammainccinv, gammaincinv

from template_service.aggregates.statistics.estimates import (
    CONFIDENCE,
    Estimate,
    Estimates,
    Floats,
    numbers,
    refuse,
    tail,
    z_score,
)

EXACT: Final = "Exact"
BYARS: Final = "Byars"

EXACT_BELOW: Final = 10
"""Fewer events than this take the exact limits (OHID, Public health technical guidance, Rates)."""


def rate(
    events: float, population: float, *, multiplier: float, confidence: float = CONFIDENCE
) -> Estimate:
    """One crude rate with its interval; as `rates`, for single numbers."""
    return rates(events, population, multiplier=multiplier, confidence=confidence).only()


def rates(
    events: ArrayLike,
    populations: ArrayLike,
    *,
    multiplier: float,
    confidence: float = CONFIDENCE,
) -> Estimates:
    """Crude rates per `multiplier` people (or person-years) with intervals, `Exact` or `Byars`.

    Always 0 <= lower <= value <= upper; no events have lower limit 0. One person may have several
    events, so events may exceed the population. Raises `Undefined` for a population of 0, negative
    events, a multiplier not above 0, or anything that is not a finite number.

    Source: OHID, Public health technical guidance, Rates: Byar's approximation (N. E. Breslow and
    N. E. Day, Statistical Methods in Cancer Research II, IARC 1987) from 10 events on, and below
    the exact limits by the link between the Poisson and chi-square distributions.
    """
    count, total, per = numbers(events=events, populations=populations, multiplier=multiplier)
    refuse(total <= 0, "populations must be above 0")
    refuse(count < 0, "events must not be negative")
    refuse(per <= 0, "multiplier must be above 0")
    few = count < EXACT_BELOW
    exact_lower, exact_upper = exact_limits(count, confidence)
    byars_lower, byars_upper = byars_limits(np.maximum(count, EXACT_BELOW), confidence)
    return Estimates(
        count / total * per,
        np.where(few, exact_lower, byars_lower) / total * per,
        np.where(few, exact_upper, byars_upper) / total * per,
        np.where(few, EXACT, BYARS),
    )


def exact_limits(events: Floats, confidence: float) -> tuple[Floats, Floats]:
    """Lower and upper limit of the expected number of events, from the chi-square distribution.

    Half a chi-square quantile with 2k degrees of freedom is a quantile of the gamma distribution of
    shape k, which is what is computed: k = events for the lower limit, events + 1 for the upper.
    """
    beyond = tail(confidence)
    # No event has no such quantile: its lower limit is 0.
    lower = np.where(events > 0, gammaincinv(np.where(events > 0, events, 1), beyond), 0)
    return lower, np.asarray(gammainccinv(events + 1, beyond))


def byars_limits(events: Floats, confidence: float) -> tuple[Floats, Floats]:
    """Lower and upper limit of the expected number of events by Byar's approximation.

    For 10 events and more: with fewer it strays from the exact limits, with none it is not defined.
    """
    z = z_score(confidence)
    more = events + 1
    lower = events * (1 - 1 / (9 * events) - z / (3 * np.sqrt(events))) ** 3
    upper = more * (1 - 1 / (9 * more) + z / (3 * np.sqrt(more))) ** 3
    return lower, upper
