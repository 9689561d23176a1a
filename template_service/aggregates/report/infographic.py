"""The infographic: one A4 page per PCN and for the city, as tagged PDF and as PNG.

It shows no safety, suicide or child risk, no practice, no composite score, and no need without the
number of people asked; nothing on it claims a cause (aggregates.md, "The infographic").
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Final

from template_service.aggregates.report.charts import PAGE_SIZES, charts
from template_service.aggregates.report.context import (
    DEMONSTRATION,
    Gap,
    MarmotIndicator,
    ReportContext,
)
from template_service.aggregates.report.drawing import Chart, Size, svg
from template_service.aggregates.report.figures import Figures, shown
from template_service.aggregates.report.fonts import Font
from template_service.aggregates.report.key_messages import (
    key_messages,
    what_changed,
    what_you_could_do,
)
from template_service.aggregates.report.typesetting import pdf, png
from template_service.aggregates.report.wording import (
    LANGUAGE_NAMES,
    count,
    day_name,
    listed,
    percent,
    period_name,
)

# Counts below this read "fewer than 8" (NHS England's rule for small numbers, aggregates.md).
SMALLEST_COUNT: Final = 8
_MOST_INDICATORS: Final = 4
_MOST_GAPS: Final = 2
_MOST_WARDS: Final = 2
_MOST_MESSAGES: Final = 4


@dataclass(frozen=True, slots=True)
class Block:
    """One part of a page: a heading, and below it what there is of chart, table and words."""

    heading: str
    measure: str = ""
    chart: Mapping[str, Any] | None = None
    table: Mapping[str, Any] | None = None
    lines: tuple[str, ...] = ()
    bullets: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Drawn:
    """A chart drawn in a size, ready for a page."""

    chart: Chart
    image: Mapping[str, Any]


def drawn(found: Mapping[str, Chart], sizes: Mapping[str, Size], font: Font) -> dict[str, Drawn]:
    """Charts by name with their SVG, alternative text and width in points."""
    return {
        name: Drawn(
            chart,
            {"svg": svg(chart, font), "alternative": chart.alternative, "width": sizes[name].width},
        )
        for name, chart in found.items()
    }


@dataclass(frozen=True, slots=True)
class Infographic:
    """A page ready to be set; `page` is what the template reads."""

    page: Mapping[str, Any]
    font: Font

    def pdf(self) -> bytes:
        """The page as tagged PDF/UA-1."""
        return pdf("page", dict(self.page), self.font)

    def png(self, *, ppi: float = 144) -> bytes:
        """The page as PNG."""
        return png("page", dict(self.page), self.font, ppi=ppi)[0]


def infographic(figures: Figures, about: ReportContext, font: Font) -> Infographic:
    """The page of a PCN, or of the city where the context names no PCN."""
    found = drawn(charts(figures, about, PAGE_SIZES), PAGE_SIZES, font)
    headline, *messages = key_messages(figures, about) or [_NOTHING_TO_SAY]
    rows = (
        ((256, 266), _asked(figures, about, found), _residents(about, found)),
        ((238, 284), charted(found, "gradient"), charted(found, "domains")),
        ((256, 266), charted(found, "cascade"), _beside(about)),
        ((256, 266), _next(figures, about), method_block(figures, about)),
    )
    page = page_of(about, "People’s needs and the help they get", headline)
    page["messages"] = messages[:_MOST_MESSAGES]
    page["rows"] = [
        {"widths": widths, "blocks": [asdict(block) for block in blocks]}
        for widths, *blocks in rows
    ]
    return Infographic(page, font)


_NOTHING_TO_SAY: Final = "Too few people have been asked here to say anything with confidence yet."


def page_of(about: ReportContext, kicker: str, headline: str) -> dict[str, Any]:
    """What stands around the blocks of every page and slide."""
    mark = DEMONSTRATION if about.demonstration else ""
    title = f"{kicker}: {about.name}, {period_name(about.period)}"
    return {
        "document_title": f"{title} ({mark[0].lower()}{mark[1:]})" if mark else title,
        "author": about.city_name,
        "kicker": kicker,
        "title": about.name,
        "subtitle": period_name(about.period),
        "demonstration": mark,
        "headline": headline,
        "messages": [],
        "footer": f"Made on {day_name(about.generated)} · deprivation: {about.imd_edition}",
    }


def charted(found: Mapping[str, Drawn], name: str) -> Block:
    """The block of a chart, or a block that says it cannot be drawn."""
    if name not in found:
        return Block(_HEADINGS[name], lines=(_UNKNOWN.get(name, "Too few people to show this."),))
    chart, image = found[name].chart, found[name].image
    return Block(chart.title, measure=chart.measure, chart=image)


_UNKNOWN: Final = {"residents": "The registered lists have not been imported."}
_HEADINGS: Final = {
    "coverage": "Who was asked",
    "residents": "Who lives here",
    "gradient": "Need along the whole gradient",
    "domains": "Needs by part of life",
    "cascade": "From need to help",
}


def _asked(figures: Figures, about: ReportContext, found: Mapping[str, Drawn]) -> Block:
    block = charted(found, "coverage")
    figure = figures.one(about.here, "asked")
    line = "How many people were asked may not be shown."
    if row := shown(figure):
        line = f"{count(row.numerator)} people asked, of {count(row.denominator)} registered."
    elif figure and not figure.flag:
        line = f"{count(figure.numerator)} people asked. The number registered is not known."
    return replace(block, lines=(line,))


def _residents(about: ReportContext, found: Mapping[str, Drawn]) -> Block:
    block = charted(found, "residents")
    people = about.people_by("pcn" if about.pcn_code else "city", "language_group")
    total = sum(people.values())
    shares = [
        f"{LANGUAGE_NAMES[group].lower() if group != 'english' else 'English'}"
        f" {percent(people[group] / total)}"
        for group in LANGUAGE_NAMES
        if people.get(group)
    ]
    return replace(block, lines=(f"Language: {listed(shares)}.",)) if shares else block


def gaps_block(about: ReportContext) -> Block:
    """Needs that no service in the directory meets, the first ones given."""
    bullets = tuple(_gap(gap) for gap in about.gaps[:_MOST_GAPS])
    return Block("Gaps in provision", bullets=bullets or ("No gap in provision is known.",))


def _beside(about: ReportContext) -> Block:
    """Gaps in provision, then the programme's own indicators."""
    block, rows = gaps_block(about), about.indicators[:_MOST_INDICATORS]
    if not rows:
        return block
    heading = f"{block.heading}, and other indicators"
    return replace(block, heading=heading, table=indicator_table(rows, about))


