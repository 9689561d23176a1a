"""Rounds every table of a domain to base 5 so that all of them add up.

Counts are rounded once, at random, without bias. An indicator that is part of another (need of
asked) is rounded within what the other became, so it never exceeds it in any cell. Within a block,
rows (practices, or pieces of wards) keep one total for all breakdowns; between the blocks, each
category keeps one total for the city. Totals of areas in between (networks, wards) are edges of
the network that is rounded, so they too end beside the truth (`dependent_rounding`).

Whoever is asked is mostly asked about every domain, so thirteen tables count the same people. Were
each drawn on its own, their mean would tell the count (of 13 draws, in six cells of ten exactly).
So what can be one event for all domains is drawn once, and each domain takes its part of that.
"""

from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

import numpy as np

from template_service.aggregates.table_rounding import Cells, Rounded, Rows, round_rows, round_table
from template_service.aggregates.transfers import Unsettled, agree
from template_service.aggregates.vocabulary import ALL, ANY, BASE

# How often an indicator is drawn before a bound of the second block gives way.
_DRAWS: Final = 5
_UNBOUNDED: Final = np.iinfo(np.int64).max

__all__ = [
    "CHAIN",
    "SHARED",
    "Counts",
    "Rounded",
    "Rows",
    "Tables",
    "Within",
    "round_domain",
    "round_month",
]

Tables = Mapping[str, Rounded]
"""breakdown -> rows x categories, in people; `all` has one category."""
Counts = Mapping[str, Mapping[str, Tables]]
"""indicator -> block -> breakdown -> table."""


class Within(NamedTuple):
    """An indicator is counted among those of `whole`, less those of `others`."""

    whole: str
    others: tuple[str, ...] = ()


# In the order of rounding; an indicator that is not within another stands alone.
CHAIN: Final[Mapping[str, Within | None]] = {
    "asked": None,
    "need": Within("asked"),
    "declined": Within("asked", ("need",)),
    "wants_help": Within("need"),
    "not_offered": None,
    "signposted": None,
    "referred": None,
    "helped": None,
}

# One questionnaire asks, is declined or is not offered for all domains at once.
SHARED: Final = ("asked", "declined", "not_offered")


def round_month(
    counts: Mapping[str, Counts],
    blocks: Mapping[str, Rows],
    generator_of: Callable[[str], np.random.Generator],
    *,
    any_is_whole: bool = True,
    progress: Callable[[str], object] | None = None,
) -> dict[str, dict[str, dict[str, dict[str, Rounded]]]]:
    """Rounded counts of all domains: domain -> indicator -> block -> breakdown -> table.

    `counts` has the same shape, in people. Every domain has a generator of its own, and so has each
    indicator of `SHARED`. `any_is_whole` says that the need of `any` is among its asked, as in the
    first month of a year. `progress` is told each domain that is done.
    """
    shared = {}
    for indicator in SHARED:
        largest = max(counts, key=lambda each: _people(counts[each][indicator]))
        people = counts[largest][indicator]
        if not _people(people):
            continue
        alone = {
            block: {
                name: Cells(table / BASE, np.full(table.shape, _UNBOUNDED))
                for name, table in tables.items()
            }
            for block, tables in people.items()
        }
        shared[indicator] = _Draw(people, _settled(alone, blocks, generator_of(indicator)))
    rounded = {}
    for domain in counts:
        rounded[domain] = round_domain(
            counts[domain],
            blocks,
            generator_of(domain),
            apart=domain != ANY,
            chained=domain != ANY or any_is_whole,
            shared=shared,
        )
        if progress is not None:
            progress(domain)
    return rounded


class _Draw(NamedTuple):
    """An indicator of the domain that counts most people, block -> breakdown, and its rounding."""

    people: Mapping[str, Tables]
    units: Mapping[str, Tables]


def _are_same(one: Mapping[str, Tables], other: Mapping[str, Tables]) -> bool:
    return one is other or all(
        np.array_equal(table, other[block][name])
        for block, tables in one.items()
        for name, table in tables.items()
    )


def _people(blocks: Mapping[str, Tables]) -> int:
    """Of the block that counts more."""
    return max(int(tables[ALL].sum()) for tables in blocks.values())


