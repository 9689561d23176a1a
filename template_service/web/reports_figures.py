"""Figures as the pages show them: words, shares and places on a scale, flags honoured."""

from collections.abc import Iterable
from typing import Final, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from template_service.aggregates.report.figures import Figure, Figures, shown
from template_service.aggregates.report.wording import (
    FLAG_NAMES,
    SIGNIFICANCE_NAMES,
    count,
    percent,
)

NO_FIGURE: Final = "No figure"
_DIGITS: Final = 1
# Ends of a scale from 0 that can be read at a glance.
_TOPS: Final = (0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1.0)


class Mark(NamedTuple):
    """A dot, its interval and the city's line, in per cent of a scale's width."""

    at: str
    start: str
    end: str
    city: str


class Share(NamedTuple):
    """A figure for reading: `text` is the share, or says in words why there is none.

    `interval`, `people` (`335 of 900`) and `against` (`Higher`) are blank where there is nothing to
    say; `mark` is None where there is nothing to draw; `is_shown` says that there is a share.
    """

    text: str
    interval: str = ""
    people: str = ""
    against: str = ""
    mark: Mark | None = None
    is_shown: bool = False


def chosen(table: pa.Table, **columns: str | tuple[str, ...]) -> Figures:
    """The rows of a table of figures in which each column is one of these words."""
    for name, words in columns.items():
        known = pa.array([words] if isinstance(words, str) else words, pa.string())
        table = table.filter(pc.is_in(table[name], value_set=known))
    return Figures(table)


def top_of(figures: Iterable[Figure | None], *shares: float) -> float:
    """The end of a scale that holds every interval, every line of the city and other shares."""
    found = [row for figure in figures if (row := shown(figure))]
    highest = max((max(row.upper, row.comparison or 0.0) for row in found), default=0.0)
    highest = max(highest, *shares, 0.0)
    return next((top for top in _TOPS if highest <= top), _TOPS[-1])


def share(figure: Figure | None, top: float | None = None, line: float | None = None) -> Share:
    """A figure for reading, with its mark on a scale from 0 to `top` where one is given.

    The mark's line is the city's figure; where it has none, because it is of the city, `line`.
    """
    if figure is None:
        return Share(NO_FIGURE)
    row = shown(figure)
    if row is None:
        return Share(_without(figure))
    mark = None
    if top is not None:
        beside = line if row.comparison is None else row.comparison
        city = "" if beside is None else place(beside / top)
        mark = Mark(place(row.value / top), place(row.lower / top), place(row.upper / top), city)
    return Share(
        percent(row.value, _DIGITS),
        f"{percent(row.lower, _DIGITS)} to {percent(row.upper, _DIGITS)}",
        f"{count(row.numerator)} of {count(row.denominator)}",
        SIGNIFICANCE_NAMES.get(row.significance, ""),
        mark,
        is_shown=True,
    )


def place(part: float) -> str:
    """A part of a whole as a length in SVG: `12.5%`."""
    return f"{100 * part:.2f}%"


def _without(figure: Figure) -> str:
    """Why a figure has no share: its flag in words, or that only the number of people is known."""
    if figure.flag:
        return FLAG_NAMES.get(figure.flag, NO_FIGURE)
    if figure.numerator is None:
        return NO_FIGURE
    if figure.indicator == "asked":
        return f"{count(figure.numerator)} people (registered: not known)"
    return f"{count(figure.numerator)} people"
