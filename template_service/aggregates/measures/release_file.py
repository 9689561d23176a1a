"""The MeasureReports of a release as one file, for systems that take figures in bulk."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import orjson

from template_service.aggregates.areas import CITY, PCN
from template_service.aggregates.figures import Sources, Wanted, figure_table
from template_service.aggregates.measures.reports import measure_reports
from template_service.aggregates.reporting_period import Period
from template_service.aggregates.vocabulary import UNKNOWN

FILE: Final = "measure-reports.ndjson"


def write_measure_reports(sources: Sources, period: Period, folder: Path) -> int:
    """Write the reports of the city and its networks in a period, one line each; returns how many.

    The form is that of FHIR Bulk Data (NDJSON). Practices are not among them: their figures are
    shown to themselves only.
    """
    made_at = datetime.now(UTC).isoformat(timespec="seconds")
    codes = (code for code in sources.counts(period, PCN).codes if code != UNKNOWN)
    areas = [Wanted(CITY), *(Wanted(PCN, (code,)) for code in codes)]
    written = 0
    with (folder / FILE).open("wb") as file:
        # Area by area, so that no more than one is in memory as JSON.
        for area in areas:
            table = figure_table(sources, period, [area])
            for report in measure_reports(table, made_at=made_at):
                file.write(orjson.dumps(report, option=orjson.OPT_APPEND_NEWLINE))
                written += 1
    return written
