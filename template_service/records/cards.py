"""Urgent cards: raised once, never removed, on the team's list until somebody acknowledges them."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection, bindparam, select

from template_service.errors import NotFound
from template_service.records import tables
from template_service.records.keys import Keys, keys_of, place, seal_text, unseal_text
from template_service.records.prepared import Prepared, Row
from template_service.records.row_ids import new_row_id
from template_service.records.tables import CALL_A_CLINICIAN


@dataclass(frozen=True, slots=True, kw_only=True)
class RaisedCard:
    """A raised card. `masked` ones count as safety: show them only to roles that see safety."""

    organisation_id: str
    card_row_id: str
    person_id: str
    response_id: str | None
    card_id: str
    masked: bool
    raised_at: datetime
    raised_by: str
    raised_by_name: str
    acknowledged_at: datetime | None = None
    acknowledged_by: str | None = None
    acknowledged_by_name: str | None = None
    note: str | None = field(default=None, repr=False)
    called_at: datetime | None = None
    called_by: str | None = None
    called_by_name: str | None = None

    @property
    def is_open(self) -> bool:
        """Whether nobody has acknowledged it yet."""
        return self.acknowledged_at is None


_T = tables.urgent_card
_OLDEST_FIRST = (_T.c.raised_at, _T.c.card_row_id)
_OF_ORGANISATION = select(_T).where(_T.c.organisation_id == bindparam("organisation_id"))
_BY_ID = Prepared(_OF_ORGANISATION.where(_T.c.card_row_id == bindparam("card_row_id")))
_OPEN = Prepared(_OF_ORGANISATION.where(_T.c.acknowledged_at.is_(None)).order_by(*_OLDEST_FIRST))
_OF_PERSON = Prepared(
    _OF_ORGANISATION.where(_T.c.person_id == bindparam("person_id")).order_by(*_OLDEST_FIRST)
)
_IDS = select(_T.c.card_id, _T.c.acknowledged_at).where(
    _T.c.organisation_id == bindparam("organisation_id"),
    _T.c.person_id == bindparam("person_id"),
)
_RAISED = Prepared(
    _IDS.where(
        _T.c.response_id.is_not_distinct_from(bindparam("response_id")),
        _T.c.card_id != CALL_A_CLINICIAN,
    )
)
_OPEN_CALL = Prepared(_IDS.where(_T.c.card_id == CALL_A_CLINICIAN, _T.c.acknowledged_at.is_(None)))
_CHANGE = _T.update().where(
    _T.c.organisation_id == bindparam("organisation_id"),
    _T.c.card_row_id == bindparam("card_row_id"),
)
_ACKNOWLEDGE = Prepared(
    _CHANGE.values(
        {
            name: bindparam(name)
            for name in ("acknowledged_at", "acknowledged_by", "acknowledged_by_name", "note")
        }
    )
)
_CALL = Prepared(
    _CHANGE.values({name: bindparam(name) for name in ("called_at", "called_by", "called_by_name")})
)
_ADD = Prepared(_T.insert())


def raise_cards(
    conn: Connection,
    organisation_id: str,
    *,
    person_id: str,
    response_id: str | None,
    card_ids: Iterable[str],
    at: datetime,
    by: str,
    by_name: str,
    masked: Collection[str] = (),
    again: Collection[str] = (),
) -> tuple[RaisedCard, ...]:
    """Raise the cards that this response has not raised before; returns the new ones.

    `masked` names the card ids that count as safety. Those `again` were said anew: they are raised
    although the response raised them before, unless still open. `call-a-clinician` is raised
    whenever the person has no such call open.
    """
    wanted = dict.fromkeys(card_ids)
    if not wanted:
        return ()
    key = {"organisation_id": organisation_id, "person_id": person_id}
    present = {
        row["card_id"]
        for row in _RAISED.rows(conn, **key, response_id=response_id)
        if row["acknowledged_at"] is None or row["card_id"] not in again
    }
    if CALL_A_CLINICIAN in wanted and _OPEN_CALL.first(conn, **key):
        present.add(CALL_A_CLINICIAN)
    raised = tuple(
        RaisedCard(
            organisation_id=organisation_id,
            card_row_id=new_row_id(),
            person_id=person_id,
            response_id=response_id,
            card_id=card_id,
            masked=card_id in masked,
            raised_at=at,
            raised_by=by,
            raised_by_name=by_name,
        )
        for card_id in wanted
        if card_id not in present
    )
    _ADD.run_all(
        conn, [{name: getattr(card, name) for name in RaisedCard.__slots__} for card in raised]
    )
    return raised


def acknowledge(
    conn: Connection,
    organisation_id: str,
    card_row_id: str,
    *,
    at: datetime,
    by: str,
    by_name: str,
    note: str | None = None,
) -> RaisedCard:
    """Take a card off the team's list, under a name. The first acknowledgement stays.

    Raises `NotFound` for a card the organisation does not have.
    """
    present = card(conn, organisation_id, card_row_id)
    if not present.is_open:
        return present
    _ACKNOWLEDGE.run(
        conn,
        organisation_id=organisation_id,
        card_row_id=card_row_id,
        acknowledged_at=at,
        acknowledged_by=by,
        acknowledged_by_name=by_name,
        note=seal_text(keys_of(conn), note or None, _note_place(organisation_id, card_row_id)),
    )
    return card(conn, organisation_id, card_row_id)


def mark_called(
    conn: Connection,
    organisation_id: str,
    card_row_id: str,
    *,
    at: datetime,
    by: str,
    by_name: str,
) -> RaisedCard:
    """Note that a clinician was called to a card, the latest call counting; it stays open.

    Raises `NotFound` for a card the organisation does not have.
    """
    card(conn, organisation_id, card_row_id)
    _CALL.run(
        conn,
        organisation_id=organisation_id,
        card_row_id=card_row_id,
        called_at=at,
        called_by=by,
        called_by_name=by_name,
    )
    return card(conn, organisation_id, card_row_id)


def card(conn: Connection, organisation_id: str, card_row_id: str) -> RaisedCard:
    """A card of an organisation. Raises `NotFound`."""
    row = _BY_ID.first(conn, organisation_id=organisation_id, card_row_id=card_row_id)
    if row is None:
        raise NotFound
    return _card(keys_of(conn), row)


def open_cards(conn: Connection, organisation_id: str) -> tuple[RaisedCard, ...]:
    """The team's list: every unacknowledged card, oldest first, masked ones included."""
    keys = keys_of(conn)
    return tuple(_card(keys, row) for row in _OPEN.rows(conn, organisation_id=organisation_id))


def cards_of(conn: Connection, organisation_id: str, person_id: str) -> tuple[RaisedCard, ...]:
    """Every card ever raised for a person, oldest first, masked ones included."""
    keys = keys_of(conn)
    rows = _OF_PERSON.rows(conn, organisation_id=organisation_id, person_id=person_id)
    return tuple(_card(keys, row) for row in rows)


def _note_place(organisation_id: str, card_row_id: str) -> bytes:
    return place("urgent_card.note", organisation_id, card_row_id)


def _card(keys: Keys, row: Row) -> RaisedCard:
    where = _note_place(row["organisation_id"], row["card_row_id"])
    return RaisedCard(
        **{**row, "masked": bool(row["masked"]), "note": unseal_text(keys, row["note"], where)}
    )