def round_domain(
    counts: Counts,
    blocks: Mapping[str, Rows],
    generator: np.random.Generator,
    *,
    apart: bool = True,
    chained: bool = True,
    shared: Mapping[str, _Draw] | None = None,
) -> dict[str, dict[str, dict[str, Rounded]]]:
    """Rounded counts of one domain: indicator -> block -> breakdown -> rows x categories.

    `counts` has the same shape, in people; so have the results, multiples of `BASE`. `apart` says
    that nobody who declined is among those with a need, as in a single domain; `chained` that
    indicators are parts of one another at all. `shared` is what was drawn for all domains.
    """
    rounded: dict[str, dict[str, dict[str, Rounded]]] = {}
    for indicator, within in CHAIN.items():
        rule = within if chained else None
        if rule is not None and not apart:
            rule = rule._replace(others=())
        if not any(tables[ALL].any() for tables in counts[indicator].values()):
            # Nobody anywhere, as many an indicator has it in a small month.
            rounded[indicator] = {
                block: {name: np.zeros_like(table) for name, table in tables.items()}
                for block, tables in counts[indicator].items()
            }
            continue
        drawn = None if shared is None else shared.get(indicator)
        if drawn is not None and rule is None and _are_same(counts[indicator], drawn.people):
            # Its part of that is all of it; rounding whole numbers again would only take longer.
            rounded[indicator] = {block: dict(tables) for block, tables in drawn.units.items()}
            continue
        part: dict[str, dict[str, Cells]] = {block: {} for block in blocks}
        for block, cells in part.items():
            for name, table in counts[indicator][block].items():
                cells[name] = _cells(table, rule, counts, rounded, (block, name))
                if drawn is not None:
                    people, units = (each[block][name] for each in drawn)
                    cells[name] = _shared(table, cells[name].most, people, units)
        rounded[indicator] = _settled(part, blocks, generator)
    return {
        indicator: {
            block: {name: table * BASE for name, table in tables.items()}
            for block, tables in of_blocks.items()
        }
        for indicator, of_blocks in rounded.items()
    }


def _cells(
    table: Rounded,
    within: Within | None,
    counts: Mapping[str, Mapping[str, Tables]],
    rounded: Mapping[str, Mapping[str, Mapping[str, Rounded]]],
    place: tuple[str, str],
) -> Cells:
    if within is None:
        return Cells(table / BASE, np.full(table.shape, _UNBOUNDED))
    block, name = place
    people = counts[within.whole][block][name].astype(np.float64)
    most = rounded[within.whole][block][name].copy()
    for other in within.others:
        people -= counts[other][block][name]
        most -= rounded[other][block][name]
    # A bound that gave way (`_settled`) leaves less than nothing for what is rounded after it.
    most = np.maximum(most, 0)
    share = np.divide(table, people, out=np.zeros(table.shape), where=people > 0)
    return Cells((most * share).astype(np.float64), most)


def _shared(table: Rounded, most: Rounded, people: Rounded, units: Rounded) -> Cells:
    """The cells as a part of what was drawn once: of all those people, exactly that.

    One bound only, that of the whole if there is one: rows of the lesser of two may not add up.
    """
    share = np.divide(table, people, out=np.zeros(table.shape), where=people > 0)
    more = table > people
    expected = np.where(more, units + (table - people) / BASE, units * np.minimum(share, 1.0))
    bound = np.where((most == _UNBOUNDED) & ~more, units, most)
    return Cells(np.minimum(expected, bound), bound)


def _settled(
    cells: Mapping[str, Mapping[str, Cells]],
    blocks: Mapping[str, Rows],
    generator: np.random.Generator,
) -> dict[str, dict[str, Rounded]]:
    """Draws until the blocks agree; where so few are counted that they cannot, lets them.

    Then a cell of the second block may pass its bound by a unit: a release shows no share above 1.
    """
    for _ in range(_DRAWS):
        try:
            return _round_indicator(cells, blocks, generator)
        except Unsettled:
            continue
    first, second = blocks
    free = {
        name: Cells(it.expected, np.full(it.most.shape, _UNBOUNDED))
        for name, it in cells[second].items()
    }
    return _round_indicator({first: cells[first], second: free}, blocks, generator)


def _round_indicator(
    cells: Mapping[str, Mapping[str, Cells]],
    blocks: Mapping[str, Rows],
    generator: np.random.Generator,
) -> dict[str, dict[str, Rounded]]:
    result: dict[str, dict[str, Rounded]] = {block: {} for block in blocks}
    total: int | None = None
    for block, rows in blocks.items():
        totals = round_rows(cells[block][ALL], rows, total, generator)
        total = int(totals.sum())
        result[block][ALL] = totals[:, None]
    first, second = blocks
    for name in cells[first]:
        if name == ALL:
            continue
        columns: Rounded | None = None
        for block, rows in blocks.items():
            table = round_table(
                cells[block][name], result[block][ALL][:, 0], columns, rows, generator
            )
            columns = table.sum(axis=0)
            result[block][name] = table
        most = cells[first][name].most, cells[second][name].most
        agree(result[first][name], result[second][name], most)
    return result
