"""Every change that waits, by service, and decisions on many at once."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final, NamedTuple

from flask import Response, request, url_for

from directory.working_copy import decisions, graphs
from directory.working_copy.problems import NotHeld, Refused
from directory.working_copy.proposing import Proposal
from template_service.web.blueprint import notify
from template_service.web.curate_page import (
    act,
    curate_page,
    number_of,
    options,
    paged,
    reason_typed,
    ticked,
    to,
    working_copy,
)
from template_service.web.curate_proposal import ACCEPT, REJECT, service_of
from template_service.web.curate_proposal_view import ProposalView, view
from template_service.web.words import counted

if TYPE_CHECKING:
    from directory.working_copy.store import WorkingCopy

_SHARED: Final = "Shared by several services"
# In the order of the list: people wait for an answer, feeds do not.
_ORIGINS: Final[Mapping[str, str]] = {
    "": "Anybody",
    "organisation": "An organisation",
    "staff": "Staff",
    "check": "A check",
    "feed": "A feed",
}
_RANKS: Final = {origin: rank for rank, origin in enumerate(_ORIGINS)}


class Group(NamedTuple):
    """What waits for one service; `href` is blank for what several share."""

    name: str
    href: str
    proposals: list[ProposalView]


def page() -> Response:
    """The open proposals of an origin and a source, by service: organisations and staff first."""
    with working_copy() as working:
        return _page(working, {})


def decide() -> Response:
    """Accepts or rejects the proposals that were ticked, all of them or none."""
    numbers = _ticked()
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
    notify(f"{counted(len(numbers), 'change', 'changes')} {done}")
    return to("web.curate_proposals", **{name: it for name, it in _chosen().items() if it})


def _decide(
    working: "WorkingCopy", numbers: list[int], what: str, reason: str, errors: dict[str, str]
) -> None:
    acting = act()
    function = decisions.accept if what == ACCEPT else decisions.reject
    number = 0
    try:
        with working.writing():
            for number in numbers:
                function(working, number, **acting, reason=reason)
    except (Refused, NotHeld) as problem:
        place = f"proposal-{number}"
        errors[place] = f"Change {number}: {problem}. Nothing was decided"


def _ticked() -> list[int]:
    """The numbers of the proposals ticked, each once; what is not a number is passed over."""
    found = (number_of(text) for text in ticked("proposal"))
    return list(dict.fromkeys(number for number in found if number is not None))


def _chosen() -> dict[str, str]:
    """What the address narrows the list by."""
    return {name: request.args.get(name, "") for name in ("origin", "source")}


def _page(working: "WorkingCopy", errors: dict[str, str]) -> Response:
    chosen, sources = _chosen(), graphs.sources(working.database)
    if chosen["origin"] not in _ORIGINS:
        errors["by-origin"] = "From: choose one of the list"
    if chosen["source"] not in ("", *sources):
        errors["by-source"] = "Source: choose one of the list"
    waiting = [
        one
        for one in decisions.proposals(working)
        if chosen["origin"] in ("", one.origin) and chosen["source"] in ("", one.source)
    ]
    pages = paged("web.curate_proposals", len(waiting), **chosen)
    return curate_page(
        "proposals.html",
        heading=f"{counted(len(waiting), 'change waits', 'changes wait')}",
        origins=options(_ORIGINS, chosen["origin"]),
        sources=options({"": "Any source"} | {name: name for name in sources}, chosen["source"]),
        narrowed=any(chosen.values()),
        groups=_groups(working, list(pages.of(_ordered(waiting)))),
        pages=pages,
        chosen=set(_ticked()),
        reason=request.form.get("reason", ""),
        errors=errors,
    )


def _ordered(waiting: list[Proposal]) -> list[Proposal]:
    """By service, those first that people say something of; oldest first."""
    first: dict[str, int] = {}
    for one in waiting:
        rank = _RANKS[one.origin]
        first[one.service] = min(rank, first.get(one.service, rank))
    return sorted(
        waiting,
        key=lambda one: (
            first[one.service],
            one.service == "",
            one.service,
            _RANKS[one.origin],
            one.id,
        ),
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
