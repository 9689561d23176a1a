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
from directory.standing import standing

# The bit of each need in a bitmask: its position in alphabetical order.
NEED_BITS: Final[Mapping[str, int]] = {need: 1 << bit for bit, need in enumerate(sorted(NEEDS))}

_SPOKEN: Final = frozenset({"phone", "in-person", "home-visit"})


@dataclass(slots=True, frozen=True)
class Entry:
    """One service in the postings. `row` is its key in the artefact.

    `standing` are the points it has whoever asks (`directory.standing`).

    `spoken_only`: speech is the only way in, and only in `languages`. `visited`: people go there,
    so distance matters. `personal`: only for some, by age, sex, tenure, household or language.
    """

    row: int
    id: str
    name: str
    status: str
    needs: int
    standing: int
    areas: frozenset[str]
    minimum_age: int | None
    maximum_age: int | None
    sex: str | None
    tenures: tuple[str, ...]
    household: tuple[str, ...]
    languages: tuple[str, ...]
    spoken_only: bool
    personal: bool
    public_funds: str
    urgent_today: bool
    has_phone: bool
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
        spoken_only = _is_spoken_only(service)
        return cls(
            row=row,
            id=service.id,
            name=service.name,
            status=service.status,
            needs=need_mask(service.needs),
            standing=standing(service),
            areas=frozenset(service.service_area),
            minimum_age=service.minimum_age,
            maximum_age=service.maximum_age,
            sex=service.sex,
            tenures=service.tenures,
            household=service.household,
            languages=tuple(language_name(text) for text in service.languages),
            spoken_only=spoken_only,
            personal=_is_personal(service) or spoken_only,
            public_funds=service.public_funds,
            urgent_today=service.urgent_today,
            has_phone=bool(service.phone),
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


def _is_spoken_only(service: Service) -> bool:
    """Languages were stated, speech is the only way in, and no interpreter is offered."""
    interpreted = any("interpret" in offer.casefold() for offer in service.access)
    ways_in = frozenset(service.channels)
    written = bool(service.email or service.url)
    return (
        bool(service.languages and ways_in) and ways_in <= _SPOKEN and not (interpreted or written)
    )


def _is_personal(service: Service) -> bool:
    ages = service.minimum_age is not None or service.maximum_age is not None
    return ages or bool(service.sex or service.tenures or service.household)
