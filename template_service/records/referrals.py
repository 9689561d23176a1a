"""Referrals from a practice to the link workers of its PCN, and their history."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import uuid4

import orjson
from sqlalchemy import Connection, bindparam, select

from template_service.errors import Conflict, Invalid
from template_service.records import tables
from template_service.records.keys import Keys, keys_of, place, seal_text, unseal_text
from template_service.records.prepared import Prepared, Row
from template_service.referral.states import FINAL, Outcome, State, Urgency, check_move

# A worklist starts with what cannot wait.
_RANK = {Urgency.ASAP: 0, Urgency.URGENT: 1, Urgency.ROUTINE: 2}


@dataclass(frozen=True, slots=True, kw_only=True)
class Referral:
    """A referral. `organisation_id` is the practice that made it.

    `needs` never holds a safety need, so that a worklist can show them all.
    """

    organisation_id: str
    referral_id: str
    pcn_code: str
    person_id: str
    response_id: str | None
    needs: tuple[str, ...]
    service_id: str | None
    reason: str = field(repr=False)
    safe_contact: str = field(repr=False)
    consent: bool
    urgency: Urgency
    requested_at: datetime
    requested_by: str
    requested_by_name: str
    status: State
    status_at: datetime
    outcome: Outcome | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferralEvent:
    """One step of a referral's history, the request itself being the first."""

    seq: int
    status: State
    outcome: Outcome | None
    note: str = field(repr=False)
    moved_at: datetime
    moved_by: str
    moved_by_name: str


class NoConsent(Invalid):
    """A referral is voluntary: it needs the person's consent (Homelessness Reduction Act 2017)."""

    def __init__(self) -> None:
        super().__init__("A referral needs the person's consent")


_T = tables.referral
_EVENT = tables.referral_event
_SEALED = ("reason", "safe_contact")
_ORGANISATION = _T.c.organisation_id == bindparam("organisation_id")
_PCN = _T.c.pcn_code == bindparam("pcn_code")
_ID = _T.c.referral_id == bindparam("referral_id")
_PERSON = _T.c.person_id == bindparam("person_id")
_BY_ID = Prepared(select(_T).where(_ORGANISATION, _ID))
_BY_PCN = Prepared(select(_T).where(_PCN, _ID))
_OF_PERSON = Prepared(
    select(_T).where(_ORGANISATION, _PERSON).order_by(_T.c.requested_at.desc(), _T.c.referral_id)
)
# A referral that was declined or withdrawn no longer gives a reason to look at the person.
_IN_FORCE = tuple(_T.c.status != state for state in (State.CANCELLED, State.DECLINED))
_PRACTICE_OF_PERSON = Prepared(select(_T.c.organisation_id).where(_PCN, _PERSON, *_IN_FORCE))
_RESPONSE = tables.response
_PRACTICE_OF_RESPONSE = Prepared(
    select(_T.c.organisation_id)
    .join_from(
        _T,
        _RESPONSE,
        (_RESPONSE.c.organisation_id == _T.c.organisation_id)
        & (_RESPONSE.c.person_id == _T.c.person_id),
    )
    .where(_PCN, _RESPONSE.c.response_id == bindparam("response_id"), *_IN_FORCE)
)
_IN_ORDER = select(_T).where(_PCN).order_by(_T.c.urgency_rank, _T.c.requested_at, _T.c.referral_id)
_WORKLIST = Prepared(_IN_ORDER)
_OPEN_WORKLIST = Prepared(_IN_ORDER.where(*(_T.c.status != state for state in sorted(FINAL))))
_ADD = Prepared(_T.insert())
_MOVE = Prepared(
    _T.update()
    .where(_ORGANISATION, _ID, _T.c.status == bindparam("from_status"))
    .values({name: bindparam(name) for name in ("status", "status_at", "outcome")})
)
_ADD_EVENT = Prepared(_EVENT.insert())
_EVENTS = Prepared(
    select(_EVENT)
    .where(
        _EVENT.c.organisation_id == bindparam("organisation_id"),
        _EVENT.c.referral_id == bindparam("referral_id"),
    )
    .order_by(_EVENT.c.seq)
)


def add_referral(
    conn: Connection,
    organisation_id: str,
    *,
    pcn_code: str,
    person_id: str,
    response_id: str | None,
    needs: Iterable[str],
    reason: str,
    safe_contact: str,
    consent: bool,
    urgency: Urgency,
    at: datetime,
    by: str,
    by_name: str,
    service_id: str | None = None,
) -> Referral:
    """Ask the link workers of a PCN to help a person; raises `NoConsent` without consent.

    `needs` must not hold a safety need: worklists show them. `safe_contact` says how the person can
    safely be reached.
    """
    if consent is not True:
        raise NoConsent
    referral = Referral(
        organisation_id=organisation_id,
        referral_id=str(uuid4()),
        pcn_code=pcn_code,
        person_id=person_id,
        response_id=response_id,
        needs=tuple(needs),
        service_id=service_id,
        reason=reason,
        safe_contact=safe_contact,
        consent=True,
        urgency=urgency,
        requested_at=at,
        requested_by=by,
        requested_by_name=by_name,
        status=State.REQUESTED,
        status_at=at,
        outcome=None,
    )
    _ADD.run(conn, **_row(keys_of(conn), referral))
    _add_event(conn, referral, "", by=by, by_name=by_name)
    return referral


