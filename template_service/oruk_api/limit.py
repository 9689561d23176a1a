"""Bounds how often one address asks, so that one eager copy does not slow the staff pages."""

from flask import request
from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter

from template_service.errors import TooManyRequests


class Limit:
    """Counts the requests of each address within a minute."""

    def __init__(self, requests_per_minute: int) -> None:
        self._limiter = FixedWindowRateLimiter(MemoryStorage())
        self._limit = RateLimitItemPerMinute(requests_per_minute)

    def count(self) -> None:
        """Counts the request at hand; raises TooManyRequests."""
        if not self._limiter.hit(self._limit, request.remote_addr or ""):
            raise TooManyRequests
