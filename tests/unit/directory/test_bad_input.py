"""Every kind of bad input, by the command: told with its reason, and what is in use is untouched.

What is only unusual (another encoding, a byte order mark, 166 columns, no status, markup) is taken.
"""

import csv
import json
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import pytest
from click.testing import CliRunner, Result

from template_service.cli import main
from tests.fakes.oruk_faults import endless, redirect, rewritten, status
from tests.fakes.oruk_holdings import holdings, service
from tests.fakes.oruk_server import Fault, serving

_ID: Final = "11111111-1111-4111-8111-111111111111"
_ONE: Final = f'{{"id": "{_ID}", "name": "Café", "status": "active"}}'
_SERVICE: Final = "id,name,status\n1,One,active\n"
_PLACE: Final = "id,location_type,latitude,longitude\nl,physical,"
_WIDE: Final = ",".join(["id", "name", "status", *(f"c{n}" for n in range(163))])
_WIDE_ROW: Final = ",".join(["1", "One", "active", *map(str, range(163))])

_BROKEN: Final = "could not be read whole"
_NOTHING: Final = "nothing was taken, all of it"
_NO_SERVICE: Final = "no service was taken from it"

# A source as files by name, the reason of what is quarantined, and why the command ends with 1.
QUARANTINED: Final[dict[str, tuple[dict[str, str], str, str]]] = {
    "truncated JSON": (
        {"feed.json": f"[{_ONE}, {_ONE[:50]}"},
        "services [1]: the JSON breaks off at line 1, column 136; what stands before it was read",
        _BROKEN,
    ),
    "a truncated table": (
        {"services.csv": f"{_SERVICE}2,Tw"},
        "services services.csv:3: 2 cells, the header has 3",
        _BROKEN,
    ),
    "a short row among 166 columns": (
        {"services.csv": f"{_WIDE}\n{_WIDE_ROW}\n2,Two,active\n"},
        "services services.csv:3: 3 cells, the header has 166",
        "",
    ),
    "a duplicate id": (
        {"services.csv": f"{_SERVICE}1,Two,active\n"},
        "services services.csv:3: id: stands at services.csv:2 already",
        "",
    ),
    "a cycle": (
        {"organizations.csv": "id,name,description,parent_organization_id\na,A,x,b\nb,B,x,a\n"},
        (
            "organizations organizations.csv:3:"
            " parent_organization_id: goes round in a circle: a -> b -> a"
        ),
        _NOTHING,
    ),
    "a missing parent": (
        {"services.csv": _SERVICE, "phones.csv": "id,service_id,number\np,9,0113 496 0000\n"},
        "phones phones.csv:2: service_id: service 9 is not there",
        "",
    ),
    "no service": (
        {"organizations.csv": "id,name,description\na,A,x\nb,,x\n"},
        "organizations organizations.csv:3: name: missing",
        _NO_SERVICE,
    ),
    "a link that runs a script": (
        {"services.csv": "id,name,status,url\n1,One,active,javascript:alert(1)\n"},
        "services services.csv:2: url: a link that would run a script or read a local file",
        _NOTHING,
    ),
}

