"""Two networks, or two periods of one area: differences with Newcombe's intervals."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from statsmodels.stats.proportion import confint_proportions_2indep

from template_service.aggregates.released_figures import ReleasedFigures
from template_service.aggregates.report.comparison import compare, difference
from template_service.aggregates.report.comparison_chart import comparison_chart
from template_service.aggregates.report.figures import Shown
from template_service.aggregates.report.fonts import Font
from template_service.aggregates.report_assembly import Subject
from template_service.aggregates.reporting_period import Period
from template_service.aggregates.statistics.proportions import proportion
from template_service.errors import Invalid, NotFound
from tests.unit.aggregates.report.made_up_months import DEPRIVED, LEAFY, MIXED
from tests.unit.aggregates.report.test_layout import check_chart

AUGUST, SEPTEMBER = Period.parse("2026-08"), Period.parse("2026-09")


def shown(count: int, total: int) -> Shown:
    return Shown(*proportion(count, total)[:3], count, total, None, "")


@given(st.data(), st.integers(1, 2000), st.integers(1, 2000))
def test_the_interval_is_that_of_statsmodels(data: st.DataObject, one: int, other: int) -> None:
    counts = data.draw(st.tuples(st.integers(0, one), st.integers(0, other)))
    found = difference(shown(counts[0], one), shown(counts[1], other))
    # statsmodels warns of shares of 0 and 1, where its other figures are not defined.
    assume(0 < counts[0] < one and 0 < counts[1] < other)
    lower, upper = confint_proportions_2indep(
        counts[0], one, counts[1], other, method="newcomb", compare="diff"
    )
    assert (found.lower, found.upper) == pytest.approx((lower, upper), abs=1e-9)
    assert found.value == pytest.approx(counts[0] / one - counts[1] / other)


def test_the_worked_example_of_the_paper() -> None:
    """Newcombe 1998, table II (a): 56/70 and 48/80 by method 10."""
    found = difference(shown(56, 70), shown(48, 80))
    assert [round(limit, 4) for limit in found[:3]] == [0.2, 0.0524, 0.3339]
    assert found.significance == "higher"


def test_two_networks_in_one_period(released: ReleasedFigures) -> None:
    found = compare(released, Subject(DEPRIVED, SEPTEMBER), Subject(LEAFY, SEPTEMBER))
    assert (found.left, found.right) == (
        "Made-up Beck PCN",
        "Made-up Hill & Long Valley PCN",
    )
    need = found.row("any", "need")
    assert need
    assert need.left
    assert need.difference
    assert need.difference.significance == "higher"
    back = compare(released, Subject(LEAFY, SEPTEMBER), Subject(DEPRIVED, SEPTEMBER))
    other = back.row("any", "need")
    assert other
    assert other.difference
    assert other.difference.value == -need.difference.value
    assert other.difference.significance == "lower"


def test_two_periods_of_one_area(released: ReleasedFigures) -> None:
    for pcn in (MIXED, None):
        found = compare(released, Subject(pcn, SEPTEMBER), Subject(pcn, AUGUST))
        assert (found.left, found.right) == ("September 2026", "August 2026")
        words = {row.difference.significance for row in found.rows if row.difference}
        assert words == {"similar"}


def test_safety_is_in_no_comparison_and_fairness_in_those_of_the_city(
    released: ReleasedFigures,
) -> None:
    network = compare(released, Subject(MIXED, SEPTEMBER), Subject(LEAFY, SEPTEMBER))
    city = compare(released, Subject(None, SEPTEMBER), Subject(None, AUGUST))
    assert not {"safety", "fairness"} & {row.domain for row in network.rows}
    assert {row.domain for row in city.rows} >= {"fairness"}
    assert "safety" not in {row.domain for row in city.rows}


def test_the_table_says_why_there_is_no_difference(released: ReleasedFigures) -> None:
    found = compare(released, Subject(LEAFY, SEPTEMBER), Subject(DEPRIVED, SEPTEMBER))
    cells = found.cells()
    assert {len(row) for row in cells} == {len(found.columns)}
    missing = [row for row in cells if row[8] is None]
    assert missing
    assert all(row[-1] for row in missing)
    assert any(row[-1] == "Fewer than 8 people" for row in missing)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (Subject(DEPRIVED, SEPTEMBER), Subject(LEAFY, AUGUST)),
        (Subject(DEPRIVED, SEPTEMBER), Subject(DEPRIVED, SEPTEMBER)),
        (Subject(DEPRIVED, SEPTEMBER), Subject(None, SEPTEMBER)),
        (Subject(None, SEPTEMBER), Subject(None, Period("2026-08", "2026-09"))),
    ],
    ids=["both differ", "the same", "a part and its whole", "periods overlap"],
)
def test_what_cannot_be_compared_is_refused(
    released: ReleasedFigures, left: Subject, right: Subject
) -> None:
    with pytest.raises(Invalid):
        compare(released, left, right)


def test_unknown_networks_and_months_are_not_found(released: ReleasedFigures) -> None:
    with pytest.raises(NotFound, match="no such pcn"):
        compare(released, Subject("U99999", SEPTEMBER), Subject(LEAFY, SEPTEMBER))
    with pytest.raises(NotFound, match="2026-12"):
        compare(released, Subject(LEAFY, SEPTEMBER), Subject(LEAFY, Period.parse("2026-12")))


def test_the_chart_shows_both_sides_and_the_difference(
    released: ReleasedFigures, font: Font
) -> None:
    chart = comparison_chart(
        compare(released, Subject(MIXED, SEPTEMBER), Subject(LEAFY, SEPTEMBER))
    )
    assert chart
    assert "At least one need" not in str(chart.rows)
    notes = [row["note"] for row in chart.specification["datasets"]["notes"]]
    assert all(note.endswith((" higher", " similar", " lower")) for note in notes)
    check_chart(chart, font)
