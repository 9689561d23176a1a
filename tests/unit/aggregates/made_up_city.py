"""A made-up city in numbers: who lives where and is registered where, and the counts of them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from template_service.aggregates.controlled_rounding import Counts, Rounded, Rows
from template_service.aggregates.vocabulary import ALL, CATEGORIES, INDICATORS

Codes = NDArray[np.int64]


@dataclass(frozen=True)
class City:
    """People by their row in each block, by category, and the rows by group."""

    rows: dict[str, Codes]
    groups: dict[str, Codes]
    categories: dict[str, Codes]

    @property
    def blocks(self) -> dict[str, Rows]:
        """The rows as the rounding takes them."""
        return {block: Rows(groups) for block, groups in self.groups.items()}

    def counts(self, members: dict[str, NDArray[np.bool_]]) -> Counts:
        """How many of the members of each indicator are in each cell."""
        return {
            indicator: {
                block: {name: self._table(block, name, members[indicator]) for name in CATEGORIES}
                for block in self.rows
            }
            for indicator in INDICATORS
        }

    def _table(self, block: str, name: str, members: NDArray[np.bool_]) -> Rounded:
        height, width = len(self.groups[block]), len(CATEGORIES[name])
        column = np.zeros(len(members), np.int64) if name == ALL else self.categories[name]
        place = (self.rows[block] * width + column)[members]
        return np.bincount(place, minlength=height * width).reshape(height, width)


def city(generator: np.random.Generator, people: int, practices: int = 20) -> City:
    """People of some practices in networks of four, living mostly in pieces of wards near by."""
    networks = np.arange(practices) // 4
    pieces = 3 * practices
    practice = generator.integers(0, practices, people)
    near = (practice * 3 + generator.integers(0, 9, people)) % pieces
    return City(
        rows={"registration": practice, "residence": near},
        groups={"registration": networks, "residence": np.arange(pieces) // 5},
        categories={
            name: generator.choice(len(categories), people, p=_uneven(len(categories)))
            for name, categories in CATEGORIES.items()
            if name != ALL
        },
    )


def members(generator: np.random.Generator, people: int) -> dict[str, NDArray[np.bool_]]:
    """Who counts in each indicator: need and declined of those asked, wants_help of need."""

    def some(share: float) -> NDArray[np.bool_]:
        drawn: NDArray[np.bool_] = generator.random(people) < share
        return drawn

    asked = some(0.95)
    declined = asked & some(0.03)
    need = asked & ~declined & some(0.2)
    wants = need & some(0.5)
    return {
        "asked": asked,
        "declined": declined,
        "not_offered": ~asked & some(0.5),
        "need": need,
        "wants_help": wants,
        "signposted": wants & some(0.6),
        "referred": wants & some(0.2),
        "helped": wants & some(0.1),
    }


def _uneven(size: int) -> NDArray[np.float64]:
    weights = 1.0 / np.arange(1.0, size + 1.0)
    shares: NDArray[np.float64] = np.asarray(weights / weights.sum(), np.float64)
    return shares
