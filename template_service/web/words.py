"""Dates, times and small facts in British words, or as the language of the page says them."""

from dataclasses import dataclass
from datetime import date, datetime

from template_service.clock import LOCAL
from template_service.web.speech import gettext as _
from template_service.web.speech import joined, long_date, ngettext


@dataclass(frozen=True, slots=True)
class Fact:
    """A term and what is known of it."""

    term: str
    text: str
    href: str = ""


def british_date(day: date | None) -> str:
    """`22 November 2026`; empty when there is no date."""
    return "" if day is None else long_date(day)


def clock_time(moment: datetime) -> str:
    """`10:43`, in the United Kingdom."""
    return f"{moment.astimezone(LOCAL):%H:%M}"


def at_time(moment: datetime, today: date) -> str:
    """`at 10:43` for today, else `on 12 March 2026 at 10:43`."""
    local = moment.astimezone(LOCAL)
    time = clock_time(moment)
    if local.date() == today:
        return _("at %(time)s", time=time)
    return _("on %(date)s at %(time)s", date=british_date(local.date()), time=time)


def time_of(moment: datetime, today: date) -> str:
    """`10:43` for today, else `12 March 2026 at 10:43`."""
    local, time = moment.astimezone(LOCAL), clock_time(moment)
    if local.date() == today:
        return time
    return _("%(date)s at %(time)s", date=british_date(local.date()), time=time)


def days_ago(day: date, today: date) -> str:
    """`today`, `yesterday`, `9 days ago`."""
    days = (today - day).days
    if days <= 0:
        return _("today")
    return _("yesterday") if days == 1 else ngettext("%(num)s day ago", "%(num)s days ago", days)


def counted(number: int, one: str, many: str) -> str:
    """`1 service`, `2 services`."""
    return f"{number} {one if number == 1 else many}"


def listed(texts: list[str]) -> str:
    """`a, b and c`."""
    if len(texts) < 2:
        return texts[0] if texts else ""
    return _("%(first)s and %(last)s", first=joined(", ", texts[:-1]), last=texts[-1])


def nhs_number_text(number: str | None) -> str:
    """An NHS number in its printed groups, `999 000 0018`; empty when there is none."""
    return f"{number[:3]} {number[3:6]} {number[6:]}" if number else ""
