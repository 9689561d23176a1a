"""Rounded tables: multiples of five that add up every way, without bias, and near the truth."""

from collections.abc import Mapping
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from template_service.aggregates.controlled_rounding import (
    Counts,
    Rounded,
    round_domain,
    round_month,
)
from template_service.aggregates.vocabulary import ALL, ANY, BASE, CATEGORIES, INDICATORS
from tests.unit.aggregates.made_up_city import City, city, members


def rounded_city(seed: int, people: int, practices: int = 20) -> tuple[City, Counts, Counts]:
    generator = np.random.default_rng(seed)
    made = city(generator, people, practices)
    counts = made.counts(members(generator, people))
    return made, counts, round_domain(counts, made.blocks, generator)


def adds_up(rounded: Counts) -> None:
    """Multiples of five that give their totals, and in both blocks the same of the city."""
    assert rounded.keys() == set(INDICATORS)
    for blocks in rounded.values():
        for tables in blocks.values():
            for table in tables.values():
                assert (table % BASE == 0).all()
                assert (table >= 0).all()
                assert (table.sum(axis=1) == tables[ALL][:, 0]).all()
        for name in CATEGORIES:
            first, second = (tables[name].sum(axis=0) for tables in blocks.values())
            assert (first == second).all()


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32), st.integers(0, 3_000), st.integers(1, 12))
def test_all_tables_add_up_and_parts_stay_within_wholes(
    seed: int, people: int, practices: int
) -> None:
    _, _, rounded = rounded_city(seed, people, practices)
    adds_up(rounded)
    # Where people live, a bound may give way to the totals; where they are registered, never.
    for name, asked in rounded["asked"]["registration"].items():
        of = {it: rounded[it]["registration"][name] for it in ("need", "declined", "wants_help")}
        assert (of["need"] + of["declined"] <= asked).all()
        assert (of["wants_help"] <= of["need"]).all()


def test_whoever_declined_in_one_domain_may_have_a_need_in_another() -> None:
    generator = np.random.default_rng(3)
    made = city(generator, 2_000)
    of_any = members(generator, 2_000)
    of_any["declined"] = of_any["asked"] & (generator.random(2_000) < 0.7)
    of_any["need"] = of_any["asked"] & (generator.random(2_000) < 0.7)
    of_any["wants_help"] &= of_any["need"]
    rounded = round_domain(made.counts(of_any), made.blocks, generator, apart=False)
    for name, asked in rounded["asked"]["registration"].items():
        assert (rounded["need"]["registration"][name] <= asked).all()
        assert (rounded["declined"]["registration"][name] <= asked).all()
    both = (
        rounded["need"]["registration"][ALL].sum() + rounded["declined"]["registration"][ALL].sum()
    )
    assert both > rounded["asked"]["registration"][ALL].sum()


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32), st.integers(0, 3_000), st.integers(1, 12))
def test_only_totals_where_people_are_registered_are_sure_to_lie_within_four(
    seed: int, people: int, practices: int
) -> None:
    made, counts, rounded = rounded_city(seed, people, practices)
    networks = made.groups["registration"]
    for indicator in ("asked", "not_offered", "signposted", "referred", "helped"):
        truth, shown = (it[indicator]["registration"][ALL] for it in (counts, rounded))
        for true, told in (
            (truth, shown),
            (_by_network(truth, networks), _by_network(shown, networks)),
            (truth.sum(axis=0), shown.sum(axis=0)),
        ):
            assert (np.abs(told - true) < BASE).all()
            assert (told[true == 0] == 0).all()


def recovered_by_mean(rounded: Mapping[str, Counts]) -> float:
    """The share of cells of asked people whose count is the mean of what all domains show of it."""
    shown = [of["asked"]["registration"]["ethnic_group"] for of in rounded.values()]
    truth = a_month_of_everybody()[1][ANY]["asked"]["registration"]["ethnic_group"]
    told = np.rint(np.mean(shown, axis=0)) == truth
    return float(told[truth > 0].mean())


def a_month_of_everybody() -> tuple[City, dict[str, Counts]]:
    """Twelve domains that everybody was asked about, and `any`."""
    generator = np.random.default_rng(8)
    made = city(generator, 1_500)
    flags = members(generator, 1_500)
    names = [*(f"domain {number}" for number in range(12)), ANY]
    return made, {name: made.counts(flags) for name in names}


