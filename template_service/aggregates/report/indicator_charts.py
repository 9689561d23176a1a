"""Charts of an indicator's imported figures: along the deprivation deciles, and group by group."""

import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from template_service.aggregates.indicators.breakdowns import (
    IMD_DECILE,
    JOIN,
    category_order,
    published_as,
    read_breakdown,
)
from template_service.aggregates.indicators.figures import IndicatorValue
from template_service.aggregates.indicators.units import Unit
from template_service.aggregates.report.drawing import Chart, Size, filled
from template_service.aggregates.report.indicator_drawings import (
    BESIDE,
    COLOURS,
    GROUP,
    LETTERS,
    LINE,
    LINE_HEIGHT,
    WIDTH,
    gradient_drawn,
    groups_drawn,
)
from template_service.aggregates.report.indicator_words import (
    FIGURE_COLUMNS,
    break_words,
    breakdown_words,
    caution,
    figure_cells,
    group_words,
    has_interval,
    number_words,
)
from template_service.aggregates.report.wording import listed
from template_service.aggregates.vocabulary import IMD_DECILES

# The share of a decile's room that its series stand across.
_ACROSS: Final = 0.5
_EACH: Final = "Each decile"
# Nobody lives 0 years: an axis of life expectancy from 0 would hide every difference.
_NOT_FROM_ZERO: Final = "years"


@dataclass(frozen=True, slots=True)
class Split:
    """An indicator of one city and period by one breakdown, which all `values` have in common.

    `average` is everybody's figure of the same city and period, or None where it is not held.
    """

    indicator: str
    unit: Unit | None
    city: str
    values: tuple[IndicatorValue, ...]
    average: IndicatorValue | None

    @property
    def breakdown(self) -> str:
        """The breakdown as the file names it."""
        return self.values[0].breakdown

    @property
    def axis(self) -> str:
        """The words of the unit, where the programme has published one."""
        return self.unit.words if self.unit else "Value"

    @property
    def from_zero(self) -> bool:
        """Whether the axis of values starts at 0."""
        return self.unit is None or self.unit.code != _NOT_FROM_ZERO

    @property
    def line(self) -> str:
        """What the average's line is called; blank where there is none."""
        return f"{self.city} average" if self.average else ""


def indicator_chart(split: Split) -> Chart | None:
    """The chart of a breakdown: along the deciles (by up to four groups each), or group by group.

    Cells of `rows` are words, in the unit of the indicator. None for everybody's figure alone, for
    a crossing without deciles and for one of more than four groups, whose points would lie on one
    another.
    """
    parts = read_breakdown(split.breakdown)
    if not parts:
        return None
    if published_as(parts[0]) == IMD_DECILE:
        series = _series(split)
        return _gradient(split, series) if len(series) <= len(COLOURS) else None
    return _groups(split) if len(parts) == 1 else None


def _series(split: Split) -> dict[str, dict[str, IndicatorValue]]:
    """Each group's figures by decile, most deprived first; of one breakdown there is one group."""
    found: dict[str, dict[str, IndicatorValue]] = {}
    for value in sorted(split.values, key=lambda each: category_order(each.category)):
        decile, _, group = value.category.partition(JOIN)
        found.setdefault(group, {})[decile] = value
    by = read_breakdown(split.breakdown)[1:]
    return {
        group_words(by[0], group) if by else _EACH: found[group]
        for group in sorted(found, key=category_order)
    }


def _gradient(split: Split, series: dict[str, dict[str, IndicatorValue]]) -> Chart:
    said = "; ".join(_deciles_in_words(name, held) for name, held in series.items())
    drawn = gradient_drawn(tuple(series), split.line, split.axis, split.from_zero)
    return _chart(
        split,
        f"From decile 1, most deprived, to 10, least deprived. {said}.",
        filled(
            drawn,
            marks=[
                _mark(value, series=name, place=int(decile) + _aside(place, len(series)))
                for place, (name, held) in enumerate(series.items())
                for decile, value in held.items()
            ],
            average=_average(split),
        ),
    )


def _aside(place: int, series: int) -> float:
    """How far a series stands from the middle of a decile, so that none hides another."""
    return _ACROSS * ((place + 0.5) / series - 0.5)


def _deciles_in_words(name: str, held: dict[str, IndicatorValue]) -> str:
    each = [f"decile {decile} {_said(value)}" for decile, value in held.items()]
    absent = [decile for decile in IMD_DECILES if decile not in held]
    without = f" (not held: {listed(absent)})" if absent else ""
    return f"{name}: {listed(each)}{without}"


def _groups(split: Split) -> Chart:
    rows = list(_group_rows(split))
    lines = max(row["name"].count("\n") + 1 for row in rows)
    step = round((lines * LINE_HEIGHT + 0.75) * LETTERS)
    room = round(BESIDE.top * LETTERS) + round(BESIDE.bottom * LETTERS)
    size = Size(WIDTH, room + step * len(rows), letters=LETTERS)
    each = "; ".join(
        f"{group_words(value.breakdown, value.category)} {_said(value)}"
        + (f" ({caution(value)})" if caution(value) else "")
        for value in split.values
    )
    return _chart(
        split,
        f"{each}.",
        filled(
            groups_drawn(split.line, split.axis, split.from_zero, size),
            rows=[{"name": row["name"]} for row in rows],
            marks=rows,
            average=_average(split),
        ),
    )


def _group_rows(split: Split) -> Iterator[dict[str, Any]]:
    for value in split.values:
        name = "\n".join(textwrap.wrap(group_words(value.breakdown, value.category), LINE))
        yield _mark(value, series=GROUP, name=name, note=caution(value))


def _mark(value: IndicatorValue, **placed: object) -> dict[str, Any]:
    """A point; without both limits its line has no length and none is seen."""
    lower, upper = (value.lower, value.upper) if has_interval(value) else (None, None)
    return {**placed, "value": value.value, "lower": lower, "upper": upper}


def _average(split: Split) -> list[dict[str, Any]]:
    return [{"series": split.line, "value": split.average.value}] if split.average else []


def _said(value: IndicatorValue) -> str:
    if not has_interval(value):
        return number_words(value.value)
    limits = f"{number_words(value.lower)} to {number_words(value.upper)}"
    return f"{number_words(value.value)} ({limits})"


def _chart(split: Split, said: str, specification: dict[str, Any]) -> Chart:
    first, by = split.values[0], breakdown_words(split.breakdown)
    when = f"{split.city}, {first.period}"
    average = f" {split.line}: {_said(split.average)}." if split.average else ""
    return Chart(
        name=f"by-{split.breakdown.replace(JOIN, '-').replace('_', '-')}",
        title=f"{split.indicator} by {by}",
        measure=_measure(split, when),
        alternative=f"{split.indicator} ({split.axis}) by {by}, {when}. {said}{average}",
        columns=FIGURE_COLUMNS,
        rows=tuple(figure_cells(value) for value in split.values),
        specification=specification,
    )


def _measure(split: Split, when: str) -> str:
    held = sum(has_interval(value) for value in split.values)
    if held == len(split.values):
        interval = "lines are 95% intervals"
    else:
        interval = "lines are 95% intervals, where published" if held else "no intervals published"
    scale = "" if split.from_zero else "; the axis does not start at 0"
    broken = break_words(split.values[0])
    return f"{when}: {split.axis}; {interval}{scale}." + (f" {broken}" if broken else "")
