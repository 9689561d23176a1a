"""Made-up sources: services with their organisation, place, phone and opening, as flat records."""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from typing import Any, Final

from directory.open_referral.records import Item, Record
from directory.working_copy.importing import import_items
from directory.working_copy.report import ImportReport
from directory.working_copy.store import WorkingCopy

NOW: Final = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
TODAY: Final = date(2026, 11, 23)
SOURCE: Final = "made-up-feed"


def service(number: int, **fields: Any) -> Record:
    """A service of the organisation `o1`."""
    given = {"name": f"Service {number}", "status": "active", "organization_id": "o1"}
    return Record("service", f"s{number}", given | fields, f"services.csv:{number + 1}")


def organization(name: str = "o1", **fields: Any) -> Record:
    given = {"name": "Made-up organisation", "description": "Helps people."}
    return Record("organization", name, given | fields, "organizations.csv:2")


def phone(number: int, **fields: Any) -> Record:
    """The phone of the service of this number."""
    given = {"service_id": f"s{number}", "number": "0113 496 0000"}
    return Record("phone", f"p{number}", given | fields, f"phones.csv:{number + 1}")


def schedule(number: int, of: int, **fields: Any) -> Record:
    given = {
        "service_id": f"s{of}",
        "freq": "WEEKLY",
        "byday": "MO",
        "opens_at": "09:00",
        "closes_at": "17:00",
    }
    return Record("schedule", f"h{number}", given | fields, f"schedules.csv:{number + 1}")


def source(services: int = 2) -> list[Item]:
    """An organisation, and services each with a phone."""
    items: list[Item] = [organization()]
    for number in range(1, services + 1):
        items += [service(number), phone(number)]
    return items


def big_source(services: int, schedules: int) -> Iterator[Item]:
    """A city's directory: each service at a place of its own, with a phone and opening hours."""
    yield organization()
    for number in range(services):
        yield service(number, description="Helps people who ask for it. " * 5)
        yield Record("location", f"l{number}", {"location_type": "physical", "name": "Hall"})
        yield Record(
            "address",
            f"a{number}",
            {
                "location_id": f"l{number}",
                "address_1": "1 Example Street",
                "city": "Leeds",
                "state_province": "West Yorkshire",
                "postal_code": "LS1 1AA",
                "country": "GB",
                "address_type": "physical",
            },
        )
        place = {"service_id": f"s{number}", "location_id": f"l{number}"}
        yield Record("service_at_location", f"sl{number}", place)
        yield phone(number)
    for number in range(schedules):
        yield schedule(number, number % services)


def take(
    working: WorkingCopy, items: Iterable[Item], *, name: str = SOURCE, complete: bool = True
) -> ImportReport:
    """Imports items at a fixed moment."""
    return import_items(working, name, items, now=NOW, by="a test", complete=lambda: complete)


def without(items: Iterable[Item], *gone: str) -> list[Item]:
    """The items but those with these ids."""
    return [item for item in items if item.id not in gone]


def changed(items: Iterable[Item], which: str, **fields: Any) -> list[Item]:
    """The items, one of them with other fields."""
    return [
        item._replace(fields={**item.fields, **fields})
        if isinstance(item, Record) and item.id == which
        else item
        for item in items
    ]
