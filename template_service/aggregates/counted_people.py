"""Who was counted already this financial year, so that a sum of its months is of people.

counted/YYYY-MM.parquet   of a closed month: fingerprints of its people, and in what they counted

In the domain `any` a person counts once a year. What is kept for that until the year is over is a
keyed fingerprint, never the id. It is written before the month's cube and means nothing without
one: the cube is what closes a month, so that a crash in between neither loses nor repeats anybody.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from template_service.aggregates.durable import sync
from template_service.aggregates.reporting_period import financial_year
from template_service.aggregates.rounding_key import RoundingKey
from template_service.aggregates.vocabulary import ANY
from template_service.errors import Unavailable

COUNTED: Final = "counted"

_SCHEMA: Final = pa.schema([("fingerprint", pa.uint64()), ("marks", pa.uint8())])
_MARKED: Final = pa.schema([("person", pa.string()), ("marks", pa.int64())])

Fingerprints = NDArray[np.uint64]
Marks = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Counted:
    """People by fingerprint, sorted, with the sum of the marks (`cube.MARKS`) they counted in."""

    fingerprints: Fingerprints
    marks: Marks

    @classmethod
    def before(cls, folder: Path, month: str, closed: Sequence[str]) -> Self:
        """Everybody counted in the closed months of the year of `month`.

        `folder` is the deployment's folder of aggregates. Raises `Unavailable` where what a month
        left is missing: whoever counted in it would be counted again.
        """
        year = financial_year(month)
        return cls._merged([_read(folder, each) for each in closed if financial_year(each) == year])

    @classmethod
    def _merged(cls, parts: Sequence[tuple[Fingerprints, Marks]]) -> Self:
        fingerprints = np.concatenate([np.empty(0, np.uint64), *(part[0] for part in parts)])
        marks = np.concatenate([np.empty(0, np.uint8), *(part[1] for part in parts)])
        order = np.argsort(fingerprints, kind="stable")
        found, starts = np.unique(fingerprints[order], return_index=True)
        if not found.size:
            return cls(found, marks)
        return cls(found, np.bitwise_or.reduceat(marks[order], starts))

    def marks_of(self, fingerprints: Fingerprints) -> Marks:
        """In what these people counted; 0 of those who did not."""
        if not self.fingerprints.size:
            return np.zeros(fingerprints.size, np.uint8)
        places = np.searchsorted(self.fingerprints, fingerprints)
        places[places == self.fingerprints.size] = 0
        known = self.fingerprints[places] == fingerprints
        return np.where(known, self.marks[places], 0).astype(np.uint8)

    def tell(self, people: Path, key: RoundingKey, month: str, marked: Path) -> tuple[int, Self]:
        """How many `people` (of `Counting.people`) there are, and what the month adds to these.

        Writes the people who must not count again, as `cube.counts` takes them, to `marked`.
        """
        number, parts, year = 0, [], str(financial_year(month))
        with pq.ParquetWriter(marked, _MARKED) as writer:
            for persons, marks in _batches(people):
                fingerprints = key.fingerprints(year, persons.to_pylist())
                before = self.marks_of(fingerprints)
                again = np.flatnonzero(before & marks)
                writer.write_table(
                    pa.table([persons.take(pa.array(again)), before[again]], schema=_MARKED)
                )
                added = marks & ~before
                parts.append((fingerprints[added > 0], added[added > 0]))
                number += len(persons)
        return number, self._merged(parts)

    def keep(self, folder: Path, month: str, work: Path) -> None:
        """Write down what `month` adds, whole or not at all, in place of what a crash left.

        `work` is a folder for what is unfinished, on the same disk.
        """
        path, half = _path(folder, month), work / f"{COUNTED}.parquet"
        path.parent.mkdir(mode=0o700, exist_ok=True)
        table = pa.table([self.fingerprints, self.marks], schema=_SCHEMA)
        pq.write_table(table, half, compression="zstd")
        sync(half)
        half.rename(path)
        sync(path.parent)


def forget(folder: Path, closed: Sequence[str]) -> None:
    """Remove what is of no closed month, and of every year that is over or in which another began.

    `closed` are the closed months, oldest first.
    """
    year = financial_year(closed[-1]) if closed and not closed[-1].endswith("-03") else None
    kept = {month for month in closed if financial_year(month) == year}
    gone = [path for path in (folder / COUNTED).glob("*.parquet") if path.stem not in kept]
    for path in gone:
        path.unlink()
    if gone:
        sync(folder / COUNTED)


def _path(folder: Path, month: str) -> Path:
    return folder / COUNTED / f"{month}.parquet"


def _read(folder: Path, month: str) -> tuple[Fingerprints, Marks]:
    path = _path(folder, month)
    try:
        table = pq.read_table(path)
    except (OSError, pa.ArrowException):
        raise Unavailable(
            f"{path}: who was counted in {month} cannot be read, and nobody may be counted twice"
            " in a year; put that file back"
        ) from None
    return table["fingerprint"].to_numpy(), table["marks"].to_numpy()


def _batches(people: Path) -> Iterator[tuple[pa.Array, Marks]]:
    files = [people] if people.is_file() else sorted(people.glob("*.parquet"))
    for path in files:
        with pq.ParquetFile(path) as file:
            for batch in file.iter_batches(columns=["person", ANY]):
                yield batch["person"], batch[ANY].to_numpy().astype(np.uint8)
