"""Need allowing for age: by hand, against statsmodels' own way, and absent where it cannot be."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from template_service.aggregates.frozen_cube import CELLS, all_domains
from template_service.aggregates.standardised_need import standardised_need
from template_service.aggregates.statistics.standardised import ESP_2013
from template_service.aggregates.vocabulary import AGE_BANDS, CITY_ONLY_DOMAINS, INDICATORS

ASKED, NEED = INDICATORS.index("asked"), INDICATORS.index("need")
FOOD = all_domains().index("food")
BANDS = [CELLS.index(("age_band", band)) for band in AGE_BANDS]
# Five-year bands of ESP 2013 that make up each band of the cube, written out.
WEIGHTS = (5000, 5500, 5500, 11500, 26500, 26500, 14500, 5000)


def area(asked: list[int], need: list[int], domain: int = FOOD) -> NDArray[np.int64]:
    made = np.zeros((len(all_domains()), len(CELLS), len(INDICATORS)), np.int64)
    made[domain, BANDS, ASKED] = asked
    made[domain, BANDS, NEED] = need
    return made


def test_the_weights_are_those_of_the_standard_population() -> None:
    assert sum(WEIGHTS) == sum(ESP_2013.values()) == 100_000


def test_a_standardised_share_is_the_weighted_mean_of_the_bands() -> None:
    asked, need = [100, 50, 50, 200, 400, 300, 100, 20], [10, 10, 5, 50, 80, 45, 30, 10]
    found = standardised_need(area(asked, need), area([100] * 8, [20] * 8))["food"]
    by_hand = sum(w * n / a for w, n, a in zip(WEIGHTS, need, asked, strict=True)) / 100_000
    assert found.value == pytest.approx(by_hand, rel=1e-12)
    assert found.city == pytest.approx(0.2, rel=1e-12)
    assert found.lower < found.value < found.upper
    assert found.method == "Dobson"


def test_areas_of_unlike_ages_but_like_needs_are_similar() -> None:
    """The old need more here; an area of old people is crudely higher, and no higher by age."""
    shares = np.array([5, 5, 5, 10, 15, 25, 40, 60]) / 100
    city, old = np.array([400] * 8), np.array([100, 100, 100, 100, 200, 400, 1000, 1000])
    here = area(old.tolist(), (old * shares).astype(int).tolist())
    there = area(city.tolist(), (city * shares).astype(int).tolist())
    assert here[FOOD, BANDS, NEED].sum() / old.sum() > 0.35
    assert there[FOOD, BANDS, NEED].sum() / city.sum() < 0.25
    assert standardised_need(here, there)["food"].significance == "similar"


@pytest.mark.parametrize(
    ("asked", "need"),
    [
        ([100] * 8, [0] * 7 + [5]),
        ([0] + [100] * 7, [0] + [20] * 7),
        ([5] + [100] * 7, [0] + [20] * 7),
    ],
    ids=["fewer than 10 in need", "nobody asked in a band", "few asked in a band"],
)
def test_it_is_not_given_where_it_would_mislead(asked: list[int], need: list[int]) -> None:
    plenty = area([100] * 8, [20] * 8)
    assert "food" in standardised_need(plenty, plenty)
    assert standardised_need(area(asked, need), plenty) == {}
    assert standardised_need(plenty, area(asked, need)) == {}


def test_domains_of_the_city_alone_are_never_given() -> None:
    for domain in CITY_ONLY_DOMAINS:
        made = area([100] * 8, [20] * 8, all_domains().index(domain))
        assert standardised_need(made, made) == {}


@given(
    st.lists(st.tuples(st.integers(2, 400), st.floats(0, 1)), min_size=8, max_size=8),
)
def test_shares_and_limits_stay_within_0_and_1(bands: list[tuple[int, float]]) -> None:
    asked = [5 * people for people, _ in bands]
    need = [5 * int(people * share) for people, share in bands]
    city = area([1000] * 8, [300] * 8)
    for found in standardised_need(area(asked, need), city).values():
        assert 0 <= found.lower <= found.value <= found.upper <= 1
        assert min(n / a for n, a in zip(need, asked, strict=True)) <= found.value + 1e-12
        # Rounding beside chance: nothing is clearer than chance alone would have it.
        assert found.significance != "higher" or found.lower > found.city
        assert found.significance != "lower" or found.upper < found.city


def test_a_difference_that_rounding_may_have_made_is_none() -> None:
    here, there = area([100] * 8, [40] * 8), area([1000] * 8, [290] * 8)
    assert standardised_need(here, there, 1)["food"].significance == "higher"
    assert standardised_need(here, there, 60)["food"].significance == "similar"
