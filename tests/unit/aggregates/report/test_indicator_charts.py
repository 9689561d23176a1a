"""Charts of imported figures draw what was published, name it in words, and invent nothing."""

import csv
import io
from dataclasses import replace
from typing import Any
from xml.etree import ElementTree

import altair as alt
import pikepdf
import pytest
import vl_convert

from template_service.aggregates.indicators.figures import IndicatorValue
from template_service.aggregates.indicators.imports import PUBLISHED_EXAMPLES
from template_service.aggregates.indicators.units import UNITS
from template_service.aggregates.report.drawing import ORANGE, Chart, svg
from template_service.aggregates.report.fonts import Font
from template_service.aggregates.report.indicator_charts import Split, indicator_chart
from template_service.aggregates.report.indicator_words import (
    breakdown_words,
    caution,
    figure_cells,
    group_words,
)
from template_service.aggregates.vocabulary import IMD_DECILES
from tests.unit.aggregates.report.text_boxes import boxes, overlapping

SVG = "{http://www.w3.org/2000/svg}"
WORDY = (
    "A group of people whom their source names with great care, at length and in capital letters"
)


def figure(category: str, value: float, **changes: Any) -> IndicatorValue:
    """A made-up figure of Leeds by ethnic group, with its interval."""
    known = {
        "indicator": 4,
        "period": "2024/25",
        "geography_type": "city",
        "geography_code": "E08000035",
        "breakdown": "ethnic_group",
        "category": category,
        "value": value,
        "lower": value - 2,
        "upper": value + 3,
        "numerator": None,
        "denominator": 1000,
        "source": "made up",
    }
    return IndicatorValue(**{**known, **changes})


def published() -> tuple[IndicatorValue, ...]:
    """Life expectancy by decile and sex as the programme's report prints it."""
    with PUBLISHED_EXAMPLES.open(newline="", encoding="utf-8") as lines:
        rows = [row for row in csv.DictReader(lines) if row["indicator"] == "1"]
    return tuple(
        figure(
            row["category"],
            float(row["value"]),
            **dict.fromkeys(("lower", "upper", "denominator")),
            breakdown=row["breakdown"],
            period=row["period"],
        )
        for row in rows
    )


def chart_of(*values: IndicatorValue, unit: str = "percent", average: float | None = None) -> Chart:
    everybody = None
    if average is not None:
        everybody = replace(values[0], breakdown="all", category="all", value=average)
    chart = indicator_chart(Split("An indicator", UNITS[unit], "Leeds", values, everybody))
    assert chart
    return chart


def by_decile(breakdown: str = "imd_decile_2025", **changes: Any) -> tuple[IndicatorValue, ...]:
    groups = {"imd_decile_2025": [""], "imd_decile_2025/sex": ["/female", "/male", "/other"]}
    return tuple(
        figure(f"{decile}{group}", 40 + int(decile), breakdown=breakdown, **changes)
        for decile in reversed(IMD_DECILES)
        for group in groups[breakdown]
    )


GROUPS = (
    figure("white_british", 62),
    figure(WORDY, 20, lower=None, upper=None, denominator=None),
    figure("Black, African, Caribbean or Black British", 55.5, denominator=100),
    figure("mixed", 57, denominator=99),
)
CHARTS = {
    "published": lambda: chart_of(*published(), unit="years"),
    "deciles": lambda: chart_of(*by_decile(), average=45),
    "rates": lambda: chart_of(*by_decile(), unit="dasr_per_100000", average=45),
    "high rates": lambda: chart_of(
        *(replace(each, value=91_000, upper=98_000.5) for each in by_decile()),
        unit="dasr_per_100000",
    ),
    "by sex": lambda: chart_of(*by_decile("imd_decile_2025/sex"), average=45),
    "groups": lambda: chart_of(*GROUPS, average=58.3),
    "one group": lambda: chart_of(GROUPS[0]),
    "many groups": lambda: chart_of(*(figure(f"{each} {WORDY[:88]}", each) for each in range(20))),
}


def drawn_marks(chart: Chart) -> list[dict[str, Any]]:
    marks = chart.specification["datasets"]["marks"]
    assert isinstance(marks, list)
    return marks


