"""What becomes of the rows of a postcode file: every one is counted once, none guessed at."""

import sqlite3
import tempfile
from collections.abc import Mapping
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from directory.geography import Geography, Place, UnknownPostcode
from directory.geography_import.importing import OfficialFiles, import_geography
from tests.unit.directory.geography_import.conftest import AREAS, Import, live
from tests.unit.directory.geography_import.official import (
    NSPL21,
    NSPL_2025,
    ONSPD,
    ONSPD_2025,
    imd_file_1,
    imd_file_7,
    postcode_file,
    postcode_row,
)

HERE: Final = live("LS9 6AU")
PLACE: Final = Place(
    postcode="LS9 6AU",
    lsoa11="E01011344",
    lsoa21="E01011344",
    ward_code="E05011388",
    lad_code="E08000035",
    lad_name="Leeds",
    lat=53.80892,
    lon=-1.50652,
    imd_decile=1,
)


@pytest.mark.parametrize("layout", [ONSPD, ONSPD_2025], ids=["older", "newer"])
@pytest.mark.parametrize("file", [imd_file_1, imd_file_7])
def test_a_row_becomes_a_place(take: Import, layout: str, file: object) -> None:
    assert callable(file)
    report, geography = take([HERE], layout, file(2011, AREAS))
    assert geography.place("ls96au") == PLACE
    assert geography.imd_edition == report.imd.edition == "IMD 2019"
    assert geography.small_area(PLACE) == "E01011344"
    assert geography.small_areas() == {"E01011344": (1, "E05011388")}
    assert geography.area_names() == {"E08000035": "Leeds"}


@pytest.mark.parametrize("layout", [NSPL21, NSPL_2025, ONSPD_2025])
def test_the_index_of_2025_goes_with_the_areas_of_2021(take: Import, layout: str) -> None:
    rows = [live("LS9 6AU", lsoa11="E01011264")]
    _, geography = take(rows, layout, imd_file_7(2021, AREAS))
    place = geography.place("LS9 6AU")
    assert place.imd_decile == 1
    assert place.lsoa11 == ("E01011264" if layout == ONSPD_2025 else None)
    assert geography.small_area(place) == "E01011344"


def test_the_rank_in_the_postcode_file_is_never_taken_for_a_decile(take: Import) -> None:
    _, geography = take([live("LS9 6AU", imd="9"), live("LS9 6AX", lsoa11="E01099999", imd="9")])
    assert geography.place("LS9 6AU").imd_decile == 1
    assert geography.place("LS9 6AX").imd_decile is None


def test_pseudo_postcodes_are_no_places(take: Import) -> None:
    report, geography = take([HERE, live("ZZ99 3VZ"), live("ZZ99 3WZ")])
    assert (report.postcodes.pseudo, report.postcodes.imported) == (2, 1)
    assert geography.place("ZZ99 3VZ") == Place(no_fixed_abode=True)
    assert geography._rows("SELECT postcode FROM postcode") == [("LS9 6AU",)]


def test_a_terminated_postcode_is_a_place_but_near_nobody(take: Import) -> None:
    report, geography = take([HERE, live("LS9 6AX", doterm="201006")])
    assert (report.postcodes.live, report.postcodes.terminated) == (1, 1)
    assert geography.place("LS9 6AX").lsoa11 == "E01011344"
    assert geography.nearest_postcodes(PLACE, 5) == ("LS9 6AU",)


@pytest.mark.parametrize(
    ("lat", "long", "impossible"),
    [
        ("99.999999", "0.000000", 0),
        ("0", "0", 0),
        ("", "", 0),
        ("-1.506520", "53.808920", 1),
        ("48.8", "2.3", 1),
        ("north", "west", 1),
        ("nan", "nan", 1),
    ],
)
def test_coordinates_that_are_none_or_impossible(
    take: Import, lat: str, long: str, impossible: int
) -> None:
    report, geography = take([live("LS9 6AU", lat=lat, long=long)])
    place = geography.place("LS9 6AU")
    assert (place.lat, place.lon, place.imd_decile) == (None, None, 1)
    assert report.postcodes.without_coordinates == 1
    assert report.postcodes.impossible_coordinates == impossible


