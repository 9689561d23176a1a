"""Whose response it is: the subject another system names, found among the organisation's people."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from template_service.access import scope
from template_service.access.principal import Principal
from template_service.errors import Invalid, NotFound
from template_service.questionnaire.problems import Problem
from template_service.records.people import (
    InvalidNhsNumber,
    Person,
    PersonDetails,
    add_person,
    find_by_nhs_number,
    normalise_nhs_number,
)

NHS_NUMBER_SYSTEM = "https://fhir.nhs.uk/Id/nhs-number"
PLACE = "QuestionnaireResponse.subject"


@dataclass(frozen=True, slots=True)
class Subject:
    """What a response says of its subject: a person of ours, an NHS number, or nothing."""

    person_id: str | None = None
    nhs_number: str | None = field(default=None, repr=False)


def read_subject(resource: Mapping[str, Any]) -> tuple[Subject, tuple[Problem, ...]]:
    """The subject of a response and what is wrong with it; no message holds an identifier.

    A response without a subject is kept for somebody not identified: what it discloses must not be
    lost with the name (rules.md, rule 5).
    """
    subject = resource.get("subject")
    if subject == {}:
        return Subject(), (_error("required", PLACE, _EMPTY),)
    if not isinstance(subject, Mapping):
        return Subject(), (Problem("information", "incomplete", PLACE, None, _NOBODY),)
    reference, identifier = subject.get("reference"), subject.get("identifier")
    if isinstance(reference, str) and reference:
        return _read_reference(reference)
    if isinstance(identifier, Mapping):
        return _read_identifier(identifier)
    # A display alone names nobody to a machine.
    return Subject(), (Problem("information", "incomplete", PLACE, None, _NOBODY),)


def find_subject(
    conn: Connection, principal: Principal, subject: Subject, *, at: datetime
) -> Person:
    """The person of the principal's organisation, made now when new or not named.

    Raises Invalid for a reference to somebody who is not there, or is another organisation's: the
    two look the same.
    """
    if subject.person_id is not None:
        try:
            return scope.person(conn, principal, subject.person_id)
        except NotFound:
            raise Invalid(problems=[_error("not-found", f"{PLACE}.reference", _UNKNOWN)]) from None
    if subject.nhs_number is not None:
        found = find_by_nhs_number(conn, principal.organisation_id, subject.nhs_number)
        if found is not None:
            return found
    details = PersonDetails(nhs_number=subject.nhs_number)
    return add_person(conn, principal.organisation_id, details, at=at)


def _read_reference(reference: str) -> tuple[Subject, tuple[Problem, ...]]:
    kind, _, person_id = reference.rpartition("/")
    if kind != "Patient" or not person_id:
        return Subject(), (_error("value", f"{PLACE}.reference", _NOT_A_PATIENT),)
    return Subject(person_id=person_id), ()


def _read_identifier(identifier: Mapping[str, Any]) -> tuple[Subject, tuple[Problem, ...]]:
    if identifier.get("system") != NHS_NUMBER_SYSTEM:
        return Subject(), (_error("value", f"{PLACE}.identifier.system", _OTHER_SYSTEM),)
    value = identifier.get("value")
    try:
        return Subject(nhs_number=normalise_nhs_number(value if isinstance(value, str) else "")), ()
    except InvalidNhsNumber as wrong:
        return Subject(), (_error("value", f"{PLACE}.identifier.value", wrong.message),)


def _error(code: str, place: str, message: str) -> Problem:
    return Problem("error", code, place, None, message)


_EMPTY = "An empty subject: leave it out, or say who it is."
_NOBODY = "No subject by reference or NHS number: kept for a person not identified."
_UNKNOWN = "No such person at this organisation."
_NOT_A_PATIENT = "The reference must be Patient/id, relative to this server."
_OTHER_SYSTEM = f"Only {NHS_NUMBER_SYSTEM} identifies a person here."
