"""What one submission costs the real server, beside a bare Flask application on the same server."""

import json
import statistics
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
from tests.bench.figures import RUNS, Figure, fdatasync_ms, interleaved
from tests.practice import Practice, prepare

# Issue "First light": at most ten times the bare floor of the same run.
GOAL_RATIO = 10
ANSWERS = 40
# In each run both servers are started anew, because where a process lies in memory is worth several
# per cent; then they take turns, because a shared machine changes its pace within seconds.
TURNS = 6
WARM_UP = 80
SUBMISSIONS = 40
RECEIPTS = 160


def submit_cpu_ms() -> Iterator[Figure]:
    """Processor time of the server's processes for one authenticated submission."""
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        # Everybody submits once, as in a practice: nobody's history grows during the runs.
        practice = prepare(data, answers=ANSWERS, people=RUNS * (WARM_UP + TURNS * SUBMISSIONS))
        text = json.dumps(practice.resource)
        bodies = iter(
            [
                text.replace(practice.person_ids[0], person_id).encode()
                for person_id in practice.person_ids
            ]
        )
        runs = [_one_run(data, practice, bodies) for _ in range(RUNS)]
        synced = fdatasync_ms(data)
    ours, floor = (statistics.median(run[name] for run in runs) for name in ("ours", "floor"))
    yield Figure(
        figure="submit_cpu_ms",
        value=round(ours, 3),
        unit="ms",
        goal=f"<= {GOAL_RATIO} x bare_flask_cpu_ms",
        met=ours <= GOAL_RATIO * floor,
        floors={"bare_flask_cpu_ms": round(floor, 3), "fdatasync_ms": round(synced, 3)},
    )


def _one_run(data: Path, practice: Practice, bodies: Iterator[bytes]) -> dict[str, float]:
    with server.serving(data) as ours, _floor() as (floor_port, floor):
        submit = Load(ours.port, ours.process.pid, "/fhir/QuestionnaireResponse", practice)
        receive = Load(floor_port, floor.pid, "/", practice)
        warmed = list(islice(bodies, WARM_UP))
        submit.cpu_ms(warmed)
        receive.cpu_ms(warmed)
        return interleaved(
            {
                "ours": lambda: submit.cpu_ms(islice(bodies, SUBMISSIONS)),
                "floor": lambda: receive.cpu_ms(islice(cycle(warmed), RECEIPTS)),
            },
            TURNS,
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
