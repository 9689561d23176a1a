"""Every service of the working copy, and changes of many of them at once."""

from datetime import date
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from flask import Response, request, url_for

from directory.model import STATUSES
from directory.working_copy import edits, graphs
from directory.working_copy.problems import NotHeld, Refused
from directory.working_copy.services import Read, current_services
from template_service import clock
from template_service.actions.plain_text import is_plain
from template_service.web.blueprint import notify
from template_service.web.curate_fields import LONGEST, read_day
from template_service.web.curate_page import (
    act,
    curate_page,
    options,
    paged,
    reason_typed,
    ticked,
    to,
    working_copy,
)
from template_service.web.words import british_date, counted

if TYPE_CHECKING:
    from directory.working_copy.store import WorkingCopy

_ANY: Final = {"": "Any"}
_FIELDS: Final = ("status", "caution", "review_by")
# What the address narrows the list by.
_NARROWED: Final = ("search", "source", "status")


class Line(NamedTuple):
    """One service of the list; `problem` says why it cannot be published, `href` is blank then."""

    id: str
    name: str
    href: str
    status: str
    asked: str
    source: str
    problem: str


class _Wanted(NamedTuple):
    """What becomes of the services ticked; `day` is the review date."""

    changes: dict[str, Any]
    day: date | None
    reason: str


def page() -> Response:
    """The services, narrowed by the words, the source and the status of the address."""
    with working_copy() as working:
        return _page(working, {})


def change() -> Response:
    """Gives the services that were ticked a status, a review date or a caution."""
    ids = ticked("service")
    typed = {name: request.form.get(name, "").strip() for name in _FIELDS}
    errors: dict[str, str] = {}
    if not ids:
        errors["services"] = "Tick at least one service"
    if not any(typed.values()):
        errors["status"] = "Choose what to change"
    wanted = _Wanted(
        {name: typed[name] for name in ("status", "caution") if typed[name]},
        _checked(typed, errors),
        reason_typed(errors, needed="Say why, for the history"),
    )
    with working_copy() as working:
        if not errors:
            _change(working, ids, wanted, errors)
        if errors:
            return _page(working, errors)
    notify(f"{counted(len(ids), 'service', 'services')} changed. Publish to put it in use.")
    asked = {name: request.args.get(name, "") for name in (*_NARROWED, "page")}
    return to("web.curate_services", **{name: it for name, it in asked.items() if it})


def _checked(typed: dict[str, str], errors: dict[str, str]) -> date | None:
    """The review date typed; what is wrong with any field is added to `errors`."""
    if typed["status"] and typed["status"] not in STATUSES:
        errors["status"] = "Choose a status of the list"
    if not is_plain(typed["caution"], LONGEST):
        errors["caution"] = f"Caution: write at most {LONGEST} plain characters"
    if not typed["review_by"]:
        return None
    try:
        day = date.fromisoformat(read_day(typed["review_by"]))
    except ValueError as problem:
        errors["review_by"] = f"Ring again by: {problem}"
        return None
    if day <= clock.today():
        errors["review_by"] = "Ring again by: choose a day after today"
    return day


def _change(
    working: "WorkingCopy", ids: list[str], wanted: _Wanted, errors: dict[str, str]
) -> None:
    acting, reason = act(), wanted.reason
    try:
        with working.writing():
            if wanted.changes:
                edits.edit(working, ids, wanted.changes, **acting, reason=reason)
            if wanted.day is not None:
                today = clock.today()
                edits.set_review(working, ids, wanted.day, **acting, today=today, reason=reason)
    except (Refused, NotHeld) as problem:
        errors["services"] = f"{problem}. Nothing was changed"


def _page(working: "WorkingCopy", errors: dict[str, str]) -> Response:
    chosen = {name: request.args.get(name, "") for name in _NARROWED}
    found = [one for one in current_services(working) if _suits(one, chosen)]
    found.sort(key=lambda one: (one.name.casefold(), one.published_id))
    pages = paged("web.curate_services", len(found), **chosen)
    sources = {name: name for name in graphs.sources(working.database)}
    statuses = {name: name.capitalize() for name in STATUSES}
    return curate_page(
        "services.html",
        search=chosen["search"],
        sources=options(_ANY | sources, chosen["source"]),
        statuses=options(_ANY | statuses, chosen["status"]),
        new_statuses=options({"": "Leave as it is"} | statuses, request.form.get("status", "")),
        heading=counted(len(found), "service", "services"),
        lines=[_line(one) for one in pages.of(found)],
        pages=pages,
        chosen=set(ticked("service")),
        typed={name: request.form.get(name, "") for name in (*_FIELDS, "reason")},
        errors=errors,
    )


def _suits(one: Read, chosen: dict[str, str]) -> bool:
    words = chosen["search"].casefold().split()
    said = f"{one.name} {one.service.organisation if one.service else ''}".casefold()
    status = one.service.status if one.service else ""
    return (
        all(word in said for word in words)
        and chosen["source"] in ("", one.source)
        and chosen["status"] in ("", status)
    )


def _line(one: Read) -> Line:
    found = one.service
    asked = found.verified_on if found else None
    return Line(
        id=one.published_id,
        name=one.name or one.id,
        href=url_for("web.curate_service", service_id=one.published_id) if found else "",
        status=found.status if found else "",
        asked=f"asked {british_date(asked)}" if asked else "nobody has rung yet",
        source=one.source,
        problem=one.problem,
    )
