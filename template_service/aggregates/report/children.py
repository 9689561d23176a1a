"""The children's page of a PCN: one A4 page about families, made like the infographic.

It shows no safety, suicide or child risk, and names no cause. Ages are the bands of the cube, which
registered lists and facts share.
"""

from dataclasses import asdict, replace
from typing import Final

from template_service.aggregates.figure_rules import FEWEST
from template_service.aggregates.report.charts import CHILD_SIZES
from template_service.aggregates.report.child_needs import SCHOOL, UNDER_FIVE
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
from template_service.aggregates.report.lists import CHILD_BANDS
from template_service.aggregates.report.tiles import child_tiles
from template_service.aggregates.report.wording import (
    CHILD_BAND_NAMES,
    INDICATOR_NAMES,
    SIGNIFICANCE_NAMES,
    count,
    domain_names,
    in_every_100,
    listed,
    percent,
    registered,
)
from template_service.aggregates.report.work_charts import STAGES, Bar, bar_chart

CHILD_DECILES: Final = "child_decile"
CHILD_AGES: Final = "child_age"
_AGES: Final = {UNDER_FIVE: "Under 5", SCHOOL: "5 to 14"}
_DOMAINS: Final = ("housing", "energy", "food", "money", "family")
# Indicators 2 to 8 of the programme's set are about children (indicators.md).
_INDICATORS: Final = range(2, 9)
_MOST_INDICATORS: Final = 5


def children(figures: Figures, about: ReportContext, font: Font) -> Infographic:
    """The children's page of a PCN, or of the city where the context names no PCN."""
    found = drawn(_charts(figures, about), CHILD_SIZES, font)
    page = page_of(about, "Children and families", _headline(figures, about))
    rows = (
        ((320, 202), _registered(figures, about), _carers(about)),
        ((1,), _charted(found, "child_needs", "Needs of under fives and school children")),
        ((256, 266), _charted(found, "family", "Help for families"), _indicators(about)),
        ((1,), _gaps(about)),
        ((1,), method_block(figures, about)),
    )
    page["tiles"] = [tile._asdict() for tile in child_tiles(figures, about)]
    page["rows"] = [
        {"widths": widths, "blocks": [asdict(block) for block in blocks]}
        for widths, *blocks in rows
    ]
    return Infographic(page, font)


def _charts(figures: Figures, about: ReportContext) -> dict[str, Chart]:
    made = (_needs(about), _family(figures, about))
    return {chart.name: chart for chart in made if chart}


def _needs(about: ReportContext) -> Chart | None:
    """Need by domain of under fives and school children, each with the city's in its label."""
    bars = [
        Bar(domain_names()[domain], _AGES[ages], _AGES[ages], row, _beside(row, about))
        for domain in _DOMAINS
        for ages in _AGES
        if (row := about.child_needs.get((domain, ages)))
    ]
    absent = [
        f"{domain_names()[domain]} ({_AGES[ages].lower()})"
        for domain in _DOMAINS
        for ages in _AGES
        if (domain, ages) not in about.child_needs
    ]
    measure = "Children with each need, of children asked about"
    if absent:
        measure += f". Too few to show: {listed(absent)}"
    title = "Needs of under fives and school children"
    return bar_chart("child_needs", title, measure, bars, CHILD_SIZES["child_needs"])


def _beside(row: Shown, about: ReportContext) -> str:
    """The city's share and the word of the comparison."""
    if row.comparison is None:
        return ""
    word = SIGNIFICANCE_NAMES[row.significance].lower()
    return f", {word} ({about.city_name} {percent(row.comparison)})"


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


def _registered(figures: Figures, about: ReportContext) -> Block:
    """Registered, asked about and in need by age, and where most live."""
    rows = [[CHILD_BAND_NAMES[band], *_of_band(figures, about, band)] for band in CHILD_BANDS]
    columns = ["Age", "Registered", "Asked about", "Had a need"]
    table = {"columns": columns, "widths": [1, 1, 1.5, 1], "rows": rows}
    return Block(
        "Children registered here, and asked about",
        table=table,
        lines=(*_most_deprived(about), _OLDER),
    )


def _of_band(figures: Figures, about: ReportContext, band: str) -> list[str]:
    people = about.people_by("pcn" if about.pcn_code else "city", CHILD_AGES)
    asked = figures.one(about.here, "asked", breakdown="age_band", category=band)
    row, need = shown(asked), _band(figures, about, "need", band)
    told = count(asked.numerator) if asked and asked.numerator is not None else "not shown"
    return [
        registered(people.get(band)),
        f"{told} ({percent(row.value)})" if row else told,
        percent(need.value) if need else "not shown",
    ]


def _most_deprived(about: ReportContext) -> tuple[str, ...]:
    """The share of registered children who live in decile 1, beside the city's."""
    shares = []
    for kind in dict.fromkeys(("pcn" if about.pcn_code else "city", "city")):
        deciles = about.people_by(kind, CHILD_DECILES)
        if total := sum(deciles.values()):
            people = deciles.get("1", 0)
            # A share of so few would tell how many they are.
            shares.append(registered(people) if people < FEWEST else percent(people / total))
    if not shares:
        return ()
    beside = f" ({about.city_name}: {shares[1]})" if len(shares) > 1 else ""
    first = f"{shares[0][:1].upper()}{shares[0][1:]}"
    return (f"{first} of them live in decile 1, the most deprived{beside}.",)


_OLDER: Final = "Ages 15 to 17 cannot be told from adults in the bands of lists and answers."


def _carers(about: ReportContext) -> Block:
    row = about.child_needs.get(("caring", SCHOOL))
    line = "Too few children to show this."
    if row:
        of = f"{count(row.numerator)} of {count(row.denominator)} asked about"
        line = f"{percent(row.value)}{_beside(row, about)}: {of}."
    measure = "School children with a need in “Caring for someone”"
    return Block("Young carers", measure=measure, lines=(line,))


def _gaps(about: ReportContext) -> Block:
    gaps = tuple(gap for gap in about.gaps if gap.families)
    return gaps_block(replace(about, gaps=gaps))


def _indicators(about: ReportContext) -> Block:
    rows = tuple(row for row in about.indicators if row.number in _INDICATORS)
    if not rows:
        return Block("Other indicators", lines=("None has been imported.",))
    return Block("Other indicators", table=indicator_table(rows, about, most=_MOST_INDICATORS))


def _charted(found: dict[str, Drawn], name: str, heading: str) -> Block:
    if name not in found:
        return Block(heading, lines=("Too few people to show this.",))
    chart, image = found[name].chart, found[name].image
    return Block(chart.title, measure=chart.measure, chart=image)
