"""Files of an area in a period, made when somebody asks for them."""

from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, NamedTuple

from flask import Response

from template_service.aggregates.areas import PCN
from template_service.aggregates.released_figures import ReleasedFigures
from template_service.aggregates.report.context import Gap
from template_service.aggregates.report.documents import write_pack
from template_service.aggregates.report.fonts import Font
from template_service.aggregates.report.pcn_report import children_files, report_files, slide_files
from template_service.aggregates.report_assembly import report_of
from template_service.aggregates.reporting_period import Period
from template_service.errors import NotFound
from template_service.web.reports_choice import Place, network, period_asked, the_city
from template_service.web.reports_lacks import lacks
from template_service.web.reports_page import figures

# What there is to download, as it is called on the page.
FILES: Final = {
    "infographic.pdf": "One page for adults (PDF)",
    "infographic.png": "One page for adults (PNG)",
    "children.pdf": "One page for children and families (PDF)",
    "children.png": "One page for children and families (PNG)",
    "slides.pdf": "Slides (PDF)",
    "figures.xlsx": "Workbook (XLSX)",
    "figures.csv": "Figures (CSV)",
    "figures.csv-metadata.json": "What the columns mean (CSVW)",
    "pack.zip": "All of these (ZIP)",
}
_TYPES: Final = {
    "pdf": "application/pdf",
    "png": "image/png",
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "zip": "application/zip",
}
_PACK: Final = "pack.zip"
_MAKERS: Final = {"infographic": report_files, "children": children_files, "slides": slide_files}
# Whoever takes the PDF often takes the PNG next; each asked's files are about 1 MB.
_KEPT: Final = 12


class Asked(NamedTuple):
    """What a file is about: released figures, an area, a period, and the gaps in provision."""

    figures: ReleasedFigures
    area: Place
    period: Period
    gaps: tuple[Gap, ...]


def page(name: str, code: str = "") -> Response:
    """One file of a network, or without a code of the city; raises `NotFound` for other names."""
    if name not in FILES:
        raise NotFound("There is no such file")
    found = figures()
    area = network(found, code) if code else the_city(found)
    period = period_asked(found)
    asked = Asked(found, area, period, lacks(found, area))
    content = _pack(asked) if name == _PACK else _made(asked, _maker(name))[name]
    answer = Response(content, content_type=_TYPES[name.rpartition(".")[2]])
    told = f"{area.key}-{str(period).replace('/', '-to-')}-{name}"
    answer.headers["Content-Disposition"] = f'attachment; filename="{told}"'
    return answer


def _maker(name: str) -> str:
    """Which maker makes a file: figures come with the page for adults."""
    first = name.partition(".")[0]
    return first if first in _MAKERS else "infographic"


@lru_cache(maxsize=_KEPT)
def _made(asked: Asked, maker: str) -> dict[str, bytes]:
    pcn = asked.area.code if asked.area.kind == PCN else None
    table, about = report_of(asked.figures, pcn, asked.period, gaps=asked.gaps)
    return _MAKERS[maker](table, about, Font())


def _pack(asked: Asked) -> bytes:
    pcn = asked.area.code if asked.area.kind == PCN else None
    with TemporaryDirectory() as folder:
        file = Path(folder) / _PACK
        write_pack(asked.figures, pcn, asked.period, file, gaps=asked.gaps)
        return file.read_bytes()
