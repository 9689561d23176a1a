"""The infographic: one A4 page per PCN and for the city, as tagged PDF and as PNG.

It shows no safety, suicide or child risk, no practice, no composite score, and no need without the
number of people asked; nothing on it claims a cause (aggregates.md, "The infographic").
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Final

from template_service.aggregates.figure_rules import FEWEST
from template_service.aggregates.report.charts import PAGE_SIZES, charts
from template_service.aggregates.report.context import (
    DEMONSTRATION,
    Gap,
    MarmotIndicator,
    ReportContext,
)
from template_service.aggregates.report.drawing import Chart, Size, svg
from template_service.aggregates.report.figures import Figure, Figures
from template_service.aggregates.report.fonts import Font
from template_service.aggregates.report.gradient_chart import slope_in_words
from template_service.aggregates.report.key_messages import (
    key_messages,
    what_changed,
    what_you_could_do,
)
from template_service.aggregates.report.tiles import tiles
from template_service.aggregates.report.typesetting import pdf, png
from template_service.aggregates.report.wording import (
    LANGUAGE_WORDS,
    SMALL_COUNTS,
    count,
    day_name,
    listed,
    percent,
    period_name,
)

_MOST_INDICATORS: Final = 3
_MOST_GAPS: Final = 2
_MOST_WARDS: Final = 2
_MOST_PLACES: Final = 2
_MOST_MESSAGES: Final = 3


@dataclass(frozen=True, slots=True)
class Block:
    """One part of a page: a heading, and below it what there is of chart, table and words.

    `small` is for what nobody reads at arm's length.
    """

    heading: str
    measure: str = ""
    chart: Mapping[str, Any] | None = None
    table: Mapping[str, Any] | None = None
    lines: tuple[str, ...] = ()
    bullets: tuple[str, ...] = ()
    small: bool = False


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
    headline, *messages = key_messages(figures, about) or [NOTHING_TO_SAY]
    rows = (
        ((256, 266), _asked(figures, about, found), _residents(figures, about, found)),
        ((238, 284), _gradient(about, found), charted(found, "domains")),
        ((256, 266), charted(found, "cascade"), _beside(about)),
        ((256, 266), _next(figures, about), method_block(figures, about)),
    )
    page = page_of(about, "People’s needs and the help they get", headline)
    page["messages"] = messages[:_MOST_MESSAGES]
    page["tiles"] = [tile._asdict() for tile in tiles(figures, about)]
    page["rows"] = [
        {"widths": widths, "blocks": [asdict(block) for block in blocks]}
        for widths, *blocks in rows
    ]
    return Infographic(page, font)


NOTHING_TO_SAY: Final = "Too few people have been asked here to say anything with confidence yet."


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
        "tiles": [],
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
    return replace(block, lines=(*block.lines, *_not_offered(figures, about)))


def _not_offered(figures: Figures, about: ReportContext) -> tuple[str, ...]:
    """Who was not offered a question, in words where there is no share to draw."""
    figure = figures.one(about.here, "not_offered")
    if figure is None or figure.numerator is None or figure.value is not None:
        return ()
    return (f"{count(figure.numerator)} people were not offered at least one question.",)


def _gradient(about: ReportContext, found: Mapping[str, Drawn]) -> Block:
    block = charted(found, "gradient")
    words = slope_in_words(about)
    return replace(block, lines=(words,)) if words and block.chart else block


def _residents(figures: Figures, about: ReportContext, found: Mapping[str, Drawn]) -> Block:
    block, words = charted(found, "residents"), _languages(figures, about)
    return replace(block, lines=(*block.lines, words)) if words else block


def _languages(figures: Figures, about: ReportContext) -> str:
    """Languages of the people asked: registered lists do not have them."""
    groups = {
        group: figure.numerator
        for group in LANGUAGE_WORDS
        if (figure := _of_language(figures, about, group)) and figure.numerator
    }
    everybody = figures.one(about.here, "asked")
    # Over everybody and not over the groups with numbers: those left out are people too.
    if everybody is None or not everybody.numerator or not groups:
        return ""
    shares = [
        f"{LANGUAGE_WORDS[group]} {percent(people / everybody.numerator)}"
        for group, people in groups.items()
    ]
    others = "" if len(groups) == len(LANGUAGE_WORDS) else " (other groups: too few to show)"
    return f"Languages of the people asked: {listed(shares)}{others}."


def _of_language(figures: Figures, about: ReportContext, group: str) -> Figure | None:
    return figures.one(about.here, "asked", breakdown="language_group", category=group)


def gaps_block(about: ReportContext) -> Block:
    """Needs that no service in the directory meets, the first ones given."""
    bullets = tuple(_gap(gap) for gap in about.gaps[:_MOST_GAPS])
    return Block(
        "Gaps in provision",
        bullets=bullets or ("The directory has a running service for every need.",),
    )


def _beside(about: ReportContext) -> Block:
    """Gaps in provision, then the programme's own indicators."""
    block = gaps_block(about)
    if not about.indicators:
        return block
    heading = f"{block.heading}, and other indicators"
    table = indicator_table(about.indicators, about, most=_MOST_INDICATORS)
    return replace(block, heading=heading, table=table)


