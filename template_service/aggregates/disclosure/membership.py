"""The differencing game against our own cubes: a network of a release, rounded as we round.

The people are made up to look like a network of the cubes, its counts taken for the truth; the
publisher is the real one (`controlled_rounding`), with a secret of its own in each game, and asked
what a release can be asked: areas of one block, categories of one breakdown, months.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from template_service.aggregates.controlled_rounding import Counts, Rounded, Rows, round_month
from template_service.aggregates.disclosure.differencing import Answers, Game, play
from template_service.aggregates.disclosure.questions import Filter
from template_service.aggregates.disclosure.sight import STARTS, Integers, Sight
from template_service.aggregates.vocabulary import (
    ALL,
    ANY,
    CATEGORIES,
    INDICATORS,
    REGISTRATION,
    RESIDENCE,
)

# The columns of the records: two areas, the month, then a column for each breakdown.
_AREAS: Final = (REGISTRATION, RESIDENCE)
_MONTH: Final = 2
_BREAKDOWNS: Final = tuple(name for name in CATEGORIES if name != ALL)
_FIRST_BREAKDOWN: Final = 3

_MONTHS: Final = 2
_PEOPLE: Final = 300
_PRACTICES: Final = 6
_PIECES: Final = 8
# Everybody is asked about every domain at once: each is another look at the same people, and must
# tell nothing more. Few are enough to find them out where they were drawn apart.
_DOMAINS: Final = (ANY, *(f"domain {number}" for number in range(2, 9)))

Rounding = Callable[
    [Mapping[str, Counts], Mapping[str, Rows], Callable[[str], np.random.Generator]],
    Mapping[str, Mapping[str, Mapping[str, Mapping[str, Rounded]]]],
]
"""Rounds the counts of all domains, as `round_month` does."""


class _Network(NamedTuple):
    """People of a network, a row each, and how many codes each column has."""

    people: Integers
    widths: Integers


def play_release(
    sight: Sight, *, questions: int, games: int, seed: int, rounding: Rounding = round_month
) -> Game:
    """Play about a release: the first look is every figure of the month that the person is part of.

    Those are 18: by practice, by where they live and in the whole network, all and by each of five
    breakdowns. The questions after it are what later releases could show: any sums of cells of a
    table, any months together, and each time the same is asked again, of another domain. `rounding`
    is the publisher's.
    """
    network = _network(sight, np.random.default_rng(seed))
    areas = ((_AREAS.index(REGISTRATION),), (_AREAS.index(RESIDENCE),), ())
    breakdowns = ((), *((_FIRST_BREAKDOWN + number,) for number in range(len(_BREAKDOWNS))))
    return play(
        _Publisher(network.widths, rounding),
        network.people,
        questions=questions,
        games=games,
        period=_MONTH,
        tables=[(*area, *breakdown) for area in areas for breakdown in breakdowns],
        widths=network.widths,
        seed=seed,
    )


def _network(sight: Sight, generator: np.random.Generator) -> _Network:
    """People as the network with the median number of asked has them, in its last months."""
    domain = sight.domains.index(ANY) if ANY in sight.domains else 0
    asked = INDICATORS.index("asked")
    registered, living = (
        block.shown[-_MONTHS:, domain, asked].sum(axis=0) for block in sight.blocks
    )
    groups = sight.blocks[0].groups
    sizes = np.bincount(groups, weights=registered[:, 0])
    chosen = np.argsort(sizes)[len(sizes) // 2]
    mine = registered[groups == chosen][:_PRACTICES]
    pieces = np.sort(living[:, 0])[::-1][:_PIECES]
    people = int(np.clip(mine[:, 0].sum(), _PEOPLE // 2, _PEOPLE))
    parts = [
        mine[:, 0],
        pieces,
        np.ones(min(_MONTHS, len(sight.months))),
        *(
            mine[:, start : start + len(CATEGORIES[name])].sum(axis=0)
            for start, name in zip(STARTS[1:].tolist(), _BREAKDOWNS, strict=True)
        ),
    ]
    columns = [generator.choice(len(one), people, p=_shares(one)) for one in parts]
    return _Network(np.stack(columns, axis=1), np.array([len(one) for one in parts]))


def _shares(counts: NDArray[np.number]) -> NDArray[np.float64]:
    """Chances in proportion; nobody anywhere is the same chance everywhere."""
    weights = counts.astype(np.float64) + (0.0 if counts.sum() else 1.0)
    return np.asarray(weights / weights.sum())


class _Publisher:
    """Closes the months of some people, and answers with sums of cells."""

    def __init__(self, widths: Integers, rounding: Rounding) -> None:
        self._widths = widths
        self._rounding = rounding
        self._sizes: list[int] = widths.tolist()
        self._blocks = {
            area: Rows(np.zeros(width, np.int64))
            for area, width in zip(_AREAS, widths.tolist(), strict=False)
        }

    def __call__(self, records: Integers, generator: np.random.Generator) -> Answers:
        months = [
            self._closed(records[records[:, _MONTH] == month], generator)
            for month in range(self._widths[_MONTH])
        ]
        asked = Counter[Filter]()

        def answer(filters: Filter) -> int:
            domain = _DOMAINS[asked[filters] % len(_DOMAINS)]
            asked[filters] += 1
            block, name, rows, columns = self._place(filters)
            tables = [months[month][domain][block][name] for month in filters[_MONTH]]
            return sum(int(table.take(rows, 0).take(columns, 1).sum()) for table in tables)

        return answer

    def _closed(
        self, records: Integers, generator: np.random.Generator
    ) -> Mapping[str, Mapping[str, Mapping[str, Rounded]]]:
        """Rounded tables of those asked: domain -> block -> breakdown."""
        nobody = {
            area: {
                name: np.zeros((self._sizes[number], len(CATEGORIES[name])), np.int64)
                for name in CATEGORIES
            }
            for number, area in enumerate(_AREAS)
        }
        everybody = {
            area: {name: self._table(records, number, name) for name in CATEGORIES}
            for number, area in enumerate(_AREAS)
        }
        counts: Counts = dict.fromkeys(INDICATORS, nobody) | {"asked": everybody}
        domains = dict.fromkeys(_DOMAINS, counts)
        rounded = self._rounding(domains, self._blocks, lambda _: generator)
        return {domain: rounded[domain]["asked"] for domain in _DOMAINS}

    def _table(self, records: Integers, area: int, name: str) -> Rounded:
        height, width = self._sizes[area], len(CATEGORIES[name])
        column = 0 if name == ALL else records[:, _FIRST_BREAKDOWN + _BREAKDOWNS.index(name)]
        place = records[:, area] * width + column
        return np.bincount(place, minlength=height * width).reshape(height, width)

    def _place(self, filters: Filter) -> tuple[str, str, tuple[int, ...], tuple[int, ...]]:
        """The one table a filter is about, and which of its rows and columns."""
        area = int(len(filters[1]) < self._sizes[1])
        for number, name in enumerate(_BREAKDOWNS, start=_FIRST_BREAKDOWN):
            if len(filters[number]) < self._sizes[number]:
                return _AREAS[area], name, filters[area], filters[number]
        return _AREAS[area], ALL, filters[area], (0,)
