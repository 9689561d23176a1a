"""Closing a month: its facts become rounded cells, once, and the cells never change again."""

import hashlib
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq
from pyarrow.csv import write_csv

from template_service.aggregates.controlled_rounding import round_month
from template_service.aggregates.counted_people import Counted, forget
from template_service.aggregates.counting import Engine, counting
from template_service.aggregates.durable import sync, workplace
from template_service.aggregates.facts import discard, facts_held
from template_service.aggregates.folder import CUBES, closed_months
from template_service.aggregates.layout import Layout
from template_service.aggregates.reporting_period import MONTH
from template_service.aggregates.rounding_key import RoundingKey
from template_service.aggregates.vocabulary import domains
from template_service.errors import Conflict, Invalid, NotFound

# The twelve domains and `any`.
DOMAINS: Final = len(domains()) + 1


@dataclass(frozen=True, slots=True)
class Closed:
    """A closed month: how many people its facts are of, how many cells, and the seconds taken."""

    month: str
    people: int
    cells: int
    seconds: float


def close_month(
    folder: Path,
    month: str,
    *,
    engine: Engine = "duckdb",
    today: date | None = None,
    progress: Callable[[str], object] | None = None,
) -> Closed:
    """Round the facts of a month, keep the cells for good, and forget the facts.

    `folder` is the deployment's folder of aggregates. `progress` is told each domain that is done.
    A month that is not over on `today` is not closed: what is left of it could never be counted.
    Raises `Invalid` for what is no month or not over, `NotFound` without facts, `Conflict` for a
    month that is closed or out of turn, and `Unavailable` for a missing or changed key, or where
    who was counted this year is not known. Nothing is visible before all of it is there: the cube
    comes last, and what it makes superfluous goes after it, at the latest when facts are touched
    again.
    """
    started = time.perf_counter()
    if not MONTH.fullmatch(month):
        raise Invalid("A month is written YYYY-MM")
    if today is not None and month >= f"{today:%Y-%m}":
        raise Invalid(f"{month} is not over; close it when it is")
    with facts_held(folder) as facts:
        closed = closed_months(folder)
        _tidy(folder, facts, closed)
        month_facts = _to_close(facts, month, closed)
        key = RoundingKey.open(folder, _fingerprint(folder))
        before = Counted.before(folder, month, closed)
        with workplace(facts) as work:
            marked = work / "marked.parquet"
            with counting(engine, work) as count:
                people = count.people(month_facts)
                number, added = before.tell(people, key, month, marked)
                counted = count.cells(people, marked)
            layout = Layout.of(counted)
            draw = _Draw(key, month, first_of_year=not before.fingerprints.size)
            cube = _rounded(draw, counted, layout, progress)
            added.keep(folder, month, work)
        _keep(_signed(cube, month, key), folder / CUBES / f"{month}.parquet")
        _tidy(folder, facts, closed_months(folder))
    return Closed(month, number, layout.cells, round(time.perf_counter() - started, 3))


def _tidy(folder: Path, facts: Path, closed: Sequence[str]) -> None:
    """Forget what closed months need no more; whoever did it last may have been cut off."""
    discard(facts, closed)
    forget(folder, closed)


def _signed(cube: pa.Table, month: str, key: RoundingKey) -> pa.Table:
    """The cube with when it was closed, and by which key."""
    return cube.replace_schema_metadata(
        {
            "month": month,
            "key": key.fingerprint,
            "closed_at": datetime.now(UTC).isoformat(timespec="seconds"),
        }
    )


def _to_close(facts: Path, month: str, closed: Sequence[str]) -> Path:
    """The facts of a month whose turn it is: people count where they first do in a year."""
    if month in closed:
        raise Conflict(f"{month} is closed; a correction is counted in a later month")
    if closed and month < closed[-1]:
        raise Conflict(f"{closed[-1]} is closed, and months are closed in order")
    held = {path.parent for path in facts.glob("month=*/*.parquet")}
    asked_of = facts / f"month={month}"
    if asked_of not in held:
        raise NotFound(f"There are no facts of {month}; import them first")
    if min(held) < asked_of:
        waiting = min(held).name.removeprefix("month=")
        raise Conflict(f"{waiting} has facts and is not closed; months are closed in order")
    return asked_of


class _Draw(NamedTuple):
    """What the rounding of a month is drawn from, beside its counts."""

    key: RoundingKey
    month: str
    first_of_year: bool


def _rounded(
    draw: _Draw,
    counted: pa.Table,
    layout: Layout,
    progress: Callable[[str], object] | None,
) -> pa.Table:
    if not layout.domains:
        return layout.cube(draw.month, {})
    tables, blocks = layout.tables(counted), layout.blocks()
    # The same facts give the same draw, however their files were cut.
    digest = _digest(counted)
    rounded = round_month(
        tables,
        blocks,
        lambda name: draw.key.generator(draw.month, digest, name),
        any_is_whole=draw.first_of_year,
        progress=progress,
    )
    return layout.cube(draw.month, rounded)


def _digest(counted: pa.Table) -> str:
    text = pa.BufferOutputStream()
    write_csv(counted, text)
    return hashlib.sha256(text.getvalue()).hexdigest()


def _fingerprint(folder: Path) -> str | None:
    """The key the closed months were drawn with, or None before the first."""
    months = closed_months(folder)
    if not months:
        return None
    metadata = pq.read_schema(folder / CUBES / f"{months[0]}.parquet").metadata
    return str(metadata[b"key"].decode())


def _keep(cube: pa.Table, path: Path) -> None:
    """Writes a cube, whole or not at all; whoever closes a month holds its facts alone."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with workplace(path.parent) as work:
        half = work / path.name
        pq.write_table(cube, half, compression="zstd")
        sync(half)
        half.rename(path)
    sync(path.parent)
