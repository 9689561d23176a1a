"""One service for its curator: the script, what waits, what is doubtful, its dates and history."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from flask import Response, request, url_for

from directory.contact_checks import contact_doubts
from directory.model import Service, service_record
from directory.working_copy import decisions, edits, graphs, history, rounds
from directory.working_copy.graphs import Opened
from directory.working_copy.hours import doubtful_days
from directory.working_copy.phone_script import script
from directory.working_copy.problems import NotHeld, Refused
from directory.working_copy.protection import protected_fields
from directory.working_copy.putting_back import put_back as put_edit_back
from directory.working_copy.review_dates import risk
from directory.working_copy.writing import Hand, note
from template_service import clock
from template_service.actions.curate_counts import signposted
from template_service.actions.curate_dates import Days, days_of, set_days
from template_service.web import suggest_links
from template_service.web.blueprint import notify, service
from template_service.web.curate_fields import day_text, label, read_day, shown
from template_service.web.curate_history import FEW, acts
from template_service.web.curate_page import (
    act,
    curate_page,
    number_of,
    reason_typed,
    to,
    working_copy,
)
from template_service.web.curate_proposal_view import view
from template_service.web.curate_round import after, people
from template_service.web.service_view import present
from template_service.web.words import british_date

if TYPE_CHECKING:
    from directory.working_copy.store import WorkingCopy

# An act leaves about ten entries of the audit.
_ACTS: Final = 30
_ENTRIES: Final = 10 * _ACTS
_DECIDED: Final = 10
_DAYS: Final = {
    "review_by": "Ring again by",
    "expires_on": "Last day of the service",
    "funding_ends_on": "Last day that is paid for",
}
_RISKS: Final = {
    "urgent": "Urgent: ring every 30 days",
    "ordinary": "Ordinary: ring every 120 days",
    "stable": "Stable body: ring once a year",
}


class FactLine(NamedTuple):
    """A field that says something; a protected one is kept from feeds."""

    label: str
    text: str
    protected: bool


@dataclass(frozen=True, slots=True)
class Problems:
    """What was typed into a form of the page, and what is wrong with it."""

    typed: Mapping[str, str]
    errors: dict[str, str]


def page(service_id: str) -> Response:
    """Everything a curator needs on the phone."""
    with working_copy() as working:
        return _page(working, service_id)


def rang(service_id: str) -> Response:
    """Notes that the service said that all is right; the one thing that verifies it."""
    with working_copy() as working:
        following = after(working, service_id)
        due = rounds.rang(working, service_id, **act(), today=clock.today())
    notify(f"Noted: rang, still right. Ring again by {british_date(due)}.")
    more = {"next": following} if following else {}
    return to("web.curate_service", service_id=service_id, **more)


def dates(service_id: str) -> Response:
    """Keeps the days of a service."""
    errors: dict[str, str] = {}
    typed = {name: request.form.get(name, "").strip() for name in (*_DAYS, "reason")}
    days = Days(*(_day(name, typed[name], errors) for name in _DAYS))
    reason = reason_typed(errors)
    with working_copy() as working:
        if not errors:
            try:
                set_days(working, service_id, days, **act(), today=clock.today(), reason=reason)
            except Refused:
                errors["review_by"] = "Ring again by: choose a day after today"
        if errors:
            return _page(working, service_id, Problems(typed, errors))
    notify("The dates are kept.")
    return to("web.curate_service", service_id=service_id)


def put_back(service_id: str) -> Response:
    """Puts back what an edit changed, as the history has it; refused when it changed since."""
    typed = request.form.get("edit", "")
    number = number_of(typed)
    errors: dict[str, str] = {}
    place = f"back-{number}"
    reason = reason_typed(errors, needed="Say why it is put back", place=place)
    with working_copy() as working:
        if not errors:
            try:
                put_edit_back(working, service_id, number or 0, **act(), reason=reason)
            except Refused as refused:
                errors[place] = f"Not put back: {refused}"
        if errors:
            return _page(working, service_id, Problems({place: reason}, errors))
    notify("Put back what it said before. Publish to put it in use.")
    return to("web.curate_service", service_id=service_id)


def link(service_id: str) -> Response:
    """Makes the link by which the organisation sees its entry and proposes changes."""
    with working_copy() as working:
        source, record_id = graphs.key_of(working.database, service_id)
        with working.writing() as database:
            acting = act()
            hand = Hand(acting["by"], acting["now"], "link")
            note(database, hand, about=(source, "service", record_id))
        made = url_for("web.suggest", token=suggest_links.make(service_id), _external=True)
        return _page(working, service_id, made=made)


def _day(name: str, text: str, errors: dict[str, str]) -> date | None:
    try:
        return date.fromisoformat(read_day(text)) if text else None
    except ValueError as problem:
        errors[name] = f"{_DAYS[name]}: {str(problem)[:1].lower()}{str(problem)[1:]}"
        return None


def _page(
    working: "WorkingCopy",
    service_id: str,
    problems: Problems | None = None,
    *,
    made: str = "",
) -> Response:
    opened = graphs.open_service(working.database, service_id)
    found = edits.current(working, opened)
    waiting = decisions.proposals(working, service_id=service_id)
    decided = decisions.proposals(working, "accepted", "rejected", service_id=service_id)
    entries = history.changes(working, service_id=service_id, limit=_ENTRIES)
    count = signposted(service(), now=clock.now()).get(service_id, 0)
    following = request.args.get("next", "")
    return curate_page(
        "service.html",
        service=present(found, clock.today()),
        source=opened.source,
        risk=_RISKS[risk(found)],
        people=people(count),
        ring=rounds.may_be_rung(found),
        script=script(found, service().geography.area_names()),
        proposals=[view(working, one, found) for one in waiting],
        decided=[view(working, one, found) for one in decided[: -_DECIDED - 1 : -1]],
        facts=_facts(working, opened, found),
        doubts=_doubts(found),
        days=_days(working, service_id, problems),
        acts=acts(entries, opened.graph, most=_ACTS),
        few=FEW,
        typed=problems.typed if problems else {},
        link=made,
        next_href=_next(following, service_id),
        next_name=_name(working, following),
        reason=problems.typed.get("reason", "") if problems else "",
        errors=problems.errors if problems else {},
    )


def _doubts(found: Service) -> list[str]:
    doubts = contact_doubts(found, service().geography)
    told = [f"{label(one.field.partition('[')[0])}: {one.reason}" for one in doubts]
    days = doubtful_days(found)
    return [*told, f"{label('schedules')}: {days}"] if days else told


def _facts(working: "WorkingCopy", opened: Opened, found: Service) -> list[FactLine]:
    kept = protected_fields(working, opened)
    record = service_record(found)
    return [
        FactLine(label(name), _fact(name, value), name in kept)
        for name, value in record.items()
        if name != "id" and (value not in ("", []) or name in kept)
    ]


def _fact(name: str, value: Any) -> str:
    """A value in words; areas by the names that the geography knows, with their codes."""
    if name != "service_area" or not value:
        return shown(name, value)
    names = service().geography.area_names()
    return "; ".join(f"{names[code]} ({code})" if code in names else code for code in value)


def _days(
    working: "WorkingCopy", service_id: str, problems: Problems | None
) -> list[tuple[str, str, str]]:
    """The name, the label and the text of each day."""
    if problems is not None and _DAYS.keys() <= problems.typed.keys():
        return [(name, words, problems.typed.get(name, "")) for name, words in _DAYS.items()]
    held = days_of(working, service_id)._asdict()
    return [(name, words, day_text(held[name])) for name, words in _DAYS.items()]


def _next(following: str, service_id: str) -> str:
    if following:
        return url_for("web.curate_service", service_id=following)
    return url_for("web.curate_next", service_id=service_id)


def _name(working: "WorkingCopy", service_id: str) -> str:
    if not service_id:
        return ""
    try:
        opened = graphs.open_service(working.database, service_id)
    except NotHeld:
        return ""
    return str(opened.graph.service.fields.get("name") or "")
