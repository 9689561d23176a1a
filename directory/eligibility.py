"""Whether a service is for a person at all: hard rules, none of which rank anybody."""

from typing import Final

from directory.model import Schedule
from directory.opening import open_on
from directory.postings import Entry
from directory.seeker import ENGLAND, UNITED_KINGDOM, Profile

_NOT_RUNNING: Final = {
    "temporarily closed": "Temporarily closed",
    "inactive": "Not running at the moment",
    "defunct": "No longer running",
}
_NOT_FOR_NO_PUBLIC_FUNDS: Final = {
    "yes": "Counts as public funds",
    "unknown": "May count as public funds: nobody has checked",
}
_AREAS: Final = {ENGLAND: "England", UNITED_KINGDOM: "the whole UK"}


def why_not(entry: Entry, need: str, profile: Profile) -> str | None:
    """Why this person cannot use the service for this need, in plain English; None if they can."""
    return why_not_here(entry, profile) or why_not_them(entry, need, profile)


def why_not_here(entry: Entry, profile: Profile) -> str | None:
    """Why nobody who lives where this person does can use the service; None if they may."""
    if entry.status != "active":
        return _NOT_RUNNING[entry.status]
    if profile.areas and entry.areas and profile.areas.isdisjoint(entry.areas):
        return profile.not_covered
    return None


def why_not_them(entry: Entry, need: str, profile: Profile) -> str | None:
    """Why this person cannot use a service of their area for this need; None if they can."""
    if profile.seeker.no_public_funds and entry.public_funds != "no":
        return _NOT_FOR_NO_PUBLIC_FUNDS[entry.public_funds]
    for restriction in entry.restrictions:
        if restriction.fits(profile) is False:
            return restriction.no
    return _why_not_today(entry, profile) if need in profile.seeker.urgent else None


def covers(entry: Entry, areas: frozenset[str]) -> bool:
    """Whether a running service may cover one of these areas; an unstated area may be any."""
    is_near = not areas or not entry.areas or not areas.isdisjoint(entry.areas)
    return entry.status == "active" and is_near


def area_covered(entry: Entry, profile: Profile) -> str:
    """The narrowest stated area that holds the person: "Covers Leeds", or what to check."""
    place = profile.seeker.place
    if not entry.areas:
        return "Area not stated: check first"
    if place is None or not profile.areas:
        everywhere = min(entry.areas & _AREAS.keys(), default=None)
        return f"Covers {_AREAS[everywhere]}" if everywhere else "Only for some areas: check first"
    if place.ward_code in entry.areas and place.ward_name:
        # Around the practice, because nobody knows where the person lives.
        check = ", around the practice: check" if place.no_fixed_abode else ""
        return f"Covers {place.ward_name}{check}"
    if place.lad_code in entry.areas and place.lad_name:
        return f"Covers {place.lad_name}"
    for code in sorted(profile.areas & entry.areas):
        if code in _AREAS:
            return f"Covers {_AREAS[code]}"
    return "Covers where you live"


def open_today(schedules: tuple[Schedule, ...], profile: Profile) -> Schedule | None:
    """The opening that is on now or comes next today; None when nothing is left of today."""
    return open_on(schedules, profile.weekday, profile.time)


def _why_not_today(entry: Entry, profile: Profile) -> str | None:
    if not entry.urgent_today:
        return "Cannot act today"
    if entry.has_phone:
        return None
    if not entry.drop_in:
        return "No phone number and no drop-in known, so cannot act today"
    if entry.schedules and open_today(entry.schedules, profile) is None:
        return "Not open again today"
    return None
