"""Referrals: to one PCN, in order of urgency, with a history, moved by one hand at a time."""

from datetime import timedelta
from typing import Any

import pytest

from template_service.errors import Conflict
from template_service.records import referrals
from template_service.records.people import PersonDetails, add_person
from template_service.records.referrals import NoConsent, Referral
from template_service.records.store import Store
from template_service.referral.states import MoveRefused, Outcome, State, Urgency
from tests.unit.records.practice import BY, NEIGHBOUR, NOW, OTHER_PCN, PCN, PRACTICE, save

LATER = NOW + timedelta(hours=1)
WORKER: dict[str, Any] = {"by": "user:9", "by_name": "Lee Made Up"}


def _refer(store: Store, person_id: str, **changes: Any) -> Referral:
    values: dict[str, Any] = {
        "pcn_code": PCN,
        "person_id": person_id,
        "response_id": None,
        "needs": ["food-aid", "debt-advice"],
        "reason": "asked for help",
        "safe_contact": "mornings only",
        "consent": True,
        "urgency": Urgency.ROUTINE,
        "at": NOW,
        **BY,
        **changes,
    }
    with store.write() as conn:
        return referrals.add_referral(conn, PRACTICE, **values)


def test_a_referral_is_read_back_by_both_sides(ann: str, store: Store) -> None:
    made = _refer(store, ann, service_id="service-1")
    with store.read() as conn:
        assert referrals.referral(conn, PRACTICE, made.referral_id) == made
        assert referrals.referral_to(conn, PCN, made.referral_id) == made
        assert referrals.referrals_of(conn, PRACTICE, ann) == (made,)
        (event,) = referrals.events(conn, PRACTICE, made.referral_id)
    assert (event.seq, event.status, event.moved_by_name) == (1, State.REQUESTED, "Dr Made Up")
    assert made.needs == ("food-aid", "debt-advice")


@pytest.mark.parametrize("consent", [False, None, 1, "yes"])
def test_without_consent_nothing_is_sent(ann: str, store: Store, consent: Any) -> None:
    with pytest.raises(NoConsent):
        _refer(store, ann, consent=consent)
    with store.read() as conn:
        assert referrals.worklist(conn, PCN, include_final=True) == ()


def test_the_worklist_is_by_urgency_then_age(ann: str, store: Store) -> None:
    young = _refer(store, ann, at=LATER)
    old = _refer(store, ann)
    urgent = _refer(store, ann, at=LATER, urgency=Urgency.URGENT)
    soonest = _refer(store, ann, at=LATER, urgency=Urgency.ASAP)
    with store.read() as conn:
        assert referrals.worklist(conn, PCN) == (soonest, urgent, old, young)
        assert referrals.worklist(conn, OTHER_PCN) == ()


def test_a_referral_carries_on_to_an_outcome_with_its_history(ann: str, store: Store) -> None:
    made = _refer(store, ann)
    with store.write() as conn:
        accepted = referrals.move(conn, made, State.ACCEPTED, at=LATER, **WORKER)
        done = referrals.move(
            conn,
            accepted,
            State.COMPLETED,
            at=LATER + timedelta(days=3),
            outcome=Outcome.PARTLY,
            reason="debt still open",
            **WORKER,
        )
        assert referrals.referral(conn, PRACTICE, made.referral_id) == done
        history = referrals.events(conn, PRACTICE, made.referral_id)
        assert referrals.worklist(conn, PCN) == ()
        assert referrals.worklist(conn, PCN, include_final=True) == (done,)
    assert [(step.seq, step.status, step.outcome, step.note) for step in history] == [
        (1, State.REQUESTED, None, ""),
        (2, State.ACCEPTED, None, ""),
        (3, State.COMPLETED, Outcome.PARTLY, "debt still open"),
    ]


def test_a_move_that_is_not_allowed_changes_nothing(ann: str, store: Store) -> None:
    made = _refer(store, ann)
    with store.write() as conn:
        with pytest.raises(MoveRefused):
            referrals.move(
                conn, made, State.COMPLETED, at=LATER, outcome=Outcome.RESOLVED, **WORKER
            )
        with pytest.raises(MoveRefused, match="why"):
            referrals.move(conn, made, State.DECLINED, at=LATER, **WORKER)
        assert referrals.referral(conn, PRACTICE, made.referral_id) == made
        assert len(referrals.events(conn, PRACTICE, made.referral_id)) == 1


def test_two_who_move_at_once_do_not_both_succeed(ann: str, store: Store) -> None:
    made = _refer(store, ann)
    with store.write() as conn:
        referrals.move(conn, made, State.ACCEPTED, at=LATER, **WORKER)
    with pytest.raises(Conflict, match="moved this referral first"), store.write() as conn:
        referrals.move(conn, made, State.CANCELLED, at=LATER, reason="moved away", **BY)


def test_another_practice_or_pcn_does_not_see_it(ann: str, store: Store) -> None:
    made = _refer(store, ann)
    with store.read() as conn:
        assert referrals.referral(conn, NEIGHBOUR, made.referral_id) is None
        assert referrals.referral_to(conn, OTHER_PCN, made.referral_id) is None
        assert referrals.events(conn, NEIGHBOUR, made.referral_id) == ()
        assert referrals.referrals_of(conn, NEIGHBOUR, ann) == ()


def test_a_pcn_knows_the_practice_of_whom_was_referred_to_it(ann: str, store: Store) -> None:
    with store.write() as conn:
        rid = save(conn, ann).head.response_id
        stranger = add_person(conn, PRACTICE, PersonDetails(), at=NOW).person_id
        strange = save(conn, stranger).head.response_id
    _refer(store, ann)
    with store.read() as conn:
        assert referrals.practice_of_person(conn, PCN, ann) == PRACTICE
        assert referrals.practice_of_person(conn, OTHER_PCN, ann) is None
        assert referrals.practice_of_person(conn, PCN, stranger) is None
        assert referrals.practice_of_response(conn, PCN, rid) == PRACTICE
        assert referrals.practice_of_response(conn, OTHER_PCN, rid) is None
        assert referrals.practice_of_response(conn, PCN, strange) is None


def test_free_text_does_not_show_in_a_repr(ann: str, store: Store) -> None:
    made = _refer(store, ann)
    assert "asked for help" not in repr(made)
    assert "mornings" not in repr(made)


@pytest.mark.parametrize(
    "change",
    [
        "DELETE FROM referral",
        "DELETE FROM referral_event",
        "UPDATE referral_event SET status = 'completed'",
    ],
)
def test_a_referral_and_its_history_cannot_be_undone(ann: str, store: Store, change: str) -> None:
    _refer(store, ann)
    with pytest.raises(Exception, match="refuses"), store.write() as conn:
        conn.exec_driver_sql(change)
