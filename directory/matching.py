"""The published directory in use: which services fit a person, and why.

Two steps: eligibility is hard (`directory.eligibility`), rank is soft (`directory.ranking`).
Both use postings in memory; whole services and text search come from the file.
"""

import sqlite3
import threading
from bisect import insort
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from itertools import chain, zip_longest
from operator import itemgetter
from pathlib import Path
from typing import Final, Self

from directory.artefact_file import (
    Artefact,
    connect,
    service_at,
    verified,
)
from directory.eligibility import covers, why_not, why_not_here, why_not_them
from directory.filters import Filters, Search
from directory.geography import Place
from directory.matches import Exclusion, Found, Match, Matches, Results
from directory.model import Service
from directory.opening import asked_for
from directory.postings import NEED_BITS, Entry, Gate, Kind, Region, need_mask, postings
from directory.ranking import (
    common_points,
    most_own_points,
    own_points,
)
from directory.reasons import Listing
from directory.search_order import about, by_points, by_words, is_child
from directory.searching.finder import Finder
from directory.searching.words import Words
from directory.seeker import Profile, Seeker, area_codes
from directory.typed_person import typed_person

__all__ = ["Directory", "Exclusion", "Match", "Matches", "Results", "Search", "Seeker"]

# Whole services kept in memory; a city's directory fits, a nation's does not.
_LISTINGS_CACHED: Final = 4096
# A reader of exclusions looks for one they expected; nobody reads more.
EXCLUSIONS_PER_NEED: Final = 50


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
        self._entries = {entry.row: entry for entry in entries}
        self._by_name = sorted(entries, key=lambda entry: (entry.name.casefold(), entry.row))
        self._cards = _rows_by_card(self._by_name)
        self._finder = Finder(entries)
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
        found = self._finder.find(self._connection(), text).rows
        return tuple(self._listing(row).service for row in found[:limit])

    def look(self, search: Search, limit: int = 20) -> Results:
        """The services that suit the words typed and every wish, and those left out, with why.

        With no words: every service that suits the wishes, as matching would rank them.
        """
        asked = asked_for(search.text, search.now)
        when = search.opening or asked.when
        who = typed_person(asked.text, search.not_about)
        # What was chosen shuts out; what the words seem to say is a guess, and only comes last.
        filters, guessed = Filters.of(search, when), Filters.of(about(search, who), when)
        for_child = is_child(guessed.profile)
        # Of "12 year old boy" the age is a wish, and "boy" is in the text of no service.
        is_wish = who.ages is not None and Words.of(who.text).only_say_whom
        text = "" if is_wish else who.text
        is_typed = bool(text.strip())
        ranking = self._finder.find(self._connection(), text, is_child=for_child)
        found = [self._entries[row] for row in ranking.rows] if is_typed else self._by_name
        shown, excluded = _sifted(found, filters)
        if is_typed and ranking.capped and len(shown) < limit:
            # Among so many that only some were ranked, rank those again that may be shown.
            ranking = self._finder.find(
                self._connection(), text, self._admits(filters), is_child=for_child
            )
            shown = [self._entries[row] for row in ranking.rows]
        weak = ranking.weak
        if who.ages is not None or who.sex is not None:
            weak |= {one.row for one in shown if guessed.why_not(one) is not None}
        # Sorting keeps the order of names among those that suit as well.
        order = by_words(ranking.scores, guessed, search.home) if is_typed else None
        shown.sort(key=order or by_points(guessed, search.home))
        shown.sort(key=lambda one: one.row in weak)
        needs = (*search.needs, *ranking.needs)
        matches = [
            Match(_found_for(one, needs), one, self._listing(one.row), guessed.profile, when)
            for one in shown[:limit]
        ]
        likely = sum(one.row not in weak for one in shown)
        return Results(tuple(matches), len(shown), excluded, ranking.corrected, when, likely)

    def _admits(self, filters: Filters) -> Callable[[int], bool]:
        return lambda row: filters.why_not(self._entries[row]) is None

    def national_lines(self, need: str, seeker: Seeker) -> tuple[Service, ...]:
        """National phone lines for a need that are for this person, those that act today first."""
        profile = Profile.of(seeker)
        lines = [
            (not entry.urgent_today, order, entry.row)
            for region in self._postings.get(need, ())
            for gate in region.gates
            if why_not(gate.one, need, profile) is None
            for order, entry in gate.entries
            if entry.national and entry.has_phone
        ]
        return tuple(self._listing(row).service for _, _, row in sorted(lines))

    def lines_for_card(self, card: str) -> tuple[Service, ...]:
        """Running services that stand on an urgent card whatever the person needs, by name."""
        return tuple(self._listing(row).service for row in self._cards.get(card, ()))

    def covers(self, needs: Iterable[str], place: Place | None) -> bool:
        """Whether any running service for any of these needs may cover the place.

        Freshness plays no part: a lapsed review date never makes a question pointless to ask.
        """
        areas = area_codes(place)
        regions = (region for need in needs for region in self._postings.get(need, ()))
        return any(covers(region.one, areas) for region in regions)

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

    def _sorted_out(self, need: str, profile: Profile) -> tuple[list[Gate], list[Exclusion]]:
        eligible: list[Gate] = []
        shut: list[tuple[int, Entry, str]] = []
        for region in self._postings.get(need, ()):
            reason = why_not_here(region.one, profile)
            if reason is not None:
                shut += _shut(region, reason)
                continue
            for gate in region.gates:
                reason = why_not_them(gate.one, need, profile)
                if reason is None:
                    eligible.append(gate)
                else:
                    shut += _shut(gate, reason)
        # Runs already in order: sorting them is faster than merging lazily.
        shut.sort(key=itemgetter(0))
        return eligible, [
            Exclusion(entry.id, entry.name, need, reason)
            for _, entry, reason in shut[:EXCLUSIONS_PER_NEED]
        ]

    def _read(self, row: int) -> Listing:
        return Listing.of(service_at(self._connection(), row))

    def _connection(self) -> sqlite3.Connection:
        found: sqlite3.Connection | None = getattr(self._thread, "connection", None)
        if found is None:
            found = connect(self._path)
            self._thread.connection = found
            self._opened.append(found)
        return found


