"""The official files of Leeds, in the layouts of ONS, give the places of the starter geography."""

import csv
import gzip
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest

from directory.geography import Geography, Place
from directory.geography_import.importing import OfficialFiles, import_geography
from tests.unit.directory.geography_import.official import (
    ONSPD,
    ONSPD_2025,
    imd_file_7,
    names_file,
    postcode_file,
    postcode_row,
    zipped,
)

LOCATED: Final = 20_304
WITHOUT_COORDINATES: Final = 260


def _rows(path: Path) -> list[dict[str, str]]:
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rt", encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


@pytest.fixture(scope="module")
def geo(shared: Path) -> Path:
    return shared / "data" / "geo"


@pytest.fixture(scope="module")
def official(geo: Path, geography: Geography) -> list[dict[str, str]]:
    """Every postcode of the joined file as ONS would have it, of 2011 and 2021 areas."""
    pairs = _rows(geo / "leeds_lsoa11_lsoa21.csv")
    old = Counter(row["lsoa11_code"] for row in pairs)
    new = Counter(row["lsoa21_code"] for row in pairs)
    whole = {
        row["lsoa11_code"]: row["lsoa21_code"]
        for row in pairs
        if old[row["lsoa11_code"]] == new[row["lsoa21_code"]] == 1
    }
    return [
        _official_row(row, whole, geography) for row in _rows(geo / "leeds_postcodes_joined.csv.gz")
    ]


def _official_row(
    row: dict[str, str], whole: dict[str, str], geography: Geography
) -> dict[str, str]:
    ward = row["ward_code"]
    if not ward and not row["doterm"]:
        # The joined file has none: the best-fit ward, which the starter data decided on.
        ward = geography.place(row["pcds"]).ward_code or ""
    located = {"lat": row["lat"], "long": row["long"]} if row["lat"] else {}
    return postcode_row(
        row["pcds"],
        doterm="" if row["lat"] else row["doterm"],
        lad=row["ladcd"],
        ward=ward,
        lsoa11=row["lsoa11cd"],
        lsoa21=whole.get(row["lsoa11cd"], ""),
        **located,
    )


@pytest.fixture(scope="module", params=[ONSPD, ONSPD_2025], ids=["older", "newer"])
def imported(
    request: pytest.FixtureRequest,
    geo: Path,
    official: list[dict[str, str]],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Geography]:
    """A zip as published, the real IMD File 1, the real epraccur and ePCN."""
    folder = tmp_path_factory.mktemp("official")
    wards = {
        row["ward24_code"]: row["ward24_name"] for row in _rows(geo / "leeds_lsoa21_ward24.csv")
    }
    archive = zipped(
        folder / "ONSPD.zip",
        {
            "Data/ONSPD_AUG_2025_UK.csv": postcode_file(request.param, official),
            "Data/multi_csv/ONSPD_AUG_2025_UK_LS.csv": "left out",
            "Documents/WD Ward names and codes UK as at 12_24.csv": names_file(
                "WD24CD", "WD24NM", wards
            ),
            "Documents/LA_UA names and codes UK as at 04_23.csv": names_file(
                "LAD23CD", "LAD23NM", {"E08000035": "Leeds"}
            ),
            "User Guide/ONSPD User Guide.pdf": b"%PDF",
        },
    )
    report = import_geography(
        folder / "geography.sqlite",
        OfficialFiles(
            postcodes=archive,
            imd=geo / "leeds_File_1_-_IMD2019_Index_of_Multiple_Deprivation.csv",
            practices=geo / "leeds_epraccur_2025-09.csv",
            networks=(
                geo / "leeds_epcn_CorePartners_2023-01.csv",
                geo / "leeds_epcn_PCNDetails_2023-01.csv",
            ),
        ),
    )
    counts = report.postcodes
    assert counts.read == counts.imported == len(official)
    assert counts.live == LOCATED + WITHOUT_COORDINATES
    assert (report.refused, counts.of_unknown_lsoa, counts.without_lsoa) == (0, 0, 0)
    assert (report.imd.edition, report.imd.imported) == ("IMD 2019", 482)
    with closing(Geography.open(folder / "geography.sqlite")) as opened:
        yield opened


