"""Tables of a month as a publication: what is shown of each cell and sum, and what anyone knows.

The attacker sees every cell and every sum that was rounded with it (networks, wards, the city) and
takes each to lie within 4 of the truth, at least 1 where anything is shown. That is *more* than he
may know (docs/adr/0006): every table he cannot exclude, nobody with looser limits can. Sums that
are drawn nowhere (MSOAs, several months) follow from these and say nothing more.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Self

import numpy as np
from scipy.sparse import coo_array, csr_array, vstack

from template_service.aggregates.disclosure.published import (
    UNLIMITED,
    Integers,
    Published,
)
from template_service.aggregates.disclosure.sight import COLUMNS, STARTS, Flags, Sight
from template_service.aggregates.vocabulary import BASE, INDICATORS

WITHIN: Final = {"need": "asked", "declined": "asked", "wants_help": "need"}
"""Whoever counts in the one counts in the other."""

_BREAKDOWN_OF: Final = np.searchsorted(STARTS, np.arange(len(COLUMNS)), side="right") - 1


@dataclass(frozen=True, slots=True, eq=False)
class Tables:
    """The tables of some domains and indicators, whichever month: what ties their cells together.

    Cells are numbered domain x indicator x row x column, those of the first block first. `figures`
    has a row for every cell, network or ward, and the city; `known` a row for every coupling, of
    which those marked in `equal` hold exactly and the others are not below nothing.
    """

    domains: tuple[int, ...]
    indicators: tuple[int, ...]
    figures: csr_array
    known: csr_array
    equal: Flags

    @classmethod
    def of(cls, sight: Sight, domains: Sequence[int], indicators: Sequence[int]) -> Self:
        """All couplings between these tables, by their places in the sight.

        Breakdowns of an area have one total, categories one total in both blocks, parts are within
        wholes, declined and need apart (not for `any`), a domain within `any`, and, if all domains
        are there, `any` within their sum.
        """
        numbers = []
        start = 0
        for block in sight.blocks:
            shape = (len(domains), len(indicators), *block.shown.shape[3:])
            numbers.append(start + np.arange(np.prod(shape)).reshape(shape))
            start += numbers[-1].size
        known = _Known(start)
        for part in numbers:
            _same_totals(known, part)
            _inequalities(known, part, sight, domains, indicators)
        first, second = (part.transpose(0, 1, 3, 2) for part in numbers)
        known.add(
            first.reshape(-1, first.shape[3]), second.reshape(-1, second.shape[3]), equal=True
        )
        return cls(
            tuple(domains),
            tuple(indicators),
            _figures(sight, numbers, start),
            *known.matrix_and_equal(),
        )

    def values(self, sight: Sight, month: int, domains: Sequence[int]) -> Integers:
        """What is shown of every cell in a month, of these domains or of as many others."""
        where = np.ix_(domains, self.indicators)
        return np.concatenate([block.shown[month][where].ravel() for block in sight.blocks]).astype(
            np.int64
        )

    def by_domain(self, sight: Sight, cells: Flags) -> list[bool]:
        """Whether all cells of each domain are marked."""
        first = len(self.domains) * len(self.indicators) * sight.blocks[0].shown[0, 0, 0].size
        parts = [part.reshape(len(self.domains), -1) for part in np.split(cells, [first])]
        return [all(bool(part[here].all()) for part in parts) for here in range(len(self.domains))]

    def published(self, values: Integers) -> Published:
        """A publication of these tables that shows these values.

        Where what is shown breaks an inequality, it is taken to hold but for what is shown: the
        limits of those cells are beside the truth, and who trusted both would conclude wrongly.
        """
        sums = self.figures @ values
        # A cell that is no multiple of the base was published as it is.
        plain = (np.arange(len(sums)) < len(values)) & (sums % BASE != 0)
        least = np.maximum(sums - (BASE - 1), (sums > 0).astype(np.int64))
        return Published(
            cells=np.arange(len(values)),
            figures=self.figures,
            values=sums,
            lower=np.where(plain, sums, least),
            upper=np.where(plain, sums, sums + BASE - 1),
            known=self.known,
            known_lower=np.where(self.equal, 0, np.minimum(self.known @ values, 0)),
            known_upper=np.where(self.equal, 0, UNLIMITED),
        )


def _figures(sight: Sight, numbers: Sequence[Integers], width: int) -> csr_array:
    """Cells, networks or wards, and the city."""
    rows = [csr_array((np.ones(width, np.int64), (np.arange(width), np.arange(width))))]
    for block, part in zip(sight.blocks, numbers, strict=True):
        for groups in (block.groups, np.zeros_like(block.groups)):
            height = int(groups.max()) + 1
            tables = np.arange(part[..., 0, 0].size).reshape(*part.shape[:2], 1, 1)
            row = (tables * height + groups[:, None]) * part.shape[3] + np.arange(part.shape[3])
            entries = (np.ones(part.size, np.int64), (row.ravel(), part.ravel()))
            shape = (tables.size * height * part.shape[3], width)
            rows.append(csr_array(coo_array(entries, shape=shape)))
    return csr_array(vstack(rows, format="csr"))


class _Known:
    """Rows of what is known: sums of some cells less sums of others."""

    def __init__(self, width: int) -> None:
        self._width = width
        self._rows: list[csr_array] = []
        self._equal: list[Flags] = []

    def add(self, adds: Integers, takes: Integers, *, equal: bool = False) -> None:
        """A row for each row of `adds` and `takes`, the cells to add and to take away."""
        height = len(adds)
        places = [np.repeat(np.arange(height), part.shape[1]) for part in (adds, takes)]
        signs = np.repeat([1, -1], [adds.size, takes.size])
        cells = np.concatenate([adds.ravel(), takes.ravel()])
        entries = coo_array((signs, (np.concatenate(places), cells)), shape=(height, self._width))
        self._rows.append(csr_array(entries))
        self._equal.append(np.full(height, equal))

    def matrix_and_equal(self) -> tuple[csr_array, Flags]:
        """All rows, and which of them hold exactly."""
        return csr_array(vstack(self._rows, format="csr")), np.concatenate(self._equal)


def _same_totals(known: _Known, part: Integers) -> None:
    for breakdown in range(1, len(STARTS)):
        columns = np.flatnonzero(breakdown == _BREAKDOWN_OF)
        known.add(
            part[..., columns].reshape(-1, len(columns)), part[..., 0].reshape(-1, 1), equal=True
        )


def _inequalities(
    known: _Known,
    part: Integers,
    sight: Sight,
    domains: Sequence[int],
    indicators: Sequence[int],
) -> None:
    place = {INDICATORS[which]: here for here, which in enumerate(indicators)}
    for name, whole in WITHIN.items():
        if name in place and whole in place:
            known.add(part[:, place[whole]].reshape(-1, 1), part[:, place[name]].reshape(-1, 1))
    any_domain = sight.any_domain
    single = [here for here, which in enumerate(domains) if which != any_domain]
    if {"asked", "need", "declined"} <= place.keys() and single:
        parts = [part[single, place[name]].ravel() for name in ("need", "declined")]
        known.add(part[single, place["asked"]].reshape(-1, 1), np.stack(parts, axis=1))
    if any_domain is not None and any_domain in domains and single:
        whole = part[list(domains).index(any_domain)]
        for one in single:
            known.add(whole.reshape(-1, 1), part[one].reshape(-1, 1))
        if len(domains) == len(sight.domains):
            known.add(part[single].reshape(len(single), -1).T, whole.reshape(-1, 1))
