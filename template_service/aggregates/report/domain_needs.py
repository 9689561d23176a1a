"""Need by part of life as a page says it: with ages made alike where that can be given."""

from typing import Final, NamedTuple

from template_service.aggregates.report.context import ReportContext
from template_service.aggregates.report.figures import Figures, shown
from template_service.aggregates.report.wording import domain_names
from template_service.aggregates.vocabulary import ANY, CITY_ONLY_DOMAINS

# Safety is on no page for people; fairness is published for the city only.
NEVER_ON_A_PAGE: Final = ("safety",)


class DomainNeed(NamedTuple):
    """Share of the people asked who had a need, 0 to 1, against the city's made the same way.

    `standardised` says that ages were made alike; the counts are always those of the people asked.
    """

    domain: str
    name: str
    value: float
    lower: float
    upper: float
    comparison: float | None
    significance: str
    numerator: int
    denominator: int
    standardised: bool


def shown_domains(about: ReportContext) -> tuple[str, ...]:
    """The domains a page about this area may show, in the order of the template."""
    hidden = NEVER_ON_A_PAGE if about.here == about.city else (*NEVER_ON_A_PAGE, *CITY_ONLY_DOMAINS)
    return tuple(code for code in domain_names() if code not in (ANY, *hidden))


def domain_needs(figures: Figures, about: ReportContext) -> dict[str, DomainNeed]:
    """Domain to its need, in the template's order; absent where its figure has no numbers."""
    found = (_need(figures, about, domain) for domain in shown_domains(about))
    return {need.domain: need for need in found if need}


def _need(figures: Figures, about: ReportContext, domain: str) -> DomainNeed | None:
    crude = shown(figures.one(about.here, "need", domain=domain))
    if crude is None:
        return None
    counts = (crude.numerator, crude.denominator)
    like = about.standardised.get(domain)
    if like is None:
        return DomainNeed(
            *(domain, domain_names()[domain], crude.value, crude.lower, crude.upper),
            *(crude.comparison, crude.significance, *counts),
            standardised=False,
        )
    return DomainNeed(
        *(domain, domain_names()[domain], like.value, like.lower, like.upper),
        *(like.city, like.significance, *counts),
        standardised=True,
    )
