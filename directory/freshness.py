"""Whether the facts of a service may be relied on, and since when.

Freshness is safety: only what a curator asked the service itself, within its review date, is
"verified"; what was merely read on a page is "check first".
"""

from datetime import date
from typing import Final, Literal, Protocol

Freshness = Literal["verified", "check-first"]

VERIFIED: Final[Freshness] = "verified"
CHECK_FIRST: Final[Freshness] = "check-first"


class Dated(Protocol):
    """Anything that carries the dates of a service."""

    @property
    def verified_on(self) -> date | None: ...
    @property
    def review_by(self) -> date | None: ...


def freshness(service: Dated, today: date) -> Freshness:
    """Verified when a curator confirmed the service by today and its review date has not passed.

    No review date means nobody promised to look again: check first.
    """
    confirmed, review_by = service.verified_on, service.review_by
    if confirmed is None or review_by is None:
        return CHECK_FIRST
    return VERIFIED if confirmed <= today <= review_by else CHECK_FIRST