def referral(conn: Connection, organisation_id: str, referral_id: str) -> Referral | None:
    """A referral that a practice made, or None."""
    row = _BY_ID.first(conn, organisation_id=organisation_id, referral_id=referral_id)
    return None if row is None else _referral(keys_of(conn), row)


def referral_to(conn: Connection, pcn_code: str, referral_id: str) -> Referral | None:
    """A referral that was sent to a PCN, or None."""
    row = _BY_PCN.first(conn, pcn_code=pcn_code, referral_id=referral_id)
    return None if row is None else _referral(keys_of(conn), row)


def referrals_of(conn: Connection, organisation_id: str, person_id: str) -> tuple[Referral, ...]:
    """The referrals a practice made for a person, newest first."""
    keys = keys_of(conn)
    rows = _OF_PERSON.rows(conn, organisation_id=organisation_id, person_id=person_id)
    return tuple(_referral(keys, row) for row in rows)


def practice_of_person(conn: Connection, pcn_code: str, person_id: str) -> str | None:
    """The practice whose referral of a person to a PCN is in force or completed, or None."""
    row = _PRACTICE_OF_PERSON.first(conn, pcn_code=pcn_code, person_id=person_id)
    return None if row is None else str(row["organisation_id"])


def practice_of_response(conn: Connection, pcn_code: str, response_id: str) -> str | None:
    """The practice of a response whose person was referred to a PCN, or None."""
    row = _PRACTICE_OF_RESPONSE.first(conn, pcn_code=pcn_code, response_id=response_id)
    return None if row is None else str(row["organisation_id"])


def worklist(
    conn: Connection, pcn_code: str, *, include_final: bool = False
) -> tuple[Referral, ...]:
    """The referrals sent to a PCN, most urgent first, then oldest; final ones only if asked for."""
    keys = keys_of(conn)
    query = _WORKLIST if include_final else _OPEN_WORKLIST
    return tuple(_referral(keys, row) for row in query.rows(conn, pcn_code=pcn_code))


def events(conn: Connection, organisation_id: str, referral_id: str) -> tuple[ReferralEvent, ...]:
    """The history of a referral, oldest first."""
    keys = keys_of(conn)
    rows = _EVENTS.rows(conn, organisation_id=organisation_id, referral_id=referral_id)
    return tuple(_event(keys, row) for row in rows)


def move(
    conn: Connection,
    referral: Referral,
    to: State,
    *,
    at: datetime,
    by: str,
    by_name: str,
    outcome: Outcome | None = None,
    reason: str = "",
) -> Referral:
    """Move a referral on and keep the step.

    Raises `MoveRefused` for a move that is not allowed, and `Conflict` when somebody moved it since
    `referral` was read.
    """
    check_move(referral.status, to, outcome=outcome, reason=reason)
    changed = _MOVE.run(
        conn,
        organisation_id=referral.organisation_id,
        referral_id=referral.referral_id,
        from_status=referral.status,
        status=to,
        status_at=at,
        outcome=outcome,
    )
    if changed != 1:
        raise Conflict("Somebody else moved this referral first")
    moved = replace(referral, status=to, status_at=at, outcome=outcome)
    _add_event(conn, moved, reason, by=by, by_name=by_name)
    return moved


def _add_event(conn: Connection, referral: Referral, note: str, *, by: str, by_name: str) -> None:
    key = (referral.organisation_id, referral.referral_id)
    seq = len(events(conn, *key)) + 1
    _ADD_EVENT.run(
        conn,
        organisation_id=referral.organisation_id,
        referral_id=referral.referral_id,
        seq=seq,
        status=referral.status,
        outcome=referral.outcome,
        note=seal_text(keys_of(conn), note or None, _note_place(*key, seq)),
        moved_at=referral.status_at,
        moved_by=by,
        moved_by_name=by_name,
    )


def _place(column: str, organisation_id: str, referral_id: str) -> bytes:
    return place(f"referral.{column}", organisation_id, referral_id)


def _note_place(organisation_id: str, referral_id: str, seq: int) -> bytes:
    return place("referral_event.note", organisation_id, referral_id, seq)


def _row(keys: Keys, referral: Referral) -> Row:
    row = {name: getattr(referral, name) for name in Referral.__slots__}
    for name in _SEALED:
        where = _place(name, referral.organisation_id, referral.referral_id)
        row[name] = seal_text(keys, row[name] or None, where)
    row["needs"] = orjson.dumps(referral.needs).decode()
    row["urgency_rank"] = _RANK[referral.urgency]
    return row


def _referral(keys: Keys, row: Row) -> Referral:
    values = {name: row[name] for name in Referral.__slots__}
    for name in _SEALED:
        where = _place(name, row["organisation_id"], row["referral_id"])
        values[name] = unseal_text(keys, row[name], where) or ""
    values["needs"] = tuple(orjson.loads(row["needs"]))
    values["consent"] = bool(row["consent"])
    values["urgency"] = Urgency(row["urgency"])
    values["status"] = State(row["status"])
    values["outcome"] = _outcome(row)
    return Referral(**values)


def _event(keys: Keys, row: Row) -> ReferralEvent:
    where = _note_place(row["organisation_id"], row["referral_id"], row["seq"])
    return ReferralEvent(
        seq=row["seq"],
        status=State(row["status"]),
        outcome=_outcome(row),
        note=unseal_text(keys, row["note"], where) or "",
        moved_at=row["moved_at"],
        moved_by=row["moved_by"],
        moved_by_name=row["moved_by_name"],
    )


def _outcome(row: Row) -> Outcome | None:
    return None if row["outcome"] is None else Outcome(row["outcome"])
