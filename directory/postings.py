"""The services of each need, as the few facts that decide eligibility and rank.

Whole services stay on disk; an entry is small, so that a hundred thousand fit in memory and a match
touches only the entries of the need asked for.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final, Self

from directory.languages import language_name
from directory.model import NEEDS, Schedule, Service
from directory.restrictions import Restriction, restrictions_of
from directory.standing import standing

# The bit of each need in a bitmask: its position in alphabetical order.
NEED_BITS: Final[Mapping[str, int]] = {need: 1 << bit for bit, need in enumerate(sorted(NEEDS))}


@dataclass(slots=True, frozen=True)
class Entry:
    """One service in the postings. `row` is its key in the artefact.

    `standing` are the points it has whoever asks (`directory.standing`). `visited`: people go
    there, so distance matters. `access` is everything it offers, case-folded, to find words in.
    """

    row: int
    id: str
    name: str
    status: str
    needs: int
    standing: int
    areas: frozenset[str]
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
            verified_on=service.verified_on,
            review_by=service.review_by,
        )


Postings = Mapping[str, tuple[Entry, ...]]


def postings(entries: Iterable[Entry]) -> Postings:
    """The entries of each need, in order of name and then id: the order that settles ties."""
    lists: dict[str, list[Entry]] = {need: [] for need in NEED_BITS}
    for entry in sorted(entries, key=lambda entry: (entry.name.casefold(), entry.id)):
        for need, bit in NEED_BITS.items():
            if entry.needs & bit:
                lists[need].append(entry)
    return {need: tuple(found) for need, found in lists.items()}


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
