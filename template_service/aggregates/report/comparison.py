"""Two networks side by side, or two periods of one area, with what lies between them."""

from collections.abc import Iterator
from math import hypot
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from template_service.aggregates.areas import CITY, PCN
from template_service.aggregates.figures import Wanted
from template_service.aggregates.released_figures import ReleasedFigures
from template_service.aggregates.report.domain_needs import NEVER_ON_A_PAGE
from template_service.aggregates.report.drawing import Cell
from template_service.aggregates.report.figures import Area, Figure, Figures, Shown, shown
from template_service.aggregates.report.wording import (
    FLAG_NAMES,
    INDICATOR_NAMES,
    SIGNIFICANCE_NAMES,
    domain_names,
    period_name,
)
from template_service.aggregates.report_assembly import Subject
from template_service.aggregates.reporting_period import Period
from template_service.aggregates.rounding_noise import share_reach, widened
from template_service.aggregates.statistics.comparison import (
    HIGHER,
    LOWER,
    SIMILAR,
    Significance,
)
from template_service.aggregates.vocabulary import ALL, ANY, CITY_ONLY_DOMAINS, INDICATORS
from template_service.errors import Invalid


class Difference(NamedTuple):
    """Left minus right, from -1 to 1, with its 95 % interval; `significance` is of the left."""

    value: float
    lower: float
    upper: float
    significance: Significance


class Row(NamedTuple):
    """One indicator of one domain on both sides; a side without numbers is None, and `why` says so.

    There is a difference where both sides have numbers.
    """

    domain: str
    indicator: str
    left: Shown | None
    right: Shown | None
    difference: Difference | None
    why: str


class Comparison(NamedTuple):
    """Both sides by their names, and the rows in the order of domains and indicators."""

    left: str
    right: str
    rows: tuple[Row, ...]

    def row(self, domain: str, indicator: str) -> Row | None:
        """The row of a domain and an indicator, or None."""
        wanted = (domain, indicator)
        return next((row for row in self.rows if (row.domain, row.indicator) == wanted), None)

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of `cells`."""
        sides = (
            f"{side}{part}" for side in (self.left, self.right) for part in ("", " from", " to")
        )
        return (
            *("Part of life", "What is counted", *sides),
            *("Difference", "Difference from", "Difference to", f"{self.left} is"),
        )

    def cells(self) -> tuple[tuple[Cell, ...], ...]:
        """The rows as a table; shares are 0 to 1, what may not be shown is None."""
        return tuple(
            (
                *(domain_names()[row.domain], INDICATOR_NAMES[row.indicator]),
                *(row.left[:3] if row.left else (None,) * 3),
                *(row.right[:3] if row.right else (None,) * 3),
                *(row.difference[:3] if row.difference else (None,) * 3),
                SIGNIFICANCE_NAMES[row.difference.significance] if row.difference else row.why,
            )
            for row in self.rows
        )


def compare(released: ReleasedFigures, left: Subject, right: Subject) -> Comparison:
    """Two networks in one period, or two periods of one network or of the city (None).

    Shares are as they were, not allowing for age. Of a hundred rows about five differ by chance
    alone. Raises `NotFound` as reports do, and `Invalid` where both network and period differ or
    neither, where a network is set against the city it is a part of, and where periods overlap.
    """
    _refuse(left, right)
    sides = [_side(released, subject) for subject in (left, right)]
    rows = tuple(_rows(*sides, below_city=left.pcn is not None))
    if left.period == right.period:
        names = [released.areas.known(PCN, str(subject.pcn)) for subject in (left, right)]
    else:
        names = [period_name(str(subject.period)) for subject in (left, right)]
    return Comparison(names[0], names[1], rows)


def difference(left: Shown, right: Shown, roundings: tuple[int, int] = (0, 0)) -> Difference:
    """The difference of two proportions of different people by Newcombe's hybrid of intervals.

    The limits of both are taken to be Wilson's. `roundings` is how many months each sums: higher or
    lower is said only where rounding may not have made the difference either.

    Source: R. G. Newcombe, Interval estimation for the difference between independent proportions:
    comparison of eleven methods, Statistics in Medicine 17 (1998), 873-890, method 10.
    """
    value = left.value - right.value
    lower = value - hypot(left.value - left.lower, right.upper - right.value)
    upper = value + hypot(left.upper - left.value, right.value - right.lower)
    reach = hypot(
        *(
            float(share_reach(side.denominator, months))
            for side, months in zip((left, right), roundings, strict=True)
        )
    )
    low, high = widened(value, (lower, upper), reach)
    return Difference(value, lower, upper, HIGHER if low > 0 else LOWER if high < 0 else SIMILAR)


def _refuse(left: Subject, right: Subject) -> None:
    if left.pcn != right.pcn and left.period != right.period:
        raise Invalid("Compare two networks in one period, or two periods of one area")
    if left == right:
        raise Invalid(
            "Both sides of the comparison are the same, so there is nothing between them. Choose"
            " another network, or another period, for one of them"
        )
    if left.pcn != right.pcn and None in (left.pcn, right.pcn):
        raise Invalid("A network is part of the city; its report compares it with the city")
    shared = set(left.period.months) & set(right.period.months)
    if left.pcn == right.pcn and shared:
        raise Invalid(f"Both periods have {', '.join(sorted(shared))}; compare periods apart")


def _side(released: ReleasedFigures, subject: Subject) -> tuple[Figures, Area]:
    code = subject.pcn or released.areas.city
    if subject.pcn:
        released.areas.known(PCN, subject.pcn)
    kind = PCN if subject.pcn else CITY
    table: pa.Table = released.table(subject.period, [Wanted(kind, (code,))])
    everyone = table.filter(pc.equal(table["breakdown"], ALL))
    return Figures(everyone), Area(str(subject.period), kind, code)


def _rows(
    left: tuple[Figures, Area], right: tuple[Figures, Area], *, below_city: bool
) -> Iterator[Row]:
    hidden = (*NEVER_ON_A_PAGE, *(CITY_ONLY_DOMAINS if below_city else ()))
    for domain in (ANY, *(code for code in domain_names() if code not in (ANY, *hidden))):
        for indicator in INDICATORS:
            figures = [side.one(area, indicator, domain=domain) for side, area in (left, right)]
            here, there = (shown(figure) for figure in figures)
            months = (_months(left[1]), _months(right[1]))
            apart = difference(here, there, months) if here and there else None
            yield Row(domain, indicator, here, there, apart, _why(figures))


def _months(area: Area) -> int:
    return len(Period.parse(area.period).months)


def _why(figures: list[Figure | None]) -> str:
    """Why a difference is missing: the flag of the first side that has one."""
    flags = [FLAG_NAMES[figure.flag] for figure in figures if figure and figure.flag]
    return next(iter(flags), "" if all(map(shown, figures)) else "Not known")
