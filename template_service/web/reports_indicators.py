"""The programme's fifteen indicators: what has been imported, and what each stands beside."""

from flask import url_for

from template_service.aggregates.indicators.breakdowns import PUBLISHED_BREAKDOWNS
from template_service.aggregates.indicators.reading import Standing, standings
from template_service.aggregates.indicators.registry import registry
from template_service.aggregates.report.wording import domain_names
from template_service.web.blueprint import Link
from template_service.web.reports_page import aggregates_folder, report_page
from template_service.web.words import counted

BREAKDOWNS = dict(
    zip(
        PUBLISHED_BREAKDOWNS,
        ("deprivation decile", "sex", "age", "free school meals", "ethnic group"),
        strict=True,
    )
)


def page() -> str:
    """Every indicator in the programme's order; they need no release."""
    return report_page(
        "indicators.html",
        None,
        source=registry().source,
        indicators=[_line(each) for each in standings(aggregates_folder())],
    )


def _line(standing: Standing) -> dict[str, object]:
    indicator = standing.indicator
    return {
        "link": Link(indicator.name, url_for("web.indicator", number=indicator.id)),
        "number": indicator.id,
        "unit": indicator.unit.words if indicator.unit else "not published yet",
        "split": ", ".join(BREAKDOWNS[each] for each in indicator.breakdowns)
        or ("" if indicator.breakdowns_confirmed else "to be confirmed by the programme"),
        "state": standing.says
        or f"{counted(standing.figures, 'figure', 'figures')}, latest {standing.periods[-1]}",
        "beside": ", ".join(domain_names()[domain] for domain in indicator.domains),
    }
