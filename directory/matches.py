"""What matching and searching give: the services found, those left out, and why."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final, NamedTuple

from directory.freshness import Freshness, freshness
from directory.model import Service
from directory.opening import When
from directory.postings import Entry
from directory.ranking import distance
from directory.reasons import Listing, reasons
from directory.seeker import Profile, Seeker


class Match(NamedTuple):
    """A service that fits one need of a person; what is told of it is worked out when asked for.

    For a search, `need` is the one it was found for, empty for a service of none.
    """

    need: str
    entry: Entry
    listing: Listing
    profile: Profile
    # When it should be open, for somebody who asked.
    when: When | None = None

    @property
    def service(self) -> Service:
        """The service as published."""
        return self.listing.service

    @property
    def contact(self) -> str:
        """How to reach it, in one line."""
        return self.listing.contact

    @property
    def distance_km(self) -> float | None:
        """Kilometres from the person; None for a service nobody travels to."""
        away = distance(self.entry, self.profile.seeker.place)
        return None if away is None else round(away, 2)

    @property
    def freshness(self) -> Freshness:
        """Whether what is said of it may be relied on today."""
        return freshness(self.entry, self.profile.today)

    @property
    def last_checked(self) -> date | None:
        """The day a curator asked the service itself; None while nobody has."""
        return self.entry.verified_on

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why it fits: sentences, each from a stored fact."""
        return reasons(self.listing, self.entry, self.need, self.profile, self.when)


class Exclusion(NamedTuple):
    """A service for the need that this person cannot use, and why, in plain English.

    For a search, `need` is empty.
    """

    service_id: str
    name: str
    need: str
    reason: str


class Found(NamedTuple):
    """What one need found: the services that fit, best first, and some that do not."""

    matches: list[Match]
    excluded: list[Exclusion]


@dataclass(frozen=True, slots=True)
class Matches:
    """What each need of a seeker found, in their order; `unmet` are needs that nothing fits."""

    seeker: Seeker
    by_need: Mapping[str, Found]
    unmet: tuple[str, ...]

    def services(self, needs: Iterable[str]) -> tuple[Match, ...]:
        """The services for these needs, in their order, best first."""
        return tuple([one for need in needs for one in self.by_need.get(need, _NOTHING).matches])

    def left_out(self, needs: Iterable[str]) -> tuple[Exclusion, ...]:
        """The services these needs could have had, were the person another."""
        return tuple([one for need in needs for one in self.by_need.get(need, _NOTHING).excluded])

    @property
    def matches(self) -> tuple[Match, ...]:
        """Every service found, in the order of the needs, best first."""
        return self.services(self.by_need)

    @property
    def excluded(self) -> tuple[Exclusion, ...]:
        """Every service left out, in the order of the needs."""
        return self.left_out(self.by_need)


@dataclass(frozen=True, slots=True)
class Results:
    """What a search found, best first, and what suits its words but not its wishes, with why.

    `matches` are as many as asked for, of `total`. `corrected` are words typed that no service
    holds, and what was looked for instead; `opening` is when it should be open, as wished or typed.
    `likely` is how many of the total, the first, suit the words well.
    """

    matches: tuple[Match, ...]
    total: int
    excluded: tuple[Exclusion, ...]
    corrected: Mapping[str, str]
    opening: When | None
    likely: int = 0


_NOTHING: Final = Found([], [])
