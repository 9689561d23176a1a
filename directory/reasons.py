"""What people are told about a service that fits: each sentence comes from a stored fact.

A reason never names the person's other needs: one of them may be a disclosure, and reasons are
printed.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final, Self

from directory.eligibility import area_covered, open_today
from directory.freshness import VERIFIED, freshness
from directory.languages import ENGLISH
from directory.model import NEEDS, Phone, Service
from directory.opening import MIDNIGHT, When, open_at
from directory.postings import Entry
from directory.ranking import distance, is_doubtfully_far
from directory.seeker import Profile

NO_CONTACT: Final = "No contact known: check first"
OPENING_UNKNOWN: Final = "Opening times not known: check first"

# A longer text about cost is for the service's own page.
_SHORT: Final = 40


@dataclass(frozen=True, slots=True)
class Listing:
    """A service with what is told of it to everybody alike, put in words once."""

    service: Service
    contact: str
    ways_in: tuple[str, ...]
    cost: tuple[str, ...]

    @classmethod
    def of(cls, service: Service) -> Self:
        """The listing of a service."""
        return cls(service, contact(service), tuple(_ways_in(service)), tuple(_cost(service)))


def reasons(
    listing: Listing, entry: Entry, need: str, profile: Profile, when: When | None = None
) -> tuple[str, ...]:
    """Why this service is offered for this need, most telling first, in plain English.

    `when` is when it should be open, for somebody who asked; otherwise what is left of today is
    told. No need, for a service of none, says nothing of needs.
    """
    said = [f"Helps with {NEEDS[need]}"] if need else []
    if need in profile.seeker.urgent:
        said.append("Can help the same day")
    said.append(area_covered(entry, profile))
    away = distance(entry, profile.seeker.place)
    if away is not None:
        check = ": check" if is_doubtfully_far(entry, away) else ""
        said.append(_distance(away, profile) + check)
    said += [it.yes if it.fits(profile) else it.check for it in entry.restrictions]
    said += _open_today(entry, profile) if when is None else [_open_then(entry, when)]
    said += listing.ways_in
    if entry.languages:
        said += _language(entry, profile)
    if profile.access_needs:
        said += _access(listing.service, profile)
    said += listing.cost
    if profile.seeker.no_public_funds:
        said.append("Does not count as public funds")
    if entry.verified_on is not None and freshness(entry, profile.today) == VERIFIED:
        said.append(_verified(entry.verified_on, profile.today))
    return tuple(said)


def contact(service: Service) -> str:
    """The best way to reach a service, for people to read: the phone first, never empty."""
    if service.phone:
        return _number(service.phone[0])
    place = ", ".join(part for part in (service.address, service.postcode) if part)
    if service.drop_in and place:
        return f"Drop in at {place}"
    return service.url or service.email or place or NO_CONTACT


def _number(phone: Phone) -> str:
    return f"{phone.number} ({phone.label})" if phone.label else phone.number


def _distance(distance_km: float, profile: Profile) -> str:
    words = f"{distance_km:.1f} km" if distance_km >= 0.1 else "Less than 0.1 km"
    place = profile.seeker.place
    by_practice = place is not None and place.no_fixed_abode
    return f"{words} from the practice" if by_practice else f"{words} away"


def _open_today(entry: Entry, profile: Profile) -> Iterator[str]:
    opening = open_today(entry.schedules, profile) if entry.schedules else None
    if opening is not None and opening.opens <= profile.time:
        yield f"Open now, until {opening.closes}"
    elif opening is not None:
        yield f"Open today, {opening.opens} to {opening.closes}"


def _open_then(entry: Entry, when: When) -> str:
    opening = open_at(entry.openings, when) if entry.openings else None
    if opening is None:
        return OPENING_UNKNOWN
    day = opening.day.capitalize()
    if (opening.opens, opening.closes) == ("00:00", MIDNIGHT):
        return f"Open all day on {day}"
    return f"Open on {day}, {opening.opens} to {opening.closes.replace(MIDNIGHT, 'midnight')}"


def _ways_in(service: Service) -> Iterator[str]:
    if service.drop_in:
        yield "You can drop in"
    if service.self_referral and service.phone:
        yield "You can ring yourself"
    elif service.self_referral:
        yield "You can ask for help yourself"
    elif service.professional_referral:
        yield "A professional can refer you"
    if "home-visit" in service.channels:
        yield "Home visits"


def _language(entry: Entry, profile: Profile) -> Iterator[str]:
    for spoken in entry.languages:
        if spoken.casefold() == profile.language and spoken != ENGLISH:
            yield f"Speaks {spoken}"


def _access(service: Service, profile: Profile) -> Iterator[str]:
    for offer in service.access:
        if any(need in offer.casefold() for need in profile.access_needs):
            yield f"Offers {offer}"


def _cost(service: Service) -> Iterator[str]:
    if 0 < len(service.cost) <= _SHORT:
        yield service.cost[0].upper() + service.cost[1:]


def _verified(verified_on: date, today: date) -> str:
    days = (today - verified_on).days
    return "Verified " + {0: "today", 1: "yesterday"}.get(days, f"{days} days ago")
