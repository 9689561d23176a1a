"""Urgent cards: dealt with under a name, handed to a clinician, or waiting on the team's list."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Connection

from template_service import clock
from template_service.access import scope
from template_service.access.principal import Principal, Role
from template_service.actions.raised_cards import CardSource, rows_of, source_of
from template_service.errors import Forbidden, NotFound
from template_service.questionnaire.form import Card, Form
from template_service.records import audit, cards, people
from template_service.records.cards import RaisedCard
from template_service.records.people import Person
from template_service.records.tables import CALL_A_CLINICIAN
from template_service.service import Service


@dataclass(frozen=True, slots=True)
class TeamCard:
    """An open card, whose it is and what raised it."""

    person: Person
    card: RaisedCard
    source: CardSource


def team_cards(service: Service, principal: Principal) -> tuple[TeamCard, ...]:
    """The open cards of the principal's practice, oldest first.

    Masked cards are left out for a role that must not see safety content.
    """
    if not principal.sees_people:
        raise Forbidden
    with service.store.read() as conn:
        rows = [
            row
            for row in cards.open_cards(conn, principal.organisation_id)
            if principal.sees_safety or not row.masked
        ]
        owners = {row.person_id: _person(conn, row) for row in rows}
        return tuple(
            TeamCard(owners[row.person_id], row, source_of(service, conn, row)) for row in rows
        )


def acknowledge_card(
    service: Service,
    principal: Principal,
    *,
    person_id: str,
    card_row_id: str,
    note: str | None = None,
) -> RaisedCard:
    """Take a card off the team's list under this person's name; the first acknowledgement stays.

    A card that a clinician owns takes a clinician (rules.md, rule 13). Raises NotFound and
    Forbidden.
    """
    with service.store.write() as conn:
        row = _row(conn, principal, person_id, card_row_id)
        return _acknowledge(service, conn, principal, row, note)


def acknowledge_cards(
    service: Service,
    conn: Connection,
    principal: Principal,
    *,
    person: Person,
    form: Form,
    card_ids: Collection[str],
) -> None:
    """As `acknowledge_card`, of the open cards of these ids that one questionnaire raised.

    Never those of another questionnaire, nor masked ones for a role that must not see them.
    """
    for row in _open_rows(conn, principal, person, form, card_ids):
        _acknowledge(service, conn, principal, row)


def press(
    service: Service,
    principal: Principal,
    *,
    person_id: str,
    form: Form,
    card_id: str,
    call: bool,
) -> None:
    """Acknowledge the open card of this id that a questionnaire raised, or call a clinician to it.

    A call is on the team's list: where no such card is open, or of a masked one, it says only that
    somebody is called. Raises NotFound and Forbidden.
    """
    with service.store.write() as conn:
        person = scope.person(conn, principal, person_id)
        if not call:
            acknowledge_cards(
                service, conn, principal, person=person, form=form, card_ids=(card_id,)
            )
            return
        rows = _open_rows(conn, principal, person, form, (card_id,))
        told = (row.card_row_id for row in rows if not row.masked)
        _call(conn, principal, person, next(told, None))


def call_clinician(
    service: Service, principal: Principal, *, person_id: str, card_row_id: str | None = None
) -> RaisedCard:
    """Call a clinician to a card, or to the person without saying why; it stays open.

    Raises NotFound and Forbidden.
    """
    with service.store.write() as conn:
        person = scope.person(conn, principal, person_id)
        return _call(conn, principal, person, card_row_id)


def may_acknowledge(principal: Principal, card: Card | None) -> bool:
    """Whether this role may say a card is dealt with; None is a call for a clinician."""
    if principal.role is Role.CLINICIAN:
        return True
    owned_by_clinician = card is None or card.for_clinician
    return principal.role is Role.CARE_NAVIGATOR and not owned_by_clinician


def _open_rows(
    conn: Connection, principal: Principal, person: Person, form: Form, card_ids: Collection[str]
) -> tuple[RaisedCard, ...]:
    return tuple(
        row
        for row in rows_of(conn, person, form)
        if row.is_open and row.card_id in card_ids and (principal.sees_safety or not row.masked)
    )


def _acknowledge(
    service: Service,
    conn: Connection,
    principal: Principal,
    row: RaisedCard,
    note: str | None = None,
) -> RaisedCard:
    if not may_acknowledge(principal, source_of(service, conn, row).card(row)):
        raise Forbidden("A clinician must deal with this card: call one")
    done = cards.acknowledge(
        conn,
        row.organisation_id,
        row.card_row_id,
        at=clock.now(),
        by=principal.actor,
        by_name=principal.name,
        note=note,
    )
    _audit(conn, principal, "acknowledge-card", done)
    return done


def _call(
    conn: Connection, principal: Principal, person: Person, card_row_id: str | None
) -> RaisedCard:
    if card_row_id is None:
        card_row_id = _neutral_card(conn, principal, person)
    row = _row(conn, principal, person.person_id, card_row_id)
    called = cards.mark_called(
        conn,
        row.organisation_id,
        card_row_id,
        at=clock.now(),
        by=principal.actor,
        by_name=principal.name,
    )
    _audit(conn, principal, "call-clinician", called)
    return called


def _neutral_card(conn: Connection, principal: Principal, person: Person) -> str:
    """The open call for this person, raised now when there is none."""
    cards.raise_cards(
        conn,
        person.organisation_id,
        person_id=person.person_id,
        response_id=None,
        card_ids=[CALL_A_CLINICIAN],
        at=clock.now(),
        by=principal.actor,
        by_name=principal.name,
    )
    return next(
        row.card_row_id
        for row in cards.cards_of(conn, person.organisation_id, person.person_id)
        if row.card_id == CALL_A_CLINICIAN and row.is_open
    )


def _row(conn: Connection, principal: Principal, person_id: str, card_row_id: str) -> RaisedCard:
    """A card of a person this principal may see; a masked one is not there for the others."""
    person = scope.person(conn, principal, person_id)
    row = cards.card(conn, person.organisation_id, card_row_id)
    if row.person_id != person_id or (row.masked and not principal.sees_safety):
        raise NotFound
    return row


def _person(conn: Connection, row: RaisedCard) -> Person:
    found = people.person(conn, row.organisation_id, row.person_id)
    if found is None:
        raise NotFound
    return found


def _audit(conn: Connection, principal: Principal, action: str, row: RaisedCard) -> None:
    audit.append(
        conn,
        row.organisation_id,
        actor=principal.actor,
        action=action,
        at=clock.now(),
        entities={"person": row.person_id, "card": row.card_row_id},
    )
