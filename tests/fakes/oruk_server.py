"""Another directory's Open Referral UK API on loopback, made up, misbehaving on request.

What it holds is in `oruk_holdings`, how it can misbehave in `oruk_faults`.
"""

import json
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.fakes.oruk_holdings import Holdings

Fault = Callable[["Exchange"], bool]
"""Does something to an exchange; True when it has answered, False to have it answered."""


@dataclass
class _Plan:
    """A fault for requests whose path and query contain `asked`, so many times (None: always)."""

    asked: str
    fault: Fault
    times: int | None


class OrukServer:
    """The server: what it holds, how it behaves, and what it was asked.

    `page_size` bounds `per_page`; `offers` are the lists it has; `details` whether services can
    be opened one by one; `full` whether it honours `full=true`; `strict`: unknown parameters are
    refused with 400; `version` is "v3" or "v1"; `prefix` is the path of the API. Answers carry an
    `ETag`, or when `dated` is a date, that as `Last-Modified`; `unchanged` are the requests that
    were answered 304.
    """

    def __init__(self, held: Holdings, base: str, prefix: str) -> None:
        self.held, self.origin, self.prefix = held, base, prefix
        self.base = f"{base}{prefix}"
        self.page_size = 5
        self.version = "v3"
        self.offers = {
            "services",
            "organizations",
            "service_at_locations",
            "taxonomies",
            "taxonomy_terms",
        }
        self.details = True
        self.full = False
        self.strict = False
        self.dated = ""
        self.unchanged: list[str] = []
        self.honours_modified_after = True
        self.requests: list[str] = []
        self.hosts: list[str] = []
        self.stopping = threading.Event()
        self._plans: list[_Plan] = []
        self._lock = threading.Lock()

    def misbehave(self, asked: str, fault: Fault, times: int | None = 1) -> None:
        """Answer requests whose path and query contain `asked` with the fault, so many times."""
        self._plans.append(_Plan(asked, fault, times))

    def behave(self) -> None:
        """Forget every fault and every request."""
        self._plans.clear()
        self.requests.clear()
        self.unchanged.clear()

    def asked(self, part: str) -> list[str]:
        """The requests that contained this."""
        return [request for request in self.requests if part in request]

    def faults_for(self, target: str) -> list[Fault]:
        """The faults due for a request, taken off their plans."""
        with self._lock:
            self.requests.append(target)
            due = [plan for plan in self._plans if plan.asked in target and plan.times != 0]
            for plan in due:
                plan.times = None if plan.times is None else plan.times - 1
        return [plan.fault for plan in due]


class Exchange(BaseHTTPRequestHandler):
    """One request and its answer."""

    protocol_version = "HTTP/1.1"
    # Head and body are two writes; Nagle's algorithm would make each answer wait for the other.
    disable_nagle_algorithm = True
    oruk: OrukServer

    def do_GET(self) -> None:
        """Answer, or misbehave."""
        self.oruk.hosts.append(self.headers.get("Host", ""))
        with suppress(ConnectionError, ssl.SSLError):
            if not any(fault(self) for fault in self.oruk.faults_for(self.path)):
                self.answer_well()

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def answer_well(self, rewrite: Callable[[Any], Any] = lambda document: document) -> None:
        """Answer as the standard says, with the document rewritten."""
        document = self._document()
        if isinstance(document, int):
            self.send(document, b"{}")
            return
        body = json.dumps(rewrite(document)).encode()
        etag = f'"{sha256(body).hexdigest()[:16]}"'
        mark = {"Last-Modified": self.oruk.dated} if self.oruk.dated else {"ETag": etag}
        known = {self.headers.get("If-Modified-Since"), self.headers.get("If-None-Match")}
        if known & set(mark.values()):
            self.oruk.unchanged.append(self.path)
            self.send(304, b"")
        else:
            self.send(200, body, mark)

    def send(self, status: int, body: bytes, headers: Mapping[str, str] | None = None) -> None:
        """Send a whole answer."""
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", **(headers or {})}.items():
            self.send_header(name, value)
        if status != 304:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _document(self) -> Any:
        parts = urlsplit(self.path)
        query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        if not parts.path.startswith(f"{self.oruk.prefix}/"):
            return 404
        known = {"page", "per_page", "modified_after"}
        if self.oruk.strict and set(query) - known:
            return 400
        table, _, one = parts.path.removeprefix(f"{self.oruk.prefix}/").partition("/")
        if table not in self.oruk.offers:
            return 404
        return self._one(one) if one else self._page(table, query)

    def _one(self, one: str) -> Any:
        held = self.oruk.held
        if not self.oruk.details or one in held.gone or one not in held.services:
            return 404
        return held.services[one]

    def _page(self, table: str, query: Mapping[str, str]) -> Any:
        full = self.oruk.full and query.get("full") == "true"
        found = self.oruk.held.listed(table, full=full)
        since = query.get("modified_after", "") if self.oruk.honours_modified_after else ""
        if table == "services" and since:
            found = [one for one in found if one["last_modified"] > since]
        size = min(int(query.get("per_page", "50")), self.oruk.page_size)
        number, pages = int(query.get("page", "1")), max(1, -(-len(found) // size))
        if number > pages:
            return 404
        contents = found[(number - 1) * size : number * size]
        first, last = number == 1, number == pages
        names = (
            ("totalElements", "totalPages", "number", "size", "first", "last", "content")
            if self.oruk.version == "v1"
            else (
                "total_items",
                "total_pages",
                "page_number",
                "size",
                "first_page",
                "last_page",
                "contents",
            )
        )
        values = (len(found), pages, number, len(contents), first, last, contents)
        return dict(zip(names, values, strict=True))


@contextmanager
def serving(
    held: Holdings, *, prefix: str = "/oruk/v3", tls: ssl.SSLContext | None = None
) -> Iterator[OrukServer]:
    """A server on a free loopback port for the length of a block, all its threads ended after."""
    handler = type("Handler", (Exchange,), {})
    with _Server(("127.0.0.1", 0), handler) as server:
        if tls is not None:
            server.socket = tls.wrap_socket(server.socket, server_side=True)
        scheme = "https" if tls else "http"
        oruk = OrukServer(held, f"{scheme}://127.0.0.1:{server.server_port}", prefix)
        handler.oruk = oruk  # type: ignore[attr-defined]
        # It polls for the end of the block; a long interval would slow every test.
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield oruk
        finally:
            oruk.stopping.set()
            server.shutdown()
            thread.join()


class _Server(ThreadingHTTPServer):
    # An idle connection that the client keeps open must not hold up the end of a test.
    daemon_threads = True
    block_on_close = False

    def handle_error(self, *_: object) -> None:
        """A client that hangs up is what the tests are about."""
