"""What one submission costs the real server, beside a bare Flask application on the same server."""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from itertools import cycle, islice
from pathlib import Path

import psutil

from template_service.settings import Settings
from tests import server
from tests.bench.figures import Figure, fdatasync_ms, interleaved
from tests.practice import Practice, prepare

# Issue "First light": at most ten times the bare floor of the same run.
GOAL_RATIO = 10
ANSWERS = 40
WARM_UP = 200
# Many short runs in turns: a shared machine changes its pace within seconds, and both must meet it.
ROUNDS = 25
SUBMISSIONS = 40
RECEIPTS = 160


def submit_cpu_ms() -> Iterator[Figure]:
    """Processor time of the server's processes for one authenticated submission."""
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        # Everybody submits once, as in a practice: nobody's history grows during the runs.
        practice = prepare(data, answers=ANSWERS, people=WARM_UP + ROUNDS * SUBMISSIONS)
        text = json.dumps(practice.resource)
        bodies = [
            text.replace(practice.person_ids[0], person_id).encode()
            for person_id in practice.person_ids
        ]
        with server.serving(data) as ours, _floor() as (floor_port, floor):
            submit = Load(ours.port, ours.process.pid, "/fhir/QuestionnaireResponse", practice)
            receive = Load(floor_port, floor.pid, "/", practice)
            sent, echoed = iter(bodies), cycle(bodies)
            submit.cpu_ms(islice(sent, WARM_UP))
            receive.cpu_ms(islice(echoed, WARM_UP))
            medians = interleaved(
                {
                    "ours": lambda: submit.cpu_ms(islice(sent, SUBMISSIONS)),
                    "floor": lambda: receive.cpu_ms(islice(echoed, RECEIPTS)),
                },
                ROUNDS,
            )
        floors = {"bare_flask_cpu_ms": medians["floor"], "fdatasync_ms": fdatasync_ms(data)}
    yield Figure(
        figure="submit_cpu_ms",
        value=round(medians["ours"], 3),
        unit="ms",
        goal=f"<= {GOAL_RATIO} x bare_flask_cpu_ms",
        met=medians["ours"] <= GOAL_RATIO * medians["floor"],
        floors={name: round(value, 3) for name, value in floors.items()},
        runs=ROUNDS,
    )


@dataclass(frozen=True, slots=True)
class Load:
    """Requests to one path of one server, over one connection that stays open."""

    port: int
    pid: int
    path: str
    practice: Practice

    def cpu_ms(self, bodies: Iterable[bytes]) -> float:
        """Processor milliseconds of the server's processes for each of the bodies."""
        connection = HTTPConnection("127.0.0.1", self.port)
        before = _cpu_seconds(self.pid)
        count = 0
        for body in bodies:
            connection.request("POST", self.path, body, self.practice.headers)
            answer = connection.getresponse()
            content = answer.read()
            if answer.status != 201:
                raise RuntimeError(f"status {answer.status}: {content.decode()}")
            count += 1
        spent = _cpu_seconds(self.pid) - before
        connection.close()
        return spent * 1000 / count


def _cpu_seconds(pid: int) -> float:
    """Processor time of a process and its children, to the nanosecond (Linux, schedstat)."""
    family = [pid, *(child.pid for child in psutil.Process(pid).children(recursive=True))]
    threads = (thread for each in family for thread in Path(f"/proc/{each}/task").iterdir())
    return sum(int((thread / "schedstat").read_text().split()[0]) for thread in threads) / 1e9


@contextmanager
def _floor() -> Iterator[tuple[int, "subprocess.Popen[bytes]"]]:
    port = server.free_port()
    command = [sys.executable, "-m", "tests.bench.floor", str(port), str(Settings().threads)]
    process = subprocess.Popen(command)
    try:
        while not server.answers(f"http://127.0.0.1:{port}"):
            time.sleep(0.05)
        yield port, process
    finally:
        process.terminate()
        process.wait()
