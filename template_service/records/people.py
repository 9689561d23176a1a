"""People: identity is kept encrypted, and found again only by the keyed hash of the NHS number."""

from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any
from uuid import uuid4

from nhs_number.validate import is_valid
from sqlalchemy import Connection, bindparam, select

from template_service.errors import Conflict, Invalid
from template_service.records import tables
from template_service.records.keys import Keys, keys_of, place, seal_text, unseal_text
from template_service.records.prepared import Prepared, Row

NOT_IDENTIFIED = "Person not identified"


class InvalidNhsNumber(Invalid):
    """Not ten digits with the right check digit (Modulus 11, NHS Data Dictionary)."""

    def __init__(self) -> None:
        super().__init__("The NHS number is not valid: check its ten digits")


class AlreadyThere(Conflict):
    """The organisation has a person with this NHS number already: `person_id`."""

    def __init__(self, person_id: str) -> None:
        super().__init__("A person with this NHS number is already here")
        self.person_id = person_id


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class PersonDetails:
    """What is known of a person; everything may be missing.

    `sex` is a FHIR administrative-gender, `language` a BCP 47 tag, `ethnicity` a code of UK Core
    EthnicCategory.
    """

    nhs_number: str | None = None
    family_name: str = ""
    given_name: str = ""
    birth_date: date | None = None
    postcode: str | None = None
    sex: str | None = None
    language: str | None = None
    ethnicity: str | None = None

    @property
    def display_name(self) -> str:
        """The name as staff read it, or `NOT_IDENTIFIED` where an outside system gave none."""
        return (
            " ".join(part for part in (self.given_name, self.family_name) if part) or NOT_IDENTIFIED
        )

    def age_on(self, day: date) -> int | None:
        """Age in whole years on a day, or None when the birth date is not known."""
        born = self.birth_date
        if born is None:
            return None
        return day.year - born.year - ((day.month, day.day) < (born.month, born.day))

    def __repr__(self) -> str:
        return f"{type(self).__name__}(identity hidden)"


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Person(PersonDetails):
    """A person of one organisation. `active_at` is when something was last saved about them.

    `opted_out_at` is since when they object to their answers being used in statistics, or None.
    """

    organisation_id: str
    person_id: str
    created_at: datetime
    active_at: datetime
    opted_out_at: datetime | None = None

    def __repr__(self) -> str:
        return f"Person({self.organisation_id}, {self.person_id}, identity hidden)"


_T = tables.person
_IDENTITY = tuple(field.name for field in fields(PersonDetails))
_OF_ORGANISATION = select(_T).where(_T.c.organisation_id == bindparam("organisation_id"))
_ADD = Prepared(_T.insert())
_BY_ID = Prepared(_OF_ORGANISATION.where(_T.c.person_id == bindparam("person_id")))
_BY_NHS_NUMBER = Prepared(
    _OF_ORGANISATION.where(_T.c.nhs_number_hash == bindparam("nhs_number_hash"))
)
_RECENT = Prepared(
    _OF_ORGANISATION.order_by(_T.c.active_at.desc(), _T.c.person_id)
    .limit(bindparam("limit"))
    .offset(bindparam("offset"))
)
_OPT_OUT = Prepared(
    _T.update()
    .where(
        _T.c.organisation_id == bindparam("organisation_id"),
        _T.c.person_id == bindparam("person_id"),
    )
    .values(opted_out_at=bindparam("opted_out_at"))
)


def add_person(
    conn: Connection,
    organisation_id: str,
    details: PersonDetails,
    *,
    at: datetime,
    person_id: str | None = None,
) -> Person:
    """Keep a new person; the NHS number may be spaced.

    Raises `InvalidNhsNumber`, and `AlreadyThere` when the organisation has that NHS number already.
    """
    number = None if details.nhs_number is None else normalise_nhs_number(details.nhs_number)
    if number is not None:
        present = find_by_nhs_number(conn, organisation_id, number)
        if present is not None:
            raise AlreadyThere(present.person_id)
    values = {name: getattr(details, name) for name in _IDENTITY} | {"nhs_number": number}
    person = Person(
        **values,
        organisation_id=organisation_id,
        person_id=person_id or str(uuid4()),
        created_at=at,
        active_at=at,
    )
    _ADD.run(conn, **_row(keys_of(conn), person))
    return person


def person(conn: Connection, organisation_id: str, person_id: str) -> Person | None:
    """A person of an organisation, or None."""
    row = _BY_ID.first(conn, organisation_id=organisation_id, person_id=person_id)
    return None if row is None else _person(keys_of(conn), row)


def find_by_nhs_number(conn: Connection, organisation_id: str, number: str) -> Person | None:
    """The person of an organisation with an NHS number, or None. Raises `InvalidNhsNumber`."""
    keys = keys_of(conn)
    hashed = keys.lookup_hash(normalise_nhs_number(number))
    row = _BY_NHS_NUMBER.first(conn, organisation_id=organisation_id, nhs_number_hash=hashed)
    return None if row is None else _person(keys, row)


def people_of(
    conn: Connection, organisation_id: str, limit: int = 50, offset: int = 0
) -> tuple[Person, ...]:
    """The people of an organisation, most recent activity first."""
    keys = keys_of(conn)
    rows = _RECENT.rows(conn, organisation_id=organisation_id, limit=limit, offset=offset)
    return tuple(_person(keys, row) for row in rows)


def keep_opt_out(
    conn: Connection, organisation_id: str, person_id: str, *, since: datetime | None
) -> None:
    """Keep since when a person objects to their answers in statistics; None takes it back.

    This is the service's own opt-out; the National Data Opt-out is another and is kept elsewhere.
    """
    _OPT_OUT.run(conn, organisation_id=organisation_id, person_id=person_id, opted_out_at=since)


def normalise_nhs_number(number: str) -> str:
    """The ten digits of an NHS number written with or without spaces. Raises `InvalidNhsNumber`."""
    digits = number.replace(" ", "").replace("-", "")
    # The library forgives a line end and digits of other scripts: one number, two people.
    if not (digits.isascii() and digits.isdecimal() and is_valid(digits)):
        raise InvalidNhsNumber
    return digits


def _place(column: str, organisation_id: str, person_id: str) -> bytes:
    return place(f"person.{column}", organisation_id, person_id)


def _row(keys: Keys, person: Person) -> Row:
    row: Row = {
        "organisation_id": person.organisation_id,
        "person_id": person.person_id,
        "created_at": person.created_at,
        "active_at": person.active_at,
        "opted_out_at": person.opted_out_at,
        "nhs_number_hash": person.nhs_number and keys.lookup_hash(person.nhs_number),
    }
    for name in _IDENTITY:
        value = getattr(person, name)
        text = value.isoformat() if isinstance(value, date) else value
        where = _place(name, person.organisation_id, person.person_id)
        row[name] = seal_text(keys, text or None, where)
    return row


def _person(keys: Keys, row: Row) -> Person:
    organisation_id, person_id = row["organisation_id"], row["person_id"]
    # What was never said is left to the defaults of `PersonDetails`.
    identity: dict[str, Any] = {
        name: unseal_text(keys, row[name], _place(name, organisation_id, person_id))
        for name in _IDENTITY
        if row[name] is not None
    }
    if "birth_date" in identity:
        identity["birth_date"] = date.fromisoformat(identity["birth_date"])
    return Person(
        **identity,
        organisation_id=organisation_id,
        person_id=person_id,
        created_at=row["created_at"],
        active_at=row["active_at"],
        opted_out_at=row["opted_out_at"],
    )
