"""The drawing over the whole gradient: its line within the scale, its numbers at both ends."""

from template_service.aggregates.report.context import ReportContext
from template_service.aggregates.report.figures import Figures
from template_service.aggregates.vocabulary import ANY
from template_service.web.reports_gradient import Drawing, _drawing
from tests.unit.aggregates.report import made_up

ABOUT: ReportContext = made_up.context()


def drawing(start: float, sii: float) -> Drawing:
    slope = made_up.SLOPE._replace(start=start, sii=made_up.SLOPE.sii._replace(value=sii))
    found = _drawing(Figures(made_up.made_up_table()), ABOUT.city, ANY, slope)
    assert found
    return found


def test_a_line_beyond_100_percent_is_cut_where_it_leaves_the_scale() -> None:
    found = drawing(1.1, -0.5)
    assert [label for _, label in found.ticks] == ["0%", "50%", "100%"]
    assert found.line
    assert found.line == ("20.00%", "100.00%", "0.00%", "40.00%")


def test_a_line_within_the_scale_is_whole_and_the_scale_holds_it() -> None:
    found = drawing(0.7, -0.3)
    assert found.line
    assert (found.line.start, found.line.end) == ("0.00%", "100.00%")
    (_, top) = found.ticks[-1]
    assert float(top.strip("%")) >= 70


def test_both_ends_of_the_axis_have_their_decile() -> None:
    labels = [step.label for step in drawing(0.6, -0.3).steps]
    assert (labels[0], labels[-1]) == ("1", "10")
