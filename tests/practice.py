"""A data folder with one practice, its people, a token and a sign-in, for the real server."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from secrets import token_urlsafe
from typing import Any

from template_service import clock
from template_service.access.passwords import add_user
from template_service.access.principal import Role
from template_service.access.tokens import token_create
from template_service.questionnaire.answers import to_response
from template_service.questionnaire.conditions import drop_disabled
from template_service.questionnaire.form import Form, Item, Value
from template_service.records.organisations import Kind, Organisation, import_organisations
from template_service.records.people import PersonDetails, add_person
from template_service.service import open_service
from template_service.settings import Settings

PRACTICE, PCN, CITY = "B86002", "U16878", "15F"
USERNAME = "clinician"
# Answers to a question that takes several, such as who is in the household.
SEVERAL = 3


@dataclass(frozen=True, slots=True)
class Practice:
    """What a system and a clinician of the practice hold; `resource` is the first person's."""

    token: str = field(repr=False)
    person_ids: tuple[str, ...]
    username: str
    password: str = field(repr=False)
    form: Form
    resource: dict[str, Any]

    @property
    def headers(self) -> dict[str, str]:
        """What every request of its system carries."""
        return {
            "Authorization": f"Bearer {self.token}",
            "Content-Type": "application/fhir+json",
        }


def prepare(data: Path, *, answers: int = 40, people: int = 1) -> Practice:
    """Makes the folder, with people of LS9 and a response of so many answers for the first."""
    service = open_service(Settings(data=data))
    now = clock.now()
    password = token_urlsafe()
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
        person_ids = tuple(
            add_person(conn, PRACTICE, details, at=now).person_id for _ in range(people)
        )
        add_user(
            conn,
            PRACTICE,
            username=USERNAME,
            name="Clinician",
            role=Role.CLINICIAN,
            password=password,
            at=now,
        )
        issued = token_create(conn, role=Role.INTEGRATOR, organisation_id=PRACTICE, days=1, now=now)
    form = service.form
    service.close()
    resource = answered(form, answers, subject=f"Patient/{person_ids[0]}")
    return Practice(issued.token, person_ids, USERNAME, password, form, resource)


def answered(form: Form, count: int, *, subject: str | None = None) -> dict[str, Any]:
    """A completed response of so many answers: who and how, the quick screen, needs from the top.

    Every row is answered; the first domains are needs with their follow-ups and whether help is
    wanted, the others are not. Nothing urgent, and no answer to a disabled item.
    """
    given: dict[str, tuple[Value, ...]] = {
        item.link_id: tuple(item.options[:SEVERAL] if item.repeats else item.options[:1])
        for item in form.roots[0].children
        if item.options
    }
    for domain in form.domains:
        given[domain.screen.link_id] = (domain.screen.by_code["no-need"],)
    for domain in form.domains:
        given[domain.screen.link_id] = (domain.screen.by_code["need"],)
        for item in (*domain.follow_ups, domain.wants_help):
            value = _first(item)
            if value is None or _count(given) == count:
                continue
            more = given | {item.link_id: (value,)}
            if item.link_id in drop_disabled(form, more)[0]:
                given = more
        if _count(given) == count:
            break
    in_order = {link_id: given[link_id] for link_id in form.items if link_id in given}
    return to_response(form, in_order, status="completed", subject=subject)


def _count(given: Mapping[str, tuple[Value, ...]]) -> int:
    return sum(len(values) for values in given.values())


def _first(item: Item) -> Value | None:
    if item.options:
        return item.options[0]
    return True if item.type == "boolean" else None
