"""Runs the application on granian: one supervising process, one serving process with threads.

One serving process, because SQLite wants one writer and a submission is short; the threads only
overlap waiting for the disk.
"""

import contextlib
import gc
import multiprocessing
import multiprocessing.util
import os
import socket
import sys
import threading
from functools import partial
from typing import TYPE_CHECKING

from granian import Granian
from granian.constants import HTTPModes, Interfaces
from granian.log import LogLevels

from template_service.errors import ServiceError
from template_service.settings import Settings

if TYPE_CHECKING:
    from flask import Flask

# How long requests under way may take to finish after SIGTERM before they are cut off.
STOP_SECONDS = 10

# CPython's 700 allocations come to several rounds a request; memory per worker is benched too.
COLLECTOR_THRESHOLDS = (50_000, 20, 50)


class AddressInUse(ServiceError):
    """Something else listens on the host and port already, or they are not this machine's."""


def serve(settings: Settings) -> None:
    """Serves until SIGTERM or SIGINT, then finishes what is under way and returns.

    Raises `AddressInUse` before anything is started.
    """
    _check_address(settings.host, settings.port)
    server = Granian(
        target="template_service.app:create_app",
        address=settings.host,
        port=settings.port,
        interface=Interfaces.WSGI,
        workers=1,
        blocking_threads=settings.threads,
        http=HTTPModes.http1,
        websockets=False,
        log_level=LogLevels.warning,
        workers_kill_timeout=STOP_SECONDS,
    )
    # granian turns its exit code into SystemExit; 0 is no news.
    with contextlib.suppress(KeyboardInterrupt):
        server.serve(target_loader=partial(_load, settings), wrap_loader=False)


def _load(settings: Settings) -> "Flask":
    """The application, made in the serving process only: no store is shared across a fork."""
    _die_with_parent()
    # Imported here, so that the supervisor stays small.
    from template_service.app import EXTENSION, create_app, logs  # noqa: PLC0415

    logs.configure(settings.log_level)
    try:
        app = create_app(settings)
    except ServiceError as refusal:
        sys.exit(f"Error: {refusal.message}")
    _spare_the_collector()
    multiprocessing.util.Finalize(None, app.extensions[EXTENSION].close, exitpriority=10)
    return app


def _spare_the_collector() -> None:
    """Takes what start-up made out of the garbage collector's rounds, and lets rounds be rarer.

    Forms and directory live as long as the process; walking them again and again was a quarter of
    the processor time of a submission (`make bench ONLY=submit_cpu_ms`).
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*COLLECTOR_THRESHOLDS)


def _die_with_parent() -> None:
    """Ends the serving process at once when the supervisor is killed, so that the port is freed.

    What was acknowledged is on disk already; `kill -9` promises nothing more.
    """
    parent = multiprocessing.parent_process()
    if parent is None:
        return

    def watch() -> None:
        parent.join()
        os._exit(1)

    threading.Thread(target=watch, name="parent-watch", daemon=True).start()


def _check_address(host: str, port: int) -> None:
    """Refuses a port in use: granian would share it, and callers would reach either service."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as problem:
            text = f"Cannot listen on {host} port {port}: {problem.strerror}"
            raise AddressInUse(text) from None
