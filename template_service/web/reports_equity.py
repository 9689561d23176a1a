"""Equity of the work: who is asked, declines, wants help and gets it, group by group."""

from typing import Final

import pyarrow as pa

from template_service.aggregates.report.figures import Area
from template_service.aggregates.report.wording import (
    BREAKDOWN_NAMES,
    INDICATOR_NAMES,
    category_name,
)
from template_service.aggregates.vocabulary import ALL, BREAKDOWNS, CATEGORIES
from template_service.web.reports_choice import (
    domain_asked,
    domain_options,
    month_options,
    one_of,
    only_of_the_city,
    options,
    period_asked,
    place_asked,
    place_options,
)
from template_service.web.reports_coverage import coverage
from template_service.web.reports_figures import Share, chosen, share
from template_service.web.reports_page import figures, report_page

_WORK: Final = ("asked", "declined", "wants_help", "signposted", "referred", "helped")
_BY: Final = {code: name for code, name in BREAKDOWN_NAMES.items() if code != ALL}


def page() -> str:
    """The work of an area by the groups of one breakdown, as the address says."""
    found = figures()
    period, area, domain = period_asked(found), place_asked(found), domain_asked()
    breakdown = one_of("breakdown", BREAKDOWNS[1:], "imd_decile")
    table = found.table(period, [area.wanted])
    here = area.within(period)
    return report_page(
        "equity.html",
        period,
        fields=(
            ("area", "Area", place_options(found, area)),
            ("domain", "Part of life", domain_options(domain)),
            ("breakdown", "By", options(_BY, breakdown)),
            ("from", "From", month_options(found, period.first)),
            ("to", "To", month_options(found, period.last)),
        ),
        area=area.name,
        edition=found.areas.imd_edition if breakdown == "imd_decile" else "",
        why_none=only_of_the_city(domain, area),
        coverage=coverage(table, here, domain),
        breakdown=BREAKDOWN_NAMES[breakdown],
        columns=[INDICATOR_NAMES[each] for each in _WORK],
        rows=_rows(table, here, domain, breakdown),
    )


def _rows(
    table: pa.Table, area: Area, domain: str, breakdown: str
) -> list[tuple[str, list[Share]]]:
    told = chosen(table, domain=domain, breakdown=(ALL, breakdown), indicator=_WORK)
    cells = [(ALL, ALL), *((breakdown, category) for category in CATEGORIES[breakdown])]
    return [
        (
            "Everybody" if by == ALL else category_name(by, category),
            [
                share(told.one(area, step, domain=domain, breakdown=by, category=category))
                for step in _WORK
            ],
        )
        for by, category in cells
    ]
