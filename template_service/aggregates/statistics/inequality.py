"""The slope and the relative index of inequality over deciles or fifths, the whole gradient.

Ranks run from 0, the most deprived person, to 1, the least deprived; so a need that is highest
among the most deprived has a negative slope and a relative index below 1.
"""

from typing import Final, Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import expit, logit

from template_service.aggregates.statistics.estimates import (
    CONFIDENCE,
    Estimate,
    Floats,
    Undefined,
    numbers,
    refuse,
    tail,
    z_score,
)

SIMULATED: Final = "Simulated"
REPETITIONS: Final = 100_000
"""How often OHID simulates (R package PHEindicatormethods, `phe_sii`)."""

GROUPS_AT_LEAST: Final = 5
"""Fewer groups give no slope (R package PHEindicatormethods, `phe_sii`)."""

Scale = Literal["identity", "log", "logit"]
"""Where a value's interval is taken as symmetric: as it is, as a rate, as a proportion."""


class Gradient(NamedTuple):
    """The line fitted over population rank.

    `intercept` is its value at rank 0 and `sii` its rise to rank 1, both in the unit of the values;
    `rii` = (intercept + sii) / intercept, or None where the line does not start above 0.
    """

    intercept: float
    sii: float
    rii: float | None


class Inequality(NamedTuple):
    """Both indices with simulated intervals.

    `rii` is None where the line, or one of its simulations, does not start above 0.
    """

    sii: Estimate
    rii: Estimate | None


def ranks(populations: ArrayLike) -> Floats:
    """The middle of each group's stretch of the population: from 0 to 1, in the order given.

    Raises `Undefined` for fewer than five groups or a population not above 0.
    """
    (people,) = numbers(populations=populations)
    if people.ndim != 1 or people.size < GROUPS_AT_LEAST:
        raise Undefined(f"a slope needs at least {GROUPS_AT_LEAST} groups")
    refuse(people <= 0, "populations must be above 0")
    middles: Floats = (np.cumsum(people) - people / 2) / people.sum()
    return middles


def gradient(populations: ArrayLike, values: ArrayLike) -> Gradient:
    """The line through the values of groups, most deprived first, over their population rank.

    Least squares weighted by population. A group without a value is left out of both arguments
    beforehand: rank is then rank among the people of the groups that are there. Raises `Undefined`
    for fewer than five groups, an empty group, or anything that is not a finite number.

    Source: A. Low and A. Low, Measuring the gap: quantifying and comparing local health
    inequalities, Journal of Public Health 26 (2004), 388-395; PHEindicatormethods, `phe_sii`.
    """
    people, value = numbers(populations=populations, values=values)
    intercept, slope = _line(people, value)
    start, rise = float(intercept), float(slope)
    return Gradient(start, rise, (start + rise) / start if start > 0 else None)


def _line(people: Floats, values: Floats) -> tuple[Floats, Floats]:
    """Intercept and slope of the weighted line; `values` may have any number of rows."""
    rank = ranks(people)
    share = people / people.sum()
    # Weighted by population, the mean rank is one half whatever the groups are.
    from_middle = rank - 0.5
    pull = share * from_middle
    mean = values @ share
    # Only what differs from the mean slopes: taken off first, large values lose no digits.
    slope = ((values.T - mean).T @ pull) / (pull @ from_middle)
    return mean - slope / 2, slope


def inequality(
    populations: ArrayLike,
    values: ArrayLike,
    limits: tuple[ArrayLike, ArrayLike],
    *,
    seed: int,
    scale: Scale = "identity",
    confidence: float = CONFIDENCE,
    repetitions: int = REPETITIONS,
) -> Inequality:
    """Both indices of `gradient` with simulated intervals, method `Simulated`.

    `limits` are the lower and upper 95 % limits of the values, whatever `confidence` the result is
    to have. Each value is drawn anew from a normal distribution with the standard error its limits
    imply on `scale` (`logit` for proportions, `log` for rates), the line is fitted again, and the
    limits are the percentiles of the indices so made. The same seed gives the same limits; another
    moves each by about 0.2 % of the interval's width at 95 % and 100,000 repetitions.

    Raises `Undefined` as `gradient` does; for limits that do not enclose their value; and for what
    `scale` has no place for: 0 with `log`, 0 or 1 with `logit`.

    Source: PHEindicatormethods, `phe_sii`, and OHID's tool Slope index of inequality (simulated
    confidence intervals), in the Public health technical guidance.
    """
    people, value, lower, upper = numbers(
        populations=populations, values=values, lower=limits[0], upper=limits[1]
    )
    refuse((lower > value) | (value > upper), "limits must enclose their values")
    if repetitions < 1000:
        raise Undefined("repetitions must be at least 1000")
    beyond = tail(confidence)
    fitted = gradient(people, value)
    at, low, high = (_transformed(each, scale) for each in (value, lower, upper))
    error = (high - low) / (2 * z_score(CONFIDENCE))
    generator = np.random.default_rng(seed)
    draws = _restored(generator.normal(at, error, (repetitions, at.size)), scale)
    starts, rises = _line(people, draws)
    sii = _simulated(fitted.sii, rises, beyond)
    if fitted.rii is None or starts.min() <= 0:
        return Inequality(sii, None)
    return Inequality(sii, _simulated(fitted.rii, (starts + rises) / starts, beyond))


def _transformed(values: Floats, scale: Scale) -> Floats:
    if scale == "identity":
        return values
    top = 1.0 if scale == "logit" else np.inf
    refuse((values <= 0) | (values >= top), f"values and limits have no {scale}")
    return np.asarray(logit(values) if scale == "logit" else np.log(values))


def _restored(values: Floats, scale: Scale) -> Floats:
    if scale == "identity":
        return values
    return np.asarray(expit(values) if scale == "logit" else np.exp(values))


def _simulated(value: float, draws: Floats, beyond: float) -> Estimate:
    lower, upper = np.quantile(draws, (beyond, 1 - beyond))
    return Estimate(value, float(lower), float(upper), SIMULATED)
