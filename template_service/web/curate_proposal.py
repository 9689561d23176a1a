"""One proposal: accepted, rejected, accepted with another value, or a decision taken back."""

from typing import TYPE_CHECKING, Any

from flask import Response, request, url_for

from directory.model import Service
from directory.working_copy import decisions, edits, graphs
from directory.working_copy.problems import NotHeld, Refused
from directory.working_copy.proposing import Proposal
from template_service.web.blueprint import notify
from template_service.web.curate_page import act, curate_page, reason_typed, to, working_copy
from template_service.web.curate_proposal_view import VALUE, value_of, view
from template_service.web.curate_sections import TRUTHS

if TYPE_CHECKING:
    from directory.working_copy.store import WorkingCopy

ACCEPT, CHANGED, REJECT, UNDO = "accept", "changed", "reject", "undo"
_DONE = {
    ACCEPT: "Accepted. Publish to put it in use.",
    CHANGED: "Accepted with your value. Publish to put it in use.",
    REJECT: "Rejected: the entry stays as it is.",
    UNDO: "Taken back: it waits for a decision again.",
}
_WHY = {REJECT: "Say why: a rejected change keeps its reason", UNDO: "Say why it is taken back"}


def page(number: int) -> Response:
    """The proposal with its forms, and what is decided."""
    with working_copy() as working:
        found = decisions.proposal(working, number)
        if request.method == "GET":
            return _page(working, found, {})
        what = request.form.get("decision", "")
        errors: dict[str, str] = {}
        reason = reason_typed(errors, needed=_WHY.get(what, ""))
        if what not in _DONE:
            errors["reason"] = "Choose what to do with it"
        if not errors:
            _decide(working, found, what, reason, errors)
        if errors:
            return _page(working, found, errors)
        there = service_of(working, found.service)
    notify(_DONE[what])
    if what == UNDO:
        return to("web.curate_proposal", number=number)
    if there is None:
        return to("web.curate_proposals")
    return to("web.curate_service", service_id=there.id)


def service_of(working: "WorkingCopy", service_id: str) -> Service | None:
    """The service a proposal is about as it stands; None when it is not there or no service."""
    if not service_id:
        return None
    try:
        return edits.current(working, graphs.open_service(working.database, service_id))
    except (NotHeld, Refused):
        return None


def _decide(
    working: "WorkingCopy", found: Proposal, what: str, reason: str, errors: dict[str, str]
) -> None:
    acting = act()
    try:
        if what == REJECT:
            decisions.reject(working, found.id, **acting, reason=reason)
        elif what == UNDO:
            decisions.undo(working, found.id, **acting, reason=reason)
        else:
            value: Any = value_of(found, request.form) if what == CHANGED else decisions.ASIS
            decisions.accept(working, found.id, **acting, reason=reason, value=value)
    except (Refused, ValueError) as refused:
        place = VALUE if what == CHANGED else "reason"
        errors[place] = str(refused)[:1].upper() + str(refused)[1:]


def _page(working: "WorkingCopy", found: Proposal, errors: dict[str, str]) -> Response:
    service = service_of(working, found.service)
    one = view(working, found, service)
    return curate_page(
        "proposal.html",
        proposal=one,
        name=service.name if service else "What several services share",
        service_href=url_for("web.curate_service", service_id=service.id) if service else "",
        truths=TRUTHS,
        value=request.form.get(VALUE, one.value),
        reason=request.form.get("reason", ""),
        errors=errors,
    )
