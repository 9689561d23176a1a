"""The gaps in provision of the area a page is about."""

from template_service.aggregates import provision
from template_service.aggregates.areas import PCN
from template_service.aggregates.folder import FOLDER
from template_service.aggregates.released_figures import ReleasedFigures
from template_service.aggregates.report.context import Gap
from template_service.aggregates.report.lists import read_lists
from template_service.web.blueprint import service
from template_service.web.reports_choice import Place


def lacks(found: ReleasedFigures, area: Place) -> tuple[Gap, ...]:
    """The gaps in provision of the wards most people of an area live in."""
    running = service()
    wards = None
    if area.kind == PCN:
        lists = read_lists(running.settings.data / FOLDER, found.areas)
        wards = lists.wards.get(area.code, ())
    return provision.lacks(running.directory, running.form, found.areas, wards)
