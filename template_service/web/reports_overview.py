"""The first page of the reports: headline of the city, the networks, the releases."""

from datetime import datetime

from flask import render_template, url_for

from template_service.access.policy import PRACTICE
from template_service.aggregates.released_figures import ReleasedFigures
from template_service.aggregates.releases import Release, releases
from template_service.aggregates.report.wording import percent, period_name
from template_service.aggregates.reporting_period import Period
from template_service.aggregates.vocabulary import ALL, ANY
from template_service.clock import LOCAL
from template_service.errors import NotFound
from template_service.web import reports_practice
from template_service.web.blueprint import Link, principal
from template_service.web.reports_choice import (
    Place,
    month_options,
    networks,
    period_asked,
    the_city,
)
from template_service.web.reports_figures import chosen, top_of
from template_service.web.reports_page import aggregates_folder, figures, report_page
from template_service.web.reports_steps import steps
from template_service.web.words import british_date


def page() -> str:
    """The overview for public health; a practice sees itself; before a release, what to do."""
    by_practice = principal().role in PRACTICE
    try:
        found = figures()
    except NotFound:
        return render_template("web/reports/empty.html", for_public_health=not by_practice)
    return reports_practice.page(found) if by_practice else _overview(found)


def _overview(found: ReleasedFigures) -> str:
    period, city = period_asked(found), the_city(found)
    table = found.table(period, [city.wanted])
    told = chosen(table, domain=ANY, breakdown=ALL)
    top = top_of(told)
    return report_page(
        "overview.html",
        period,
        fields=period_fields(found, period),
        city={"name": city.name, "href": url_for("web.city_report", period=str(period))},
        steps=steps(told, city.within(period), top),
        top=percent(top),
        networks=[Link(each.name, _href(each, period)) for each in networks(found)],
        releases=[line(each) for each in releases(aggregates_folder())],
    )


def period_fields(found: ReleasedFigures, period: Period) -> tuple[tuple[str, str, object], ...]:
    """The two selects that choose any run of released months."""
    return (
        ("from", "From", month_options(found, period.first)),
        ("to", "To", month_options(found, period.last)),
    )


def line(release: Release) -> dict[str, str]:
    """A release in a list."""
    document = release.document
    made = datetime.fromisoformat(document["made_at"]).astimezone(LOCAL)
    months = Period(release.months[0], release.months[-1])
    return {
        "id": release.id,
        "href": url_for("web.release", release_id=release.id),
        "made": british_date(made.date()),
        "months": period_name(str(months)),
        "audit": audit_in_words(document["audit"]),
        "figures": url_for("web.release_file", release_id=release.id, name="figures.csv"),
    }


def audit_in_words(audit: dict[str, int]) -> str:
    """What the attacker found out before the release was made."""
    if not audit["narrow"]:
        return "Passed: no cell could be found out"
    return f"{audit['narrow']} cells nearly found out, {audit['exact']} of them exactly"


def _href(place: Place, period: Period) -> str:
    return url_for("web.pcn_report", code=place.code, period=str(period))
