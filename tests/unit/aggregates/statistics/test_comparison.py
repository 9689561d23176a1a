"""Significance by intervals, and funnels that agree with the intervals they are made from."""

from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import stats

from template_service.aggregates.statistics.comparison import (
    CONTROL_LEVELS,
    proportion_limits,
    rate_limits,
    significance,
    significances,
)
from template_service.aggregates.statistics.estimates import Undefined
from template_service.aggregates.statistics.proportions import proportions
from template_service.aggregates.statistics.rates import rates

CONFIDENCES = st.sampled_from(CONTROL_LEVELS)


@pytest.mark.parametrize(
    ("lower", "upper", "expected"),
    [
        (0.31, 0.40, "higher"),
        (0.20, 0.29, "lower"),
        (0.25, 0.35, "similar"),
        (0.30, 0.40, "similar"),
        (0.20, 0.30, "similar"),
        (0.30, 0.30, "similar"),
    ],
)
def test_an_interval_that_reaches_the_comparator_is_similar(
    lower: float, upper: float, expected: str
) -> None:
    assert significance(lower, upper, 0.30) == expected


def test_arrays_are_compared_as_single_numbers_are() -> None:
    made = significances([0.31, 0.2, 0.25], [0.4, 0.29, 0.35], 0.3)
    assert made.tolist() == ["higher", "lower", "similar"]
    assert significances([0.31, 0.2], [0.4, 0.29], [0.35, 0.1]).tolist() == ["similar", "higher"]


@given(*(st.floats(-1e6, 1e6) for _ in range(3)))
def test_turned_round_higher_is_lower(one: float, other: float, comparator: float) -> None:
    lower, upper = sorted((one, other))
    turned = {"higher": "lower", "lower": "higher", "similar": "similar"}
    made = significance(lower, upper, comparator)
    assert significance(-upper, -lower, -comparator) == turned[made]


@pytest.mark.parametrize(
    ("lower", "upper", "comparator", "rule"),
    [
        (0.4, 0.3, 0.3, "lower limits must not exceed upper limits"),
        (0.2, 0.3, float("nan"), "comparators must be finite numbers"),
        (float("nan"), 0.3, 0.3, "lower must be finite numbers"),
    ],
)
def test_what_cannot_be_compared_is_refused(
    lower: float, upper: float, comparator: float, rule: str
) -> None:
    with pytest.raises(Undefined) as refused:
        significance(lower, upper, comparator)
    assert refused.value.message == rule


@given(st.floats(0.01, 0.99), st.integers(1, 2000), CONFIDENCES)
def test_outside_the_funnel_is_where_the_wilson_interval_leaves_the_average_out(
    average: float, denominator: int, confidence: float
) -> None:
    numerators = np.arange(denominator + 1)
    funnel = proportion_limits(average, denominator, confidence)
    made = proportions(numerators, denominator, confidence)
    apart = np.abs(np.subtract.outer([made.lower, made.upper], average)).min()
    assume(apart > 1e-12)
    by_interval = significances(made.lower, made.upper, average)
    by_funnel = np.where(
        made.value > funnel.upper, "higher", np.where(made.value < funnel.lower, "lower", "similar")
    )
    assert by_interval.tolist() == by_funnel.tolist()


@given(st.floats(0.01, 50), st.floats(1, 500), CONFIDENCES)
def test_outside_the_funnel_is_where_the_exact_interval_leaves_the_average_out(
    average: float, population: float, confidence: float
) -> None:
    events = np.arange(int(3 * average * population / 100) + 30)
    funnel = rate_limits(average, population, multiplier=100, confidence=confidence)
    beyond = (1 - confidence) / 2
    expected = average * population / 100
    # Outside means that so many, or so few, would come by chance less often than the tail.
    too_many = stats.poisson.sf(events - 1, expected)
    too_few = stats.poisson.cdf(events, expected)
    assume(np.abs(np.concatenate([too_many, too_few]) - beyond).min() > 1e-9)
    value = events / population * 100
    assert (value > funnel.upper).tolist() == (too_many < beyond).tolist()
    assert (value < funnel.lower).tolist() == (too_few < beyond).tolist()


