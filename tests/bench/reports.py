"""Reports of a city the size of Leeds, from closed months to files."""

import tempfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from directory.geography import Geography
from directory.starter import build_geography
from tests.bench.figures import Figure, interleaved, seconds

if TYPE_CHECKING:
    from template_service.aggregates.figures import Sources

PCN_REPORT_GOAL_S = 1.0
REPORTS_ALL_GOAL_S = 40.0
_MONTH = "2026-09"
_PEOPLE = 40_000
_TODAY = date(2026, 11, 22)


def pcn_report_s() -> Iterator[Figure]:
    """Both pages (PDF and PNG), CSV, CSVW and workbook of one network, written, when warm."""
    from template_service.aggregates.released_figures import ReleasedFigures
    from template_service.aggregates.releases import Release
    from template_service.aggregates.report import documents
    from template_service.aggregates.reporting_period import Period

    with tempfile.TemporaryDirectory() as name:
        sources, folder = _city(Path(name))
        about = {"id": "bench", "months": [_MONTH], "periods": [_MONTH]}
        released = ReleasedFigures(Release("bench", folder / "releases" / "bench", about), sources)
        pcns = iter(sorted(sources.areas.names["pcn"]) * 2)

        def report() -> None:
            documents.write_report(released, next(pcns), Period(_MONTH, _MONTH), folder / "out")

        report()
        medians = interleaved({"ours": lambda: seconds(report, 1)})
    yield Figure(
        figure="pcn_report_s",
        value=round(medians["ours"], 3),
        unit="s",
        goal=f"<= {PCN_REPORT_GOAL_S}",
        met=medians["ours"] <= PCN_REPORT_GOAL_S,
    )


def reports_all_s() -> Iterator[Figure]:
    """The documents of a release: two pages of the city and of its 19 networks, and the rest."""
    from template_service.aggregates.report import documents
    from template_service.aggregates.reporting_period import Period

    with tempfile.TemporaryDirectory() as name:
        sources, folder = _city(Path(name))
        numbers = iter(range(100))

        def every() -> None:
            half = folder / "releases" / f"bench-{next(numbers)}"
            half.mkdir(parents=True)
            documents.write(sources, Period(_MONTH, _MONTH), half)

        medians = interleaved({"ours": lambda: seconds(every, 1)})
    yield Figure(
        figure="reports_all_s",
        value=round(medians["ours"], 2),
        unit="s",
        goal=f"<= {REPORTS_ALL_GOAL_S}",
        met=medians["ours"] <= REPORTS_ALL_GOAL_S,
    )


def _city(place: Path) -> tuple["Sources", Path]:
    """A closed month of the Leeds that the starter geography knows, and its folder."""
    from template_service.aggregates.areas import Areas
    from template_service.aggregates.facts import import_facts
    from template_service.aggregates.figures import Sources
    from template_service.aggregates.months import close_month
    from tests.facts import write_facts

    folder, facts = place / "aggregates", place / "facts.parquet"
    folder.mkdir()
    write_facts(facts, people=_PEOPLE, month=_MONTH, seed=1, asked_all=False)
    import_facts(folder, facts, today=_TODAY, closed=())
    close_month(folder, _MONTH)
    build_geography(place / "geography.sqlite")
    geography = Geography.open(place / "geography.sqlite")
    areas = Areas.of(geography)
    geography.close()
    return Sources.open(folder, areas, [_MONTH]), folder
