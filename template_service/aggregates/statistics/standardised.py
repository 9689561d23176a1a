"""Directly standardised rates on the European Standard Population 2013."""

import re
from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from template_service.aggregates.statistics.estimates import (
    CONFIDENCE,
    Estimate,
    Floats,
    Undefined,
    numbers,
    refuse,
)
from template_service.aggregates.statistics.rates import byars_limits
from template_service.aggregates.vocabulary import FIVE_YEAR_BANDS

DOBSON: Final = "Dobson"

EVENTS_AT_LEAST: Final = 10
"""With fewer events no standardised rate is given: its interval cannot be relied on (J. K. Morris,
J. Tan, P. Fryers and J. Bestwick, Population Health Metrics, 2018, 10.1186/s12963-018-0177-1)."""

_WEIGHTS = (
    *(5000, 5500, 5500, 5500, 6000, 6000, 6500, 7000, 7000, 7000),
    *(7000, 6500, 6000, 5500, 5000, 4000, 2500, 1500, 1000),
)
ESP_2013: Final = dict(zip(FIVE_YEAR_BANDS, _WEIGHTS, strict=True))
"""People of each band of five years in a standard population of 100,000. Source: Eurostat, Revision
of the European Standard Population: report of Eurostat's task force (2013), KS-RA-13-028."""

_OPEN_AGE: Final = 90
_BAND = re.compile(r"(\d{1,2})(?:-(\d{1,2})|\+)")


class TooFewEvents(Undefined):
    """Fewer events than `EVENTS_AT_LEAST`: the standardised rate is not given."""

    title = "Too few events for a standardised rate"


def standard_weights(bands: Sequence[str] = FIVE_YEAR_BANDS) -> Floats:
    """The weights of ESP 2013 for age bands such as `"15-24"` or `"80+"`, in the order given.

    The bands need not cover every age (adults only, say), but each must be made of whole bands of
    five years (`"16-24"` is not) and none may overlap another; otherwise raises `Undefined`.
    """
    seen: set[str] = set()
    weights = []
    for band in bands:
        within = _within(band)
        if seen.intersection(within):
            raise Undefined(f"the age band {band} overlaps another")
        seen.update(within)
        weights.append(sum(ESP_2013[each] for each in within))
    return np.array(weights, dtype=np.float64)


def _within(band: str) -> tuple[str, ...]:
    """The bands of five years that make up an age band."""
    found = _BAND.fullmatch(band)
    low = int(found[1]) if found else -1
    # `90+` is the last band there is, so an open band ends where the list does.
    following = int(found[2]) + 1 if found and found[2] else _OPEN_AGE + 5
    whole = low % 5 == 0 and following % 5 == 0 and low < following
    if not found or not whole or (found[2] and following > _OPEN_AGE):
        raise Undefined(f"{band!r} is not made of whole five-year bands up to 90+")
    return FIVE_YEAR_BANDS[low // 5 : following // 5]


def standardised_rate(
    events: ArrayLike,
    populations: ArrayLike,
    weights: ArrayLike,
    *,
    multiplier: float,
    confidence: float = CONFIDENCE,
) -> Estimate:
    """The directly standardised rate per `multiplier` with its interval, method `Dobson`.

    `events`, `populations` and `weights` have one entry for each age band, in the same order; the
    weights are those of `standard_weights` and need not sum to anything. Events count as Poisson,
    so for a common yes-or-no figure (`multiplier` 1 gives a standardised proportion) the interval
    is wider than it need be. The lower limit, which weights far from the population's own ages can
    push below 0, stops there; nothing stops the upper limit.

    Raises `TooFewEvents` below 10 events over all bands, and `Undefined` for fewer than two bands,
    an empty band (merge it with its neighbour first), negative events, a weight or multiplier not
    above 0, or anything that is not a finite number.

    Source: A. J. Dobson, K. Kuulasmaa, E. Eberle and J. Scherer, Confidence intervals for weighted
    sums of Poisson parameters, Statistics in Medicine 10 (1991), 457-462, with Byar's limits for
    the total, as OHID, Technical Guide: Confidence Intervals (2018), appendix 4.
    """
    count, total, weight = numbers(events=events, populations=populations, weights=weights)
    if count.ndim != 1 or count.size < 2:
        raise Undefined("a standardised rate needs at least two age bands")
    (per,) = numbers(multiplier=multiplier)
    refuse(total <= 0, "populations must be above 0")
    refuse(count < 0, "events must not be negative")
    refuse(weight <= 0, "weights must be above 0")
    refuse(per <= 0, "multiplier must be above 0")
    every = count.sum()
    if every < EVENTS_AT_LEAST:
        raise TooFewEvents(f"a standardised rate needs at least {EVENTS_AT_LEAST} events")
    each = weight / weight.sum() / total * per
    value = float(each @ count)
    spread = float(np.sqrt(each**2 @ count / every))
    lowest, highest = byars_limits(every, confidence)
    lower = max(value - spread * float(every - lowest), 0.0)
    return Estimate(value, lower, value + spread * float(highest - every), DOBSON)
