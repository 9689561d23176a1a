"""Whom a service is only for: by age, sex where lawful, tenure, household or language.

Made once for a service, asked for every person. What is not known about a person never shuts them
out: it is a restriction to check.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from directory.languages import language_name
from directory.model import Service
from directory.seeker import Profile

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
_SPOKEN: Final = frozenset({"phone", "in-person", "home-visit"})

_SHARED: Final = 1024

# True, False, or None when that is not known about the person.
Fits = Callable[[Profile], bool | None]


@dataclass(frozen=True, slots=True)
class Restriction:
    """A group of people a service is only for, in words, and whether a person is one of them."""

    fits: Fits
    yes: str
    check: str
    no: str


def restrictions_of(service: Service) -> tuple[Restriction, ...]:
    """Every restriction of a service; none for most."""
    return tuple(_restrictions(service))


def _restrictions(service: Service) -> Iterator[Restriction]:
    if service.minimum_age is not None or service.maximum_age is not None:
        yield _ages(service.minimum_age, service.maximum_age)
    if service.sex is not None:
        yield _of_sex(service.sex)
    if service.tenures:
        yield _of_tenure(service.tenures)
    if service.household:
        yield _of_household(service.household)
    if _is_spoken_only(service):
        yield _speaking(service.languages)


def _only_for(people: str, fits: Fits) -> Restriction:
    return Restriction(fits, f"For {people}", f"For {people}: check", f"Only for {people}")


# Thousands of services are for "ages 16 and over": each restriction is made once and shared.
@lru_cache(_SHARED)
def _ages(low: int | None, high: int | None) -> Restriction:
    youngest, oldest = low or 0, 1_000 if high is None else high

    def fits(profile: Profile) -> bool | None:
        if profile.ages is None:
            return None
        first, last = profile.ages
        if youngest <= first and last <= oldest:
            return True
        return None if first <= oldest and youngest <= last else False

    if high is None:
        return _only_for(f"ages {low} and over", fits)
    return _only_for(f"ages {low} to {high}" if low else f"under {high + 1}s", fits)


@lru_cache(_SHARED)
def _of_sex(sex: str) -> Restriction:
    return _only_for(_SEXES[sex], lambda profile: profile.sex == sex if profile.sex else None)


@lru_cache(_SHARED)
def _of_tenure(tenures: tuple[str, ...]) -> Restriction:
    people = _any_of([_TENURES[tenure] for tenure in tenures])
    return _only_for(people, lambda profile: profile.tenure in tenures if profile.tenure else None)


@lru_cache(_SHARED)
def _of_household(members: tuple[str, ...]) -> Restriction:
    wanted = frozenset(members)

    def fits(profile: Profile) -> bool | None:
        if not wanted.isdisjoint(profile.household):
            return True
        return False if profile.household_answered else None

    people = _any_of([_HOUSEHOLDS[member] for member in members])
    return _only_for(f"households with {people}", fits)


@lru_cache(_SHARED)
def _speaking(languages: tuple[str, ...]) -> Restriction:
    names = [language_name(language) for language in languages]
    spoken = frozenset(name.casefold() for name in names)
    return _only_for(
        f"speakers of {_any_of(names)}",
        lambda profile: profile.language in spoken if profile.language else None,
    )


def _is_spoken_only(service: Service) -> bool:
    """Languages were stated, speech is the only way in, and no interpreter is offered."""
    interpreted = any("interpret" in offer.casefold() for offer in service.access)
    written = bool(service.email or service.url)
    ways_in = frozenset(service.channels)
    return (
        bool(service.languages and ways_in) and ways_in <= _SPOKEN and not (interpreted or written)
    )


def _any_of(words: list[str]) -> str:
    return " or ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)
