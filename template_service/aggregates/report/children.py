"""The children's page of a PCN: one A4 page about families, made like the infographic.

It shows no safety, suicide or child risk, and names no cause. Ages are the bands of the cube, which
registered lists and facts share.
"""

from dataclasses import asdict, replace
from typing import Final

from template_service.aggregates.report.charts import CHILD_SIZES
from template_service.aggregates.report.context import ReportContext
from template_service.aggregates.report.drawing import Chart
from template_service.aggregates.report.figures import ENOUGH, Figures, Shown, shown
from template_service.aggregates.report.fonts import Font
from template_service.aggregates.report.infographic import (
    Block,
    Drawn,
    Infographic,
    drawn,
    gaps_block,
    indicator_table,
    method_block,
    page_of,
)
from template_service.aggregates.report.wording import (
    INDICATOR_NAMES,
    count,
    domain_names,
    in_every_100,
    percent,
)
from template_service.aggregates.report.work_charts import STAGES, Bar, bar_chart

CHILD_BANDS: Final = ("0-4", "5-9", "10-14")
CHILD_DECILES: Final = "child_decile"
CHILD_AGES: Final = "child_age"
_DOMAINS: Final = ("housing", "energy", "food", "money", "family")
# Indicators 2 to 8 of the programme's set are about children (indicators.md).
_INDICATORS: Final = range(2, 9)
_MOST_INDICATORS: Final = 8
_BAND_NAMES: Final = {"0-4": "Under 5", "5-9": "5 to 9", "10-14": "10 to 14"}


def children(figures: Figures, about: ReportContext, font: Font) -> Infographic:
    """The children's page of a PCN, or of the city where the context names no PCN."""
    found = drawn(_charts(figures, about), CHILD_SIZES, font)
    page = page_of(about, "Children and families", _headline(figures, about))
    rows = (
        ((256, 266), _registered(about), _asked(figures, about)),
        ((1,), _charted(found, "child_needs", "Needs by age of child")),
        ((256, 266), _charted(found, "family", "Help for families"), _carers(figures, about)),
        ((256, 266), _gaps(about), _indicators(about)),
        ((1,), method_block(figures, about)),
    )
    page["rows"] = [
        {"widths": widths, "blocks": [asdict(block) for block in blocks]}
        for widths, *blocks in rows
    ]
    return Infographic(page, font)


def _charts(figures: Figures, about: ReportContext) -> dict[str, Chart]:
    made = (_needs(figures, about), _family(figures, about))
    return {chart.name: chart for chart in made if chart}


def _needs(figures: Figures, about: ReportContext) -> Chart | None:
    """Need by domain for each band of age, of the children asked about."""
    bars = [
        Bar(domain_names()[domain], _BAND_NAMES[band], _BAND_NAMES[band], row)
        for domain in _DOMAINS
        for band in CHILD_BANDS
        if (row := _band(figures, about, "need", band, domain))
    ]
    title, measure = "Needs by age of child", "Children with each need, of children asked about"
    return bar_chart("child_needs", title, measure, bars, CHILD_SIZES["child_needs"])


def _family(figures: Figures, about: ReportContext) -> Chart | None:
    """The steps from need to help in the domain of children and family, against the city."""
    areas = dict.fromkeys((about.here, about.city))
    bars = [
        Bar(INDICATOR_NAMES[stage], name, name, row)
        for stage in STAGES
        for area in areas
        for name in ("Here" if area == about.here else about.city_name,)
        if (row := shown(figures.one(area, stage, domain="family")))
    ]
    measure = f"{domain_names()['family']}: each step, of people asked"
    return bar_chart("family", "Help for families", measure, bars, CHILD_SIZES["family"])


def _band(
    figures: Figures, about: ReportContext, indicator: str, band: str, domain: str = "any"
) -> Shown | None:
    figure = figures.one(about.here, indicator, domain=domain, breakdown="age_band", category=band)
    return shown(figure)


def _headline(figures: Figures, about: ReportContext) -> str:
    """The needs of the youngest children, whose figures pass the rule of size; else how few."""
    row = _band(figures, about, "need", "0-4")
    if row is None or row.denominator < ENOUGH:
        return "Too few families have been asked here to say anything with confidence yet."
    return (
        f"Of the {count(row.denominator)} children under 5 asked about in {about.name},"
        f" {in_every_100(row.value)[0]} in every 100 had at least one need."
    )


def _registered(about: ReportContext) -> Block:
    kind = "pcn" if about.pcn_code else "city"
    people = about.people_by(kind, CHILD_AGES)
    lines = [f"{_BAND_NAMES[band]}: {count(people[band])}." for band in people]
    deciles = about.people_by(kind, CHILD_DECILES)
    if total := sum(deciles.values()):
        lines.append(f"{percent(deciles.get('1', 0) / total)} live in decile 1, the most deprived.")
    heading = "Children registered here"
    return Block(heading, lines=tuple(lines or ["The registered lists have not been imported."]))


def _asked(figures: Figures, about: ReportContext) -> Block:
    lines = []
    for band in CHILD_BANDS:
        row = _band(figures, about, "asked", band)
        words = f"{count(row.numerator)} of {count(row.denominator)}" if row else "not shown"
        lines.append(f"{_BAND_NAMES[band]}: {words}.")
    return Block("Asked about", measure="Of children registered", lines=tuple(lines))


def _carers(figures: Figures, about: ReportContext) -> Block:
    lines = []
    for band in CHILD_BANDS[1:]:
        row = _band(figures, about, "need", band, "caring")
        told = f"{count(row.numerator)} of {count(row.denominator)} asked" if row else "not shown"
        lines.append(f"{_BAND_NAMES[band]}: {told}.")
    return Block("Young carers", measure="Children who care for someone", lines=tuple(lines))


def _gaps(about: ReportContext) -> Block:
    gaps = tuple(gap for gap in about.gaps if gap.families)
    return gaps_block(replace(about, gaps=gaps))


def _indicators(about: ReportContext) -> Block:
    rows = tuple(row for row in about.indicators if row.number in _INDICATORS)[:_MOST_INDICATORS]
    if not rows:
        return Block("Other indicators", lines=("None has been imported.",))
    return Block("Other indicators", table=indicator_table(rows, about))


def _charted(found: dict[str, Drawn], name: str, heading: str) -> Block:
    if name not in found:
        return Block(heading, lines=("Too few people to show this.",))
    chart, image = found[name].chart, found[name].image
    return Block(chart.title, measure=chart.measure, chart=image)
