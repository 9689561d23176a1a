"""The files of one report by name: pages, slides, figures and workbook, made in memory."""

from io import BytesIO
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from template_service.aggregates.frozen_cube import SUMS
from template_service.aggregates.report.children import children
from template_service.aggregates.report.context import ReportContext
from template_service.aggregates.report.csvw import metadata
from template_service.aggregates.report.domain_needs import NEVER_ON_A_PAGE
from template_service.aggregates.report.figures import Figures
from template_service.aggregates.report.fonts import Font
from template_service.aggregates.report.infographic import infographic
from template_service.aggregates.report.slides import slides
from template_service.aggregates.report.workbook import workbook


def report_files(table: pa.Table, about: ReportContext, font: Font) -> dict[str, bytes]:
    """The page for adults, the figures and their metadata, and the workbook.

    Only figures of the area and of the city, in the context's periods, are in them. The CSV leaves
    out what pages never show, and sums over deciles, so that its categories add up.
    """
    chosen = _chosen(table, about)
    figures = Figures(chosen)
    page = infographic(figures, about, font)
    return {
        "infographic.pdf": page.pdf(),
        "infographic.png": page.png(),
        "figures.csv": _csv(chosen),
        "figures.csv-metadata.json": metadata_file(about),
        "figures.xlsx": workbook(figures, about),
    }


def children_files(table: pa.Table, about: ReportContext, font: Font) -> dict[str, bytes]:
    """The children's page by name, as PDF and PNG."""
    page = children(Figures(_chosen(table, about)), about, font)
    return {"children.pdf": page.pdf(), "children.png": page.png()}


def slide_files(table: pa.Table, about: ReportContext, font: Font) -> dict[str, bytes]:
    """The slides of a report by name."""
    return {"slides.pdf": slides(Figures(_chosen(table, about)), about, font)}


def metadata_file(about: ReportContext) -> bytes:
    """The CSVW metadata of `figures.csv` as JSON."""
    return orjson.dumps(metadata(about), option=orjson.OPT_INDENT_2)


def _chosen(table: pa.Table, about: ReportContext) -> pa.Table:
    """The rows of the area and the city in the context's periods."""
    periods = [about.period, *([about.previous_period] if about.previous_period else [])]
    here, city = about.here, about.city
    of_areas = [
        pc.and_(
            pc.equal(table["geography_type"], area.geography_type),
            pc.equal(table["geography_code"], area.code),
        )
        for area in (here, city)
    ]
    return table.filter(pc.and_(_any_of(table["period"], periods), pc.or_(*of_areas)))


def _csv(table: pa.Table) -> bytes:
    sums = [category for _, category in SUMS]
    hidden = pc.or_(_any_of(table["category"], sums), _any_of(table["domain"], NEVER_ON_A_PAGE))
    file = BytesIO()
    options = pyarrow.csv.WriteOptions(quoting_style="needed")
    pyarrow.csv.write_csv(table.filter(pc.invert(hidden)), file, options)
    return file.getvalue()


def _any_of(column: pa.ChunkedArray, texts: Any) -> Any:
    return pc.is_in(column, pa.array(list(texts), pa.string()))
