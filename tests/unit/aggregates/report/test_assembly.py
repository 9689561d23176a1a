"""A report is put together from the frozen cells and what was imported beside them."""

import shutil
from datetime import date
from pathlib import Path

import pyarrow.compute as pc
import pytest

from template_service import clock
from template_service.aggregates.figures import COLUMNS
from template_service.aggregates.frozen_cube import CORE20
from template_service.aggregates.indicators.imports import import_indicators
from template_service.aggregates.population import import_population
from template_service.aggregates.released_figures import ReleasedFigures
from template_service.aggregates.report.child_needs import SCHOOL, UNDER_FIVE
from template_service.aggregates.report.context import Gap
from template_service.aggregates.report.figures import Figures
from template_service.aggregates.report.fonts import Font
from template_service.aggregates.report.infographic import infographic
from template_service.aggregates.report_assembly import folder_of, report_of
from template_service.aggregates.reporting_period import Period
from template_service.errors import NotFound, Unavailable
from tests.unit.aggregates.report.made_up import CITY_CODE
from tests.unit.aggregates.report.made_up_months import (
    DEPRIVED,
    LEAFY,
    MIXED,
    MONTHS,
    close_months,
    lists,
)
from tests.unit.aggregates.report.made_up_months import released as released_of

SEPTEMBER = Period("2026-09", "2026-09")
QUARTER = Period("2026-07", "2026-09")


def test_the_table_has_the_network_and_the_city_alone(released: ReleasedFigures) -> None:
    table, about = report_of(released, DEPRIVED, SEPTEMBER)
    assert tuple(table.column_names) == COLUMNS
    assert set(table["geography_code"].to_pylist()) == {DEPRIVED, CITY_CODE}
    assert CORE20 in table["category"].to_pylist()
    assert (about.name, about.city_name) == ("Made-up Beck PCN", "Leeds")


def test_the_period_before_is_there_where_it_is_released(released: ReleasedFigures) -> None:
    table, about = report_of(released, None, SEPTEMBER)
    assert about.previous_period == "2026-08"
    before = table.filter(pc.equal(table["period"], "2026-08"))
    assert set(before["breakdown"].to_pylist()) == {"all"}
    _, about = report_of(released, None, Period("2026-08", "2026-09"))
    assert about.previous_period == ""
    _, about = report_of(released, None, QUARTER)
    assert about.previous_period == ""


def test_a_period_after_the_first_of_the_year_says_what_at_least_one_need_counts(
    released: ReleasedFigures, font: Font
) -> None:
    for period, said in ((SEPTEMBER, True), (Period(MONTHS[0], MONTHS[-1]), False)):
        table, about = report_of(released, DEPRIVED, period)
        method = str(infographic(Figures(table), about, font).page["rows"][-1])
        assert ("first needs of these months" in method) == said


def test_the_context_comes_from_lists_clock_and_release(
    released: ReleasedFigures, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(clock.TODAY_VARIABLE, "2026-11-22")
    gap = Gap("food", ("First Made-up Ward",))
    _, about = report_of(released, DEPRIVED, SEPTEMBER, gaps=[gap])
    assert about.generated == date(2026, 11, 22)
    assert about.imd_edition == "IMD 2019"
    assert about.demonstration
    assert about.gaps == (gap,)
    deciles = about.people_by("pcn", "imd_decile")
    assert deciles["1"] == 6 * (2 * 1900 * 62 // 100)
    assert sum(about.people_by("pcn", "child_age").values()) == sum(deciles.values()) / 2
    children = about.people_by("pcn", "child_decile")
    assert children["1"] == 3 * (2 * 1900 * 62 // 100)
    assert about.people_by("city", "child_decile")["1"] > children["1"]


def test_a_network_is_compared_allowing_for_age_and_the_city_with_nothing(
    released: ReleasedFigures,
) -> None:
    _, network = report_of(released, DEPRIVED, SEPTEMBER)
    assert network.standardised["money"].significance == "higher"
    assert "safety" not in network.standardised
    assert network.child_needs["money", UNDER_FIVE].comparison is not None
    _, city = report_of(released, None, SEPTEMBER)
    assert city.standardised == {}
    assert city.child_needs["money", SCHOOL].comparison is None


def test_a_network_has_a_slope_where_it_has_the_deciles(released: ReleasedFigures) -> None:
    slopes = {code: report_of(released, code, SEPTEMBER)[1] for code in (DEPRIVED, LEAFY, MIXED)}
    assert slopes[DEPRIVED].own_slope is None
    assert slopes[LEAFY].own_slope
    assert slopes[MIXED].own_slope
    assert slopes[DEPRIVED].slope == slopes[MIXED].slope
    assert slopes[MIXED].slope
    assert sum(end - start for start, end in slopes[MIXED].stretches.values()) == pytest.approx(1)


def test_an_unknown_network_and_months_not_released_are_not_found(
    released: ReleasedFigures,
) -> None:
    with pytest.raises(NotFound, match="no such pcn"):
        report_of(released, "U99999", SEPTEMBER)
    with pytest.raises(NotFound, match="2026-10, 2026-11"):
        report_of(released, DEPRIVED, Period("2026-09", "2026-11"))


def test_indicators_are_those_of_the_wards_beside_the_city(
    released: ReleasedFigures, folder: Path, tmp_path: Path
) -> None:
    copy = tmp_path / "aggregates"
    shutil.copytree(folder, copy)
    rows = (
        f"1,2020-2022,city,{CITY_CODE},all,all,80.0,,,,,made up",
        "1,2020-2022,ward,E05000001,all,all,76.5,,,,,made up",
        "1,2017-2019,ward,E05000001,all,all,99.0,,,,,made up",
        "1,2020-2022,ward,E05000009,all,all,70.0,,,,,made up",
        f"12,2023,city,{CITY_CODE},all,all,410,,,,,made up",
    )
    file = tmp_path / "indicators.csv"
    file.write_text(
        "indicator,period,geography_type,geography_code,breakdown,category,value,lower,upper,"
        "numerator,denominator,source\n" + "\n".join(rows) + "\n"
    )
    import_indicators(copy, file)
    _, about = report_of(released_of(copy), DEPRIVED, SEPTEMBER)
    found = {(row.number, row.place): (row.value, row.city_value) for row in about.indicators}
    assert found == {(1, "First Made-up Ward"): (76.5, 80.0), (12, "Leeds"): (410, 410)}
    assert report_of(released, DEPRIVED, SEPTEMBER)[1].indicators == ()


def test_lists_are_read_anew_after_an_import(folder: Path, tmp_path: Path) -> None:
    copy = tmp_path / "aggregates"
    close_months(copy, MONTHS[-1:])
    found = released_of(copy, MONTHS[-1:])
    assert report_of(found, DEPRIVED, SEPTEMBER)[1].residents == ()
    import_population(copy, lists(copy))
    assert report_of(found, DEPRIVED, SEPTEMBER)[1].people_by("pcn", "child_decile")
    (copy / "population" / "registered.parquet").write_bytes(b"not parquet")
    with pytest.raises(Unavailable, match=r"registered\.parquet"):
        report_of(found, DEPRIVED, SEPTEMBER)


def test_a_release_lies_in_its_folder_of_aggregates_finished_or_not() -> None:
    place = Path("/data/aggregates/releases")
    assert folder_of(place / "2026-09-001") == place.parent
    assert folder_of(place / ".work-1" / "2026-09-001") == place.parent
