"""Needs that no running service of the published directory covers in some wards."""

from flask import Response

from template_service.aggregates.areas import Areas
from template_service.aggregates.kept_figures import ReportingNotInstalled, reporting
from template_service.web.blueprint import service
from template_service.web.curate_page import curate_page


def page() -> Response:
    """Each need with the wards that have nothing for it."""
    running = service()
    try:
        with reporting():
            # Counts with what the extra `reports` brings; the other pages do without.
            from template_service.aggregates.provision import unmet_needs  # noqa: PLC0415
    except ReportingNotInstalled:
        return curate_page("gaps.html", unmet=(), installed=False)
    unmet = unmet_needs(running.directory, Areas.of(running.geography))
    return curate_page("gaps.html", unmet=unmet, installed=True)
