"""Practices of epraccur and networks of ePCN: active GP practices, present partnerships."""

import csv
import io
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from directory.geography import Geography, UnknownPractice
from directory.geography_import.importing import GeographyReport, OfficialFiles, import_geography
from directory.geography_import.official_names import as_people_write
from directory.starter import build_geography
from tests.unit.directory.geography_import.conftest import AREAS, live
from tests.unit.directory.geography_import.official import ONSPD, imd_file_1, postcode_file

PARTNERS: Final = [
    "Partner\nOrganisation\nCode",
    "Partner\nName",
    "Practice\nParent\nSub ICB Loc Code",
    "Practice Parent\nSub ICB Loc Name",
    "PCN Code",
    "PCN Name",
    "PCN Parent\nSub ICB Loc Code",
    "PCN Parent\nSub ICB Loc Name",
    "Practice to PCN\nRelationship\nStart Date",
    "Practice to PCN\nRelationship\nEnd Date",
    "Match",
]


def practice(code: str, **cells: str) -> list[str]:
    row = [""] * 27
    row[0], row[1], row[9], row[12], row[25] = code, "CITY VIEW SURGERY", "LS9 6AU", "A", "4"
    for column, text in cells.items():
        row[int(column.removeprefix("column_"))] = text
    return row


def partner(code: str, pcn: str, ended: str = "") -> list[str]:
    return [code, "A PRACTICE", "15F", "ICB", pcn, f"{pcn} PCN", "15F", "ICB", "", ended, "True"]


def text_of(rows: list[list[str]]) -> str:
    out = io.StringIO(newline="")
    csv.writer(out).writerows(rows)
    return out.getvalue()


Take = Callable[..., tuple[GeographyReport, Geography]]


@pytest.fixture
def take_practices(path: Path, tmp_path: Path, opened: Callable[[], Geography]) -> Take:
    (tmp_path / "postcodes.csv").write_text(postcode_file(ONSPD, [live("LS9 6AU")]), newline="")
    (tmp_path / "imd.csv").write_text(imd_file_1(2011, AREAS), newline="")

    def run(
        rows: list[list[str]] | None, *networks: list[list[str]]
    ) -> tuple[GeographyReport, Geography]:
        files = OfficialFiles(tmp_path / "postcodes.csv", tmp_path / "imd.csv")
        if rows is not None:
            (tmp_path / "epraccur.csv").write_text(text_of(rows), newline="")
            files = files._replace(practices=tmp_path / "epraccur.csv")
        for number, network in enumerate(networks):
            (tmp_path / f"{number}.csv").write_text(text_of(network), newline="")
        paths = [tmp_path / f"{number}.csv" for number in range(len(networks))]
        return import_geography(path, files._replace(networks=paths)), opened()

    return run


def test_active_gp_practices_are_taken_and_others_left_out(take_practices: Take) -> None:
    _, geography = take_practices(
        [
            practice("B86001", column_12="C"),
            practice("B86002", column_17="0113 467 7515"),
            practice("B86003", column_25="9"),
        ],
        [PARTNERS, partner("B86002", "U16878")],
    )
    (found,) = geography.practices()
    assert (found.ods_code, found.name, found.phone) == (
        "B86002",
        "City View Surgery",
        "0113 467 7515",
    )
    assert (found.pcn_code, found.pcn_name) == ("U16878", "U16878 PCN")
    assert found.place == geography.place("LS9 6AU")
    with pytest.raises(UnknownPractice):
        geography.practice("B86001")


def test_the_present_network_counts_and_details_correct_its_name(take_practices: Take) -> None:
    report, geography = take_practices(
        [practice("B86002"), practice("B86004")],
        [PARTNERS, partner("B86002", "U11111"), partner("B86002", "U22222", "20230331")],
        [
            ["PCN Code", "PCN Name", "Close Date", "Postcode"],
            ["U11111", "NORTH PCN", "", "LS9 6AU"],
            ["U22222", "SOUTH PCN", "20230331", "LS9 6AU"],
        ],
    )
    assert [(pcn.code, pcn.name) for pcn in geography.pcns()] == [("U11111", "North PCN")]
    assert [one.pcn_code for one in geography.practices()] == ["U11111", ""]
    assert report.practices.without_network == 1


def test_core_partners_without_their_header_are_recognised(take_practices: Take) -> None:
    _, geography = take_practices([practice("B86002")], [partner("B86002", "U16878")])
    assert geography.practice("B86002").pcn_code == "U16878"


def test_bad_rows_are_named_and_the_others_taken(take_practices: Take) -> None:
    report, geography = take_practices(
        [
            practice("B86002"),
            practice("B86003", column_9="nowhere"),
            practice("B86004")[:9],
            practice("B86002"),
            practice("B86005", column_9="LS1 1AA"),
        ]
    )
    assert [(row.row, row.reason) for row in report.refused_rows] == [
        (2, "B86003 has no postcode"),
        (3, "9 cells instead of 27"),
        (4, "B86002 is there twice: the first counts"),
    ]
    assert (report.practices.read, report.practices.imported) == (5, 2)
    assert report.practices.without_place == 1
    nowhere = geography.practice("B86005").place
    assert (nowhere.postcode, nowhere.lsoa11, nowhere.lat) == ("LS1 1AA", None, None)


def test_without_a_file_the_practices_there_were_are_kept_and_placed_anew(
    path: Path, take_practices: Take, geography: Geography
) -> None:
    build_geography(path)
    _, imported = take_practices(None)
    assert [
        (one.ods_code, one.name, one.phone, one.pcn_code, one.pcn_name)
        for one in imported.practices()
    ] == [
        (one.ods_code, one.name, one.phone, one.pcn_code, one.pcn_name)
        for one in geography.practices()
    ]
    assert imported.pcns() == geography.pcns()
    assert imported.practice("B86081").place == imported.place(imported.practice("B86081").postcode)


def test_where_the_older_tables_cannot_be_read_there_are_no_practices(
    path: Path, take_practices: Take
) -> None:
    path.parent.mkdir()
    path.write_bytes(b"not a database")
    _, imported = take_practices(None)
    assert imported.practices() == ()


@pytest.mark.parametrize(
    ("published", "written"),
    [
        ("DR G LEES & PARTNERS", "Dr G Lees & Partners"),
        ("THE AVENUE SURGERY", "The Avenue Surgery"),
        ("LS25/LS26 PCN", "LS25/LS26 PCN"),
        ("ST MARTIN'S  PRACTICE", "St Martin's Practice"),
        ("NHS HEALTH CENTRE AT THE PARK", "NHS Health Centre at the Park"),
        ("Lingwell Croft PCN", "Lingwell Croft PCN"),
    ],
)
def test_names_in_capitals_are_written_as_people_write_them(published: str, written: str) -> None:
    assert as_people_write(published) == written


@given(st.text(alphabet=st.characters(max_codepoint=0x17F), max_size=40))
def test_nothing_but_the_case_and_white_space_of_a_name_changes(name: str) -> None:
    written = as_people_write(name)
    assert written.casefold() == " ".join(name.split()).casefold()
    assert as_people_write(written) == written
