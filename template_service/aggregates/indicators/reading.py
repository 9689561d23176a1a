"""Imported figures for charts: filtered, newest first where asked, never joined across a break.

A line of a chart joins figures of one breakdown (which names its IMD edition), of periods of one
form and length, and of one side of a break in the series.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path
from typing import Final

from template_service.aggregates.indicators import registry as registries
from template_service.aggregates.indicators import store
from template_service.aggregates.indicators.breakdowns import (
    category_order,
    published_as,
    read_breakdown,
)
from template_service.aggregates.indicators.figures import IndicatorValue
from template_service.aggregates.indicators.periods import Period, read_period
from template_service.aggregates.indicators.registry import Break, Indicator, Registry
from template_service.aggregates.vocabulary import GEOGRAPHY_TYPES
from template_service.errors import Invalid

_IN_DEVELOPMENT: Final = "In development: the programme has not published figures yet."
_READERS: Final[Mapping[str, Callable[[str], object]]] = {
    "breakdown": read_breakdown,
    "period": read_period,
}
_NOT_IMPORTED: Final = "No figures have been imported yet."


@dataclass(frozen=True, slots=True)
class Series:
    """Figures that may be joined in a chart, oldest first; `after_break` as on each of them."""

    indicator: int
    geography_type: str
    geography_code: str
    breakdown: str
    category: str
    after_break: str
    points: tuple[IndicatorValue, ...]


@dataclass(frozen=True, slots=True)
class Standing:
    """What there is of an indicator: its periods, oldest first, and a sentence when there is none.

    An indicator in development says so until figures of it arrive.
    """

    indicator: Indicator
    figures: int
    periods: tuple[str, ...]
    says: str


def indicator_values(
    folder: Path,
    *,
    indicator: int | None = None,
    geography_type: str | None = None,
    geography_code: str | None = None,
    breakdown: str | None = None,
    period: str | None = None,
    latest: bool = False,
    registry: Registry | None = None,
) -> tuple[IndicatorValue, ...]:
    """The current figures that fit every filter, by indicator, area, breakdown, period, category.

    `folder` is the folder of aggregates. `latest` keeps, for each indicator, kind of area and
    breakdown, the one newest period, so that areas and groups compare. A breakdown is written as in
    the file (`imd_decile_2019`, `imd_decile_2019/sex`). Raises Invalid for a filter that is not a
    word of the registry, a deprivation breakdown without its edition among them.
    """
    known = registry or registries.registry()
    filters = {
        "indicator": indicator,
        "geography_type": geography_type,
        "geography_code": geography_code,
        "breakdown": breakdown,
        "period": period,
    }
    wanted = {column: value for column, value in filters.items() if value is not None}
    _refuse_unknown(wanted, known)
    found = store.current_values(folder, wanted)
    if latest:
        found = _latest(found)
    return tuple(sorted((_flagged(value, known) for value in found), key=_reading_order))


def series(values: Iterable[IndicatorValue]) -> tuple[Series, ...]:
    """The figures as lines of a chart, in the order of `indicator_values`."""
    ordered = sorted(values, key=_line)
    found = [_as_series(tuple(points)) for _, points in groupby(ordered, key=_line)]
    return tuple(sorted(found, key=lambda line: _reading_order(line.points[0])))


def standings(folder: Path, registry: Registry | None = None) -> tuple[Standing, ...]:
    """What there is of each of the fifteen, by id."""
    known = registry or registries.registry()
    counted = store.figures_by_period(folder)
    return tuple(_standing(each, counted) for each in known.indicators)


def _standing(indicator: Indicator, counted: Mapping[tuple[int, str], int]) -> Standing:
    mine = {period: count for (number, period), count in counted.items() if number == indicator.id}
    nothing = _IN_DEVELOPMENT if indicator.developmental else _NOT_IMPORTED
    periods = tuple(sorted(mine, key=read_period))
    return Standing(indicator, sum(mine.values()), periods, "" if mine else nothing)


def _refuse_unknown(wanted: Mapping[str, object], registry: Registry) -> None:
    number, kind = wanted.get("indicator"), wanted.get("geography_type")
    if isinstance(number, int) and registry.indicator(number) is None:
        raise Invalid(f"indicator: is not one of 1 to {registry.indicators[-1].id}")
    if kind is not None and kind not in GEOGRAPHY_TYPES:
        raise Invalid(f"geography_type: is not one of {', '.join(GEOGRAPHY_TYPES)}")
    for column in wanted.keys() & _READERS.keys():
        try:
            _READERS[column](str(wanted[column]))
        except ValueError as problem:
            raise Invalid(f"{column}: {problem}") from None


def _latest(values: Sequence[IndicatorValue]) -> list[IndicatorValue]:
    newest: dict[tuple[int, str, str], Period] = {}
    for value in values:
        table, period = _table(value), read_period(value.period)
        newest[table] = max(period, newest.get(table, period))
    return [value for value in values if read_period(value.period) == newest[_table(value)]]


def _table(value: IndicatorValue) -> tuple[int, str, str]:
    return value.indicator, value.geography_type, value.breakdown


def _flagged(value: IndicatorValue, registry: Registry) -> IndicatorValue:
    indicator = registry.indicator(value.indicator)
    passed = [each for each in indicator.breaks if _is_after(value, each)] if indicator else []
    if not passed:
        return value
    return replace(value, after_break=max(passed, key=lambda each: each.since).note)


def _is_after(value: IndicatorValue, change: Break) -> bool:
    parts = {published_as(part) for part in read_breakdown(value.breakdown)}
    if change.breakdown not in parts:
        return False
    # A period that runs across the break holds figures of both sides: it continues no older line.
    return read_period(value.period).end >= read_period(change.since).end


def _line(value: IndicatorValue) -> tuple[object, ...]:
    period = read_period(value.period)
    kind = (period.form, period.months)
    return (*value.key[:1], *value.key[2:], value.after_break, *kind)


def _as_series(points: tuple[IndicatorValue, ...]) -> Series:
    first = points[0]
    return Series(
        first.indicator,
        *first.key[2:],
        first.after_break,
        tuple(sorted(points, key=lambda point: read_period(point.period))),
    )


def _reading_order(value: IndicatorValue) -> tuple[object, ...]:
    return (
        value.indicator,
        GEOGRAPHY_TYPES.index(value.geography_type),
        value.geography_code,
        value.breakdown,
        read_period(value.period),
        category_order(value.category),
    )
