"""The least a Flask application on the same server can cost: it reads the body and answers.

python -m tests.bench.floor PORT THREADS
"""

import sys

from flask import Flask, request
from granian import Granian
from granian.constants import HTTPModes, Interfaces
from granian.log import LogLevels


def application() -> Flask:
    """One route that reads a body of any content type."""
    app = Flask("floor")

    @app.post("/")
    def receive() -> tuple[str, int]:
        request.get_data()
        return "", 201

    @app.get("/healthz")
    def healthz() -> str:
        return "ok"

    return app


if __name__ == "__main__":
    Granian(
        target="tests.bench.floor:application",
        factory=True,
        address="127.0.0.1",
        port=int(sys.argv[1]),
        interface=Interfaces.WSGI,
        blocking_threads=int(sys.argv[2]),
        http=HTTPModes.http1,
        websockets=False,
        log_level=LogLevels.warning,
    ).serve()
