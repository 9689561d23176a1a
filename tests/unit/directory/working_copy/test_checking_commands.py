"""`directory check-links`, `duplicates` and `gaps`, over a source that has something to find."""

import json
from collections.abc import Iterator
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from click.testing import CliRunner, Result

from directory import link_checks
from directory.feeds.addresses import Access
from directory.link_checks import check_links
from directory.model import NEEDS, Phone, Service
from directory.open_referral import tabular_writing
from directory.open_referral.service_lens import records_of_all
from directory.working_copy import links
from template_service.actions.curate_desk import working_copy
from template_service.cli import main
from template_service.settings import Settings
from tests.unit.directory.made_up import a_service

# From the range of Ofcom for use in drama.
NUMBER = "0113 496 0101"


class _Pages(BaseHTTPRequestHandler):
    def do_HEAD(self) -> None:
        self.send_response(200 if self.path == "/here" else 410)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def base(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Pages) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        host = f"127.0.0.1:{server.server_port}"
        # The pages of the test stand for public ones.
        allowed = Access(hosts=frozenset({host}), plain_http=True)
        monkeypatch.setattr(link_checks, "check_links", partial(check_links, access=allowed))
        yield f"http://{host}"
        server.shutdown()
        thread.join()


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


def run(data: Path, *arguments: str | Path) -> Result:
    words = ["directory", *map(str, arguments), "--data", str(data)]
    result = CliRunner().invoke(main, words)
    assert result.exit_code == 0, result.stderr
    return result


def hold(data: Path, *services: Service) -> None:
    folder = data.parent / "made-up"
    tabular_writing.write(records_of_all(services), folder)
    run(data, "import", folder)


def answered(data: Path, *arguments: str) -> Any:
    return json.loads(run(data, *arguments, "--json").stdout)


def test_contacts_and_pages_are_checked(data: Path, base: str) -> None:
    hold(
        data,
        a_service(name="Made-up gone", url=f"{base}/gone", phone=(Phone("0113 496"),)),
        a_service(
            id="00000000-0000-4000-8000-000000000002", name="Made-up here", url=f"{base}/here"
        ),
    )

    found = answered(data, "check-links", "--source", "made-up")

    assert [(doubt["name"], doubt["field"], doubt["state"]) for doubt in found] == [
        ("Made-up gone", "phone[0]", "wrong"),
        ("Made-up gone", "url", "gone"),
    ]
    with working_copy(Settings(data=data)) as working:
        kept = links.checked(working)
    assert kept.asked == 2
    assert [(one.service.name, one.state) for one in kept.broken] == [("Made-up gone", "gone")]


def test_a_host_that_feeds_may_be_read_from_is_asked_for_no_page(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TEMPLATE_SERVICE_FEED_HOSTS", "127.0.0.1")
    hold(data, a_service(name="Made-up inside", url="http://127.0.0.1:9/"))

    (doubt,) = answered(data, "check-links", "--source", "made-up")

    assert (doubt["state"], doubt["reason"]) == ("refused", "127.0.0.1 is not a public address")


def test_offline_asks_no_page(data: Path) -> None:
    hold(data, a_service(name="Made-up", url="https://www.example.org/"))

    assert answered(data, "check-links", "--offline") == []
    assert "0 doubts" in run(data, "check-links", "--offline").stdout


def test_pairs_that_may_be_one(data: Path) -> None:
    facts: dict[str, Any] = {"name": "Made-up Warm Room", "phone": (Phone(NUMBER),)}
    ids = [f"00000000-0000-4000-8000-00000000000{number}" for number in (1, 2)]
    hold(data, *(a_service(id=each, **facts) for each in ids))

    (pair,) = answered(data, "duplicates")

    assert [each["id"] for each in pair["services"]] == ids
    assert pair["reasons"][:2] == ["the same name", "the same phone"]
    assert "1 pairs" in run(data, "duplicates").stdout

    assert answered(data, "review", "apart", *ids, "--reason", "two towns")["apart"]
    assert answered(data, "duplicates") == []
    run(data, "review", "apart", *ids, "--undo", "--reason", "a mistake")
    assert answered(data, "duplicates") == [pair]


def test_needs_that_nobody_meets_are_named(data: Path) -> None:
    run(data, "publish")

    for gap in answered(data, "gaps"):
        assert gap["need"] in NEEDS
        assert gap["wards"]
    assert "needs with a gap" in run(data, "gaps").stdout
