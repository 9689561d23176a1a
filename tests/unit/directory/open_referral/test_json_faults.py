"""Where JSON breaks is told by line and column, as an editor counts them."""

import zipfile
from functools import partial
from io import BytesIO
from pathlib import Path

import pytest

from directory.open_referral import json_bytes
from directory.open_referral.json_reading import read
from directory.open_referral.mapping import SHIPPED
from directory.open_referral.reading import Unreadable, read_source
from directory.open_referral.records import Broken


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ('[{"id": "1",\n  "name": One}]', "line 2, column 11 (a word or sign without quotes)"),
        ('[{"id": "é", "name": NaN}]', "line 1, column 22 (a word or sign without quotes)"),
        ('[{"id" "1"}]', "line 1, column 10 (a colon is missing between a name and its value)"),
        ('[{"id": "1"}\n\n{"id": "2"}]', "line 3, column 1 (a comma is missing before this)"),
        ('[{"id": "1" "name": "A"}]', "line 1, column 18 (a comma is missing before this)"),
        ('[{"id": "1"},\n]', "line 2, column 1 (this belongs somewhere else; a comma before it"),
        ('[{"id": "1",}]', "line 1, column 13 (a name in quotes belongs here; a comma before a"),
        ('[{"id": "1"}]\n}', "line 2, column 1 (it goes on behind its end)"),
        ('[{"id": "1\n"}]', "line 1, column 11 (a sign within a text that JSON writes another"),
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_fault_has_its_line_and_column(
    tmp_path: Path, content: str, told: str, encoding: str
) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(content.encode(encoding))
    broken = [item for item in read(path) if isinstance(item, Broken)]
    assert [it.reason.startswith(f"this is not JSON at {told}") for it in broken] == [True], broken


def test_a_fault_far_into_a_file_has_its_place(tmp_path: Path) -> None:
    lines = [f'{{"id": "{number}", "name": "Café {number}"}},' for number in range(6_000)]
    path = tmp_path / "a.json"
    path.write_text("[" + "\n".join(lines) + "\n   oh]", encoding="utf-8")
    assert path.stat().st_size > 3 * json_bytes.CHUNK
    (broken,) = (item for item in read(path) if isinstance(item, Broken))
    assert "line 6,001, column 4 " in broken.reason


def test_the_end_of_a_file_that_breaks_off_is_told(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text('[{"id": "1", "name": "A"},\n {"id": "é', encoding="utf-8")
    (broken,) = (item for item in read(path) if isinstance(item, Broken))
    assert broken.reason == (
        "the JSON breaks off at line 2, column 11; what stands before it was read"
    )


@pytest.mark.parametrize("mapping", [None, SHIPPED / "uk-foodbanks.yaml"])
def test_a_member_of_a_zip_that_cannot_be_opened_is_refused(
    tmp_path: Path, mapping: Path | None
) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("0.md", "about")
        archive.writestr("foodbanks.json", "[]")
    content = bytearray(path.read_bytes())
    header = content.rindex(b"PK\x03\x04")
    content[header : header + 4] = b"XXXX"
    path.write_bytes(content)
    with pytest.raises(Unreadable):
        list(read_source(path, mapping=mapping))


def test_utf_16_is_one_encoding_for_all_readers() -> None:
    opened = json_bytes.as_utf8(partial(BytesIO, "[é]".encode("utf-16")), "a.json")
    with opened() as stream:
        assert stream.read() == "[é]".encode()
