"""The published directory in use: which services fit a person, and why.

Two steps: eligibility is hard (`directory.eligibility`), rank is soft (`directory.ranking`).
Both use postings in memory; whole services and text search come from the file.
"""

import sqlite3
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Final, NamedTuple, Self

from directory.artefact_file import (
    Artefact,
    connect,
    service_at,
    verified,
)
from directory.eligibility import covers, why_not
from directory.freshness import Freshness, freshness
from directory.geography import Place
from directory.model import Service
from directory.postings import NEED_BITS, Entry, need_mask, postings
from directory.ranking import distance, points
from directory.reasons import Listing, reasons
from directory.search import find
from directory.seeker import Profile, Seeker, area_codes

__all__ = ["Directory", "Exclusion", "Match", "Matches", "Seeker"]

# Whole services kept in memory; a city's directory fits, a nation's does not.
_LISTINGS_CACHED: Final = 4096
# A reader of exclusions looks for one they expected; nobody reads more.
EXCLUSIONS_PER_NEED: Final = 50


class Match(NamedTuple):
    """A service that fits one need of a person; what is told of it is worked out when asked for."""

    need: str
    entry: Entry
    listing: Listing
    profile: Profile

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
        return reasons(self.listing, self.entry, self.need, self.profile)


class Exclusion(NamedTuple):
    """A service for the need that this person cannot use, and why, in plain English."""

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


_NOTHING: Final = Found([], [])


class Directory:
    """A published directory, opened read-only and safe to share between threads.

    `version` is its content hash: the same services give the same version.
    """

    def __init__(self, path: Path, artefact: Artefact) -> None:
        self.version = artefact.version
        self._path = path
        self._thread = threading.local()
        self._opened: list[sqlite3.Connection] = []
        entries = [Entry.of(row, service) for row, service in artefact.services()]
        self._postings = postings(entries)
        self._rows = {entry.id: entry.row for entry in entries}
        self._cards = _rows_by_card(entries)
        self._listing = lru_cache(_LISTINGS_CACHED)(self._read)

    @classmethod
    def open(cls, path: Path) -> Self:
        """Open a published file after proving it whole; raises DirectoryDamaged."""
        with verified(path) as artefact:
            return cls(path, artefact)

    def close(self) -> None:
        """Close every thread's connection."""
        while self._opened:
            self._opened.pop().close()

    def services(self) -> tuple[Service, ...]:
        """Every service, by id."""
        return tuple(self._listing(row).service for row in self._rows.values())

    def service(self, service_id: str) -> Service:
        """The service with this id; raises KeyError."""
        return self._listing(self._rows[service_id]).service

    def search(self, text: str, limit: int = 20) -> tuple[Service, ...]:
        """The services that suit the words typed, best first; synonyms such as "skint" count."""
        return tuple(self._listing(row).service for row in find(self._connection(), text, limit))

    def national_lines(self, need: str, seeker: Seeker) -> tuple[Service, ...]:
        """National phone lines for a need that are for this person, those that act today first."""
        profile = Profile.of(seeker)
        lines = [
            entry
            for entry in self._postings.get(need, ())
            if entry.national and entry.has_phone and why_not(entry, need, profile) is None
        ]
        lines.sort(key=lambda entry: not entry.urgent_today)
        return tuple(self._listing(entry.row).service for entry in lines)

    def lines_for_card(self, card: str) -> tuple[Service, ...]:
        """Running services that stand on an urgent card whatever the person needs, by name."""
        return tuple(self._listing(row).service for row in self._cards.get(card, ()))

    def covers(self, needs: Iterable[str], place: Place | None) -> bool:
        """Whether any running service for any of these needs may cover the place.

        Freshness plays no part: a lapsed review date never makes a question pointless to ask.
        """
        areas = area_codes(place)
        return any(covers(entry, areas) for need in needs for entry in self._postings.get(need, ()))

    def match(self, seeker: Seeker, k: int = 3) -> Matches:
        """The best `k` services for each need, those left out (at most 50 a need), and the gaps."""
        profile = Profile.of(seeker)
        wanted = need_mask(seeker.needs)
        by_need: dict[str, Found] = {}
        unmet: list[str] = []
        for need in dict.fromkeys(seeker.needs):
            eligible, excluded = self._sorted_out(need, profile)
            if not eligible:
                unmet.append(need)
            best = _best(eligible, profile, wanted & ~NEED_BITS.get(need, 0), need, k)
            found = [Match(need, entry, self._listing(entry.row), profile) for entry in best]
            by_need[need] = Found(found, excluded)
        return Matches(seeker, by_need, tuple(unmet))

    def _sorted_out(self, need: str, profile: Profile) -> tuple[list[Entry], list[Exclusion]]:
        eligible: list[Entry] = []
        excluded: list[Exclusion] = []
        for entry in self._postings.get(need, ()):
            reason = why_not(entry, need, profile)
            if reason is None:
                eligible.append(entry)
            elif len(excluded) < EXCLUSIONS_PER_NEED:
                excluded.append(Exclusion(entry.id, entry.name, need, reason))
        return eligible, excluded

    def _read(self, row: int) -> Listing:
        return Listing.of(service_at(self._connection(), row))

    def _connection(self) -> sqlite3.Connection:
        found: sqlite3.Connection | None = getattr(self._thread, "connection", None)
        if found is None:
            found = connect(self._path)
            self._thread.connection = found
            self._opened.append(found)
        return found


def _rows_by_card(entries: Iterable[Entry]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for entry in sorted(entries, key=lambda entry: entry.name):
        for card in entry.urgent_cards if entry.status == "active" else ():
            found.setdefault(card, []).append(entry.row)
    return found


def _best(eligible: list[Entry], profile: Profile, others: int, need: str, k: int) -> list[Entry]:
    """The best `k`: those with no known contact last, for an urgent need those with a phone first.

    Ties are in order of name and id.
    """
    phone_first = need in profile.seeker.urgent
    keys = [
        (
            not entry.is_reachable,
            phone_first and not entry.has_phone,
            -points(entry, profile, others),
            order,
        )
        for order, entry in enumerate(eligible)
    ]
    keys.sort()
    return [eligible[key[-1]] for key in keys[:k]]
