"""The chart of need along the whole deprivation gradient, drawn over the ranks of people asked."""

from collections.abc import Iterator
from functools import cache
from typing import Any, Final

import altair as alt

from template_service.aggregates.gradient_figures import Slope
from template_service.aggregates.report.context import ReportContext
from template_service.aggregates.report.drawing import (
    BLUE,
    FLAT_LINE,
    GREY,
    ORANGE,
    PINK,
    Chart,
    Margins,
    Size,
    filled,
    styled,
)
from template_service.aggregates.report.figures import Area, Figures, Shown, shown
from template_service.aggregates.report.rank_axis import drawn_part, number_places
from template_service.aggregates.report.wording import listed, percent
from template_service.aggregates.vocabulary import IMD_DECILES

_MARGINS: Final = Margins(left=3.4, top=2.2, right=0.8, bottom=2.9)
# Points that stand side by side in a decile, in letter sizes from its middle.
_ASIDE: Final = 0.38
_FAINT: Final = "#DDDDDD"
_THIS: Final = "Here"
_AVERAGE: Final = "Average"
_SLOPE: Final = "Slope"
_DECILES: Final = "Decile: 1 most deprived; width: people asked"


def gradient(figures: Figures, about: ReportContext, size: Size) -> Chart | None:
    """Need by decile across the city over the ranks of the people asked, from the most deprived.

    Each decile is as wide as its share of the city's people asked, so that the city's slope is
    drawn where it was fitted; the area's own deciles stand beside the city's. None when the city
    has no decile or no average to show.
    """
    average = shown(figures.one(about.city, "need"))
    city = _by_decile(figures, about.city)
    here = _by_decile(figures, about.here) if about.here != about.city else {}
    if average is None or not city or not about.stretches:
        return None
    return Chart(
        name="gradient",
        title="Need along the whole gradient",
        measure=f"At least one need, of people asked. {about.city_name}: {percent(average.value)}",
        alternative=_in_words(about, average, city, here),
        columns=("Area", "Decile", "Had a need", "Lower", "Upper", "With need", "Asked"),
        rows=tuple(
            (area, decile, row.value, row.lower, row.upper, row.numerator, row.denominator)
            for area, deciles in ((about.city_name, city), (about.name, here))
            for decile, row in deciles.items()
        ),
        specification=filled(
            _drawn(about.city_name, bool(here), size),
            marks=[
                *_marks(about, about.city_name, city, -_aside(size) if here else 0.0),
                *_marks(about, _THIS, here, _aside(size)),
            ],
            deciles=list(_stretches(about, size)),
            average=[{"series": _AVERAGE, "value": average.value}],
            slope=_line(about.slope),
        ),
    )


def slope_in_words(about: ReportContext) -> str:
    """The city's slope and, where it has one, the network's, each with its interval; or nothing."""
    if about.slope is None:
        return ""
    words = (
        "From the most to the least deprived person asked,"
        f" {_fall(about.slope)} in every 100 had a need across {about.city_name}"
        f" (95% interval {_limits(about.slope)})"
    )
    if about.own_slope is None:
        return f"{words}."
    return f"{words}, and {_fall(about.own_slope)} within this PCN ({_limits(about.own_slope)})."


def _fall(slope: Slope) -> str:
    """What lies between both ends of the line, in people of every 100."""
    return f"{abs(100 * slope.sii.value):.0f} {'fewer' if slope.sii.value < 0 else 'more'}"


def _limits(slope: Slope) -> str:
    """Both limits, written as the fall is: the smaller first, below 0 where it may be a rise."""
    sign = -1 if slope.sii.value < 0 else 1
    first, last = sorted(sign * 100 * limit for limit in (slope.sii.lower, slope.sii.upper))
    return f"{first:.0f} to {last:.0f}"


def _by_decile(figures: Figures, area: Area) -> dict[str, Shown]:
    found = (
        (decile, shown(figures.one(area, "need", breakdown="imd_decile", category=decile)))
        for decile in IMD_DECILES
    )
    return {decile: row for decile, row in found if row}


def _marks(
    about: ReportContext, series: str, deciles: dict[str, Shown], aside: float
) -> Iterator[dict[str, Any]]:
    for decile, row in deciles.items():
        if decile in about.stretches:
            yield {
                "series": series,
                "rank": sum(about.stretches[decile]) / 2 + aside,
                "value": row.value,
                "lower": row.lower,
                "upper": row.upper,
            }


