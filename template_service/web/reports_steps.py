"""The steps from asking to help as rows of a table: coverage first, so need never stands alone."""

from typing import Final

from template_service.aggregates.report.figures import Area, Figures
from template_service.aggregates.report.wording import INDICATOR_NAMES
from template_service.aggregates.vocabulary import ALL, ANY
from template_service.web.reports_figures import Share, share

STEPS: Final = ("asked", "declined", "need", "wants_help", "signposted", "referred", "helped")


def steps(
    figures: Figures, area: Area, top: float | None = None, *, domain: str = ANY
) -> list[tuple[str, Share]]:
    """Every step of an area, by its name."""
    return [
        (
            INDICATOR_NAMES[step],
            share(figures.one(area, step, domain=domain, breakdown=ALL, category=ALL), top),
        )
        for step in STEPS
    ]
