"""The first page of each role."""

from flask import redirect, url_for
from werkzeug.wrappers import Response

from template_service.access.principal import Role
from template_service.web.blueprint import blueprint, principal

_FIRST_PAGE = {
    Role.CLINICIAN: "web.people",
    Role.CARE_NAVIGATOR: "web.people",
    Role.LINK_WORKER: "web.worklist",
    Role.PUBLIC_HEALTH: "web.reports",
    Role.CURATOR: "web.curate",
}


@blueprint.get("/")
def home() -> Response:
    """Leads to where the work of this role starts."""
    return redirect(url_for(_FIRST_PAGE.get(principal().role, "web.directory")), 303)
