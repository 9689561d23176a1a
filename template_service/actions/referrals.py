"""Referrals: asked for at the practice, carried to an outcome by the link workers of its PCN."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection

from template_service import clock
from template_service.access import scope
from template_service.access.principal import Principal, Role
from template_service.actions.plain_text import is_plain
from template_service.actions.plans import OpenPlan, offered, open_plan
from template_service.errors import Conflict, Forbidden, Invalid
from template_service.questionnaire.problems import Problem
from template_service.records import audit, organisations, people, referrals
from template_service.records.people import Person
from template_service.records.referrals import Referral, ReferralEvent
from template_service.referral.states import Outcome, State, Urgency, moves_from
from template_service.service import Service
from template_service.signposting.plan import PlanNeed

# A referral is read by a person with others waiting.
LONGEST_TEXT = 4000

# What the CodeSystem template-levels says of them: 4 acts before they leave, 3 this week.
URGENCY_OF_LEVEL = {4: Urgency.ASAP, 3: Urgency.URGENT}


@dataclass(frozen=True, slots=True)
class WorklistEntry:
    """A referral on a worklist, with the person and the practice it came from."""

    referral: Referral
    person: Person
    practice: str


@dataclass(frozen=True, slots=True)
class OpenReferral:
    """A referral with its history and the moves this principal may make."""

    referral: Referral
    person: Person
    practice: str
    events: tuple[ReferralEvent, ...]
    moves: tuple[State, ...]


def refer(
    service: Service,
    principal: Principal,
    *,
    person_id: str,
    domains: Iterable[str],
    reason: str,
    consent: bool,
    contact: str,
    service_id: str | None = None,
) -> Referral:
    """Ask the link workers of the practice's PCN to help with some domains of the person's plan.

    What only safety content raised never travels with a referral: worklists show its needs. Raises
    Invalid without consent, without a need to help with, or where the practice has no PCN;
    NotFound; Forbidden.
    """
    opened = open_plan(service, principal, person_id=person_id)
    wanted = _needs_of(opened, domains)
    if service_id is not None and service_id not in offered(opened.plan.without_safety()):
        raise Invalid(problems=[_wrong("service_id", "Choose a service that the plan offers.")])
    for name, text in (("reason", reason), ("contact", contact)):
        if not is_plain(text, LONGEST_TEXT):
            raise Invalid(problems=[_wrong(name, f"Write at most {LONGEST_TEXT:,} characters.")])
    now = clock.now()
    with service.store.write() as conn:
        pcn = _pcn_of(conn, opened.person.organisation_id)
        made = referrals.add_referral(
            conn,
            opened.person.organisation_id,
            pcn_code=pcn,
            person_id=person_id,
            response_id=opened.head.response_id,
            needs=sorted({category for need in wanted for category in need.needs}),
            reason=reason.strip(),
            safe_contact=contact.strip(),
            consent=consent,
            urgency=URGENCY_OF_LEVEL.get(max(need.level for need in wanted), Urgency.ROUTINE),
            at=now,
            by=principal.actor,
            by_name=principal.name,
            service_id=service_id,
        )
        _audit(conn, principal, "refer", made)
    return made


def worklist(
    service: Service, principal: Principal, *, include_final: bool = False
) -> tuple[WorklistEntry, ...]:
    """The referrals sent to the principal's PCN, most urgent first, then oldest."""
    if principal.role is not Role.LINK_WORKER:
        raise Forbidden
    with service.store.read() as conn:
        rows = referrals.worklist(conn, principal.organisation_id, include_final=include_final)
        return tuple(
            WorklistEntry(row, _person(conn, row), _name_of(conn, row.organisation_id))
            for row in rows
        )


def open_referral(service: Service, principal: Principal, *, referral_id: str) -> OpenReferral:
    """One referral with its history; the look is audited. Raises NotFound and Forbidden."""
    with service.store.write() as conn:
        found = scope.referral(conn, principal, referral_id)
        _audit(conn, principal, "open-referral", found)
        return OpenReferral(
            referral=found,
            person=_person(conn, found),
            practice=_name_of(conn, found.organisation_id),
            events=referrals.events(conn, found.organisation_id, referral_id),
            moves=_moves(principal, found),
        )


def move_referral(
    service: Service,
    principal: Principal,
    *,
    referral_id: str,
    to: str,
    outcome: str | None = None,
    reason: str = "",
) -> Referral:
    """Move a referral on; the practice that asked may only cancel.

    Raises Invalid for a move or outcome that is not one, Conflict when somebody moved it first,
    NotFound and Forbidden.
    """
    target, result = _state(to), _outcome(outcome)
    with service.store.write() as conn:
        found = scope.referral(conn, principal, referral_id)
        if target not in _moves(principal, found):
            if found.status is target:
                raise Conflict(f"This referral is {target} already")
            raise Invalid(f"A referral that is {found.status} cannot become {target} here")
        moved = referrals.move(
            conn,
            found,
            target,
            at=clock.now(),
            by=principal.actor,
            by_name=principal.name,
            outcome=result,
            reason=reason.strip(),
        )
        _audit(conn, principal, "move-referral", moved)
    return moved


def _wrong(name: str, message: str) -> Problem:
    return Problem("error", "value", name, name, message)


def _needs_of(opened: OpenPlan, domains: Iterable[str]) -> tuple[PlanNeed, ...]:
    chosen = frozenset(domains)
    plan = opened.plan.without_safety()
    needs = tuple(need for need in (*plan.needs, *plan.folded) if need.domain.id in chosen)
    if not needs:
        problem = Problem("error", "required", "domains", None, "Choose what to refer for.")
        raise Invalid(problems=[problem])
    return needs


def _pcn_of(conn: Connection, practice: str) -> str:
    pcn = organisations.known(conn, practice).parent
    if pcn is None:
        raise Invalid(
            "This practice belongs to no primary care network: nobody would see a referral"
        )
    return pcn


def _moves(principal: Principal, found: Referral) -> tuple[State, ...]:
    moves = moves_from(found.status)
    if principal.role is Role.LINK_WORKER:
        return moves
    return tuple(move for move in moves if move is State.CANCELLED)


def _state(text: str) -> State:
    try:
        return State(text)
    except ValueError:
        problem = Problem("error", "value", "status", None, "Choose the next step from the list.")
        raise Invalid(problems=[problem]) from None


def _outcome(text: str | None) -> Outcome | None:
    try:
        return Outcome(text) if text else None
    except ValueError:
        problem = Problem("error", "value", "outcome", None, "Choose an outcome from the list.")
        raise Invalid(problems=[problem]) from None


def _person(conn: Connection, row: Referral) -> Person:
    found = people.person(conn, row.organisation_id, row.person_id)
    assert found is not None  # noqa: S101 -- a foreign key holds it
    return found


def _name_of(conn: Connection, ods_code: str) -> str:
    found = organisations.get(conn, ods_code)
    return found.name if found else ods_code


def _audit(conn: Connection, principal: Principal, action: str, row: Referral) -> None:
    audit.append(
        conn,
        row.organisation_id,
        actor=principal.actor,
        action=action,
        at=clock.now(),
        entities={"person": row.person_id, "referral": row.referral_id},
        detail={"status": row.status},
    )
