"""Dates, times and small facts in British words."""

from dataclasses import dataclass
from datetime import date, datetime

from template_service.clock import LOCAL


@dataclass(frozen=True, slots=True)
class Fact:
    """A term and what is known of it."""

    term: str
    text: str
    href: str = ""


def british_date(day: date | None) -> str:
    """`22 November 2026`; empty when there is no date."""
    return "" if day is None else f"{day.day} {day:%B %Y}"


def clock_time(moment: datetime) -> str:
    """`10:43`, in the United Kingdom."""
    return f"{moment.astimezone(LOCAL):%H:%M}"


def at_time(moment: datetime, today: date) -> str:
    """`at 10:43` for today, else `on 12 March 2026 at 10:43`."""
    local = moment.astimezone(LOCAL)
    time = f"at {clock_time(moment)}"
    return time if local.date() == today else f"on {british_date(local.date())} {time}"


def days_ago(day: date, today: date) -> str:
    """`today`, `yesterday`, `9 days ago`."""
    days = (today - day).days
    if days <= 0:
        return "today"
    return "yesterday" if days == 1 else f"{days} days ago"


def counted(number: int, one: str, many: str) -> str:
    """`1 service`, `2 services`."""
    return f"{number} {one if number == 1 else many}"


def listed(texts: list[str]) -> str:
    """`a, b and c`."""
    return (
        texts[0] if len(texts) == 1 else f"{', '.join(texts[:-1])} and {texts[-1]}" if texts else ""
    )


def nhs_number_text(number: str | None) -> str:
    """An NHS number in its printed groups, `999 000 0018`; empty when there is none."""
    return f"{number[:3]} {number[3:6]} {number[6:]}" if number else ""
