"""What a publication is made of, service by service; what did not change is not made again.

Each cluster of records (see `clusters`) is built by itself. What came of it is kept under a digest
of all it depends on: its records, the vocabularies, the dates curators noted, the names of areas,
the day where a date in it is judged, and the code of this package.
"""

from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from hashlib import blake2b
from secrets import token_hex
from typing import Final, NamedTuple

import orjson

from directory.artefact_building import Entry, entry_of
from directory.artefact_file import NestedDocument
from directory.code_version import code_version
from directory.open_referral.attributes import CURATED
from directory.open_referral.json_nesting import DOCUMENTS, documents
from directory.open_referral.lens_reading import Context
from directory.open_referral.records import Record, uuid_of
from directory.open_referral.service_graph import ServiceIndex
from directory.taxonomies import crosswalk
from directory.working_copy import graphs, reading
from directory.working_copy.built_before import Before, KeptService
from directory.working_copy.clusters import Row, clusters
from directory.working_copy.services import Read, doubles, owners, services_of
from directory.working_copy.store import WorkingCopy

Key = tuple[str, str]

_ROWS: Final = (
    "SELECT kind, id, fields, place FROM record WHERE source = ? AND state = 'current'"
    " ORDER BY rowid"
)
# What the day decides: whether a schedule or a price holds.
_DATED: Final = ('"valid_from":', '"valid_to":')


class Built(NamedTuple):
    """One service of a source, ready to be published; `entry` is None, and `problem` says why, when
    it cannot be. `notes` are what could be read only in part.
    """

    source: str
    id: str
    published_id: str
    name: str
    entry: Entry | None
    dates: reading.Dates
    problem: str
    notes: tuple[str, ...]


class _Cluster(NamedTuple):
    """Some records of a source by their number, and the digest of all that they are built from."""

    digest: str
    members: tuple[int, ...]


class _Source(NamedTuple):
    """The current records of a source, in its order, and the clusters of them."""

    name: str
    rows: Sequence[Row]
    common: tuple[int, ...]
    clusters: tuple[_Cluster, ...]

    def records(self, wanted: Iterable[_Cluster]) -> list[Record]:
        """The records of these clusters and those that all have in common, in their order."""
        numbers = {number for cluster in wanted for number in cluster.members} | {*self.common}
        chosen = (self.rows[number] for number in sorted(numbers))
        return [Record(row.kind, row.id, orjson.loads(row.fields), row.place) for row in chosen]

    def owners(self, wanted: Iterable[_Cluster]) -> dict[Key, _Cluster]:
        """The kinds and published ids of the documents of these clusters, and whose they are."""
        return {
            (row.kind, uuid_of(self.name, row.kind, row.id)): cluster
            for cluster in wanted
            for row in (self.rows[number] for number in cluster.members)
            if row.kind in DOCUMENTS
        }


def build_all(
    working: WorkingCopy, progress: Callable[[str], object]
) -> tuple[tuple[Built, ...], tuple[NestedDocument, ...]]:
    """Every current service by source, and the documents that the sources have of them.

    Inside the caller's write: what was built is kept there for the next time.
    """
    noted = reading.dates(working.database)
    before = Before(working.database)
    owned = owners(working.database)
    first: dict[str, Built] = {}
    twice: list[Built] = []
    nested: dict[tuple[str, str], NestedDocument] = {}
    for name in graphs.in_turn(working.database):
        progress(f"reading {name}")
        source = _source(working, name, noted)
        fresh = [one for one in source.clusters if one.digest not in before]
        services = _services(working, source, fresh, before, noted)
        refused = _refused(services, first, owned)
        twice += refused
        progress(f"nesting {name}")
        for document in _documents(source, services, refused, before):
            # Two sources may know one object, such as the terms of our own vocabulary.
            nested.setdefault((document.kind, document.id), document)
    before.forget_unused()
    return (*first.values(), *twice), tuple(nested.values())


def _source(working: WorkingCopy, name: str, noted: Mapping[Key, reading.Dates]) -> _Source:
    rows = [Row(*row) for row in working.database.execute(_ROWS, (name,))]
    found = clusters(rows)
    depends = _Depends(working.context, name, rows, noted)
    common = depends.digest(found.common, b"")
    parts = [_Cluster(depends.digest(part, common.encode()), part) for part in found.parts]
    return _Source(name, rows, found.common, (_Cluster(common, found.common), *parts))


