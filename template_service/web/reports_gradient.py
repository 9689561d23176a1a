"""The gradient explorer: any indicator of any area by any breakdown, and need along all deciles."""

from collections.abc import Iterator
from itertools import accumulate, pairwise
from typing import Final, NamedTuple

from template_service.aggregates.areas import CITY
from template_service.aggregates.gradient_figures import Slope, slope
from template_service.aggregates.released_figures import ReleasedFigures
from template_service.aggregates.report.figures import Area, Figure, Figures, Shown, shown
from template_service.aggregates.report.rank_axis import End, drawn_part, number_places
from template_service.aggregates.report.wording import (
    BREAKDOWN_NAMES,
    INDICATOR_NAMES,
    category_name,
    domain_names,
    percent,
)
from template_service.aggregates.reporting_period import Period
from template_service.aggregates.vocabulary import (
    ALL,
    BREAKDOWNS,
    CATEGORIES,
    IMD_DECILES,
    INDICATORS,
)
from template_service.web.reports_choice import (
    Place,
    domain_asked,
    domain_options,
    month_options,
    one_of,
    only_of_the_city,
    options,
    period_asked,
    place_asked,
    place_options,
    the_city,
)
from template_service.web.reports_coverage import coverage
from template_service.web.reports_figures import chosen, place, share, top_of
from template_service.web.reports_page import figures, report_page

IMD_DECILE: Final = "imd_decile"
# The drawing on a phone in sizes of its letters: 0.88 of some 330 px, in letters of 14 px.
_LETTERS: Final = 21
_MEASURED = {
    "asked": "of the people registered",
    "not_offered": "of the people asked or not offered",
}


class Step(NamedTuple):
    """A decile of the drawing: where its people begin and end, its share, its interval.

    `label` is its number and `label_at` where that stands; both blank where there is no room.
    """

    label: str
    label_at: str
    start: str
    end: str
    middle: str
    at: str
    lower: str
    upper: str


class Line(NamedTuple):
    """The fitted line as far as it stays between 0 and 100 %: across, and heights from the top."""

    start: str
    end: str
    start_height: str
    end_height: str


class Drawing(NamedTuple):
    """Need over the ranks of the people asked; `ticks` are (height, label)."""

    steps: list[Step]
    ticks: list[tuple[str, str]]
    average: str
    line: Line | None
    alternative: str


def page() -> str:
    """One combination of area, domain, indicator, breakdown and period, as its address says."""
    found = figures()
    period, area = period_asked(found), place_asked(found)
    domain, indicator = domain_asked(), one_of("indicator", INDICATORS, "need")
    breakdown = one_of("breakdown", BREAKDOWNS, IMD_DECILE)
    table = found.table(period, [area.wanted])
    told = chosen(table, domain=domain, indicator=indicator, breakdown=(ALL, breakdown))
    rows = _rows(told, area.within(period), (indicator, domain, breakdown))
    top = top_of(figure for _, figure in rows)
    of_city = area.kind == CITY
    average = shown(rows[0][1]) if of_city else None
    line = average.value if average else None
    along = indicator == "need" and breakdown == IMD_DECILE
    return report_page(
        "gradient.html",
        period,
        fields=_fields(found, period, (area, domain, indicator, breakdown)),
        title=f"{domain_names()[domain]}: {INDICATOR_NAMES[indicator].lower()}",
        area=area.name,
        city=the_city(found).name,
        of_city=of_city,
        edition=found.areas.imd_edition if breakdown == IMD_DECILE else "",
        why_none=only_of_the_city(domain, area),
        coverage=coverage(table, area.within(period), domain),
        measured=_MEASURED.get(indicator, "of the people asked"),
        breakdown=BREAKDOWN_NAMES[breakdown],
        rows=[(name, share(figure, top, line)) for name, figure in rows],
        top=percent(top),
        **(_along(found, period, area, domain, told) if along else {}),
    )


def _fields(
    found: ReleasedFigures, period: Period, now: tuple[Place, str, str, str]
) -> tuple[tuple[str, str, object], ...]:
    area, domain, indicator, breakdown = now
    return (
        ("area", "Area", place_options(found, area)),
        ("domain", "Part of life", domain_options(domain)),
        ("indicator", "What is counted", options(INDICATOR_NAMES, indicator)),
        ("breakdown", "By", options(BREAKDOWN_NAMES, breakdown)),
        ("from", "From", month_options(found, period.first)),
        ("to", "To", month_options(found, period.last)),
    )