# A source as files by name, and the field of its service as it is kept.
TAKEN: Final[dict[str, tuple[dict[str, bytes], str, str]]] = {
    "latin-1 JSON": ({"feed.json": f"[{_ONE}]".encode("latin-1")}, "name", "Café"),
    "latin-1 CSV": (
        {"services.csv": "id,name,status\n1,Café,active\n".encode("latin-1")},
        "name",
        "Café",
    ),
    "BOM JSON": ({"feed.json": f"[{_ONE}]".encode("utf-8-sig")}, "name", "Café"),
    "BOM CSV": ({"services.csv": _SERVICE.encode("utf-8-sig")}, "name", "One"),
    "166 columns": ({"services.csv": f"{_WIDE}\n{_WIDE_ROW}\n".encode()}, "c162", "162"),
    "a blank status": ({"services.csv": b"id,name,status\n1,One,\n"}, "name", "One"),
    "HTML": (
        {"services.csv": b"id,name,status,description\n1,One,active,<p>Come<br>in</p>\n"},
        "description",
        "<p>Come<br>in</p>",
    ),
}


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with a published directory, which every test here must leave as it is."""
    data = tmp_path_factory.mktemp("published") / "data"
    assert _run(data, "publish").exit_code == 0
    return data


@pytest.fixture(autouse=True)
def nothing_in_use_changes(data: Path) -> Iterator[None]:
    before = _published(data)
    assert len(before) == 2
    yield
    assert _published(data) == before


def _published(data: Path) -> dict[str, bytes]:
    folder = data / "directory"
    files = [folder / "current", *folder.glob("directory-*.sqlite")]
    return {path.name: path.read_bytes() for path in files}


def _run(data: Path, *words: str | Path) -> Result:
    return CliRunner().invoke(main, ["directory", *map(str, words), "--data", str(data)])


def _report(data: Path, *words: str | Path, fault: str = "") -> Any:
    result = _run(data, "import", *words, "--json")
    assert result.exit_code == (1 if fault else 0), result.stderr
    assert fault in result.stderr
    return json.loads(result.stdout)


def _reasons(report: Any) -> list[str]:
    return [f"{one['table']} {one['row']}: {one['reason']}" for one in report["quarantine"]]


def _source(tmp_path: Path, files: dict[str, bytes]) -> Path:
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    return tmp_path / "feed.json" if "feed.json" in files else tmp_path


@pytest.mark.parametrize(("files", "reason", "fault"), QUARANTINED.values(), ids=QUARANTINED)
def test_what_is_wrong_is_quarantined_and_everything_counted(
    data: Path, tmp_path: Path, files: dict[str, str], reason: str, fault: str
) -> None:
    source = _source(tmp_path, {name: text.encode() for name, text in files.items()})
    report = _report(data, source, fault=fault)
    assert reason in _reasons(report)
    tables = [counts for table, counts in report.items() if table != "quarantine"]
    for counts in tables:
        assert counts["read"] == sum(
            counts[name] for name in ("new", "changed", "unchanged", "quarantined")
        )
    assert sum(counts["quarantined"] for counts in tables) == len(report["quarantine"])


@pytest.mark.parametrize(("files", "field", "value"), TAKEN.values(), ids=TAKEN)
def test_what_is_only_unusual_is_taken_as_it_is(
    data: Path, tmp_path: Path, files: dict[str, bytes], field: str, value: str
) -> None:
    name = tmp_path.name
    report = _report(data, _source(tmp_path, files), "--source-name", name)
    assert (report["services"]["new"], report["quarantine"]) == (1, [])
    out = tmp_path / "out"
    exported = _run(data, "export", out, "--format", "hsds-csv", "--source", name)
    assert exported.exit_code == 0, exported.stderr
    (table,) = out.rglob("services.csv")
    (row,) = csv.DictReader(table.read_text(encoding="utf-8").splitlines())
    assert row[field] == value


def _zip(path: Path, name: str, content: bytes) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr(name, content)
    return path


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("../services.csv", _SERVICE.encode(), "a name that leads out of the folder"),
        ("services.csv", b"0" * (50 << 20), "swells more than 200 times"),
    ],
    ids=["zip slip", "zip bomb"],
)
def test_a_zip_that_would_do_harm_is_refused_whole(
    data: Path, tmp_path: Path, name: str, content: bytes, reason: str
) -> None:
    refused = _run(data, "import", _zip(tmp_path / "source.zip", name, content))
    assert refused.exit_code == 1
    assert reason in refused.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["source.zip"]
    assert not (tmp_path.parent / "services.csv").exists()


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("bundle.json", '{"resourceType": "Bundle", "entry": []}', "this is a FHIR Bundle"),
        ("clubs.csv", "Service name,Postcode\nChess,LS9 6AU\n", "(--mapping NAME or FILE)\n"),
        (
            "feed.json",
            _ONE[:50],
            "nothing of it could be read: document: the JSON breaks off at line 1, column 51\n",
        ),
    ],
)
def test_what_is_no_directory_is_refused_whole(
    data: Path, tmp_path: Path, name: str, content: str, reason: str
) -> None:
    (tmp_path / name).write_text(content, encoding="utf-8")
    before = _run(data, "changes", "--json").stdout
    refused = _run(data, "import", tmp_path / name)
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert refused.stderr.startswith(f"Error: {tmp_path / name}: ")
    assert reason in refused.stderr
    assert refused.stderr.count(name) == 1
    assert _run(data, "changes", "--json").stdout == before


@contextmanager
def _feed(monkeypatch: pytest.MonkeyPatch, path: str, fault: Fault) -> Iterator[str]:
    monkeypatch.setenv("TEMPLATE_SERVICE_FEED_HOSTS", "127.0.0.1")
    with serving(holdings(12)) as server:
        server.misbehave(path, fault, times=None)
        yield server.base


def _same_page(page: Any) -> Any:
    return {**page, "contents": [service(n) for n in range(1, 6)], "last_page": False}


FEEDS: Final[dict[str, tuple[str, Fault, str]]] = {
    "loops its pages": ("/services?", rewritten(_same_page), "the feed repeats itself"),
    "answers 500": (
        "page=2",
        status(500, {"Retry-After": "0"}),
        "services page 2: the feed answers 500; tried 5 times",
    ),
    "redirects to a private address": (
        "page=2",
        redirect("http://10.0.0.1/services"),
        "the feed redirects where it may not: 10.0.0.1 is not a public address",
    ),
    "never ends": ("page=2", endless, "services page 2: the answer has more than 20,000,000 bytes"),
}


@pytest.mark.parametrize(("path", "fault", "reason"), FEEDS.values(), ids=FEEDS)
def test_a_feed_that_misbehaves_is_told_and_withdraws_nothing(
    data: Path, monkeypatch: pytest.MonkeyPatch, path: str, fault: Fault, reason: str
) -> None:
    with _feed(monkeypatch, path, fault) as base:
        report = _report(data, base)
    assert any(reason in told for told in _reasons(report))
    assert report["services"]["read"] > 0
    assert report["services"]["withdrawn"] == 0


FROM_THE_START: Final[dict[str, tuple[Fault, str]]] = {
    "answers 500": (status(500, {"Retry-After": "0"}), "the feed answers 500"),
    "redirects to a private address": (
        redirect("http://169.254.169.254/latest"),
        "169.254.169.254 is not a public address",
    ),
    "never ends": (endless, "more than 20,000,000 bytes"),
}


@pytest.mark.parametrize(("fault", "reason"), FROM_THE_START.values(), ids=FROM_THE_START)
def test_a_feed_that_gives_nothing_is_refused(
    data: Path,
    monkeypatch: pytest.MonkeyPatch,
    fault: Fault,
    reason: str,
) -> None:
    with _feed(monkeypatch, "/services", fault) as base:
        refused = _run(data, "import", base)
    assert refused.exit_code == 1
    assert reason in refused.stderr
    assert "Traceback" not in refused.stderr
