"""A curator's edits of services, field by field of `directory.model.Service`."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Final

from directory.model import InvalidService, Service
from directory.open_referral.service_lens import edited
from directory.working_copy import entered, graphs, reading
from directory.working_copy.problems import Refused
from directory.working_copy.store import WorkingCopy
from directory.working_copy.writing import Effect, Hand, Wanted, note, write

if TYPE_CHECKING:
    import sqlite_utils

# A service is verified by asking it, never by typing that somebody did.
VERIFICATION: Final = frozenset({"verified_on", "verified_by", "verified_source"})
_FIXED: Final = frozenset({"id"})


def edit(
    working: WorkingCopy,
    service_ids: Iterable[str],
    changes: Mapping[str, Any],
    *,
    by: str,
    now: datetime,
    reason: str,
) -> None:
    """Gives services (published ids) these values, all of them or none.

    `changes` are fields of `directory.model.Service` as `service_record` writes them; None takes a
    value away. Feeds may not touch what changed from now on. Raises NotHeld, and Refused naming the
    service and the field of what is no value, or is not for typing: ids, and who verified when.
    """
    with working.writing():
        for service_id in dict.fromkeys(service_ids):
            apply(working, service_id, changes, Hand(by, now, "edit", reason))


def apply(
    working: WorkingCopy, service_id: str, changes: Mapping[str, Any], hand: Hand
) -> tuple[Effect, ...]:
    """The same for one service inside the caller's transaction; gives what changed."""
    opened = graphs.open_service(working.database, service_id)
    after = changed(current(working, opened), changes, hand.at.date())
    return put(working.database, opened, {name: getattr(after, name) for name in changes}, hand)


def current(working: WorkingCopy, opened: graphs.Opened) -> Service:
    """The service as it would be published now; raises Refused."""
    noted = reading.dates_of(working.database, opened.source, opened.id)
    return reading.service(opened, noted, working.context)[0]


def put(
    database: "sqlite_utils.Database",
    opened: graphs.Opened,
    values: Mapping[str, Any],
    hand: Hand,
) -> tuple[Effect, ...]:
    """Writes values of `directory.model.Service` into the records of a service, protected.

    Raises Refused naming a field that no record can hold.
    """
    try:
        records = edited(opened.graph, values)
    except InvalidService as problem:
        raise Refused(str(problem)) from None
    wanted = [
        Wanted(record.kind, record.id, record.fields, "current", record.place) for record in records
    ]
    return write(database, opened.source, wanted, hand, protect=True)


def set_review(
    working: WorkingCopy,
    service_ids: Iterable[str],
    review_by: date,
    *,
    by: str,
    now: datetime,
    today: date,
    reason: str,
) -> None:
    """Has services rung again by a day; raises NotHeld, and Refused for a day not ahead."""
    refuse_past(review_by, today)
    edit(working, service_ids, {"review_by": str(review_by)}, by=by, now=now, reason=reason)


def refuse_past(review_by: date, today: date) -> None:
    """Raises Refused for a review date that is not ahead."""
    if review_by <= today:
        raise Refused("review_by: is not after today")


def set_dates(
    working: WorkingCopy,
    service_id: str,
    *,
    expires_on: date | None,
    funding_ends_on: date | None,
    by: str,
    now: datetime,
    reason: str,
) -> None:
    """Notes the last days of a service and of its funding; None: not known (any more).

    Raises NotHeld.
    """
    with working.writing() as database:
        source, record_id = graphs.key_of(database, service_id)
        noted = reading.dates_of(database, source, record_id)
        days = {"expires_on": expires_on, "funding_ends_on": funding_ends_on}
        keep_dates(database, (source, record_id), {k: _text(day) for k, day in days.items()})
        for name, day in days.items():
            was = getattr(noted, name)
            if was != day:
                note(
                    database,
                    Hand(by, now, "dates", reason),
                    about=(source, "service", record_id),
                    field=name,
                    was=_text(was),
                    became=_text(day),
                )


def keep_dates(
    database: "sqlite_utils.Database", key: tuple[str, str], values: Mapping[str, str | None]
) -> None:
    """Keeps columns of the table `care` for a service (`key`: source and id)."""
    source, record_id = key
    database.table("care").upsert(
        {"source": source, "id": record_id, **values}, pk=("source", "id")
    )


def changed(before: Service, changes: Mapping[str, Any], today: date) -> Service:
    """The service with these values, checked as `entered.after` does; raises Refused so too."""
    fixed = sorted((VERIFICATION | _FIXED) & changes.keys())
    if fixed:
        raise Refused(f"{fixed[0]}: is not for editing; {_WHY[fixed[0]]}")
    try:
        return entered.after(before, changes, today)
    except InvalidService as problem:
        raise Refused(f"{before.name}: {problem}") from None


def _text(day: date | None) -> str | None:
    return day.isoformat() if day else None


_WHY: Final[Mapping[str, str]] = dict.fromkeys(VERIFICATION, "note that somebody rang instead") | {
    "id": "a service keeps its id"
}
