"""Places: every postcode of Leeds, pseudo-postcodes, practices, damaged files."""

import csv
import gzip
import math
import sqlite3
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from directory.geography import (
    Geography,
    GeographyDamaged,
    InvalidPostcode,
    Place,
    UnknownPostcode,
    UnknownPractice,
    distance_km,
    normalise_postcode,
)
from directory.starter import build_geography

SHARED: Final = Path(__file__).parents[4] / "shared"
ELSEWHERE: Final = "AB10 1AB"

needs_shared_data = pytest.mark.skipif(not SHARED.exists(), reason="the shared data is absent")


def _shared(name: str) -> list[dict[str, str]]:
    path = SHARED / "data" / "geo" / name
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rt", encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


@needs_shared_data
def test_every_postcode_in_use_has_the_place_the_official_files_give_it(
    geography: Geography,
) -> None:
    ranks = {
        row["LSOA code (2011)"]: int(row["Index of Multiple Deprivation (IMD) Decile"])
        for row in _shared("leeds_File_1_-_IMD2019_Index_of_Multiple_Deprivation.csv")
    }
    located = 0
    for row in _shared("leeds_postcodes_joined.csv.gz"):
        if row["doterm"] and not row["lat"]:
            continue
        place = geography.place(row["pcds"])
        assert (place.postcode, place.lsoa11, place.lad_code) == (
            row["pcds"],
            row["lsoa11cd"],
            row["ladcd"],
        )
        assert place.imd_decile == ranks[row["lsoa11cd"]] == int(row["imd2019_decile"])
        assert not place.no_fixed_abode
        if row["lat"]:
            located += 1
            assert (place.ward_code, place.ward_name) == (row["ward_code"], row["ward24nm"])
            assert place.lat == pytest.approx(float(row["lat"]), abs=1e-5)
            assert place.lon == pytest.approx(float(row["long"]), abs=1e-5)
        else:
            assert place.lat is None
            assert place.ward_name
    assert located == 20_304


@needs_shared_data
def test_2021_areas_are_given_only_where_they_are_one_to_one(geography: Geography) -> None:
    lookup = _shared("leeds_lsoa11_lsoa21.csv")
    old = Counter(row["lsoa11_code"] for row in lookup)
    new = Counter(row["lsoa21_code"] for row in lookup)
    whole = {
        row["lsoa11_code"]: row["lsoa21_code"]
        for row in lookup
        if old[row["lsoa11_code"]] == new[row["lsoa21_code"]] == 1
    }
    placed = {
        place.lsoa11: place.lsoa21
        for place in (
            geography.place(row["pcds"])
            for row in _shared("leeds_postcodes_joined.csv.gz")
            if row["lat"]
        )
    }
    assert len(placed) == 482
    assert placed == {code: whole.get(code or "") for code in placed}


@needs_shared_data
def test_practices_and_networks_are_the_official_ones(geography: Geography) -> None:
    official = {row["ods_code"]: row for row in _shared("leeds_practices_pcn_lsoa.csv")}
    practices = geography.practices()
    assert [practice.ods_code for practice in practices] == sorted(official)
    for practice in practices:
        row = official[practice.ods_code]
        assert practice.pcn_code == row["pcn_code"]
        assert practice.pcn_name.casefold() == row["pcn_name"].casefold()
        assert practice.place.lsoa11 == row["lsoa11cd"]
        assert practice.place.imd_decile == int(row["imd2019_decile"])
        assert practice.phone.replace(" ", "") in (row["phone"].replace(" ", ""), "")
        assert practice.name != practice.name.upper()
        assert geography.place(practice.postcode).lsoa11 == practice.place.lsoa11
    assert {(pcn.code, pcn.name) for pcn in geography.pcns()} == {
        (practice.pcn_code, practice.pcn_name) for practice in practices
    }
    assert len(geography.pcns()) == 19


def test_names_are_written_as_people_write_them(geography: Geography) -> None:
    names = {practice.name for practice in geography.practices()}
    assert {"Dr G Lees & Partners", "Robin Lane Health and Wellbeing Centre"} <= names
    assert "Burmantofts, Harehills & Richmond Hill PCN" in {pcn.name for pcn in geography.pcns()}


@pytest.mark.parametrize("written", ["LS9 6AU", "ls96au", "  Ls9  6aU ", "L S 9 6 A U", "LS9\t6AU"])
def test_a_postcode_may_be_written_carelessly(geography: Geography, written: str) -> None:
    assert geography.place(written) == geography.place("LS9 6AU")


def test_place_of_a_postcode_with_everything_known(geography: Geography) -> None:
    place = geography.place("LS9 6AU")
    assert (place.ward_name, place.lad_name, place.lsoa11, place.imd_decile) == (
        "Burmantofts & Richmond Hill",
        "Leeds",
        "E01011344",
        1,
    )


