"""Charts of the people and the work: who lives here, who was asked, from need to help."""

from dataclasses import replace
from functools import cache
from typing import Any, Final, NamedTuple

import altair as alt

from template_service.aggregates.figure_rules import FEWEST
from template_service.aggregates.frozen_cube import CORE20, REST
from template_service.aggregates.report.context import ReportContext
from template_service.aggregates.report.drawing import (
    BLUE,
    FLAT_LINE,
    GREY,
    ORANGE,
    PURPLE,
    TURQUOISE,
    Cell,
    Chart,
    Margins,
    Size,
    filled,
    styled,
)
from template_service.aggregates.report.figures import ENOUGH, Area, Figures, Shown, shown
from template_service.aggregates.report.wording import (
    FLAG_NAMES,
    GROUP_NAMES,
    INDICATOR_NAMES,
    listed,
    percent,
)
from template_service.aggregates.vocabulary import IMD_DECILES

STAGES: Final = ("need", "wants_help", "signposted", "referred", "helped")
COVERAGE: Final = ("asked", "declined", "not_offered")
# Of at least one question: who declined one may have answered eleven.
_STEPS: Final = INDICATOR_NAMES | {"declined": "Declined any"}


# A bar is at most so many letters high, and a letter of a label about so many wide.
_THICK: Final = 1.8
_LETTER: Final = 0.52


class Bar(NamedTuple):
    """One bar: which stage and group it is of, the short name written at its end, its numbers.

    `note` follows the share in its label.
    """

    stage: str
    group: str
    short: str
    row: Shown
    note: str = ""


def cascade(figures: Figures, about: ReportContext, size: Size) -> Chart | None:
    """Need, help wanted, signposted, referred, helped: deciles 1-2 beside the rest, of those asked.

    A group without a figure is left out, and the measure says so; None when both are.
    """
    bars = [
        Bar(INDICATOR_NAMES[stage], GROUP_NAMES[group], short, row)
        for stage in STAGES
        for group, short in ((CORE20, "1–2"), (REST, "3–10"))
        if (row := _group(figures, about.here, stage, group))
    ]
    there = {bar.group for bar in bars}
    absent = [name for name in GROUP_NAMES.values() if name not in there]
    measure = f"{' beside '.join(n for n in GROUP_NAMES.values() if n in there)}, of people asked"
    if absent:
        measure += f". {absent[0]}: too few people"
    return bar_chart("cascade", "From need to help", measure, bars, size)


def _group(figures: Figures, area: Area, indicator: str, group: str) -> Shown | None:
    row = shown(figures.one(area, indicator, breakdown="imd_decile", category=group))
    # Steps of fewer people would be drawn in the order of their rounding.
    return row if row and row.denominator >= ENOUGH else None


def coverage(figures: Figures, about: ReportContext, size: Size) -> Chart | None:
    """Asked of registered, declined and not offered, of the area and of the city."""
    areas = [(about.name, "Here", about.here)] if about.here != about.city else []
    areas.append((about.city_name, about.city_name, about.city))
    bars = [
        Bar(_STEPS[indicator], name, short, row)
        for indicator in COVERAGE
        for name, short, area in areas
        if (row := shown(figures.one(area, indicator)))
    ]
    title = "Asked: of people registered. Others: of people asked"
    return bar_chart("coverage", "Who was asked", title, bars, size)


def bar_chart(name: str, title: str, measure: str, bars: list[Bar], size: Size) -> Chart | None:
    """Bars by stage and up to three groups, each with its interval and its own label.

    None when there is no bar.
    """
    if not bars:
        return None
    each = [f"{bar.stage}, {bar.group}: {percent(bar.row.value)}" for bar in bars]
    groups = tuple(dict.fromkeys(bar.short for bar in bars))
    return Chart(
        name=name,
        title=title,
        measure=measure,
        alternative=f"{measure}. {'; '.join(each)}.",
        columns=("Step", "Group", "Share", "Lower", "Upper", "People", "Of people"),
        rows=tuple(
            (bar.stage, bar.group, row.value, row.lower, row.upper, row.numerator, row.denominator)
            for bar in bars
            for row in (bar.row,)
        ),
        specification=filled(_bars_drawn(groups, *_room(bars, size)), bars=[*map(_drawn, bars)]),
    )


def _room(bars: list[Bar], size: Size) -> tuple[Size, float]:
    """A size no higher than so few bars need, and the room of the longest label in letters."""
    height = min(
        size.height, round((len(bars) + len({bar.stage for bar in bars})) * _THICK * size.letters)
    )
    longest = max(len(_label(bar)) for bar in bars)
    return replace(size, height=height), max(6.5, longest * _LETTER)


def _label(bar: Bar) -> str:
    return f"{bar.short}: {percent(bar.row.value)}{bar.note}"


def _drawn(bar: Bar) -> dict[str, Any]:
    row = bar.row
    return {
        "stage": bar.stage,
        "group": bar.short,
        "label": _label(bar),
        "value": row.value,
        "lower": row.lower,
        "upper": row.upper,
    }


