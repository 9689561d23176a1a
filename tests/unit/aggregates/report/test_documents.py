"""What is written: the documents of a release, a report in a folder, everything in one zip."""

import csv
import io
import shutil
import zipfile
from pathlib import Path

import orjson
import pytest

from template_service.aggregates.frozen_cube import SUMS
from template_service.aggregates.released_figures import ReleasedFigures
from template_service.aggregates.report import documents
from template_service.aggregates.reporting_period import Period
from template_service.errors import NotFound, Unavailable
from tests.unit.aggregates.report.made_up import CITY_CODE
from tests.unit.aggregates.report.made_up_months import AREAS, DEPRIVED, LEAFY, NAMES

SEPTEMBER = Period("2026-09", "2026-09")
REPORT = {
    *("infographic.pdf", "infographic.png", "children.pdf", "children.png"),
    *("figures.csv", "figures.csv-metadata.json", "figures.xlsx"),
}


def test_a_report_is_written_into_a_folder(released: ReleasedFigures, tmp_path: Path) -> None:
    out = tmp_path / "new" / "report"
    files = documents.write_report(released, DEPRIVED, SEPTEMBER, out)
    assert {path.name for path in files} == REPORT == {path.name for path in out.iterdir()}
    assert all(path.stat().st_size > 1000 for path in files)


def test_slides_are_written_alone(released: ReleasedFigures, tmp_path: Path) -> None:
    files = documents.write_report(released, None, SEPTEMBER, tmp_path, kind="slides")
    assert [path.name for path in files] == ["slides.pdf"]
    assert files[0].read_bytes().startswith(b"%PDF")


def test_categories_of_the_csv_add_up_and_safety_is_not_in_it(
    released: ReleasedFigures, tmp_path: Path
) -> None:
    documents.write_report(released, DEPRIVED, SEPTEMBER, tmp_path)
    rows = list(csv.DictReader(io.StringIO((tmp_path / "figures.csv").read_text())))
    assert {row["geography_code"] for row in rows} == {DEPRIVED, CITY_CODE}
    assert not {row["category"] for row in rows} & {category for _, category in SUMS}
    assert "safety" not in {row["domain"] for row in rows}
    asked = {
        (row["breakdown"], row["category"]): int(row["numerator"] or 0)
        for row in rows
        if (row["period"], row["geography_code"], row["indicator"], row["domain"])
        == ("2026-09", CITY_CODE, "asked", "any")
    }
    deciles = [people for (name, _), people in asked.items() if name == "imd_decile"]
    assert sum(deciles) == asked["all", "all"]


def test_nothing_is_written_for_what_is_not_there(
    released: ReleasedFigures, tmp_path: Path
) -> None:
    with pytest.raises(NotFound, match="no such pcn"):
        documents.write_report(released, "U99999", SEPTEMBER, tmp_path / "out")
    with pytest.raises(NotFound, match="2026-10"):
        documents.write_pack(released, None, Period.parse("2026-10"), tmp_path / "pack.zip")
    assert list(tmp_path.iterdir()) == []


def test_a_pack_has_everything_of_a_network(released: ReleasedFigures, tmp_path: Path) -> None:
    file = documents.write_pack(released, DEPRIVED, SEPTEMBER, tmp_path / "packs" / "beck.zip")
    with zipfile.ZipFile(file) as pack:
        assert pack.testzip() is None
        assert set(pack.namelist()) == REPORT | {"slides.pdf", "release.json", "README.txt"}
        readme = pack.read("README.txt").decode()
        assert orjson.loads(pack.read("release.json")) == released.latest.document
        named = " ".join(pack.namelist())
    assert "Made-up Beck PCN, September 2026" in readme
    assert "made-up people" in readme
    for line in readme.splitlines():
        name = line.split(",")[0].split()[0] if line else ""
        if name.endswith((".pdf", ".csv", ".json", ".xlsx")):
            assert name in named
    assert [path.name for path in file.parent.iterdir()] == ["beck.zip"]


def test_the_same_pack_is_the_same_bytes_but_for_the_workbooks_moment(
    released: ReleasedFigures, tmp_path: Path
) -> None:
    packs = [
        documents.write_pack(released, LEAFY, SEPTEMBER, tmp_path / f"{n}.zip") for n in (1, 2)
    ]
    contents = []
    for path in packs:
        with zipfile.ZipFile(path) as pack:
            contents.append({i.filename: (i.date_time, pack.read(i)) for i in pack.infolist()})
    one, other = contents
    book = io.BytesIO(one.pop("figures.xlsx")[1])
    other.pop("figures.xlsx")
    assert one == other
    assert {moment for moment, _ in one.values()} == {(1980, 1, 1, 0, 0, 0)}
    assert "xl/workbook.xml" in zipfile.ZipFile(book).namelist()


def test_places_that_cannot_be_written_are_said_plainly(
    released: ReleasedFigures, tmp_path: Path
) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(Unavailable, match="report"):
        documents.write_report(released, None, SEPTEMBER, tmp_path / "file" / "report")
    with pytest.raises(Unavailable, match=r"pack\.zip"):
        documents.write_pack(released, None, SEPTEMBER, tmp_path / "file" / "pack.zip")


def test_a_pack_that_cannot_be_finished_leaves_the_older_one(
    released: ReleasedFigures, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = documents.write_pack(released, None, SEPTEMBER, tmp_path / "pack.zip")
    before = file.read_bytes()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(documents, "sync", full)
    with pytest.raises(Unavailable, match="No space left"):
        documents.write_pack(released, LEAFY, SEPTEMBER, file)
    assert file.read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["pack.zip"]


def test_a_release_gets_two_pages_of_every_area(
    released: ReleasedFigures, folder: Path, tmp_path: Path
) -> None:
    aggregates = tmp_path / "aggregates"
    shutil.copytree(folder, aggregates)
    half = aggregates / "releases" / ".work-1" / "2026-09-001"
    half.mkdir(parents=True)
    told: list[str] = []
    documents.write(released.sources, SEPTEMBER, half, progress=told.append)
    assert len(told) == documents.count(AREAS) == 2 * (1 + len(NAMES)) + 1
    pages = {path.name for path in (half / documents.PAGES).iterdir()}
    assert pages == {
        f"{code}-{who}.{kind}"
        for code in (CITY_CODE, *NAMES)
        for who in ("adults", "children")
        for kind in ("pdf", "png")
    }
    metadata = orjson.loads((half / "figures.csv-metadata.json").read_bytes())
    assert metadata["url"] == "figures.csv"
    with zipfile.ZipFile(half / "figures.xlsx") as book:
        assert "xl/workbook.xml" in book.namelist()