@pytest.mark.parametrize(
    "text", ["", "Leeds", "LS9", "LS9 6A", "LS9 6AU1", "9LS 6AU", "LS9;6AU", "LS９ 6AU"]
)
def test_what_has_not_the_shape_of_a_postcode_is_refused(text: str) -> None:
    with pytest.raises(InvalidPostcode):
        normalise_postcode(text)


def test_an_unknown_postcode_is_named_by_the_table_and_never_repeated(geography: Geography) -> None:
    with pytest.raises(UnknownPostcode) as caught:
        geography.place(ELSEWHERE)
    assert str(caught.value) == "postcode is not in the Leeds starter table (20,564 postcodes)"


@given(st.text(max_size=20))
def test_any_text_is_a_postcode_or_refused(text: str) -> None:
    with suppress(InvalidPostcode):
        assert normalise_postcode(normalise_postcode(text)) == normalise_postcode(text)


@pytest.mark.parametrize("pseudo", ["ZZ99 3VZ", "zz993wz", "ZZ99 3CZ"])
def test_a_pseudo_postcode_tells_nothing_but_no_fixed_abode(
    geography: Geography, pseudo: str
) -> None:
    assert geography.place(pseudo) == Place(no_fixed_abode=True)


def test_no_fixed_abode_is_placed_by_practice_without_its_decile(geography: Geography) -> None:
    practice = geography.practice("B86081")
    place = geography.place_by_practice("B86081")
    assert place is not None
    assert (place.ward_code, place.lat, place.lon) == (
        practice.place.ward_code,
        practice.place.lat,
        practice.place.lon,
    )
    assert place.no_fixed_abode
    assert (place.imd_decile, place.lsoa11, place.lsoa21, place.postcode) == (None,) * 4
    assert practice.place.imd_decile == 1


def test_an_unknown_practice(geography: Geography) -> None:
    assert geography.place_by_practice("A00000") is None
    with pytest.raises(UnknownPractice, match="A00000"):
        geography.practice("A00000")


def test_nearest_postcodes_are_the_nearest(geography: Geography) -> None:
    here = geography.place("LS9 6AU")
    nearest = geography.nearest_postcodes(here, 200)
    assert nearest[0] == "LS9 6AU"
    assert len(set(nearest)) == 200
    away = [_from(here, geography.place(postcode)) for postcode in nearest]
    assert away == sorted(away)
    assert _from(here, geography.place("LS21 3HD")) > away[-1]


def test_nothing_is_near_an_unknown_place(geography: Geography) -> None:
    assert geography.nearest_postcodes(Place(no_fixed_abode=True), 5) == ()


def test_threads_share_one_geography(geography: Geography) -> None:
    postcodes = geography.nearest_postcodes(geography.place("LS9 6AU"), 400)
    with ThreadPoolExecutor(8) as pool:
        places = list(pool.map(geography.place, postcodes))
    assert [place.postcode for place in places] == list(postcodes)


@given(st.floats(53.6, 54.0), st.floats(-1.9, -1.2), st.floats(53.6, 54.0), st.floats(-1.9, -1.2))
def test_distance_agrees_with_the_great_circle(
    lat: float, lon: float, other_lat: float, other_lon: float
) -> None:
    assert distance_km(lat, lon, other_lat, other_lon) == pytest.approx(
        _great_circle_km(lat, lon, other_lat, other_lon), rel=1e-3, abs=1e-5
    )


def test_building_twice_replaces_the_file(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "geography.sqlite"
    build_geography(path)
    before = path.read_bytes()
    build_geography(path)
    assert path.read_bytes() == before
    assert [item.name for item in path.parent.iterdir()] == [path.name]


@pytest.mark.parametrize("content", [b"", b"not a database", b"SQLite format 3\0" + bytes(200)])
def test_a_file_that_is_not_ours_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "geography.sqlite"
    path.write_bytes(content)
    with pytest.raises(GeographyDamaged):
        Geography.open(path)


def test_a_missing_file_and_another_format_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "geography.sqlite"
    with pytest.raises(GeographyDamaged):
        Geography.open(path)
    build_geography(path)
    connection = sqlite3.connect(path)
    with connection:
        connection.execute("UPDATE meta SET value = '0' WHERE name = 'format'")
    connection.close()
    with pytest.raises(GeographyDamaged, match="another format"):
        Geography.open(path)


def _from(here: Place, there: Place) -> float:
    assert here.lat is not None
    assert here.lon is not None
    assert there.lat is not None
    assert there.lon is not None
    return distance_km(here.lat, here.lon, there.lat, there.lon)


def _great_circle_km(lat: float, lon: float, other_lat: float, other_lon: float) -> float:
    """The haversine formula, a second opinion."""
    up, across = math.radians(other_lat - lat), math.radians(other_lon - lon)
    half = (
        math.sin(up / 2) ** 2
        + math.cos(math.radians(lat))
        * math.cos(math.radians(other_lat))
        * math.sin(across / 2) ** 2
    )
    return 2 * 6371.0088 * math.asin(math.sqrt(half))