def test_the_meridian_is_a_place_like_any_other(take: Import) -> None:
    _, geography = take([HERE, live("SE10 9NF", lat="51.477500", long="0.000000")])
    assert (geography.place("SE10 9NF").lat, geography.place("SE10 9NF").lon) == (51.4775, 0.0)


def test_other_countries_have_places_without_a_decile(take: Import) -> None:
    report, geography = take(
        [
            HERE,
            postcode_row("AB10 1AB", lad="S12000033", ward="S13002842", lsoa11="S01006514"),
            postcode_row("BT1 1AA", lad="N09000003", ward="N08000301", lsoa11="95GG40S1"),
            postcode_row("JE2 3AB", lad="L99999999", ward="L99999999", lsoa11="L99999999"),
            postcode_row("LS1 1AA", lad="E08000035", lsoa11="E01099999"),
        ]
    )
    counts = report.postcodes
    assert (counts.outside_england, counts.without_lsoa, counts.of_unknown_lsoa) == (2, 1, 1)
    assert geography.place("AB10 1AB") == Place(
        "AB10 1AB", lsoa11="S01006514", ward_code="S13002842", lad_code="S12000033"
    )
    assert geography.place("JE2 3AB") == Place("JE2 3AB")
    assert geography.place("LS1 1AA").imd_decile is None


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (live("LEEDS"), "not the shape of a UK postcode"),
        (live("LS9 6AX", ward="Gipton & Harehills"), "an area code has 8 or 9 capital letters"),
        (live("LS9 6AX", doterm="June 2010"), "the month of termination (doterm) is YYYYMM"),
        (live("LS9 6AX", lsoa11='E01011344","'), "not as many cells as headers"),
    ],
)
def test_a_bad_row_is_named_and_the_others_are_taken(
    take: Import, row: dict[str, str], reason: str
) -> None:
    report, geography = take([HERE, row, live("LS9 6AY")])
    (refused,) = report.refused_rows
    assert (refused.file, refused.row) == ("ONSPD_TEST_UK.csv", 3)
    assert refused.reason.startswith(reason)
    assert (report.postcodes.read, report.postcodes.refused, report.refused) == (3, 1, 1)
    assert geography.place("LS9 6AY").postcode == "LS9 6AY"
    with pytest.raises(UnknownPostcode):
        geography.place("LS9 6AX")


def test_many_bad_rows_are_counted_and_the_first_named(take: Import) -> None:
    report, _ = take([HERE, *[live("LEEDS")] * 500])
    assert report.postcodes.refused == report.refused == 500
    assert [row.row for row in report.refused_rows] == list(range(3, 103))


@pytest.mark.parametrize("in_order", [True, False])
@pytest.mark.parametrize(("first", "second"), [("201006", ""), ("", "201006"), ("", "")])
def test_of_a_postcode_that_is_there_twice_the_live_one_counts_else_the_first(
    take: Import, first: str, second: str, in_order: bool
) -> None:
    there = live("LS9 6AX", doterm=first, lsoa11="E01011264")
    again = live("LS9 6AX", doterm=second)
    between = [] if in_order else [live("LS9 9ZZ")]
    report, geography = take([HERE, there, *between, again])
    assert report.postcodes.duplicates == 1
    assert report.postcodes.live == len(between) + 2
    assert geography.place("LS9 6AX").lsoa11 == ("E01011344" if first else "E01011264")


def test_cells_may_be_quoted_or_not_and_carelessly_spaced(take: Import, tmp_path: Path) -> None:
    (tmp_path / "plain.csv").write_text(postcode_file(ONSPD, [HERE]).replace('"', ""))
    take([HERE])
    made = OfficialFiles(tmp_path / "plain.csv", tmp_path / "imd.csv")
    import_geography(tmp_path / "plain.sqlite", made)
    (tmp_path / "quoted.csv").write_text(
        "\ufeffPCDS ,DOTERM,Lad25cd,WD25CD,lsoa11cd,lat,long\r\n"
        '"LS9 6AU","","E08000035","E05011388"," E01011344 ","53.808920","-1.506520"\r\n\r\n'
    )
    import_geography(tmp_path / "quoted.sqlite", made._replace(postcodes=tmp_path / "quoted.csv"))
    for name, lsoa21 in (("plain", "E01011344"), ("quoted", None)):
        with closing(Geography.open(tmp_path / f"{name}.sqlite")) as geography:
            found = geography.place("LS9 6AU")
            assert (found.lsoa11, found.lsoa21, found.lat) == ("E01011344", lsoa21, 53.80892)


