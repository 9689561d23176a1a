"""Whose records a principal may open. What belongs to others looks like what is not there.

Raises `Forbidden` for a role that never sees such a thing, and `OutOfScope` when the role could but
this one is not theirs, so that existence is not revealed.
"""

from typing import TypeVar

from sqlalchemy import Connection

from template_service.access.principal import Principal, Role
from template_service.errors import Forbidden, NotFound
from template_service.records import people, referrals, responses
from template_service.records.people import Person
from template_service.records.referrals import Referral
from template_service.records.responses import ResponseHead

_T = TypeVar("_T")


class OutOfScope(NotFound):
    """Not there, or somebody else's, and nobody can tell which."""


def person(conn: Connection, principal: Principal, person_id: str) -> Person:
    """A person the principal may open: of their practice, or referred to their PCN."""
    _must_see_people(principal)
    practice: str | None = principal.organisation_id
    if principal.role is Role.LINK_WORKER:
        practice = referrals.practice_of_person(conn, principal.organisation_id, person_id)
    return _found(None if practice is None else people.person(conn, practice, person_id))


def response(conn: Connection, principal: Principal, response_id: str) -> ResponseHead:
    """A response the principal may open: of their practice, or of a person referred to their PCN.

    Safety content inside is another question: see `Principal.sees_safety`.
    """
    _must_see_people(principal)
    practice: str | None = principal.organisation_id
    if principal.role is Role.LINK_WORKER:
        practice = referrals.practice_of_response(conn, principal.organisation_id, response_id)
    return _found(None if practice is None else responses.head(conn, practice, response_id))


def referral(conn: Connection, principal: Principal, referral_id: str) -> Referral:
    """A referral the principal may open: made by their practice, or sent to their PCN."""
    _must_see_people(principal)
    if principal.role is Role.LINK_WORKER:
        return _found(referrals.referral_to(conn, principal.organisation_id, referral_id))
    return _found(referrals.referral(conn, principal.organisation_id, referral_id))


def _must_see_people(principal: Principal) -> None:
    if not principal.sees_people:
        raise Forbidden


def _found(thing: _T | None) -> _T:
    if thing is None:
        raise OutOfScope
    return thing
