"""The indices of inequality: as worked by others, as weighted least squares gives, simulated."""

from typing import Any

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit, logit, ndtri

from template_service.aggregates.statistics.estimates import Floats, Undefined
from template_service.aggregates.statistics.inequality import (
    gradient,
    inequality,
    ranks,
)
from template_service.aggregates.statistics.proportions import proportions

PEOPLE = np.array([4130, 8736, 8602, 2563, 862, 6308, 916, 3263, 4875, 7967])
NEED = np.array([0.45, 0.42, 0.41, 0.37, 0.32, 0.28, 0.25, 0.25, 0.18, 0.15])


@st.composite
def groups(draw: st.DrawFn) -> tuple[Floats, Floats]:
    """Populations and values of five to ten groups."""
    many = draw(st.integers(5, 10))
    people = st.lists(st.integers(1, 100_000), min_size=many, max_size=many)
    values = st.lists(st.floats(0.01, 0.99), min_size=many, max_size=many)
    return np.array(draw(people), float), np.array(draw(values), float)


def weighted_least_squares(people: Floats, values: Floats) -> tuple[float, float]:
    """Intercept and slope by statsmodels, the ranks by a plain loop."""
    rank, below = [], 0.0
    for each in people:
        rank.append((below + each / 2) / people.sum())
        below += each
    fitted = sm.WLS(values, sm.add_constant(np.array(rank)), weights=people).fit()
    return float(fitted.params[0]), float(fitted.params[1])


def test_worked_figures(worked: dict[str, Any]) -> None:
    assert worked["sii"]
    for figure in worked["sii"]:
        made = gradient(figure["populations"], figure["values"])
        expected = (figure["intercept"], figure["sii"], figure["rii"])
        assert tuple(made) == pytest.approx(expected, rel=1e-9, abs=0)


@given(groups())
def test_agrees_with_weighted_least_squares_of_statsmodels(group: tuple[Floats, Floats]) -> None:
    made = gradient(*group)
    intercept, slope = weighted_least_squares(*group)
    assert made.intercept == pytest.approx(intercept, rel=1e-6, abs=1e-6)
    assert made.sii == pytest.approx(slope, rel=1e-6, abs=1e-6)


@given(groups(), st.floats(0.001, 1000))
def test_equal_values_have_no_inequality(group: tuple[Floats, Floats], value: float) -> None:
    people, _ = group
    made = gradient(people, np.full(people.size, value))
    assert made.sii == pytest.approx(0, abs=1e-9 * value)
    assert made.rii == pytest.approx(1)
    assert made.intercept == pytest.approx(value)


@given(groups())
def test_seen_from_the_other_end_the_slope_turns_round(group: tuple[Floats, Floats]) -> None:
    people, values = group
    made, turned = gradient(people, values), gradient(people[::-1], values[::-1])
    assert turned.sii == pytest.approx(-made.sii, rel=1e-6, abs=1e-9)
    assert turned.intercept == pytest.approx(made.intercept + made.sii, rel=1e-6, abs=1e-9)


@given(groups(), st.floats(0.1, 100), st.floats(0.01, 1000))
def test_units_and_the_size_of_the_city_do_not_matter(
    group: tuple[Floats, Floats], unit: float, size: float
) -> None:
    people, values = group
    made, other = gradient(people, values), gradient(size * people, unit * values)
    assert other.sii == pytest.approx(unit * made.sii, rel=1e-6, abs=1e-9)
    if made.rii is not None and made.intercept > 1e-3:
        assert other.rii == pytest.approx(made.rii, rel=1e-6, abs=1e-6)


@given(groups(), st.floats(0, 100), st.floats(-1, 1))
def test_values_on_a_line_give_that_line(
    group: tuple[Floats, Floats], intercept: float, slope: float
) -> None:
    people, _ = group
    made = gradient(people, intercept + slope * ranks(people))
    assert made.intercept == pytest.approx(intercept, abs=1e-6)
    assert made.sii == pytest.approx(slope, abs=1e-6)


@given(groups())
def test_ranks_rise_within_0_and_1_around_one_half(group: tuple[Floats, Floats]) -> None:
    people, _ = group
    rank = ranks(people)
    assert rank[0] > 0
    assert rank[-1] < 1
    assert (np.diff(rank) > 0).all()
    assert np.average(rank, weights=people) == pytest.approx(0.5)


def test_a_line_that_starts_below_0_has_no_ratio() -> None:
    assert gradient(np.ones(5), [-1, 0, 1, 2, 3]).rii is None


@pytest.mark.parametrize("confidence", [0.95, 0.998])
def test_simulated_limits_are_those_of_the_normal_slope(confidence: float) -> None:
    """The slope is a weighted sum of the values, so that its standard error is known."""
    error = np.linspace(0.004, 0.02, PEOPLE.size)
    z95, z = ndtri(0.975), ndtri((1 + confidence) / 2)
    made = inequality(
        PEOPLE, NEED, (NEED - z95 * error, NEED + z95 * error), seed=7, confidence=confidence
    )
    pull = [weighted_least_squares(PEOPLE, unit)[1] for unit in np.eye(PEOPLE.size)]
    of_slope = float(np.sqrt(np.square(pull * error).sum()))
    _, slope = weighted_least_squares(PEOPLE, NEED)
    # Five standard errors of a simulated percentile: 0.05 of a standard error of the slope at 95 %,
    # 0.15 at 99.8 %.
    tolerance = (0.05 if confidence == 0.95 else 0.15) * of_slope
    assert made.sii.value == pytest.approx(slope)
    assert made.sii.lower == pytest.approx(slope - z * of_slope, abs=tolerance)
    assert made.sii.upper == pytest.approx(slope + z * of_slope, abs=tolerance)
    assert made.sii.method == "Simulated"


