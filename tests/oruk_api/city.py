"""A small made-up directory, published as a real one is: records to documents and services."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson

from directory import artefact
from directory.artefact_file import NestedDocument
from directory.open_referral.attributes import ADDITIONS
from directory.open_referral.json_nesting import documents
from directory.open_referral.records import Record, uuid_of
from directory.open_referral.service_graph import graphs
from directory.open_referral.service_lens import service_of

SOURCE = "made-up"
POSTCODE = "LS9 6AU"
LEEDS, BRADFORD = "E08000035", "E08000032"
FILLERS = 7
Point = tuple[float, float]


def uid(kind: str, name: str) -> str:
    """The id a record of the made-up directory is published with."""
    return uuid_of(SOURCE, kind, name)


def records(here: Point) -> list[Record]:
    """The records of everything, around a point."""
    return [*_terms(), *_organizations(), *_services(here)]


def publish(folder: Path, those: Iterable[Record], *, now: datetime | None = None) -> str:
    """Publishes records as the working copy does; gives the version."""
    kept = list(those)
    nested = [
        NestedDocument(one.kind, one.id, orjson.dumps(one.content))
        for one in documents(kept, SOURCE)
    ]
    services = [service_of(graph, SOURCE).service for graph in graphs(kept)]
    return artefact.publish(services, folder, now=now, nested=nested)


def _terms() -> Iterator[Record]:
    yield Record("taxonomy", "help", {"name": "Help", "description": "Kinds of help"}, "x")
    yield _term("food", {})
    yield _term("hot-food", {"parent_id": "food"})
    yield Record("taxonomy", "ours", {"name": ADDITIONS, "description": "Additions"}, "x")
    for code in ("verified_by", "safe_for_private_disclosure", "channels"):
        said = {"code": code, "name": code, "taxonomy": ADDITIONS, "taxonomy_id": "ours"}
        yield Record("taxonomy_term", code, said | {"description": code}, "x")


def _term(name: str, more: dict[str, Any]) -> Record:
    said = {"name": name, "description": f"Help with {name}", "taxonomy": "Help"}
    return Record("taxonomy_term", name, said | {"taxonomy_id": "help"} | more, "x")


def _organizations() -> Iterator[Record]:
    for name in ("Parish", "Borough"):
        yield Record("organization", name, {"name": name, "description": f"The {name}"}, "x")


def _services(here: Point) -> Iterator[Record]:
    lat, lon = here
    yield from _service("Warm Room", area=LEEDS, at=here, minimum_age=18, maximum_age=65)
    yield _attribute("Warm Room", "food")
    yield _schedule("Warm Room", byday="MO,WE", opens_at="09:00", closes_at="12:00:00")
    yield _schedule("Warm Room", byday="FR", opens_at="17:00Z", closes_at="20:00Z")
    yield from _service("Bradford Pantry", area=BRADFORD, at=here, minimum_age=50)
    yield _attribute("Bradford Pantry", "hot-food")
    yield from _service("Talking Line", organization="Borough")
    yield _schedule("Talking Line", dtstart="2026-11-21", opens_at="10:00", closes_at="24:00")
    yield from _service("Far Club", at=(lat + 0.1, lon))
    yield from _service("Odd Extent", area="Where the old mill stood", at=here)
    yield from _guarded()
    for number in range(FILLERS):
        yield from _service(f"Filler {number}", organization="Borough")


def _guarded() -> Iterator[Record]:
    """A service with everything that must not leave."""
    name = "Guarded House"
    yield from _service(
        name,
        url="java\tscript:alert(1)",
        description="<p>Come <b>in</b><script>x()</script></p>",
        assurer_email="curator@example.org",
    )
    said = {"service_id": name, "name": "Somebody Named", "title": "Warden"}
    yield Record("contact", "warden", said, "x")
    yield Record("phone", "bell", {"contact_id": "warden", "number": "0113 496 0000"}, "x")
    yield Record(
        "metadata",
        "audit",
        {"resource_id": name, "resource_type": "service", "updated_by": "Audited Person"},
        "x",
    )
    yield _attribute(name, "verified_by", value="Curator Person")
    yield _attribute(name, "safe_for_private_disclosure", value="true")
    yield _attribute(name, "channels", value='["phone"]')


def _service(
    name: str,
    *,
    organization: str = "Parish",
    area: str = "",
    at: Point | None = None,
    **more: Any,
) -> Iterator[Record]:
    said = {"name": name, "status": "active", "description": f"{name} helps"} | more
    yield Record("service", name, said | {"organization_id": organization}, "x")
    if area:
        fields: dict[str, Any] = {"service_id": name, "name": area}
        if area.startswith("E0"):
            fields["uri"] = f"http://statistics.data.gov.uk/id/statistical-geography/{area}"
        yield Record("service_area", name, fields, "x")
    if at:
        place = {"location_type": "physical", "name": f"Hall of {name}"}
        yield Record("location", name, place | {"latitude": at[0], "longitude": at[1]}, "x")
        link = {"service_id": name, "location_id": name}
        yield Record("service_at_location", name, link, "x")


def _schedule(service: str, **said: Any) -> Record:
    fields = {"service_id": service, "freq": "WEEKLY"} | said
    return Record("schedule", f"{service} {sorted(said.items())}", fields, "x")


def _attribute(service: str, term: str, **more: Any) -> Record:
    said = {"link_id": service, "link_entity": "service", "taxonomy_term_id": term}
    return Record("attribute", f"{service} {term}", said | more, "x")
