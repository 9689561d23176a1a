"""A curator's values that stand as additions in place of what the records of a service say.

Such a value gives way when those records change: then the newer fact shows.
"""

from collections.abc import Collection, Mapping
from hashlib import sha256
from typing import Any, Final

import orjson

from directory.open_referral.attributes import addition, field_of, is_ours, value_of
from directory.open_referral.coordinates import POINT
from directory.open_referral.lens_classes import classifying
from directory.open_referral.lens_draft import Draft
from directory.open_referral.lens_writing import DIRECT
from directory.open_referral.service_graph import ServiceGraph

_POINT: Final = {"location": POINT}
_LINES: Final = ("address_1", "address_2", "city", "region", "state_province")
_AREA: Final = ("uri", "name", "service_area", "extent", "description")
_RULE: Final = ("freq", "interval", "byday", "bymonthday", "opens_at", "closes_at", "description")
_NUMBER: Final = ("number", "extension", "type", "description")
# What says a field, by kind: when it changes, a value that stood in its place gives way. What is
# not here (needs, access, channels) is a curator's judgement and stays.
_SAID_IN: Final[Mapping[str, Mapping[str, tuple[str, ...]]]] = {
    **{name: {"service": (hsds,)} for name, hsds in DIRECT.items()},
    "description": {"service": ("description", "application_process")},
    "organisation": {"organization": ("name",)},
    "phone": {"phone": _NUMBER},
    "email": dict.fromkeys(("service", "contact", "organization"), ("email",)),
    "url": {"service": ("url",), "organization": ("website",)},
    "address": {"address": _LINES},
    "postcode": {"address": ("postal_code",)},
    "lat": _POINT,
    "lon": _POINT,
    "languages": {"language": ("name", "code")},
    "service_area": {"service_area": _AREA},
    "schedules": {"schedule": (*_RULE, "valid_from", "valid_to")},
    "opening_hours": {"schedule": (*_RULE, "valid_from", "valid_to", "notes")},
    "cost": {
        "service": ("fees", "fees_description"),
        "cost_option": ("option", "amount", "currency", "amount_description", "valid_to"),
    },
    "eligibility": {
        "service": ("eligibility_description", "eligibility"),
        "required_document": ("document",),
    },
    "caution": {"service": ("alert", "status", "wait_time"), "service_area": _AREA},
}


def write_addition(draft: Draft, graph: ServiceGraph, field: str, value: Any) -> None:
    """Writes a value (JSON) as an addition that stands in place of what the records say.

    `graph` is that of the draft, everything else written.
    """
    about = fingerprint(graph, field)
    made = addition(graph.service, field, value, about)
    there = next((it for it in draft.graph.of("attribute") if it.id == made.id), None)
    if there is not None and not is_ours(there):
        # A feed that repeats what we once published must not stand for the curator.
        made = addition(graph.service, field, value, about, ordinal=1)
    draft.put(made)


def keep_additions(draft: Draft, graph: ServiceGraph, edited: Collection[str]) -> None:
    """Lets what curators put before stand for the records as they are after this edit.

    Only a change by the source makes a value give way; `graph` is that of the draft.
    """
    terms = {it.id: it for it in graph.of("taxonomy_term")}
    for attribute in draft.graph.linked("attribute", "link_id", draft.graph.service.id):
        field, about = field_of(attribute, terms), attribute.fields.get("instead_of")
        if field is None or field in edited or about != fingerprint(draft.graph, field):
            continue
        if about != fingerprint(graph, field):
            write_addition(draft, graph, field, value_of(attribute))


def fingerprint(graph: ServiceGraph, field: str) -> str:
    """What the records say of a field, so short that a change of it shows.

    Blank for a field they cannot say.
    """
    kinds = _SAID_IN.get(field)
    if kinds is None:
        return ""
    said = [
        (it.id, stated)
        for kind, names in kinds.items()
        for it in sorted(graph.of(kind), key=lambda it: it.id)
        if (stated := {name: it.fields[name] for name in names if name in it.fields})
    ]
    return sha256(orjson.dumps(said)).hexdigest()[:16]


def depends_on_context(graph: ServiceGraph, covers_unknown: bool) -> frozenset[str]:
    """Fields whose reading depends on a deployment's names of areas, terms, or on the day."""
    found: set[str] = set()
    if covers_unknown:
        found |= {"service_area", "caution", "national"}
    if classifying(graph) and not all(map(is_ours, classifying(graph))):
        found.add("needs")
    if any(it.fields.get("valid_from") or it.fields.get("valid_to") for it in graph.of("schedule")):
        found |= {"schedules", "opening_hours"}
    if any(it.fields.get("valid_to") for it in graph.of("cost_option")):
        found.add("cost")
    return frozenset(found)
