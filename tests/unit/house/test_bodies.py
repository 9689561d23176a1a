import io
from collections.abc import Iterable
from typing import Any

import pytest
from flask import Flask, request
from hypothesis import given
from hypothesis import strategies as st

from template_service.app.bodies import DRAIN_BYTES, BoundedBodies

LIMIT = 1000


def make_application() -> BoundedBodies:
    app = Flask("bodies")
    app.config["MAX_CONTENT_LENGTH"] = LIMIT

    @app.post("/")
    def echo() -> bytes:
        return request.get_data()

    @app.post("/refuse")
    def refuse() -> tuple[str, int]:
        return "no", 403

    return BoundedBodies(app.wsgi_app, LIMIT)


class Network(io.BytesIO):
    """What a client sends; counts what was taken from it."""

    @property
    def taken(self) -> int:
        return self.tell()


def post(body: bytes, path: str = "/", *, chunked: bool = False) -> tuple[str, bytes, Network]:
    network = Network(body)
    environ: dict[str, Any] = {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": path,
        "SERVER_NAME": "test",
        "SERVER_PORT": "80",
        "wsgi.url_scheme": "http",
        "wsgi.input": network,
        "wsgi.input_terminated": True,
        "wsgi.errors": io.StringIO(),
    }
    if chunked:
        environ["HTTP_TRANSFER_ENCODING"] = "chunked"
    else:
        environ["CONTENT_LENGTH"] = str(len(body))
    seen: list[str] = []

    def start_response(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
        seen.append(status)

    answer: Iterable[bytes] = make_application()(environ, start_response)
    return seen[0], b"".join(answer), network


@given(st.binary(max_size=LIMIT), st.booleans())
def test_a_body_within_the_limit_arrives_whole(body: bytes, chunked: bool) -> None:
    status, answer, _ = post(body, chunked=chunked)
    assert (status, answer) == ("200 OK", body)


@pytest.mark.parametrize("chunked", [True, False])
@pytest.mark.parametrize("size", [LIMIT + 1, LIMIT * 1000])
def test_a_longer_body_is_refused_and_read_to_its_end(size: int, chunked: bool) -> None:
    status, _, network = post(b"x" * size, chunked=chunked)
    assert status.startswith("413")
    assert network.taken == size


def test_a_refusal_for_another_reason_reads_the_body_too() -> None:
    status, _, network = post(b"x" * 500_000, "/refuse")
    assert status.startswith("403")
    assert network.taken == 500_000


def test_an_endless_body_is_given_up() -> None:
    class Endless(Network):
        total = 0

        def read(self, size: int | None = -1, /) -> bytes:
            assert size is not None
            self.total += size
            return b"x" * size

    endless = Endless()
    environ: dict[str, Any] = {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": "/",
        "SERVER_NAME": "test",
        "SERVER_PORT": "80",
        "wsgi.url_scheme": "http",
        "wsgi.input": endless,
        "wsgi.input_terminated": True,
        "HTTP_TRANSFER_ENCODING": "chunked",
    }
    make_application()(environ, lambda *_: lambda _: None)
    assert endless.total <= DRAIN_BYTES + LIMIT + 1
