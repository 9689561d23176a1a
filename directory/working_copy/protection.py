"""Which fields of a service feeds may not touch, as `directory.model.Service` names them."""

from collections.abc import Iterable, Iterator
from typing import Final

from directory.model import InvalidService, service_record
from directory.open_referral.records import Record
from directory.open_referral.service_graph import ServiceGraph
from directory.open_referral.service_lens import service_of
from directory.working_copy.graphs import Opened
from directory.working_copy.store import WorkingCopy

_PROTECTED: Final = "SELECT kind, id, field FROM protection WHERE source = ?"

Place = tuple[str, str, str]


def protected_fields(working: WorkingCopy, opened: Opened) -> frozenset[str]:
    """The fields of a service that a curator keeps from feeds.

    Protection is of record fields, and many of them may say one field of a service: those that read
    otherwise without the protected ones are meant.
    """
    held = {(it.kind, it.id): it for it in opened.graph.records()}
    rows = working.database.execute(_PROTECTED, (opened.source,))
    mine = [place for place in rows if place[:2] in held]
    if not mine:
        return frozenset()
    whole = service_record(service_of(opened.graph, opened.source, working.context).service)
    without = opened.graph.with_changes(_stripped(held, mine))
    return frozenset(_differing(working, opened.source, whole, without))


def _stripped(held: dict[tuple[str, str], Record], places: Iterable[Place]) -> Iterator[Record]:
    gone: dict[tuple[str, str], set[str]] = {}
    for kind, record_id, field in places:
        gone.setdefault((kind, record_id), set()).add(field)
    for key, fields in gone.items():
        record = held[key]
        kept = {name: value for name, value in record.fields.items() if name not in fields}
        yield record._replace(fields=kept)


def _differing(
    working: WorkingCopy, source: str, whole: dict[str, object], without: ServiceGraph
) -> Iterator[str]:
    try:
        rest = service_record(service_of(without, source, working.context).service)
    except InvalidService as invalid:
        # What a service cannot be without is what was protected.
        yield from (problem.partition(":")[0] for problem in invalid.problems)
        return
    yield from (name for name in whole.keys() | rest.keys() if whole.get(name) != rest.get(name))
