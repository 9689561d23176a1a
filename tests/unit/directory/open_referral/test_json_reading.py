import logging
import zipfile
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from directory.open_referral.archives import SourceRefused
from directory.open_referral.json_reading import read
from directory.open_referral.records import Broken, Item, Quarantined, Record

SERVICES = [
    {"id": f"s{number}", "name": f"Café {number}", "status": "active"} for number in range(3)
]
ENVELOPE = {"total_items": 3, "total_pages": 1, "empty": False}


def _read(folder: Path, content: bytes, name: str = "feed.json") -> list[Item]:
    path = folder / name
    path.write_bytes(content)
    return list(read(path))


def _ids(items: list[Item]) -> list[tuple[str, str]]:
    return [(it.kind, it.id) for it in items if isinstance(it, Record)]


def _refused(items: list[Item]) -> list[tuple[str, str, str]]:
    return [(it.table, it.row, it.reason) for it in items if isinstance(it, Quarantined)]


ALL = [("service", "s0"), ("service", "s1"), ("service", "s2")]


@pytest.mark.parametrize(
    "shape",
    [
        ENVELOPE | {"contents": SERVICES},
        {"contents": SERVICES} | ENVELOPE,
        {"totalElements": 3, "content": SERVICES},
        SERVICES,
        {"services": SERVICES},
    ],
)
def test_pages_lists_and_tables(tmp_path: Path, shape: Any) -> None:
    items = _read(tmp_path, orjson.dumps(shape))
    assert _ids(items) == ALL
    assert not _refused(items)


def test_places_name_the_list_and_the_number(tmp_path: Path) -> None:
    items = _read(tmp_path, orjson.dumps({"contents": SERVICES}))
    assert [it.place for it in items if isinstance(it, Record)][1] == "contents[1]"


def test_a_single_document(tmp_path: Path) -> None:
    organization = {"id": "o", "name": "Charity", "description": "x", "services": SERVICES}
    assert _ids(_read(tmp_path, orjson.dumps(organization))) == [("organization", "o"), *ALL]


def test_lines_of_objects_a_bad_one_between(tmp_path: Path) -> None:
    lines = [*map(orjson.dumps, SERVICES[:2]), b'{"id": "bro', orjson.dumps(SERVICES[2])]
    items = _read(tmp_path, b"\n".join(lines))
    assert _ids(items) == ALL
    assert _refused(items) == [("services", "line 3", "not JSON at character 12 of the line")]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_marked_encodings(tmp_path: Path, encoding: str) -> None:
    text = orjson.dumps(SERVICES).decode()
    items = _read(tmp_path, text.encode(encoding))
    assert next(it.fields["name"] for it in items if isinstance(it, Record)) == "Café 0"


@pytest.mark.parametrize(("encoding", "letter"), [("cp1252", "€"), ("latin-1", "\x81")])
def test_other_encodings_are_recognised_and_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, encoding: str, letter: str
) -> None:
    text = orjson.dumps([SERVICES[0] | {"fees": letter}]).decode()
    with caplog.at_level(logging.WARNING):
        (item,) = _read(tmp_path, text.encode(encoding))
    assert isinstance(item, Record)
    assert (item.fields["name"], item.fields["fees"]) == ("Café 0", letter)
    assert f"feed.json is not UTF-8; it is read as {encoding}" in caplog.text


@given(cut=st.integers(0, 10_000))
def test_what_stands_before_a_break_is_taken(
    tmp_path_factory: pytest.TempPathFactory, cut: int
) -> None:
    parts = [orjson.dumps(it) for it in SERVICES]
    whole = b'{"total_items":3,"contents":[' + b",".join(parts) + b"]}"
    content = whole[: cut % len(whole)]
    items = _read(tmp_path_factory.mktemp("cut"), content)
    assert [type(it) for it in items if isinstance(it, Quarantined)] == [Broken]
    before = sum(content.find(part) >= 0 for part in parts)
    assert _ids(items) == ALL[:before]
    (refused,) = _refused(items)
    end = f"line 1, column {len(content.decode(errors='replace')) + 1:,}"
    assert refused[2] == f"the JSON breaks off at {end}; what stands before it was read"
    if content.find(b"[") >= 0:
        assert refused[1] == f"contents[{before}]"


def test_garbage_in_the_middle_is_named_without_quoting_it(tmp_path: Path) -> None:
    items = _read(tmp_path, b'[{"id":"s0","name":"A","status":"active"},{"id":Ann Persona}]')
    assert _ids(items) == [("service", "s0")]
    ((_, row, reason),) = _refused(items)
    assert row == "[1]"
    assert "Ann" not in reason
    assert "this is not JSON" in reason


