"""A service of the working copy as `directory.model.Service`, with the dates its curators gave it.

Only a curator who rang makes a service verified: what a feed says about that is not believed.
"""

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Final, NamedTuple

from directory.model import InvalidService, Service
from directory.open_referral.lens_reading import Context
from directory.open_referral.service_lens import service_of
from directory.working_copy.graphs import Opened
from directory.working_copy.problems import Refused

if TYPE_CHECKING:
    import sqlite_utils

Key = tuple[str, str]

_COLUMNS: Final = "verified_on, verified_by, verified_source, expires_on, funding_ends_on"


class Dates(NamedTuple):
    """What curators noted of a service; `expires_on` and `funding_ends_on` are its last days."""

    verified_on: date | None = None
    verified_by: str = ""
    verified_source: str = ""
    expires_on: date | None = None
    funding_ends_on: date | None = None

    @property
    def ends_on(self) -> date | None:
        """The first day known on which the service may stop."""
        known = [day for day in (self.expires_on, self.funding_ends_on) if day is not None]
        return min(known, default=None)

    def is_over(self, today: date) -> bool:
        """Whether the last day of the service has passed."""
        return self.expires_on is not None and self.expires_on < today


def dates(database: "sqlite_utils.Database") -> dict[Key, Dates]:
    """What curators noted, by source and id of the service."""
    rows = database.execute(f"SELECT source, id, {_COLUMNS} FROM care")  # noqa: S608 -- constants
    return {(source, record_id): _dates(*row) for source, record_id, *row in rows}


def dates_of(database: "sqlite_utils.Database", source: str, record_id: str) -> Dates:
    """What curators noted of one service."""
    row = database.execute(
        f"SELECT {_COLUMNS} FROM care WHERE source = ? AND id = ?",  # noqa: S608 -- constants
        (source, record_id),
    ).fetchone()
    return _dates(*row) if row else Dates()


def service(opened: Opened, noted: Dates, context: Context) -> tuple[Service, tuple[str, ...]]:
    """The service of these records, and notes on what could not be read.

    Verified only as `noted`; to be looked at again when it may stop, at the latest. Raises Refused
    for what is no service.
    """
    try:
        found, notes = service_of(opened.graph, opened.source, context)
    except InvalidService as problem:
        raise Refused(str(problem)) from None
    facts = {
        name: getattr(noted, name) for name in ("verified_on", "verified_by", "verified_source")
    }
    days = [day for day in (found.review_by, noted.ends_on) if day is not None]
    facts["review_by"] = min(days, default=None)
    # A service is checked whenever it is made, and most say nothing of this.
    same = all(getattr(found, name) == value for name, value in facts.items())
    return found if same else replace(found, **facts), notes


def as_of(service: Service, noted: Dates, today: date) -> Service:
    """The service as it is published on a day: inactive once its last day has passed."""
    over = noted.is_over(today) and service.status == "active"
    return replace(service, status="inactive") if over else service


def _dates(on: str | None, by: str | None, how: str | None, *days: str | None) -> Dates:
    return Dates(_day(on), by or "", how or "", *map(_day, days))


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
