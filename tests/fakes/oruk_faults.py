"""How the Open Referral UK server of the tests misbehaves, on request."""

import threading
from collections.abc import Callable, Mapping
from typing import Any

from tests.fakes.oruk_server import Exchange, Fault

_PIECE = b" " * 65_536
_DRIP_SECONDS = 0.005


def status(code: int, headers: Mapping[str, str] | None = None) -> Fault:
    """Answers with this status."""

    def fault(exchange: Exchange) -> bool:
        exchange.send(code, b'{"error": "made up"}', headers)
        return True

    return fault


def redirect(to: str) -> Fault:
    """Redirects to another address."""
    return status(302, {"Location": to})


def rewritten(rewrite: Callable[[Any], Any]) -> Fault:
    """Answers with the right document made wrong."""

    def fault(exchange: Exchange) -> bool:
        exchange.answer_well(rewrite)
        return True

    return fault


def body(content: bytes, content_type: str = "application/json") -> Fault:
    """Answers 200 with this body."""

    def fault(exchange: Exchange) -> bool:
        exchange.send(200, content, {"Content-Type": content_type})
        return True

    return fault


def broken_off(exchange: Exchange) -> bool:
    """Promises more bytes than it sends, and closes the connection."""
    exchange.send_response(200)
    exchange.send_header("Content-Type", "application/json")
    exchange.send_header("Content-Length", "100000")
    exchange.end_headers()
    exchange.wfile.write(b'{"contents": [')
    exchange.close_connection = True
    return True


def endless(exchange: Exchange) -> bool:
    """Sends JSON that never ends, in chunks, until nobody listens or the server stops."""
    exchange.send_response(200)
    exchange.send_header("Content-Type", "application/json")
    exchange.send_header("Transfer-Encoding", "chunked")
    exchange.end_headers()
    while not exchange.oruk.stopping.is_set():
        exchange.wfile.write(b"%x\r\n%s\r\n" % (len(_PIECE), _PIECE))
    exchange.close_connection = True
    return True


def silent(exchange: Exchange) -> bool:
    """Takes the request and says nothing until the server stops."""
    exchange.oruk.stopping.wait()
    exchange.close_connection = True
    return True


def dripping(exchange: Exchange) -> bool:
    """Sends a byte now and then, each in time, and never comes to an end."""
    return _drip(exchange, 200)


def dripping_redirect(to: str) -> Fault:
    """Redirects, with a page about it that never comes to an end."""
    return lambda exchange: _drip(exchange, 302, to)


def _drip(exchange: Exchange, code: int, to: str = "") -> bool:
    exchange.send_response(code)
    exchange.send_header("Content-Type", "application/json")
    if to:
        exchange.send_header("Location", to)
    exchange.send_header("Content-Length", "1000000")
    exchange.end_headers()
    while not exchange.oruk.stopping.wait(_DRIP_SECONDS):
        exchange.wfile.write(b" ")
        exchange.wfile.flush()
    exchange.close_connection = True
    return True


def first(action: Callable[[], object]) -> Fault:
    """Does something before the request is answered as ever: pages shift, services vanish."""

    def fault(_: Exchange) -> bool:
        action()
        return False

    return fault


def held_back(asked: threading.Event, let_go: threading.Event) -> Fault:
    """Tells that it was asked, and answers only when it is let go."""

    def fault(_: Exchange) -> bool:
        asked.set()
        let_go.wait()
        return False

    return fault
