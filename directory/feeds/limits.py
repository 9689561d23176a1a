"""How much, how long and how often a feed is asked; the clock by which that is measured."""

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one reading. Ours, chosen well above any council's directory.

    Times in seconds: `connect_seconds`, `read_seconds` (between two pieces of an answer),
    `answer_seconds` (one whole answer), `feed_seconds` (the whole feed), `longest_wait` (between
    two tries; a feed that asks for more is given up for now). `tries` of one address in all;
    `answer_bytes` unpacked; `pages` of one list; `objects` of the whole feed; `redirects` in a
    row; `depth` of nested JSON; `per_page` is what we ask for; `growth` is how many times the
    number of pages first promised a list may have before it is taken for endless;
    `resume_within`: how old a broken-off reading may be to be gone on with.
    """

    connect_seconds: float = 10
    read_seconds: float = 30
    answer_seconds: float = 120
    feed_seconds: float = 3600
    longest_wait: float = 120
    tries: int = 5
    answer_bytes: int = 20_000_000
    pages: int = 10_000
    objects: int = 500_000
    redirects: int = 5
    depth: int = 40
    per_page: int = 100
    growth: int = 2
    resume_within: timedelta = timedelta(hours=6)


class Clock(Protocol):
    """Time as a reading knows it."""

    def now(self) -> datetime:
        """The present moment, in UTC."""

    def elapsed(self) -> float:
        """Seconds since some moment, never going back."""

    def wait(self, seconds: float) -> None:
        """Come back after so long."""


class SystemClock:
    """The clock of this machine."""

    __slots__ = ()

    def now(self) -> datetime:
        """The present moment, in UTC."""
        return datetime.now(UTC)

    def elapsed(self) -> float:
        """Seconds of the monotonic clock."""
        return time.monotonic()

    def wait(self, seconds: float) -> None:
        """Sleep."""
        time.sleep(seconds)