@cache
def _bars_drawn(groups: tuple[str, ...], size: Size, labels: float) -> dict[str, Any]:
    names = alt.Axis(title=None, ticks=False, domain=False, labelPadding=6, labelLimit=400)
    base = alt.Chart(alt.NamedData("bars")).encode(
        y=alt.Y("stage:N", sort=None, axis=names, scale=alt.Scale(paddingInner=0.25)),
        yOffset=alt.YOffset("group:N", sort=groups, scale=alt.Scale(domain=groups)),
    )
    share = alt.X("value:Q", axis=None, scale=alt.Scale(zero=True, nice=False))
    scale = alt.Scale(domain=groups, range=[BLUE, TURQUOISE, PURPLE][: len(groups)])
    # Every bar says its own group, so there is no legend.
    colour = alt.Color("group:N", scale=scale, legend=None)
    chart = alt.layer(
        base.mark_bar().encode(x=share, color=colour),
        base.mark_rule(color=GREY, strokeWidth=size.line(1.2)).encode(x="lower:Q", x2="upper:Q"),
        # The label starts beyond the interval, so that no line runs through it.
        base.mark_text(align="left", dx=4).encode(x="upper:Q", text="label:N"),
    )
    return styled(chart, size, Margins(left=9.4, top=0.3, right=labels, bottom=0.3))


def residents(about: ReportContext, size: Size) -> Chart | None:
    """Registered people by deprivation decile as shares, with the city's share as a line.

    Fewer than 8 people are that in words and have no share. None when the registered lists have no
    people with a known decile.
    """
    people = _by_decile(about, "pcn" if about.pcn_code else "city")
    here = _shares(people)
    city = _shares(_by_decile(about, "city")) if about.pcn_code else {}
    if not here:
        return None
    most_deprived = people["1"] + people["2"]
    core20 = _told(most_deprived / sum(people.values()) if most_deprived >= FEWEST else None)
    each = listed([f"{decile}: {_told(share)}" for decile, share in here.items()])
    return Chart(
        name="residents",
        title="Who lives here",
        measure=f"Registered people by decile. Core20, deciles 1 and 2: {core20}",
        alternative=f"Registered people of {about.name} by deprivation decile, from 1, most"
        f" deprived, to 10: {each}. Deciles 1 and 2 together: {core20}.",
        columns=("Decile", about.name, *([about.city_name] if city else [])),
        rows=tuple((d, _cell(here[d]), *([_cell(city[d])] if city else [])) for d in IMD_DECILES),
        specification=filled(
            _residents_drawn(about.city_name, bool(city), size),
            shares=[_share(decile, here, city) for decile in IMD_DECILES],
            city=[
                {"decile": decile, "share": share or 0.0, "group": about.city_name}
                for decile, share in city.items()
            ],
        ),
    )


def _by_decile(about: ReportContext, kind: str) -> dict[str, int]:
    people = about.people_by(kind, "imd_decile")
    return {decile: people.get(decile, 0) for decile in IMD_DECILES}


def _shares(people: dict[str, int]) -> dict[str, float | None]:
    """The share of each decile, None for fewer than 8 people; nothing where there is nobody."""
    total = sum(people.values())
    if not total:
        return {}
    return {d: number / total if number >= FEWEST else None for d, number in people.items()}


def _told(share: float | None) -> str:
    return "fewer than 8" if share is None else percent(share)


def _cell(share: float | None) -> Cell:
    return FLAG_NAMES["fewer_than_8"] if share is None else share


def _share(
    decile: str, here: dict[str, float | None], city: dict[str, float | None]
) -> dict[str, Any]:
    share, beside = here[decile], city.get(decile)
    return {
        "decile": decile,
        "share": share or 0.0,
        "group": _CORE20 if decile in ("1", "2") else _OTHERS,
        "label": "<8" if share is None else percent(share),
        # Above bar and line of the city alike, so that the label meets neither.
        "above": max(share or 0.0, beside or 0.0),
    }


@cache
def _residents_drawn(city: str, compared: bool, size: Size) -> dict[str, Any]:
    groups = [_CORE20, _OTHERS, *([city] if compared else [])]
    shapes, colours = ["square", "square", FLAT_LINE], [BLUE, PURPLE, ORANGE]
    axis = alt.Axis(labelAngle=0, title="Deprivation decile, 1 most to 10 least", ticks=False)
    scale = alt.Scale(domain=groups, range=colours[: len(groups)])
    decile = alt.X("decile:O", axis=axis, scale=alt.Scale(domain=list(IMD_DECILES)))
    share = alt.Y("share:Q", axis=None)
    # The labels of the highest bars stand between plot and legend.
    legend = alt.Legend(offset=round(1.4 * size.letters))
    colour = alt.Color("group:N", scale=scale, legend=legend)
    shape = alt.Shape(
        "group:N", legend=legend, scale=alt.Scale(domain=groups, range=shapes[: len(groups)])
    )
    bars = alt.Chart(alt.NamedData("shares")).encode(x=decile)
    lines = alt.Chart(alt.NamedData("city")).mark_point(filled=True, opacity=1, size=size.mark(70))
    chart = alt.layer(
        bars.mark_bar().encode(y=share, color=colour),
        lines.encode(x=decile, y=share, color=colour, shape=shape),
        bars.mark_text(baseline="bottom", dy=-3).encode(y="above:Q", text="label:N"),
    )
    return styled(chart, size, Margins(left=0.4, top=3.2, right=0.4, bottom=2.9))


_CORE20: Final = "Core20"
_OTHERS: Final = "Other deciles"
