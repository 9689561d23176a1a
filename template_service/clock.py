"""The one clock of the service. `TEMPLATE_SERVICE_TODAY` (an ISO date) moves it, for tests."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

TODAY_VARIABLE = "TEMPLATE_SERVICE_TODAY"

# Days and opening hours are the UK's: at 00:30 in July it is already tomorrow in Leeds.
LOCAL = ZoneInfo("Europe/London")

_stopped: ContextVar[datetime | None] = ContextVar("stopped", default=None)


def now() -> datetime:
    """The present moment in UTC; the time of day stays real when only the day is set."""
    stopped = _stopped.get()
    if stopped is not None:
        return stopped
    real = datetime.now(UTC)
    fixed = os.environ.get(TODAY_VARIABLE)
    if not fixed:
        return real
    local_time = real.astimezone(LOCAL).timetz()
    return datetime.combine(date.fromisoformat(fixed), local_time).astimezone(UTC)


def today() -> date:
    """The present day in the United Kingdom."""
    return now().astimezone(LOCAL).date()


@contextmanager
def stopped_at(moment: datetime) -> Iterator[None]:
    """Within the block the clock stands at an aware moment: how a demonstration gets a past."""
    token = _stopped.set(moment)
    try:
        yield
    finally:
        _stopped.reset(token)
