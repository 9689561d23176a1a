"""Matching in 5,000 and in 100,000 services, beside peers that find a need by its text alone."""

import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from typing import Any

from directory.matching import Seeker
from directory.model import NEEDS
from template_service import clock
from tests.bench.city import City, city
from tests.bench.figures import Figure, interleaved, percentile
from tests.bench.peers import Fts5, Tantivy

MATCH_5K_GOAL_MS = 1.0
MATCH_100K_GOAL_MS = 15.0
SEEKERS = 300
NEEDS_EACH = 3
BEST = 3


def match_5k_p95_ms() -> Iterator[Figure]:
    """Matching three needs in 5,000 services: copies of the starter services, spread about."""
    yield _match("match_5k_p95_ms", 5_000, MATCH_5K_GOAL_MS)


def match_100k_p95_ms() -> Iterator[Figure]:
    """Matching three needs in 100,000 services."""
    yield _match("match_100k_p95_ms", 100_000, MATCH_100K_GOAL_MS)


def _match(figure: str, services: int, goal: float) -> Figure:
    with city(services) as town, closing(sqlite3.connect(town.file)) as connection:
        tantivy, fts5 = Tantivy.of(town.services), Fts5(connection)
        seekers = _seekers(town)

        def with_tantivy(seeker: Seeker) -> None:
            for need in seeker.needs:
                tantivy.need(need, BEST)

        def with_fts5(seeker: Seeker) -> None:
            for need in seeker.needs:
                fts5.words(NEEDS[need], BEST)

        medians = interleaved(
            {
                "ours": lambda: p95_ms(town.directory.match, seekers),
                "tantivy": lambda: p95_ms(with_tantivy, seekers),
                "fts5": lambda: p95_ms(with_fts5, seekers[:50]),
            }
        )
    return beside(figure, medians, goal)


def beside(figure: str, medians: dict[str, float], goal: float | None) -> Figure:
    """A figure in ms with its peers as ratios; no goal is always met."""
    ours = medians["ours"]
    return Figure(
        figure=figure,
        value=round(ours, 3),
        unit="ms",
        goal="none set" if goal is None else f"<= {goal}",
        met=goal is None or ours <= goal,
        peers={name: round(value / ours, 2) for name, value in medians.items() if name != "ours"},
    )


def p95_ms(work: Callable[[Any], object], over: Sequence[Any]) -> float:
    """The 95th percentile of wall-clock ms of some work over many things, one at a time."""
    taken = []
    for one in over:
        started = time.perf_counter()
        work(one)
        taken.append((time.perf_counter() - started) * 1000)
    return percentile(taken, 95)


def _seekers(town: City) -> list[Seeker]:
    """People all over the city."""
    return [
        Seeker(
            needs=tuple(town.draw.sample(sorted(NEEDS), NEEDS_EACH)),
            now=clock.now(),
            place=town.draw.choice(town.places),
            age=town.draw.randint(0, 90),
        )
        for _ in range(SEEKERS)
    ]
