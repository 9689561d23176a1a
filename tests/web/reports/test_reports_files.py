"""What can be downloaded from the reports, and what never leaves with it."""

import io
import zipfile

import pyarrow.csv
import pyarrow.parquet as pq
import pytest

from template_service.web.reports_files import FILES
from tests.web.reports.city import NETWORK, PRACTICE, SISTER, STRANGER
from tests.web.staff import Staff

STARTS = {"pdf": b"%PDF-", "png": b"\x89PNG", "zip": b"PK", "xlsx": b"PK", "csv": b'"period",'}
RELEASE = "/reports/releases/2026-09-002"


@pytest.mark.parametrize("name", FILES)
def test_every_file_of_a_network_is_made(health: Staff, name: str) -> None:
    answer = health.get(f"/reports/pcn/{NETWORK}/files/{name}?period=2026-08/2026-09")
    assert answer.status_code == 200
    told = answer.headers["Content-Disposition"]
    assert told == f'attachment; filename="{NETWORK}-2026-08-to-2026-09-{name}"'
    start = STARTS.get(name.rpartition(".")[2], b"{")
    assert answer.data.startswith(start)


def test_the_pack_holds_all_the_others(health: Staff) -> None:
    answer = health.get(f"/reports/pcn/{NETWORK}/files/pack.zip?period=2026-08/2026-09")
    with zipfile.ZipFile(io.BytesIO(answer.data)) as pack:
        assert set(FILES) - {"pack.zip"} < set(pack.namelist())
        assert pack.testzip() is None


def test_the_page_links_every_file_of_its_period(health: Staff) -> None:
    page = health.get(f"/reports/pcn/{NETWORK}?period=2026-09").text
    for name in FILES:
        assert f'href="/reports/pcn/{NETWORK}/files/{name}?period=2026-09"' in page


def test_the_files_of_a_release_hold_no_practice(health: Staff) -> None:
    written = health.get(f"{RELEASE}/figures.csv")
    assert written.headers["Cache-Control"] == "private, max-age=31536000, immutable"
    figures = pyarrow.csv.read_csv(io.BytesIO(written.data))
    again = pq.read_table(io.BytesIO(health.get(f"{RELEASE}/figures.parquet").data))
    assert again.num_rows == figures.num_rows > 0
    assert again.column_names == figures.column_names
    for table in (figures, again):
        assert set(table["geography_type"].to_pylist()) == {"city", "pcn", "ward", "msoa"}
        assert not {PRACTICE, SISTER, STRANGER} & set(table["geography_code"].to_pylist())


def test_the_release_itself_is_told_as_it_lies_there(health: Staff) -> None:
    answer = health.get(f"{RELEASE}/release.json")
    assert answer.get_json()["id"] == "2026-09-002"
    assert "immutable" in answer.headers["Cache-Control"]
