"""Every change that waits, by service, and decisions on many at once."""

from typing import TYPE_CHECKING, NamedTuple

from flask import Response, request, url_for

from directory.working_copy import decisions
from directory.working_copy.problems import NotHeld, Refused
from directory.working_copy.proposing import Proposal
from template_service.web.blueprint import notify
from template_service.web.curate_page import (
    act,
    curate_page,
    paged,
    reason_typed,
    to,
    working_copy,
)
from template_service.web.curate_proposal import ACCEPT, REJECT, service_of
from template_service.web.curate_proposal_view import ProposalView, view
from template_service.web.words import counted

if TYPE_CHECKING:
    from directory.working_copy.store import WorkingCopy

_SHARED = "Shared by several services"


class Group(NamedTuple):
    """What waits for one service; `href` is blank for what several share."""

    name: str
    href: str
    proposals: list[ProposalView]


def page() -> Response:
    """The open proposals, grouped by service, oldest first."""
    with working_copy() as working:
        return _page(working, {})


def decide() -> Response:
    """Accepts or rejects the proposals that were ticked, all of them or none."""
    numbers = [int(text) for text in request.form.getlist("proposal") if text.isdecimal()]
    what = request.form.get("decision", "")
    errors: dict[str, str] = {}
    if not numbers:
        errors["proposals"] = "Tick at least one change"
    if what not in (ACCEPT, REJECT):
        errors["reason"] = "Choose what to do with them"
    needed = "Say why: rejected changes keep their reason" if what == REJECT else ""
    reason = reason_typed(errors, needed=needed)
    with working_copy() as working:
        if not errors:
            _decide(working, numbers, what, reason, errors)
        if errors:
            return _page(working, errors)
    done = "accepted. Publish to put them in use." if what == ACCEPT else "rejected."
    notify(f"{counted(len(set(numbers)), 'change', 'changes')} {done}")
    return to("web.curate_proposals")


def _decide(
    working: "WorkingCopy", numbers: list[int], what: str, reason: str, errors: dict[str, str]
) -> None:
    acting = act()
    function = decisions.accept if what == ACCEPT else decisions.reject
    number = 0
    try:
        with working.writing():
            for number in dict.fromkeys(numbers):
                function(working, number, **acting, reason=reason)
    except (Refused, NotHeld) as problem:
        place = f"proposal-{number}"
        errors[place] = f"Change {number}: {problem}. Nothing was decided"


def _page(working: "WorkingCopy", errors: dict[str, str]) -> Response:
    waiting = decisions.proposals(working)
    pages = paged("web.curate_proposals", len(waiting))
    ordered = sorted(waiting, key=lambda one: (one.service == "", one.service, one.id))
    return curate_page(
        "proposals.html",
        heading=f"{counted(len(waiting), 'change waits', 'changes wait')}",
        groups=_groups(working, list(pages.of(ordered))),
        pages=pages,
        chosen={int(text) for text in request.form.getlist("proposal") if text.isdecimal()},
        reason=request.form.get("reason", ""),
        errors=errors,
    )


def _groups(working: "WorkingCopy", waiting: list[Proposal]) -> list[Group]:
    by_service: dict[str, list[Proposal]] = {}
    for one in waiting:
        by_service.setdefault(one.service, []).append(one)
    groups = []
    for service_id, those in by_service.items():
        found = service_of(working, service_id)
        href = url_for("web.curate_service", service_id=service_id) if found else ""
        name = found.name if found else _SHARED if not service_id else "A service that is not whole"
        groups.append(Group(name, href, [view(working, one, found) for one in those]))
    return groups
