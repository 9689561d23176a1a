"""All that one source proposed, decided together: so the import of a wrong file is taken back."""

from datetime import datetime

from directory.working_copy import decisions, proposing
from directory.working_copy.problems import Refused
from directory.working_copy.proposing import Action, Proposal
from directory.working_copy.store import WorkingCopy


def reject_all(
    working: WorkingCopy, source: str, *, action: Action, by: str, now: datetime, reason: str
) -> tuple[int, ...]:
    """Rejects every open proposal of one kind that a source made; gives their numbers.

    So the import of a wrong file is taken back. Raises Refused when none waits or no reason is
    given.
    """
    with working.writing():
        numbers = tuple(one.id for one in _of_source(working, source, action))
        if not numbers:
            raise Refused(f"no change of this kind waits of {source}")
        for number in numbers:
            decisions.reject(working, number, by=by, now=now, reason=reason)
    return numbers


def withdrawals(working: WorkingCopy, source: str) -> tuple[Proposal, ...]:
    """The open proposals to withdraw what a source does not have any more, oldest first."""
    return _of_source(working, source, "withdraw")


def _of_source(working: WorkingCopy, source: str, action: Action) -> tuple[Proposal, ...]:
    where = "WHERE state = 'open' AND origin = 'feed' AND source = ? AND action = ?"
    return proposing.listed(working.database, where, (source, action))
