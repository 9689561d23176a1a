"""Where facts are counted: in DuckDB within this process, or on Spark where one machine is too few.

Both run the same two expressions (`cube.people`, `cube.cells`), with a Parquet file between them,
so that neither engine works out the people again for each table of the cube.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

import duckdb
import ibis
import pyarrow as pa
from ibis.expr.types import Table

from template_service.aggregates.cube import KEYS, cells, people
from template_service.errors import Invalid, Unavailable

Engine = Literal["duckdb", "spark"]
ENGINES: Final[tuple[Engine, ...]] = ("duckdb", "spark")

# Keeps the whole of a close below 1.5 GB: DuckDB goes to disk for what does not fit.
_MEMORY: Final = "700MB"
# Each thread of a count needs memory of its own.
_THREADS: Final = 4


@dataclass(frozen=True, slots=True)
class Counting:
    """A connected engine, and `work`, a folder for what lies between its steps.

    On a cluster of Spark the folder of aggregates is where every machine sees it.
    """

    connection: ibis.BaseBackend
    work: Path

    def people(self, facts: Path) -> Path:
        """Each person of a folder of fact files once, as Parquet (a file or a folder of them)."""
        found = self.work / "people.parquet"
        self.connection.to_parquet(people(self._read(facts)), found)
        return found

    def cells(self, people: Path, counted: Path) -> pa.Table:
        """The counts of these people in a fixed order; `counted` as `cube.counts` takes it."""
        found = cells(self._read(people), self._read(counted))
        return self.connection.to_pyarrow(found.order_by(KEYS)).combine_chunks()

    def _read(self, path: Path) -> Table:
        if self.connection.name != "duckdb":
            return self.connection.read_parquet(path)
        files = sorted(map(str, path.glob("*.parquet"))) if path.is_dir() else str(path)
        return self.connection.read_parquet(files, hive_partitioning=False)


@contextmanager
def counting(engine: Engine, work: Path) -> Iterator[Counting]:
    """An engine to count with, for as long as the block.

    Spark is what is running in this process, or started as its own configuration says. Raises
    `Invalid` for another engine, and `Unavailable` for one that is not installed or that fails.
    """
    if engine not in ENGINES:
        raise Invalid(f"Facts are counted by one of {', '.join(ENGINES)}")
    with _duckdb(work) if engine == "duckdb" else _spark() as connection:
        yield Counting(connection, work)


@contextmanager
def _duckdb(work: Path) -> Iterator[ibis.BaseBackend]:
    connection = ibis.duckdb.connect(
        threads=min(_THREADS, len(os.sched_getaffinity(0))),
        memory_limit=_MEMORY,
        temp_directory=str(work),
        preserve_insertion_order=False,
    )
    try:
        yield connection
    except duckdb.Error as problem:
        raise _failed(problem) from None
    finally:
        connection.disconnect()


@contextmanager
def _spark() -> Iterator[ibis.BaseBackend]:
    try:
        from pyspark.errors import PySparkException  # noqa: PLC0415 -- an extra
        from pyspark.sql import SparkSession  # noqa: PLC0415 -- an extra
    except ModuleNotFoundError:
        raise Unavailable("Spark is not installed: pip install 'template-service[spark]'") from None
    ours = SparkSession.getActiveSession() is None
    try:
        session = SparkSession.builder.appName("template-service").getOrCreate()
        connection = ibis.pyspark.connect(session)
        yield connection
    except PySparkException as problem:
        raise _failed(problem) from None
    finally:
        # A session that somebody else runs stays theirs.
        if ours and (running := SparkSession.getActiveSession()) is not None:
            running.stop()


def _failed(problem: Exception) -> Unavailable:
    """What engines say repeats values of the facts; only its kind is told."""
    return Unavailable(f"The facts cannot be counted ({type(problem).__name__})")
