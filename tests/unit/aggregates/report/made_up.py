"""Plausible made-up figures of a city and its PCNs in the contract's columns; nobody is in them."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from itertools import pairwise
from math import sqrt
from random import Random
from typing import Any

import pyarrow as pa

from template_service.aggregates.figures import COLUMNS
from template_service.aggregates.frozen_cube import CORE20, REST
from template_service.aggregates.gradient_figures import Slope
from template_service.aggregates.report.child_needs import SCHOOL, UNDER_FIVE
from template_service.aggregates.report.context import (
    Gap,
    MarmotIndicator,
    ReportContext,
    Residents,
)
from template_service.aggregates.report.figures import Shown
from template_service.aggregates.statistics.estimates import Estimate
from template_service.aggregates.vocabulary import ANY, CITY_ONLY_DOMAINS, IMD_DECILES, domains

CITY_CODE, CITY_NAME = "E08000035", "Leeds"
PERIOD, BEFORE = "2026-09", "2026-08"
DEPRIVED, LEAFY = "PCN-MADE-UP-1", "PCN-MADE-UP-2"
PCN_NAMES = {DEPRIVED: "Made-up Beck PCN", LEAFY: "Made-up Hill and Long Valley PCN"}
# Registered people by decile.
PEOPLE = {
    CITY_CODE: (24, 11, 9, 8, 8, 8, 8, 8, 8, 8),
    DEPRIVED: (62, 21, 9, 5, 3, 0, 0, 0, 0, 0),
    LEAFY: (0, 0, 2, 5, 9, 12, 15, 19, 21, 17),
}
TOTAL = {CITY_CODE: 880_000, DEPRIVED: 41_000, LEAFY: 33_000}
SHARE = dict(
    zip(domains(), (15, 14, 13, 21, 9, 7, 8, 12, 18, 2, 11, 4), strict=True),
) | {ANY: 36}
STEPS = {"need": 1.0, "wants_help": 0.56, "signposted": 0.5, "referred": 0.22, "helped": 0.13}

_TYPES = {
    name: pa.float64() if name in ("value", "lower", "upper", "comparison") else pa.string()
    for name in COLUMNS
} | {"numerator": pa.int64(), "denominator": pa.int64()}


def wilson(numerator: int, denominator: int) -> tuple[float, float]:
    """The interval of Wilson, written out (E. B. Wilson, JASA 1927)."""
    share, z = numerator / denominator, 1.959963984540054
    middle = share + z * z / (2 * denominator)
    half = z * sqrt(share * (1 - share) / denominator + z * z / (4 * denominator * denominator))
    whole = 1 + z * z / denominator
    return (middle - half) / whole, (middle + half) / whole


def figure(
    numerator: int | None, denominator: int | None, *, comparison: float | None = None, **place: Any
) -> dict[str, Any]:
    """One row; small counts and whole groups are flagged, as a release does."""
    defaults = {
        "period": PERIOD,
        "geography_type": "pcn",
        "geography_code": DEPRIVED,
        "geography_name": PCN_NAMES.get(place.get("geography_code", DEPRIVED), CITY_NAME),
        "indicator": "need",
        "domain": ANY,
        "breakdown": "all",
        "category": "all",
        "method": "Wilson",
    }
    row = dict.fromkeys(COLUMNS) | defaults | place
    if numerator is None or numerator < 8:
        return row | {"flag": "fewer_than_8"}
    if denominator is None:
        return row | {"numerator": numerator, "method": ""}
    lower, upper = wilson(numerator, denominator)
    row |= {"numerator": numerator, "denominator": denominator, "comparison": comparison}
    row |= {"value": numerator / denominator, "lower": lower, "upper": upper}
    if comparison is not None:
        significance = "higher" if lower > comparison else "similar"
        row["significance"] = "lower" if upper < comparison else significance
    return row


def table(rows: Iterable[Mapping[str, Any]]) -> pa.Table:
    """Rows as an Arrow table in the contract's columns."""
    held = list(rows)
    return pa.table({name: pa.array([row[name] for row in held], _TYPES[name]) for name in COLUMNS})


def made_up_table(seed: int = 7, *, registered: bool = True) -> pa.Table:
    """Two months of a city and two PCNs: one mostly in deciles 1 and 2, one without either."""
    random = Random(seed)
    rows: list[Mapping[str, Any]] = []
    for period, size in ((BEFORE, 0.9), (PERIOD, 1.0)):
        for code in TOTAL:
            rows += _area(random, period, code, size, registered=registered)
    compared = {(r["period"], _what(r)): r["value"] for r in rows if r["geography_type"] == "city"}
    return table(
        figure(
            row["numerator"],
            row["denominator"],
            comparison=compared.get((row["period"], _what(row))),
            **{name: row[name] for name in COLUMNS[:8]},
        )
        if row["geography_type"] == "pcn" and not row["flag"]
        else row
        for row in rows
    )


