"""The tidy figures of a release as typed rows, found by place, indicator, domain and category."""

from collections.abc import Iterator
from typing import Final, NamedTuple, Protocol

import pyarrow as pa

from template_service.aggregates.figures import COLUMNS
from template_service.aggregates.vocabulary import ALL, ANY
from template_service.errors import Invalid

# Below this many people asked no sentence is written about a figure (aggregates.md asks it of
# ethnic groups; sentences ask it of everything).
ENOUGH: Final = 100


class Figure(NamedTuple):
    """One row of the figures; proportions are 0 to 1 and a flagged row has no numbers."""

    period: str
    geography_type: str
    geography_code: str
    geography_name: str
    indicator: str
    domain: str
    breakdown: str
    category: str
    numerator: int | None
    denominator: int | None
    value: float | None
    lower: float | None
    upper: float | None
    comparison: float | None
    significance: str
    method: str
    flag: str


class Shown(NamedTuple):
    """The proportion, interval and counts of a figure that has them."""

    value: float
    lower: float
    upper: float
    numerator: int
    denominator: int
    comparison: float | None
    significance: str


def shown(figure: Figure | None) -> Shown | None:
    """The numbers of a figure, or None where it is missing, flagged or without an interval."""
    if figure is None or figure.flag:
        return None
    numbers = (figure.value, figure.lower, figure.upper, figure.numerator, figure.denominator)
    value, lower, upper, numerator, denominator = numbers
    if value is None or lower is None or upper is None or numerator is None or denominator is None:
        return None
    return Shown(
        value, lower, upper, numerator, denominator, figure.comparison, figure.significance
    )


class PandasFrame(Protocol):
    """What is asked of a pandas data frame: that pyarrow can read it."""

    def __dataframe__(self) -> object:
        """The data frame interchange protocol."""


class Figures:
    """The figures of one release. Raises `Invalid`, naming the columns, when some are missing."""

    __slots__ = ("_by_place", "table")

    def __init__(self, table: pa.Table | PandasFrame) -> None:
        if not isinstance(table, pa.Table):
            table = pa.Table.from_pandas(table, preserve_index=False)
        missing = [name for name in COLUMNS if name not in table.column_names]
        if missing:
            raise Invalid(f"The figures have no column {', '.join(missing)}")
        self.table = table.select(list(COLUMNS))
        self._by_place = {_place(row): row for row in _rows(self.table)}

    def __iter__(self) -> Iterator[Figure]:
        return iter(self._by_place.values())

    def one(
        self,
        area: "Area",
        indicator: str,
        *,
        domain: str = ANY,
        breakdown: str = ALL,
        category: str = ALL,
    ) -> Figure | None:
        """The figure of an area, or None; `area` says period, type and code."""
        return self._by_place.get((*area, indicator, domain, breakdown, category))


class Area(NamedTuple):
    """A place in a period: `("2026-09", "pcn", code)`."""

    period: str
    geography_type: str
    code: str


_Place = tuple[str, str, str, str, str, str, str]
_NUMBERS = frozenset(COLUMNS[8:14])


def _area(row: Figure) -> Area:
    return Area(row.period, row.geography_type, row.geography_code)


def _place(row: Figure) -> _Place:
    return (*_area(row), row.indicator, row.domain, row.breakdown, row.category)


def _rows(table: pa.Table) -> Iterator[Figure]:
    """Texts that are null read as blank; numbers stay None, and NaN of pandas became null."""
    columns = (
        table.column(name).to_pylist()
        if name in _NUMBERS
        else [value or "" for value in table.column(name).to_pylist()]
        for name in COLUMNS
    )
    return (Figure(*row) for row in zip(*columns, strict=True))
