"""Files that cannot be imported are refused by name and reason, and nothing changes."""

import io
import random
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest

from directory.geography_import.importing import OfficialFiles, import_geography
from directory.geography_import.sources import GeographyRefused
from directory.starter import build_geography
from tests.unit.directory.geography_import.conftest import AREAS, live
from tests.unit.directory.geography_import.official import (
    NSPL21,
    ONSPD,
    imd_file_1,
    imd_file_7,
    names_file,
    postcode_file,
    zipped,
)

POSTCODES: Final = postcode_file(ONSPD, [live("LS9 6AU")])
IMD: Final = imd_file_1(2011, AREAS)
EPRACCUR: Final = ",".join(["B86002", "CITY VIEW", *[""] * 25]) + "\n"
PARTNERS: Final = '"Partner\nOrganisation\nCode","PCN\nCode"\n'

Refused = Callable[..., str]


@pytest.fixture
def refused(path: Path, tmp_path: Path) -> Refused:
    """The reason an import is refused for; the older tables stay and nothing else is left."""
    build_geography(path)
    before = path.read_bytes()

    def reason(**content: str | bytes) -> str:
        files = {"postcodes": POSTCODES, "imd": IMD, **content}
        for name, text in files.items():
            whole = text.encode() if isinstance(text, str) else text
            (tmp_path / f"{name}.csv").write_bytes(whole)
        paths = {name: tmp_path / f"{name}.csv" for name in files}
        networks = [paths.pop("networks")] if "networks" in paths else []
        with pytest.raises(GeographyRefused) as caught:
            import_geography(path, OfficialFiles(**paths, networks=networks))
        assert path.read_bytes() == before
        assert [found.name for found in path.parent.iterdir()] == [path.name]
        return str(caught.value)

    return reason


@pytest.mark.parametrize(
    ("header", "named"),
    [
        ("pcd,pcd2,pcds", "postcode (pcds)"),
        ("doterm", "termination (doterm)"),
        ("oslaua", "local authority (oslaua, laua or lad25cd)"),
        ("osward", "ward (osward, ward or wd25cd)"),
        ("lat", "latitude (lat)"),
        ("long", "longitude (long)"),
    ],
)
def test_a_missing_column_is_named(refused: Refused, header: str, named: str) -> None:
    other = ",".join("other" for _ in header.split(","))
    text = POSTCODES.replace(f"{header},", f"{other},", 1)
    assert refused(postcodes=text) == (
        f"postcodes.csv: no column of {named}, needed of postcodes (ONSPD or NSPL)"
    )


@pytest.mark.parametrize(
    ("which", "content", "reason"),
    [
        ("postcodes", IMD, "this is IMD File 1 of the LSOAs of 2011, not postcodes"),
        ("postcodes", imd_file_7(2021, AREAS), "this is IMD File 7 of the LSOAs of 2021, not post"),
        ("postcodes", EPRACCUR, "this is practices (epraccur), not postcodes"),
        ("postcodes", names_file("WD25CD", "WD25NM", {}), "this is a look-up of area names, not"),
        ("imd", POSTCODES, "this is postcodes (ONSPD or NSPL), not an IMD file"),
        ("imd", PARTNERS, "this is PCN core partners (ePCN), not an IMD file"),
        ("practices", IMD, "this is IMD File 1 of the LSOAs of 2011, not practices (epraccur)"),
        ("practices", "a,b\n", "this is a file of 2 columns, not practices (epraccur)"),
        ("networks", POSTCODES, "this is postcodes (ONSPD or NSPL), not PCN core partners"),
        ("networks", "a,b\n", "this is another file, not PCN core partners (ePCN) or PCN details"),
    ],
)
def test_a_file_in_the_wrong_place_is_recognised(
    refused: Refused, which: str, content: str, reason: str
) -> None:
    files = {"practices": EPRACCUR} if which == "networks" else {}
    assert refused(**{**files, which: content}).startswith(f"{which}.csv: {reason}")


@pytest.mark.parametrize("which", ["postcodes", "imd"])
@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "is empty"),
        (POSTCODES.encode("utf-16"), "is in UTF-16: save it as CSV in UTF-8"),
        (b"pcds,name\nLS9 6AU,Ynys M\xf4n\n", "is not in UTF-8 (Latin-1 or Windows-1252?)"),
        (b"\x1f\x8b\x08", "is compressed with gzip: unpack it first"),
        (b"%PDF-1.7", "is a PDF document"),
        (b"\xd0\xcf\x11\xe0", "is an Excel workbook"),
        (b"x" * 3_000_000, "has no lines: it is not a table"),
    ],
)
def test_what_is_not_text_in_utf_8_is_refused(
    refused: Refused, which: str, content: bytes, reason: str
) -> None:
    assert refused(**{which: content}).startswith(f"{which}.csv {reason}")


