"""The states of a referral, the moves between them, and the outcomes a completed one can have."""

from enum import StrEnum

from template_service.errors import Invalid


class State(StrEnum):
    """Where a referral stands; the codes follow FHIR R4 Task.status where it has one."""

    REQUESTED = "requested"
    ACCEPTED = "accepted"
    IN_PROGRESS = "in-progress"
    COMPLETED = "completed"
    DECLINED = "declined"
    CANCELLED = "cancelled"


class Outcome(StrEnum):
    """What came of a completed referral, in the person's view."""

    RESOLVED = "resolved"
    PARTLY = "partly"
    NOT_RESOLVED = "not-resolved"


class Urgency(StrEnum):
    """How soon a link worker should act; codes of FHIR R4 request-priority."""

    ROUTINE = "routine"
    URGENT = "urgent"
    ASAP = "asap"


class MoveRefused(Invalid):
    """A referral cannot make this move; the message says what is missing or which moves it has."""


MOVES: dict[State, frozenset[State]] = {
    State.REQUESTED: frozenset({State.ACCEPTED, State.DECLINED, State.CANCELLED}),
    State.ACCEPTED: frozenset(
        {State.IN_PROGRESS, State.COMPLETED, State.DECLINED, State.CANCELLED}
    ),
    State.IN_PROGRESS: frozenset({State.COMPLETED, State.CANCELLED}),
    State.COMPLETED: frozenset(),
    State.DECLINED: frozenset(),
    State.CANCELLED: frozenset(),
}

FINAL: frozenset[State] = frozenset(state for state, moves in MOVES.items() if not moves)

NEEDS_REASON: frozenset[State] = frozenset({State.DECLINED, State.CANCELLED})


def moves_from(state: State) -> tuple[State, ...]:
    """The states a referral in `state` can move to, in the order of `State`; none when final."""
    return tuple(to for to in State if to in MOVES[state])


def check_move(state: State, to: State, *, outcome: Outcome | None, reason: str) -> None:
    """Pass a move, or raise `MoveRefused` saying why not.

    A completed referral carries an outcome and nothing else does; declining or cancelling needs a
    reason, because silence about a referral is a hazard (H07 in the hazard log).
    """
    if to not in MOVES[state]:
        allowed = ", ".join(moves_from(state)) or "no other state: it is final"
        raise MoveRefused(f"A referral that is {state} cannot become {to}; it can become {allowed}")
    if to is State.COMPLETED and outcome is None:
        raise MoveRefused("Say what came of it: choose an outcome")
    if to is not State.COMPLETED and outcome is not None:
        raise MoveRefused(f"Only a completed referral has an outcome, not one that is {to}")
    if to in NEEDS_REASON and not reason.strip():
        raise MoveRefused(f"Say why the referral is {to}")
