"""A practice beside its network and the city: its own figures, and nobody else's."""

from template_service.aggregates.areas import PCN, PRACTICE
from template_service.aggregates.released_figures import ReleasedFigures
from template_service.aggregates.report.figures import Area, Figures
from template_service.aggregates.report.wording import domain_names
from template_service.aggregates.vocabulary import ALL, ANY, CITY_ONLY_DOMAINS, domains
from template_service.errors import NotFound
from template_service.web.blueprint import principal
from template_service.web.reports_choice import Place, month_options, period_asked, the_city
from template_service.web.reports_figures import Share, chosen, share
from template_service.web.reports_page import report_page
from template_service.web.reports_steps import STEPS, steps


def page(figures: ReleasedFigures) -> str:
    """The page of whoever is signed in; raises `NotFound` for a practice without figures."""
    places, period = _places(figures), period_asked(figures)
    table = figures.table(period, [place.wanted for place in places])
    areas = [place.within(period) for place in places]
    work = chosen(table, domain=ANY, breakdown=ALL, indicator=STEPS)
    need = chosen(table, breakdown=ALL, indicator="need")
    return report_page(
        "practice.html",
        period,
        fields=(
            ("from", "From", month_options(figures, period.first)),
            ("to", "To", month_options(figures, period.last)),
        ),
        names=["Your practice", *(place.name for place in places[1:])],
        city=places[-1].name,
        work=_side_by_side([steps(work, area) for area in areas]),
        needs=_needs(need, areas),
    )


def _places(figures: ReleasedFigures) -> list[Place]:
    """The practice of the session, its network and the city; never one that was asked for."""
    code = principal().organisation_id
    pcn = figures.areas.pcn_of.get(code)
    if pcn is None:
        raise NotFound("The figures do not know your practice")
    return [
        Place(PRACTICE, code, figures.areas.name(PRACTICE, code)),
        Place(PCN, pcn, figures.areas.name(PCN, pcn)),
        the_city(figures),
    ]


def _side_by_side(columns: list[list[tuple[str, Share]]]) -> list[tuple[str, list[Share]]]:
    return [(rows[0][0], [each for _, each in rows]) for rows in zip(*columns, strict=True)]


def _needs(figures: Figures, areas: list[Area]) -> list[tuple[str, list[Share]]]:
    """Need by domain in the template's order, without those that only the city shows."""
    return [
        (
            domain_names()[domain],
            [share(figures.one(area, "need", domain=domain)) for area in areas],
        )
        for domain in domains()
        if domain not in CITY_ONLY_DOMAINS
    ]
