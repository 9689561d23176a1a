"""Links are followed to their end, once, and never to a private address."""

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from uuid import UUID

import pytest

from directory.feeds.addresses import Access
from directory.link_checks import Patience, check_links
from directory.model import Service
from tests.unit.directory.made_up import a_service

# Path to status and where it redirects; HEAD is not offered everywhere.
PAGES = {
    "/here": (200, ""),
    "/moved": (301, "/here"),
    "/for-now": (302, "/here"),
    "/partly": (301, "/for-now"),
    "/gone": (404, ""),
    "/removed": (410, ""),
    "/broken": (500, ""),
    "/busy": (429, ""),
    "/round": (301, "/round"),
    "/inside": (301, "http://169.254.169.254/latest"),
    "/script": (301, "javascript:alert(1)"),
    "/no-address": (301, "http://["),
    "/no-name": (301, f"http://{'a' * 64}.example/"),
    "/nowhere-at-all": (301, ""),
    "/no-head": (200, ""),
}


class _Pages(BaseHTTPRequestHandler):
    def do_HEAD(self) -> None:
        if self.path == "/no-head":
            self._answer(405, "")
        else:
            self._answer(*PAGES[self.path])

    def do_GET(self) -> None:
        self._answer(*PAGES[self.path])

    def _answer(self, status: int, towards: str) -> None:
        self.server.asked.append(f"{self.command} {self.path}")  # type: ignore[attr-defined]
        self.send_response(status)
        if towards:
            self.send_header("Location", towards)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def server() -> Iterator[ThreadingHTTPServer]:
    with _running() as found:
        yield found


@contextmanager
def _running() -> Iterator[ThreadingHTTPServer]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Pages) as found:
        found.asked = []  # type: ignore[attr-defined]
        thread = Thread(target=found.serve_forever)
        thread.start()
        yield found
        found.shutdown()
        thread.join()


@pytest.fixture
def base(server: ThreadingHTTPServer) -> str:
    server.asked.clear()  # type: ignore[attr-defined]
    return f"http://127.0.0.1:{server.server_port}"


def access(base: str) -> Access:
    return Access(hosts=frozenset({base.removeprefix("http://")}), plain_http=True)


def with_link(url: str, number: int = 1) -> Service:
    return a_service(id=str(UUID(int=number)), url=url)


@pytest.mark.parametrize(
    ("path", "state", "reason"),
    [
        ("/here", "answers", "it answers"),
        ("/no-head", "answers", "it answers"),
        ("/moved", "moved", "it has moved for good to {base}/here"),
        ("/for-now", "answers", "it answers"),
        ("/partly", "answers", "it answers"),
        ("/gone", "gone", "it answers 404: the page is not there any more"),
        ("/removed", "gone", "it answers 410: the page is not there any more"),
        ("/broken", "unclear", "it answers 500"),
        ("/busy", "unclear", "it answers 429"),
        ("/round", "unclear", "it redirects more than 5 times"),
    ],
)
def test_what_became_of_a_page(base: str, path: str, state: str, reason: str) -> None:
    (link,) = check_links([with_link(f"{base}{path}")], access(base))

    assert (link.state, link.reason) == (state, reason.format(base=base))


@pytest.mark.parametrize("path", ["/inside", "/script", "/no-address"])
def test_nobody_is_led_elsewhere(base: str, path: str) -> None:
    (link,) = check_links([with_link(f"{base}{path}")], access(base))

    assert link.state == "refused"


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1/", "http://10.0.0.1/", "ftp://example.org/", "https://[::1]/"]
)
def test_private_addresses_are_not_asked(url: str) -> None:
    (link,) = check_links([with_link(url)])

    assert link.state == "refused"


def test_a_name_that_leads_inside_is_not_asked() -> None:
    inside = Access(plain_http=True, resolve=lambda _host, _port: ["192.168.0.10"])

    (link,) = check_links([with_link("http://public.example/")], inside)

    assert link.reason == "public.example leads to 192.168.0.10, which is not a public address"


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("/no-name", "it could not be reached"),
        ("/nowhere-at-all", "it redirects more than 5 times"),
    ],
)
def test_a_redirect_that_leads_nowhere(base: str, path: str, reason: str) -> None:
    (link,) = check_links([with_link(f"{base}{path}")], access(base))

    assert (link.state, link.reason) == ("unclear", reason)


def test_nobody_there(base: str) -> None:
    with _running() as gone:
        port = gone.server_port
    dead = f"http://127.0.0.1:{port}"

    (link,) = check_links([with_link(f"{dead}/here")], access(dead), Patience(connect=1, read=1))

    assert (link.state, link.reason) == ("unclear", "it could not be reached")


def test_a_page_of_several_services_is_asked_once(base: str, server: ThreadingHTTPServer) -> None:
    services = [with_link(f"{base}/here"), a_service(id=str(UUID(int=2))), with_link("", 3)]
    services.append(with_link(f"{base}/here", 4))

    found = list(check_links(services, access(base)))

    assert [link.service.id for link in found if link.state == "answers"] == [
        str(UUID(int=1)),
        str(UUID(int=4)),
    ]
    assert server.asked == ["HEAD /here"]  # type: ignore[attr-defined]
