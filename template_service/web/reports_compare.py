"""Two networks side by side, or two periods of one area, with the difference and its interval."""

from functools import lru_cache
from typing import Final, NamedTuple
from urllib.parse import urlencode

from flask import Response, request, url_for

from template_service.aggregates.areas import PCN
from template_service.aggregates.figures import Wanted
from template_service.aggregates.released_figures import ReleasedFigures
from template_service.aggregates.report.comparison import Comparison, Row, compare
from template_service.aggregates.report.comparison_chart import comparison_chart
from template_service.aggregates.report.comparison_file import comparison_csv
from template_service.aggregates.report.drawing import Size
from template_service.aggregates.report.figures import Shown, shown
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
from template_service.aggregates.vocabulary import ALL, ANY
from template_service.errors import Invalid
from template_service.web.reports_charts import Drawn, drawn
from template_service.web.reports_choice import (
    Option,
    Place,
    networks,
    one_of,
    options,
    period_asked,
    place_asked,
    place_options,
    released_period,
    the_city,
)
from template_service.web.reports_figures import chosen
from template_service.web.reports_page import figures, report_page

_KEPT: Final = 32
_CSV: Final = "csv"
# As wide as a phone, so that its letters can be read there.
_SIZE: Final = Size(380, 330)


class Sides(NamedTuple):
    """Two areas and their periods."""

    left: Place
    right: Place
    period: Period
    other: Period


class View(NamedTuple):
    """A comparison for reading: the steps of at least one need first, then each part of life."""

    title: str
    left: str
    right: str
    headline: list[tuple[str, ...]]
    chart: Drawn | None
    rows: list[tuple[str, ...]]


def page() -> str | tuple[str, int] | Response:
    """The two sides of the address, else two that have figures; `format=csv` asks for the file.

    What cannot be compared is said above the form, with 400 where the reader chose it.
    """
    found, asked = figures(), bool(request.args)
    sides = _asked(found) if asked else _first(found)
    form = one_of("format", ("page", _CSV), "page")
    why, view = "", None
    try:
        if form == _CSV:
            return _file(found, sides)
        view = _view(found, *_subjects(sides))
    except Invalid as refusal:
        why = refusal.message
    drawn_page = report_page(
        "compare.html",
        None,
        fields=(
            ("left", "Area", place_options(found, sides.left)),
            ("right", "Second area", place_options(found, sides.right)),
            ("period", "Period", _periods(found, sides.period)),
            ("period2", "Second period", _periods(found, sides.other)),
        ),
        why=why,
        opening="" if asked else _opening(sides),
        view=view,
        file=f"{url_for('web.compare')}?{urlencode(_address(sides) | {'format': _CSV})}",
    )
    return (drawn_page, 400) if why and asked else drawn_page


def _asked(found: ReleasedFigures) -> Sides:
    left, period = place_asked(found, "left"), period_asked(found)
    right = place_asked(found, "right") if request.args.get("right") else left
    later = request.args.get("period2", "")
    return Sides(left, right, period, released_period(found, later) if later else period)


@lru_cache(maxsize=_KEPT)
def _first(found: ReleasedFigures) -> Sides:
    """The first two networks by name with a share in need; else the city's first and last month."""
    period, every = found.year_to_date, networks(found)
    told = chosen(found.table(period, [Wanted(PCN)]), domain=ANY, breakdown=ALL, indicator="need")
    known = [each for each in every if shown(told.one(each.within(period), "need"))]
    if len(known) > 1:
        return Sides(known[0], known[1], period, period)
    city = the_city(found)
    return Sides(city, city, *(Period(month, month) for month in (period.first, period.last)))


def _opening(sides: Sides) -> str:
    """What the page compares before anybody chose."""
    if sides.left == sides.right:
        return "Here are the first and the latest month of the year."
    return "Here are the first two networks that have figures, in order of name."


def _address(sides: Sides) -> dict[str, str]:
    return {
        "left": sides.left.key,
        "right": sides.right.key,
        "period": str(sides.period),
        "period2": str(sides.other),
    }


def _file(found: ReleasedFigures, sides: Sides) -> Response:
    """The page's table as CSV."""
    content = comparison_csv(compare(found, *_subjects(sides)))
    answer = Response(content, content_type="text/csv; charset=utf-8")
    named = "-".join(dict.fromkeys(_address(sides).values())).replace("/", "-to-")
    answer.headers["Content-Disposition"] = f'attachment; filename="comparison-{named}.csv"'
    return answer


def _subjects(sides: Sides) -> tuple[Subject, Subject]:
    return _subject(sides.left, sides.period), _subject(sides.right, sides.other)


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
