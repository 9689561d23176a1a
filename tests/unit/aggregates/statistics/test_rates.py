"""Crude rates: as worked by others, as exact limits are elsewhere, and what always holds."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.rates import confint_poisson

from template_service.aggregates.statistics.estimates import Undefined
from template_service.aggregates.statistics.rates import rate, rates

CONFIDENCES = st.sampled_from([0.9, 0.95, 0.998])
EVENTS = st.integers(0, 100_000)
POPULATIONS = st.integers(1, 10_000_000)


def test_worked_figures(worked: dict[str, Any]) -> None:
    assert {figure["method"] for figure in worked["rate"]} == {"Exact", "Byars"}
    for figure in worked["rate"]:
        made = rate(
            figure["events"],
            figure["population"],
            multiplier=figure["multiplier"],
            confidence=figure["confidence"],
        )
        expected = (figure["value"], figure["lower"], figure["upper"])
        assert made[:3] == pytest.approx(expected, rel=1e-9, abs=0)
        assert made.method == figure["method"]


@given(st.integers(0, 9), POPULATIONS, CONFIDENCES)
def test_few_events_have_the_exact_limits_of_statsmodels(
    events: int, population: int, confidence: float
) -> None:
    made = rate(events, population, multiplier=1, confidence=confidence)
    expected = confint_poisson(events, population, method="exact-c", alpha=1 - confidence)
    # statsmodels leaves the lower limit of no events undefined: it is 0.
    assert (made.lower, made.upper) == pytest.approx(np.nan_to_num(expected), rel=1e-9, abs=0)
    assert made.method == "Exact"


@given(st.integers(10, 100_000), st.sampled_from([(0.95, 0.002), (0.998, 0.016)]))
def test_byars_limits_are_near_the_exact_ones_of_statsmodels(
    events: int, level: tuple[float, float]
) -> None:
    confidence, tolerance = level
    made = rate(events, 1, multiplier=1, confidence=confidence)
    expected = confint_poisson(events, 1, method="exact-c", alpha=1 - confidence)
    assert (made.lower, made.upper) == pytest.approx(expected, rel=tolerance)
    assert made.method == "Byars"


@given(EVENTS, POPULATIONS, CONFIDENCES)
def test_value_lies_within_its_interval(events: int, population: int, confidence: float) -> None:
    made = rate(events, population, multiplier=1000, confidence=confidence)
    assert 0 <= made.lower <= made.value <= made.upper
    assert made.value == pytest.approx(1000 * events / population)


@given(POPULATIONS, CONFIDENCES)
def test_one_more_event_raises_all_three_also_where_the_method_changes(
    population: int, confidence: float
) -> None:
    made = rates(np.arange(200), population, multiplier=1000, confidence=confidence)
    for each in (made.value, made.lower, made.upper):
        assert (np.diff(each) > 0).all()


@given(EVENTS, POPULATIONS, st.sampled_from([1, 1000, 100_000]))
def test_the_multiplier_is_only_a_unit(events: int, population: int, multiplier: int) -> None:
    whole = rate(events, population, multiplier=multiplier)
    single = rate(events, population, multiplier=1)
    assert whole[:3] == pytest.approx([multiplier * each for each in single[:3]])


def test_no_events_have_a_rate_of_0_and_still_an_upper_limit() -> None:
    made = rate(0, 900, multiplier=1000)
    assert (made.value, made.lower) == (0, 0)
    # Where nobody was seen among n, the upper limit is -ln(0.025) / n.
    assert made.upper == pytest.approx(-np.log(0.025) / 900 * 1000)


def test_events_may_exceed_the_population() -> None:
    assert rate(30, 12, multiplier=1).value == pytest.approx(2.5)


@pytest.mark.parametrize(
    ("events", "populations", "multiplier", "rule"),
    [
        ([1, 1], [9, 0], 1000, "populations must be above 0 (at position 1)"),
        (-1, 9, 1000, "events must not be negative"),
        (1, 9, 0, "multiplier must be above 0"),
        (float("nan"), 9, 1000, "events must be finite numbers"),
        (1, float("nan"), 1000, "populations must be finite numbers"),
    ],
)
def test_what_is_no_rate_is_refused(
    events: Any, populations: Any, multiplier: float, rule: str
) -> None:
    with pytest.raises(Undefined) as refused:
        rates(events, populations, multiplier=multiplier)
    assert refused.value.message == rule
