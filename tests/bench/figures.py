"""A figure of `make bench` and how it is measured: medians of interleaved runs, printed as JSON."""

import json
import os
import platform
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

RUNS = 5
_SYNCED_BLOCK = b"x" * 4096


def machine() -> str:
    """Processors, system and Python, enough to read a figure beside another."""
    return (
        f"{os.cpu_count()} cpus, {platform.system()} {platform.machine()},"
        f" Python {platform.python_version()}"
    )


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured figure with its goal; `peers` are peer / ours, `floors` the machine's least."""

    figure: str
    value: float
    unit: str
    goal: str
    met: bool
    peers: Mapping[str, float] = field(default_factory=dict)
    floors: Mapping[str, float] = field(default_factory=dict)
    runs: int = RUNS
    machine: str = field(default_factory=machine)

    def line(self) -> str:
        """The JSON line of the interface."""
        return json.dumps(asdict(self), default=dict)


def interleaved(work: Mapping[str, Callable[[], float]], runs: int = RUNS) -> dict[str, float]:
    """The median of each kind of work, run in turns so that a slow moment hits all alike."""
    seen: dict[str, list[float]] = {name: [] for name in work}
    for _ in range(runs):
        for name, measure in work.items():
            seen[name].append(measure())
    return {name: statistics.median(values) for name, values in seen.items()}


def seconds(work: Callable[[], Any], repeats: int) -> float:
    """Wall-clock seconds of one piece of work, the mean of so many repeats."""
    started = time.perf_counter()
    for _ in range(repeats):
        work()
    return (time.perf_counter() - started) / repeats


def percentile(values: Sequence[float], percent: int) -> float:
    """A percentile by the inclusive method; `percent` is 1 to 99."""
    return statistics.quantiles(values, n=100, method="inclusive")[percent - 1]


def fdatasync_ms(folder: Path, times: int = 100) -> float:
    """What one durable write of 4 KiB costs on the disk of a folder, in ms of wall-clock time."""
    path = folder / "fdatasync"
    with path.open("wb") as file:
        taken = []
        for _ in range(times):
            started = time.perf_counter()
            file.write(_SYNCED_BLOCK)
            file.flush()
            os.fdatasync(file.fileno())
            taken.append((time.perf_counter() - started) * 1000)
    path.unlink()
    return statistics.median(taken)
