"""Which of the services that fit this person comes first: soft rules, in points.

Points only ever raise: no age, sex, language or household of a person costs a service anything.
Added to what a service has whoever asks (`directory.standing`).
"""

from typing import Final

from directory.freshness import VERIFIED, freshness
from directory.geography import Place, distance_km
from directory.postings import Entry, speaks
from directory.seeker import Profile

ANOTHER_NEED: Final = 5
MOST_OTHER_NEEDS: Final = 3
NEAR: Final = 12
FAR_KM: Final = 10.0
# From the middle of a city to its edge.
HOME_KM: Final = 25.0
# Reached by phone, online or at home, or nobody knows how far: half-way between near and far.
NEITHER_NEAR_NOR_FAR: Final = 6
SPEAKS_THEIR_LANGUAGE: Final = 15
MEETS_ACCESS_NEED: Final = 10
VERIFIED_BY_CURATOR: Final = 8
OF_THEIR_WARD: Final = 8
OF_THEIR_CITY: Final = 6


def points(entry: Entry, profile: Profile, others: int) -> int:
    """How well an eligible service suits; `others` is the mask of the other needs wanted."""
    return common_points(entry, profile, others) + own_points(entry, profile)


def common_points(entry: Entry, profile: Profile, others: int) -> int:
    """The points that every service of a `Kind` has alike."""
    place = profile.seeker.place
    total = entry.standing
    if place is not None and entry.areas:
        total += _area_points(entry, place)
    total += ANOTHER_NEED * min((entry.needs & others).bit_count(), MOST_OTHER_NEEDS)
    if speaks(entry, profile.language):
        total += SPEAKS_THEIR_LANGUAGE
    return total + MEETS_ACCESS_NEED * sum(need in entry.access for need in profile.access_needs)


def own_points(entry: Entry, profile: Profile) -> int:
    """The points for how near a service is and how fresh."""
    total = NEITHER_NEAR_NOR_FAR
    # Asked of every service that may be among the best: what most have not got costs no call.
    if entry.visited:
        total = _distance_points(entry, distance(entry, profile.seeker.place))
    if entry.verified_on is not None and freshness(entry, profile.today) == VERIFIED:
        total += VERIFIED_BY_CURATOR
    return total


def place_points(entry: Entry, place: Place, away: float | None) -> int:
    """The points for where a service is and whom it says it is for, of a place that is so far."""
    return _distance_points(entry, away) + (_area_points(entry, place) if entry.areas else 0)


def most_own_points(entry: Entry) -> int:
    """The most that `own_points` may give any service of the same `Kind`."""
    checked = 0 if entry.verified_on is None else VERIFIED_BY_CURATOR
    return checked + (NEAR if entry.visited else NEITHER_NEAR_NOR_FAR)


def distance(entry: Entry, place: Place | None) -> float | None:
    """Kilometres from the person, for a service that people go to; None when either is unknown."""
    if not entry.visited or place is None or place.lat is None or place.lon is None:
        return None
    return distance_km(place.lat, place.lon, entry.lat, entry.lon)


def is_doubtfully_far(entry: Entry, away: float | None) -> bool:
    """Whether a service is further `away` than FAR_KM and nothing says that it helps there."""
    return away is not None and away > FAR_KM and not entry.areas


def _distance_points(entry: Entry, away: float | None) -> int:
    if away is None:
        return NEITHER_NEAR_NOR_FAR
    near = round(NEAR * (1 - min(away, FAR_KM) / FAR_KM))
    if not entry.areas:
        # Nothing says that it helps here at all, so the further, the less likely.
        return near - min(round(max(away - FAR_KM, 0) / FAR_KM), NEAR)
    return max(near, NEITHER_NEAR_NOR_FAR) if entry.has_phone else near


def _area_points(entry: Entry, place: Place) -> int:
    if place.ward_code in entry.areas:
        return OF_THEIR_WARD
    return OF_THEIR_CITY if place.lad_code in entry.areas else 0