@given(st.floats(0.01, 50), st.integers(1, 5000), CONFIDENCES)
def test_few_events_are_judged_alike_by_funnel_and_by_interval(
    average: float, population: int, confidence: float
) -> None:
    funnel = rate_limits(average, population, multiplier=1000, confidence=confidence)
    made = rates(np.arange(10), population, multiplier=1000, confidence=confidence)
    apart = np.abs(np.concatenate([made.lower, made.upper]) / average - 1).min()
    assume(apart > 1e-9)
    judged = significances(made.lower, made.upper, average)
    assert ((made.value > funnel.upper) == (judged == "higher")).all()
    assert ((made.value < funnel.lower) == (judged == "lower")).all()


@given(st.floats(0, 1), CONFIDENCES)
def test_the_funnel_of_a_proportion_narrows_within_0_and_1(
    average: float, confidence: float
) -> None:
    funnel = proportion_limits(average, np.arange(1, 500), confidence)
    assert ((funnel.lower >= 0) & (funnel.lower <= average)).all()
    assert ((average <= funnel.upper) & (funnel.upper <= 1)).all()
    assert (np.diff(funnel.lower) >= 0).all()
    assert (np.diff(funnel.upper) <= 0).all()


@given(st.floats(0.01, 1000), CONFIDENCES)
def test_the_funnel_of_a_rate_narrows_around_the_average(average: float, confidence: float) -> None:
    populations = np.geomspace(1, 1e6, 200)
    funnel = rate_limits(average, populations, multiplier=1000, confidence=confidence)
    assert ((funnel.lower >= 0) & (funnel.lower < average) & (average < funnel.upper)).all()
    assert (np.diff(funnel.lower) >= 0).all()
    assert (np.diff(funnel.upper) < 0).all()


def test_control_limits_of_998_lie_outside_those_of_95() -> None:
    near, far = (proportion_limits(0.3, [10, 100], level) for level in CONTROL_LEVELS)
    assert (far.lower <= near.lower).all()
    assert (far.upper > near.upper).all()
    near, far = (
        rate_limits(30, [10, 1000], multiplier=100, confidence=level) for level in CONTROL_LEVELS
    )
    assert (far.lower <= near.lower).all()
    assert (far.upper > near.upper).all()


def test_where_nothing_ever_happens_the_funnel_is_closed() -> None:
    funnel = rate_limits(0, [10, 1000], multiplier=1000)
    assert funnel.lower.tolist() == funnel.upper.tolist() == [0, 0]


def test_one_event_where_next_to_none_is_expected_lies_outside() -> None:
    # 0.01 expected: one event or more happens by chance once in a hundred times.
    funnel = rate_limits(0.01, [1000], multiplier=1000)
    assert funnel.upper[0] < 1
    assert funnel.lower[0] == 0


@pytest.mark.parametrize(
    ("average", "denominators", "rule"),
    [
        (1.1, [10], "average must lie from 0 to 1"),
        (-0.1, 10, "average must lie from 0 to 1"),
        (0.5, [10, 0], "denominators must be above 0 (at position 1)"),
        (float("nan"), 10, "average must be finite numbers"),
    ],
)
def test_no_funnel_of_what_is_no_proportion(average: float, denominators: Any, rule: str) -> None:
    with pytest.raises(Undefined) as refused:
        proportion_limits(average, denominators)
    assert refused.value.message == rule


@pytest.mark.parametrize(
    ("average", "populations", "multiplier", "rule"),
    [
        (-1, 10, 1000, "average must not be negative"),
        (1, [10, 0], 1000, "populations must be above 0 (at position 1)"),
        (1, 10, 0, "multiplier must be above 0"),
        (float("inf"), 10, 1000, "average must be finite numbers"),
    ],
)
def test_no_funnel_of_what_is_no_rate(
    average: float, populations: Any, multiplier: float, rule: str
) -> None:
    with pytest.raises(Undefined) as refused:
        rate_limits(average, populations, multiplier=multiplier)
    assert refused.value.message == rule
