"""Web pages of services that did not answer when they were last asked."""

from typing import Final, NamedTuple

from flask import Response, url_for

from directory.link_checks import State
from directory.working_copy import links
from template_service.web.curate_page import curate_page, paged, working_copy
from template_service.web.curate_proposal_view import moment
from template_service.web.words import counted

_STATES: Final[dict[State, str]] = {
    "gone": "Gone",
    "refused": "Never asked",
    "moved": "Moved",
    "unclear": "Unclear",
}


class Line(NamedTuple):
    """One link that did not answer; `href` leads to the page of its service."""

    name: str
    href: str
    url: str
    what: str
    gone: bool
    reason: str
    when: str


def page() -> Response:
    """Every link that did not answer, those gone first, and how many were asked."""
    with working_copy() as working:
        found = links.checked(working)
    pages = paged("web.curate_links", len(found.broken))
    return curate_page(
        "links.html",
        heading=counted(len(found.broken), "link does not answer", "links do not answer"),
        lines=[_line(one) for one in pages.of(found.broken)],
        pages=pages,
        asked=counted(found.asked, "web page was asked", "web pages were asked"),
        last=moment(found.last) if found.last else "",
        never=counted(found.never, "was", "were") if found.never else "",
    )


def _line(one: links.Broken) -> Line:
    return Line(
        one.service.name,
        url_for("web.curate_service", service_id=one.service.id),
        one.service.url,
        _STATES[one.state],
        one.state == "gone",
        one.reason,
        moment(one.at),
    )
