"""Asks a feed: bounded, patient with servers that are busy or broken, and never elsewhere."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC
from email.utils import parsedate_to_datetime
from threading import Event
from typing import Any, Final, NamedTuple, TypeVar

import requests
from requests.models import REDIRECT_STATI

from directory.feeds.addresses import Access, AddressRefused, redirected
from directory.feeds.answers import WrongAnswer, parsed_json
from directory.feeds.connections import CheckedAdapter, checked_session
from directory.feeds.limits import Clock, Limits

T = TypeVar("T")

_BUSY: Final = frozenset({429, 500, 502, 503, 504})
_PIECE: Final = 65_536


class FeedProblem(Exception):
    """What a feed could not give, and why, in plain English."""


class NotOffered(FeedProblem):
    """The feed says that there is nothing at this address, or not for us; `status` is HTTP's."""

    def __init__(self, status: int) -> None:
        self.status = status
        super().__init__(f"the feed answers {status}")


class Unanswered(FeedProblem):
    """One address gave nothing that can be read, however often it was asked."""


class FeedEnded(FeedProblem):
    """Nothing more is asked of the feed in this reading."""


class FeedRefused(FeedEnded):
    """The address, or one the feed redirects to, is none that a feed is read from."""


class Kept(NamedTuple):
    """An answer as it is kept: the unpacked body and what tells whether it is still the same."""

    body: bytes
    content_type: str
    etag: str = ""
    last_modified: str = ""


class _Passing(Exception):
    """A failure that may be over soon; `wait` is the seconds the server asked for, if it did."""

    def __init__(self, reason: str, wait: float | None = None) -> None:
        self.wait = wait
        super().__init__(reason)


class Client:
    """One reading's way to a feed. `requests_sent` counts what was sent, redirects included.

    The time for the whole feed runs from here on. Use as a context manager, or call `close`.
    """

    def __init__(self, access: Access, limits: Limits, clock: Clock) -> None:
        self._access, self._limits, self._clock = access, limits, clock
        self._ends = clock.elapsed() + limits.feed_seconds
        self._adapter = CheckedAdapter(access)
        self._session = checked_session(access, self._adapter)
        self._session.headers["Accept"] = "application/json"
        self.requests_sent = 0

    def close(self) -> None:
        """Close every connection."""
        self._session.close()

    def get(self, url: str, check: Callable[[Any], T], known: Kept | None = None) -> tuple[T, Kept]:
        """The JSON document at an address as `check` reads it, and the answer as it can be kept.

        With a `known` answer the feed is asked only for what differs. `check` raises WrongAnswer
        for another document than was asked for. Statuses 429, 500, 502, 503 and 504, broken
        connections and wrong answers are tried again, waiting 1, 2, 4 ... seconds or as
        `Retry-After` says. Raises NotOffered, FeedEnded, or Unanswered when all tries failed.
        """
        for tried in range(self._limits.tries):
            try:
                kept = self._once(url, known)
                document = parsed_json(kept.body, kept.content_type, depth=self._limits.depth)
                return check(document), kept
            except (WrongAnswer, _Passing) as problem:
                reason, wait = str(problem), getattr(problem, "wait", None)
                # A kept answer that no longer passes is asked for anew.
                known = None if isinstance(problem, WrongAnswer) else known
            if tried + 1 < self._limits.tries:
                self._pause(2.0**tried if wait is None else wait, reason)
        raise Unanswered(f"{reason}; tried {self._limits.tries} times")

    def _pause(self, seconds: float, reason: str) -> None:
        if seconds > self._limits.longest_wait:
            raise Unanswered(f"{reason}; it asks to come back in {seconds:,.0f} seconds")
        if self._clock.elapsed() + seconds >= self._ends:
            raise self._time_up()
        self._clock.wait(seconds)

    def _time_up(self) -> FeedEnded:
        minutes = self._limits.feed_seconds / 60
        return FeedEnded(f"the feed was not read to its end within {minutes:g} minutes")

    def _once(self, url: str, known: Kept | None) -> Kept:
        for _ in range(self._limits.redirects + 1):
            response, body = self._exchange(url, known)
            if response.status_code not in REDIRECT_STATI:
                return self._judged(response, body, known)
            try:
                url = redirected(url, response.headers.get("Location", ""), self._access)
            except AddressRefused as problem:
                raise FeedRefused(f"the feed redirects where it may not: {problem}") from problem
        raise Unanswered(f"the feed redirects more than {self._limits.redirects} times")

    def _exchange(self, url: str, known: Kept | None) -> tuple[requests.Response, bytes]:
        seconds = min(self._limits.answer_seconds, self._ends - self._clock.elapsed())
        if seconds <= 0:
            raise self._time_up()
        timeout = (self._limits.connect_seconds, self._limits.read_seconds)
        self.requests_sent += 1
        with (
            self._adapter.cut_off_after(seconds) as cut,
            self._failures(cut, seconds),
            self._session.get(
                url,
                headers=_conditions(known),
                timeout=timeout,
                allow_redirects=False,
                stream=True,
            ) as response,
        ):
            body = self._body(response) if response.status_code == 200 else b""
            if cut.is_set():
                # Without a length, an answer that was cut looks like one that ended.
                raise requests.ConnectionError
            return response, body

    def _body(self, response: requests.Response) -> bytes:
        body = bytearray()
        for piece in response.iter_content(_PIECE):
            body += piece
            if len(body) > self._limits.answer_bytes:
                raise Unanswered(f"the answer has more than {self._limits.answer_bytes:,} bytes")
        return bytes(body)

    @contextmanager
    def _failures(self, cut: Event, seconds: float) -> Iterator[None]:
        """Says in plain English what went wrong on the way; `cut` tells that we cut it off."""
        try:
            yield
        except AddressRefused as problem:
            raise FeedRefused(str(problem)) from problem
        except requests.RequestException as problem:
            if cut.is_set():
                reason = f"the answer was not whole after {seconds:g} seconds"
                raise _Passing(reason) from problem
            if isinstance(problem, requests.exceptions.SSLError):
                raise Unanswered("the certificate of the feed cannot be trusted") from problem
            if isinstance(problem, requests.Timeout):
                raise _Passing("the feed did not answer in time") from problem
            reason = "the feed could not be reached, or broke off in the middle"
            raise _Passing(reason) from problem

    def _judged(self, response: requests.Response, body: bytes, known: Kept | None) -> Kept:
        status, headers = response.status_code, response.headers
        if status == 304 and known is not None:
            return known
        if status == 200:
            return Kept(
                body,
                headers.get("Content-Type", ""),
                headers.get("ETag", ""),
                headers.get("Last-Modified", ""),
            )
        if status in _BUSY:
            wait = self._asked_to_wait(headers.get("Retry-After", ""))
            raise _Passing(f"the feed answers {status}", wait)
        raise NotOffered(status)

    def _asked_to_wait(self, header: str) -> float | None:
        """Seconds of a `Retry-After` header (RFC 9110: a number, or a date); None if unreadable."""
        if header.strip().isdecimal():
            return float(header)
        try:
            moment = parsedate_to_datetime(header)
        except (ValueError, OverflowError):
            return None
        aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return max(0.0, (aware - self._clock.now()).total_seconds())


def _conditions(known: Kept | None) -> dict[str, str]:
    if known is None:
        return {}
    asked = {"If-None-Match": known.etag, "If-Modified-Since": known.last_modified}
    return {name: value for name, value in asked.items() if value}
