"""Every current service of the working copy, read one after another."""

from collections.abc import Iterator
from typing import NamedTuple

from directory.model import Service
from directory.open_referral.lens_reading import Context
from directory.open_referral.records import uuid_of
from directory.open_referral.service_graph import ServiceIndex
from directory.working_copy import graphs, reading
from directory.working_copy.problems import Refused
from directory.working_copy.store import WorkingCopy


class Read(NamedTuple):
    """One service of a source; `service` is None, and `problem` says why, when it is none.

    `notes` are what could be read only in part.
    """

    source: str
    id: str
    published_id: str
    name: str
    service: Service | None
    dates: reading.Dates
    problem: str
    notes: tuple[str, ...]


def current_services(working: WorkingCopy) -> Iterator[Read]:
    """The current services, by source, in the order of each source."""
    noted = reading.dates(working.database)
    for source in graphs.sources(working.database):
        index = ServiceIndex(graphs.records(working.database, source))
        yield from services_of(index, source, noted, working.context)


def services_of(
    index: ServiceIndex,
    source: str,
    noted: dict[reading.Key, reading.Dates],
    context: Context,
) -> Iterator[Read]:
    """The services of one source from its records."""
    for record_id in index.service_ids():
        dates = noted.get((source, record_id), reading.Dates())
        opened = graphs.Opened(source, record_id, index.graph(record_id))
        name = str(opened.graph.service.fields.get("name") or "")
        published_id = uuid_of(source, "service", record_id)
        try:
            service, notes = reading.service(opened, dates, context)
        except Refused as problem:
            yield Read(source, record_id, published_id, name, None, dates, str(problem), ())
        else:
            yield Read(source, record_id, published_id, name, service, dates, "", notes)
