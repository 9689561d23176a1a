"""A small made-up city for the tests of the store: two practices of a PCN, another PCN, a city."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import Connection

from template_service.records import audit, cards
from template_service.records.keys import Keys
from template_service.records.organisations import Kind, Organisation, import_organisations
from template_service.records.people import Person, PersonDetails, add_person
from template_service.records.revisions import Content, Saved, save_revision
from template_service.records.store import Store

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
PRACTICE, NEIGHBOUR, PCN, OTHER_PCN, CITY = "Y90001", "Y90002", "U90001", "U90002", "Q90"
TEMPLATE = "https://template-service.example/fhir/Questionnaire/leeds-social-determinants"
BY: dict[str, Any] = {"by": "user:1", "by_name": "Dr Made Up"}

# Synthetic people only: NHS numbers of the 999 range, names nobody bears.
ANN = PersonDetails(
    nhs_number="999 000 0018",
    family_name="Quillfeather",
    given_name="Annabellina",
    birth_date=date(1980, 2, 29),
    postcode="LS99 9ZZ",
    sex="female",
    language="en",
    ethnicity="A",
)

ORGANISATIONS = [
    Organisation(ods_code=PRACTICE, name="Made Up Surgery", kind=Kind.PRACTICE, parent=PCN),
    Organisation(ods_code=NEIGHBOUR, name="Next Surgery", kind=Kind.PRACTICE, parent=PCN),
    Organisation(ods_code=PCN, name="Made Up PCN", kind=Kind.PCN, parent=CITY),
    Organisation(ods_code=OTHER_PCN, name="Far PCN", kind=Kind.PCN, parent=CITY),
    Organisation(ods_code=CITY, name="Made Up City", kind=Kind.CITY),
]


@dataclass(frozen=True, slots=True)
class City:
    """An open store with the organisations in it, and one person of `PRACTICE`."""

    store: Store
    keys: Keys
    person: Person


def found_city(path: Path, *, durable: bool = False) -> City:
    """A new store with the organisations and Ann; not durable unless the test is about that."""
    content, keys, person = _founded()
    path.write_bytes(content)
    return City(Store.open(path, keys, durable=durable), keys, person)


@cache
def _founded() -> tuple[bytes, Keys, Person]:
    """The file of such a store; migrations run once, not once per test."""
    keys = Keys.generate()
    with TemporaryDirectory() as folder:
        path = Path(folder) / "records.sqlite"
        store = Store.open(path, keys, durable=False)
        store.migrate()
        with store.write() as conn:
            import_organisations(conn, ORGANISATIONS)
            person = add_person(conn, PRACTICE, ANN, at=NOW)
        store.close()
        return path.read_bytes(), keys, person


CONTENT = Content(
    body=b'{"resourceType": "QuestionnaireResponse"}',
    content_type="application/fhir+json",
    states=[{"id": "housing", "state": "need", "level": 3, "needs": ["repairs-damp-mould"]}],
    plan={"needs": []},
    directory_version="v1",
)


def save(conn: Connection, person_id: str, body: bytes = CONTENT.body, **changes: Any) -> Saved:
    """A first revision with one need, unless changed."""
    content = changes.pop("content", replace(CONTENT, body=body))
    values: dict[str, Any] = {
        "person_id": person_id,
        "questionnaire_url": TEMPLATE,
        "questionnaire_version": "1.0.0",
        "base_revision": 0,
        "at": NOW,
        **BY,
        **changes,
    }
    return save_revision(conn, PRACTICE, content, **values)


def submit(conn: Connection, person_id: str, **changes: Any) -> Saved:
    """A whole submission as the service makes it: revision, card and audit."""
    saved = save(conn, person_id, **changes)
    key = {"response_id": saved.head.response_id}
    cards.raise_cards(
        conn, PRACTICE, person_id=person_id, **key, card_ids=["no_food"], at=NOW, **BY
    )
    audit.append(
        conn,
        PRACTICE,
        actor="user:1",
        action="submit",
        at=NOW,
        entities={"person": person_id} | key,
    )
    return saved
