"""Directly standardised rates: as worked by others, and against crude rates where they agree."""

import itertools
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from template_service.aggregates.statistics.estimates import Undefined
from template_service.aggregates.statistics.rates import rate
from template_service.aggregates.statistics.standardised import (
    TooFewEvents,
    standard_weights,
    standardised_rate,
)
from template_service.aggregates.vocabulary import AGE_BANDS, FIVE_YEAR_BANDS

BANDS = len(FIVE_YEAR_BANDS)
COUNTS = st.lists(st.integers(0, 200), min_size=BANDS, max_size=BANDS)
PEOPLE = st.lists(st.integers(1, 5000), min_size=BANDS, max_size=BANDS)


def test_worked_figures(worked: dict[str, Any]) -> None:
    assert worked["dsr"]
    for figure in worked["dsr"]:
        made = standardised_rate(
            figure["counts"],
            figure["populations"],
            standard_weights(),
            multiplier=figure["multiplier"],
        )
        expected = (figure["value"], figure["lower"], figure["upper"])
        assert made[:3] == pytest.approx(expected, rel=1e-9, abs=0)
        assert made.method == figure["method"]


def test_the_standard_population_is_that_of_the_worked_figures(worked: dict[str, Any]) -> None:
    assert standard_weights().tolist() == worked["esp2013"]


def test_the_standard_population_has_100_000_people() -> None:
    assert standard_weights().sum() == 100_000
    assert standard_weights(AGE_BANDS).sum() == 100_000


def test_broader_bands_have_the_weights_of_the_bands_within() -> None:
    assert standard_weights(["0-4", "15-24", "65-79", "80+"]).tolist() == [
        5000,
        5500 + 6000,
        5500 + 5000 + 4000,
        2500 + 1500 + 1000,
    ]
    assert standard_weights(["90+", "85-89"]).tolist() == [1000, 1500]
    assert standard_weights(["0+"]).tolist() == [100_000]


@given(st.sets(st.integers(1, BANDS - 1)))
def test_however_ages_are_cut_the_weights_add_up(cuts: set[int]) -> None:
    lows = [0, *(5 * cut for cut in sorted(cuts))]
    bands = [f"{low}-{above - 1}" for low, above in itertools.pairwise(lows)]
    weights = standard_weights([*bands, f"{lows[-1]}+"])
    edges = [low // 5 for low in lows]
    assert weights.tolist() == np.add.reduceat(standard_weights(), edges).tolist()


@pytest.mark.parametrize(
    "band", ["16-24", "0-15", "5-4", "90-94", "85-94", "95+", "93+", "100+", "0–4", "", "all", "-5"]
)
def test_bands_not_made_of_five_years_are_refused(band: str) -> None:
    with pytest.raises(Undefined, match="five-year bands"):
        standard_weights([band])


@pytest.mark.parametrize("bands", [["0-4", "0-4"], ["0-14", "10-19"], ["80+", "85-89"]])
def test_overlapping_bands_are_refused(bands: list[str]) -> None:
    with pytest.raises(Undefined, match="overlaps"):
        standard_weights(bands)


@given(COUNTS, PEOPLE, st.sampled_from([0.95, 0.998]))
def test_weighted_by_its_own_ages_it_is_the_crude_rate_with_byars_limits(
    counts: list[int], people: list[int], confidence: float
) -> None:
    assume(sum(counts) >= 10)
    made = standardised_rate(counts, people, people, multiplier=1000, confidence=confidence)
    crude = rate(sum(counts), sum(people), multiplier=1000, confidence=confidence)
    assert made[:3] == pytest.approx(crude[:3])


@given(COUNTS, PEOPLE, st.floats(0.001, 1000))
def test_only_the_shape_of_the_standard_population_counts(
    counts: list[int], people: list[int], size: float
) -> None:
    assume(sum(counts) >= 10)
    weights = standard_weights()
    made = standardised_rate(counts, people, weights, multiplier=1000)
    scaled = standardised_rate(counts, people, size * weights, multiplier=1000)
    assert made[:3] == pytest.approx(scaled[:3], abs=1e-9)


@given(COUNTS, PEOPLE)
def test_value_lies_within_its_interval_and_among_the_rates_of_its_bands(
    counts: list[int], people: list[int]
) -> None:
    assume(sum(counts) >= 10)
    made = standardised_rate(counts, people, standard_weights(), multiplier=1000)
    bands = 1000 * np.array(counts) / np.array(people)
    assert 0 <= made.lower <= made.value <= made.upper
    assert bands.min() <= made.value * (1 + 1e-12)
    assert made.value <= bands.max() * (1 + 1e-12)


@given(PEOPLE, st.permutations(range(BANDS)))
def test_the_order_of_the_bands_does_not_matter(people: list[int], order: list[int]) -> None:
    counts, total, weights = np.arange(BANDS), np.array(people), standard_weights()
    made = standardised_rate(counts, total, weights, multiplier=1000)
    shuffled = standardised_rate(counts[order], total[order], weights[order], multiplier=1000)
    assert made[:3] == pytest.approx(shuffled[:3])


def test_the_lower_limit_stops_at_0() -> None:
    # One event carries nearly all the weight: its own uncertainty exceeds the rate.
    made = standardised_rate([1, 9], [100, 100], [1000, 1], multiplier=1000)
    assert made.lower == 0
    assert made.value > 0


def test_below_10_events_no_rate_is_given() -> None:
    people, weights = np.full(BANDS, 100), standard_weights()
    counts = np.zeros(BANDS)
    counts[3] = 9
    with pytest.raises(TooFewEvents, match="at least 10 events"):
        standardised_rate(counts, people, weights, multiplier=1000)
    counts[5] = 1
    assert standardised_rate(counts, people, weights, multiplier=1000).method == "Dobson"


@pytest.mark.parametrize(
    ("events", "populations", "weights", "rule"),
    [
        ([9, 9], [9, 0], [1, 1], "populations must be above 0 (at position 1)"),
        ([19, -1], [9, 9], [1, 1], "events must not be negative (at position 1)"),
        ([9, 9], [9, 9], [0, 1], "weights must be above 0 (at position 0)"),
        ([9, float("nan")], [9, 9], [1, 1], "events must be finite numbers (at position 1)"),
        ([9, 9], [9, 9], [1], "events, populations, weights must have the same length"),
        ([19], [9], [1], "a standardised rate needs at least two age bands"),
        (19, 9, 1, "a standardised rate needs at least two age bands"),
    ],
)
def test_what_has_no_standardised_rate_is_refused(
    events: Any, populations: Any, weights: Any, rule: str
) -> None:
    with pytest.raises(Undefined) as refused:
        standardised_rate(events, populations, weights, multiplier=1000)
    assert refused.value.message == rule


def test_a_multiplier_of_0_is_refused() -> None:
    with pytest.raises(Undefined, match="multiplier must be above 0"):
        standardised_rate([9, 9], [9, 9], [1, 1], multiplier=0)
