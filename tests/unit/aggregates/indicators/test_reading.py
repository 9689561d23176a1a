"""Reading for charts: filters, the newest period, breaks in series, editions kept apart."""

from collections.abc import Callable
from pathlib import Path

import pytest

from template_service.aggregates.indicators.imports import import_indicators
from template_service.aggregates.indicators.reading import indicator_values, series, standings
from template_service.errors import Invalid
from tests.unit.aggregates.indicators.lines import LEEDS, Row, bare

Write = Callable[..., Path]
FSM = "free_school_meals"


@pytest.fixture
def imported(folder: Path, write: Write, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Path]:
    """Imports rows and gives the folder, on a day when every period of the tests has come."""
    monkeypatch.setenv("TEMPLATE_SERVICE_TODAY", "2029-01-01")

    def done(*rows: Row) -> Path:
        import_indicators(folder, write(*rows))
        return folder

    return done


def test_an_empty_folder_has_no_figures(folder: Path) -> None:
    assert indicator_values(folder) == ()
    assert series(()) == ()
    assert {each.figures for each in standings(folder)} == {0}


def test_every_filter_narrows(imported: Callable[..., Path]) -> None:
    ward = {"geography_type": "ward", "geography_code": "E05011385"}
    sex = {"breakdown": "sex", "category": "male"}
    folder = imported(
        bare(),
        bare(period="2023/24"),
        bare(**ward),
        bare(**ward | {"geography_code": "E05011387"}),
        bare(**sex),
        bare(indicator="4"),
    )
    assert len(indicator_values(folder)) == 6
    assert [each.indicator for each in indicator_values(folder, indicator=4)] == [4]
    assert len(indicator_values(folder, geography_type="ward")) == 2
    assert len(indicator_values(folder, geography_code="E05011385")) == 1
    assert [each.category for each in indicator_values(folder, breakdown="sex")] == ["male"]
    assert len(indicator_values(folder, period="2023/24")) == 1
    assert len(indicator_values(folder, geography_code=LEEDS, indicator=5, breakdown="all")) == 2
    assert indicator_values(folder, indicator=4, period="2023/24") == ()


@pytest.mark.parametrize(
    ("filters", "words"),
    [
        ({"indicator": 16}, "indicator: is not one of 1 to 15"),
        ({"geography_type": "parish"}, "geography_type: is not one of city"),
        ({"breakdown": "shoe_size"}, "breakdown: is not one of all"),
        ({"breakdown": "imd_decile"}, "breakdown: does not name the edition of the IMD"),
        ({"breakdown": "imd_decile_2019/imd_decile_2025"}, "breakdown: crosses"),
        ({"period": "lately"}, "period: is not a period"),
    ],
)
def test_a_filter_that_is_no_word_of_ours_is_refused(
    filters: dict[str, object], words: str, folder: Path
) -> None:
    with pytest.raises(Invalid, match=f"^{words}"):
        indicator_values(folder, **filters)  # type: ignore[arg-type]


def test_figures_come_in_the_order_people_read_them(imported: Callable[..., Path]) -> None:
    deciles = [bare(breakdown="imd_decile_2019", category=str(decile)) for decile in (10, 2, 1, 9)]
    ages = [
        bare(indicator="9", breakdown="age_band", category=band) for band in ("65+", "5-9", "16-24")
    ]
    folder = imported(*ages, *deciles, bare(), bare(period="2020/21"))
    found = [(each.indicator, each.category, each.period) for each in indicator_values(folder)]
    assert found == [
        (5, "all", "2020/21"),
        (5, "all", "2024/25"),
        *((5, decile, "2024/25") for decile in ("1", "2", "9", "10")),
        *((9, band, "2024/25") for band in ("5-9", "16-24", "65+")),
    ]


def test_the_latest_period_is_one_for_all_areas_of_a_breakdown(
    imported: Callable[..., Path],
) -> None:
    ward = {"geography_type": "ward"}
    folder = imported(
        bare(period="2024/25"),
        bare(period="2023/24"),
        bare(**ward, geography_code="E05011385", period="2022/23"),
        bare(**ward, geography_code="E05011385", period="2021/22"),
        bare(**ward, geography_code="E05011387", period="2021/22"),
        bare(breakdown="imd_decile_2019", category="1", period="2023/24"),
        bare(breakdown="imd_decile_2025", category="1", period="2024/25"),
    )
    found = [
        (each.geography_code, each.breakdown, each.period)
        for each in indicator_values(folder, latest=True)
    ]
    assert found == [
        (LEEDS, "all", "2024/25"),
        (LEEDS, "imd_decile_2019", "2023/24"),
        (LEEDS, "imd_decile_2025", "2024/25"),
        ("E05011385", "all", "2022/23"),
    ]


