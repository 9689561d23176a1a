"""Slides of 16:9, one finding on each, made of the same charts and sentences as the page."""

from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Final

from template_service.aggregates.report.charts import SLIDE_SIZES, charts
from template_service.aggregates.report.context import ReportContext
from template_service.aggregates.report.figures import Figures
from template_service.aggregates.report.fonts import Font
from template_service.aggregates.report.gradient_chart import slope_in_words
from template_service.aggregates.report.infographic import (
    NOTHING_TO_SAY,
    Block,
    Drawn,
    charted,
    drawn,
    gaps_block,
    method_block,
    page_of,
)
from template_service.aggregates.report.key_messages import (
    about_chart,
    key_messages,
    what_changed,
    what_you_could_do,
)
from template_service.aggregates.report.tiles import tiles
from template_service.aggregates.report.typesetting import pdf

_ORDER: Final = ("coverage", "residents", "gradient", "domains", "cascade")


def slides(figures: Figures, about: ReportContext, font: Font) -> bytes:
    """The slides of a PCN, or of the city, as tagged PDF/UA-1."""
    found = drawn(charts(figures, about, SLIDE_SIZES), SLIDE_SIZES, font)
    headline = next(iter(key_messages(figures, about)), NOTHING_TO_SAY)
    deck = page_of(about, "People’s needs and the help they get", headline)
    words = (
        Block("What changed", lines=tuple(what_changed(figures, about))),
        gaps_block(about),
        Block("What you could do", bullets=tuple(what_you_could_do(figures, about))),
        method_block(figures, about),
    )
    told = (
        *(_finding(figures, about, found, name) for name in _ORDER if name in found),
        *(block for block in words if block.lines or block.bullets),
    )
    deck["tiles"] = [tile._asdict() for tile in tiles(figures, about)]
    deck["slides"] = [asdict(block) for block in told]
    return pdf("slides", deck, font)


def _finding(
    figures: Figures, about: ReportContext, found: Mapping[str, Drawn], name: str
) -> Block:
    """A chart under what it says, where a sentence about it passed; else under its title."""
    block = charted(found, name)
    if name == "gradient" and (slope := slope_in_words(about)):
        block = replace(block, lines=(slope,))
    sentence = about_chart(figures, about, name)
    if not sentence:
        return block
    return replace(block, heading=sentence, measure=f"{block.heading}. {block.measure}")
