"""What every page of the reports is given: the ways to the others, the period, the sources."""

from pathlib import Path
from typing import Any, Final, NamedTuple

from flask import render_template, request, url_for

from template_service.aggregates.released_figures import ReleasedFigures
from template_service.aggregates.report.wording import SMALL_COUNTS, period_name
from template_service.aggregates.reporting_period import Period
from template_service.web.blueprint import may_open, principal, service
from template_service.web.reports_choice import period_note

# Endpoint, what it is called, and the pages that are opened from it.
_WAYS: Final = (
    ("web.reports", "Overview", ("web.pcn_report", "web.release")),
    ("web.city_report", "City", ()),
    ("web.gradient", "Gradient", ()),
    ("web.equity", "Equity of the work", ()),
    ("web.gaps", "Gaps", ()),
    ("web.compare", "Compare", ()),
    ("web.indicators", "Indicators", ("web.indicator",)),
)


class Way(NamedTuple):
    """A link to another page; `current` is the word of WAI-ARIA for where the reader is, or blank.

    `page` stands for the page itself and `true` for one that is opened from it.
    """

    text: str
    href: str
    current: str


def figures() -> ReleasedFigures:
    """The released figures; raises `NotFound` before the first release."""
    return service().figures()


def aggregates_folder() -> Path:
    """Where the releases lie."""
    return service().settings.data / "aggregates"


def ways() -> list[Way]:
    """The other pages of the reports that this role may open."""
    return [
        Way(text, url_for(endpoint), _current(endpoint, within))
        for endpoint, text, within in _WAYS
        if may_open(endpoint, principal())
    ]


def _current(endpoint: str, within: tuple[str, ...]) -> str:
    if request.endpoint == endpoint:
        return "page"
    return "true" if request.endpoint in within else ""


def report_page(template: str, period: Period | None, **values: Any) -> str:
    """A page of the reports about a period."""
    return render_template(
        f"web/reports/{template}",
        ways=ways(),
        period_name=period_name(str(period)) if period else "",
        person_years=period_note(period) if period else "",
        small_counts=SMALL_COUNTS,
        **values,
    )