def test_the_published_life_expectancy_is_drawn_by_decile_and_sex() -> None:
    chart = chart_of(*published(), unit="years")
    points = {(round(row["place"]), row["series"]): row["value"] for row in drawn_marks(chart)}
    assert points == {
        (1, "Female"): 77.6,
        (1, "Male"): 73.0,
        (10, "Female"): 86.9,
        (10, "Male"): 83.0,
    }
    assert all(row["lower"] is None and row["upper"] is None for row in drawn_marks(chart))
    assert chart.title == "An indicator by deprivation decile (IMD 2019) and sex"
    assert chart.measure == (
        "Leeds, 2020-2022: years; no intervals published; the axis does not start at 0."
    )
    assert "Female: decile 1 77.6 and decile 10 86.9 (not held: 2, 3, 4" in chart.alternative
    assert chart.rows[0] == ("Decile 1, female", "77.6", "–", "No interval: read with care")


def test_all_ten_deciles_keep_their_room_and_sexes_differ_in_shape_too(font: Font) -> None:
    root = ElementTree.fromstring(svg(chart_of(*published(), unit="years"), font))  # noqa: S314
    texts = [node.text for node in root.iter(f"{SVG}text")]
    assert set(IMD_DECILES) <= set(texts)
    assert "years" in texts
    middle = svg(chart_of(*by_decile()[4:6]), font)
    assert all(f">{decile}</text>" in middle for decile in IMD_DECILES)
    points = [
        node
        for node in root.iter(f"{SVG}path")
        if node.attrib.get("aria-roledescription") == "point"
    ]
    assert len(points) == 4
    assert len({(node.attrib["fill"], node.attrib["d"]) for node in points}) == 2
    assert len({node.attrib["d"] for node in points}) == 2


def test_an_interval_is_drawn_where_both_its_limits_are_there(font: Font) -> None:
    values = (*by_decile()[:2], *(replace(each, upper=None) for each in by_decile()[2:]))
    chart = chart_of(*values)
    assert [row["lower"] for row in drawn_marks(chart) if row["lower"] is not None] == [47, 48]
    root = ElementTree.fromstring(svg(chart, font))  # noqa: S314
    rules = [
        node
        for node in root.iter(f"{SVG}line")
        if node.attrib.get("aria-roledescription") == "rule mark"
    ]
    assert len(rules) == 2
    assert "95% intervals, where published" in chart.measure


@pytest.mark.parametrize("values", [GROUPS, by_decile()], ids=["groups", "deciles"])
def test_the_average_is_the_orange_line_and_stands_only_where_it_is_held(
    font: Font, values: tuple[IndicatorValue, ...]
) -> None:
    held, without = chart_of(*values, average=58.3), chart_of(*values)
    assert held.specification["datasets"]["average"] == [{"series": "Leeds average", "value": 58.3}]
    assert "Leeds average: 58.3" in held.alternative
    assert ORANGE in svg(held, font)
    assert without.specification["datasets"]["average"] == []
    assert ORANGE not in svg(without, font)
    assert "average" not in svg(without, font) + without.alternative


def test_deciles_stand_in_their_order_whatever_the_order_of_the_figures() -> None:
    places = [row["place"] for row in drawn_marks(chart_of(*by_decile()))]
    assert places == list(range(1, 11))
    of_three = drawn_marks(chart_of(*by_decile("imd_decile_2025/sex")))
    first = [row["place"] for row in of_three if round(row["place"]) == 1]
    assert len(set(first)) == 3
    assert all(abs(place - 1) < 0.5 for place in first)


def test_groups_keep_their_order_and_small_ones_are_noted(font: Font) -> None:
    chart = chart_of(*GROUPS)
    notes = {row["value"]: row["note"] for row in drawn_marks(chart)}
    assert notes == {
        62: "",
        55.5: "",
        57: "few people: read with care",
        20: "no interval: read with care",
    }
    picture = ElementTree.fromstring(svg(chart, font))  # noqa: S314  # our own
    texts = ["".join(node.itertext()) for node in picture.iter(f"{SVG}text")]
    names = ("White British", WORDY[:10], "Black, African", "Mixed or multiple")
    places = [texts.index(next(t for t in texts if t.startswith(name))) for name in names]
    assert places == sorted(places)
    assert "few people: read with care" in texts
    assert "Mixed or multiple 57 (55 to 60) (few people: read with care)" in chart.alternative


