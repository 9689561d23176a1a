"""Wilson intervals: as worked by others, as statsmodels makes them, and what always holds."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.proportion import proportion_confint

from template_service.aggregates.statistics.estimates import Undefined
from template_service.aggregates.statistics.proportions import proportion, proportions
from template_service.errors import ServiceError

CONFIDENCES = st.sampled_from([0.9, 0.95, 0.998])


@st.composite
def fractions(draw: st.DrawFn) -> tuple[int, int]:
    """A numerator and its denominator."""
    denominator = draw(st.integers(1, 1_000_000))
    return draw(st.integers(0, denominator)), denominator


def test_worked_figures(worked: dict[str, Any]) -> None:
    assert worked["proportion"]
    for figure in worked["proportion"]:
        made = proportion(figure["numerator"], figure["denominator"], figure["confidence"])
        expected = (figure["value"], figure["lower"], figure["upper"])
        assert made[:3] == pytest.approx(expected, rel=1e-9, abs=0)
        assert made.method == figure["method"]


@given(fractions(), CONFIDENCES)
def test_agrees_with_statsmodels(fraction: tuple[int, int], confidence: float) -> None:
    made = proportion(*fraction, confidence)
    expected = proportion_confint(*fraction, alpha=1 - confidence, method="wilson")
    assert (made.lower, made.upper) == pytest.approx(expected, rel=1e-9, abs=1e-12)


@given(fractions(), CONFIDENCES)
def test_value_lies_within_its_interval_and_that_within_0_and_1(
    fraction: tuple[int, int], confidence: float
) -> None:
    made = proportion(*fraction, confidence)
    assert 0 <= made.lower <= made.value <= made.upper <= 1


@given(fractions(), CONFIDENCES)
def test_those_who_have_it_and_those_who_have_not_mirror_each_other(
    fraction: tuple[int, int], confidence: float
) -> None:
    numerator, denominator = fraction
    have = proportion(numerator, denominator, confidence)
    have_not = proportion(denominator - numerator, denominator, confidence)
    assert (have_not.lower, have_not.upper) == pytest.approx((1 - have.upper, 1 - have.lower))


@given(st.integers(2, 10_000), CONFIDENCES)
def test_one_more_raises_both_limits(denominator: int, confidence: float) -> None:
    made = proportions(np.arange(denominator + 1), denominator, confidence)
    assert (np.diff(made.lower) > 0).all()
    assert (np.diff(made.upper) > 0).all()


@given(fractions(), st.integers(2, 50))
def test_more_people_with_the_same_proportion_narrow_the_interval(
    fraction: tuple[int, int], times: int
) -> None:
    few, many = proportion(*fraction), proportion(*(times * each for each in fraction))
    assert few.lower <= many.lower
    assert many.upper < few.upper or few.value == few.upper == 1


@given(fractions())
def test_more_confidence_widens_the_interval(fraction: tuple[int, int]) -> None:
    narrow, wide = proportion(*fraction, 0.95), proportion(*fraction, 0.998)
    assert wide.lower <= narrow.lower
    assert wide.upper >= narrow.upper
    assert wide.upper - wide.lower > narrow.upper - narrow.lower


@given(st.integers(1, 100_000), st.floats(0.9, 0.9999))
def test_none_and_all_touch_the_ends(denominator: int, confidence: float) -> None:
    none = proportion(0, denominator, confidence)
    every = proportion(denominator, denominator, confidence)
    assert (none.value, none.lower) == (0, 0)
    assert (every.value, every.upper) == (1, 1)
    assert none.upper > 0
    assert every.lower < 1


def test_arrays_are_made_as_single_numbers_are() -> None:
    made = proportions([0, 3, 40], [40, 40, 40])
    for place, numerator in enumerate([0, 3, 40]):
        single = proportion(numerator, 40)
        assert tuple(each[place] for each in made) == tuple(single)
        assert [type(each) for each in single] == [float, float, float, str]


@pytest.mark.parametrize(
    ("numerators", "denominators", "rule"),
    [
        (0, 0, "denominators must be above 0"),
        ([1, 1], [2, 0], "denominators must be above 0 (at position 1)"),
        (-1, 4, "numerators must not be negative"),
        ([1, 4321], [2, 1234], "numerators must not exceed their denominators (at position 1)"),
        (float("nan"), 4, "numerators must be finite numbers"),
        ([1, 1], [2, float("inf")], "denominators must be finite numbers (at position 1)"),
        ([1, None], [2, 2], "numerators must be numbers"),
        ("3", 4, "numerators must be numbers"),
        ([1, 2, 3], [4, 5], "numerators, denominators must have the same length"),
        ([1, 2], [4], "numerators, denominators must have the same length"),
    ],
)
def test_what_is_no_proportion_is_refused_by_place_and_never_by_number(
    numerators: Any, denominators: Any, rule: str
) -> None:
    with pytest.raises(Undefined) as refused:
        proportions(numerators, denominators)
    assert isinstance(refused.value, ServiceError)
    assert refused.value.message == rule


@pytest.mark.parametrize("confidence", [0, 0.05, 0.8999, 1, 95, -0.95, float("nan")])
def test_confidence_is_a_probability(confidence: float) -> None:
    with pytest.raises(Undefined, match="to below 1"):
        proportion(3, 40, confidence)
