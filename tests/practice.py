"""A data folder with one practice, one person and one token, for tests of the real server."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from template_service import clock
from template_service.access.principal import Role
from template_service.access.tokens import token_create
from template_service.questionnaire.answers import to_response
from template_service.questionnaire.form import Form, Item, Value
from template_service.records.organisations import Kind, Organisation, import_organisations
from template_service.records.people import PersonDetails, add_person
from template_service.service import open_service
from template_service.settings import Settings

PRACTICE, PCN, CITY = "B86002", "U16878", "15F"


@dataclass(frozen=True, slots=True)
class Practice:
    """What a client of the practice holds. `resource` is a response with `ANSWERS` answers."""

    token: str = field(repr=False)
    person_id: str
    form: Form
    resource: dict[str, Any]

    @property
    def headers(self) -> dict[str, str]:
        """What every request of its system carries."""
        return {
            "Authorization": f"Bearer {self.token}",
            "Content-Type": "application/fhir+json",
        }


def prepare(data: Path, *, answers: int = 40) -> Practice:
    """Makes the folder, with a person of LS9 and a response of so many answers for them."""
    service = open_service(Settings(data=data))
    now = clock.now()
    details = PersonDetails(family_name="Made-Up", given_name="Person", postcode="LS9 6AU")
    with service.store.write() as conn:
        import_organisations(
            conn,
            [
                Organisation(ods_code=CITY, name="City", kind=Kind.CITY),
                Organisation(ods_code=PCN, name="Network", kind=Kind.PCN, parent=CITY),
                Organisation(ods_code=PRACTICE, name="Practice", kind=Kind.PRACTICE, parent=PCN),
            ],
        )
        person = add_person(conn, PRACTICE, details, at=now)
        issued = token_create(
            conn, role=Role.INTEGRATOR, organisation_id=PRACTICE, days=1, now=now
        )
    form = service.form
    service.close()
    resource = answered(form, answers, subject={"reference": f"Patient/{person.person_id}"})
    return Practice(issued.token, person.person_id, form, resource)


def answered(form: Form, count: int, *, subject: dict[str, Any] | None = None) -> dict[str, Any]:
    """A completed response with a need in domain after domain until it has so many answers."""
    given: dict[str, tuple[Value, ...]] = {}
    for domain in form.domains:
        given[domain.screen.link_id] = (domain.screen.by_code["need"],)
        for item in (*domain.follow_ups, domain.wants_help):
            value = _first(item)
            if value is not None and len(given) < count:
                given[item.link_id] = (value,)
        if len(given) >= count:
            break
    in_order = {link_id: given[link_id] for link_id in form.items if link_id in given}
    return to_response(form, in_order, status="completed", subject=subject)


def _first(item: Item) -> Value | None:
    if item.options:
        return item.options[0]
    return True if item.type == "boolean" else None
