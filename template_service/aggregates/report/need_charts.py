"""Charts of need: the city's gradient over deciles, and the domains of an area against the city."""

from functools import cache
from typing import Any, Final

import altair as alt

from template_service.aggregates.report.context import ReportContext
from template_service.aggregates.report.drawing import (
    BLUE,
    FLAT_LINE,
    GREY,
    HIGH_LINE,
    ORANGE,
    PINK,
    TURQUOISE,
    Cell,
    Chart,
    Margins,
    Size,
    filled,
    styled,
)
from template_service.aggregates.report.figures import Area, Figures, Shown, shown
from template_service.aggregates.report.wording import (
    FLAG_NAMES,
    SIGNIFICANCE_NAMES,
    domain_names,
    listed,
    percent,
)
from template_service.aggregates.vocabulary import ANY, CITY_ONLY_DOMAINS, IMD_DECILES

# Safety is on no page for people; fairness is published for the city only.
NEVER_ON_A_PAGE: Final = ("safety",)


def gradient(figures: Figures, about: ReportContext, size: Size) -> Chart | None:
    """Need by deprivation decile across the city, its average, and the area's own deciles marked.

    No line is fitted: deciles do not hold equal shares of the city, so a line over them would not
    be the slope. None when the city has no decile or no average to show.
    """
    average = shown(figures.one(about.city, "need"))
    city = _by_decile(figures, about.city)
    here = _by_decile(figures, about.here) if about.here != about.city else {}
    if average is None or not city:
        return None
    marks = [_mark(about.city_name, decile, row) for decile, row in city.items()]
    marks += [_mark(_THIS, decile, row) for decile, row in here.items()]
    drawn = _gradient_drawn(about.city_name, bool(here), size)
    return Chart(
        name="gradient",
        title="Need along the whole gradient",
        measure=f"At least one need, of people asked. {about.city_name}: {percent(average.value)}",
        alternative=_gradient_in_words(about, average, city, here),
        columns=("Area", "Decile", "Had a need", "Lower", "Upper", "With need", "Asked"),
        rows=tuple(
            (area, decile, row.value, row.lower, row.upper, row.numerator, row.denominator)
            for area, deciles in ((about.city_name, city), (about.name, here))
            for decile, row in deciles.items()
        ),
        specification=filled(drawn, marks=marks, average=[{"value": average.value}]),
    )


def _by_decile(figures: Figures, area: Area) -> dict[str, Shown]:
    found = (
        (decile, shown(figures.one(area, "need", breakdown="imd_decile", category=decile)))
        for decile in IMD_DECILES
    )
    return {decile: row for decile, row in found if row}


def _mark(series: str, decile: str, row: Shown) -> dict[str, Any]:
    return {
        "series": series,
        "decile": decile,
        "value": row.value,
        "lower": row.lower,
        "upper": row.upper,
    }


def _gradient_in_words(
    about: ReportContext, average: Shown, city: dict[str, Shown], here: dict[str, Shown]
) -> str:
    each = listed([f"{decile}: {percent(row.value)}" for decile, row in city.items()])
    words = (
        f"Share of people asked who had a need, by deprivation decile in {about.city_name}, from 1,"
        f" most deprived, to 10: {each}. The average is {percent(average.value)}."
    )
    if not here:
        return words
    own = listed([f"{decile}: {percent(row.value)}" for decile, row in here.items()])
    return f"{words} {about.name} by decile: {own}."


@cache
def _gradient_drawn(city: str, marked: bool, size: Size) -> dict[str, Any]:
    series = [city, *([_THIS] if marked else []), "Average"]
    colours = [BLUE, *([PINK] if marked else []), ORANGE]
    shapes = ["circle", *(["diamond"] if marked else []), FLAT_LINE]
    decile = alt.X(
        "decile:O",
        scale=alt.Scale(domain=list(IMD_DECILES)),
        axis=alt.Axis(labelAngle=0, title=_DECILES, ticks=False),
    )
    colour = alt.Color("series:N", scale=alt.Scale(domain=series, range=colours))
    beside = alt.XOffset("series:N", scale=alt.Scale(domain=series[:-1]))
    marks = alt.Chart(alt.NamedData("marks")).encode(x=decile, xOffset=beside, color=colour)
    line = alt.Chart(alt.NamedData("average")).mark_rule(color=ORANGE, strokeWidth=size.line(2))
    shape = alt.Shape("series:N", scale=alt.Scale(domain=series, range=shapes))
    chart = alt.layer(
        line.encode(y=alt.Y("value:Q")),
        marks.mark_rule(strokeWidth=size.line(1.5)).encode(
            y=_percent_axis("lower:Q"), y2="upper:Q"
        ),
        marks.mark_point(filled=True, size=size.mark(45), opacity=1).encode(
            y="value:Q", shape=shape
        ),
    )
    return styled(chart, size, Margins(left=3.4, top=2.2, right=0.6, bottom=2.9))


def _percent_axis(field: str) -> alt.Y:
    axis = alt.Axis(format="%", tickCount=5, title=None, domain=False, ticks=False)
    return alt.Y(field, axis=axis, scale=alt.Scale(zero=True, nice=True))


