"""Gaps: help wanted against help given by area, and needs without a service by ward."""

from functools import lru_cache
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from template_service.aggregates.areas import PCN, WARD
from template_service.aggregates.figures import Wanted
from template_service.aggregates.provision import unmet_needs, wards_of
from template_service.aggregates.released_figures import ReleasedFigures
from template_service.aggregates.report.figures import Figures
from template_service.aggregates.report.wording import INDICATOR_NAMES, domain_names
from template_service.aggregates.reporting_period import Period
from template_service.aggregates.vocabulary import ALL, CITY_ONLY_DOMAINS
from template_service.web.blueprint import service
from template_service.web.reports_choice import (
    Place,
    domain_asked,
    domain_options,
    month_options,
    networks,
    one_of,
    options,
    period_asked,
    the_city,
)
from template_service.web.reports_figures import Share, chosen, share
from template_service.web.reports_page import figures, report_page

_FROM_WANTING_TO_HELP: Final = (
    "asked",
    "not_offered",
    "wants_help",
    "signposted",
    "referred",
    "helped",
)
_KINDS: Final = {PCN: "Primary care network", WARD: "Ward"}
_KEPT: Final = 8


def page() -> str:
    """Who wanted help and who got it in each network or ward, and what the directory lacks."""
    found = figures()
    period, domain, kind = period_asked(found), domain_asked(), one_of("by", _KINDS, PCN)
    hidden = domain in CITY_ONLY_DOMAINS
    places = [the_city(found), *([] if hidden else _places(found, kind))]
    return report_page(
        "gaps.html",
        period,
        fields=(
            ("by", "By", options(_KINDS, kind)),
            ("domain", "Part of life", domain_options(domain)),
            ("from", "From", month_options(found, period.first)),
            ("to", "To", month_options(found, period.last)),
        ),
        kind=_KINDS[kind],
        domain=domain_names()[domain],
        hidden=hidden,
        columns=[INDICATOR_NAMES[each] for each in _FROM_WANTING_TO_HELP],
        rows=_rows(found, period, domain, places),
        unmet=unmet_needs(service().directory, found.areas),
    )


def _places(found: ReleasedFigures, kind: str) -> list[Place]:
    """Every network or ward in order of name."""
    if kind == PCN:
        return networks(found)
    return [Place(WARD, code, name) for code, name in wards_of(found.areas).items()]


def _rows(
    found: ReleasedFigures, period: Period, domain: str, places: list[Place]
) -> list[tuple[str, list[Share]]]:
    by_kind: dict[str, Figures] = {
        kind: chosen(_of_everybody(found, period, kind), domain=domain)
        for kind in {place.kind for place in places}
    }
    return [
        (
            place.name,
            [
                share(by_kind[place.kind].one(place.within(period), step, domain=domain))
                for step in _FROM_WANTING_TO_HELP
            ],
        )
        for place in places
    ]


@lru_cache(maxsize=_KEPT)
def _of_everybody(found: ReleasedFigures, period: Period, kind: str) -> pa.Table:
    """The rows of `all` of every area of a kind: of hundreds of areas, few of many rows."""
    table = found.table(period, [Wanted(kind)])
    steps = pa.array(_FROM_WANTING_TO_HELP)
    kept = pc.and_(pc.equal(table["breakdown"], ALL), pc.is_in(table["indicator"], value_set=steps))
    return table.filter(kept)