def test_a_break_in_the_series_is_said_above_the_chart_and_in_the_table() -> None:
    values = tuple(
        figure(
            category, 40, breakdown="free_school_meals", after_break="Who may have them changed."
        )
        for category in ("eligible", "not_eligible")
    )
    chart = chart_of(*values)
    assert chart.measure.endswith("Break in the series: Who may have them changed.")
    assert [row[3] for row in chart.rows] == ["Break in the series: Who may have them changed."] * 2
    assert chart.rows[1][0] == "Not eligible for free school meals"


def test_what_would_hide_itself_or_has_no_groups_is_not_drawn() -> None:
    ages = tuple(
        figure(f"1/{age}", 5, breakdown="imd_decile_2019/age_band")
        for age in ("0-4", "5-9", "10-14", "15-24", "80+")
    )
    for values in (
        (figure("all", 5, breakdown="all"),),
        (figure("female/5-9", 5, breakdown="sex/age_band"),),
        ages,
    ):
        assert indicator_chart(Split("An indicator", None, "Leeds", values, None)) is None
    legend = [row["series"] for row in drawn_marks(chart_of(*ages[:4]))]
    assert legend == ["Age 0 to 4", "Age 5 to 9", "Age 10 to 14", "Age 15 to 24"]


@pytest.mark.parametrize("name", CHARTS)
def test_a_chart_is_valid_and_no_text_is_clipped_or_covered(font: Font, name: str) -> None:
    chart = CHARTS[name]()
    alt.Chart.from_dict(chart.specification)
    assert chart.alternative
    picture = svg(chart, font)
    assert "…" not in picture
    config = {"font": f"'{font.family}', Arial, sans-serif"}
    content = vl_convert.vegalite_to_pdf(chart.specification, vl_version="6.4", config=config)
    found = boxes(content)
    with pikepdf.open(io.BytesIO(content)) as pdf:
        width, height = (float(edge) for edge in list(pdf.pages[0].mediabox)[2:])
    edges = [(box.left, box.bottom, width - box.right, height - box.top) for box in found]
    assert min(min(each) for each in edges) >= 0
    assert overlapping(found) == []


GROUP_WORDS = {
    ("imd_decile_2019/sex", "1/female"): "Decile 1, female",
    ("imd_decile_2025", "10"): "Decile 10",
    ("imd_decile_2019/ethnic_group", "2/Asian/British"): "Decile 2, Asian/British",
    ("sex/age_band", "male/80+"): "Male, age 80 and over",
    ("sex", "unknown"): "Not known",
    ("age_band", "16-24"): "Age 16 to 24",
    ("free_school_meals", "not_eligible"): "Not eligible for free school meals",
    ("ethnic_group", "gypsy_roma_traveller"): "Gypsy, Roma or Traveller",
    ("all", "all"): "Everybody",
}


@pytest.mark.parametrize(("named", "words"), GROUP_WORDS.items())
def test_groups_are_named_as_people_read_them(named: tuple[str, str], words: str) -> None:
    assert group_words(*named) == words


def test_breakdowns_are_named_as_people_read_them() -> None:
    assert breakdown_words("imd_decile_2019/sex") == "deprivation decile (IMD 2019) and sex"
    assert breakdown_words("imd_decile_2025") == "deprivation decile (IMD 2025)"
    assert breakdown_words("free_school_meals/ethnic_group") == (
        "free school meals and ethnic group"
    )
    assert breakdown_words("all") == ""


def test_everybody_needs_no_caution_and_few_people_come_first() -> None:
    bare = figure("all", 1234.5, breakdown="all", lower=None, upper=None, denominator=None)
    assert caution(bare) == ""
    assert figure_cells(bare) == ("Everybody", "1,234.5", "–", "–")
    assert caution(figure("mixed", 5, lower=None, upper=None, denominator=8)).startswith("few")
