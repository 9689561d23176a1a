"""A report's figures and all that stands beside them, put together from the frozen cells."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NamedTuple, Self

import pyarrow as pa
import pyarrow.compute as pc

from template_service import clock
from template_service.aggregates.areas import CITY, PCN, Areas
from template_service.aggregates.coverage import NOT_KNOWN
from template_service.aggregates.figures import Sources, Wanted, figure_table
from template_service.aggregates.folder import RELEASES
from template_service.aggregates.frozen_cube import CELLS
from template_service.aggregates.gradient_figures import rank_stretches, slope
from template_service.aggregates.indicators.figures import IndicatorValue
from template_service.aggregates.indicators.reading import indicator_values
from template_service.aggregates.released_figures import ReleasedFigures
from template_service.aggregates.report.child_needs import child_needs
from template_service.aggregates.report.context import Gap, ReportContext, Residents
from template_service.aggregates.report.indicators_beside import indicators_beside
from template_service.aggregates.report.lists import CHILD_BANDS, Lists, read_lists
from template_service.aggregates.reporting_period import Period, financial_year
from template_service.aggregates.standardised_need import standardised_need
from template_service.aggregates.vocabulary import ALL, IMD_DECILES


@dataclass(frozen=True, slots=True)
class Beside:
    """What a deployment has beside its figures: registered lists, and imported indicators."""

    lists: Lists
    indicators: tuple[IndicatorValue, ...]

    @classmethod
    def read(cls, folder: Path, areas: Areas) -> Self:
        """What is in a folder of aggregates; raises `Unavailable` for what is damaged."""
        return cls(read_lists(folder, areas), indicator_values(folder, breakdown=ALL))


class Subject(NamedTuple):
    """What a report is about: a network, or with None the city, in a period."""

    pcn: str | None
    period: Period


def report_of(
    released: ReleasedFigures,
    pcn: str | None,
    period: Period,
    *,
    gaps: Sequence[Gap] = (),
    demonstration: bool = False,
) -> tuple[pa.Table, ReportContext]:
    """The figures of a network (None: the city) beside the city's, and their context.

    The table has the columns of `figures.COLUMNS`, the sums over deciles that charts need, and,
    where its months are released, the period of the same length before (everybody only, not by
    group). A release made of demonstration data makes a demonstration. Raises `NotFound` for a
    network nobody knows and for months that are not released.
    """
    beside = Beside.read(folder_of(released.latest.path), released.areas)
    shown = demonstration or bool(released.latest.document.get("demonstration"))
    about = Subject(pcn, period)
    return assembled(released.sources, about, beside, gaps=gaps, demonstration=shown)


def folder_of(release: Path) -> Path:
    """The folder of aggregates that a release, finished or not, lies in."""
    return next(parent.parent for parent in release.parents if parent.name == RELEASES)


def assembled(
    sources: Sources,
    about: Subject,
    beside: Beside,
    *,
    gaps: Sequence[Gap] = (),
    demonstration: bool = False,
) -> tuple[pa.Table, ReportContext]:
    """As `report_of`, of sources and what was read beside them."""
    areas, period = sources.areas, about.period
    name = areas.known(PCN, about.pcn) if about.pcn else ""
    wanted = [Wanted(PCN, (about.pcn,))] if about.pcn else []
    wanted.append(Wanted(CITY, (areas.city,)))
    table = figure_table(sources, period, wanted, sums=True)
    before = period.before(len(period.months))
    there = set(before.months) <= set(sources.months)
    if there:
        earlier = figure_table(sources, before, wanted)
        table = pa.concat_tables([table, earlier.filter(pc.equal(earlier["breakdown"], ALL))])
    city = sources.counts(period, CITY).of(areas.city)
    here = sources.counts(period, PCN).of(about.pcn) if about.pcn else city
    standardised = standardised_need(here, city, len(period.months))
    return table, ReportContext(
        pcn_code=about.pcn or "",
        pcn_name=name,
        city_code=areas.city,
        city_name=areas.name(CITY, areas.city),
        period=str(period),
        previous_period=str(before) if there else "",
        imd_edition=areas.imd_edition,
        generated=clock.today(),
        demonstration=demonstration,
        residents=tuple(_residents(sources, about.pcn, beside.lists)),
        gaps=tuple(gaps),
        indicators=indicators_beside(
            beside.indicators,
            areas,
            beside.lists.wards.get(about.pcn or "", ()),
            higher=[d for d, need in standardised.items() if need.significance == "higher"],
        ),
        standardised=standardised if about.pcn else {},
        child_needs=child_needs(here, city, len(period.months)),
        counted_before=_counted_before(period, sources.months),
        slope=slope(city),
        own_slope=slope(here) if about.pcn else None,
        stretches=rank_stretches(city),
    )


def _counted_before(period: Period, held: Collection[str]) -> bool:
    """Whether earlier months of the financial year that the period begins in were counted."""
    year = financial_year(period.first)
    return any(month < period.first and financial_year(month) == year for month in held)


def _residents(sources: Sources, pcn: str | None, lists: Lists) -> Iterator[Residents]:
    kinds: list[tuple[Literal["pcn", "city"], str]] = [("city", sources.areas.city)]
    if pcn:
        kinds.insert(0, ("pcn", pcn))
    for kind, code in kinds:
        people = sources.coverage.of(kind, code)
        for breakdown, name, categories in (
            ("imd_decile", "imd_decile", IMD_DECILES),
            ("age_band", "child_age", CHILD_BANDS),
        ):
            for category in categories:
                number = int(people[CELLS.index((breakdown, category))])
                if number != NOT_KNOWN:
                    yield Residents(kind, name, category, number)
        for decile, number in lists.child_deciles.get((kind, code), {}).items():
            yield Residents(kind, "child_decile", decile, number)
