"""The phone round: whom to ring next, and noting that what we say is still right."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING, Final, NamedTuple

from directory.model import Service
from directory.working_copy import edits, graphs, proposing, reading
from directory.working_copy.proposing import Proposal
from directory.working_copy.review_dates import BEFORE_END, Risk, next_review, risk
from directory.working_copy.services import current_services
from directory.working_copy.store import WorkingCopy
from directory.working_copy.writing import Hand, note

if TYPE_CHECKING:
    import sqlite_utils

BY_PHONE: Final = "by phone"
ON_ITS_PAGE: Final = "on its official page"
_EMERGENCY: Final = frozenset({"999", "112"})


class Call(NamedTuple):
    """A service to ring, and why: `reasons` are phrases for the list.

    `signposted` is how many people were sent there; `proposals` wait for a decision.
    """

    service: Service
    source: str
    risk: Risk
    due: date
    signposted: int
    reasons: tuple[str, ...]
    proposals: tuple[Proposal, ...]


class Curators(NamedTuple):
    """Who answers for the directory, and who when they are away; names, blank when not named."""

    lead: str = ""
    deputy: str = ""


def rang(
    working: WorkingCopy,
    service_id: str,
    *,
    by: str,
    now: datetime,
    today: date,
    how: str = "",
    review_by: date | None = None,
) -> date:
    """Notes that the service itself said that the entry is right; gives the next review date.

    This alone makes a service verified. `how` says how it was asked, if not as `may_be_rung` has
    it. `review_by` stands instead of the date its risk gives. Raises NotHeld, and Refused for a
    review date that is not ahead.
    """
    if review_by is not None:
        edits.refuse_past(review_by, today)
    with working.writing() as database:
        opened = graphs.open_service(database, service_id)
        key = (opened.source, opened.id)
        noted = reading.dates_of(database, *key)
        found = reading.service(opened, noted, working.context)[0]
        due = review_by or next_review(found, today, noted.ends_on)
        asked = how or (BY_PHONE if may_be_rung(found) else ON_ITS_PAGE)
        values = {"verified_on": today, "verified_by": by, "verified_source": asked}
        hand = Hand(by, now, "rang", f"rang, still right ({asked})")
        edits.keep_dates(database, key, {k: str(value) for k, value in values.items()})
        edits.put(database, opened, values | {"review_by": due}, hand)
        note(database, hand, about=(opened.source, "service", opened.id), became=str(due))
    return due


def calls(
    working: WorkingCopy,
    *,
    today: date,
    signposted: Mapping[str, int] | None = None,
    everything: bool = False,
) -> tuple[Call, ...]:
    """The services to ring, urgent ones first, then those most people were sent to, then by date.

    `signposted` maps published ids to how many people were sent there. Listed is what nobody rang
    yet, what is due, what may soon end, and what has an open proposal; `everything` lists all.
    """
    counts = signposted or {}
    waiting: dict[str, list[Proposal]] = {}
    for found in proposing.listed(working.database, "WHERE state = 'open' AND uid <> ''"):
        waiting.setdefault(found.service, []).append(found)
    listed = []
    for one in current_services(working):
        service, noted = one.service, one.dates
        if service is None:
            continue
        open_ones = tuple(waiting.get(service.id, ()))
        reasons = tuple(_reasons(service, noted, today, open_ones))
        if reasons or everything:
            due = service.review_by if service.verified_on and service.review_by else today
            listed.append(
                Call(
                    service,
                    one.source,
                    risk(service),
                    due,
                    counts.get(service.id, 0),
                    reasons,
                    open_ones,
                )
            )
    return tuple(sorted(listed, key=_order))


def may_be_rung(service: Service) -> bool:
    """Whether somebody may ring to ask about the entry: nobody rings 999 or 112 for that.

    Source: the two emergency numbers of the UK (Ofcom, National Telephone Numbering Plan).
    """
    numbers = {"".join(filter(str.isdigit, phone.number)) for phone in service.phone}
    return numbers.isdisjoint(_EMERGENCY)


def curators(working: WorkingCopy) -> Curators:
    """Who answers for the directory."""
    kept = dict(working.database.execute("SELECT name, value FROM setting").fetchall())
    return Curators(kept.get("lead", ""), kept.get("deputy", ""))


def name_curators(
    working: WorkingCopy,
    *,
    by: str,
    now: datetime,
    lead: str | None = None,
    deputy: str | None = None,
) -> Curators:
    """Names who answers for the directory and their deputy; None leaves who it is."""
    with working.writing() as database:
        was = curators(working)
        for name, value in (("lead", lead), ("deputy", deputy)):
            if value is not None:
                _keep_setting(database, name, value)
                hand = Hand(by, now, "curators", "")
                note(database, hand, field=name, was=getattr(was, name), became=value)
    return curators(working)


def _keep_setting(database: "sqlite_utils.Database", name: str, value: str) -> None:
    database.table("setting").upsert({"name": name, "value": value}, pk="name")


def _reasons(
    service: Service, noted: reading.Dates, today: date, waiting: tuple[Proposal, ...]
) -> Iterator[str]:
    if service.verified_on is None:
        yield "nobody has rung yet"
    elif service.review_by is None or service.review_by <= today:
        yield "the review date has come"
    for day, what in (
        (noted.expires_on, "the entry ends"),
        (noted.funding_ends_on, "funding ends"),
    ):
        if day is not None and day - BEFORE_END <= today:
            yield f"{what} on {day.day} {day:%B %Y}"
    flags = {found.reason for found in waiting if found.origin == "staff"}
    yield from sorted(f"staff said: {flag}" for flag in flags)
    others = sum(found.origin != "staff" for found in waiting)
    if others:
        yield f"{others} proposed change{'s' if others > 1 else ''}"


def _order(call: Call) -> tuple[int, int, date, str, str]:
    return (
        0 if call.risk == "urgent" else 1,
        -call.signposted,
        call.due,
        call.service.name,
        call.service.id,
    )
