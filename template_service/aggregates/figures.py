"""The tidy figures of a period: sums over the frozen cube, their rates, intervals and flags."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple, Self

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from template_service.aggregates.areas import CITY, PCN, Areas
from template_service.aggregates.coverage import NOT_KNOWN, Coverage
from template_service.aggregates.figure_rules import ASKED, FLAGS, Numbers, flags
from template_service.aggregates.folder import CUBES
from template_service.aggregates.frozen_cube import (
    CELLS,
    FIGURE_CELLS,
    Counts,
    FrozenMonth,
    all_domains,
    summed,
    with_sums,
)
from template_service.aggregates.reporting_period import Period
from template_service.aggregates.rounding_noise import share_reach, widened
from template_service.aggregates.statistics.comparison import significances
from template_service.aggregates.statistics.proportions import proportions
from template_service.aggregates.vocabulary import ANY, CITY_ONLY_DOMAINS, INDICATORS

_TEXTS: Final = ("period", "geography_type", "geography_code", "geography_name", "indicator")
FIGURES_SCHEMA: Final = pa.schema(
    [
        *((name, pa.string()) for name in (*_TEXTS, "domain", "breakdown", "category")),
        ("numerator", pa.int64()),
        ("denominator", pa.int64()),
        ("value", pa.float64()),
        ("lower", pa.float64()),
        ("upper", pa.float64()),
        ("comparison", pa.float64()),
        ("significance", pa.string()),
        ("method", pa.string()),
        ("flag", pa.string()),
    ]
)
COLUMNS: Final = tuple(FIGURES_SCHEMA.names)
# Areas of which every cell has a row; of smaller ones those in which anybody is counted.
_WHOLE: Final = (CITY, PCN)

_NOT_OFFERED: Final = INDICATORS.index("not_offered")
Floats = NDArray[np.float64]
_Rows = tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]


class Wanted(NamedTuple):
    """Areas of one type: those with the codes, or all of them."""

    geography_type: str
    codes: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Sources:
    """What figures are made of: closed months by name, names of areas, registered people."""

    months: dict[str, FrozenMonth]
    areas: Areas
    coverage: Coverage

    @classmethod
    def open(cls, folder: Path, areas: Areas, months: Sequence[str]) -> Self:
        """Closed months of a folder of aggregates, with what stands beside them."""
        cubes = {month: folder / CUBES / f"{month}.parquet" for month in months}
        held = {month: FrozenMonth(path, areas.city) for month, path in cubes.items()}
        return cls(held, areas, Coverage.read(folder, areas))

    def counts(self, period: Period, geography_type: str) -> Counts:
        """The sums of a period; raises `NotFound` where one of its months is not there."""
        held = period.checked(self.months).months
        return summed([self.months[month] for month in held], geography_type)


def figure_table(
    sources: Sources, period: Period, wanted: Sequence[Wanted], *, sums: bool = False
) -> pa.Table:
    """The figures of areas in a period, in the columns of `FIGURES_SCHEMA`.

    A value is a share from 0 to 1 of the people asked in the same cell (`asked`: of the people
    registered, where known; `not_offered`: of those asked or not offered), with its Wilson interval
    and how it stands to the city's (higher or lower only where neither chance nor rounding may have
    made the difference). A flagged row has no numbers. Rows are in order of area,
    domain, breakdown, category and indicator; a cell of a practice, ward or MSOA in which nobody is
    counted has none. `sums` adds the categories `core20` and `rest` of `imd_decile`, which charts
    need and files do not hold, as categories add up to `all` there. Raises `NotFound` for a month
    that is not there.
    """
    city = _shares(sources, period, Wanted(CITY, (sources.areas.city,)))
    tables = [_table(sources, (period, each), city, sums=sums) for each in wanted]
    return pa.concat_tables(tables) if tables else FIGURES_SCHEMA.empty_table()


class _Shares(NamedTuple):
    """Arrays `[domain, area, cell, indicator]`; floats are NaN where there is no share."""

    codes: tuple[str, ...]
    people: Numbers
    denominators: Numbers
    flags: NDArray[np.int8]
    value: Floats
    lower: Floats
    upper: Floats
    roundings: NDArray[np.int64]


def _shares(sources: Sources, period: Period, wanted: Wanted) -> _Shares:
    counts = sources.counts(period, wanted.geography_type)
    if wanted.codes is not None:
        counts = _chosen(counts, wanted.codes)
    people = with_sums(counts.people, axis=2)
    under = _denominators(sources, counts.codes, people, wanted.geography_type)
    flagged = flags(people, under, counts.roundings, below_city=wanted.geography_type != CITY)
    shown = (flagged == 0) & (under > 0)
    limits = [np.full(people.shape, np.nan) for _ in range(3)]
    if shown.any():
        found = proportions(people[shown], under[shown])
        for array, values in zip(limits, found, strict=False):
            array[shown] = values
    value, lower, upper = limits
    return _Shares(counts.codes, people, under, flagged, value, lower, upper, counts.roundings)


def _chosen(counts: Counts, codes: tuple[str, ...]) -> Counts:
    """The counts of some areas; an area in which nobody was ever counted has zeros."""
    people = np.stack([counts.of(code) for code in codes], axis=1)
    known = dict(zip(counts.codes, counts.roundings.tolist(), strict=True))
    return Counts(codes, people, np.array([known.get(code, 1) for code in codes], np.int64))


def _denominators(
    sources: Sources, codes: tuple[str, ...], people: Numbers, geography_type: str
) -> Numbers:
    under = np.repeat(people[..., ASKED, None], len(INDICATORS), axis=3)
    under[..., _NOT_OFFERED] += people[..., _NOT_OFFERED]
    # Somebody may be asked about food and not about work: of `any`, the two do not add up.
    under[all_domains().index(ANY), ..., _NOT_OFFERED] = NOT_KNOWN
    lists = [sources.coverage.of(geography_type, code) for code in codes]
    registered = with_sums(np.array(lists, np.int64).reshape(len(codes), len(CELLS)), axis=1)
    # Lists are of today: where fewer are on them than were asked, they are of other people.
    known = (registered > 0) & (registered >= people[..., ASKED])
    under[..., ASKED] = np.where(known, registered, NOT_KNOWN)
    return under


def _table(
    sources: Sources, about: tuple[Period, Wanted], city: _Shares, *, sums: bool
) -> pa.Table:
    period, wanted = about
    own = wanted.geography_type == CITY
    shares = city if own else _shares(sources, period, wanted)
    rows = _rows(shares, wanted.geography_type, FIGURE_CELLS if sums else CELLS)
    domain, area, cell, indicator = (index.astype(np.int32) for index in rows)
    names = [sources.areas.name(wanted.geography_type, code) for code in shares.codes]
    texts = {
        "period": pa.repeat(str(period), len(domain)),
        "geography_type": pa.repeat(wanted.geography_type, len(domain)),
        "geography_code": _coded(area, shares.codes),
        "geography_name": _coded(area, names),
        "indicator": _coded(indicator, INDICATORS),
        "domain": _coded(domain, all_domains()),
        "breakdown": _coded(cell, [name for name, _ in FIGURE_CELLS]),
        "category": _coded(cell, [category for _, category in FIGURE_CELLS]),
    }
    return pa.table(texts | _numbers(shares, city, rows, of_city=own), FIGURES_SCHEMA)


def _rows(shares: _Shares, geography_type: str, cells: tuple[tuple[str, str], ...]) -> _Rows:
    """The places in the arrays that have a row, areas first."""
    wanted = np.ones(shares.people.shape, bool)
    wanted[:, :, len(cells) :] = False
    if geography_type not in _WHOLE:
        wanted &= np.any(shares.people, axis=3, keepdims=True)
    if geography_type != CITY:
        wanted[[name in CITY_ONLY_DOMAINS for name in all_domains()]] = False
    area, domain, cell, indicator = np.nonzero(wanted.transpose(1, 0, 2, 3))
    return domain, area, cell, indicator


def _numbers(shares: _Shares, city: _Shares, rows: _Rows, *, of_city: bool) -> dict[str, pa.Array]:
    domain, area, cell, indicator = rows
    flagged = shares.flags[rows] > 0
    value, lower, upper = (array[rows] for array in (shares.value, shares.lower, shares.upper))
    under = shares.denominators[rows]
    beside = city.value[domain, 0, cell, indicator]
    compared = np.zeros(len(value), bool) if of_city else ~(np.isnan(value) | np.isnan(beside))
    stands = np.full(len(value), "", dtype="U8")
    if compared.any():
        reach = share_reach(under[compared], shares.roundings[area][compared])
        sure = value[compared]
        low, high = widened(sure, (lower[compared], upper[compared]), reach)
        stands[compared] = significances(low, high, beside[compared])
    return {
        "numerator": pa.array(shares.people[rows], mask=flagged),
        "denominator": pa.array(under, mask=flagged | (under < 0)),
        "value": pa.array(value, mask=np.isnan(value)),
        "lower": pa.array(lower, mask=np.isnan(value)),
        "upper": pa.array(upper, mask=np.isnan(value)),
        "comparison": pa.array(beside, mask=~compared),
        "significance": pa.array(stands.tolist(), pa.string()),
        "method": _coded((~np.isnan(value)).astype(np.int32), ("", "Wilson")),
        "flag": _coded(shares.flags[rows].astype(np.int32), FLAGS),
    }


def _coded(index: NDArray[np.int32], words: Sequence[str]) -> pa.Array:
    return pa.array(list(words), pa.string()).take(pa.array(index))