def _what(row: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(row[name] for name in ("indicator", "domain", "breakdown", "category"))


def _area(
    random: Random, period: str, code: str, size: float, *, registered: bool
) -> Iterator[Mapping[str, Any]]:
    place: dict[str, Any] = {
        "period": period,
        "geography_type": "city" if code == CITY_CODE else "pcn",
        "geography_code": code,
        "geography_name": PCN_NAMES.get(code, CITY_NAME),
    }
    people = {
        decile: _five(size * TOTAL[code] * share / 100 * random.uniform(0.06, 0.09))
        for decile, share in zip(IMD_DECILES, PEOPLE[code], strict=True)
    }
    groups = people | {
        CORE20: people["1"] + people["2"],
        REST: sum(people.values()) - people["1"] - people["2"],
    }
    asked = sum(people.values())
    everyone: dict[str, Any] = {"indicator": "asked", **place}
    yield figure(asked, TOTAL[code] if registered else None, **everyone)
    yield figure(_five(asked * 0.07), asked, **(everyone | {"indicator": "declined"}))
    yield figure(_five(asked * 0.04), asked, **(everyone | {"indicator": "not_offered"}))
    mix = _mix(people)
    for domain, share in SHARE.items():
        if place["geography_type"] == "city" or domain not in CITY_ONLY_DOMAINS:
            for step, reached in STEPS.items():
                told = _five(asked * share / 100 * mix * reached * random.uniform(0.93, 1.07))
                yield figure(told, asked, **(place | {"indicator": step, "domain": domain}))
    for band, part in (("0-4", 0.05), ("5-9", 0.04), ("10-14", 0.03)):
        aged: dict[str, Any] = {"breakdown": "age_band", "category": band, **place}
        number = _five(asked * part)
        yield figure(number, _five(TOTAL[code] * part), **(aged | {"indicator": "asked"}))
        for domain, need in SHARE.items():
            if domain not in CITY_ONLY_DOMAINS:
                told = _five(number * need / 100 * mix)
                yield figure(told, number, **(aged | {"indicator": "need", "domain": domain}))
    for group, number in groups.items():
        slope = {CORE20: 1.45, REST: 0.8}.get(group) or 1.75 - 0.15 * int(group)
        for step, reached in STEPS.items():
            told = _five(number * 0.36 * slope * reached)
            broken: dict[str, Any] = {
                "indicator": step,
                "breakdown": "imd_decile",
                "category": group,
            }
            yield figure(told, number, **(place | broken))


def _mix(people: Mapping[str, int]) -> float:
    weighted = sum(number * (1.75 - 0.15 * int(decile)) for decile, number in people.items())
    return weighted / sum(people.values())


def _five(number: float) -> int:
    return 5 * round(number / 5)


def residents() -> tuple[Residents, ...]:
    """Registered people of the city and the deprived PCN, by decile, language and age of child."""
    return tuple(
        Residents(
            "city" if code == CITY_CODE else "pcn",
            breakdown,
            category,
            round(TOTAL[code] * share / 100),
        )
        for code in (CITY_CODE, DEPRIVED)
        for breakdown, categories in (
            ("imd_decile", dict(zip(IMD_DECILES, PEOPLE[code], strict=True))),
            ("child_age", {"0-4": 7, "5-9": 8, "10-14": 6}),
            ("child_decile", {"1": 13, "2": 5, "5": 3}),
        )
        for category, share in categories.items()
    )


def child_needs() -> dict[tuple[str, str], Shown]:
    """Needs of children beside the city's, of every domain a page may show."""
    return {
        (domain, ages): Shown(0.2, *wilson(40, 200), 40, 200, 0.15, "similar")
        for domain in SHARE
        for ages in (UNDER_FIVE, SCHOOL)
        if domain not in CITY_ONLY_DOMAINS
    }


def context(**changes: Any) -> ReportContext:
    """The context of the deprived PCN's demonstration report."""
    known: dict[str, Any] = {
        "pcn_code": DEPRIVED,
        "pcn_name": PCN_NAMES[DEPRIVED],
        "city_code": CITY_CODE,
        "city_name": CITY_NAME,
        "period": PERIOD,
        "previous_period": BEFORE,
        "imd_edition": "IoD 2025",
        "generated": date(2026, 10, 5),
        "demonstration": True,
        "residents": residents(),
        "gaps": GAPS,
        "indicators": INDICATORS,
        "stretches": STRETCHES,
        "slope": SLOPE,
        "child_needs": child_needs(),
    }
    return ReportContext(**(known | changes))


_ENDS = [sum(PEOPLE[CITY_CODE][:decile]) / 100 for decile in range(11)]
STRETCHES = dict(zip(IMD_DECILES, pairwise(_ENDS), strict=True))
SLOPE = Slope(
    deciles=IMD_DECILES,
    ranks=tuple(sum(ends) / 2 for ends in STRETCHES.values()),
    start=0.6,
    sii=Estimate(-0.5, -0.55, -0.45, "Simulated"),
    rii=Estimate(0.17, 0.1, 0.24, "Simulated"),
)
GAPS = (
    Gap("help with damp and mould", ("First Made-up Ward", "Second Made-up Ward"), 35),
    Gap("a break for carers", ("First Made-up Ward",), 15, families=True),
    Gap("help with gambling", ("Third Made-up Ward", "Second Made-up Ward"), None),
)
INDICATORS = tuple(
    MarmotIndicator(
        number=number,
        name=name,
        unit=unit,
        period="2022/23",
        place="Made-up wards",
        value=value,
        lower=None if span is None else value - span,
        upper=None if span is None else value + span,
        city_value=city,
        source="made up for tests",
    )
    for number, name, unit, value, span, city in (
        (1, "Life expectancy at birth", "years", 75.1, 0.8, 80.2),
        (2, "Low birth weight babies", "per 1,000 live births", 96.0, 12.0, 78.0),
        (4, "Good level of development at end of reception", "%", 55.2, 3.1, 63.4),
        (5, "Expected standard in reading, writing and maths, end of KS2", "%", 49.0, 3.0, 58.3),
        (8, "16–17-year-olds not in employment, education or training", "%", 9.8, 1.9, 6.1),
        (9, "Common mental health issues", "per 100,000", 21000.0, 400.0, 17500.0),
        (13, "Physical inactivity, adults 50+", "%", 38.0, None, 29.5),
    )
)
