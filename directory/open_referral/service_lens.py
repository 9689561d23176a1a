"""Between the records of Open Referral and `directory.model.Service`, both ways.

`service_of` reads, `records_of` writes a service of our own, `edited` changes fields of a service
whose records are somebody else's. Laws: what is not edited stays byte for byte; what was put is
read back; the records of a service read back as that service.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import MISSING, asdict, fields
from datetime import date
from typing import Any, Final, NamedTuple

from directory.model import InvalidService, Phone, Schedule, Service, Source, read_service
from directory.open_referral.attributes import (
    CURATED,
    CURATED_ONLY,
    field_of,
    is_ours,
    value_of,
)
from directory.open_referral.lens_draft import Draft, complete
from directory.open_referral.lens_editing import (
    depends_on_context,
    fingerprint,
    keep_additions,
    write_addition,
)
from directory.open_referral.lens_place import areas_of
from directory.open_referral.lens_reading import Context, said_by
from directory.open_referral.lens_text import is_safe_link
from directory.open_referral.lens_writing import write_where_it_belongs
from directory.open_referral.records import Record
from directory.open_referral.service_graph import ServiceGraph

_PLAIN: Final = Context()
_DEFAULTS: Final[Mapping[str, Any]] = {
    it.name: "" if it.default is MISSING else it.default for it in fields(Service)
}
_POINT: Final = frozenset({"lat", "lon"})
# A record of which only one field is looked at.
_ANY: Final[Mapping[str, Any]] = {
    "id": "00000000-0000-0000-0000-000000000000",
    "name": "?",
    "organisation": "",
    "description": "",
    "needs": [],
}


class Reading(NamedTuple):
    """A service as its records say it, and in plain English what of them could not be read.

    Every note begins with the field it is about: "service_area: 'Ilkley Moor' is no area we know".
    """

    service: Service
    notes: tuple[str, ...]


def service_of(graph: ServiceGraph, source: str, context: Context = _PLAIN) -> Reading:
    """The service of these records of a source.

    Only additions make it verified, urgent, or safe to tell, and only those that were made here.
    Raises InvalidService where there is no service in the records, for one without a name.
    """
    values, notes = said_by(graph, source, context)
    additions, problems = _additions(graph)
    notes += problems
    if not is_safe_link(additions.get("url", "")):
        notes.append("url: a link that would run code is not taken")
        additions["url"] = ""
    return Reading(Service(**(values | additions)), tuple(dict.fromkeys(notes)))


def records_of(service: Service) -> tuple[Record, ...]:
    """A service of our own as HSDS records, valid by the schemas; its terms are among them.

    `service_of` reads the same service from them, under any name of the source. Raises
    InvalidService for a link that would run code.
    """
    bare = Record("service", service.id, {"name": "?"}, CURATED)
    values = {name: getattr(service, name) for name in _DEFAULTS if name != "id"}
    draft = _edit(ServiceGraph(bare, {"service": (bare,)}), values)
    if ("service", service.id) not in draft.changed:
        draft.put(bare)
    return complete(draft)


def records_of_all(services: Iterable[Service]) -> Iterator[Record]:
    """The records of these services, what they have in common once."""
    seen: set[tuple[str, str]] = set()
    for service in services:
        for record in records_of(service):
            if (record.kind, record.id) not in seen:
                seen.add((record.kind, record.id))
                yield record


def edited(graph: ServiceGraph, changes: Mapping[str, Any]) -> tuple[Record, ...]:
    """The records that are new or different once these fields of the service have these values.

    They are to be put over those of the same kind and id; no other record changes, and none is
    taken away. What other services share is never changed. Values are those of
    `directory.model.Service`; raises InvalidService for a field that is not one, and for a link
    that would run code.
    """
    strangers = sorted(changes.keys() - (_DEFAULTS.keys() - {"id"}))
    if strangers:
        raise InvalidService(tuple(f"{name}: not a field to edit" for name in strangers))
    return complete(_edit(graph, changes))


def in_context(*, areas: Mapping[str, str] | None = None, today: date | None = None) -> Context:
    """What a deployment knows: ONS codes by the names of areas, and the day it is."""
    named = {name.casefold(): code for name, code in (areas or {}).items()}
    return Context(areas=named, today=today)


def _edit(graph: ServiceGraph, changes: Mapping[str, Any]) -> Draft:
    if not is_safe_link(changes.get("url", "")):
        raise InvalidService(("url: a link that would run code",))
    draft = Draft(graph)
    before = _read_fields(graph)
    # A status nobody stated reads like one that somebody did.
    differing = {
        name: value for name, value in changes.items() if before[name] != value or name == "status"
    }
    write_where_it_belongs(draft, differing)
    result = draft.result()
    after = _read_fields(result)
    unsure = depends_on_context(result, bool(areas_of(result.of("service_area"), {}).unknown))
    stay = {name for name, value in changes.items() if after[name] != value}
    stay |= unsure & differing.keys()
    if stay & _POINT:
        # One coordinate means nothing without the other.
        stay |= _POINT
    for name in sorted(stay):
        write_addition(draft, result, name, _json(changes.get(name, after[name])))
    keep_additions(draft, result, changes)
    return draft


def _read_fields(graph: ServiceGraph) -> Mapping[str, Any]:
    values, _ = said_by(graph, "", _PLAIN)
    return {**_DEFAULTS, **values, **_additions(graph)[0]}


def _additions(graph: ServiceGraph) -> tuple[dict[str, Any], list[str]]:
    """The fields our own attributes say, and notes on those that are not taken."""
    said: dict[str, Any] = {}
    notes: list[str] = []
    terms = {it.id: it for it in graph.of("taxonomy_term")}
    for attribute in graph.linked("attribute", "link_id", graph.service.id):
        field = field_of(attribute, terms)
        if field is None or field not in _DEFAULTS or field == "id":
            continue
        about = attribute.fields.get("instead_of")
        if field in CURATED_ONLY and not is_ours(attribute):
            notes.append(f"{field}: only a curator can say this; what the source says is not taken")
        elif about and about != fingerprint(graph, field):
            notes.append(f"{field}: what a curator had put gave way, because the source changed")
        elif field not in said or is_ours(attribute):
            said[field] = value_of(attribute)
    return _typed(said, notes), notes


def _typed(said: dict[str, Any], notes: list[str]) -> dict[str, Any]:
    """JSON values as those of a service; what is none is left out and told."""
    while said:
        try:
            typed = read_service({**_ANY, **said})
        except InvalidService as invalid:
            wrong = {problem.partition(":")[0].split(",")[0] for problem in invalid.problems}
            notes += invalid.problems
            kept = {name: value for name, value in said.items() if name not in wrong}
            # A problem between two fields is blamed on one; nothing may go round for ever.
            said = kept if len(kept) < len(said) else {}
        else:
            return {
                name: getattr(typed, name) if value is not None else _DEFAULTS[name]
                for name, value in said.items()
            }
    return {}


def _json(value: Any) -> Any:
    """A value of a service as JSON."""
    if isinstance(value, Phone | Source):
        return {name: _json(item) for name, item in asdict(value).items() if item}
    if isinstance(value, Schedule):
        return value._asdict()
    if isinstance(value, tuple):
        return [_json(item) for item in value]
    return value.isoformat() if isinstance(value, date) else value