def test_a_newer_figure_is_read_in_place_of_the_older_under_every_filter(
    imported: Callable[..., Path], write: Write
) -> None:
    folder = imported(bare(), bare(period="2023/24"))
    import_indicators(folder, write(bare(value="70")), replace=True)
    assert [each.value for each in indicator_values(folder, period="2024/25")] == [70]
    assert [each.value for each in indicator_values(folder, latest=True)] == [70]


@pytest.mark.parametrize(
    ("period", "after"),
    [
        ("2025/26", False),
        ("2026-08", False),
        ("2026-09", True),
        ("2026-07/2026-09", True),
        ("2026/27", True),
        ("2024-2026", True),
        ("2025", False),
    ],
)
def test_figures_by_free_school_meals_are_flagged_after_the_break(
    period: str, after: bool, imported: Callable[..., Path]
) -> None:
    folder = imported(
        bare(period=period),
        bare(period=period, breakdown=FSM, category="eligible"),
        bare(period=period, breakdown=f"{FSM}/ethnic_group", category="eligible/White"),
        bare(period=period, breakdown="sex", category="male"),
    )
    flags = {
        each.breakdown: "September 2026" in each.after_break for each in indicator_values(folder)
    }
    assert flags == {"all": False, FSM: after, f"{FSM}/ethnic_group": after, "sex": False}


def test_no_line_crosses_a_break_in_the_series(imported: Callable[..., Path]) -> None:
    periods = ("2024/25", "2025/26", "2026/27", "2027/28")
    folder = imported(
        *(bare(period=each, breakdown=FSM, category="eligible") for each in reversed(periods))
    )
    found = [tuple(each.period for each in one.points) for one in series(indicator_values(folder))]
    assert found == [periods[:2], periods[2:]]


def test_no_line_joins_editions_groups_areas_or_kinds_of_period(
    imported: Callable[..., Path],
) -> None:
    rows = [
        bare(indicator="1", breakdown=breakdown, category=category, period=period)
        for breakdown, category in (
            ("imd_decile_2019", "1"),
            ("imd_decile_2019", "2"),
            ("imd_decile_2025", "1"),
        )
        for period in ("2022", "2023", "2020-2022", "2021-2023", "2022/23")
    ]
    ward = bare(indicator="1", geography_type="ward", geography_code="E05011385", period="2023")
    found = series(indicator_values(imported(*rows, ward)))
    for one in found:
        assert {(each.key[0], *each.key[2:]) for each in one.points} == {
            (1, one.geography_type, one.geography_code, one.breakdown, one.category)
        }
    assert sum(len(one.points) for one in found) == len(rows) + 1
    by_line = {
        (one.geography_type, one.breakdown, one.category, tuple(each.period for each in one.points))
        for one in found
    }
    kinds = (("2022", "2023"), ("2020-2022", "2021-2023"), ("2022/23",))
    assert by_line == {
        ("city", breakdown, category, periods)
        for breakdown, category in (
            ("imd_decile_2019", "1"),
            ("imd_decile_2019", "2"),
            ("imd_decile_2025", "1"),
        )
        for periods in kinds
    } | {("ward", "all", "all", ("2023",))}


def test_what_there_is_of_each_indicator_says_so(
    imported: Callable[..., Path], write: Write
) -> None:
    folder = imported(
        bare(), bare(period="2021/22"), bare(indicator="14", value="12", period="2023")
    )
    import_indicators(folder, write(bare(value="70")), replace=True)
    found = {each.indicator.id: each for each in standings(folder)}
    assert list(found) == list(range(1, 16))
    assert (found[5].figures, found[5].periods, found[5].says) == (2, ("2021/22", "2024/25"), "")
    assert found[14].says == ""
    assert found[15].says == "In development: the programme has not published figures yet."
    assert (found[1].figures, found[1].says) == (0, "No figures have been imported yet.")
