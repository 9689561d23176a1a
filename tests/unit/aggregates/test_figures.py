"""Figures: sums over the frozen cells and nothing else, and no number that a rule holds back."""

import random
from collections import Counter
from collections.abc import Iterator
from itertools import product
from math import hypot, sqrt
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from statsmodels.stats.proportion import proportion_confint

from template_service.aggregates.coverage import Coverage
from template_service.aggregates.figures import (
    COLUMNS,
    Sources,
    Wanted,
    figure_table,
)
from template_service.aggregates.frozen_cube import CELLS, FrozenMonth
from template_service.aggregates.reporting_period import Period
from template_service.aggregates.vocabulary import GEOGRAPHY_TYPES, INDICATORS
from template_service.errors import NotFound, Unavailable
from tests.unit.aggregates.closed_city import (
    AREAS,
    CITY,
    DOMAINS,
    NETWORKS,
    cell,
    random_rows,
    write_cube,
)

MONTHS = ("2026-06", "2026-07", "2026-08", "2026-09")
COMBINATIONS = 10_000
NUMBERS = ("numerator", "denominator", "value", "lower", "upper", "comparison")
Row = dict[str, Any]


def sources(folder: Path, **coverage: Any) -> Sources:
    held = {path.stem: FrozenMonth(path, CITY) for path in (folder / "cubes").glob("*.parquet")}
    return Sources(held, AREAS, Coverage(coverage.get("tables", {})))


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("city")
    for number, month in enumerate(MONTHS):
        write_cube(folder, month, random_rows(month, number))
    return folder


@pytest.fixture(scope="module")
def sums(city: Path) -> Counter[tuple[str, ...]]:
    """Every sum there is, counted row by row: (month, area type, code, domain, cell, indicator)."""
    found: Counter[tuple[str, ...]] = Counter()
    for path in (city / "cubes").glob("*.parquet"):
        for row in pq.read_table(path).to_pylist():
            for kind, code in _areas(row):
                place = (path.stem, kind, code, row["domain"], row["breakdown"], row["category"])
                for indicator in INDICATORS:
                    found[(*place, indicator)] += row[indicator]
    return found


def _areas(row: Row) -> Iterator[tuple[str, str]]:
    if row["block"] == "registration":
        yield "city", CITY
        yield "pcn", row["pcn"]
        yield "practice", row["practice"]
    else:
        yield "ward", row["ward"]
        yield "msoa", row["msoa"]


@pytest.fixture(scope="module")
def tables(city: Path) -> dict[str, dict[tuple[str, ...], Row]]:
    """The figures of every run of months, by place."""
    made = sources(city)
    wanted = [Wanted(kind) for kind in GEOGRAPHY_TYPES]
    return {
        str(period): {_place(row): row for row in figure_table(made, period, wanted).to_pylist()}
        for period in _periods()
    }


def _periods() -> list[Period]:
    return [Period(first, last) for first, last in product(MONTHS, MONTHS) if first <= last]


def _place(row: Row) -> tuple[str, ...]:
    return tuple(
        str(row[name])
        for name in (
            "geography_type",
            "geography_code",
            "domain",
            "breakdown",
            "category",
            "indicator",
        )
    )


def test_ten_thousand_combinations_are_sums_of_their_parts_or_have_no_number(
    tables: dict[str, dict[tuple[str, ...], Row]], sums: Counter[tuple[str, ...]]
) -> None:
    chosen = random.Random(20)
    codes = {
        "city": (CITY,),
        "pcn": tuple(NETWORKS),
        "practice": tuple(AREAS.pcn_of),
        "ward": ("E05000001", "E05000002"),
        "msoa": ("E02000001", "E02000002"),
    }
    with_number = 0
    for _ in range(COMBINATIONS):
        period = chosen.choice(_periods())
        kind = chosen.choice(list(codes))
        code = chosen.choice(codes[kind])
        place = (kind, code, chosen.choice(DOMAINS), *chosen.choice(CELLS))
        indicator = chosen.choice(INDICATORS)
        row = tables[str(period)].get((*place, indicator))
        true = sum(sums[(month, *place, indicator)] for month in period.months)
        if row is None:
            _without_a_row(kind, place, true)
        elif row["flag"]:
            assert all(row[name] is None for name in NUMBERS)
            assert row["method"] == row["significance"] == ""
        else:
            with_number += 1
            assert row["numerator"] == true >= 8
            asked = sum(sums[(month, *place, "asked")] for month in period.months)
            assert row["denominator"] in (None, asked)
    assert with_number > COMBINATIONS / 5


