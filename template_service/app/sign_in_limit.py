"""Slows guessing at the sign-in page: so many failures a minute from one address, then a refusal.

Hung around the one view it is for: a limiter that looks at every request would cost a submission
more than finding its bearer token does.
"""

from collections.abc import Callable
from typing import cast

from flask import Flask, Response, request
from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter

from template_service.errors import TooManyRequests
from template_service.settings import Settings

_SIGN_IN = "web.sign_in"
# Signed in: on to the first page, or a page with what was typed before (`web.carried_page`).
_REFUSED = 400


def register(app: Flask, settings: Settings) -> None:
    """Puts the limit around the sign-in view, which must be there already."""
    limiter = FixedWindowRateLimiter(MemoryStorage())
    limit = RateLimitItemPerMinute(settings.sign_ins_per_minute)
    # Flask's type allows whatever a view may return; this one returns a response.
    sign_in = cast("Callable[[], Response]", app.view_functions[_SIGN_IN])

    def limited() -> Response:
        """Answers as the sign-in view does; raises TooManyRequests."""
        if request.method != "POST":
            return sign_in()
        address = request.remote_addr or ""
        if not limiter.test(limit, address):
            raise TooManyRequests
        succeeded = False
        try:
            answer = sign_in()
            succeeded = answer.status_code < _REFUSED
        finally:
            # Only failures count: a practice of ten behind one address may all sign in at eight.
            if not succeeded:
                limiter.hit(limit, address)
        return answer

    app.view_functions[_SIGN_IN] = limited
