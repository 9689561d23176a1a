"""The charts of an area by name: the same ones on the page, the slides and in the browser."""

from template_service.aggregates.report.context import ReportContext
from template_service.aggregates.report.drawing import Chart, Size
from template_service.aggregates.report.figures import Figures
from template_service.aggregates.report.gradient_chart import gradient
from template_service.aggregates.report.need_charts import domains
from template_service.aggregates.report.work_charts import cascade, coverage, residents

# Points on an A4 page of two columns.
PAGE_SIZES = {
    "coverage": Size(256, 62),
    "residents": Size(266, 84),
    "gradient": Size(238, 140),
    "domains": Size(284, 158),
    "cascade": Size(256, 118),
}
# Points on the children's page.
CHILD_SIZES = {"child_needs": Size(536, 236, letters=11), "family": Size(256, 122)}
# Points on a 16:9 slide, where one chart has the room and letters are read from afar.
SLIDE_SIZES = {name: Size(640, 250, letters=15) for name in PAGE_SIZES} | {
    # A sentence stands below it.
    "gradient": Size(640, 215, letters=15)
}


def charts(figures: Figures, about: ReportContext, sizes: dict[str, Size]) -> dict[str, Chart]:
    """Every chart the figures allow, by name, in the order of reading."""
    drawn = (
        coverage(figures, about, sizes["coverage"]),
        residents(about, sizes["residents"]),
        gradient(figures, about, sizes["gradient"]),
        domains(figures, about, sizes["domains"]),
        cascade(figures, about, sizes["cascade"]),
    )
    return {chart.name: chart for chart in drawn if chart}
