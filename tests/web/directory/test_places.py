"""Places to look around: wards and practices, and postcodes that become their wards."""

import gzip
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from directory.geography import Geography, distance_km
from directory.starter import LEEDS, build_geography
from template_service.web.directory_places import (
    NotPlaced,
    city_of,
    home_of,
    place_name,
    place_of,
    ward_of,
)


@pytest.fixture(scope="module")
def leeds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Geography]:
    path = tmp_path_factory.mktemp("leeds") / "geography.sqlite"
    build_geography(path)
    with closing(Geography.open(path)) as geography:
        yield geography


def test_the_city_has_its_wards_by_name_each_in_its_middle(leeds: Geography) -> None:
    city = city_of(leeds)
    names = [place.ward_name or "" for place in city.wards.values()]
    assert len(names) == 33
    assert names == sorted(names)
    for practice in leeds.practices():
        own, ward = practice.place, city.wards.get(practice.place.ward_code or "")
        if own.lat is None or own.lon is None or ward is None:
            continue
        assert ward.lat is not None
        assert ward.lon is not None
        assert distance_km(own.lat, own.lon, ward.lat, ward.lon) < 12


def test_home_is_the_city_with_all_its_wards(leeds: Geography) -> None:
    home = home_of(leeds)
    assert home is not None
    assert home.areas > city_of(leeds).wards.keys()
    assert {"E08000035", "E92000001", "K02000001"} <= home.areas
    assert home.middle.lat == city_of(leeds).lat


def test_a_practice_stands_for_what_is_around_it(leeds: Geography) -> None:
    place = place_of(leeds, "B86002")
    assert place is not None
    assert place.no_fixed_abode
    assert place_name(leeds, "B86002") == "City View Medical Practice"
    assert place_of(leeds, "X99999") is None
    assert place_name(leeds, "X99999") == ""


def test_a_postcode_becomes_the_ward_it_is_in(leeds: Geography) -> None:
    for practice in leeds.practices():
        if practice.place.ward_code in city_of(leeds).wards:
            assert ward_of(leeds, practice.postcode) == practice.place.ward_code


@pytest.mark.parametrize("postcode", ["LS9 9ZZ", "nonsense", "ZZ99 3VZ"])
def test_a_refusal_never_repeats_the_postcode(leeds: Geography, postcode: str) -> None:
    with pytest.raises(NotPlaced) as refused:
        ward_of(leeds, postcode)
    assert postcode.casefold() not in str(refused.value).casefold()


def test_a_postcode_of_another_city_is_told_apart(tmp_path: Path) -> None:
    add = {
        "areas.csv": "E08999999,Made-up City,local authority\nE05999999,Made-up Ward,ward\n",
        "lsoa.csv": "E01999999,Made-up 1A,E01999999,E05999999,E08999999,5,1\n",
        "lsoa21.csv": "E01999999,Made-up 1A,E05999999,E08999999,5,1\n",
        "postcodes.csv.gz": "LS99 9ZZ,E01999999,E05999999,53.8,-1.6\n",
    }
    with closing(_with_tables(tmp_path, add)) as geography:
        assert "E05999999" not in city_of(geography).wards
        with pytest.raises(NotPlaced, match="This postcode is not in Leeds: choose a ward nearby"):
            ward_of(geography, "LS99 9ZZ")


def test_without_practices_there_is_nothing_to_choose(tmp_path: Path) -> None:
    with closing(_with_tables(tmp_path, {}, empty="practices.csv")) as geography:
        city = city_of(geography)
        assert not city.wards
        assert home_of(geography) is None
        assert not city.practices


def _with_tables(folder: Path, add: dict[str, str], empty: str = "") -> Geography:
    """The starter tables with rows added, or one of them without rows."""
    for file in (*LEEDS.glob("*.csv"), *LEEDS.glob("*.gz")):
        reads = gzip.open if file.suffix == ".gz" else open
        with reads(file, "rt", encoding="utf-8") as source:
            text = source.readline() if file.name == empty else source.read()
        with reads(folder / file.name, "wt", encoding="utf-8") as copy:
            copy.write(text + add.get(file.name, ""))
    build_geography(folder / "geography.sqlite", folder)
    return Geography.open(folder / "geography.sqlite")