def test_a_number_that_is_too_large_ends_nothing(tmp_path: Path) -> None:
    number = b"1" + b"0" * 400
    content = b'[{"id":"s0","name":"A","status":"active","minimum_age":%s},' % number
    items = _read(tmp_path, content + orjson.dumps(SERVICES[1]) + b"]")
    assert _ids(items) == [("service", "s1")]
    assert _refused(items) == [("services", "[0]", "minimum_age: not a number that can be kept")]


def test_what_is_no_object_is_quarantined(tmp_path: Path) -> None:
    items = _read(tmp_path, b'{"contents":[5,null,{"id":"s0","name":"A","status":"active"}]}')
    assert _refused(items) == [
        ("documents", "contents[0]", "an object is expected, this is a number"),
        ("documents", "contents[1]", "an object is expected, this is nothing"),
    ]
    assert _ids(items) == [("service", "s0")]


def test_a_message_is_no_directory(tmp_path: Path) -> None:
    items = _read(tmp_path, b'{"error":"not found","version":"3"}')
    told = "not a service, an organization or another object of Open Referral"
    assert _refused(items) == [("documents", "document", told)]


@pytest.mark.parametrize(
    ("document", "kind"),
    [
        ({"name": "x", "status": "active"}, "service"),
        ({"name": "x", "website": "https://example.org"}, "organization"),
        ({"service_id": "s", "location_id": "l"}, "service_at_location"),
        ({"name": "x", "taxonomy_terms": []}, "taxonomy"),
        ({"name": "x", "version": "1"}, "taxonomy"),
        ({"name": "x", "parent_id": "t", "taxonomy": "y"}, "taxonomy_term"),
        ({"name": "x", "latitude": 53.8}, "location"),
    ],
)
def test_a_document_tells_its_kind(tmp_path: Path, document: dict[str, Any], kind: str) -> None:
    items = _read(tmp_path, orjson.dumps([document | {"id": "1"}]))
    assert _ids(items) == [(kind, "1")]


def test_a_document_that_does_not_tell_is_of_its_file(tmp_path: Path) -> None:
    content = orjson.dumps([{"id": "1", "name": "x", "description": "y"}])
    assert _ids(_read(tmp_path, content, "organization_list.json")) == [("organization", "1")]
    assert _ids(_read(tmp_path, content, "taxonomies.json")) == [("taxonomy", "1")]
    assert _ids(_read(tmp_path, content)) == []


def test_a_folder_and_a_zip_are_read_together(tmp_path: Path) -> None:
    folder = tmp_path / "pages"
    folder.mkdir()
    organization = {"id": "o", "name": "Charity"}
    for number, service in enumerate(SERVICES):
        page = {"contents": [service | {"organization": organization}]}
        (folder / f"page{number}.json").write_bytes(orjson.dumps(page))
    items = list(read(folder))
    assert _ids(items) == [*ALL, ("organization", "o")]
    assert [it.place for it in items if isinstance(it, Record)][1] == "page1.json: contents[0]"
    with zipfile.ZipFile(tmp_path / "pages.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for path in folder.iterdir():
            archive.write(path, path.name)
    assert list(read(tmp_path / "pages.zip")) == items


def test_a_damaged_member_of_a_zip_ends_where_it_is_damaged(tmp_path: Path) -> None:
    path = tmp_path / "pages.zip"
    many = [service | {"fees": f"{number}" * 9} for number, service in enumerate(SERVICES * 900)]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("services.json", orjson.dumps(many))
    damaged = bytearray(path.read_bytes())
    damaged[damaged.rfind(b'"s2"') + 1] = ord("S")
    path.write_bytes(damaged)
    assert any("the JSON breaks off" in reason for _, _, reason in _refused(list(read(path))))


def test_a_path_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(SourceRefused, match=r"none\.json: there is no such file"):
        list(read(tmp_path / "none.json"))


@given(content=st.binary(max_size=60) | st.text(max_size=40).map(str.encode))
def test_no_file_at_all_ends_in_an_error(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    path = tmp_path_factory.mktemp("any") / "feed.json"
    path.write_bytes(content)
    try:
        items = list(read(path))
    except SourceRefused:
        assert content.startswith(b"PK")
    else:
        assert all(isinstance(item, Quarantined | Record) for item in items)


def test_brackets_without_end(tmp_path: Path) -> None:
    assert _refused(_read(tmp_path, b'{"contents":' + b"[" * 100_000))


def test_what_follows_a_value_that_is_too_deep_is_read(tmp_path: Path) -> None:
    deep = b'{"id":"d","x":' + b"[" * 50_000 + b"]" * 50_000 + b',"y":[{}]}'
    items = _read(tmp_path, b"[" + deep + b"," + orjson.dumps(SERVICES[0]) + b"]")
    assert _refused(items) == [("documents", "[0]", "nested more than 100 deep")]
    assert _ids(items) == ALL[:1]
