"""The dates of a service that curators keep, all at once: review, last day, end of the money."""

from datetime import date, datetime
from typing import NamedTuple

from directory.working_copy import edits, graphs, reading
from directory.working_copy.store import WorkingCopy


class Days(NamedTuple):
    """Days of one service; None: not known (any more), for a review: as its risk gives it."""

    review_by: date | None
    expires_on: date | None
    funding_ends_on: date | None


def set_days(
    working: WorkingCopy,
    service_id: str,
    days: Days,
    *,
    by: str,
    now: datetime,
    today: date,
    reason: str,
) -> None:
    """Gives a service these days; raises NotHeld, and Refused for a new review not ahead."""
    with working.writing():
        noted = days_of(working, service_id)
        if days.review_by != noted.review_by and days.review_by is not None:
            edits.set_review(
                working, [service_id], days.review_by, by=by, now=now, today=today, reason=reason
            )
        if days[1:] != noted[1:]:
            edits.set_dates(
                working,
                service_id,
                expires_on=days.expires_on,
                funding_ends_on=days.funding_ends_on,
                by=by,
                now=now,
                reason=reason,
            )


def days_of(working: WorkingCopy, service_id: str) -> Days:
    """The days of a service as they are kept; raises NotHeld."""
    opened = graphs.open_service(working.database, service_id)
    noted = reading.dates_of(working.database, opened.source, opened.id)
    return Days(edits.current(working, opened).review_by, noted.expires_on, noted.funding_ends_on)
