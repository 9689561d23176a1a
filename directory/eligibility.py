"""Whether a service is for a person at all: hard rules, none of which rank anybody.

What is not known about a person never shuts them out; it becomes a restriction to check.
"""

from collections.abc import Iterator
from typing import Final, NamedTuple

from directory.model import Schedule
from directory.postings import Entry, speaks
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
_SEXES: Final = {"female": "women", "male": "men"}
_TENURES: Final = {
    "council": "people who rent from the council",
    "association": "people who rent from a housing association",
    "private": "people who rent privately",
    "owner": "people who own their home",
    "temporary": "people in temporary housing",
    "nofixed": "people with no fixed home",
}
_HOUSEHOLDS: Final = {
    "pregnant": "someone pregnant",
    "under5": "a child under 5",
    "school": "a child aged 5 to 17",
    "over65": "someone 65 or over",
}
_AREAS: Final = {ENGLAND: "England", UNITED_KINGDOM: "the whole UK"}


class Restriction(NamedTuple):
    """Whom a service is for ("women"), and whether that is this person; None when not known."""

    people: str
    fits: bool | None


def why_not(entry: Entry, need: str, profile: Profile) -> str | None:
    """Why this person cannot use the service for this need, in plain English; None if they can."""
    if entry.status != "active":
        return _NOT_RUNNING[entry.status]
    if profile.areas and entry.areas and profile.areas.isdisjoint(entry.areas):
        return _does_not_cover(profile)
    if profile.seeker.no_public_funds and entry.public_funds != "no":
        return _NOT_FOR_NO_PUBLIC_FUNDS[entry.public_funds]
    if entry.personal:
        for restriction in restrictions(entry, profile):
            if restriction.fits is False:
                return f"Only for {restriction.people}"
    if need in profile.seeker.urgent:
        return _why_not_today(entry, profile)
    return None


def covers(entry: Entry, areas: frozenset[str]) -> bool:
    """Whether a running service may cover one of these areas; an unstated area may be any."""
    is_near = not areas or not entry.areas or not areas.isdisjoint(entry.areas)
    return entry.status == "active" and is_near


def restrictions(entry: Entry, profile: Profile) -> Iterator[Restriction]:
    """Every group of people this service is limited to."""
    if entry.minimum_age is not None or entry.maximum_age is not None:
        yield Restriction(_ages(entry), _is_of_age(entry, profile.seeker.age))
    if entry.sex is not None:
        yield Restriction(_SEXES[entry.sex], profile.sex == entry.sex if profile.sex else None)
    if entry.tenures:
        fits = profile.tenure in entry.tenures if profile.tenure else None
        yield Restriction(_either(_TENURES, entry.tenures), fits)
    if entry.household:
        yield Restriction(
            f"households with {_either(_HOUSEHOLDS, entry.household)}",
            _is_of_household(entry, profile),
        )
    if entry.spoken_only and profile.language:
        yield Restriction(
            f"speakers of {_any_of(list(entry.languages))}", speaks(entry, profile.language)
        )


def area_covered(entry: Entry, profile: Profile) -> str:
    """The narrowest stated area that holds the person: "Covers Leeds", or what to check."""
    place = profile.seeker.place
    if not entry.areas:
        return "Area not stated: check first"
    if place is None or not profile.areas:
        return "Only for some areas: check first"
    for code, name in ((place.ward_code, place.ward_name), (place.lad_code, place.lad_name)):
        if code in entry.areas and name:
            return f"Covers {name}"
    for code in sorted(profile.areas & entry.areas):
        if code in _AREAS:
            return f"Covers {_AREAS[code]}"
    return "Covers where you live"


def open_today(schedules: tuple[Schedule, ...], profile: Profile) -> Schedule | None:
    """The opening that is on now or comes next today; None when nothing is left of today."""
    left = [it for it in schedules if it.day == profile.weekday and it.closes > profile.time]
    return min(left, key=lambda it: it.opens, default=None)


def _does_not_cover(profile: Profile) -> str:
    place = profile.seeker.place
    return f"Does not cover {(place and (place.ward_name or place.lad_name)) or 'where you live'}"


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


def _is_of_age(entry: Entry, age: int | None) -> bool | None:
    if age is None:
        return None
    low, high = entry.minimum_age, entry.maximum_age
    return (low is None or age >= low) and (high is None or age <= high)


def _is_of_household(entry: Entry, profile: Profile) -> bool | None:
    if not profile.household.isdisjoint(entry.household):
        return True
    return False if profile.household_answered else None


def _ages(entry: Entry) -> str:
    low, high = entry.minimum_age, entry.maximum_age
    if high is None:
        return f"ages {low} and over"
    return f"under {high + 1}s" if not low else f"ages {low} to {high}"


def _either(words: dict[str, str], codes: tuple[str, ...]) -> str:
    return _any_of([words[code] for code in codes])


def _any_of(words: list[str]) -> str:
    return " or ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)
