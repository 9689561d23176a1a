"""Everything of one report in a folder: the page, its figures, the workbook and the slides."""

from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.csv

from template_service.aggregates.durable import sync, workplace
from template_service.aggregates.report.children import children
from template_service.aggregates.report.context import ReportContext
from template_service.aggregates.report.csvw import metadata
from template_service.aggregates.report.figures import Figures, PandasFrame
from template_service.aggregates.report.fonts import Font
from template_service.aggregates.report.infographic import infographic
from template_service.aggregates.report.slides import slides
from template_service.aggregates.report.workbook import workbook
from template_service.errors import Unavailable


def report_files(
    table: pa.Table | PandasFrame, about: ReportContext, font: Font
) -> dict[str, bytes]:
    """The files of a report by name: PDF, PNG, CSV, CSVW and workbook, all made in memory.

    Only figures of the area and of the city, in the context's periods, are in them.
    """
    figures = Figures(table).of(*_areas(about))
    page = infographic(figures, about, font)
    return {
        "infographic.pdf": page.pdf(),
        "infographic.png": page.png(),
        "figures.csv": _csv(figures.table),
        "figures.csv-metadata.json": _json(metadata(about)),
        "figures.xlsx": workbook(figures, about),
    }


def children_files(
    table: pa.Table | PandasFrame, about: ReportContext, font: Font
) -> dict[str, bytes]:
    """The children's page by name, as PDF and PNG."""
    page = children(Figures(table).of(*_areas(about)), about, font)
    return {"children.pdf": page.pdf(), "children.png": page.png()}


def slide_files(
    table: pa.Table | PandasFrame, about: ReportContext, font: Font
) -> dict[str, bytes]:
    """The slides of a report by name."""
    return {"slides.pdf": slides(Figures(table).of(*_areas(about)), about, font)}


def write_files(files: Mapping[str, bytes], folder: Path) -> tuple[Path, ...]:
    """Put files in a folder, each whole or not at all; raises Unavailable if it cannot be written.

    A file that was there before is replaced.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with workplace(folder) as work:
            for name, content in files.items():
                (work / name).write_bytes(content)
                sync(work / name)
            for name in files:
                (work / name).replace(folder / name)
        sync(folder)
    except OSError as problem:
        raise Unavailable(f"{folder.name}: {problem.strerror or 'cannot be written'}") from None
    return tuple(folder / name for name in files)


def _areas(about: ReportContext) -> list[Any]:
    areas = [about.here, about.city]
    if about.previous_period:
        areas += [area._replace(period=about.previous_period) for area in areas]
    return areas


def _csv(table: pa.Table) -> bytes:
    file = BytesIO()
    pyarrow.csv.write_csv(table, file, pyarrow.csv.WriteOptions(quoting_style="needed"))
    return file.getvalue()


def _json(document: dict[str, Any]) -> bytes:
    return orjson.dumps(document, option=orjson.OPT_INDENT_2)
