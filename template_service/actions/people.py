"""The people of a practice: found by NHS number or name, and registered."""

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice

from sqlalchemy import Connection

from template_service import clock
from template_service.access import scope
from template_service.access.policy import PRACTICE
from template_service.access.principal import Principal
from template_service.actions.plain_text import is_plain
from template_service.errors import Forbidden, Invalid
from template_service.questionnaire.problems import Problem
from template_service.records import audit, people
from template_service.records.people import InvalidNhsNumber, Person, PersonDetails
from template_service.service import Service

RECENT = 20
# A name is encrypted, so a search reads people one by one; a practice list is a few thousand.
SEARCHED = 20_000
FOUND = 50

LONGEST_NAME = 100
# FHIR R4 administrative-gender.
SEXES = frozenset({"female", "male", "other", "unknown"})
# The shape of a BCP 47 tag.
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*", re.ASCII)


def recent_people(service: Service, principal: Principal) -> tuple[Person, ...]:
    """The people of the principal's practice that somebody worked with last."""
    _must_see_people(principal)
    with service.store.read() as conn:
        return people.people_of(conn, principal.organisation_id, RECENT)


def find_people(service: Service, principal: Principal, *, text: str) -> tuple[Person, ...]:
    """People of the principal's practice by NHS number, or by any part of their names; at most 50.

    Raises Invalid when nothing was typed or ten digits are no NHS number. The search is audited
    without what was typed.
    """
    _must_see_people(principal)
    words = text.casefold().split()
    if not words:
        raise Invalid(problems=[_problem("required", "Type an NHS number or a name.")])
    with service.store.write() as conn:
        found = (
            _by_number(conn, principal, "".join(words))
            if _is_number(words)
            else _by_name(conn, principal, words)
        )
        audit.append(
            conn,
            principal.organisation_id,
            actor=principal.actor,
            action="find-people",
            at=clock.now(),
            detail={"found": len(found)},
        )
    return found


def add_person(service: Service, principal: Principal, *, details: PersonDetails) -> Person:
    """Register a person at the principal's practice.

    Raises Invalid naming every field at fault, InvalidNhsNumber, and AlreadyThere with the person
    who has that NHS number here.
    """
    _must_see_people(principal)
    problems = tuple(_problems_of(details))
    if problems:
        raise Invalid(problems=problems)
    now = clock.now()
    with service.store.write() as conn:
        person = people.add_person(conn, principal.organisation_id, details, at=now)
        audit.append(
            conn,
            principal.organisation_id,
            actor=principal.actor,
            action="add-person",
            at=now,
            entities={"person": person.person_id},
        )
    return person


def record_opt_out(
    service: Service, principal: Principal, *, person_id: str, opted_out: bool, confirmed: bool
) -> Person:
    """Record that a person objects to their answers being used in statistics, or takes it back.

    Only for the practice, and only when `confirmed`: the person said so themselves. What changes
    nothing keeps the day it was first said. Raises Invalid, NotFound and Forbidden.
    """
    if principal.role not in PRACTICE:
        raise Forbidden
    if not confirmed:
        message = "Confirm that the person said this themselves."
        raise Invalid(problems=[Problem("error", "required", "confirmed", "confirmed", message)])
    now = clock.now()
    with service.store.write() as conn:
        person = scope.person(conn, principal, person_id)
        if (person.opted_out_at is not None) == opted_out:
            return person
        changed = replace(person, opted_out_at=now if opted_out else None)
        people.keep_opt_out(conn, person.organisation_id, person_id, since=changed.opted_out_at)
        audit.append(
            conn,
            person.organisation_id,
            actor=principal.actor,
            action="opt-out-of-statistics" if opted_out else "take-back-opt-out",
            at=now,
            entities={"person": person_id},
        )
    return changed


def _problems_of(details: PersonDetails) -> Iterator[Problem]:
    """What cannot be kept: names nobody has, and codes that are none."""
    for name in ("given_name", "family_name"):
        if not is_plain(getattr(details, name), LONGEST_NAME):
            message = f"Write at most {LONGEST_NAME} characters."
            yield Problem("error", "value", name, name, message)
    if details.sex is not None and details.sex not in SEXES:
        yield Problem("error", "code-invalid", "sex", "sex", "Choose one from the list.")
    if details.language is not None and not _LANGUAGE.fullmatch(details.language):
        yield Problem("error", "code-invalid", "language", "language", "Choose one from the list.")


def _must_see_people(principal: Principal) -> None:
    if not principal.sees_people:
        raise Forbidden


def _is_number(words: list[str]) -> bool:
    return all(word.isdigit() for word in words)


def _by_number(conn: Connection, principal: Principal, digits: str) -> tuple[Person, ...]:
    try:
        found = people.find_by_nhs_number(conn, principal.organisation_id, digits)
    except InvalidNhsNumber as wrong:
        raise Invalid(problems=[_problem("value", wrong.message)]) from None
    return (found,) if found else ()


def _by_name(conn: Connection, principal: Principal, words: list[str]) -> tuple[Person, ...]:
    everybody = people.people_of(conn, principal.organisation_id, SEARCHED)
    hits = (
        person
        for person in everybody
        if all(word in person.display_name.casefold() for word in words)
    )
    return tuple(islice(hits, FOUND))


def _problem(code: str, message: str) -> Problem:
    return Problem("error", code, "search", None, message)
