"""Figures of any released months, read back once and kept: what pages, reports and FHIR show."""

from collections.abc import Sequence
from pathlib import Path
from typing import Self

import pyarrow as pa

from template_service.aggregates.areas import Areas
from template_service.aggregates.figures import Sources, Wanted, figure_table
from template_service.aggregates.releases import Release, releases
from template_service.aggregates.reporting_period import Period, year_to_date
from template_service.errors import NotFound


class ReleasedFigures:
    """Every period of released months; `sources` holds their cells and what stands beside them."""

    def __init__(self, latest: Release, sources: Sources) -> None:
        self.latest = latest
        self.sources = sources

    @classmethod
    def open(cls, folder: Path, areas: Areas) -> Self:
        """What the latest release of a folder of aggregates allows; raises `NotFound` if none."""
        made = releases(folder)
        if not made:
            raise NotFound("There is no release yet")
        return cls(made[0], Sources.open(folder, areas, made[0].months))

    @property
    def areas(self) -> Areas:
        """The areas and their names."""
        return self.sources.areas

    @property
    def months(self) -> tuple[str, ...]:
        """The released months, oldest first."""
        return self.latest.months

    @property
    def year_to_date(self) -> Period:
        """The financial year of the latest month, as far as it goes without a gap."""
        return year_to_date(self.months)

    def table(self, period: Period, wanted: Sequence[Wanted]) -> pa.Table:
        """`figures.figure_table` of a period; raises `NotFound` for months not released."""
        return figure_table(self.sources, period, wanted)