def _gap(gap: Gap) -> str:
    people = ""
    if gap.count is not None:
        small = gap.count < SMALLEST_COUNT
        people = f" ({'fewer than 8' if small else count(gap.count)} people)"
    return f"No service found for {gap.need} in {_wards(gap)}{people}."


def _wards(gap: Gap) -> str:
    more = len(gap.wards) - _MOST_WARDS
    rest = [f"{more} more ward{'s' * (more > 1)}"] if more > 0 else []
    return listed([*gap.wards[:_MOST_WARDS], *rest])


def indicator_table(rows: tuple[MarmotIndicator, ...], about: ReportContext) -> dict[str, Any]:
    """Imported indicators as columns and rows of words."""
    return {
        "columns": ["Indicator", rows[0].place, about.city_name],
        "rows": [
            [
                f"{row.name}, {row.unit}, {row.period}"
                + (" (definition changed)" if row.broken_series else ""),
                _plain(row.value),
                "not known" if row.city_value is None else _plain(row.city_value),
            ]
            for row in rows
        ],
    }


def _plain(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:,.1f}"


def _next(figures: Figures, about: ReportContext) -> Block:
    changes = what_changed(figures, about)[:2]
    changed = (f"What changed: {' '.join(changes)}",) if changes else ()
    return Block("What you could do", lines=changed, bullets=(*what_you_could_do(figures, about),))


def method_block(figures: Figures, about: ReportContext) -> Block:
    """How the figures were made and how to read them."""
    methods = {row.method for row in figures if row.method and row.period == about.period}
    return Block(
        "How this was made",
        lines=(_METHOD.format(methods=listed(sorted(methods)) or "none", **_names(about)),),
    )


def _names(about: ReportContext) -> dict[str, str]:
    return {"city": about.city_name, "edition": about.imd_edition}


_METHOD: Final = (
    "Counts are rounded at random to multiples of 5, once, so that nobody can be found in them;"
    " small counts are left out. Lines through dots are 95% intervals ({methods}). “Higher” and"
    " “lower” mean a difference from {city} that chance alone seldom makes. Deciles are of"
    " {edition}, 1 the most deprived. Figures count people asked, not everyone who lives here."
)
