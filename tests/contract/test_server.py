"""The real server: what it refuses, how it stops, and that nothing of it stays behind."""

import json
import os
import signal
import socket
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psutil
import pytest
import requests

from tests import server
from tests.practice import Practice, prepare

FIVE_MB = 5_000_000


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("data")


@pytest.fixture(scope="module")
def practice(data: Path) -> Practice:
    return prepare(data)


@pytest.fixture(scope="module")
def running(data: Path, practice: Practice) -> Iterator[server.Running]:
    with server.serving(data) as one:
        yield one


def send_all_then_read(port: int, head: str, body: list[bytes]) -> tuple[int, bytes]:
    """As most HTTP clients do: the whole body first, then the answer. Gives status and body."""
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        connection.sendall(head.replace("\n", "\r\n").encode())
        for part in body:
            connection.sendall(part)
        received = b""
        while chunk := connection.recv(65536):
            received += chunk
    headers, _, content = received.partition(b"\r\n\r\n")
    return int(headers.split()[1]), content


@pytest.mark.parametrize("operation", ["", "/$score"])
def test_five_megabytes_end_in_a_readable_refusal(
    running: server.Running, practice: Practice, operation: str
) -> None:
    head = post_head(practice, operation, FIVE_MB)
    status, content = send_all_then_read(running.port, head, [b"x" * FIVE_MB])
    outcome = json.loads(content)
    assert (status, outcome["resourceType"]) == (413, "OperationOutcome")
    assert outcome["issue"][0]["code"] == "too-long"


def test_whoever_is_refused_for_another_reason_reads_it_too(
    running: server.Running, practice: Practice
) -> None:
    stranger = replace(practice, token="nobody")
    head = post_head(stranger, "", FIVE_MB)
    status, content = send_all_then_read(running.port, head, [b"x" * FIVE_MB])
    assert (status, json.loads(content)["resourceType"]) == (401, "OperationOutcome")


def test_a_submission_is_answered(running: server.Running, practice: Practice) -> None:
    body = json.dumps(practice.resource).encode()
    head = post_head(practice, "", len(body))
    assert send_all_then_read(running.port, head, [body])[0] == 201


def post_head(practice: Practice, operation: str, length: int) -> str:
    lines = [
        f"POST /fhir/QuestionnaireResponse{operation} HTTP/1.1",
        "Host: x",
        "Connection: close",
        f"Content-Length: {length}",
        *(f"{name}: {value}" for name, value in practice.headers.items()),
    ]
    return "\n".join([*lines, "", ""])


def test_a_chunked_body_without_a_length_is_bounded_too(running: server.Running) -> None:
    head = (
        "POST /sign-in HTTP/1.1\nHost: x\nConnection: close\n"
        "Content-Type: application/x-www-form-urlencoded\nTransfer-Encoding: chunked\n\n"
    )
    chunk = b"username=" + b"x" * 65536
    chunks = [b"%x\r\n%s\r\n" % (len(chunk), chunk)] * (FIVE_MB // len(chunk))
    status, content = send_all_then_read(running.port, head, [*chunks, b"0\r\n\r\n"])
    assert status == 413
    assert b"too large" in content


def test_pages_are_compressed(running: server.Running) -> None:
    answer = requests.get(
        f"{running.base}/sign-in", headers={"Accept-Encoding": "gzip"}, timeout=10
    )
    assert answer.headers["Content-Encoding"] == "gzip"


def test_a_second_server_on_the_port_is_refused(running: server.Running, tmp_path: Path) -> None:
    second = subprocess.run(
        server.command("serve", "--port", str(running.port), "--data", str(tmp_path)),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert second.returncode == 1
    assert f"port {running.port}" in second.stderr


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_stops_when_told_and_leaves_nothing(tmp_path: Path, number: signal.Signals) -> None:
    one = server.start(tmp_path)
    family = psutil.Process(one.process.pid).children(recursive=True)
    one.process.send_signal(number)
    assert one.process.wait(server.STOP_SECONDS) == 0
    assert psutil.wait_procs(family, timeout=5)[1] == []
    # A clean stop folds the write-ahead log into the file, so that a plain copy is a backup.
    assert not (tmp_path / "records.sqlite-wal").exists()


def test_killed_it_frees_the_port_and_leaves_no_orphan(tmp_path: Path) -> None:
    one = server.start(tmp_path)
    family = psutil.Process(one.process.pid).children(recursive=True)
    assert family
    os.kill(one.process.pid, signal.SIGKILL)
    one.process.wait()
    assert psutil.wait_procs(family, timeout=10)[1] == []
    with server.serving(tmp_path) as again:
        assert server.answers(again.base)


def test_what_is_under_way_is_finished_before_it_stops(tmp_path: Path) -> None:
    """The body arrives after the signal; the answer still comes."""
    one = server.start(tmp_path)
    body = b"username=nobody&password=wrong"
    head = (
        "POST /sign-in HTTP/1.1\nHost: x\nConnection: close\n"
        f"Content-Type: application/x-www-form-urlencoded\nContent-Length: {len(body)}\n\n"
    )
    with socket.create_connection(("127.0.0.1", one.port), timeout=30) as connection:
        connection.sendall(head.replace("\n", "\r\n").encode() + body[:5])
        one.process.send_signal(signal.SIGTERM)
        connection.sendall(body[5:])
        received = b""
        while chunk := connection.recv(65536):
            received += chunk
    server.stop(one)
    assert received.startswith(b"HTTP/1.1 400")


def test_bad_settings_are_all_named_before_anything_starts(tmp_path: Path) -> None:
    bad = {"TEMPLATE_SERVICE_PORT": "none", "TEMPLATE_SERVICE_THREADS": "none"}
    ended = subprocess.run(
        server.command("serve", "--data", str(tmp_path / "data")),
        env=os.environ | bad,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert ended.returncode == 1
    assert all(name in ended.stderr for name in bad)
    assert not (tmp_path / "data").exists()


def test_a_key_file_others_can_read_stops_the_start(tmp_path: Path) -> None:
    with server.serving(tmp_path):
        pass
    (tmp_path / "keys.json").chmod(0o644)
    with pytest.raises(RuntimeError, match="Error: Others can read the key file"):
        server.start(tmp_path)


def test_the_log_names_routes_and_nobody(tmp_path: Path) -> None:
    practice = prepare(tmp_path)
    person_id = practice.person_ids[0]
    with server.serving(tmp_path, {"LOG_LEVEL": "INFO"}) as one:
        requests.get(
            f"{one.base}/people/{person_id}/template?postcode=LS9",
            timeout=10,
            allow_redirects=False,
        )
        answer = requests.get(f"{one.base}/fhir/Questionnaire/none", timeout=10)
        log = one.log.read_text()
    assert person_id not in log
    assert "LS9" not in log
    lines = [json.loads(line) for line in log.splitlines() if line.startswith("{")]
    assert {line["event"] for line in lines} == {"request"}
    assert "/people/<person_id>/template" in {line["route"] for line in lines}
    assert answer.headers["X-Request-Id"] in {line["request_id"] for line in lines}
