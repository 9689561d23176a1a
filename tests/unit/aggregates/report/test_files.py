"""The files of a report: figures as they came, an accessible workbook, metadata that fits."""

import csv
import io
import re
import zipfile

import orjson
import pytest

from template_service.aggregates.figures import COLUMNS
from template_service.aggregates.report import pcn_report
from template_service.aggregates.report.context import (
    DEMONSTRATION,
    ReportContext,
    Residents,
)
from template_service.aggregates.report.csvw import metadata
from template_service.aggregates.report.figures import Figures
from template_service.aggregates.report.fonts import Font
from template_service.aggregates.report.workbook import workbook
from template_service.aggregates.vocabulary import IMD_DECILES
from tests.unit.aggregates.report.made_up import LEAFY, context, figure, made_up_table, table


@pytest.fixture(scope="module")
def files(about: ReportContext, font: Font) -> dict[str, bytes]:
    return pcn_report.report_files(made_up_table(), about, font)


@pytest.fixture(scope="module")
def sheets(files: dict[str, bytes]) -> dict[str, str]:
    """Name of every sheet to its XML, as a reader of the format finds it."""
    with zipfile.ZipFile(io.BytesIO(files["figures.xlsx"])) as book:
        names = re.findall(r'<sheet name="([^"]+)"', book.read("xl/workbook.xml").decode())
        return {
            name: book.read(f"xl/worksheets/sheet{place}.xml").decode()
            for place, name in enumerate(names, 1)
        }


def test_a_report_has_its_files(files: dict[str, bytes]) -> None:
    assert set(files) == {
        "infographic.pdf",
        "infographic.png",
        "figures.csv",
        "figures.csv-metadata.json",
        "figures.xlsx",
    }


def test_the_csv_has_this_area_and_the_city_alone(
    files: dict[str, bytes], about: ReportContext
) -> None:
    rows = list(csv.DictReader(io.StringIO(files["figures.csv"].decode())))
    assert tuple(rows[0]) == COLUMNS
    assert {row["geography_code"] for row in rows} == {about.pcn_code, about.city_code}
    assert LEAFY not in files["figures.csv"].decode()


def test_every_row_of_the_csv_fits_its_metadata(
    files: dict[str, bytes], about: ReportContext
) -> None:
    columns = metadata(about)["tableSchema"]["columns"]
    key = metadata(about)["tableSchema"]["primaryKey"]
    rows = list(csv.DictReader(io.StringIO(files["figures.csv"].decode())))
    assert [column["name"] for column in columns] == list(rows[0])
    for column in columns:
        texts = {row[column["name"]] for row in rows}
        assert not (column["required"] and "" in texts)
        given = texts - {""}
        if column["datatype"]["base"] == "integer":
            assert all(int(text) >= 0 for text in given)
        if column["datatype"]["base"] == "decimal":
            assert all(float(text) >= 0 for text in given)
        if pattern := column["datatype"].get("format"):
            assert all(re.fullmatch(pattern, text) for text in given)
    assert len({tuple(row[name] for name in key) for row in rows}) == len(rows)


def test_the_metadata_is_csvw(files: dict[str, bytes]) -> None:
    document = orjson.loads(files["figures.csv-metadata.json"])
    assert document["@context"] == ["http://www.w3.org/ns/csvw", {"@language": "en-GB"}]
    assert document["url"] == "figures.csv"
    assert document["dc:description"] == DEMONSTRATION


def test_the_workbook_has_cover_contents_notes_and_one_table_a_sheet(
    sheets: dict[str, str],
) -> None:
    first, second, third, *rest = sheets
    assert (first, second, third) == ("Cover", "Contents", "Notes")
    assert {
        "Coverage",
        "Gradient",
        "Domains",
        "Cascade",
        "Slope",
        "Child needs",
        "Indicators",
        "Gaps",
    } <= set(rest)
    for name in rest:
        assert sheets[name].count("<tablePart ") == 1
        assert "<mergeCell" not in sheets[name]


def test_no_cell_of_a_table_is_empty(sheets: dict[str, str], files: dict[str, bytes]) -> None:
    with zipfile.ZipFile(io.BytesIO(files["figures.xlsx"])) as book:
        tables = [name for name in book.namelist() if name.startswith("xl/tables/")]
        assert tables
        for sheet in sheets.values():
            empty = re.findall(r'<c r="[A-Z]+\d+"(?: s="\d+")?/>', sheet)
            assert empty == []


def test_counts_below_eight_are_shorthand(files: dict[str, bytes]) -> None:
    with zipfile.ZipFile(io.BytesIO(files["figures.xlsx"])) as book:
        texts = book.read("xl/sharedStrings.xml").decode()
    assert "<t>[c]</t>" in texts
    assert DEMONSTRATION in texts


def test_so_few_registered_people_are_shorthand_in_the_workbook(figures: Figures) -> None:
    lists = tuple(
        Residents("pcn", "imd_decile", decile, 7 if decile == "4" else 5000)
        for decile in IMD_DECILES
    )
    with zipfile.ZipFile(io.BytesIO(workbook(figures, context(residents=lists)))) as parts:
        texts = parts.read("xl/sharedStrings.xml").decode()
    assert "Fewer than 8 people" not in texts
    assert "Some can be worked out from a total and the figures beside it." in texts


def test_a_domain_that_may_not_be_shown_has_shorthand_for_every_number(
    about: ReportContext,
) -> None:
    rows = [row for row in made_up_table().to_pylist() if row["domain"] != "food"]
    book = workbook(Figures(table([*rows, figure(3, 400, domain="food")])), about)
    with zipfile.ZipFile(io.BytesIO(book)) as parts:
        texts = parts.read("xl/sharedStrings.xml").decode()
        place = texts.split("<si>").index(next(t for t in texts.split("<si>") if ">[x]<" in t)) - 1
        sheets = [parts.read(name).decode() for name in parts.namelist() if "sheets/sheet" in name]
    (domains,) = [sheet for sheet in sheets if sheet.count(f"<v>{place}</v>") == 6]
    assert domains