def _gap(gap: Gap) -> str:
    people = ""
    if gap.count is not None:
        small = gap.count < FEWEST
        people = f" ({'fewer than 8' if small else count(gap.count)} people)"
    return f"No service found for {gap.need} in {_wards(gap)}{people}."


def _wards(gap: Gap) -> str:
    more = len(gap.wards) - _MOST_WARDS
    rest = [f"{more} more ward{'s' * (more > 1)}"] if more > 0 else []
    return listed([*gap.wards[:_MOST_WARDS], *rest])


def indicator_table(
    rows: tuple[MarmotIndicator, ...], about: ReportContext, *, most: int
) -> dict[str, Any]:
    """The first imported indicators as columns and rows of words: two wards beside the city."""
    places = dict.fromkeys(row.place for row in rows if row.place != about.city_name)
    wards = list(places)[:_MOST_PLACES]
    by_indicator: dict[int, dict[str, MarmotIndicator]] = {}
    for row in rows:
        by_indicator.setdefault(row.number, {})[row.place] = row
    return {
        "columns": ["Indicator", *wards, about.city_name],
        "widths": [3.6, *[1.4] * len(wards), 0.9],
        "rows": [
            [_named(next(iter(of.values()))), *_values(of, wards, about.city_name)]
            for of in list(by_indicator.values())[:most]
        ],
    }


def _named(row: MarmotIndicator) -> str:
    broken = " (definition changed)" if row.broken_series else ""
    return f"{row.name}, {row.unit}, {row.period.replace('-', '–')}{broken}"


def _values(of: Mapping[str, MarmotIndicator], wards: list[str], city: str) -> list[str]:
    own = [_plain(of[ward].value) if ward in of else "–" for ward in wards]
    if city in of:
        return [*own, _plain(of[city].value)]
    known = next((row.city_value for row in of.values()), None)
    return [*own, "–" if known is None else _plain(known)]


def _plain(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:,.1f}"


def _next(figures: Figures, about: ReportContext) -> Block:
    changes = what_changed(figures, about)[:2]
    changed = (f"What changed: {' '.join(changes)}",) if changes else ()
    return Block("What you could do", lines=changed, bullets=(*what_you_could_do(figures, about),))


def method_block(figures: Figures, about: ReportContext) -> Block:
    """How the figures were made and how to read them."""
    methods = sorted({row.method for row in figures if row.method and row.period == about.period})
    like = sorted({need.method for need in about.standardised.values()})
    ways = listed(methods) or "none"
    if like:
        ways += f"; allowing for age: {listed(like)}, European Standard Population 2013"
    words = _METHOD.format(ways=ways, city=about.city_name, edition=about.imd_edition)
    if about.person_years:
        words += " Somebody asked in two financial years counts in each."
    if about.counted_before:
        words += (
            " For “at least one need”, first needs of these months stand over first askings of"
            " these months; earlier months of the year are not in them."
        )
    return Block("How this was made", lines=(words,), small=True)


_METHOD: Final = (
    "All counts of people asked are rounded at random to multiples of 5, once, so that nobody can"
    " be found in them. "
    + SMALL_COUNTS
    + " Lines through dots are 95% intervals ({ways}). “Higher” and"
    " “lower” mean a difference from {city} that chance and rounding seldom make. Deciles are of"
    " {edition}, 1 the most deprived. Figures count people asked, not everyone who lives here."
)
