"""Every chart is sound Vega-Lite, says in words and in a table what it draws, and hides nothing."""

from itertools import pairwise
from typing import Any
from xml.etree import ElementTree

import altair as alt
import pytest

from template_service.aggregates.report.charts import PAGE_SIZES, SLIDE_SIZES, charts
from template_service.aggregates.report.context import ReportContext, Residents
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
from template_service.aggregates.standardised_need import StandardisedNeed
from template_service.aggregates.vocabulary import IMD_DECILES
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


def test_the_slope_is_drawn_over_the_ranks_it_was_fitted_to(drawn: dict[str, Chart]) -> None:
    data = drawn["gradient"].specification["datasets"]
    assert [(end["rank"], round(end["value"], 9)) for end in data["slope"]] == [(0, 0.6), (1, 0.1)]
    middles = {row["middle"] for row in data["deciles"]}
    city = [mark["rank"] for mark in data["marks"] if mark["series"] == made_up.CITY_NAME]
    own = [mark["rank"] for mark in data["marks"] if mark["series"] == "Here"]
    # Both stand beside the middle of a decile, a network's to the right of the city's.
    assert all(min(abs(rank - middle) for middle in middles) < 0.03 for rank in (*city, *own))
    assert all(right > left for left, right in zip(city, own, strict=False))


def test_without_a_slope_no_line_is_drawn(figures: Figures) -> None:
    chart = charts(figures, made_up.context(slope=None), PAGE_SIZES)["gradient"]
    assert chart.specification["datasets"]["slope"] == []
    assert "least deprived person" not in chart.alternative


def test_a_slope_beyond_100_percent_is_cut_at_the_edge_of_the_chart(figures: Figures) -> None:
    steep = made_up.SLOPE._replace(start=1.1)
    chart = charts(figures, made_up.context(slope=steep), PAGE_SIZES)["gradient"]
    ends = [(end["rank"], end["value"]) for end in chart.specification["datasets"]["slope"]]
    assert ends == [pytest.approx((0.2, 1.0)), pytest.approx((1.0, 0.6))]
    # What is said of it stays what was fitted.
    assert "50 fewer in every 100 had a need" in chart.alternative


def test_so_few_registered_people_are_told_in_words_and_not_drawn(figures: Figures) -> None:
    few = {"1": 7, "2": 0, "3": 8}
    lists = tuple(
        Residents(kind, "imd_decile", decile, few.get(decile, 5000))
        for kind in ("pcn", "city")
        for decile in IMD_DECILES
    )
    chart = charts(figures, made_up.context(residents=lists), PAGE_SIZES)["residents"]
    assert [row[1] for row in chart.rows[:2]] == ["Fewer than 8 people"] * 2
    assert chart.rows[2][1] == 8 / 35_015
    assert "1: fewer than 8, 2: fewer than 8, 3: 0.0%" in chart.alternative
    assert chart.measure.endswith("Core20, deciles 1 and 2: fewer than 8")
    marks = chart.specification["datasets"]["shares"][:2]
    assert [(mark["share"], mark["label"]) for mark in marks] == [(0, "<8")] * 2


def test_decile_numbers_that_would_collide_are_left_out(figures: Figures) -> None:
    ends = [0.0, 0.9, *(0.9 + step / 90 for step in range(1, 10))]
    narrow = dict(zip(IMD_DECILES, pairwise(ends), strict=True))
    chart = charts(figures, made_up.context(stretches=narrow), PAGE_SIZES)["gradient"]
    labels = [row["label"] for row in chart.specification["datasets"]["deciles"]]
    assert labels == ["1", *[""] * 8, "10"]


def test_domains_allow_for_age_where_they_can_and_say_where_not(figures: Figures) -> None:
    food = StandardisedNeed(0.31, 0.28, 0.34, 0.2, "higher", "Dobson")
    chart = charts(figures, made_up.context(standardised={"food": food}), PAGE_SIZES)["domains"]
    rows = {row[0]: row for row in chart.rows}
    assert rows["Food"][1:6] == (0.31, 0.28, 0.34, 0.2, "Higher")
    assert (rows["Food"][-1], rows["Money"][-1]) == ("Yes", "No")
    assert chart.measure.endswith("allowing for age (*not possible here)")
    notes = {row["name"]: row["note"] for row in chart.specification["datasets"]["marks"]}
    assert notes["Food"] == "31% higher"
    assert "*" in notes["Money"]


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
