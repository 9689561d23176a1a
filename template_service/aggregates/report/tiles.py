"""The few large numbers of a page, read at arm's length: asked, in need, wanting help, helped."""

from typing import Final, NamedTuple

from template_service.aggregates.report.context import ReportContext
from template_service.aggregates.report.figures import Figure, Figures, Shown, shown
from template_service.aggregates.report.lists import CHILD_BANDS
from template_service.aggregates.report.wording import CHILD_BAND_NAMES, count, percent

_STEPS: Final = {
    "need": "had a need",
    "wants_help": "wanted help",
    "helped": "were helped",
}
_AGAINST: Final = {"higher": "Higher than", "similar": "Similar to", "lower": "Lower than"}


class Tile(NamedTuple):
    """A large number, what it is, and what it stands beside."""

    value: str
    words: str
    note: str


def tiles(figures: Figures, about: ReportContext) -> tuple[Tile, ...]:
    """Who was asked, then shares of them; none at all where who was asked may not be shown."""
    figure = figures.one(about.here, "asked")
    if figure is None or figure.numerator is None:
        return ()
    row = shown(figure)
    of = f"{percent(row.value)} of {count(row.denominator)} registered" if row else ""
    found = [Tile(count(figure.numerator), "people asked", of or "Number registered not known")]
    for indicator, words in _STEPS.items():
        if step := shown(figures.one(about.here, indicator)):
            found.append(Tile(percent(step.value), f"of them {words}", _note(step, about)))
    return tuple(found)


def child_tiles(figures: Figures, about: ReportContext) -> tuple[Tile, ...]:
    """Children asked about, then the share in need of each age; of a part, where one is small."""
    asked = [_of_band(figures, about, "asked", band) for band in CHILD_BANDS]
    numbers = [figure.numerator for figure in asked if figure and figure.numerator is not None]
    found = []
    if len(numbers) == len(CHILD_BANDS):
        lists = [figure.denominator for figure in asked if figure]
        registered = sum(each for each in lists if each is not None)
        known = None not in lists and registered > 0
        of = f"{percent(sum(numbers) / registered)} of {count(registered)}" if known else "Number"
        of += " registered" if known else " registered not known"
        found.append(Tile(count(sum(numbers)), "children asked about", of))
    for band in CHILD_BANDS:
        if need := shown(_of_band(figures, about, "need", band)):
            words = f"had a need, {CHILD_BAND_NAMES[band].lower()}"
            found.append(Tile(percent(need.value), words, _note(need, about)))
    return tuple(found)


def _of_band(figures: Figures, about: ReportContext, indicator: str, band: str) -> Figure | None:
    return figures.one(about.here, indicator, breakdown="age_band", category=band)


def _note(row: Shown, about: ReportContext) -> str:
    if row.comparison is None or not row.significance:
        return f"{count(row.numerator)} people"
    return f"{_AGAINST[row.significance]} {about.city_name} ({percent(row.comparison)})"
