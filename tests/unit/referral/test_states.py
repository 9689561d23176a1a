"""States of a referral: every road ends, nothing leaves an end, and ends say why."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from template_service.referral.states import (
    FINAL,
    MOVES,
    MoveRefused,
    Outcome,
    State,
    check_move,
    moves_from,
)

STATES = st.sampled_from(State)
OUTCOMES = st.none() | st.sampled_from(Outcome)
REASONS = st.sampled_from(["", "  ", "no longer wanted"])


def _allowed(state: State, to: State, outcome: Outcome | None, reason: str) -> bool:
    try:
        check_move(state, to, outcome=outcome, reason=reason)
    except MoveRefused:
        return False
    return True


@given(STATES, STATES, OUTCOMES, REASONS)
def test_a_move_passes_exactly_when_every_rule_holds(
    state: State, to: State, outcome: Outcome | None, reason: str
) -> None:
    rules = [
        to in moves_from(state),
        (outcome is not None) == (to is State.COMPLETED),
        bool(reason.strip()) or to not in {State.DECLINED, State.CANCELLED},
    ]
    assert _allowed(state, to, outcome, reason) == all(rules)


@given(st.lists(STATES, max_size=12))
def test_no_walk_leaves_a_final_state_or_comes_back(wishes: list[State]) -> None:
    state, seen = State.REQUESTED, [State.REQUESTED]
    for wish in wishes:
        if wish in moves_from(state):
            assert state not in FINAL
            assert wish not in seen
            state = wish
            seen.append(wish)
    assert len(seen) <= 4


@given(STATES)
def test_from_every_state_that_is_not_final_an_end_can_be_reached_and_it_can_be_cancelled(
    state: State,
) -> None:
    assert (state in FINAL) == (moves_from(state) == ())
    if state not in FINAL:
        assert State.CANCELLED in moves_from(state)


def test_the_ends_are_completed_declined_and_cancelled() -> None:
    assert {State.COMPLETED, State.DECLINED, State.CANCELLED} == FINAL
    assert set(MOVES) == set(State)


def test_nothing_that_began_is_declined() -> None:
    assert State.DECLINED not in moves_from(State.IN_PROGRESS)


def test_a_refusal_names_the_moves_there_are() -> None:
    with pytest.raises(MoveRefused, match="accepted, declined, cancelled"):
        check_move(State.REQUESTED, State.COMPLETED, outcome=Outcome.RESOLVED, reason="")
    with pytest.raises(MoveRefused, match="final"):
        check_move(State.DECLINED, State.ACCEPTED, outcome=None, reason="")
