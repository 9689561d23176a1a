"""Reports on disk: the documents of a release, a report in a folder, everything in one zip."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final, Literal
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import orjson

from template_service.aggregates.areas import PCN, Areas
from template_service.aggregates.durable import sync, workplace
from template_service.aggregates.figures import Sources
from template_service.aggregates.released_figures import ReleasedFigures
from template_service.aggregates.report.children import children
from template_service.aggregates.report.context import DEMONSTRATION, Gap, ReportContext
from template_service.aggregates.report.figures import Figures
from template_service.aggregates.report.fonts import Font
from template_service.aggregates.report.infographic import infographic
from template_service.aggregates.report.pcn_report import (
    children_files,
    metadata_file,
    report_files,
    slide_files,
)
from template_service.aggregates.report.wording import period_name
from template_service.aggregates.report.workbook import workbook
from template_service.aggregates.report_assembly import (
    Beside,
    Subject,
    assembled,
    folder_of,
    report_of,
)
from template_service.aggregates.reporting_period import Period
from template_service.errors import Unavailable

PAGES: Final = "infographics"
"""The folder of a release that its pages are in."""

Kind = Literal["all", "slides"]

# Zip files of the same content are the same bytes: their entries have no time of their own.
_NO_TIME: Final = (1980, 1, 1, 0, 0, 0)


def count(areas: Areas) -> int:
    """How many documents `write` writes and tells of: two pages an area, and the workbook."""
    return 2 * (1 + len(areas.names[PCN])) + 1


def write(
    sources: Sources,
    period: Period,
    folder: Path,
    *,
    progress: Callable[[str], object] | None = None,
    gaps: Mapping[str, Sequence[Gap]] | None = None,
    demonstration: bool = False,
) -> None:
    """Draw what a release has besides its tables, in a folder that nobody sees yet.

    Two pages (adults, children) as PDF and PNG of the city and of each network, by code, under
    `infographics/`; `figures.xlsx` of the city; and the metadata of `figures.csv`. `gaps` are by
    code of network, those of the city under its own; `progress` is told the name of each document.
    Raises `FontMissing`, `Unavailable`.
    """
    areas, font = sources.areas, Font()
    beside = Beside.read(folder_of(folder), areas)
    lacking = gaps or {}
    (folder / PAGES).mkdir()
    for pcn in (None, *areas.names[PCN]):
        code = pcn or areas.city
        table, about = assembled(
            sources,
            Subject(pcn, period),
            beside,
            gaps=lacking.get(code, ()),
            demonstration=demonstration,
        )
        figures = Figures(table)
        for name, page in (("adults", infographic), ("children", children)):
            made = page(figures, about, font)
            (folder / PAGES / f"{code}-{name}.pdf").write_bytes(made.pdf())
            (folder / PAGES / f"{code}-{name}.png").write_bytes(made.png())
            _tell(progress, f"{code}-{name}")
        if pcn is None:
            (folder / "figures.csv-metadata.json").write_bytes(metadata_file(about))
            (folder / "figures.xlsx").write_bytes(workbook(figures, about))
            _tell(progress, "figures.xlsx")


def write_report(
    released: ReleasedFigures,
    pcn: str | None,
    period: Period,
    out: Path,
    *,
    kind: Kind = "all",
    gaps: Sequence[Gap] = (),
) -> tuple[Path, ...]:
    """Write the report of a network (None: the city) into a folder; its files.

    `all` is both pages as PDF and PNG, figures with their metadata, and the workbook; `slides` the
    slides alone. Each file is there whole or not at all; one of the same name is replaced. Raises
    `NotFound` for a network nobody knows and for months that are not released, `FontMissing`, and
    `Unavailable` where the folder cannot be written.
    """
    table, about = report_of(released, pcn, period, gaps=gaps)
    if kind == "slides":
        return _written(slide_files(table, about, Font()), out)
    files = report_files(table, about, Font()) | children_files(table, about, Font())
    return _written(files, out)


def write_pack(
    released: ReleasedFigures,
    pcn: str | None,
    period: Period,
    file: Path,
    *,
    gaps: Sequence[Gap] = (),
) -> Path:
    """Write everything of a network (None: the city) as one zip file, whole or not at all.

    It holds both pages, slides, figures with their metadata, the workbook, the release they are
    from and a README. The same figures on the same day give the same bytes but for the moment
    inside the workbook. Raises as `write_report`.
    """
    table, about = report_of(released, pcn, period, gaps=gaps)
    files = {
        **report_files(table, about, Font()),
        **children_files(table, about, Font()),
        **slide_files(table, about, Font()),
        "release.json": orjson.dumps(released.latest.document, option=orjson.OPT_INDENT_2),
        "README.txt": _readme(about, released.latest.id).encode(),
    }
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with workplace(file.parent) as work:
            half = work / file.name
            with ZipFile(half, "w") as pack:
                for name in sorted(files):
                    entry = ZipInfo(name, _NO_TIME)
                    entry.compress_type = ZIP_DEFLATED
                    pack.writestr(entry, files[name])
            sync(half)
            half.replace(file)
        sync(file.parent)
    except OSError as problem:
        raise Unavailable(f"{file.name}: {problem.strerror or 'cannot be written'}") from None
    return file


def _tell(progress: Callable[[str], object] | None, name: str) -> None:
    if progress is not None:
        progress(name)


def _written(files: Mapping[str, bytes], folder: Path) -> tuple[Path, ...]:
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


def _readme(about: ReportContext, release: str) -> str:
    return "\n".join(_readme_lines(about, release)) + "\n"


def _readme_lines(about: ReportContext, release: str) -> Iterator[str]:
    yield f"{about.name}, {period_name(about.period)}: people’s needs and the help they get"
    if about.demonstration:
        yield f"{DEMONSTRATION}."
    yield f"From release {release}."
    yield ""
    yield from (f"{name:<26} {words}" for name, words in _CONTENTS.items())
    yield ""
    yield from _HOW_TO_READ
    yield f"Deciles of deprivation are of {about.imd_edition}."


_CONTENTS: Final = {
    "infographic.pdf, .png": "one page about everybody who was asked",
    "children.pdf, .png": "one page about children and families",
    "slides.pdf": "the same charts, one finding on each slide",
    "figures.xlsx": "the tables behind the charts, to read",
    "figures.csv": "every figure of the area and of the city, to work with",
    "figures.csv-metadata.json": "what each column of figures.csv means (CSVW)",
    "release.json": "what was released, when, how, and how it was checked",
}
_HOW_TO_READ: Final = (
    "Every count is rounded at random to a multiple of 5, once, so that nobody can be found in it.",
    "Counts of fewer than 8 people are not given.",
    "Shares are of the people asked. They do not say how many people in an area have a need.",
)
