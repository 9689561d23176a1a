"""No text lies on another, none leaves its page or chart, and every page reads in its order."""

import io
import re
from collections.abc import Callable
from typing import Any

import pikepdf
import pytest
import vl_convert

from template_service.aggregates.released_figures import ReleasedFigures
from template_service.aggregates.report.charts import PAGE_SIZES, SLIDE_SIZES, charts
from template_service.aggregates.report.children import children
from template_service.aggregates.report.context import (
    DEMONSTRATION,
    Gap,
    MarmotIndicator,
    ReportContext,
)
from template_service.aggregates.report.drawing import Chart, Size, svg
from template_service.aggregates.report.figures import Figures
from template_service.aggregates.report.fonts import Font
from template_service.aggregates.report.infographic import infographic
from template_service.aggregates.report.slides import slides
from template_service.aggregates.report_assembly import report_of
from template_service.aggregates.reporting_period import Period
from tests.unit.aggregates.report import made_up
from tests.unit.aggregates.report.made_up_months import DEPRIVED, LEAFY, MIXED
from tests.unit.aggregates.report.text_boxes import boxes, fonts, overlapping

A4 = (595.28, 841.89)
SLIDE = (720, 405)
MADE: dict[str, tuple[Callable[..., bytes], tuple[float, float]]] = {
    "adults": (lambda *about: infographic(*about).pdf(), A4),
    "children": (lambda *about: children(*about).pdf(), A4),
    "slides": (slides, SLIDE),
}
GAPS = tuple(
    Gap(
        "help to stay in a home when it is at risk",
        (f"Made-up Ward With a Long Name {place}", "Another & Yet Another Ward"),
        4,
        families=True,
    )
    for place in range(5)
)


@pytest.fixture(scope="module")
def told(released: ReleasedFigures) -> Callable[..., tuple[Figures, ReportContext]]:
    def made(pcn: str | None, period: str = "2026-08/2026-09") -> tuple[Figures, ReportContext]:
        table, about = report_of(released, pcn, Period.parse(period), gaps=GAPS)
        return Figures(table), about

    return made


@pytest.mark.parametrize("kind", MADE)
@pytest.mark.parametrize("pcn", [DEPRIVED, LEAFY, MIXED, None])
def test_no_text_lies_on_another_or_leaves_the_page(
    told: Callable[..., tuple[Figures, ReportContext]], font: Font, kind: str, pcn: str | None
) -> None:
    make, (width, height) = MADE[kind]
    check(make(*told(pcn), font), width, height)


@pytest.mark.parametrize("kind", ["adults", "children"])
def test_a_page_too_full_is_still_one_page(figures: Figures, font: Font, kind: str) -> None:
    name = "Made-up Very Long Name of Two Valleys and Three Hills PCN"
    long = "A Made-up Ward With a Very Long Name"
    rows = tuple(
        MarmotIndicator(**{**_fields(row), "place": place})
        for row in made_up.INDICATORS
        for place in (long, f"{long} Too")
    )
    about = made_up.context(pcn_name=name, gaps=GAPS, indicators=rows)
    content = MADE[kind][0](figures, about, font)
    with pikepdf.open(io.BytesIO(content)) as pdf:
        assert len(pdf.pages) == 1
    check(content, *A4)


def check(content: bytes, width: float, height: float) -> None:
    found = boxes(content)
    assert len(found) > 50
    outside = [
        box
        for box in found
        if box.left < 18 or box.right > width - 18 or box.bottom < 10 or box.top > height - 10
    ]
    assert outside == []
    assert overlapping(found) == []
    assert len(fonts(content)) == 2
    assert all(fonts(content).values())


@pytest.mark.parametrize("sizes", [PAGE_SIZES, SLIDE_SIZES], ids=["page", "slide"])
@pytest.mark.parametrize("pcn", [DEPRIVED, LEAFY, MIXED, None])
def test_no_text_of_a_chart_is_clipped(
    told: Callable[..., tuple[Figures, ReportContext]],
    font: Font,
    sizes: dict[str, Size],
    pcn: str | None,
) -> None:
    for chart in charts(*told(pcn), sizes).values():
        check_chart(chart, font)


@pytest.mark.parametrize("flag", ["fewer_than_8", "group", "noise"])
def test_why_a_domain_is_not_shown_fits_its_chart(
    about: ReportContext, font: Font, flag: str
) -> None:
    rows = [
        row | {"flag": flag} if row["domain"] in ("food", "wellbeing") else row
        for row in made_up.made_up_table().to_pylist()
    ]
    chart = charts(Figures(made_up.table(rows)), about, PAGE_SIZES)["domains"]
    assert len([row for row in chart.rows if row[1] is None]) == 2
    check_chart(chart, font)


def check_chart(chart: Chart, font: Font) -> None:
    # The chart alone as a PDF: on a page what hangs over its edge would be cut off unseen.
    svg(chart, font)
    config = {"font": f"'{font.family}', Arial, sans-serif"}
    content = vl_convert.vegalite_to_pdf(chart.specification, vl_version="6.4", config=config)
    found = boxes(content)
    with pikepdf.open(io.BytesIO(content)) as pdf:
        width, height = (float(edge) for edge in list(pdf.pages[0].mediabox)[2:])
    edges = [(box.left, box.bottom, width - box.right, height - box.top) for box in found]
    assert min(min(each) for each in edges) >= 0, chart.name
    assert overlapping(found) == [], chart.name


@pytest.mark.parametrize("kind", ["adults", "children"])
def test_a_page_is_read_from_the_headline_down(
    told: Callable[..., tuple[Figures, ReportContext]], font: Font, kind: str
) -> None:
    figures, about = told(MIXED)
    page = {"adults": infographic, "children": children}[kind](figures, about, font)
    content = page.pdf()
    with pikepdf.open(io.BytesIO(content)) as pdf:
        assert pdf.Root.MarkInfo.Marked
        with pdf.open_metadata() as metadata:
            assert metadata["pdfuaid:part"] == "1"
            assert DEMONSTRATION.lower() in metadata["dc:title"].lower()
        read = _read(pdf.Root.StructTreeRoot)
    headings = [tag for tag in read if re.fullmatch(r"/H\d", tag[0])]
    blocks = [block["heading"] for row in page.page["rows"] for block in row["blocks"]]
    assert [tag for tag, _ in headings] == ["/H1", *["/H2"] * len(blocks)]
    figures_read = [alternative for tag, alternative in read if tag == "/Figure"]
    drawn = [block["chart"] for row in page.page["rows"] for block in row["blocks"]]
    assert figures_read == [chart["alternative"] for chart in drawn if chart]


def _read(element: Any) -> list[tuple[str, str]]:
    """The tag tree from first to last: each element's tag and alternative text."""
    found = []
    if isinstance(element, pikepdf.Dictionary) and "/S" in element:
        found.append((str(element.S), str(element.get("/Alt", ""))))
    inner: Any = element.get("/K", []) if isinstance(element, pikepdf.Dictionary) else []
    for child in inner if isinstance(inner, pikepdf.Array) else [inner]:
        if isinstance(child, pikepdf.Dictionary):
            found += _read(child)
    return found


def _fields(row: MarmotIndicator) -> dict[str, Any]:
    return {name: getattr(row, name) for name in row.__slots__}
