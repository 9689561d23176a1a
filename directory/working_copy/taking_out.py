"""A whole source taken out of the directory, and put back as it was.

Nothing of it is forgotten: its records wait as withdrawn, and the audit says which of them were
taken with it, what each was, and which proposals were closed.
"""

from datetime import datetime
from typing import TYPE_CHECKING, Final, NamedTuple

from directory.working_copy import proposing
from directory.working_copy.problems import Refused
from directory.working_copy.store import WorkingCopy
from directory.working_copy.writing import Hand, json_text, note, stamp

if TYPE_CHECKING:
    import sqlite_utils

OUT: Final = "source taken out"
BACK: Final = "source put back"
"""What the audit calls taking a source out, and putting it back."""

_LAST: Final = (
    "SELECT change, by, at, reason, action FROM change"
    " WHERE source = ? AND kind = '' AND id = '' AND action IN (?, ?) ORDER BY change DESC LIMIT 1"
)
_NOTED: Final = (
    "INSERT INTO change (at, by, action, reason, run, source, kind, id, field, was, became,"
    " proposal)"
)
_NOTE_RECORDS: Final = f"""
{_NOTED} SELECT :at, :by, :action, :reason, :run, source, kind, id, '', state, 'withdrawn', NULL
FROM record WHERE source = :source AND state <> 'withdrawn' ORDER BY rowid
"""  # noqa: S608 -- made of constants
_WITHDRAW: Final = "UPDATE record SET state = 'withdrawn' WHERE source = ? AND state <> 'withdrawn'"
_NOTE_PROPOSALS: Final = f"""
{_NOTED} SELECT :at, :by, :action, :reason, :run, source, kind, id, field, 'open', 'superseded',
       proposal
FROM proposal WHERE state = 'open' AND source = :source ORDER BY proposal
"""  # noqa: S608 -- made of constants
_CLOSE: Final = (
    "UPDATE proposal SET state = 'superseded', decided_by = :by, decided_at = :at,"
    " decision = :reason WHERE state = 'open' AND source = :source"
)
# What the taking out noted is undone in the order in which it was done.
_NOTE_BACK: Final = f"""
{_NOTED} SELECT :at, :by, :action, :reason, :run, source, kind, id, field, became, was, proposal
FROM change WHERE source = :source AND change > :number AND action = :undone ORDER BY change
"""  # noqa: S608 -- made of constants
_RESTORE: Final = (
    "UPDATE record SET state = taken.was FROM (SELECT kind, id, was FROM change"
    " WHERE source = :source AND change > :number AND action = :undone AND proposal IS NULL)"
    " AS taken WHERE record.source = :source AND record.kind = taken.kind AND record.id = taken.id"
)
_REOPEN: Final = (
    "UPDATE proposal SET state = 'open', decided_by = '', decided_at = '', decision = ''"
    " WHERE proposal IN (SELECT proposal FROM change"
    " WHERE source = :source AND change > :number AND action = :undone)"
)
_HELD: Final = (
    "SELECT count(*), coalesce(sum(published), 0) FROM record"
    " WHERE source = ? AND kind = 'service' AND state = 'current'"
)
_TOUCHED: Final = (
    "SELECT DISTINCT kind, id FROM protection WHERE source = :source"
    " UNION SELECT 'service', id FROM care WHERE source = :source"
)
_CURRENT: Final = (
    "SELECT id FROM record WHERE source = ? AND kind = 'service' AND state = 'current'"
)
# Services name their organisation themselves; their place names both.
_USERS: Final = (
    "SELECT CASE kind WHEN 'service' THEN id ELSE (SELECT target_id FROM link AS up"
    " WHERE up.source = link.source AND up.kind = link.kind AND up.id = link.id"
    " AND up.target_kind = 'service') END FROM link"
    " WHERE source = ? AND target_kind = ? AND target_id = ?"
    " AND kind IN ('service', 'service_at_location')"
)


class Holding(NamedTuple):
    """How many services of a source are current; how many of those were published before, and how
    many a curator edited, dated or rang.
    """

    services: int
    published: int
    curated: int


class TakenOut(NamedTuple):
    """Who took a source out, when and why; `number` is the entry of the audit."""

    number: int
    by: str
    at: str
    reason: str


def holding(working: WorkingCopy, source: str) -> Holding:
    """What taking a source out would take."""
    database = working.database
    services, published = database.execute(_HELD, (source,)).fetchone()
    touched: set[str] = set()
    for kind, record_id in database.execute(_TOUCHED, {"source": source}).fetchall():
        touched |= _services_with(database, source, kind, record_id)
    current = {record_id for (record_id,) in database.execute(_CURRENT, (source,))}
    return Holding(services, published, len(current & touched))


def taken_out(working: WorkingCopy, source: str) -> TakenOut | None:
    """Who took a source out, where nobody put it back since; None where it is in."""
    return _standing(working.database, source)


def take_out(working: WorkingCopy, source: str, *, by: str, now: datetime, reason: str) -> Holding:
    """Withdraws everything of a source and closes what was proposed of it; gives what went.

    What is published stays so until somebody publishes. Raises Refused when nothing of it is there
    or no reason is given.
    """
    if not reason.strip():
        raise Refused("say why: it stands in the history")
    with working.writing() as database:
        went = holding(working, source)
        if not went.services:
            raise Refused(f"no service of {source} is in the directory")
        hand = Hand(by, now, OUT, reason)
        note(database, hand, about=(source, "", ""), became=json_text(went._asdict()))
        given = _given(source, hand)
        database.execute(_NOTE_RECORDS, given)
        database.execute(_WITHDRAW, (source,))
        database.execute(_NOTE_PROPOSALS, given)
        database.execute(_CLOSE, given)
    return went


def put_back(
    working: WorkingCopy, source: str, *, by: str, now: datetime, reason: str = ""
) -> Holding:
    """Makes everything of a source that was taken out what it was; gives what came.

    What curators made of it is as it was, and what waited for them waits again. Raises Refused when
    it was not taken out.
    """
    with working.writing() as database:
        if not bring_back(database, source, Hand(by, now, BACK, reason)):
            raise Refused(f"{source} is not taken out")
        return holding(working, source)


def bring_back(database: "sqlite_utils.Database", source: str, hand: Hand) -> bool:
    """The same inside the caller's transaction; gives whether it was taken out."""
    out = _standing(database, source)
    if out is None:
        return False
    hand = hand._replace(action=BACK)
    note(database, hand, about=(source, "", ""))
    given = _given(source, hand) | {"number": out.number, "undone": OUT}
    database.execute(_NOTE_BACK, given)
    database.execute(_RESTORE, given)
    database.execute(_REOPEN, given)
    return True


def _standing(database: "sqlite_utils.Database", source: str) -> TakenOut | None:
    row = database.execute(_LAST, (source, OUT, BACK)).fetchone()
    return TakenOut(*row[:-1]) if row and row[-1] == OUT else None


def _given(source: str, hand: Hand) -> dict[str, str | int | None]:
    return {
        "source": source,
        "at": stamp(hand.at),
        "by": hand.by,
        "action": hand.action,
        "reason": hand.reason,
        "run": hand.run,
    }


def _services_with(
    database: "sqlite_utils.Database", source: str, kind: str, record_id: str
) -> set[str]:
    """The services that a record is a part of, or is the organisation or the place of."""
    found = set()
    for at_kind, at_id, _ in proposing.above(database, source, kind, record_id):
        if at_kind == "service":
            found.add(at_id)
        else:
            rows = database.execute(_USERS, (source, at_kind, at_id))
            found |= {service_id for (service_id,) in rows if service_id}
    return found
