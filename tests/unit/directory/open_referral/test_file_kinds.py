"""Files of other kinds are named for what they are, whatever their names end with."""

import zipfile
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

import pytest

from directory.open_referral.mapping import SHIPPED
from directory.open_referral.reading import Unreadable, format_of, read_source

SAVE = "open it and save the sheet with the list as CSV UTF-8"
EXCEL = f"this seems to be an Excel workbook: {SAVE}"
OLD = f"this seems to be an old Excel file (.xls), or one with a password: {SAVE}"
PAGE = "this seems to be a web page (HTML): download the data itself, not the page about it"
UNMARKED = "this seems to be text in UTF-16 without its mark: save it as UTF-8"
_XLS = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(64)


def _zip(*members: str) -> bytes:
    made = BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for member in ("[Content_Types].xml", *members):
            archive.writestr(member, "<a/>")
    return made.getvalue()


def _refusal(path: Path, mapping: Path | None = None) -> str:
    with pytest.raises(Unreadable) as refused:
        list(read_source(path, mapping=mapping))
    return str(refused.value)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (_zip("xl/workbook.xml", "xl/worksheets/sheet1.xml"), EXCEL),
        (_zip("xl/workbook.bin"), EXCEL),
        (_zip("word/document.xml"), "this seems to be a Word document: ask whoever made it"),
        (_zip("content.xml", "META-INF/manifest.xml"), "this seems to be a file of LibreOffice"),
        (_XLS, OLD),
        (b"%PDF-1.7 x", "this seems to be a PDF document"),
        (b"\x1f\x8b\x08", "this seems to be packed (gzip): unpack it first"),
        (b"\n<!doctype HTML><p>", PAGE),
        ("<!-- saved --><HTML><p>".encode("utf-16"), PAGE),
        (b'<?xml version="1.0"?><rows/>', "this seems to be XML"),
        ("id,name\n1,One\n".encode("utf-16-le"), UNMARKED),
        ('[{"id": "1"}]'.encode("utf-16-be"), UNMARKED),
    ],
)
@pytest.mark.parametrize("name", ["services.csv", "services.json", "list"])
def test_another_kind_of_file_is_named(
    tmp_path: Path, name: str, content: bytes, told: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    assert _refusal(path).startswith(f"{name}: {told}")
    assert _refusal(path, SHIPPED / "uk-foodbanks.yaml").startswith(f"{name}: {told}")


@pytest.mark.parametrize(
    ("members", "told"),
    [
        ([("list.xlsx", _zip("xl/workbook.xml"))], EXCEL),
        ([("list.xls", _XLS)], OLD),
        ([("a.xls", _XLS), ("b.xls", _XLS)], f"a.xls: {OLD}"),
        ([("list.csv", _zip("tables.csv"))], "this is a zip within another: unpack it first"),
    ],
)
def test_a_folder_or_zip_of_other_files_says_what_they_are(
    tmp_path: Path, members: Sequence[tuple[str, bytes]], told: str
) -> None:
    folder = tmp_path / "source"
    folder.mkdir()
    with zipfile.ZipFile(tmp_path / "source.zip", "w") as archive:
        for name, content in members:
            (folder / name).write_bytes(content)
            archive.writestr(name, content)
    assert _refusal(tmp_path / "source.zip") == f"source.zip: {told}"
    if len(members) > 1:
        assert _refusal(folder) == f"source: {told}"


def test_another_file_beside_a_table_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "about.pdf").write_bytes(b"%PDF-1.7")
    (tmp_path / "services.csv").write_text("id,name,status\n1,One,active\n", encoding="utf-16")
    assert format_of(tmp_path) == "hsds-csv"
    assert len(list(read_source(tmp_path))) == 1
