"""A chart of a report as a page shows it: its SVG, one sentence, and the table beside it."""

import re
from typing import Final, NamedTuple

from markupsafe import Markup

from template_service.aggregates.report.drawing import Cell, Chart, svg
from template_service.aggregates.report.fonts import Font, FontMissing
from template_service.aggregates.report.wording import count, percent

_ROLES: Final = re.compile(r' (?:role|aria-[a-z]+)="[^"]*"')


class Drawn(NamedTuple):
    """A chart for a page: its SVG (blank without a font), and the table beside it in words."""

    name: str
    title: str
    measure: str
    alternative: str
    svg: Markup
    columns: tuple[str, ...]
    rows: list[tuple[str, ...]]


def drawn(chart: Chart) -> Drawn:
    """A chart drawn for a page: some 70 ms, so whoever calls keeps it."""
    try:
        # Read as one picture with one sentence: Vega's roles and labels of every mark are dropped.
        picture = Markup(_ROLES.sub("", svg(chart, Font())))  # noqa: S704 -- Vega escapes texts
    except FontMissing:
        picture = Markup()
    return Drawn(
        chart.name,
        chart.title,
        chart.measure,
        chart.alternative,
        picture,
        chart.columns,
        [tuple(_in_words(cell) for cell in row) for row in chart.rows],
    )


def _in_words(cell: Cell) -> str:
    if cell is None:
        return "–"
    if isinstance(cell, float):
        return percent(cell, 1)
    return count(cell) if isinstance(cell, int) else cell
