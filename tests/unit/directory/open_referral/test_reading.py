import zipfile
from pathlib import Path

import pytest

from directory.open_referral.reading import Unreadable, format_of, read_source
from directory.open_referral.records import Record

SERVICE = '[{"id": "s", "name": "Advice", "status": "active"}]'
TABLE = "id,name,status\ns,Advice,active\n"


@pytest.mark.parametrize(
    ("files", "found"),
    [
        ({"a.json": SERVICE}, "oruk"),
        ({"a.ndjson": SERVICE}, "oruk"),
        ({"feed": f"\ufeff \n{SERVICE}"}, "oruk"),
        ({"a.json": SERVICE, "b.json": SERVICE}, "oruk"),
        ({"services.csv": TABLE}, "hsds-csv"),
        ({"services.csv": TABLE, "datapackage.json": "{}"}, "hsds-csv"),
        ({"a.json": SERVICE, "csv/services.csv": TABLE}, "oruk"),
    ],
)
def test_the_format_is_recognised_in_folder_and_zip(
    tmp_path: Path, files: dict[str, str], found: str
) -> None:
    folder = tmp_path / "source"
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    with zipfile.ZipFile(tmp_path / "source.zip", "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    assert format_of(folder) == found
    assert format_of(tmp_path / "source.zip") == found


def test_json_and_tables_are_read_alike(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(SERVICE, encoding="utf-8")
    (tmp_path / "services.csv").write_text(TABLE, encoding="utf-8")
    for name in ("a.json", "services.csv"):
        (item,) = read_source(tmp_path / name)
        assert isinstance(item, Record)
        assert item[:3] == ("service", "s", {"name": "Advice", "status": "active"})


def test_a_format_that_is_said_is_taken(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(SERVICE, encoding="utf-8")
    (tmp_path / "services.csv").write_text(TABLE, encoding="utf-8")
    with pytest.raises(Unreadable, match="holds both JSON and tables; leave one of them out"):
        read_source(tmp_path)
    assert len(list(read_source(tmp_path, format="oruk"))) == 1
    assert len(list(read_source(tmp_path, format="hsds-csv"))) == 1


@pytest.mark.parametrize(
    ("name", "content", "said", "reason"),
    [
        ("none.json", None, "auto", "none.json: there is no such file or folder"),
        ("a.pdf", b"%PDF-1.7", "auto", "a.pdf: this seems to be a PDF document"),
        ("a.doc", b"?", "auto", "a.doc: this is not a directory: JSON, CSV"),
        ("a.zip", b"PK\x03\x04 cut", "auto", "a.zip: not a whole zip file"),
        ("a.json", b"[]", "xml", "xml: not a format; choose one of auto, oruk"),
        ("a.csv", b"a\n1\n", "csv", "a.csv: the format csv needs a mapping file"),
        ("none.json", None, "oruk", "none.json: there is no such file or folder"),
    ],
)
def test_what_cannot_be_read_is_said_plainly(
    tmp_path: Path, name: str, content: bytes | None, said: str, reason: str
) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(Unreadable, match=reason):
        list(read_source(tmp_path / name, format=said))


def test_a_mapping_goes_with_csv_only(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(SERVICE, encoding="utf-8")
    mapping = tmp_path / "mapping.yaml"
    mapping.write_text("nothing", encoding="utf-8")
    with pytest.raises(Unreadable, match="the format oruk takes no mapping file"):
        read_source(tmp_path / "a.json", format="oruk", mapping=mapping)
    with pytest.raises(Unreadable):
        list(read_source(tmp_path / "a.json", mapping=mapping))
