"""Bodies at the door: a chunked one gets a length, a refused one is read to its end.

Most HTTP clients send the whole body before they look at the answer. A server that answers early
and closes the connection resets it, and the client sees a broken pipe in place of the 413.
"""

import io
import time
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

# Beyond these a client is not mistaken but hostile, and may see its connection break.
DRAIN_BYTES = 64 * 1024 * 1024
DRAIN_SECONDS = 20.0
_CHUNK = 64 * 1024

# Lines of JSON may be the whole directory: they are never gathered.
_STREAMED = "application/x-ndjson"


class BoundedBodies:
    """WSGI middleware around an application that refuses bodies longer than `limit` bytes."""

    def __init__(self, application: "WSGIApplication", limit: int) -> None:
        self._application = application
        self._limit = limit

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        """Answers as the wrapped application does."""
        refused = streamed = False

        def noting(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            nonlocal refused, streamed
            refused = status >= "400"
            streamed = ("Content-Type", _STREAMED) in headers
            return start_response(status, headers, exc_info)

        rest = environ["wsgi.input"].read
        left = _announced(environ)
        if left is None:
            left = self._measure(environ)
        answer = self._application(environ, noting)
        if streamed:
            return answer
        whole = _whole(answer)
        if refused and left:
            _drain(rest, left)
        return whole

    def _measure(self, environ: "WSGIEnvironment") -> int:
        """Reads a chunked body, as far as one byte past the limit, and announces its length.

        Werkzeug would cut it off at the limit without a word. Returns how much may still come.
        """
        body = _read(environ["wsgi.input"].read, self._limit + 1)
        environ["wsgi.input"] = io.BytesIO(body)
        environ["CONTENT_LENGTH"] = str(len(body))
        del environ["HTTP_TRANSFER_ENCODING"]
        return DRAIN_BYTES if len(body) > self._limit else 0


def _whole(answer: Iterable[bytes]) -> list[bytes]:
    """The parts of an answer. granian sends a list in one step and anything else part by part."""
    try:
        return list(answer)
    finally:
        close = getattr(answer, "close", None)
        if close is not None:
            close()


def _announced(environ: "WSGIEnvironment") -> int | None:
    """How many bytes the client said it sends; None for a chunked body, whose length is unknown."""
    length = environ.get("CONTENT_LENGTH", "")
    if length.isdecimal():
        return min(int(length), DRAIN_BYTES)
    return None if "chunked" in environ.get("HTTP_TRANSFER_ENCODING", "").lower() else 0


def _read(read: Callable[[int], bytes], limit: int) -> bytes:
    body = bytearray()
    while len(body) < limit:
        chunk = read(min(_CHUNK, limit - len(body)))
        if not chunk:
            break
        body += chunk
    return bytes(body)


def _drain(read: Callable[[int], bytes], limit: int) -> None:
    deadline = time.monotonic() + DRAIN_SECONDS
    left = limit
    while left > 0 and time.monotonic() < deadline:
        chunk = read(min(_CHUNK, left))
        if not chunk:
            return
        left -= len(chunk)