def shown_domains(about: ReportContext) -> tuple[str, ...]:
    """The domains a page about this area may show, in the order of the template."""
    hidden = NEVER_ON_A_PAGE if about.here == about.city else (*NEVER_ON_A_PAGE, *CITY_ONLY_DOMAINS)
    return tuple(code for code in domain_names() if code not in (ANY, *hidden))


def domains(figures: Figures, about: ReportContext, size: Size) -> Chart | None:
    """Need by domain with intervals against the city, significance as shape and word.

    A domain that may not be shown keeps its row and says why. None when no domain has a figure.
    """
    found = (_domain(figures, about, domain) for domain in shown_domains(about))
    rows = sorted((row for row in found if row), key=lambda row: -(row["value"] or 0))
    if not any(row["value"] is not None for row in rows):
        return None
    return Chart(
        name="domains",
        title="Needs by part of life"
        + ("" if about.here == about.city else f", against {about.city_name}"),
        measure="People with each need, of people asked",
        alternative=_domains_in_words(about, rows),
        columns=(
            *("Part of life", "Had a need", "Lower", "Upper"),
            *(about.city_name, f"Against {about.city_name}", "With need", "Asked"),
        ),
        rows=tuple(_domain_cells(row) for row in rows),
        specification=filled(
            _domains_drawn(about.city_name, size),
            rows=[{"domain": row["domain"]} for row in rows],
            marks=[row for row in rows if row["value"] is not None],
            missing=[row for row in rows if row["value"] is None],
            city=[_city_mark(about, row) for row in rows if row.get("comparison") is not None],
        ),
    )


def _domain(figures: Figures, about: ReportContext, domain: str) -> dict[str, Any] | None:
    figure = figures.one(about.here, "need", domain=domain)
    if figure is None:
        return None
    row, word = shown(figure), SIGNIFICANCE_NAMES.get(figure.significance, _NOT_COMPARED)
    if row is None:
        why = FLAG_NAMES.get(figure.flag, "No figure")
        return {"domain": domain_names()[domain], "value": None, "word": why, "note": why}
    return {
        "domain": domain_names()[domain],
        "note": f"{percent(row.value)} {word.lower()}" if row.significance else percent(row.value),
        "word": word,
        **row._asdict(),
    }


def _domain_cells(row: dict[str, Any]) -> tuple[Cell, ...]:
    names = ("value", "lower", "upper", "comparison", "word", "numerator", "denominator")
    return (row["domain"], *(row.get(name) for name in names))


def _domains_in_words(about: ReportContext, rows: list[dict[str, Any]]) -> str:
    each = [
        f"{row['domain']} {percent(row['value'])}"
        + (f" ({row['word'].lower()})" if row["significance"] else "")
        for row in rows
        if row["value"] is not None
    ]
    against = "" if about.here == about.city else f", against {about.city_name}"
    return f"Share of people asked in {about.name} who had each need{against}: {listed(each)}."


def _city_mark(about: ReportContext, row: dict[str, Any]) -> dict[str, Any]:
    return {"domain": row["domain"], "word": about.city_name, "value": row["comparison"]}


@cache
def _domains_drawn(city: str, size: Size) -> dict[str, Any]:
    words = [*SIGNIFICANCE_NAMES.values(), _NOT_COMPARED, city]
    colour = alt.Color(
        "word:N",
        scale=alt.Scale(domain=words, range=[ORANGE, GREY, BLUE, GREY, TURQUOISE]),
        # Every row says its own word, so only the line of the city needs explaining.
        legend=alt.Legend(values=[city]),
    )
    shape = alt.Shape(
        "word:N",
        scale=alt.Scale(domain=words, range=_SHAPES),
        legend=alt.Legend(values=[city]),
    )
    share = alt.X("value:Q", scale=alt.Scale(zero=True, nice=True), axis=_SHARES)
    named = alt.Y("domain:N", sort=None, axis=_NAMES)
    marks = alt.Chart(alt.NamedData("marks")).encode(y=named)
    missing = alt.Chart(alt.NamedData("missing")).mark_text(align="left", dx=2)
    chart = alt.layer(
        # Drawn first and unseen: it holds every row in its order.
        alt.Chart(alt.NamedData("rows")).mark_point(opacity=0, color=GREY).encode(y=named),
        alt.Chart(alt.NamedData("city"))
        .mark_point(size=size.mark(110), filled=True, opacity=1)
        .encode(x=share, y=named, color=colour, shape=shape),
        marks.mark_rule(strokeWidth=size.line(1.5)).encode(x="lower:Q", x2="upper:Q", color=colour),
        marks.mark_point(size=size.mark(55), filled=True, opacity=1).encode(
            x=share, color=colour, shape=shape
        ),
        marks.mark_text(align="left").encode(x=alt.value(alt.expr("width + 6")), text="note:N"),
        missing.encode(x=alt.value(0), y=named, text="note:N"),
    )
    return styled(chart, size, Margins(left=13.4, top=2, right=6, bottom=1.6))


_THIS: Final = "This PCN"
_NOT_COMPARED: Final = "Not compared"
_SHAPES: Final = ["triangle-up", "circle", "triangle-down", "circle", HIGH_LINE]
_DECILES: Final = "Deprivation decile, 1 most to 10 least deprived"
_NAMES: Final = alt.Axis(title=None, ticks=False, domain=False, labelLimit=400, labelPadding=6)
_SHARES: Final = alt.Axis(format="%", tickCount=5, title=None, domain=False, ticks=False)
