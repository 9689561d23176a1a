"""The addresses of the curators' pages, and of what everybody may say of a service.

What is behind them needs the readers and schemas of the working copy, which are slow to import, so
a page's module is imported when somebody first opens it.
"""

from collections.abc import Callable
from importlib import import_module
from typing import Any, Final

from flask import request
from flask.typing import ResponseReturnValue

from template_service.web.blueprint import blueprint

LARGEST_UPLOAD: Final = 32 * 1024 * 1024
"""Bytes of a form with a file of services; zipped, a city's directory is a few million."""

_IN_MEMORY: Final = 1024 * 1024

_CURATE: Final = "/directory/curate"
_SERVICE: Final = f"{_CURATE}/services/<service_id>"
# Longer ones are nobody's, and no database holds them.
_NUMBER: Final = f"<int(max={10**9}):number>"
_GET: Final = ("GET",)
_POST: Final = ("POST",)
_BOTH: Final = ("GET", "POST")

# Address, endpoint, the module and its function that answer it, and how it may be asked.
_PAGES: Final = (
    (_CURATE, "curate", "curate_round.page", _GET),
    (f"{_CURATE}/in-charge", "curate_in_charge", "curate_round.name_in_charge", _POST),
    (f"{_CURATE}/next/<service_id>", "curate_next", "curate_round.next_call", _GET),
    (f"{_CURATE}/services", "curate_services", "curate_services.page", _GET),
    (f"{_CURATE}/services", "curate_bulk", "curate_services.change", _POST),
    (_SERVICE, "curate_service", "curate_service.page", _GET),
    (f"{_SERVICE}/rang", "curate_rang", "curate_service.rang", _POST),
    (f"{_SERVICE}/put-back", "curate_put_back", "curate_service.put_back", _POST),
    (f"{_SERVICE}/dates", "curate_dates", "curate_service.dates", _POST),
    (f"{_SERVICE}/link", "curate_link", "curate_service.link", _POST),
    (f"{_SERVICE}/edit", "curate_edit", "curate_edit.page", _BOTH),
    (f"{_CURATE}/proposals", "curate_proposals", "curate_proposals.page", _GET),
    (f"{_CURATE}/proposals", "curate_decide", "curate_proposals.decide", _POST),
    (f"{_CURATE}/proposals/{_NUMBER}", "curate_proposal", "curate_proposal.page", _BOTH),
    (f"{_CURATE}/imports", "curate_imports", "curate_imports.page", _GET),
    (f"{_CURATE}/imports", "curate_import", "curate_imports.take_in", _POST),
    (f"{_CURATE}/imports/{_NUMBER}", "curate_run", "curate_run.page", _BOTH),
    (f"{_CURATE}/publish", "curate_publish", "curate_publish.page", _BOTH),
    (f"{_CURATE}/versions", "curate_versions", "curate_versions.page", _GET),
    (f"{_CURATE}/versions/compare", "curate_compare", "curate_versions.compared", _GET),
    (f"{_CURATE}/versions/{_NUMBER}", "curate_version", "curate_versions.one", _BOTH),
    (f"{_CURATE}/duplicates", "curate_duplicates", "curate_duplicates.page", _GET),
    (f"{_CURATE}/duplicates/<one>/<other>", "curate_pair", "curate_duplicates.pair", _BOTH),
    (f"{_CURATE}/links", "curate_links", "curate_links.page", _GET),
    (f"{_CURATE}/gaps", "curate_gaps", "curate_gaps.page", _GET),
    ("/directory/<service_id>/flag", "flag_service", "flagging.flag", _POST),
    ("/directory/suggest/<token>", "suggest", "suggesting.page", _BOTH),
)


def _view(named: str) -> Callable[..., ResponseReturnValue]:
    module, _, name = named.partition(".")

    def view(**place: str | int) -> ResponseReturnValue:
        page = getattr(import_module(f"template_service.web.{module}"), name)
        answer: ResponseReturnValue = page(**place)
        return answer

    return view


@blueprint.url_value_preprocessor
def allow_upload(endpoint: str | None, _: dict[str, Any] | None) -> None:
    """A file of services may be larger than other forms; asked before any form is read."""
    if endpoint == "web.curate_import":
        request.max_content_length = LARGEST_UPLOAD
        # Files go to disk; this bounds the pieces a form is read in.
        request.max_form_memory_size = _IN_MEMORY


for _address, _endpoint, _named, _methods in _PAGES:
    blueprint.add_url_rule(_address, _endpoint, _view(_named), methods=list(_methods))
