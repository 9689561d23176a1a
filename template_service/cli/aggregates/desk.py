"""What a release and a report need beside figures: the running service's directory and template."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from template_service.aggregates.areas import Areas
from template_service.aggregates.folder import FOLDER
from template_service.aggregates.reporting_period import Period
from template_service.demo.folder import MARK
from template_service.service import Service, open_service
from template_service.settings import Settings

if TYPE_CHECKING:
    from template_service.aggregates.figures import Sources
    from template_service.aggregates.released_figures import ReleasedFigures
    from template_service.aggregates.report.context import Gap


class Wanted(NamedTuple):
    """A report that somebody wants: of which figures, area and months, and the gaps there."""

    released: "ReleasedFigures"
    pcn: str | None
    period: Period
    gaps: "Sequence[Gap]"


@dataclass(frozen=True, slots=True)
class Desk:
    """Where figures are made: a deployment opened, and the areas of its geography."""

    service: Service
    areas: Areas

    @property
    def folder(self) -> Path:
        """The folder of aggregates."""
        return self.service.settings.data / FOLDER

    @property
    def demonstration(self) -> bool:
        """Whether its people are made up, whoever serves the folder."""
        data = self.service.settings.data
        return self.service.settings.demo or (data / MARK).is_file()

    def gaps(self, pcns: Sequence[str | None]) -> "Mapping[str, Sequence[Gap]]":
        """The gaps in provision of networks, and under its own code (None) of the city."""
        from template_service.aggregates.provision import lacks  # noqa: PLC0415 -- an extra
        from template_service.aggregates.report.lists import read_lists  # noqa: PLC0415 -- likewise

        wards = read_lists(self.folder, self.areas).wards
        about = (self.service.directory, self.service.form, self.areas)
        return {
            pcn or self.areas.city: lacks(*about, wards.get(pcn, ()) if pcn else None)
            for pcn in pcns
        }

    def report_of(self, pcn: str | None, period: str | None) -> "Wanted":
        """What a report is about; the year to date where no period is named."""
        from template_service.aggregates.released_figures import (  # noqa: PLC0415 -- an extra
            ReleasedFigures,
        )

        released = ReleasedFigures.open(self.folder, self.areas)
        months = Period.parse(period) if period else released.year_to_date
        return Wanted(released, pcn, months, self.gaps([pcn])[pcn or self.areas.city])

    def write_documents(
        self, progress: Callable[[str], object]
    ) -> "Callable[[Sources, Period, Path], None]":
        """What a release writes beside its tables."""
        from template_service.aggregates.measures.release_file import (  # noqa: PLC0415 -- an extra
            write_measure_reports,
        )
        from template_service.aggregates.report import documents  # noqa: PLC0415 -- likewise

        def write(sources: "Sources", period: Period, place: Path) -> None:
            documents.write(
                sources,
                period,
                place,
                progress=progress,
                gaps=self.gaps([None, *self.areas.names["pcn"]]),
                demonstration=self.demonstration,
            )
            write_measure_reports(sources, period, place)

        return write


@contextmanager
def desk(settings: Settings) -> Iterator[Desk]:
    """A deployment, open for as long as the block."""
    service = open_service(settings)
    try:
        yield Desk(service, Areas.of(service.geography))
    finally:
        service.close()
