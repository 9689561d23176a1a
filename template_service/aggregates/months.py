"""Closing a month: its facts become rounded cells, once, and the cells never change again."""

import hashlib
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import duckdb
import ibis
import pyarrow as pa
import pyarrow.parquet as pq
from pyarrow.csv import write_csv

from template_service.aggregates.controlled_rounding import round_domain
from template_service.aggregates.cube import KEYS, counts
from template_service.aggregates.durable import sync, workplace
from template_service.aggregates.facts import facts_held
from template_service.aggregates.layout import Layout
from template_service.aggregates.rounding_key import RoundingKey
from template_service.aggregates.vocabulary import ANY, domains
from template_service.errors import Conflict, Invalid, NotFound, Unavailable

# The twelve domains and `any`.
DOMAINS: Final = len(domains()) + 1
CUBES: Final = "cubes"
_MONTH: Final = re.compile(r"\d{4}-(0[1-9]|1[0-2])")
_THREADS: Final = 2
_MEMORY: Final = "1GB"


@dataclass(frozen=True, slots=True)
class Closed:
    """A closed month: how many people its facts are of, how many cells, and the seconds taken."""

    month: str
    people: int
    cells: int
    seconds: float


def closed_months(folder: Path) -> tuple[str, ...]:
    """The closed months, oldest first."""
    return tuple(sorted(path.stem for path in (folder / CUBES).glob("*.parquet")))


def close_month(
    folder: Path, month: str, *, progress: Callable[[str], object] | None = None
) -> Closed:
    """Round the facts of a month and keep the cells for good.

    `folder` is the deployment's folder of aggregates. `progress` is told each domain that is done.
    Raises `Invalid` for what is no month, `NotFound` without facts, `Conflict` for a closed month,
    and `Unavailable` for a missing or changed key. Nothing is visible before all of it is there.
    """
    started = time.perf_counter()
    if not _MONTH.fullmatch(month):
        raise Invalid("A month is written YYYY-MM")
    with facts_held(folder) as facts:
        if month in closed_months(folder):
            raise Conflict(f"{month} is closed; a correction is counted in a later month")
        files = sorted((facts / f"month={month}").glob("*.parquet"))
        if not files:
            raise NotFound(f"There are no facts of {month}; import them first")
        key = RoundingKey.open(folder, _fingerprint(folder))
        people, counted = _count(files)
        layout = Layout.of(counted)
        cube = _rounded(key, month, counted, layout, progress)
        _keep(_signed(cube, month, key), folder / CUBES / f"{month}.parquet")
    return Closed(month, people, layout.cells, round(time.perf_counter() - started, 3))


def _signed(cube: pa.Table, month: str, key: RoundingKey) -> pa.Table:
    """The cube with when it was closed, and by which key."""
    return cube.replace_schema_metadata(
        {
            "month": month,
            "key": key.fingerprint,
            "closed_at": datetime.now(UTC).isoformat(timespec="seconds"),
        }
    )


def _count(files: list[Path]) -> tuple[int, pa.Table]:
    """How many people the facts are of, and their counts in a fixed order."""
    connection = ibis.duckdb.connect(threads=_THREADS, memory_limit=_MEMORY)
    try:
        facts = connection.read_parquet([str(path) for path in files], hive_partitioning=False)
        people = int(facts.person.nunique().execute())
        return people, connection.to_pyarrow(counts(facts).order_by(KEYS))
    except duckdb.Error as problem:
        kind = type(problem).__name__
        raise Unavailable(f"{files[0].parent}: the facts cannot be counted ({kind})") from None
    finally:
        connection.disconnect()


def _rounded(
    key: RoundingKey,
    month: str,
    counted: pa.Table,
    layout: Layout,
    progress: Callable[[str], object] | None,
) -> pa.Table:
    tables, blocks = layout.tables(counted), layout.blocks()
    # The same facts give the same draw, however their files were cut.
    digest = _digest(counted)
    rounded = {}
    for domain in layout.domains:
        generator = key.generator(month, digest, domain)
        rounded[domain] = round_domain(tables[domain], blocks, generator, apart=domain != ANY)
        if progress is not None:
            progress(domain)
    return layout.cube(month, rounded)


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
