"""In what order a search shows services, and whom it is for."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

from directory.filters import Filters, Home, Search
from directory.geography import Place
from directory.postings import Entry
from directory.ranking import (
    FAR_KM,
    HOME_KM,
    distance,
    place_points,
    points,
)
from directory.searching.children import ADULT
from directory.seeker import Profile
from directory.typed_person import Typed

# The best text counts 1: what is near and of the place is 1 more, what is far and of none 0.6 less.
PLACE_POINT: Final = 0.05
# Where nobody said for whom, what is for anybody goes before what is for one sex.
FOR_ONE_SEX: Final = 0.25


def about(search: Search, who: Typed) -> Search:
    """The search for whom the words say; an age or a sex that was chosen goes before."""
    ages, sex = search.ages or who.ages, search.sex or who.sex
    return replace(search, text=who.text, ages=ages, sex=sex)


def is_child(profile: Profile) -> bool:
    """Whether whoever needs help is surely under 18."""
    return profile.ages is not None and profile.ages[1] < ADULT


def by_points(filters: Filters, home: Home | None) -> Callable[[Entry], tuple[bool | int, ...]]:
    """Orders services as matching does, those last that are less sure to help."""
    is_far = _elsewhere(filters, home)

    def key(one: Entry) -> tuple[bool | int, ...]:
        last = (filters.comes_after(one), is_far(one, distance(one, _from(filters, home))))
        return *last, not one.is_reachable, -points(one, filters.profile, 0)

    return key


def by_words(
    scores: Mapping[int, float], filters: Filters, home: Home | None
) -> Callable[[Entry], tuple[bool, bool, float]]:
    """Orders what suits the words by how well it suits the place, and by whom it may not be for.

    What is less sure to help comes last.
    """
    place, is_sex_known = filters.profile.seeker.place, filters.profile.sex is not None
    near, is_far = _from(filters, home), _elsewhere(filters, home)

    def key(one: Entry) -> tuple[bool, bool, float]:
        suits, away = scores[one.row], distance(one, near)
        if one.sex is not None and not is_sex_known:
            suits -= FOR_ONE_SEX
        if place is not None:
            suits += PLACE_POINT * place_points(one, place, away)
        return filters.comes_after(one), is_far(one, away), -suits

    return key


def _from(filters: Filters, home: Home | None) -> Place | None:
    return filters.profile.seeker.place or (home and home.middle)


def _elsewhere(filters: Filters, home: Home | None) -> Callable[[Entry, float | None], bool]:
    """Says of a service, and how far away it is, whether it may help only people elsewhere.

    It covers other areas, or states none and is not known to be near.
    """
    is_chosen = filters.profile.seeker.place is not None
    is_known = is_chosen or home is not None
    # What does not cover a place that was chosen is not shown at all.
    areas = home.areas if home is not None and not is_chosen else frozenset()
    within = FAR_KM if is_chosen else HOME_KM

    def is_elsewhere(one: Entry, away: float | None) -> bool:
        if one.areas:
            return bool(areas) and areas.isdisjoint(one.areas)
        return is_known and (away is None or away > within)

    return is_elsewhere
