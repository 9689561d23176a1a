"""Registered people under who was asked: by area and category, as the lists have them."""

from pathlib import Path

import pytest

from template_service.aggregates.areas import Areas
from template_service.aggregates.coverage import NOT_KNOWN, Coverage
from template_service.aggregates.folder import REGISTERED
from template_service.aggregates.frozen_cube import CELLS
from template_service.aggregates.population import import_population
from template_service.errors import Unavailable
from tests.unit.aggregates.closed_city import AREAS, CITY

LISTS = """practice,pcn,sex,age_band,lsoa,registered
B86001,U10001,female,0-4,E01000001,10
B86001,U10001,male,20-24,E01000001,20
B86002,U10001,,20-24,E01000002,40
B86004,U10002,female,90+,E01999999,80
B86005,,male,,,160
"""


def cells(coverage: Coverage, kind: str, code: str) -> dict[tuple[str, str], int]:
    table = coverage.of(kind, code).tolist()
    return {cell: people for cell, people in zip(CELLS, table, strict=True) if people > 0}


@pytest.fixture
def coverage(tmp_path: Path) -> Coverage:
    source = tmp_path / "lists.csv"
    source.write_text(LISTS)
    import_population(tmp_path, source)
    return Coverage.read(tmp_path, AREAS)


def test_a_network_has_the_people_of_its_practices(coverage: Coverage) -> None:
    assert cells(coverage, "pcn", "U10001") == {
        ("all", "all"): 70,
        ("imd_decile", "1"): 30,
        ("imd_decile", "9"): 40,
        ("sex", "female"): 10,
        ("sex", "male"): 20,
        ("sex", "unknown"): 40,
        ("age_band", "0-4"): 10,
        ("age_band", "15-24"): 60,
    }


def test_who_is_in_no_known_place_counts_in_the_city_as_unknown(coverage: Coverage) -> None:
    city = cells(coverage, "city", CITY)
    assert city["all", "all"] == 310
    assert city["imd_decile", "unknown"] == 240
    assert cells(coverage, "ward", "unknown")["all", "all"] == 240
    assert cells(coverage, "pcn", "unknown")["all", "all"] == 160


def test_wards_are_where_small_areas_lie(coverage: Coverage) -> None:
    assert cells(coverage, "ward", "E05000001")["all", "all"] == 30
    assert cells(coverage, "ward", "E05000002")["all", "all"] == 40


def test_lists_do_not_say_ethnic_group_or_language(coverage: Coverage) -> None:
    table = coverage.of("city", CITY)
    for place, (breakdown, _) in enumerate(CELLS):
        if breakdown in ("ethnic_group", "language_group"):
            assert table[place] == NOT_KNOWN


def test_without_lists_nothing_is_known(tmp_path: Path) -> None:
    assert set(Coverage.read(tmp_path, AREAS).of("city", CITY).tolist()) == {NOT_KNOWN}


def test_damaged_lists_are_named(tmp_path: Path) -> None:
    path = tmp_path / REGISTERED
    path.parent.mkdir()
    path.write_bytes(b"not parquet")
    with pytest.raises(Unavailable, match=r"registered\.parquet"):
        Coverage.read(tmp_path, AREAS)


def test_the_areas_of_leeds_have_names_and_deciles(leeds: Areas) -> None:
    assert leeds.name("city", leeds.city) == "Leeds"
    assert len(leeds.names["pcn"]) == 19
    assert len(leeds.names["practice"]) == 86
    assert {decile for decile, _ in leeds.small_areas.values()} == set(range(1, 11))
    assert {ward for _, ward in leeds.small_areas.values()} <= set(leeds.names["ward"])
