"""The published directory in use: which services fit a person, and why.

Two steps: eligibility is hard (`directory.eligibility`), rank is soft (`directory.ranking`).
Both use postings in memory; whole services and text search come from the file.
"""

import sqlite3
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache, partial
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
    """A service that fits one need of a person.

    `reasons` are sentences, each from a stored fact. `distance_km` is None for a service nobody
    travels to. `last_checked` is the day a curator asked, None while nobody has.
    """

    need: str
    service: Service
    distance_km: float | None
    freshness: Freshness
    last_checked: date | None
    contact: str
    why: Callable[[], tuple[str, ...]]

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why it fits; put into words only when somebody reads them."""
        return self.why()


class Exclusion(NamedTuple):
    """A service for the need that this person cannot use, and why, in plain English."""

    service_id: str
    name: str
    need: str
    reason: str


@dataclass(frozen=True, slots=True)
class Matches:
    """Matches in the order of the needs, best first; `unmet` are needs that nothing fits."""

    matches: tuple[Match, ...]
    excluded: tuple[Exclusion, ...]
    unmet: tuple[str, ...]


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
        matches: list[Match] = []
        excluded: list[Exclusion] = []
        unmet: list[str] = []
        for need in dict.fromkeys(seeker.needs):
            eligible, others = self._sorted_out(need, profile)
            excluded += others
            if not eligible:
                unmet.append(need)
            best = _best(eligible, profile, wanted & ~NEED_BITS.get(need, 0), need, k)
            matches += [self._match(entry, need, profile) for entry in best]
        return Matches(tuple(matches), tuple(excluded), tuple(unmet))

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

    def _match(self, entry: Entry, need: str, profile: Profile) -> Match:
        listing = self._listing(entry.row)
        service = listing.service
        away = distance(entry, profile.seeker.place)
        return Match(
            need,
            service,
            None if away is None else round(away, 2),
            freshness(entry, profile.today),
            service.verified_on,
            listing.contact,
            partial(reasons, listing, entry, need, profile, away),
        )

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
