"""What every page of the reports is given: the ways to the others, the period, the sources."""

from pathlib import Path
from typing import Any

from flask import render_template, request, url_for

from template_service.aggregates.released_figures import ReleasedFigures
from template_service.aggregates.report.wording import period_name
from template_service.aggregates.reporting_period import Period
from template_service.web.blueprint import Link, may_open, principal, service
from template_service.web.reports_choice import period_note

_WAYS = (
    ("web.reports", "Overview"),
    ("web.city_report", "City"),
    ("web.gradient", "Gradient"),
    ("web.equity", "Equity of the work"),
    ("web.gaps", "Gaps"),
    ("web.compare", "Compare"),
    ("web.indicators", "Indicators"),
)


def figures() -> ReleasedFigures:
    """The released figures; raises `NotFound` before the first release."""
    return service().figures()


def aggregates_folder() -> Path:
    """Where the releases lie."""
    return service().settings.data / "aggregates"


def ways() -> list[Link]:
    """The other pages of the reports that this role may open."""
    return [
        Link(text, url_for(endpoint), current=request.endpoint == endpoint)
        for endpoint, text in _WAYS
        if may_open(endpoint, principal())
    ]


def report_page(template: str, period: Period | None, **values: Any) -> str:
    """A page of the reports about a period."""
    return render_template(
        f"web/reports/{template}",
        ways=ways(),
        period_name=period_name(str(period)) if period else "",
        person_years=period_note(period) if period else "",
        **values,
    )
