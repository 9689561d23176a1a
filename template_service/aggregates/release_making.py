"""Making a release: figures, documents and hashes in one folder, only when no attack succeeds."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import orjson
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet as pq

from template_service.aggregates.areas import CITY, PCN, Areas
from template_service.aggregates.audit import QUESTIONS, AuditResult, audit_cubes
from template_service.aggregates.durable import held_alone, sync, workplace
from template_service.aggregates.figures import Sources, Wanted, figure_table
from template_service.aggregates.folder import CUBES, RELEASES, closed_months
from template_service.aggregates.objections import objections
from template_service.aggregates.releases import DOCUMENT, Release, releases
from template_service.aggregates.reporting_period import Period, year_to_date
from template_service.aggregates.vocabulary import ALL, BASE, GEOGRAPHY_TYPES
from template_service.errors import NotFound, ServiceError

FIGURES: Final = "figures.parquet"
METHOD: Final = (
    "Counts of first askings, frozen by month in cells rounded at random to multiples of"
    f" {BASE} (docs/adr/0006); every figure is a sum of such cells. Shares of the people asked with"
    " Wilson intervals, compared with the city."
)


class AuditFailed(ServiceError):
    """An attack on the figures succeeded, so they were not written."""

    status = 409
    slug = "audit-failed"
    title = "These figures are not safe to release"


def audit_months(folder: Path, months: Sequence[str]) -> AuditResult:
    """What the built-in attacker finds out from these closed months side by side."""
    return audit_cubes([pq.read_table(folder / CUBES / f"{month}.parquet") for month in months])


WriteDocuments = Callable[[Sources, Period, Path], object]
"""Writes what is drawn from the figures of a period into a folder."""


class Maker:
    """Makes the releases of a deployment's folder of aggregates."""

    def __init__(self, folder: Path, areas: Areas) -> None:
        self._folder = folder
        self._areas = areas

    def make(
        self, *, write_documents: WriteDocuments | None = None, demonstration: bool = False
    ) -> Release:
        """Audit every closed month, then write those not released before and the year to date.

        `write_documents` adds its files, of the widest period. Where nothing has changed since the
        last release, that is the release. Raises `NotFound` without a closed month, `AuditFailed`
        where an attack succeeds, and `Unavailable`; nothing is visible before all of it is there.
        """
        months = closed_months(self._folder)
        if not months:
            raise NotFound("No month is closed yet; close one first")
        with held_alone(self._folder / RELEASES):
            earlier = releases(self._folder)
            periods = _periods(months, earlier)
            sources = Sources.open(self._folder, self._areas, months)
            table = _table(sources, periods)
            content = _digest(table)
            if earlier and earlier[0].document["content"] == content:
                return earlier[0]
            audit = self._audited(months)
            number = 1 + max((release.document["number"] for release in earlier), default=0)
            document = {
                "id": f"{months[-1]}-{number:03}",
                "number": number,
                "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
                "months": list(months),
                "periods": [str(period) for period in periods],
                "demonstration": demonstration,
                "opted_out": objections(self._folder, months[-1]),
                "audit": asdict(audit),
                "content": content,
            }
            return self._written(document, table, sources, write_documents)

    def _audited(self, months: Sequence[str]) -> AuditResult:
        found = audit_months(self._folder, months)
        if not found.passed:
            raise AuditFailed(
                "The built-in attacker stands against a release; nothing was released. Cells found"
                f" exactly: {found.exact}, nearly: {found.narrow}, undecided in the time it has:"
                f" {found.undecided}; tables that do not add up: {found.inconsistent}; cells shown"
                f" with two values: {found.redrawn}; what {QUESTIONS} questions tell more than one"
                f" look: {found.advantage_questions - found.advantage_look:.2f}"
            )
        return found

    def _written(
        self,
        document: dict[str, Any],
        table: pa.Table,
        sources: Sources,
        write_documents: WriteDocuments | None,
    ) -> Release:
        place = self._folder / RELEASES / document["id"]
        with workplace(place.parent) as work:
            half = work / place.name
            half.mkdir(mode=0o700)
            pq.write_table(table, half / FIGURES, compression="zstd")
            options = pa.csv.WriteOptions(quoting_style="needed")
            pa.csv.write_csv(table, half / "figures.csv", options)
            if write_documents is not None:
                write_documents(sources, Period.parse(document["periods"][-1]), half)
            document |= self._about() | {"files": _files(half)}
            (half / DOCUMENT).write_bytes(orjson.dumps(document, option=orjson.OPT_INDENT_2))
            for path in sorted(half.rglob("*"), reverse=True):
                sync(path)
            sync(half)
            half.rename(place)
        sync(place.parent)
        return Release(place.name, place, document)

    def _about(self) -> dict[str, Any]:
        city = self._areas.city
        return {
            "method": METHOD,
            "rounding_base": BASE,
            "imd_edition": self._areas.imd_edition,
            "geography": {"code": city, "name": self._areas.name(CITY, city)},
        }


def _periods(months: Sequence[str], earlier: Sequence[Release]) -> tuple[Period, ...]:
    """Each month not released before, then the financial year to date.

    A release of the months that are out already (new registered lists, say) has the periods it had.
    """
    if earlier and earlier[0].months == tuple(months):
        return earlier[0].periods
    told = {month for release in earlier for month in release.months}
    single = [Period(month, month) for month in months if month not in told]
    return tuple(dict.fromkeys((*single, year_to_date(months))))


def _table(sources: Sources, periods: Sequence[Period]) -> pa.Table:
    every = [Wanted(kind) for kind in GEOGRAPHY_TYPES]
    return pa.concat_tables(
        [_worth_keeping(figure_table(sources, period, every)) for period in periods]
    )


def _worth_keeping(table: pa.Table) -> pa.Table:
    """Without three quarters of the rows: those of groups in small areas that have no numbers."""
    whole = pc.or_(
        pc.is_in(table["geography_type"], pa.array([CITY, PCN])), pc.equal(table["breakdown"], ALL)
    )
    return table.filter(pc.or_(whole, pc.equal(table["flag"], "")))


def _digest(table: pa.Table) -> str:
    """The content hash: SHA-256 of the figures as an Arrow stream."""
    stream = pa.BufferOutputStream()
    with pa.ipc.new_stream(stream, table.schema) as writer:
        writer.write_table(table.combine_chunks())
    return hashlib.sha256(stream.getvalue()).hexdigest()


def _files(folder: Path) -> dict[str, dict[str, Any]]:
    return {
        path.relative_to(folder).as_posix(): {
            "bytes": path.stat().st_size,
            "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        }
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
