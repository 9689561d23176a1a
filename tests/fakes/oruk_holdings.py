"""What the made-up directory behind the Open Referral UK server of the tests holds."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid5

_MADE_UP = UUID("6f1a6f0e-96a1-5d0c-8a55-2f3f0c1d7e11")


def made_up_id(kind: str, number: int) -> str:
    """The id of a made-up object."""
    return str(uuid5(_MADE_UP, f"{kind}/{number}"))


def service(number: int, *, name: str = "", modified: str = "2026-10-01T09:00:00Z") -> Any:
    """A made-up service in full, with its organisation, place and phone (Ofcom's drama range)."""
    location = {
        "id": made_up_id("location", number),
        "location_type": "physical",
        "name": f"Made-up hall {number}",
        "latitude": 53.8,
        "longitude": -1.5,
    }
    return {
        "id": made_up_id("service", number),
        "name": name or f"Made-up service {number}",
        "status": "active",
        "last_modified": modified,
        "organization": organization(number % 3),
        "phones": [{"id": made_up_id("phone", number), "number": f"0113 496 0{number:03}"}],
        "service_at_locations": [
            {"id": made_up_id("service_at_location", number), "location": location}
        ],
        "x_from_elsewhere": {"kept": number},
    }


def organization(number: int) -> Any:
    """A made-up organisation."""
    return {
        "id": made_up_id("organization", number),
        "name": f"Made-up organisation {number}",
        "description": "Does not exist.",
    }


@dataclass
class Holdings:
    """What the made-up directory holds; tests change it between and during readings."""

    services: dict[str, Any] = field(default_factory=dict)
    organizations: dict[str, Any] = field(default_factory=dict)
    taxonomies: dict[str, Any] = field(default_factory=dict)
    taxonomy_terms: dict[str, Any] = field(default_factory=dict)
    # Listed, but not there when opened.
    gone: set[str] = field(default_factory=set)

    def add(self, *numbers: int) -> None:
        """Add services, at the end of the list."""
        for number in numbers:
            found = service(number)
            self.services[found["id"]] = found

    def remove(self, *numbers: int) -> None:
        """Delete services, as if they had never been."""
        for number in numbers:
            del self.services[made_up_id("service", number)]

    def change(self, number: int, name: str, *, modified: str) -> None:
        """Give a service another name."""
        found = service(number, name=name, modified=modified)
        self.services[found["id"]] = found

    def listed(self, table: str, *, full: bool) -> list[Any]:
        """The objects of a list, services minimal unless asked for in full."""
        if table == "service_at_locations":
            return [
                {**there, "service": minimal(found)}
                for found in self.services.values()
                for there in found["service_at_locations"]
            ]
        found = list(getattr(self, table).values())
        return found if full or table != "services" else [minimal(one) for one in found]


def holdings(services: int) -> Holdings:
    """A directory of so many services, three organisations, a taxonomy and two terms."""
    held = Holdings()
    held.add(*range(1, services + 1))
    held.organizations = {one["id"]: one for one in map(organization, range(3))}
    taxonomy = {"id": made_up_id("taxonomy", 1), "name": "Made up", "description": "Made up."}
    held.taxonomies = {taxonomy["id"]: taxonomy}
    terms = [
        {"id": made_up_id("term", number), "code": f"t{number}", "name": f"Term {number}"}
        for number in (1, 2)
    ]
    held.taxonomy_terms = {term["id"]: term for term in terms}
    return held


def minimal(found: Mapping[str, Any]) -> Any:
    """A service as a list gives it: its own properties and its organisation."""
    kept = {"id", "name", "status", "last_modified", "organization"}
    return {name: value for name, value in found.items() if name in kept}