def _without_a_row(kind: str, place: tuple[str, ...], true: int) -> None:
    of_the_city_only = place[2] in ("safety", "fairness") and kind != "city"
    assert of_the_city_only or true == 0


def test_numbers_that_are_shown_add_up(tables: dict[str, dict[tuple[str, ...], Row]]) -> None:
    added = 0
    for period, rows in tables.items():
        for place, row in rows.items():
            kind, _, domain, breakdown, category, indicator = place
            if kind != "city" or row["flag"] or domain in ("safety", "fairness"):
                continue
            parts = [
                rows[("pcn", code, domain, breakdown, category, indicator)] for code in NETWORKS
            ]
            if not any(part["flag"] for part in parts):
                added += 1
                assert sum(part["numerator"] for part in parts) == row["numerator"], period
    assert added > 500


def test_shares_have_the_intervals_statsmodels_gives(
    tables: dict[str, dict[tuple[str, ...], Row]],
) -> None:
    shown = [row for row in tables["2026-06/2026-09"].values() if row["value"] is not None]
    assert len(shown) > 1000
    for row in shown:
        count, people = row["numerator"], row["denominator"]
        lower, upper = proportion_confint(count, people, method="wilson")
        assert row["value"] == pytest.approx(count / people, rel=1e-12)
        assert (row["lower"], row["upper"]) == pytest.approx((lower, upper), rel=1e-9, abs=1e-12)
        assert row["method"] == "Wilson"


def test_an_area_is_compared_with_the_city(
    tables: dict[str, dict[tuple[str, ...], Row]],
) -> None:
    words: Counter[str] = Counter()
    for rows in tables.values():
        for place, row in rows.items():
            city = rows[("city", CITY, *place[2:])]
            if place[0] == "city" or row["value"] is None or city["value"] is None:
                assert (row["comparison"], row["significance"]) == (None, "")
                continue
            assert row["comparison"] == city["value"]
            low, high = _with_rounding(row, place)
            if min(abs(low - city["value"]), abs(high - city["value"])) < 1e-3:
                continue
            above, below = low > city["value"], high < city["value"]
            assert row["significance"] == ("higher" if above else "lower" if below else "similar")
            words[row["significance"]] += 1
    assert min(words.values()) > 20


def _with_rounding(row: Row, place: tuple[str, ...]) -> tuple[float, float]:
    """The interval with rounding beside chance; the second MSOA is a sum of two pieces."""
    roundings = len(Period.parse(row["period"]).months) * (2 if place[1] == "E02000002" else 1)
    reach = 1.96 * sqrt(2 * 25 / 6 * roundings) / row["denominator"]
    below, above = row["value"] - row["lower"], row["upper"] - row["value"]
    return row["value"] - hypot(below, reach), row["value"] + hypot(above, reach)


def test_the_columns_are_those_of_the_interface(city: Path) -> None:
    made = figure_table(sources(city), Period.parse("2026-06"), [Wanted("city")])
    assert tuple(made.column_names) == COLUMNS
    assert ",".join(COLUMNS) == (
        "period,geography_type,geography_code,geography_name,indicator,domain,breakdown,category,"
        "numerator,denominator,value,lower,upper,comparison,significance,method,flag"
    )


def test_core20_is_added_for_charts_and_only_then(city: Path) -> None:
    made, period = sources(city), Period.parse("2026-06")
    plain = figure_table(made, period, [Wanted("city")]).to_pylist()
    with_sums = figure_table(made, period, [Wanted("city")], sums=True).to_pylist()
    by_place = {_place(row): row for row in with_sums}
    assert {row["category"] for row in plain}.isdisjoint({"core20", "rest"})
    place = ("city", CITY, "any", "imd_decile")
    deciles = [by_place[(*place, decile, "asked")]["numerator"] for decile in ("1", "2")]
    assert by_place[(*place, "core20", "asked")]["numerator"] == sum(deciles)
    assert [row for row in with_sums if row["category"] not in ("core20", "rest")] == plain


PRACTICE = {"practice": "B86001", "pcn": "U10001"}


def one(folder: Path, place: tuple[str, str], domain: str, what: tuple[str, str]) -> Row:
    """The figure of need of a place, from a month of these rows."""
    made = figure_table(sources(folder), Period.parse("2026-06"), [Wanted(place[0], (place[1],))])
    return next(
        row
        for row in made.to_pylist()
        if (row["domain"], row["breakdown"], row["category"], row["indicator"])
        == (domain, *what, "need")
    )