class _Depends:
    """All that is built from a cluster depends on, as a digest."""

    def __init__(
        self,
        context: Context,
        source: str,
        rows: Sequence[Row],
        noted: Mapping[Key, reading.Dates],
    ) -> None:
        # Terms of a deployment's own are not digested: nothing is found again.
        terms = "" if context.terms is crosswalk() else token_hex()
        said = (code_version(), source, sorted(context.areas.items()), terms)
        self._before = blake2b(repr(said).encode(), digest_size=16)
        self._source, self._rows, self._noted = source, rows, noted
        self._today = repr(context.today).encode()

    def digest(self, members: Iterable[int], common: bytes) -> str:
        """Of the rows of these numbers, and of what all clusters have in `common`."""
        made = self._before.copy()
        made.update(common)
        dated = False
        for number in members:
            row = self._rows[number]
            ours = row.place in ("", CURATED)
            made.update(f"\n{row.kind}\0{row.id}\0{ours}\0{row.fields}".encode())
            dated = dated or any(field in row.fields for field in _DATED)
            dates = self._noted.get((self._source, row.id)) if row.kind == "service" else None
            if dates is not None:
                made.update(repr(tuple(dates)).encode())
        if dated:
            made.update(self._today)
        return made.hexdigest()


def _services(
    working: WorkingCopy,
    source: _Source,
    fresh: Sequence[_Cluster],
    before: Before,
    noted: Mapping[Key, reading.Dates],
) -> dict[str, Built]:
    """The services of a source by id, in its order: those of fresh clusters are read, all others
    were before.
    """
    rows = (source.rows[number] for cluster in fresh for number in cluster.members)
    ids = {row.id for row in rows if row.kind == "service"}
    found = {}
    if ids:
        index = ServiceIndex(source.records(fresh))
        read = services_of(index, source.name, dict(noted), working.context)
        found = {one.id: _built(one) for one in read if one.id in ids}
    for cluster in source.clusters:
        for kept in before.services(cluster.digest):
            dates = noted.get((source.name, kept.id), reading.Dates())
            found[kept.id] = Built(source.name, kept.id, *kept[1:4], dates, *kept[4:])
    order = (row.id for row in source.rows if row.kind == "service")
    return {record_id: found[record_id] for record_id in order}


def _built(one: Read) -> Built:
    entry = None if one.service is None else entry_of(one.service)
    known = (one.source, one.id, one.published_id, one.name)
    return Built(*known, entry, one.dates, one.problem, one.notes)


def _refused(
    services: Mapping[str, Built], first: dict[str, Built], owned: Mapping[str, str]
) -> list[Built]:
    """The services of a source that another has under the same published id already."""
    return [
        one._replace(entry=None, problem=problem)
        for one, problem in doubles(services.values(), first, owned)
    ]


def _documents(
    source: _Source, services: Mapping[str, Built], refused: Iterable[Built], before: Before
) -> Iterator[NestedDocument]:
    """The documents of a source, without the services that are left out; fresh ones are kept."""
    twice = {one.id for one in refused}
    left_out = twice | {one.id for one in services.values() if one.entry is None}
    wanted = []
    for cluster in source.clusters:
        held = {source.rows[it].id for it in cluster.members if source.rows[it].kind == "service"}
        alone = held.isdisjoint(twice)
        if alone and cluster.digest in before:
            yield from before.documents(cluster.digest)
            continue
        wanted.append(cluster)
        if alone:
            before.keep_services(
                cluster.digest, (_kept(services[record_id]) for record_id in sorted(held))
            )
    owners = source.owners(wanted)
    if not owners:
        return
    records = [it for it in source.records(wanted) if not _is_of(it, left_out)]
    for found in documents(records, source.name, only=owners):
        document = NestedDocument(found.kind, found.id, orjson.dumps(found.content))
        before.keep_document(owners[found.kind, found.id].digest, document)
        yield document


def _kept(one: Built) -> KeptService:
    return KeptService(one.id, one.published_id, one.name, one.entry, one.problem, one.notes)


def _is_of(record: Record, services: Container[str]) -> bool:
    """Whether a record is one of these services, or a part of one."""
    own = record.id if record.kind == "service" else record.fields.get("service_id")
    return own in services