def test_every_place_is_that_of_the_starter_geography(
    imported: Geography, geography: Geography
) -> None:
    postcodes = [postcode for (postcode,) in geography._rows("SELECT postcode FROM postcode")]
    assert len(postcodes) == LOCATED + WITHOUT_COORDINATES
    assert [
        postcode
        for postcode in postcodes
        if not _same(imported.place(postcode), geography.place(postcode))
    ] == []


def _same(one: Place, other: Place) -> bool:
    """The starter data keep five decimals of the six published."""
    return replace(one, lat=None, lon=None) == replace(other, lat=None, lon=None) and (
        (one.lat, one.lon) == (other.lat, other.lon) == (None, None)
        or (one.lat, one.lon) == pytest.approx((other.lat, other.lon), abs=1.1e-5)
    )


def test_what_the_starter_geography_lacks_is_terminated(
    imported: Geography, geography: Geography
) -> None:
    known = {postcode for (postcode,) in geography._rows("SELECT postcode FROM postcode")}
    live = imported._rows("SELECT postcode FROM postcode WHERE terminated IS NULL")
    assert {postcode for (postcode,) in live} == known


def test_small_areas_and_names_are_those_of_the_starter_geography(
    imported: Geography, geography: Geography
) -> None:
    assert imported.small_areas() == geography.small_areas()
    assert imported.area_names() == geography.area_names()
    assert imported.imd_edition == geography.imd_edition


def test_practices_are_those_of_the_starter_geography(
    imported: Geography, geography: Geography
) -> None:
    ours, starter = imported.practices(), geography.practices()
    assert [practice.ods_code for practice in ours] == [one.ods_code for one in starter]
    for one, other in zip(ours, starter, strict=True):
        assert (one.postcode, one.pcn_code) == (other.postcode, other.pcn_code)
        assert one.pcn_name.casefold() == other.pcn_name.casefold()
        assert _same(one.place, other.place)
    assert {pcn.code for pcn in imported.pcns()} == {pcn.code for pcn in geography.pcns()}


def test_names_are_written_as_people_write_them(imported: Geography) -> None:
    names = {practice.name for practice in imported.practices()}
    assert {"Dr G Lees & Partners", "City View Medical Practice"} <= names
    networks = {pcn.name for pcn in imported.pcns()}
    assert {"LS25/LS26 PCN", "Burmantofts, Harehills & Richmond Hill PCN"} <= networks


def test_the_index_of_2025_is_joined_on_the_areas_of_2021(
    geo: Path, official: list[dict[str, str]], tmp_path: Path
) -> None:
    index = {
        row["lsoa21_code"]: (int(float(row["IMD_rank"])), int(float(row["IMD_decile"])))
        for row in _rows(geo / "leeds_imd2025_lsoa21.csv")
    }
    names = {
        row["lsoa21_code"]: row["lsoa21_name"] for row in _rows(geo / "leeds_lsoa21_ward24.csv")
    }
    imd = tmp_path / "File_7_IoD2025.csv"
    imd.write_text(
        imd_file_7(
            2021, ((code, names[code], "E08000035", "Leeds", *row) for code, row in index.items())
        )
    )
    postcodes = tmp_path / "ONSPD.csv"
    postcodes.write_text(postcode_file(ONSPD_2025, official))
    import_geography(tmp_path / "geography.sqlite", OfficialFiles(postcodes, imd))
    with closing(Geography.open(tmp_path / "geography.sqlite")) as imported:
        assert imported.imd_edition == "IMD 2025"
        for row in official[::7]:
            place = imported.place(row["pcds"])
            assert place.lsoa11 == row["lsoa11"]
            assert place.lsoa21 == (row["lsoa21"] or None) == imported.small_area(place)
            decile = index[row["lsoa21"]][1] if row["lsoa21"] else None
            assert place.imd_decile == decile
        assert set(imported.small_areas()) <= set(index)
