"""The services of each need, as the few facts that decide eligibility and rank.

Whole services stay on disk; an entry is small, so that a hundred thousand fit in memory. Services
of one region, for the same people, or of one kind are asked once for a person, so that a match
touches few of those that the need has.
"""

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final, Self

from directory.languages import language_name
from directory.model import NEEDS, Schedule, Service
from directory.opening import openings
from directory.restrictions import Restriction, restrictions_of
from directory.standing import is_free, standing

# The bit of each need in a bitmask: its position in alphabetical order.
NEED_BITS: Final[Mapping[str, int]] = {need: 1 << bit for bit, need in enumerate(sorted(NEEDS))}


@dataclass(slots=True, frozen=True)
class Entry:
    """One service in the postings. `row` is its key in the artefact.

    `standing` are the points it has whoever asks (`directory.standing`). `visited`: people go
    there, so distance matters. `access` is everything it offers, case-folded, to find words in.
    `openings` are the times of its schedules or its opening hours in words; None is unknown.
    """

    row: int
    id: str
    name: str
    status: str
    needs: int
    standing: int
    areas: frozenset[str]
    sex: str | None
    restrictions: tuple[Restriction, ...]
    languages: tuple[str, ...]
    public_funds: str
    urgent_today: bool
    urgent_cards: tuple[str, ...]
    has_phone: bool
    is_reachable: bool
    drop_in: bool
    schedules: tuple[Schedule, ...]
    national: bool
    visited: bool
    lat: float
    lon: float
    access: str
    channels: tuple[str, ...]
    is_free: bool
    openings: tuple[Schedule, ...] | None
    verified_on: date | None
    review_by: date | None

    @classmethod
    def of(cls, row: int, service: Service) -> Self:
        """The entry of a service kept under this row."""
        return cls(
            row=row,
            id=service.id,
            name=service.name,
            status=service.status,
            needs=need_mask(service.needs),
            standing=standing(service),
            areas=frozenset(service.service_area),
            sex=service.sex,
            restrictions=restrictions_of(service),
            languages=tuple(language_name(text) for text in service.languages),
            public_funds=service.public_funds,
            urgent_today=service.urgent_today,
            urgent_cards=service.urgent_cards,
            has_phone=bool(service.phone),
            is_reachable=bool(service.phone or service.url or service.email or service.address),
            drop_in=bool(service.drop_in),
            schedules=service.schedules,
            national=service.national,
            visited=service.lat is not None
            and ("in-person" in service.channels or not service.channels),
            lat=service.lat or 0.0,
            lon=service.lon or 0.0,
            access=" ".join(service.access).casefold(),
            channels=service.channels,
            is_free=is_free(service),
            openings=openings(service),
            verified_on=service.verified_on,
            review_by=service.review_by,
        )


# An entry with its place in the order that settles ties: by name, and then by id.
Placed = tuple[int, Entry]


@dataclass(slots=True, frozen=True)
class Kind:
    """Entries that rank alike but for how near they are and how fresh: ask any one of the rest."""

    entries: tuple[Placed, ...]
    one: Entry


@dataclass(slots=True, frozen=True)
class Gate:
    """Entries that are for the same people: what shuts one out of them shuts all out."""

    entries: tuple[Placed, ...]
    one: Entry
    kinds: tuple[Kind, ...]


@dataclass(slots=True, frozen=True)
class Region:
    """Entries of one status that cover the same areas."""

    entries: tuple[Placed, ...]
    one: Entry
    gates: tuple[Gate, ...]


Postings = Mapping[str, tuple[Region, ...]]


def postings(entries: Iterable[Entry]) -> Postings:
    """The entries of each need, by region, gate and kind."""
    ordered = sorted(entries, key=lambda entry: (entry.name.casefold(), entry.id))
    lists: dict[str, list[Placed]] = {need: [] for need in NEED_BITS}
    for placed in enumerate(ordered):
        for need, bit in NEED_BITS.items():
            if placed[1].needs & bit:
                lists[need].append(placed)
    return {
        need: tuple(_region(those) for those in _alike(found, _where))
        for need, found in lists.items()
    }


def _region(entries: tuple[Placed, ...]) -> Region:
    gates = tuple(_gate(those) for those in _alike(entries, _for_whom))
    return Region(entries, entries[0][1], gates)


def _gate(entries: tuple[Placed, ...]) -> Gate:
    kinds = tuple(Kind(those, those[0][1]) for those in _alike(entries, _ranked_by))
    return Gate(entries, entries[0][1], kinds)


def _alike(
    entries: Iterable[Placed], key: Callable[[Entry], Hashable]
) -> Iterator[tuple[Placed, ...]]:
    groups: dict[Hashable, list[Placed]] = {}
    for placed in entries:
        groups.setdefault(key(placed[1]), []).append(placed)
    return map(tuple, groups.values())


def _where(entry: Entry) -> Hashable:
    """What `eligibility.why_not_here` asks of an entry."""
    return entry.status, entry.areas


def _for_whom(entry: Entry) -> Hashable:
    """What `eligibility.why_not_them` asks of an entry."""
    hours = entry.schedules if entry.urgent_today and not entry.has_phone else ()
    who = (entry.public_funds, entry.restrictions)
    return who, entry.urgent_today, entry.has_phone, entry.drop_in, hours


def _ranked_by(entry: Entry) -> Hashable:
    """What `ranking.common_points` asks of an entry, and who may have points of their own.

    Those behind one gate have their areas and phone in common already.
    """
    what = (entry.standing, entry.needs, entry.languages, entry.access)
    return what, entry.is_reachable, entry.visited, entry.verified_on is not None


def need_mask(needs: Iterable[str]) -> int:
    """The bitmask of these needs; one that the directory does not know has no bit."""
    mask = 0
    for need in needs:
        mask |= NEED_BITS.get(need, 0)
    return mask


def speaks(entry: Entry, language: str | None) -> bool:
    """Whether the service states this language (a case-folded name)."""
    return bool(entry.languages) and any(
        spoken.casefold() == language for spoken in entry.languages
    )
