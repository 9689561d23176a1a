"""The page of a network or of the city: the infographic's charts, with their tables beside them."""

from functools import lru_cache
from typing import Final, NamedTuple
from urllib.parse import urlencode

from flask import url_for

from template_service.aggregates.areas import PCN
from template_service.aggregates.released_figures import ReleasedFigures
from template_service.aggregates.report.charts import PAGE_SIZES, charts
from template_service.aggregates.report.context import Gap, ReportContext
from template_service.aggregates.report.figures import Figures
from template_service.aggregates.report.infographic import method_block
from template_service.aggregates.report.key_messages import (
    about_chart,
    key_messages,
    what_changed,
    what_you_could_do,
)
from template_service.aggregates.report.wording import percent
from template_service.aggregates.report_assembly import report_of
from template_service.aggregates.reporting_period import Period
from template_service.web.blueprint import Link
from template_service.web.reports_charts import Drawn, drawn
from template_service.web.reports_choice import (
    Place,
    month_options,
    network,
    period_asked,
    the_city,
)
from template_service.web.reports_coverage import coverage
from template_service.web.reports_figures import Share, top_of
from template_service.web.reports_files import FILES
from template_service.web.reports_lacks import lacks
from template_service.web.reports_page import figures, report_page
from template_service.web.reports_steps import STEPS, steps

# A city's twenty areas in a few periods: about 100 kB each.
_KEPT: Final = 64


class View(NamedTuple):
    """Everything on the page that does not change while its release is the latest."""

    coverage: str
    messages: list[str]
    steps: list[tuple[str, Share]]
    top: str
    charts: list[Drawn]
    changed: list[str]
    could_do: list[str]
    gaps: list[Gap]
    indicators: list[tuple[str, ...]]
    method: tuple[str, ...]


def page(code: str = "") -> str:
    """The page of a network, or without a code of the city."""
    found = figures()
    area = network(found, code) if code else the_city(found)
    period = period_asked(found)
    lacking = lacks(found, area)
    return report_page(
        "area.html",
        period,
        fields=(
            ("from", "From", month_options(found, period.first)),
            ("to", "To", month_options(found, period.last)),
        ),
        area=area,
        city=the_city(found).name,
        view=_view(found, area, period, lacking),
        downloads=[Link(text, _file(area, name, period)) for name, text in FILES.items()],
        more=[
            Link(text, f"{url_for(endpoint)}?{urlencode({'area': area.key} | _months(period))}")
            for endpoint, text in (
                ("web.gradient", "Gradient explorer"),
                ("web.equity", "Equity of the work"),
            )
        ],
    )


def _file(area: Place, name: str, period: Period) -> str:
    if area.kind == PCN:
        return url_for("web.pcn_report_file", code=area.code, name=name, period=str(period))
    return url_for("web.city_report_file", name=name, period=str(period))


def _months(period: Period) -> dict[str, str]:
    return {"from": period.first, "to": period.last}


@lru_cache(maxsize=_KEPT)
def _view(found: ReleasedFigures, area: Place, period: Period, lacking: tuple[Gap, ...]) -> View:
    pcn = area.code if area.kind == PCN else None
    table, about = report_of(found, pcn, period, gaps=lacking)
    told = Figures(table)
    top = top_of(told.one(about.here, step) for step in STEPS)
    return View(
        coverage(table, about.here),
        [
            said
            for said in key_messages(told, about)
            if said != about_chart(told, about, "coverage")
        ],
        steps(told, about.here, top),
        percent(top),
        [drawn(chart) for chart in charts(told, about, PAGE_SIZES).values()],
        what_changed(told, about),
        what_you_could_do(told, about),
        list(lacking),
        [_indicator(about, row) for row in range(len(about.indicators))],
        method_block(told, about).lines,
    )


def _indicator(about: ReportContext, place: int) -> tuple[str, ...]:
    row = about.indicators[place]
    return (
        f"{row.name}, {row.unit}" + (" (definition changed)" if row.broken_series else ""),
        row.period,
        row.place,
        f"{row.value:,.10g}",
        "–" if row.city_value is None else f"{row.city_value:,.10g}",
    )
