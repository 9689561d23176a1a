"""Logs: one JSON object per line on stderr, without identifiers, paths or query strings.

A request is logged by its route (`/people/<person_id>/plan`), never by its path, and an unexpected
error by its type and its place in the code, never by its message, which may quote a value.
"""

import logging
import sys
import time
import traceback
from datetime import UTC, datetime
from typing import Any

import orjson
from flask import Flask, Response, g, request

_LOG = logging.getLogger("template_service")
_FIELDS = "fields"


class JsonLines(logging.Formatter):
    """Writes a record as one line of JSON: time, level, event and the event's own fields."""

    def format(self, record: logging.LogRecord) -> str:
        """The line of a record."""
        line = {
            "time": datetime.fromtimestamp(record.created, UTC),
            "level": record.levelname.lower(),
            "event": record.getMessage(),
            **getattr(record, _FIELDS, {}),
        }
        return orjson.dumps(line, option=orjson.OPT_UTC_Z).decode()


def configure(level: str) -> None:
    """Sends the service's own log to stderr; libraries are heard from warnings up."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    _LOG.setLevel(level)


def event(level: int, name: str, **fields: Any) -> None:
    """Logs one event. Fields are counts, codes and routes: nothing that names a person."""
    _LOG.log(level, name, extra={_FIELDS: fields})


def unexpected(error: BaseException) -> None:
    """Logs an error nobody foresaw: its type and the lines of code it passed through."""
    places = [
        f"{frame.filename.rpartition('/')[2]}:{frame.lineno} {frame.name}"
        for frame in traceback.extract_tb(error.__traceback__)
    ]
    event(
        logging.ERROR,
        "unexpected-error",
        request_id=g.get("request_id"),
        error=type(error).__name__,
        places=places,
    )


def register(app: Flask) -> None:
    """Adds the hooks that log every answered request."""

    @app.before_request
    def start_clock() -> None:
        g.started = time.perf_counter()

    @app.after_request
    def log_request(response: Response) -> Response:
        if _LOG.isEnabledFor(logging.INFO):
            event(
                logging.INFO,
                "request",
                request_id=g.get("request_id"),
                method=request.method,
                route=request.url_rule.rule if request.url_rule else None,
                status=response.status_code,
                ms=round((time.perf_counter() - g.started) * 1000, 1),
            )
        return response
