"""Urgent cards: raised once, on the list until acknowledged under a name, never gone."""

from datetime import timedelta
from typing import Any

import pytest

from template_service.errors import NotFound
from template_service.records import cards
from template_service.records.cards import RaisedCard
from template_service.records.store import Store
from template_service.records.tables import CALL_A_CLINICIAN
from tests.unit.records.practice import BY, NEIGHBOUR, NOW, PRACTICE, save

LATER = NOW + timedelta(minutes=5)
MUCH_LATER = NOW + timedelta(hours=2)
OTHER: dict[str, Any] = {"by": "user:2", "by_name": "Nurse Made Up"}


def _raise(store: Store, person_id: str, *card_ids: str, **changes: Any) -> tuple[RaisedCard, ...]:
    values: dict[str, Any] = {"response_id": None, "at": NOW, **BY, **changes}
    with store.write() as conn:
        return cards.raise_cards(conn, PRACTICE, person_id=person_id, card_ids=card_ids, **values)


def test_a_card_is_raised_once_per_response(ann: str, store: Store) -> None:
    with store.write() as conn:
        rid = save(conn, ann).head.response_id
        other = save(conn, ann).head.response_id
    first = _raise(store, ann, "no_food", "no_food", "cold", response_id=rid)
    assert [card.card_id for card in first] == ["no_food", "cold"]
    again = _raise(store, ann, "no_food", "homeless_tonight", response_id=rid, at=LATER)
    assert [card.card_id for card in again] == ["homeless_tonight"]
    assert len(_raise(store, ann, "no_food", response_id=other)) == 1


def test_a_card_raised_before_stays_raised_once_acknowledged(ann: str, store: Store) -> None:
    with store.write() as conn:
        rid = save(conn, ann).head.response_id
    (card,) = _raise(store, ann, "no_food", response_id=rid)
    with store.write() as conn:
        cards.acknowledge(conn, PRACTICE, card.card_row_id, at=LATER, **OTHER)
    assert _raise(store, ann, "no_food", response_id=rid) == ()


def test_masked_cards_say_so(ann: str, store: Store) -> None:
    raised = _raise(store, ann, "unsafe_home", "no_food", masked={"unsafe_home"})
    assert {card.card_id: card.masked for card in raised} == {"unsafe_home": True, "no_food": False}
    with store.read() as conn:
        assert set(cards.open_cards(conn, PRACTICE)) == set(raised)


def test_the_list_holds_open_cards_oldest_first(ann: str, store: Store) -> None:
    (young,) = _raise(store, ann, "cold", at=LATER)
    (old,) = _raise(store, ann, "no_food")
    with store.write() as conn:
        assert [card.card_row_id for card in cards.open_cards(conn, PRACTICE)] == [
            old.card_row_id,
            young.card_row_id,
        ]
        done = cards.acknowledge(
            conn, PRACTICE, old.card_row_id, at=LATER, note="food parcel given", **OTHER
        )
        assert (done.acknowledged_at, done.acknowledged_by) == (LATER, "user:2")
        assert (done.acknowledged_by_name, done.note) == ("Nurse Made Up", "food parcel given")
        assert cards.open_cards(conn, PRACTICE) == (young,)
        assert cards.cards_of(conn, PRACTICE, ann) == (done, young)


def test_the_first_acknowledgement_stays(ann: str, store: Store) -> None:
    (card,) = _raise(store, ann, "no_food")
    with store.write() as conn:
        first = cards.acknowledge(conn, PRACTICE, card.card_row_id, at=NOW, note="seen", **BY)
        again = cards.acknowledge(conn, PRACTICE, card.card_row_id, at=LATER, **OTHER)
    assert again == first


def test_calling_somebody_leaves_the_card_open(ann: str, store: Store) -> None:
    (card,) = _raise(store, ann, "no_food")
    with store.write() as conn:
        called = cards.mark_called(conn, PRACTICE, card.card_row_id, at=LATER, **OTHER)
        assert (called.called_at, called.called_by) == (LATER, "user:2")
        again = cards.mark_called(conn, PRACTICE, card.card_row_id, at=MUCH_LATER, **BY)
        assert again.called_at == MUCH_LATER
        assert cards.open_cards(conn, PRACTICE) == (again,)


def test_a_clinician_can_be_called_again_after_the_first_call_was_answered(
    ann: str, store: Store
) -> None:
    (call,) = _raise(store, ann, CALL_A_CLINICIAN)
    assert _raise(store, ann, CALL_A_CLINICIAN) == ()
    with store.write() as conn:
        cards.acknowledge(conn, PRACTICE, call.card_row_id, at=LATER, **OTHER)
    assert len(_raise(store, ann, CALL_A_CLINICIAN)) == 1


def test_another_organisation_neither_sees_nor_acknowledges(ann: str, store: Store) -> None:
    (card,) = _raise(store, ann, "no_food")
    with store.write() as conn:
        assert cards.open_cards(conn, NEIGHBOUR) == ()
        assert cards.cards_of(conn, NEIGHBOUR, ann) == ()
        with pytest.raises(NotFound):
            cards.acknowledge(conn, NEIGHBOUR, card.card_row_id, at=LATER, **OTHER)
        with pytest.raises(NotFound):
            cards.mark_called(conn, NEIGHBOUR, card.card_row_id, at=LATER, **OTHER)
        assert cards.open_cards(conn, PRACTICE) == (card,)


def test_a_card_cannot_be_removed(ann: str, store: Store) -> None:
    _raise(store, ann, "no_food")
    with pytest.raises(Exception, match="urgent_card refuses"), store.write() as conn:
        conn.exec_driver_sql("DELETE FROM urgent_card")


def test_a_note_does_not_show_in_a_repr(ann: str, store: Store) -> None:
    (card,) = _raise(store, ann, "no_food")
    with store.write() as conn:
        done = cards.acknowledge(conn, PRACTICE, card.card_row_id, at=NOW, note="secret", **BY)
    assert "secret" not in repr(done)
