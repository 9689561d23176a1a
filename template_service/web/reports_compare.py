"""Two networks side by side, or two periods of one area, with the difference and its interval."""

from functools import lru_cache
from typing import Final, NamedTuple

from flask import request

from template_service.aggregates.areas import PCN
from template_service.aggregates.released_figures import ReleasedFigures
from template_service.aggregates.report.comparison import Comparison, Row, compare
from template_service.aggregates.report.comparison_chart import comparison_chart
from template_service.aggregates.report.drawing import Size
from template_service.aggregates.report.figures import Shown
from template_service.aggregates.report.wording import (
    INDICATOR_NAMES,
    SIGNIFICANCE_NAMES,
    count,
    domain_names,
    percent,
    period_name,
)
from template_service.aggregates.report_assembly import Subject
from template_service.aggregates.reporting_period import Period
from template_service.aggregates.vocabulary import ANY
from template_service.errors import Invalid
from template_service.web.reports_charts import Drawn, drawn
from template_service.web.reports_choice import (
    Option,
    Place,
    options,
    period_asked,
    place_asked,
    place_options,
    released_period,
)
from template_service.web.reports_page import figures, report_page

_KEPT: Final = 32
# As wide as a phone, so that its letters can be read there.
_SIZE: Final = Size(380, 330)


class View(NamedTuple):
    """A comparison for reading: the steps of at least one need first, then each part of life."""

    title: str
    left: str
    right: str
    headline: list[tuple[str, ...]]
    chart: Drawn | None
    rows: list[tuple[str, ...]]


def page() -> str | tuple[str, int]:
    """The two sides of the address; what cannot be compared is said above the form, with 400."""
    found = figures()
    left, period = place_asked(found, "left"), period_asked(found)
    right = place_asked(found, "right") if request.args.get("right") else left
    later = request.args.get("period2", "")
    other = released_period(found, later) if later else period
    why, view = "", None
    if request.args:
        try:
            view = _view(found, _subject(left, period), _subject(right, other))
        except Invalid as refusal:
            why = refusal.message
    drawn_page = report_page(
        "compare.html",
        None,
        fields=(
            ("left", "Area", place_options(found, left)),
            ("right", "Second area", place_options(found, right)),
            ("period", "Period", _periods(found, period)),
            ("period2", "Second period", _periods(found, other)),
        ),
        why=why,
        view=view,
    )
    return (drawn_page, 400) if why else drawn_page


def _subject(area: Place, period: Period) -> Subject:
    return Subject(area.code if area.kind == PCN else None, period)


def _periods(found: ReleasedFigures, chosen: Period) -> list[Option]:
    """The year to date, each month, and whatever the address names besides."""
    months = (Period(month, month) for month in reversed(found.months))
    every = dict.fromkeys((found.year_to_date, *months, chosen))
    return options({str(each): period_name(str(each)) for each in every}, str(chosen))


@lru_cache(maxsize=_KEPT)
def _view(found: ReleasedFigures, left: Subject, right: Subject) -> View:
    sides = compare(found, left, right)
    chart = comparison_chart(sides, _SIZE)
    where = (
        found.areas.known(PCN, left.pcn) if left.pcn else found.areas.name("city", found.areas.city)
    )
    return View(
        period_name(str(left.period)) if left.period == right.period else where,
        sides.left,
        sides.right,
        [_words(row, sides)[1:] for row in sides.rows if row.domain == ANY],
        drawn(chart) if chart else None,
        [_words(row, sides) for row in sides.rows if row.domain != ANY],
    )


def _words(row: Row, sides: Comparison) -> tuple[str, ...]:
    """A row as words: domain, step, both sides, the difference and what it means."""
    apart = row.difference
    return (
        domain_names()[row.domain],
        INDICATOR_NAMES[row.indicator],
        _side(row.left),
        _side(row.right),
        f"{_points(apart.value)} ({_points(apart.lower)} to {_points(apart.upper)})"
        if apart
        else "–",
        _meaning(SIGNIFICANCE_NAMES[apart.significance], sides) if apart else row.why,
    )


def _meaning(word: str, sides: Comparison) -> str:
    return "Not clearly different" if word == "Similar" else f"{word} in {sides.left}"


def _side(row: Shown | None) -> str:
    if row is None:
        return "–"
    return f"{percent(row.value, 1)} ({count(row.numerator)} of {count(row.denominator)})"


def _points(share: float) -> str:
    """A difference in people of every 100, with its sign."""
    return f"{100 * share:+.1f}".replace("-", "−")