def _plot_width(size: Size) -> float:
    return size.width - round(_MARGINS.left * size.letters) - round(_MARGINS.right * size.letters)


def _aside(size: Size) -> float:
    return _ASIDE * size.letters / _plot_width(size)


def _stretches(about: ReportContext, size: Size) -> Iterator[dict[str, Any]]:
    """Where each decile begins, its middle, and its number where there is room for it."""
    places = number_places(about.stretches, _plot_width(size) / size.letters)
    for decile, (start, end) in about.stretches.items():
        middle = (start + end) / 2
        label = decile if decile in places else ""
        yield {
            "start": start,
            "middle": middle,
            "place": places.get(decile, middle),
            "label": label,
        }


def _line(slope: Slope | None) -> list[dict[str, Any]]:
    if slope is None:
        return []
    ends = drawn_part(slope.start, slope.start + slope.sii.value)
    return [{"series": _SLOPE, "rank": end.rank, "value": end.value} for end in ends]


def _in_words(
    about: ReportContext, average: Shown, city: dict[str, Shown], here: dict[str, Shown]
) -> str:
    each = listed([f"{decile}: {percent(row.value)}" for decile, row in city.items()])
    words = (
        f"Share of people asked who had a need, by deprivation decile in {about.city_name}, from 1,"
        f" most deprived, to 10: {each}. The average is {percent(average.value)}."
    )
    if here:
        own = listed([f"{decile}: {percent(row.value)}" for decile, row in here.items()])
        words = f"{words} {about.name} by decile: {own}."
    # Only what stands in the table is told as a percentage.
    return f"{words} {slope_in_words(about).replace('95% interval', 'interval')}".rstrip()


@cache
def _drawn(city: str, marked: bool, size: Size) -> dict[str, Any]:
    series = [city, *([_THIS] if marked else []), _AVERAGE, _SLOPE]
    colours = [BLUE, *([PINK] if marked else []), ORANGE, GREY]
    shapes = ["circle", *(["diamond"] if marked else []), FLAT_LINE, FLAT_LINE]
    axis = alt.Axis(
        labels=False,
        grid=False,
        ticks=False,
        title=_DECILES,
        titlePadding=round(1.6 * size.letters),
    )
    rank = alt.X("rank:Q", scale=alt.Scale(domain=[0, 1], nice=False), axis=axis)
    value = alt.Y(
        "value:Q",
        axis=alt.Axis(format="%", tickCount=5, title=None, domain=False, ticks=False),
        scale=alt.Scale(zero=True, nice=True),
    )
    # From the chart's own edge: four words in one row of the narrowest chart.
    legend = alt.Legend(
        orient="none",
        direction="horizontal",
        legendX=-round((_MARGINS.left - 0.5) * size.letters),
        legendY=-round(_MARGINS.top * size.letters) + 2,
        columnPadding=3,
        symbolSize=size.mark(36),
    )
    colour = alt.Color("series:N", scale=alt.Scale(domain=series, range=colours), legend=legend)
    shape = alt.Shape("series:N", scale=alt.Scale(domain=series, range=shapes), legend=legend)
    marks = alt.Chart(alt.NamedData("marks")).encode(x=rank, color=colour)
    deciles = alt.Chart(alt.NamedData("deciles"))
    chart = alt.layer(
        deciles.mark_rule(color=_FAINT).encode(x="start:Q"),
        alt.Chart(alt.NamedData("average"))
        .mark_rule(strokeWidth=size.line(2))
        .encode(y=value, color=colour),
        alt.Chart(alt.NamedData("slope"))
        .mark_line(strokeWidth=size.line(1.2))
        .encode(x=rank, y=value, color=colour),
        marks.mark_rule(strokeWidth=size.line(1.5)).encode(y="lower:Q", y2="upper:Q"),
        marks.mark_point(filled=True, size=size.mark(40), opacity=1).encode(y=value, shape=shape),
        deciles.mark_text(baseline="top").encode(
            x="place:Q", y=alt.value(alt.expr("height + 5")), text="label:N"
        ),
    )
    return styled(chart, size, _MARGINS)
