"""Spark counts as DuckDB does: the one expression, every cell, and a month closed by either."""

import gc
import shutil
from collections.abc import Iterator
from pathlib import Path

import ibis
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyspark.sql import SparkSession

from template_service.aggregates.cube import KEYS, MARKS, counts
from template_service.aggregates.months import close_month
from template_service.aggregates.vocabulary import ANY, BREAKDOWNS, UNKNOWN
from tests.facts import write_facts
from tests.unit.aggregates.month_of_facts import lay_down

FIRST, MONTH = "2026-08", "2026-09"
SETTINGS = {
    "spark.driver.bindAddress": "127.0.0.1",
    # A virtual machine that lives for two tests: code compiled once, lightly, and one collector.
    "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
    "spark.driver.host": "127.0.0.1",
    "spark.log.level": "ERROR",
    "spark.sql.shuffle.partitions": "1",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    # Planning well and compiling take longer than counting these few facts.
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    "spark.sql.codegen.wholeStage": "false",
}
# Spark's own client leaves its sockets to the garbage collector.
pytestmark = pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")


@pytest.fixture(scope="module")
def session() -> Iterator[SparkSession]:
    builder = SparkSession.builder.master("local[2]")
    for name, value in SETTINGS.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    yield session
    session.stop()


@pytest.fixture(autouse=True)
def _collected() -> Iterator[None]:
    """Within this test, whose warnings are expected, not in a later one."""
    yield
    gc.collect()


@pytest.fixture(scope="module")
def facts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A month of 3,600 facts, some blank in every way that facts may be."""
    path = tmp_path_factory.mktemp("facts") / "facts.parquet"
    write_facts(path, people=300, month=MONTH, seed=4, asked_all=False)
    return path


def _counted(facts: Path, path: Path) -> Path:
    """Every third person was counted before, in one or another half of the indicators."""
    people = sorted(set(pq.read_table(facts)["person"].to_pylist()))[::3]
    halves = [sum(marks) for marks in ([*MARKS.values()][::2], [*MARKS.values()][1::2])]
    marks = [halves[place % 2] for place in range(len(people))]
    pq.write_table(pa.table({"person": people, "marks": pa.array(marks, pa.int64())}), path)
    return path


def test_every_cell_is_the_same_on_spark_and_on_duckdb(
    session: SparkSession, facts: Path, tmp_path: Path
) -> None:
    counted = _counted(facts, tmp_path / "counted.parquet")
    found = {}
    for engine in (ibis.duckdb.connect(), ibis.pyspark.connect(session)):
        tables = engine.read_parquet(facts), engine.read_parquet(counted)
        found[engine.name] = engine.to_pyarrow(counts(*tables).order_by(KEYS))
    assert found["pyspark"].equals(found["duckdb"])
    rows = found["pyspark"].to_pylist()
    assert {row["breakdown"] for row in rows} == set(BREAKDOWNS)
    for name in set(BREAKDOWNS) - {"all"}:
        assert any((row["breakdown"], row["category"]) == (name, UNKNOWN) for row in rows)
    assert any(row["domain"] == ANY for row in rows)


def test_a_month_closed_on_spark_is_the_month_closed_on_duckdb(
    session: SparkSession, facts: Path, tmp_path: Path
) -> None:
    """The second of two months, so that people of the first count in `any` no more."""
    here, there = tmp_path / "here", tmp_path / "there"
    lay_down(here, FIRST, pq.read_table(facts)[::5])
    close_month(here, FIRST)
    lay_down(here, MONTH, pq.read_table(facts))
    shutil.copytree(here, there)
    close_month(here, MONTH)
    assert close_month(there, MONTH, engine="spark").people == 300
    cube = f"cubes/{MONTH}.parquet"
    assert pq.read_table(there / cube).equals(pq.read_table(here / cube))
    # The session was not started by the close, and is still there.
    assert session.range(3).count() == 3