@pytest.mark.parametrize(
    ("what", "asked", "need", "flag"),
    [
        (("all", "all"), 100, 0, "fewer_than_8"),
        (("all", "all"), 100, 5, "fewer_than_8"),
        (("all", "all"), 100, 10, ""),
        (("sex", "female"), 45, 45, "group"),
        (("sex", "female"), 500, 500, "group"),
        (("sex", "female"), 50, 45, ""),
        (("sex", "female"), 40, 45, "noise"),
        (("ethnic_group", "black"), 95, 40, "group"),
        (("ethnic_group", "black"), 100, 40, ""),
        (("ethnic_group", "gypsy_roma_traveller"), 300, 100, "group"),
    ],
)
def test_each_rule_that_holds_a_number_back(
    tmp_path: Path, what: tuple[str, str], asked: int, need: int, flag: str
) -> None:
    row = cell("2026-06", "food", what, **PRACTICE, asked=asked, need=need)
    write_cube(tmp_path, "2026-06", [row])
    found = one(tmp_path, ("pcn", "U10001"), "food", what)
    assert found["flag"] == flag
    assert found["numerator"] == (None if flag else need)


def test_travellers_are_counted_in_the_city(tmp_path: Path) -> None:
    what = ("ethnic_group", "gypsy_roma_traveller")
    write_cube(
        tmp_path,
        "2026-06",
        [cell("2026-06", "food", what, **PRACTICE, asked=300, need=100)],
    )
    assert one(tmp_path, ("city", CITY), "food", what)["numerator"] == 100


@pytest.mark.parametrize("domain", ["safety", "fairness"])
def test_safety_and_fairness_have_rows_for_the_city_only(city: Path, domain: str) -> None:
    wanted = [Wanted(kind) for kind in GEOGRAPHY_TYPES]
    rows = figure_table(sources(city), Period.parse("2026-06"), wanted).to_pylist()
    assert {row["geography_type"] for row in rows if row["domain"] == domain} == {"city"}


def test_a_sum_of_many_roundings_is_noise_where_it_is_small(tmp_path: Path) -> None:
    """Ten people in one month mean something; in a sum of two pieces they may all be rounding."""
    pieces = [
        cell(
            "2026-06",
            "food",
            ("all", "all"),
            ward=f"E0500000{piece}",
            msoa="E02000009",
            asked=50,
            need=5,
        )
        for piece in (1, 2)
    ]
    write_cube(tmp_path, "2026-06", pieces)
    assert one(tmp_path, ("msoa", "E02000009"), "food", ("all", "all"))["flag"] == "noise"


def test_asked_stands_over_the_people_registered(tmp_path: Path) -> None:
    row = cell("2026-06", "food", ("all", "all"), **PRACTICE, asked=100)
    write_cube(tmp_path, "2026-06", [row])
    lists = {("pcn", "U10001"): [400] + [-1] * (len(CELLS) - 1)}
    made = figure_table(
        sources(tmp_path, tables=lists),
        Period.parse("2026-06"),
        [Wanted("pcn", ("U10001",)), Wanted("city")],
    )
    asked = [
        row
        for row in made.to_pylist()
        if (row["indicator"], row["domain"], row["category"]) == ("asked", "food", "all")
    ]
    assert [(row["denominator"], row["value"]) for row in asked] == [(400, 0.25), (None, None)]


def test_lists_of_fewer_people_than_were_asked_are_no_denominator(tmp_path: Path) -> None:
    row = cell("2026-06", "food", ("all", "all"), **PRACTICE, asked=100)
    write_cube(tmp_path, "2026-06", [row])
    lists = {("pcn", "U10001"): [95] + [-1] * (len(CELLS) - 1)}
    made = figure_table(
        sources(tmp_path, tables=lists), Period.parse("2026-06"), [Wanted("pcn", ("U10001",))]
    )
    first = made.to_pylist()[0]
    assert (first["indicator"], first["domain"]) == ("asked", "housing")
    assert {row["denominator"] for row in made.to_pylist() if row["indicator"] == "asked"} == {None}


def test_a_month_that_is_not_there_is_named(city: Path) -> None:
    with pytest.raises(NotFound, match="2026-10"):
        figure_table(sources(city), Period.parse("2026-09/2026-10"), [Wanted("city")])


def test_a_damaged_month_is_named(tmp_path: Path) -> None:
    path = tmp_path / "2026-06.parquet"
    path.write_bytes(b"PAR1 but no more")
    with pytest.raises(Unavailable, match="2026-06"):
        FrozenMonth(path, CITY)
