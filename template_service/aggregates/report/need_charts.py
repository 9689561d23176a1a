"""The chart of needs by part of life, against the city."""

from functools import cache
from typing import Any, Final

import altair as alt

from template_service.aggregates.report.context import ReportContext
from template_service.aggregates.report.domain_needs import (
    DomainNeed,
    domain_needs,
    shown_domains,
)
from template_service.aggregates.report.drawing import (
    BLUE,
    GREY,
    HIGH_LINE,
    ORANGE,
    TURQUOISE,
    Cell,
    Chart,
    Margins,
    Size,
    filled,
    styled,
)
from template_service.aggregates.report.figures import Figures
from template_service.aggregates.report.wording import (
    FLAG_NAMES,
    FLAG_NOTES,
    SIGNIFICANCE_NAMES,
    domain_names,
    listed,
    percent,
)


def domains(figures: Figures, about: ReportContext, size: Size) -> Chart | None:
    """Need by domain with intervals against the city, significance as shape and word.

    It allows for age where that can be given; a share that does not says so. A domain
    that may not be shown keeps its row and says why. None when no domain has a figure.
    """
    found = domain_needs(figures, about)
    if not found:
        return None
    alike = any(need.standardised for need in found.values())
    rows = [_row(need, alike=alike) for need in found.values()]
    rows.sort(key=lambda row: -row["value"])
    missing = [_missing(figures, about, d) for d in shown_domains(about) if d not in found]
    rows += [row for row in missing if row]
    against = "" if about.here == about.city else f", against {about.city_name}"
    return Chart(
        name="domains",
        title=f"Needs by part of life{against}",
        measure=_measure(found, alike=alike),
        alternative=_in_words(about, rows, against),
        columns=(
            *("Part of life", "Had a need", "Lower", "Upper"),
            *(about.city_name, f"Against {about.city_name}", "With need", "Asked"),
            "Allowing for age",
        ),
        rows=tuple(_cells(row) for row in rows),
        specification=filled(
            _drawn("" if about.here == about.city else about.city_name, size),
            rows=[{"name": row["name"]} for row in rows],
            marks=[row for row in rows if row["value"] is not None],
            missing=[row for row in rows if row["value"] is None],
            city=[
                {"name": row["name"], "word": about.city_name, "value": row["comparison"]}
                for row in rows
                if row.get("comparison") is not None
            ],
        ),
    )


def _measure(found: dict[str, DomainNeed], *, alike: bool) -> str:
    if not alike:
        return "People with each need, of people asked"
    crude = any(not need.standardised for need in found.values())
    note = " (*not possible here)" if crude else ""
    return f"People with each need, of people asked; allowing for age{note}"


def _row(need: DomainNeed, *, alike: bool) -> dict[str, Any]:
    word = SIGNIFICANCE_NAMES.get(need.significance, _NOT_COMPARED)
    share = percent(need.value) + ("*" if alike and not need.standardised else "")
    return {
        **need._asdict(),
        "note": f"{share} {word.lower()}" if need.significance else share,
        "word": word,
    }


def _missing(figures: Figures, about: ReportContext, domain: str) -> dict[str, Any] | None:
    figure = figures.one(about.here, "need", domain=domain)
    if figure is None:
        return None
    why, note = (words.get(figure.flag, "No figure") for words in (FLAG_NAMES, FLAG_NOTES))
    return {"name": domain_names()[domain], "value": None, "word": why, "note": note}


def _cells(row: dict[str, Any]) -> tuple[Cell, ...]:
    names = ("value", "lower", "upper", "comparison", "word", "numerator", "denominator")
    alike = "Yes" if row.get("standardised") else "No"
    return (row["name"], *(row.get(name) for name in names), alike)


def _in_words(about: ReportContext, rows: list[dict[str, Any]], against: str) -> str:
    each = [
        f"{row['name']} {percent(row['value'])}"
        + (f" ({row['word'].lower()})" if row["significance"] else "")
        for row in rows
        if row["value"] is not None
    ]
    return f"Share of people asked in {about.name} who had each need{against}: {listed(each)}."


@cache
def _drawn(city: str, size: Size) -> dict[str, Any]:
    words = [*SIGNIFICANCE_NAMES.values(), _NOT_COMPARED, city]
    # Every row says its own word, so only the line of the city needs explaining.
    legend = alt.Legend(values=[city]) if city else None
    colour = alt.Color(
        "word:N",
        scale=alt.Scale(domain=words, range=[ORANGE, GREY, BLUE, BLUE, TURQUOISE]),
        legend=legend,
    )
    shape = alt.Shape(
        "word:N",
        scale=alt.Scale(domain=words, range=_SHAPES),
        legend=legend,
    )
    share = alt.X("value:Q", scale=alt.Scale(zero=True, nice=True), axis=_SHARES)
    named = alt.Y("name:N", sort=None, axis=_NAMES)
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
    return styled(chart, size, Margins(left=13.8, top=2, right=6, bottom=1.6))


_NOT_COMPARED: Final = "Not compared"
_SHAPES: Final = ["triangle-up", "circle", "triangle-down", "circle", HIGH_LINE]
_NAMES: Final = alt.Axis(title=None, ticks=False, domain=False, labelLimit=400, labelPadding=6)
_SHARES: Final = alt.Axis(
    format="%", tickCount=4, labelFlush=False, title=None, domain=False, ticks=False
)
