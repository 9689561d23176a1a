"""Bounds how often one address asks, so that one eager copy does not slow the staff pages."""

from typing import Final

from flask import request
from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter

from template_service.errors import TooManyRequests

REQUESTS_PER_MINUTE: Final = 600
"""Ten a second: a copy of 5,000 services one by one takes under nine minutes, as lines one call."""


class Limit:
    """Counts the requests of each address within a minute."""

    def __init__(self) -> None:
        self._limiter = FixedWindowRateLimiter(MemoryStorage())
        self._limit = RateLimitItemPerMinute(REQUESTS_PER_MINUTE)

    def count(self) -> None:
        """Counts the request at hand; raises TooManyRequests."""
        if not self._limiter.hit(self._limit, request.remote_addr or ""):
            raise TooManyRequests
