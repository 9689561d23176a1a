"""A service of the working copy as `directory.model.Service`, with the dates its curators gave it.

Only a curator who rang makes a service verified: what a feed says about that is not believed.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from directory.model import InvalidService, Service
from directory.open_referral.lens_reading import Context
from directory.open_referral.service_lens import service_of
from directory.working_copy.graphs import Opened
from directory.working_copy.problems import Refused

if TYPE_CHECKING:
    import sqlite_utils

Key = tuple[str, str]

_UNVERIFIED: Final[Mapping[str, Any]] = {
    "verified_on": None,
    "verified_by": "",
    "verified_source": "",
}


class Dates(NamedTuple):
    """What curators noted of a service; `expires_on` and `funding_ends_on` are its last days."""

    verified_on: date | None = None
    verified_by: str = ""
    verified_source: str = ""
    review_by: date | None = None
    expires_on: date | None = None
    funding_ends_on: date | None = None

    @property
    def ends_on(self) -> date | None:
        """The first day known on which the service may stop."""
        known = [day for day in (self.expires_on, self.funding_ends_on) if day is not None]
        return min(known, default=None)


def dates(database: "sqlite_utils.Database") -> dict[Key, Dates]:
    """What curators noted, by source and id of the service."""
    rows = database.execute(
        "SELECT source, id, verified_on, verified_by, verified_source, review_by, expires_on,"
        " funding_ends_on FROM care"
    )
    return {
        (source, record_id): Dates(_day(on), by or "", how or "", *map(_day, days))
        for source, record_id, on, by, how, *days in rows
    }


def service(opened: Opened, noted: Dates, context: Context) -> tuple[Service, tuple[str, ...]]:
    """The service of these records, and notes on what could not be read.

    Verified only as `noted`; to be looked at again when it may stop, at the latest. Raises Refused
    for what is no service.
    """
    try:
        found, notes = service_of(opened.graph, opened.source, context)
    except InvalidService as problem:
        raise Refused(str(problem)) from None
    return replace(found, **_facts(found, noted)), notes


def _facts(found: Service, noted: Dates) -> dict[str, Any]:
    facts: dict[str, Any] = dict(_UNVERIFIED)
    review_by = found.review_by
    if noted.verified_on is not None:
        facts = {name: getattr(noted, name) for name in _UNVERIFIED}
        review_by = noted.review_by
    days = [day for day in (review_by, noted.ends_on) if day is not None]
    return facts | {"review_by": min(days, default=None)}


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
