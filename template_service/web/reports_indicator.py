"""One indicator: what it is, its imported figures, and the needs of the domains beside it."""

from functools import lru_cache
from typing import Final, NamedTuple

from template_service.aggregates.areas import CITY, MSOA, Areas
from template_service.aggregates.indicators.figures import IndicatorValue
from template_service.aggregates.indicators.reading import Standing, indicator_values, standings
from template_service.aggregates.indicators.registry import HIGHER, Indicator
from template_service.aggregates.report.indicator_charts import Split, indicator_chart
from template_service.aggregates.report.indicator_words import (
    FIGURE_COLUMNS,
    breakdown_words,
    figure_cells,
)
from template_service.aggregates.report.wording import domain_names, listed, percent, period_name
from template_service.aggregates.vocabulary import ALL
from template_service.errors import NotFound
from template_service.web.blueprint import service
from template_service.web.reports_charts import Drawn, drawn
from template_service.web.reports_choice import the_city
from template_service.web.reports_coverage import coverage
from template_service.web.reports_figures import chosen, share, top_of
from template_service.web.reports_indicators import BREAKDOWNS
from template_service.web.reports_page import aggregates_folder, figures, report_page
from template_service.web.words import Fact

_KINDS = {
    "city": "the city",
    "pcn": "primary care network",
    "practice": "practice",
    "ward": "ward",
    "msoa": "small area (MSOA)",
}
_MANY = {
    "pcn": "Primary care networks",
    "practice": "Practices",
    "ward": "Wards",
    "msoa": "Small areas (MSOA)",
}
# Charts of every indicator and breakdown of a city.
_KEPT: Final = 64
_BY_CODE: Final = "No names of small areas are held here, so each stands by its code."
_NOT_PUBLISHED = "Not published by the programme yet"


class Table(NamedTuple):
    """The newest figures of one kind of area and one breakdown, and the charts of a city's.

    `note` says how the areas are named, where it needs saying.
    """

    caption: str
    columns: tuple[str, ...]
    rows: list[tuple[str, ...]]
    sources: list[str]
    charts: list[Drawn]
    note: str


def page(number: int) -> str:
    """An indicator by its number; raises `NotFound` for a number that there is not."""
    found = {each.indicator.id: each for each in standings(aggregates_folder())}.get(number)
    if found is None:
        raise NotFound("The programme has no indicator with this number")
    values = indicator_values(aggregates_folder(), indicator=number, latest=True)
    areas = Areas.of(service().geography)
    return report_page(
        "indicator.html",
        None,
        indicator=found.indicator,
        facts=_facts(found),
        says=found.says,
        tables=_tables(found.indicator, values, areas),
        **_beside(found.indicator),
    )


def _facts(standing: Standing) -> list[Fact]:
    one = standing.indicator
    better = "Higher is better" if one.polarity == HIGHER else "Lower is better"
    facts = (
        ("Unit", one.unit.words if one.unit else ""),
        ("Reading it", better if one.polarity else ""),
        ("Published for", ", ".join(_KINDS[kind] for kind in one.areas)),
        ("Split by", ", ".join(BREAKDOWNS[each] for each in one.breakdowns)),
        ("Owner", one.owner),
        ("Source", one.source),
        ("Baseline", one.baseline),
        ("Target", " by ".join(filter(None, (one.target, str(one.target_year or ""))))),
        ("Measure of the gap", one.gap_measure),
        ("Next review", one.next_review),
        ("Periods held", ", ".join(standing.periods) or "none"),
        ("Note", one.note or " "),
        *(("Break in the series", f"{each.since}: {each.note}") for each in one.breaks),
    )
    return [Fact(term, text.strip() or _NOT_PUBLISHED) for term, text in facts if text != " "]


def _tables(indicator: Indicator, values: tuple[IndicatorValue, ...], areas: Areas) -> list[Table]:
    """A table for each kind of area and breakdown, in the order of `indicator_values`."""
    grouped: dict[tuple[str, str, str], list[IndicatorValue]] = {}
    for value in values:
        grouped.setdefault((value.geography_type, value.breakdown, value.period), []).append(value)
    averages = _averages(indicator)
    return [
        Table(
            _caption(rows, areas),
            ("Code" if kind == MSOA else "Area", *FIGURE_COLUMNS),
            [
                (areas.name(each.geography_type, each.geography_code), *figure_cells(each))
                for each in rows
            ],
            sorted({each.source for each in rows}),
            _charts(indicator, rows, areas, averages) if kind == CITY else [],
            _BY_CODE if kind == MSOA else "",
        )
        for (kind, _, _), rows in grouped.items()
    ]


def _caption(rows: list[IndicatorValue], areas: Areas) -> str:
    """Whose figures these are, when, and by what: `Leeds, 2020-2022, by sex`."""
    first = rows[0]
    codes = dict.fromkeys(each.geography_code for each in rows)
    where = _MANY.get(first.geography_type) or listed([areas.name(CITY, code) for code in codes])
    by = breakdown_words(first.breakdown)
    return f"{where}, {first.period}" + (f", by {by}" if by else "")


def _averages(indicator: Indicator) -> dict[tuple[str, str], IndicatorValue]:
    """Everybody's figure by city and period, of every period: a breakdown's may be an older one."""
    held = indicator_values(
        aggregates_folder(), indicator=indicator.id, geography_type=CITY, breakdown=ALL
    )
    return {(each.geography_code, each.period): each for each in held}


def _charts(
    indicator: Indicator,
    rows: list[IndicatorValue],
    areas: Areas,
    averages: dict[tuple[str, str], IndicatorValue],
) -> list[Drawn]:
    splits = [
        Split(
            indicator.name,
            indicator.unit,
            areas.name(CITY, code),
            tuple(each for each in rows if each.geography_code == code),
            averages.get((code, rows[0].period)),
        )
        for code in dict.fromkeys(each.geography_code for each in rows)
    ]
    return [chart for chart in map(_drawn, splits) if chart]


@lru_cache(maxsize=_KEPT)
def _drawn(split: Split) -> Drawn | None:
    chart = indicator_chart(split)
    return drawn(chart) if chart else None


def _beside(indicator: Indicator) -> dict[str, object]:
    """Need in the neighbouring domains across the city, where there is a release."""
    if not indicator.domains:
        return {"beside": []}
    try:
        found = figures()
    except NotFound:
        return {"beside": []}
    city, period = the_city(found), found.year_to_date
    table = found.table(period, [city.wanted])
    told = chosen(table, indicator="need", breakdown=ALL, domain=indicator.domains)
    rows = {each: told.one(city.within(period), "need", domain=each) for each in indicator.domains}
    top = top_of(rows.values())
    return {
        "beside": [(domain_names()[domain], share(row, top)) for domain, row in rows.items()],
        "top": percent(top),
        "city": found.areas.name(CITY, city.code),
        "coverage": coverage(table, city.within(period)),
        "when": period_name(str(period)),
    }
