"""Every chart is sound Vega-Lite, says in words and in a table what it draws, and hides nothing."""

from typing import Any
from xml.etree import ElementTree

import altair as alt
import pytest

from template_service.aggregates.report.charts import PAGE_SIZES, SLIDE_SIZES, charts
from template_service.aggregates.report.context import ReportContext
from template_service.aggregates.report.drawing import (
    BLUE,
    GREY,
    ORANGE,
    PINK,
    PURPLE,
    TURQUOISE,
    Chart,
    png,
    svg,
)
from template_service.aggregates.report.figures import Figures, shown
from template_service.aggregates.report.fonts import Font, FontMissing
from template_service.aggregates.report.wording import percent
from tests.unit.aggregates.report import made_up

NAMES = ("coverage", "residents", "gradient", "domains", "cascade")
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def drawn(figures: Figures, about: ReportContext) -> dict[str, Chart]:
    return charts(figures, about, PAGE_SIZES)


def test_all_charts_are_there_in_the_order_of_reading(drawn: dict[str, Chart]) -> None:
    assert tuple(drawn) == NAMES


@pytest.mark.parametrize("sizes", [PAGE_SIZES, SLIDE_SIZES], ids=["page", "slide"])
@pytest.mark.parametrize("name", NAMES)
def test_a_chart_is_valid_vega_lite(
    figures: Figures, about: ReportContext, sizes: dict[str, Any], name: str
) -> None:
    alt.Chart.from_dict(charts(figures, about, sizes)[name].specification)


@pytest.mark.parametrize("name", NAMES)
def test_a_chart_keeps_its_size_and_font(drawn: dict[str, Chart], font: Font, name: str) -> None:
    root = ElementTree.fromstring(svg(drawn[name], font))  # noqa: S314  # our own
    size = PAGE_SIZES[name]
    assert abs(float(root.attrib["width"]) - size.width) <= 2
    assert abs(float(root.attrib["height"]) - size.height) <= 2
    texts = list(root.iter(f"{SVG}text"))
    assert texts
    # A family whose name ends in a digit is found only in quotes.
    assert all(text.attrib["font-family"].startswith(f"'{font.family}'") for text in texts)
    assert all(float(text.attrib["font-size"].removesuffix("px")) >= 9 for text in texts)


@pytest.mark.parametrize("name", NAMES)
def test_only_colours_of_the_palette_stand_for_something(
    drawn: dict[str, Chart], font: Font, name: str
) -> None:
    root = ElementTree.fromstring(svg(drawn[name], font))  # noqa: S314  # our own
    marks = [node for node in root.iter() if node.attrib.get("aria-roledescription")]
    colours = {
        colour.upper()
        for mark in marks
        for node in mark.iter(f"{SVG}path")
        for colour in (node.attrib.get("fill", ""), node.attrib.get("stroke", ""))
        if colour.startswith("#") and "role-axis" not in mark.attrib.get("class", "")
    }
    assert colours <= {BLUE, TURQUOISE, PINK, ORANGE, GREY, PURPLE, "#DDDDDD"}


def test_every_number_of_the_alternative_stands_in_the_table(drawn: dict[str, Chart]) -> None:
    for chart in drawn.values():
        told = {percent(cell) for row in chart.rows for cell in row if isinstance(cell, float)}
        said = {word for word in chart.alternative.replace(",", " ").split() if "%" in word}
        # Two deciles together, and the average, stand in the measure above the chart.
        told |= {word for word in chart.measure.split() if "%" in word}
        assert {word.strip(".;()") for word in said} <= told


def test_the_table_of_a_chart_is_full(drawn: dict[str, Chart]) -> None:
    for chart in drawn.values():
        assert chart.rows
        assert {len(row) for row in chart.rows} == {len(chart.columns)}


def test_safety_is_never_drawn_and_fairness_for_the_city_alone(figures: Figures) -> None:
    pcn = charts(figures, made_up.context(), PAGE_SIZES)["domains"]
    city = charts(figures, made_up.context(pcn_code="", pcn_name=""), PAGE_SIZES)["domains"]
    assert {"Feeling safe", "Fairness and rights"}.isdisjoint(row[0] for row in pcn.rows)
    assert "Feeling safe" not in {row[0] for row in city.rows}
    assert "Fairness and rights" in {row[0] for row in city.rows}


def test_a_domain_that_may_not_be_shown_says_why(about: ReportContext) -> None:
    rows = [figure for figure in made_up.made_up_table().to_pylist() if figure["domain"] != "food"]
    rows.append(made_up.figure(3, 400, domain="food"))
    chart = charts(Figures(made_up.table(rows)), about, PAGE_SIZES)["domains"]
    food = next(row for row in chart.rows if row[0] == "Food")
    assert food[1:5] == (None,) * 4
    assert food[5] == "Fewer than 8 people"
    assert "Food" not in chart.alternative


def test_the_gradient_marks_only_deciles_the_area_has(figures: Figures) -> None:
    about = made_up.context(pcn_code=made_up.LEAFY, pcn_name=made_up.PCN_NAMES[made_up.LEAFY])
    rows = charts(figures, about, PAGE_SIZES)["gradient"].rows
    own = [row[1] for row in rows if row[0] == about.pcn_name]
    assert own == [str(decile) for decile in range(3, 11)]


def test_no_line_is_fitted(drawn: dict[str, Chart]) -> None:
    marks = {layer["mark"]["type"] for layer in drawn["gradient"].specification["layer"]}
    assert marks == {"rule", "point"}


def test_labels_of_bars_start_beyond_every_interval(
    figures: Figures, drawn: dict[str, Chart], about: ReportContext
) -> None:
    for name in ("coverage", "cascade"):
        *_, words = drawn[name].specification["layer"]
        assert words["encoding"]["x"]["field"] == "upper"
        assert words["mark"]["dx"] > 0
    data = drawn["residents"].specification["datasets"]
    lines = {row["decile"]: row["share"] for row in data["city"]}
    for row in data["shares"]:
        assert row["above"] >= max(row["share"], lines[row["decile"]])
    assert shown(figures.one(about.here, "need"))


def test_without_figures_there_is_no_chart(about: ReportContext) -> None:
    empty = Figures(made_up.table([]))
    assert set(charts(empty, about, PAGE_SIZES)) == {"residents"}


def test_a_chart_as_png(drawn: dict[str, Chart], font: Font) -> None:
    assert png(drawn["cascade"], font).startswith(b"\x89PNG")


def test_a_missing_font_is_said_plainly(drawn: dict[str, Chart], tmp_path: Any) -> None:
    with pytest.raises(FontMissing, match="font"):
        svg(drawn["cascade"], Font(folder=tmp_path))
