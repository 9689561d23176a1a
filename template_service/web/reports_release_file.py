"""The files of a release for everybody who may open it: as they lie there, but for practices.

A practice's figures are for that practice alone, so what holds them leaves without their rows.
"""

import re
from collections.abc import Iterator
from io import BytesIO
from tempfile import TemporaryFile
from typing import Final, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet as pq
from flask import Response, send_file

from template_service.aggregates.areas import PRACTICE
from template_service.aggregates.releases import DOCUMENT, Release, release_of
from template_service.errors import NotFound
from template_service.web.reports_page import aggregates_folder

CSV: Final = "figures.csv"
PARQUET: Final = "figures.parquet"
# A release never changes, but only whoever is signed in may keep a copy.
_FOR_GOOD: Final = "private, max-age=31536000, immutable"
_ROWS_AT_ONCE: Final = 50_000
_OF_PRACTICES: Final = re.compile(r"practice", re.IGNORECASE)


def page(release_id: str, name: str) -> Response:
    """One file of a release; raises `NotFound` for what is not among its files."""
    release = release_of(aggregates_folder(), release_id)
    if name not in dict(files_of(release)):
        raise NotFound("There is no such file in this release")
    if name == CSV:
        answer = Response(_csv(release), content_type="text/csv; charset=utf-8")
    elif name == PARQUET:
        answer = _parquet(release)
    else:
        answer = send_file(release.path / name, download_name=name.rpartition("/")[2])
    told = f"{release.id}-{name.replace('/', '-')}"
    answer.headers["Content-Disposition"] = f'attachment; filename="{told}"'
    answer.headers["Cache-Control"] = _FOR_GOOD
    return answer


class Size(NamedTuple):
    """Bytes of a file as it lies there; not `whole` where rows are left out on the way."""

    bytes: int
    whole: bool


def files_of(release: Release) -> list[tuple[str, Size]]:
    """The names of the files and their sizes."""
    listed = [
        (name, Size(int(facts["bytes"]), name not in {CSV, PARQUET}))
        for name, facts in sorted(release.document["files"].items())
        if not _OF_PRACTICES.search(name)
    ]
    return [*listed, (DOCUMENT, Size((release.path / DOCUMENT).stat().st_size, whole=True))]


def _batches(release: Release) -> Iterator[pa.RecordBatch]:
    """The figures of a release, some rows at a time, without those of practices."""
    with pq.ParquetFile(release.path / PARQUET) as file:
        for batch in file.iter_batches(_ROWS_AT_ONCE):
            yield batch.filter(pc.not_equal(batch["geography_type"], PRACTICE))


def _csv(release: Release) -> Iterator[bytes]:
    for place, batch in enumerate(_batches(release)):
        written = BytesIO()
        options = pa.csv.WriteOptions(include_header=place == 0, quoting_style="needed")
        pa.csv.write_csv(batch, written, options)
        yield written.getvalue()


def _parquet(release: Release) -> Response:
    # Closed, and so deleted, by Flask when it has been sent.
    file = TemporaryFile()  # noqa: SIM115
    with pq.ParquetWriter(file, pq.read_schema(release.path / PARQUET), compression="zstd") as out:
        for batch in _batches(release):
            out.write_batch(batch)
    file.seek(0)
    return send_file(file, mimetype="application/vnd.apache.parquet")