def test_a_file_without_the_spaced_postcode_is_read_by_the_others(
    take: Import, tmp_path: Path
) -> None:
    lines = (
        "pcd,doterm,oslaua,osward,lsoa11,lat,long\n"
        "LS9 6AU,,E08000035,E05011388,E01011344,53.8,-1.5\n"
        "LS106AU,,E08000035,E05011388,E01011344,53.8,-1.5\n"
    )
    take([HERE])
    (tmp_path / "pcd.csv").write_text(lines)
    files = OfficialFiles(tmp_path / "pcd.csv", tmp_path / "imd.csv")
    import_geography(tmp_path / "pcd.sqlite", files)
    with closing(sqlite3.connect(tmp_path / "pcd.sqlite")) as made:
        found = made.execute("SELECT postcode FROM postcode").fetchall()
    assert found == [("LS10 6AU",), ("LS9 6AU",)]


_ROWS: Final = st.lists(
    st.fixed_dictionaries(
        {
            "pcds": st.sampled_from(
                ["LS9 6AU", "LS9 6AX", "LS10 1AA", "ZZ99 3VZ", "BD1 1AA", "AB10 1AB", "nowhere"]
            ),
            "doterm": st.sampled_from(["", "", "199906"]),
            "lsoa11": st.sampled_from(["E01011344", "E01011264", "E01099999", "S01006514", ""]),
            "ward": st.sampled_from(["E05011388", "E05011384", "", "S13002842"]),
            "lat": st.sampled_from(["53.8", "99.999999", "-1.5"]),
            "long": st.sampled_from(["-1.5"]),
        }
    ),
    max_size=25,
)


@given(rows=_ROWS)
@settings(max_examples=60)
def test_counts_and_places_are_those_of_a_naive_reading(rows: list[dict[str, str]]) -> None:
    rows = [{"pcds": "LS1 1AA", "lsoa11": "E01011344"}, *rows]
    with tempfile.TemporaryDirectory() as folder:
        postcodes, imd = Path(folder) / "postcodes.csv", Path(folder) / "imd.csv"
        postcodes.write_text(
            postcode_file(ONSPD, (postcode_row("", **row) for row in rows)), newline=""
        )
        imd.write_text(imd_file_1(2011, AREAS), newline="")
        path = Path(folder) / "geography.sqlite"
        counts = asdict(import_geography(path, OfficialFiles(postcodes, imd)).postcodes)
        with closing(sqlite3.connect(path)) as made:
            held = made.execute(
                "SELECT postcode, lsoa11, terminated FROM postcode ORDER BY postcode"
            ).fetchall()
    kept, expected = _naive(rows)
    assert held == [
        (code, row["lsoa11"] or None, row.get("doterm") or None)
        for code, row in sorted(kept.items())
    ]
    assert {name: counts[name] for name in expected} == expected
    left_out = counts["pseudo"] + counts["duplicates"] + counts["refused"]
    assert counts["read"] == counts["live"] + counts["terminated"] + left_out
    assert counts["imported"] == counts["live"] + counts["terminated"] == len(held)


def _naive(
    rows: list[dict[str, str]],
) -> tuple[Mapping[str, Mapping[str, str]], Mapping[str, int]]:
    kept: dict[str, dict[str, str]] = {}
    for row in rows:
        code = row["pcds"]
        if code == "nowhere" or code.startswith("ZZ99"):
            continue
        if code not in kept or (kept[code].get("doterm") and not row.get("doterm")):
            kept[code] = row
    areas = [row["lsoa11"] for row in kept.values()]
    return kept, {
        "read": len(rows),
        "pseudo": sum(row["pcds"].startswith("ZZ99") for row in rows),
        "refused": sum(row["pcds"] == "nowhere" for row in rows),
        "terminated": sum(bool(row.get("doterm")) for row in kept.values()),
        "without_lsoa": areas.count(""),
        "of_unknown_lsoa": areas.count("E01099999"),
        "outside_england": areas.count("S01006514"),
        "without_coordinates": sum(row.get("lat") != "53.8" for row in kept.values()),
    }