def test_every_draw_of_proportions_is_a_proportion_fitted_anew() -> None:
    """The same draws, each fitted by statsmodels."""
    wilson = proportions(np.round(NEED * 200), 200)
    made = inequality(
        PEOPLE,
        wilson.value,
        (wilson.lower, wilson.upper),
        seed=11,
        scale="logit",
        repetitions=1000,
    )
    error = (logit(wilson.upper) - logit(wilson.lower)) / 2 / ndtri(0.975)
    draws = np.random.default_rng(11).normal(logit(wilson.value), error, (1000, PEOPLE.size))
    fits = np.array([weighted_least_squares(PEOPLE, expit(draw)) for draw in draws])
    ratios = fits.sum(axis=1) / fits[:, 0]
    expected = np.quantile(fits[:, 1], (0.025, 0.975))
    assert (made.sii.lower, made.sii.upper) == pytest.approx(expected, rel=1e-9)
    assert made.rii is not None
    expected = np.quantile(ratios, (0.025, 0.975))
    assert (made.rii.lower, made.rii.upper) == pytest.approx(expected, rel=1e-9)
    assert made.rii.value == gradient(PEOPLE, wilson.value).rii


@pytest.mark.parametrize("scale", ["identity", "log", "logit"])
def test_the_seed_decides_the_limits_within_what_is_promised(scale: Any) -> None:
    limits = (NEED * 0.9, NEED * 1.1)
    made = inequality(PEOPLE, NEED, limits, seed=1, scale=scale)
    again = inequality(PEOPLE, NEED, limits, seed=1, scale=scale)
    other = inequality(PEOPLE, NEED, limits, seed=2, scale=scale)
    assert made == again
    assert made.sii.lower != other.sii.lower
    width = made.sii.upper - made.sii.lower
    assert made.sii[:3] == pytest.approx(other.sii[:3], abs=0.015 * width)
    assert made.rii is not None
    assert made.sii.lower < made.sii.value < made.sii.upper
    assert made.rii.lower < made.rii.value < made.rii.upper < 1


def test_rates_are_drawn_on_the_scale_of_their_logarithm() -> None:
    value = np.full(5, 10.0)
    limits = (value / 4, value * 4)
    plain = inequality(np.ones(5), value, limits, seed=3)
    log = inequality(np.ones(5), value, limits, seed=3, scale="log")
    assert plain.rii is None
    assert log.sii.lower == pytest.approx(-log.sii.upper, rel=0.1)
    # exp(N(0, ln 4 / 1.96)) by hand, one fifth each at ranks 0.1 to 0.9.
    draws = 10 * np.exp(np.random.default_rng(3).normal(0, np.log(4) / ndtri(0.975), (100_000, 5)))
    slopes = draws @ np.array([-1, -0.5, 0, 0.5, 1])
    assert log.sii.upper == pytest.approx(np.quantile(slopes, 0.975), rel=1e-9)


def test_certain_values_have_intervals_without_width() -> None:
    made = inequality(PEOPLE, NEED, (NEED, NEED), seed=1, repetitions=1000)
    assert made.rii is not None
    for each in (made.sii, made.rii):
        assert (each.lower, each.upper) == pytest.approx((each.value, each.value))


def test_a_ratio_whose_simulations_reach_0_is_not_given() -> None:
    made = inequality(PEOPLE, NEED, (NEED - 2, NEED + 2), seed=1, repetitions=1000)
    assert made.sii.lower < made.sii.value < made.sii.upper
    assert made.rii is None


@pytest.mark.parametrize(
    ("populations", "values", "rule"),
    [
        ([1] * 4, [0.1] * 4, "a slope needs at least 5 groups"),
        (1, 0.1, "a slope needs at least 5 groups"),
        ([1, 1, 0, 1, 1], [0.1] * 5, "populations must be above 0 (at position 2)"),
        ([1] * 5, [0.1, 0.1, float("nan"), 0.1, 0.1], "values must be finite numbers (at position"),
        ([1] * 5, [0.1] * 6, "populations, values must have the same length"),
    ],
)
def test_what_has_no_slope_is_refused(populations: Any, values: Any, rule: str) -> None:
    with pytest.raises(Undefined) as refused:
        gradient(populations, values)
    assert refused.value.message.startswith(rule)


@pytest.mark.parametrize(
    ("value", "scale", "rule"),
    [
        (0.0, "log", "values and limits have no log"),
        (0.0, "logit", "values and limits have no logit"),
        (1.0, "logit", "values and limits have no logit"),
    ],
)
def test_a_scale_without_a_place_for_a_value_is_refused(
    value: float, scale: Any, rule: str
) -> None:
    values = np.where(np.arange(10) == 3, value, NEED)
    with pytest.raises(Undefined, match=rule):
        inequality(PEOPLE, values, (values, values), seed=1, scale=scale)


def test_limits_that_leave_their_value_out_and_few_repetitions_are_refused() -> None:
    with pytest.raises(Undefined, match="limits must enclose their values"):
        inequality(PEOPLE, NEED, (NEED + 0.01, NEED + 0.02), seed=1)
    with pytest.raises(Undefined, match="limits must enclose their values"):
        inequality(PEOPLE, NEED, (NEED - 0.02, NEED - 0.01), seed=1)
    with pytest.raises(Undefined, match="repetitions"):
        inequality(PEOPLE, NEED, (NEED, NEED), seed=1, repetitions=999)
