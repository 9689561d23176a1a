"""The records of a service while they are edited."""

from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError

from directory.open_referral.attributes import CURATED, made_id, vocabulary_of
from directory.open_referral.coordinates import placed
from directory.open_referral.records import Record
from directory.open_referral.schemas import SCHEMAS
from directory.open_referral.service_graph import Key, ServiceGraph


class Draft:
    """The records of a service while they are edited; `changed` are those that are not as before.

    What the schemas refuse of a record is left out of it.
    """

    def __init__(self, graph: ServiceGraph) -> None:
        self.graph = graph
        self.changed: dict[Key, Record] = {}

    @property
    def service(self) -> Record:
        """The record of the service as it is now."""
        return self.changed.get(("service", self.graph.service.id), self.graph.service)

    def put(self, record: Record) -> None:
        """Takes a new or changed record."""
        self.changed[record.kind, record.id] = record

    def set(self, record: Record, fields: Mapping[str, Any]) -> None:
        """Gives a record these fields; None takes one away."""
        current = self.changed.get((record.kind, record.id), record)
        merged = {**current.fields, **fields}
        stated = {name: value for name, value in merged.items() if value is not None}
        kept = _valid(record.kind, record.id, stated)
        if kept is not None and kept != dict(current.fields):
            self.put(current._replace(fields=kept))

    def new(
        self, kind: str, fields: Mapping[str, Any], *, name: str = "", ordinal: int = 0
    ) -> Record:
        """Adds a record with an id made from the service, the name (its kind) and the ordinal."""
        record = Record(kind, made_id(self.service.id, name or kind, ordinal=ordinal), {}, CURATED)
        self.set(record, fields)
        return record

    def result(self) -> ServiceGraph:
        """The graph as it is now."""
        return self.graph.with_changes(self.changed.values()) if self.changed else self.graph


def complete(draft: Draft) -> tuple[Record, ...]:
    """The changed records, and those of our vocabularies they need that were not there before."""
    before = {(it.kind, it.id): it for it in draft.graph.records()}
    pointing = [it for it in draft.changed.values() if it.kind == "attribute"]
    added = (it for it in vocabulary_of(pointing) if (it.kind, it.id) not in before)
    changed = (it for key, it in draft.changed.items() if before.get(key) != it)
    return (*changed, *added)


def _valid(kind: str, record_id: str, fields: Mapping[str, Any]) -> dict[str, Any] | None:
    """The fields without those that the schema of the kind refuses; None when it needs one."""
    kept = dict(fields)
    while True:
        try:
            taken = SCHEMAS[kind].taken({"id": record_id, **kept})
        except ValidationError as problem:
            refused = problem.messages_dict.keys()
            if not refused <= kept.keys():
                return None
            kept = {name: value for name, value in kept.items() if name not in refused}
        else:
            taken.pop("id")
            # What a curator puts stands beside the record where it is no place, never in it.
            return dict(placed(Record(kind, record_id, taken)).fields)
