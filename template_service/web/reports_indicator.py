"""One indicator: what it is, its imported figures, and the needs of the domains beside it."""

from typing import NamedTuple

from template_service.aggregates.areas import CITY, Areas
from template_service.aggregates.indicators.figures import IndicatorValue
from template_service.aggregates.indicators.reading import Standing, indicator_values, standings
from template_service.aggregates.indicators.registry import HIGHER, Indicator
from template_service.aggregates.report.wording import domain_names, percent
from template_service.aggregates.vocabulary import ALL
from template_service.errors import NotFound
from template_service.web.blueprint import service
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
_NOT_PUBLISHED = "Not published by the programme yet"


class Table(NamedTuple):
    """The newest figures of one kind of area and one breakdown."""

    caption: str
    rows: list[tuple[str, ...]]
    sources: list[str]


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
        tables=_tables(values, areas),
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


def _tables(values: tuple[IndicatorValue, ...], areas: Areas) -> list[Table]:
    """A table for each kind of area and breakdown, in the order of `indicator_values`."""
    grouped: dict[tuple[str, str, str], list[IndicatorValue]] = {}
    for value in values:
        grouped.setdefault((value.geography_type, value.breakdown, value.period), []).append(value)
    return [
        Table(
            f"{period}, by {_KINDS[kind]}"
            + ("" if breakdown == ALL else f" and {breakdown.replace('_', ' ')}"),
            [_row(each, areas) for each in rows],
            sorted({each.source for each in rows}),
        )
        for (kind, breakdown, period), rows in grouped.items()
    ]


def _row(value: IndicatorValue, areas: Areas) -> tuple[str, ...]:
    return (
        areas.name(value.geography_type, value.geography_code),
        "Everybody" if value.category == ALL else value.category.replace("_", " "),
        _plain(value.value),
        f"{_plain(value.lower)} to {_plain(value.upper)}"
        if value.lower is not None and value.upper is not None
        else "–",
        value.after_break or "–",
    )


def _plain(number: float | None) -> str:
    return "–" if number is None else f"{number:,.10g}"


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
        "when": str(period),
    }
