"""The real server as tests and benchmarks use it: started, awaited, stopped, always reaped."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import requests

START_SECONDS = 60.0
STOP_SECONDS = 20.0
_POLL_SECONDS = 0.01


@dataclass(frozen=True, slots=True)
class Running:
    """A server that answers at `base`; `process` is the one that was started."""

    base: str
    port: int
    process: "subprocess.Popen[bytes]"
    log: Path


def free_port() -> int:
    """A port nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def command(*arguments: str) -> list[str]:
    """The command line of `template-service` with this Python."""
    return [sys.executable, "-m", "template_service", *arguments]


def start(
    data: Path, *, port: int | None = None, settings: Mapping[str, str] | None = None
) -> Running:
    """Starts `serve` on a data folder and waits until it answers.

    `settings` are named without their prefix (`THREADS`). Cookies are not marked secure, because
    tests speak plain HTTP to the loopback.
    """
    port = port or free_port()
    chosen = {"COOKIE_SECURE": "false", "LOG_LEVEL": "WARNING", **(settings or {})}
    log = data / "server.log"
    data.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        process = subprocess.Popen(
            command("serve", "--port", str(port), "--data", str(data)),
            env=os.environ | {f"TEMPLATE_SERVICE_{name}": text for name, text in chosen.items()},
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=Path(__file__).resolve().parents[1],
        )
    running = Running(f"http://127.0.0.1:{port}", port, process, log)
    try:
        _await(running)
    except BaseException:
        stop(running)
        raise
    return running


def stop(running: Running) -> int:
    """Ends a server the polite way and gives its exit code; kills it if it does not listen."""
    running.process.terminate()
    try:
        return running.process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        running.process.kill()
        return running.process.wait()


@contextmanager
def serving(data: Path, settings: Mapping[str, str] | None = None) -> Iterator[Running]:
    """A server on a data folder for the length of a block."""
    running = start(data, settings=settings)
    try:
        yield running
    finally:
        stop(running)


def answers(base: str) -> bool:
    """Whether something answers `/healthz` there."""
    try:
        return requests.get(f"{base}/healthz", timeout=5).ok
    except requests.ConnectionError:
        return False


def _listens(port: int) -> bool:
    """Whether somebody takes connections; asking that costs a hundredth of a request."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _await(running: Running) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not (_listens(running.port) and answers(running.base)):
        if running.process.poll() is not None:
            raise RuntimeError(f"the server ended:\n{running.log.read_text()}")
        if time.monotonic() > deadline:
            raise RuntimeError(f"the server does not answer:\n{running.log.read_text()}")
        time.sleep(_POLL_SECONDS)