def _rows(told: Figures, area: Area, what: tuple[str, str, str]) -> list[tuple[str, Figure | None]]:
    """Everybody first, then each category of the breakdown."""
    indicator, domain, breakdown = what
    cells = [(ALL, ALL)]
    if breakdown != ALL:
        cells += [(breakdown, category) for category in CATEGORIES[breakdown]]
    return [
        (
            "Everybody" if by == ALL else category_name(by, category),
            told.one(area, indicator, domain=domain, breakdown=by, category=category),
        )
        for by, category in cells
    ]


def _along(
    found: ReleasedFigures, period: Period, area: Place, domain: str, told: Figures
) -> dict[str, object]:
    """The drawing over all deciles and what its line says."""
    people = found.sources.counts(period, area.kind).of(area.code)
    fitted = slope(people, domain)
    drawing = _drawing(told, area.within(period), domain, fitted)
    return {"drawing": drawing, "slope": _in_words(fitted) if drawing else []}


def _drawing(told: Figures, area: Area, domain: str, fitted: Slope | None) -> Drawing | None:
    """The steps of the deciles that may be shown; None where there is none, or no average.

    Steps are as wide as the people asked in the deciles shown, so that nothing of another can be
    read off; the line is drawn where it was fitted to these deciles and no others.
    """
    average = shown(told.one(area, "need", domain=domain))
    rows = _by_decile(told, area, domain)
    if average is None or not rows:
        return None
    ends: tuple[End, ...] = ()
    if fitted and fitted.deciles == tuple(rows):
        ends = drawn_part(fitted.start, fitted.start + fitted.sii.value)
    top = top_of(told, *(end.value for end in ends))
    line = None
    if ends:
        heights = (place(1 - end.value / top) for end in ends)
        line = Line(*(place(end.rank) for end in ends), *heights)
    return Drawing(
        list(_steps(rows, top)),
        [(place(1 - part), percent(top * part)) for part in (0, 0.5, 1)],
        place(1 - average.value / top),
        line,
        "Share with a need by deprivation decile: "
        + ", ".join(f"{decile}: {percent(row.value)}" for decile, row in rows.items()),
    )


def _by_decile(told: Figures, area: Area, domain: str) -> dict[str, Shown]:
    found = (
        (
            decile,
            shown(told.one(area, "need", domain=domain, breakdown=IMD_DECILE, category=decile)),
        )
        for decile in IMD_DECILES
    )
    return {decile: row for decile, row in found if row}


def _steps(rows: dict[str, Shown], top: float) -> Iterator[Step]:
    asked = sum(row.denominator for row in rows.values())
    after = [each / asked for each in accumulate(row.denominator for row in rows.values())]
    stretches = dict(zip(rows, pairwise((0.0, *after)), strict=True))
    numbers = number_places(stretches, _LETTERS)
    for decile, row in rows.items():
        start, end = stretches[decile]
        across = (place(each) for each in (start, end, (start + end) / 2))
        up = (place(1 - each / top) for each in (row.value, row.lower, row.upper))
        label = (decile, place(numbers[decile])) if decile in numbers else ("", "")
        yield Step(*label, *across, *up)


def _in_words(fitted: Slope | None) -> list[str]:
    """The slope and the relative index of inequality as sentences that name no cause."""
    if fitted is None:
        return [
            "No line is fitted: it needs at least seven deciles with thirty or more people asked."
        ]
    value, lower, upper = fitted.sii[:3]
    if lower <= 0 <= upper:
        said = (
            "The line from the most to the least deprived person is not clearly different from"
            f" level: {_points(value)} (95% interval {_points(lower)} to {_points(upper)})."
        )
    else:
        way = "falls" if value < 0 else "rises"
        ends = sorted((abs(lower), abs(upper)))
        said = (
            f"From the most to the least deprived person, need {way} by"
            f" {_plain(abs(value))} in every 100 people asked"
            f" (95% interval {_plain(ends[0])} to {_plain(ends[1])})."
        )
    sentences = [f"{said} This is the slope index of inequality."]
    if fitted.rii:
        ratio = fitted.rii
        sentences.append(
            f"Along the line, need at the least deprived end is {ratio.value:.2f} times that at"
            f" the most deprived end ({ratio.lower:.2f} to {ratio.upper:.2f}): the relative index"
            " of inequality."
        )
    return sentences


def _plain(share_of_people: float) -> str:
    return f"{100 * share_of_people:.1f}"


def _points(share_of_people: float) -> str:
    return f"{100 * share_of_people:+.1f} in every 100"
