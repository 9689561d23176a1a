"""The demonstration's own figures: its made-up people's months closed, and a release of them.

It takes longer than making the people, so that a demonstration that serves makes them meanwhile, in
a process of its own (`python -m template_service.demo.figures DATA`).
"""

import csv
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Final

from directory.geography import Geography
from template_service import clock
from template_service.actions.facts import export_facts, write_facts_csv
from template_service.aggregates.areas import Areas
from template_service.aggregates.folder import FOLDER, closed_months
from template_service.aggregates.kept_figures import ReportingNotInstalled, reporting
from template_service.aggregates.reporting_period import Period
from template_service.aggregates.vocabulary import FIVE_YEAR_BANDS
from template_service.demo.building import MONTHS_OF_WORK
from template_service.service import Service, open_service
from template_service.settings import Settings

_SEED: Final = 86
_LISTS: Final = "registered.csv"
# Postcodes near a practice whose small areas its made-up patients live in.
_NEAR: Final = 200


def figures_meanwhile(data: Path) -> "subprocess.Popen[bytes]":
    """Make the figures of a prepared demonstration in a process of its own."""
    command = [sys.executable, "-m", __name__, str(data)]
    return subprocess.Popen(command)  # noqa: S603 -- this module, and a folder of ours


def make_figures(settings: Settings) -> None:
    """Close every month of the demonstration that is over and release them; nothing twice.

    Without the extra `reports` there are no figures, which its pages say.
    """
    with suppress(ReportingNotInstalled), reporting():
        from template_service.aggregates.release_making import Maker  # noqa: PLC0415 -- an extra

        service = open_service(settings)
        try:
            folder = settings.data / FOLDER
            _register(service.geography, folder)
            for month in _months_over():
                if month not in closed_months(folder):
                    _close(service, folder, month)
            areas = Areas.of(service.geography)
        finally:
            service.close()
        Maker(folder, areas).make(demonstration=True)


def _months_over() -> tuple[str, ...]:
    """The months before this one in which the demonstration's people were seen."""
    now = f"{clock.today():%Y-%m}"
    return Period(now, now).before(MONTHS_OF_WORK).months


def _close(service: Service, folder: Path, month: str) -> None:
    from template_service.aggregates.facts import import_facts  # noqa: PLC0415 -- an extra
    from template_service.aggregates.months import close_month  # noqa: PLC0415 -- an extra

    file = folder / f"{month}.csv"
    rows = write_facts_csv(export_facts(service, month=month, seal=True).rows, file)
    try:
        if rows:
            import_facts(folder, file, today=clock.today(), closed=closed_months(folder))
            close_month(folder, month, today=clock.today())
    finally:
        file.unlink()


def _register(geography: Geography, folder: Path) -> None:
    """Made-up lists of the real practices: how many of each kind live in the small areas near."""
    from template_service.aggregates.population import import_population  # noqa: PLC0415 -- an extra

    folder.mkdir(mode=0o700, exist_ok=True)
    file = folder / _LISTS
    with file.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(("practice", "pcn", "sex", "age_band", "lsoa", "registered"))
        writer.writerows(_lists(geography, Random(_SEED)))  # noqa: S311 -- made-up people
    try:
        import_population(folder, file, geography=geography)
    finally:
        file.unlink()


def _lists(geography: Geography, random: Random) -> Iterator[tuple[str, str, str, str, str, int]]:
    for practice in geography.practices():
        near = geography.nearest_postcodes(practice.place, _NEAR)
        places = map(geography.place, near)
        for lsoa in dict.fromkeys(geography.small_area(place) for place in places):
            for sex in ("female", "male"):
                for band in FIVE_YEAR_BANDS:
                    people = random.randint(0, 2)
                    yield practice.ods_code, practice.pcn_code, sex, band, str(lsoa), people


if __name__ == "__main__":
    make_figures(replace(Settings.load(), data=Path(sys.argv[1]), demo=True))