def _found_for(entry: Entry, needs: Iterable[str]) -> str:
    """The first of these needs that it helps with, or else one of its own; empty for none."""
    own = (need for need, bit in NEED_BITS.items() if entry.needs & bit)
    found = (need for need in needs if entry.needs & NEED_BITS.get(need, 0))
    return next(chain(found, own), "")


def _rows_by_card(entries: Iterable[Entry]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for entry in entries:
        for card in entry.urgent_cards if entry.status == "active" else ():
            found.setdefault(card, []).append(entry.row)
    return found


def _sifted(
    entries: Iterable[Entry], filters: Filters
) -> tuple[list[Entry], tuple[Exclusion, ...]]:
    """What may be shown, and some of what may not: of every reason the first.

    So a reason that leaves out thousands hides no other. Those listed for other needs come last.
    """
    shown: list[Entry] = []
    shut: dict[str, list[Exclusion]] = {}
    for entry in entries:
        reason = filters.why_not(entry)
        if reason is None:
            shown.append(entry)
        elif len(those := shut.setdefault(reason, [])) < EXCLUSIONS_PER_NEED:
            those.append(Exclusion(entry.id, entry.name, "", reason))
    of_other_needs = shut.pop(filters.not_listed, [])
    in_turn = chain.from_iterable(zip_longest(*shut.values()))
    excluded = [*filter(None, in_turn), *of_other_needs]
    return shown, tuple(excluded[:EXCLUSIONS_PER_NEED])


def _shut(those: Region | Gate, reason: str) -> list[tuple[int, Entry, str]]:
    return [(order, entry, reason) for order, entry in those.entries[:EXCLUSIONS_PER_NEED]]


# What comes first: those that can be reached, those with a phone where it is urgent, more points,
# and the earlier name.
Rank = tuple[bool, bool, int, int]


def _best(gates: list[Gate], profile: Profile, others: int, need: str, k: int) -> list[Entry]:
    """The best `k`: those with no known contact last, for an urgent need those with a phone first.

    Ties are in order of name and id. Kinds that cannot be among the best are not looked into.
    """
    phone_first = need in profile.seeker.urgent
    kinds: list[tuple[bool, bool, int, int, int, Kind]] = []
    for gate in gates:
        for kind in gate.kinds:
            one, common = kind.one, common_points(kind.one, profile, others)
            last, later = not one.is_reachable, phone_first and not one.has_phone
            most = common + most_own_points(one)
            kinds.append((last, later, -most, kind.entries[0][0], common, kind))
    kinds.sort(key=itemgetter(0, 1, 2, 3))
    best: list[tuple[Rank, Entry]] = []
    for last, later, least, order, common, kind in kinds:
        if len(best) == k and (k == 0 or best[-1][0] < (last, later, least, order)):
            break
        for ranked in _ranked(kind, profile, (last, later), common, k):
            insort(best, ranked, key=itemgetter(0))
            del best[k:]
    return [entry for _, entry in best]


def _ranked(
    kind: Kind, profile: Profile, first: tuple[bool, bool], common: int, k: int
) -> Iterator[tuple[Rank, Entry]]:
    """The entries of a kind with their ranks: the first `k` with the most points are enough."""
    enough, most = k, most_own_points(kind.one)
    for order, entry in kind.entries:
        own = own_points(entry, profile)
        yield (*first, -common - own, order), entry
        enough -= own == most
        if enough <= 0:
            return
