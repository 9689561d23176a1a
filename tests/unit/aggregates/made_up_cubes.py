"""Made-up cubes: months of a small city, rounded as a month is closed, and ways to spoil them."""

from collections.abc import Callable, Mapping

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from template_service.aggregates.controlled_rounding import Counts, Rows, round_month
from template_service.aggregates.layout import CUBE_SCHEMA, Layout
from template_service.aggregates.vocabulary import ANY, AREAS, INDICATORS
from tests.unit.aggregates.made_up_city import City, city, members

DOMAINS = ("food", "housing", "work")


def counts_of(
    made: City, generator: np.random.Generator, domains: tuple[str, ...]
) -> dict[str, Counts]:
    """Counts of each domain and of `any`; everybody is asked about all domains or none."""
    people = len(next(iter(made.rows.values())))
    first = members(generator, people)
    by_domain = {}
    for domain in domains:
        drawn = members(generator, people)
        asked, declined = first["asked"], first["declined"]
        need = asked & ~declined & drawn["need"]
        wants = need & drawn["wants_help"]
        by_domain[domain] = drawn | {
            "asked": asked,
            "declined": declined,
            "not_offered": first["not_offered"],
            "need": need,
            "wants_help": wants,
        }
    by_domain[ANY] = {
        name: np.any([each[name] for each in by_domain.values()], axis=0) for name in INDICATORS
    }
    return {domain: made.counts(flags) for domain, flags in by_domain.items()}


def layout_of(made: City, domains: tuple[str, ...]) -> Layout:
    """The layout of a made-up city: codes by number, groups as codes of the coarser area."""
    practices, pieces = (made.groups[block] for block in AREAS)
    areas = {
        "registration": tuple((f"P{i:02}", f"N{g:02}") for i, g in enumerate(practices)),
        "residence": tuple((f"W{g:02}", f"M{i:02}") for i, g in enumerate(pieces)),
    }
    return Layout(tuple(sorted((*domains, ANY))), areas)


Rounding = Callable[
    [Mapping[str, Counts], Mapping[str, Rows], np.random.Generator],
    Mapping[str, Counts],
]


def as_closed(
    counts: Mapping[str, Counts], blocks: Mapping[str, Rows], generator: np.random.Generator
) -> Mapping[str, Counts]:
    """Rounded as a month is closed."""
    return round_month(counts, blocks, lambda _: generator)


def as_counted(
    counts: Mapping[str, Counts], _blocks: Mapping[str, Rows], _generator: np.random.Generator
) -> Mapping[str, Counts]:
    """Not rounded at all."""
    return counts


def a_cube(
    month: str,
    *,
    seed: int = 1,
    people: int = 800,
    practices: int = 8,
    pieces: int | None = None,
    domains: tuple[str, ...] = DOMAINS,
    rounding: Rounding = as_closed,
) -> pa.Table:
    """The cube of a month; months of one seed count the same people.

    `pieces` is in how many pieces of wards they live, by default three for each practice.
    """
    generator = np.random.default_rng(seed)
    made = city(generator, people, practices)
    if pieces is not None:
        made = City(
            made.rows | {"residence": made.rows["residence"] % pieces},
            made.groups | {"residence": made.groups["residence"][:pieces]},
            made.categories,
        )
    counts = counts_of(made, generator, domains)
    key = np.random.default_rng([seed, int(month.replace("-", ""))])
    return layout_of(made, domains).cube(month, rounding(counts, made.blocks, key))


def changed(cube: pa.Table, indicator: str, which: NDArray[np.bool_], by: int) -> pa.Table:
    """A cube with one indicator changed in some rows."""
    values = cube[indicator].to_numpy() + np.where(which, by, 0)
    place = CUBE_SCHEMA.get_field_index(indicator)
    return cube.set_column(place, CUBE_SCHEMA.field(place), pa.array(values, pa.int32()))