def test_asking_about_every_domain_does_not_average_the_rounding_out() -> None:
    made, counts = a_month_of_everybody()
    generator = np.random.default_rng(9)

    ours = round_month(counts, made.blocks, lambda _: generator)
    anew = {name: round_domain(it, made.blocks, generator) for name, it in counts.items()}

    for of_domain in ours.values():
        for block, tables in of_domain["asked"].items():
            for name, table in tables.items():
                assert (table == ours[ANY]["asked"][block][name]).all()
    # One look tells a count exactly where it is a multiple of 5 and by chance, one in five or so.
    assert recovered_by_mean(ours) < 0.25
    assert recovered_by_mean(anew) > 0.4


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 2**32), st.integers(0, 1_500), st.booleans())
def test_a_month_of_domains_that_ask_different_people_adds_up(
    seed: int, people: int, any_is_whole: bool
) -> None:
    generator = np.random.default_rng(seed)
    made = city(generator, people, 6)
    flags = {name: members(generator, people) for name in ("food", "work")}
    flags[ANY] = {each: np.any([of[each] for of in flags.values()], axis=0) for each in INDICATORS}
    counts = {name: made.counts(of) for name, of in flags.items()}

    rounded = round_month(counts, made.blocks, lambda _: generator, any_is_whole=any_is_whole)

    for domain, of_domain in rounded.items():
        adds_up(of_domain)
        if domain != ANY:
            for name, asked in of_domain["asked"]["registration"].items():
                of = {it: of_domain[it]["registration"][name] for it in ("need", "declined")}
                assert (of["need"] + of["declined"] <= asked).all()


def test_where_hardly_anybody_is_counted_the_tables_still_add_up() -> None:
    for seed in range(150):
        adds_up(rounded_city(seed, 60, 6)[2])


def test_the_same_generator_gives_the_same_tables() -> None:
    for one, two in pairwise(rounded_city(11, 1_500)[2] for _ in range(2)):
        assert all(
            (one[indicator][block][name] == two[indicator][block][name]).all()
            for indicator in one
            for block in one[indicator]
            for name in one[indicator][block]
        )


def test_over_many_keys_no_count_leans_either_way() -> None:
    generator = np.random.default_rng(5)
    made = city(generator, 1_200, 8)
    looked_at = ("asked", "need", "wants_help")
    flags = members(generator, 1_200)
    # Nobody counts in the others: none of these three depends on them.
    counts = made.counts({it: of & (it in looked_at) for it, of in flags.items()})
    draws = 200
    sums: dict[tuple[str, str], Rounded] = {}
    for _ in range(draws):
        rounded = round_domain(counts, made.blocks, generator)
        for indicator in looked_at:
            for name in CATEGORIES:
                table = rounded[indicator]["registration"][name]
                sums[indicator, name] = sums.get((indicator, name), 0) + table
    for (indicator, name), total in sums.items():
        off = total / draws - counts[indicator]["registration"][name]
        # Stated tolerance: a person on a cell, a tenth on the mean of a table. Chance alone gives
        # a cell up to 0.18 (2.5 / sqrt(200)), and the largest of hundreds four times it.
        assert np.abs(off).max() < 1.0, (indicator, name)
        assert abs(off.mean()) < 0.1, (indicator, name)


@pytest.fixture(scope="module")
def large_cities() -> list[tuple[City, Counts, Counts]]:
    return [rounded_city(seed, 8_000, 40) for seed in range(6)]


@pytest.mark.parametrize(
    ("name", "worst"), [(ALL, 2.0), *((it, 3.0) for it in CATEGORIES if it != ALL)]
)
def test_networks_are_nearly_as_right_as_if_each_were_rounded_alone(
    large_cities: list[tuple[City, Counts, Counts]], name: str, worst: float
) -> None:
    ours, alone = [], []
    for made, counts, rounded in large_cities:
        networks = made.groups["registration"]
        truth = _by_network(counts["need"]["registration"][name], networks)
        given_out = _by_network(rounded["need"]["registration"][name], networks)
        large = truth >= 8
        ours.append((np.abs(given_out - truth) / np.maximum(truth, 1))[large])
        nearest = np.rint(truth / BASE) * BASE
        alone.append((np.abs(nearest - truth) / np.maximum(truth, 1))[large])
    mine, floor = np.concatenate(ours), np.concatenate(alone)
    assert np.median(mine) <= 2 * np.median(floor)
    assert np.quantile(mine, 0.95) <= worst * np.quantile(floor, 0.95)


def _by_network(table: Rounded, networks: Rounded) -> Rounded:
    sums = np.zeros((int(networks.max()) + 1, table.shape[1]), np.int64)
    np.add.at(sums, networks, table)
    return sums
