"""How charts of imported figures are drawn; their data are filled in for each chart."""

from functools import cache
from typing import Any, Final

import altair as alt

from template_service.aggregates.report.drawing import (
    BLUE,
    FLAT_LINE,
    HIGH_LINE,
    ORANGE,
    PINK,
    PURPLE,
    TURQUOISE,
    Margins,
    Size,
    styled,
)
from template_service.aggregates.vocabulary import IMD_DECILES

COLOURS: Final = (BLUE, PINK, TURQUOISE, PURPLE)
_SHAPES: Final = ("circle", "diamond", "square", "triangle-up")
_ALONG: Final = Margins(left=6.8, top=2.6, right=1, bottom=3.6)
BESIDE: Final = Margins(left=15, top=2.6, right=14.5, bottom=3.6)
_GRADIENT_SIZE: Final = Size(536, 260, letters=11)
WIDTH: Final = 536
LETTERS: Final = 11.0
# Letters of a group's name on one line, and the height of a line in letter sizes.
LINE: Final = 28
LINE_HEIGHT: Final = 1.25
# The longest name that can be imported has 100 letters.
_MOST_LINES: Final = 8
_LEGEND_COLUMN: Final = 14
GROUP: Final = "Group"


def _scale(*, from_zero: bool) -> alt.Scale:
    """The scale of values; one that does not start at 0 leaves room below the lowest point."""
    return alt.Scale(zero=True, nice=True) if from_zero else alt.Scale(zero=False, padding=12)


def _middle() -> dict[str, Any]:
    """Names of several lines stand around the middle of their row, not below it."""
    return {
        "condition": [
            {
                "test": f"length(split(datum.label, '\\n')) == {lines}",
                "value": -round((lines - 1) / 2 * LINE_HEIGHT * LETTERS),
            }
            for lines in range(2, _MOST_LINES + 1)
        ],
        "value": 0,
    }


def _legend(margins: Margins, shown: list[str]) -> alt.Legend | None:
    """A row from the chart's own edge, of what needs a word."""
    if not shown:
        return None
    return alt.Legend(
        values=shown,
        orient="none",
        direction="horizontal",
        legendX=-round((margins.left - 0.5) * LETTERS),
        legendY=-round(margins.top * LETTERS) + 4,
        columnPadding=_LEGEND_COLUMN,
        labelLimit=WIDTH,
    )


@cache
def gradient_drawn(
    series: tuple[str, ...], average: str, unit: str, from_zero: bool
) -> dict[str, Any]:
    """Points of up to four series over the ten deciles; data sets `marks` and `average`.

    `average` is the word of the average's line, blank where there is none.
    """
    size, named = _GRADIENT_SIZE, [*series, *([average] if average else [])]
    colours = [*COLOURS[: len(series)], *([ORANGE] if average else [])]
    shapes = [*_SHAPES[: len(series)], *([FLAT_LINE] if average else [])]
    legend = _legend(_ALONG, named)
    colour = alt.Color("series:N", scale=alt.Scale(domain=named, range=colours), legend=legend)
    shape = alt.Shape("series:N", scale=alt.Scale(domain=named, range=shapes), legend=legend)
    # All ten have their room, so that a decile that is not held is a gap that can be seen.
    decile = alt.X(
        "place:Q",
        scale=alt.Scale(domain=[0.5, len(IMD_DECILES) + 0.5], nice=False),
        axis=alt.Axis(
            values=[int(each) for each in IMD_DECILES],
            format="d",
            labelOverlap=False,
            grid=False,
            ticks=False,
            title="Decile: 1 most deprived, 10 least deprived",
        ),
    )
    value = alt.Y(
        "value:Q",
        axis=alt.Axis(title=unit, tickCount=5, domain=False, ticks=False),
        scale=_scale(from_zero=from_zero),
    )
    marks = alt.Chart(alt.NamedData("marks")).encode(x=decile, color=colour)
    chart = alt.layer(
        alt.Chart(alt.NamedData("average"))
        .mark_rule(strokeWidth=size.line(2))
        .encode(y=value, color=colour),
        marks.mark_rule(strokeWidth=size.line(1.5)).encode(y="lower:Q", y2="upper:Q"),
        marks.mark_point(filled=True, size=size.mark(45), opacity=1).encode(y=value, shape=shape),
    )
    return styled(chart, size, _ALONG)


@cache
def groups_drawn(average: str, unit: str, from_zero: bool, size: Size) -> dict[str, Any]:
    """Points of groups, one below the other; data sets `rows`, `marks` and `average`."""
    words = [GROUP, average]
    # Every group says its own name: only the line needs explaining.
    legend = _legend(BESIDE, [average] if average else [])
    colours, shapes = [BLUE, ORANGE], ["circle", HIGH_LINE]
    colour = alt.Color("series:N", scale=alt.Scale(domain=words, range=colours), legend=legend)
    shape = alt.Shape("series:N", scale=alt.Scale(domain=words, range=shapes), legend=legend)
    named = alt.Y(
        "name:N",
        sort=None,
        axis=alt.Axis(
            title=None,
            ticks=False,
            domain=False,
            labelExpr="split(datum.label, '\\n')",
            labelLineHeight=round(LINE_HEIGHT * LETTERS),
            labelOffset=_middle(),
            labelLimit=WIDTH,
            labelOverlap=False,
            labelPadding=6,
        ),
    )
    value = alt.X(
        "value:Q",
        axis=alt.Axis(title=unit, tickCount=4, labelFlush=False, domain=False, ticks=False),
        scale=_scale(from_zero=from_zero),
    )
    marks = alt.Chart(alt.NamedData("marks")).encode(y=named)
    chart = alt.layer(
        # Drawn first and unseen: it holds every group in its order.
        alt.Chart(alt.NamedData("rows")).mark_point(opacity=0, color=BLUE).encode(y=named),
        alt.Chart(alt.NamedData("average"))
        .mark_rule(strokeWidth=size.line(2))
        .encode(x=value, color=colour),
        marks.mark_rule(strokeWidth=size.line(1.5)).encode(x="lower:Q", x2="upper:Q", color=colour),
        marks.mark_point(filled=True, size=size.mark(45), opacity=1).encode(
            x=value, color=colour, shape=shape
        ),
        marks.mark_text(align="left").encode(x=alt.value(alt.expr("width + 8")), text="note:N"),
    )
    return styled(chart, size, BESIDE)
