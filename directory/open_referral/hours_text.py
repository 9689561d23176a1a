"""Opening hours written as text, day by day, as weekly HSDS schedules."""

import re
from collections.abc import Mapping
from typing import Final

# RFC 5545, weekday.
_BYDAY: Final = {
    "monday": "MO",
    "tuesday": "TU",
    "wednesday": "WE",
    "thursday": "TH",
    "friday": "FR",
    "saturday": "SA",
    "sunday": "SU",
}
_TIMES: Final = r"([01]?\d|2[0-4]):[0-5]\d\s*[-–]\s*([01]?\d|2[0-4]):[0-5]\d"
_DAY: Final = re.compile(
    rf"\s*(?P<day>{'|'.join(_BYDAY)})\s*:\s*"
    rf"(?:closed|(?P<times>{_TIMES}(?:\s*,\s*{_TIMES})*))\s*[;,.]?",
    re.IGNORECASE | re.ASCII,
)
_TIME: Final = re.compile(r"(\d{1,2}):(\d\d)", re.ASCII)


def schedules_of(text: str) -> tuple[Mapping[str, str], ...]:
    """The schedules that "Monday: 9:00-12:00, 13:00-17:00 Tuesday: Closed" says, times as HH:MM.

    A closed day has none. Text that is not wholly of this form is one schedule that only has it as
    its description: half-understood hours would send people to closed doors.
    """
    found: list[Mapping[str, str]] = []
    at = 0
    while day := _DAY.match(text, at):
        at = day.end()
        times = [f"{int(hour):02}:{minute}" for hour, minute in _TIME.findall(day["times"] or "")]
        found += (
            {
                "freq": "WEEKLY",
                "byday": _BYDAY[day["day"].lower()],
                "opens_at": opens,
                "closes_at": closes,
            }
            for opens, closes in zip(times[::2], times[1::2], strict=True)
        )
    return tuple(found) if not text[at:].strip() else ({"description": text},)
