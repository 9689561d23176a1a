"""A city's directory through the curators' working copy: taken in, taken in again, published."""

import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final

from directory.open_referral import json_writing, tabular_writing
from directory.open_referral.reading import read_source
from directory.open_referral.records import Item, Record, uuid_of
from directory.working_copy import edits, publishing, repeating
from directory.working_copy.importing import import_items
from directory.working_copy.report import ImportReport
from directory.working_copy.store import WorkingCopy
from tests.bench.figures import RUNS, Figure, interleaved
from tests.unit.directory.working_copy.sources import big_source, organization

IMPORT_GOAL_S: Final = 5
REIMPORT_GOAL_S: Final = 1
PUBLISH_GOAL_S: Final = 2

SERVICES: Final = 4_000
SCHEDULES: Final = 11_000
PUBLISHED: Final = 5_000
# The services of one organisation.
_TOGETHER: Final = 3
_NOW: Final = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
_TODAY: Final = date(2026, 11, 23)
_BY: Final = "a benchmark"


def import_4k_s() -> Iterator[Figure]:
    """4,000 services with 11,000 schedules from CSV tables and from JSON, the slower of the two."""
    yield _figure("import_4k_s", _slower("first"), IMPORT_GOAL_S)


def reimport_4k_s() -> Iterator[Figure]:
    """The same sources a second time, unchanged."""
    yield _figure("reimport_4k_s", _slower("again"), REIMPORT_GOAL_S)


def _slower(what: str) -> float:
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        records = [it for it in _city(SERVICES, SCHEDULES) if isinstance(it, Record)]
        tabular_writing.write(records, place / "csv")
        json_writing.write({"city": records}, place / "json")
        taken = interleaved({form: _timed(what, place / form) for form in ("csv", "json")})
    return max(taken.values())


def publish_s() -> Iterator[Figure]:
    """5,000 services published after one of them was edited, and for the first time."""
    first, later = [], []
    for _ in range(RUNS):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "working.sqlite"
            with WorkingCopy.open(path) as working:
                import_items(working, "city", _city(PUBLISHED, SCHEDULES), now=_NOW, by=_BY)
                first.append(_published(working, path.parent))
                service = uuid_of("city", "service", "s7")
                changes = {"name": "Another name"}
                edits.edit(working, [service], changes, by=_BY, now=_NOW, reason="they rang")
                later.append(_published(working, path.parent))
    yield _figure("publish_s", sorted(later)[RUNS // 2], PUBLISH_GOAL_S)
    yield _figure("first_publish_s", sorted(first)[RUNS // 2], None)


def _city(services: int, schedules: int) -> Iterator[Item]:
    """The made-up city of the tests, its services spread over organisations."""
    for item in big_source(services, schedules):
        if isinstance(item, Record) and item.kind == "service":
            of = f"o{int(item.id[1:]) // _TOGETHER}"
            yield item._replace(fields={**item.fields, "organization_id": of})
        elif isinstance(item, Record) and item.kind == "organization":
            yield from (organization(f"o{number}") for number in range(services // _TOGETHER + 1))
        else:
            yield item


def _timed(what: str, source: Path) -> Callable[[], float]:
    """Takes a source into a new working copy, and for "again" once more; times the last."""

    def measure() -> float:
        folder = Path(tempfile.mkdtemp())
        try:
            with WorkingCopy.open(folder / "working.sqlite") as working:
                if what == "again":
                    _take(working, source)
                return _seconds(lambda: _take(working, source))
        finally:
            shutil.rmtree(folder)

    return measure


def _take(working: WorkingCopy, source: Path) -> ImportReport:
    """As `template-service directory import` does."""
    digest = repeating.digest_of(source, "auto", None)
    same = repeating.repeated(working, "city", digest, now=_NOW, by=_BY)
    if same is not None:
        return same
    report = import_items(working, "city", read_source(source), now=_NOW, by=_BY)
    if report.tables["services"].new != SERVICES:
        raise RuntimeError(f"Not every service was taken in: {report.tables}")
    repeating.keep_digest(working, report, digest)
    return report


def _published(working: WorkingCopy, folder: Path) -> float:
    return _seconds(
        lambda: publishing.publish(working, folder, now=_NOW, today=_TODAY, by=_BY),
    )


def _seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def _figure(name: str, value: float, goal: float | None) -> Figure:
    return Figure(
        figure=name,
        value=round(value, 2),
        unit="s",
        goal=f"<= {goal}" if goal else "none set",
        met=goal is None or value <= goal,
    )