def test_a_workbook_is_recognised(refused: Refused) -> None:
    assert "is an Excel workbook" in refused(imd=_zip({"xl/workbook.xml": b"", "a": b""}))


def test_areas_of_another_year_than_the_index_are_refused(refused: Refused) -> None:
    reason = refused(postcodes=postcode_file(NSPL21, [live("LS9 6AU")]))
    assert reason.startswith("postcodes.csv: no column of the LSOAs of 2011 (lsoa11)")


def test_an_index_of_other_areas_is_refused(refused: Refused) -> None:
    reason = refused(postcodes=postcode_file(ONSPD, [live("LS9 6AU", lsoa11="E01099999")]))
    assert reason.endswith("none of its postcodes lies in an LSOA that the IMD file ranks")


def test_an_older_index_is_not_taken_for_that_of_2019(refused: Refused) -> None:
    reason = refused(imd=IMD.replace("(2019)", "(2013)"))
    assert reason == (
        "imd.csv: IMD File 1 of the LSOAs of 2011 with the districts of 2013 is not an edition"
        " known here (IMD 2019, IMD 2025)"
    )


def test_an_index_without_one_sound_row_is_refused(refused: Refused) -> None:
    assert refused(imd=IMD.replace("E01", "X01")) == "imd.csv has no LSOA with a rank and a decile"


def test_a_zip_that_is_cut_short_is_refused(refused: Refused) -> None:
    whole = _zip({"Data/ONSPD.csv": POSTCODES.encode(), "Documents/a.txt": b"text"})
    assert refused(postcodes=whole[: len(whole) // 2]) == (
        "postcodes.csv is cut short or damaged: download it again"
    )


def test_a_zip_whose_content_is_damaged_is_refused(refused: Refused) -> None:
    draw = random.Random(1)
    rows = [live(f"LS9 {number % 10}AA", long=f"{draw.random()}") for number in range(9_000)]
    whole = bytearray(_zip({"Data/ONSPD.csv": postcode_file(ONSPD, rows).encode()}))
    middle = len(whole) // 2
    whole[middle : middle + 40] = bytes(40)
    reason = refused(postcodes=bytes(whole))
    assert reason == "postcodes.csv: Data/ONSPD.csv is cut short or damaged: download it again"


def test_a_zip_that_would_unpack_to_far_more_than_it_is_is_refused(refused: Refused) -> None:
    reason = refused(postcodes=_zip({"Data/ONSPD.csv": b"0" * 50_000_000}))
    assert reason == "postcodes.csv: Data/ONSPD.csv would unpack to 50,000,000 bytes: refused"


@pytest.mark.parametrize(
    ("names", "reason"),
    [
        (["a.txt", "b.txt"], "no ONSPD or NSPL file among its 2 files"),
        (["Data/ONSPD_MAY.csv", "Data/ONSPD_AUG.csv"], "which file is meant? Give one of Data/ONS"),
        (["Documents/ONSPD names.csv", "Data/a.csv"], "no ONSPD or NSPL file among its 2 files"),
    ],
)
def test_a_zip_without_the_one_file_is_refused(
    refused: Refused, names: list[str], reason: str
) -> None:
    assert reason in refused(postcodes=_zip(dict.fromkeys(names, b"")))


def test_a_zip_of_too_many_files_is_refused(refused: Refused) -> None:
    many = {f"{number}": b"" for number in range(10_001)}
    assert refused(postcodes=_zip(many)).endswith("holds 10,001 files: no official file does")


def test_names_that_would_unpack_to_far_too_much_are_refused(refused: Refused) -> None:
    bomb = {
        "Data/ONSPD.csv": POSTCODES.encode(),
        "Documents/Ward names and codes UK as at 05_25.csv": b"0" * 50_000_000,
    }
    assert "would unpack to 50,000,000 bytes" in refused(postcodes=_zip(bomb))


def test_an_absolute_path_in_a_zip_is_nothing_but_a_name(path: Path, tmp_path: Path) -> None:
    archive = zipped(tmp_path / "a.zip", {"../../ONSPD.csv": POSTCODES, "/etc/b.txt": "b"})
    (tmp_path / "imd.csv").write_text(IMD, newline="")
    import_geography(path, OfficialFiles(archive, tmp_path / "imd.csv"))
    assert sorted(found.name for found in tmp_path.iterdir()) == ["a.zip", "data", "imd.csv"]


def _zip(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return out.getvalue()
