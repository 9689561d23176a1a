"""The kept imports: one Parquet file for each import, never changed after it was made.

`indicators/000007-<SHA-256 of the file>.parquet` is the seventh. A later file wins over an earlier
one for the same key, so the newest figure is current and what it replaced can still be seen.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.parquet as pq

from template_service.aggregates.durable import held_alone, sync, workplace
from template_service.aggregates.indicators.figures import COLUMNS, KEY, NUMBERS, IndicatorValue
from template_service.aggregates.indicators.problems import IndicatorsDamaged

_FOLDER: Final = "indicators"
_NAME: Final = re.compile(r"(\d{6})-([0-9a-f]{64})\.parquet", re.ASCII)
_Filters = list[tuple[str, str, object]] | None
_TYPES: Final = {"indicator": pa.int32()} | dict.fromkeys(NUMBERS, pa.float64())
_SCHEMA: Final = pa.schema(
    [
        pa.field(name, _TYPES.get(name, pa.string()), nullable=name in NUMBERS[1:])
        for name in COLUMNS
    ]
)


def current_values(folder: Path, wanted: Mapping[str, object]) -> list[IndicatorValue]:
    """Every current figure whose columns equal `wanted` (columns of the key only), in no order.

    `folder` is the folder of aggregates; without imports there are none. Raises IndicatorsDamaged.
    """
    filters = [(column, "=", value) for column, value in wanted.items()] or None
    newest = {value.key: value for path in _files(folder) for value in _values(path, filters)}
    return list(newest.values())


def figures_by_period(folder: Path) -> dict[tuple[int, str], int]:
    """How many current figures there are of each indicator and period."""
    kept = [_table(path).select(KEY) for path in _files(folder)]
    if not kept:
        return {}
    keys = pa.concat_tables(kept).group_by(list(KEY)).aggregate([])
    counted = keys.group_by(["indicator", "period"]).aggregate([([], "count_all")]).to_pylist()
    return {(row["indicator"], row["period"]): row["count_all"] for row in counted}


def importing(folder: Path) -> AbstractContextManager[None]:
    """Within the block no other process imports, so that what was compared is still current.

    Raises Unavailable when another does, or when something in the block cannot be written.
    """
    return held_alone(folder / _FOLDER)


def keep(folder: Path, values: Iterable[IndicatorValue]) -> str:
    """Keeps figures as the newest import and gives its file name; call it within `importing`.

    The file is there whole or not at all.
    """
    kept, files = folder / _FOLDER, _files(folder)
    number = int(files[-1].name.partition("-")[0]) + 1 if files else 1
    raw = _parquet(values)
    with workplace(kept) as work:
        unfinished = work / f"{number:06}-{hashlib.sha256(raw).hexdigest()}.parquet"
        unfinished.write_bytes(raw)
        unfinished.chmod(0o444)
        sync(unfinished)
        unfinished.replace(kept / unfinished.name)
        sync(kept)
    return unfinished.name


def _files(folder: Path) -> list[Path]:
    return sorted((folder / _FOLDER).glob("*.parquet"))


def _values(path: Path, filters: _Filters) -> Iterator[IndicatorValue]:
    table = _table(path, filters)
    columns = [table.column(column).to_pylist() for column in COLUMNS]
    for cells in zip(*columns, strict=True):
        yield IndicatorValue(**dict(zip(COLUMNS, cells, strict=True)))


def _table(path: Path, filters: _Filters = None) -> pa.Table:
    name = _NAME.fullmatch(path.name)
    try:
        raw = path.read_bytes()
    except OSError as problem:
        raise IndicatorsDamaged(f"{path.name}: {problem.strerror}") from None
    if name is None or hashlib.sha256(raw).hexdigest() != name[2]:
        raise IndicatorsDamaged(f"{path.name}: is not what was imported under this name")
    return pq.read_table(pa.BufferReader(raw), schema=_SCHEMA, filters=filters)


def _parquet(values: Iterable[IndicatorValue]) -> bytes:
    rows = [{column: getattr(value, column) for column in COLUMNS} for value in values]
    sink = pa.BufferOutputStream()
    pq.write_table(pa.Table.from_pylist(rows, schema=_SCHEMA), sink)
    written: bytes = sink.getvalue().to_pybytes()
    return written
