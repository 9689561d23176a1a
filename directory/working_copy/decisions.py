"""What curators decide about proposals: accepted, edited, rejected, taken back."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import orjson

from directory.model import Service, service_record
from directory.open_referral.lens_text import is_safe_link
from directory.open_referral.records import Quarantined
from directory.open_referral.schemas import checked
from directory.working_copy import edits, entered, graphs, proposing, taking_out
from directory.working_copy.arriving import gone_with, needed_by
from directory.working_copy.problems import NotHeld, Refused
from directory.working_copy.proposing import Origin, Proposal, Standing
from directory.working_copy.store import WorkingCopy
from directory.working_copy.writing import Effect, Hand, Wanted, json_text, note, stamp, write

if TYPE_CHECKING:
    import sqlite_utils

ASIS: Final[Any] = object()
"""Accept the value that was proposed."""

FLAGS: Final = ("wrong", "full", "closed")
_ADDRESSES: Final = ("url", "uri", "website")


def proposals(
    working: WorkingCopy, *states: Standing, service_id: str | None = None
) -> tuple[Proposal, ...]:
    """The proposals in one of these states ("open" where none is named), oldest first.

    Those of one service (published id) if given.
    """
    given = states or ("open",)
    where = f"WHERE state IN ({', '.join('?' * len(given))})"
    if service_id is None:
        return proposing.listed(working.database, where, given)
    return proposing.listed(working.database, f"{where} AND uid = ?", (*given, service_id))


def proposal(working: WorkingCopy, number: int) -> Proposal:
    """The proposal of this number; raises NotHeld."""
    found = proposing.listed(working.database, "WHERE proposal = ?", (number,))
    if not found:
        raise NotHeld(f"there is no proposal {number}")
    return found[0]


def propose(
    working: WorkingCopy,
    service_id: str,
    changes: Mapping[str, Any],
    *,
    by: str,
    now: datetime,
    reason: str = "",
    origin: Origin = "organisation",
) -> tuple[int, ...]:
    """Offers new values for fields of a service, as an organisation does by its signed link.

    `changes` are as for `edits.edit`, and checked as there; what is so already is not offered.
    Gives the numbers. Raises NotHeld and Refused.
    """
    with working.writing() as database:
        opened = graphs.open_service(database, service_id)
        before = edits.current(working, opened)
        after = edits.changed(before, changes, now.date())
        key = (opened.source, "service", opened.id)
        was, wanted = _record(before, changes), _record(after, changes)
        hand = Hand(by, now, "propose", reason)
        offer = partial(proposing.offer, database, hand, key, action="edit", origin=origin)
        return tuple(
            offer(field=field, was=was, wanted=wanted)
            for field in sorted(changes)
            if was[field] != wanted[field]
        )


def flag(
    working: WorkingCopy,
    service_id: str,
    what: str,
    *,
    by: str,
    now: datetime,
    reason: str = "",
    origin: Origin = "staff",
) -> tuple[int, ...]:
    """What staff say of a service: "wrong", "full" or "closed"; gives the numbers of proposals.

    "closed" offers the status "temporarily closed" and "full" a caution, both for a curator to
    change; "wrong" only says what is wrong. `origin` is who says it where staff do not. Raises
    NotHeld and Refused.
    """
    if what not in FLAGS:
        raise Refused(f"a service is {', '.join(FLAGS)}, not {what}")
    said = ": ".join(filter(None, (what, reason)))
    if what != "wrong":
        offered = _offered(working, service_id, what, now)
        return propose(working, service_id, offered, by=by, now=now, reason=said, origin=origin)
    with working.writing() as database:
        source, record_id = graphs.key_of(database, service_id)
        hand = Hand(by, now, "flag", said)
        key = (source, "service", record_id)
        return (proposing.offer(database, hand, key, action="flag", field=what, origin=origin),)


def _offered(working: WorkingCopy, service_id: str, what: str, now: datetime) -> dict[str, Any]:
    if what == "closed":
        return {"status": "temporarily closed"}
    service = edits.current(working, graphs.open_service(working.database, service_id))
    heard = f"Staff heard on {now.day} {now:%B %Y} that it is full: check first."
    return {"caution": f"{service.caution} {heard}".strip()}


def accept(
    working: WorkingCopy,
    number: int,
    *,
    by: str,
    now: datetime,
    reason: str = "",
    value: Any = ASIS,
) -> None:
    """Makes a proposal so; with `value`, makes it so with this value instead.

    Raises NotHeld, and Refused when it is not open or the value is not one.
    """
    with working.writing() as database:
        found = _open(working, number)
        hand = Hand(by, now, "accept", reason, proposal=number)
        effect = _ACCEPT[found.action](working, found, hand, value)
        _decide(database, found, hand, "accepted", effect)


def reject(working: WorkingCopy, number: int, *, by: str, now: datetime, reason: str) -> None:
    """Leaves everything as it is; the same from the same feed is not proposed again.

    Raises NotHeld, and Refused when it is not open or no reason is given.
    """
    if not reason.strip():
        raise Refused("say why: a rejected proposal keeps its reason")
    with working.writing() as database:
        found = _open(working, number)
        hand = Hand(by, now, "reject", reason, proposal=number)
        effect: tuple[Effect, ...] = ()
        if found.action == "add":
            wanted = Wanted(found.kind, found.record_id, state="withdrawn")
            effect = write(database, found.source, [wanted], hand)
        _decide(database, found, hand, "rejected", effect)


def undo(working: WorkingCopy, number: int, *, by: str, now: datetime, reason: str) -> None:
    """Takes back a decision: what it changed is as before, and the proposal is open again.

    Raises NotHeld, and Refused when nothing was decided, its source is taken out, or it changed.
    """
    with working.writing() as database:
        found = proposal(working, number)
        if taking_out.taken_out(working, found.source):
            raise Refused(f"{found.source} is taken out: put it back first")
        if found.state not in ("accepted", "rejected"):
            raise Refused(f"proposal {number} is {found.state}: there is nothing to take back")
        hand = Hand(by, now, "undo", reason, proposal=number)
        (text,) = database.execute(
            "SELECT effect FROM proposal WHERE proposal = ?", (number,)
        ).fetchone()
        effects = [Effect(**effect) for effect in orjson.loads(text or "[]")]
        write(database, found.source, _reversed(database, found.source, effects), hand)
        _decide(database, found, hand, "open", ())


def _open(working: WorkingCopy, number: int) -> Proposal:
    found = proposal(working, number)
    if found.state != "open":
        raise Refused(f"proposal {number} is {found.state} already")
    return found


def _decide(
    database: "sqlite_utils.Database",
    found: Proposal,
    hand: Hand,
    state: str,
    effects: Iterable[Effect],
) -> None:
    decided = {
        "state": state,
        "decided_by": hand.by,
        "decided_at": stamp(hand.at),
        "decision": hand.reason,
        "effect": json_text([effect._asdict() for effect in effects]),
    }
    database.table("proposal").update(found.id, decided)
    about = (found.source, found.kind, found.record_id)
    note(database, hand, about=about, field=found.field, was=found.state, became=state)


def _accept_set(
    working: WorkingCopy, found: Proposal, hand: Hand, value: Any
) -> tuple[Effect, ...]:
    before = proposing.held_of(working.database, found.source, found.kind, found.record_id)
    wanted = found.wanted if value is ASIS else value
    fields = {name: it for name, it in before.fields.items() if name != found.field}
    if wanted is not None:
        fields[found.field] = wanted
    read = checked(found.kind, {**fields, "id": found.record_id}, "")
    if isinstance(read, Quarantined):
        raise Refused(read.reason)
    change = [Wanted(found.kind, found.record_id, fields)]
    if value is ASIS or not found.service:
        return write(working.database, found.source, change, hand, protect=value is not ASIS)
    was = edits.current(working, graphs.open_service(working.database, found.service))
    effect = write(working.database, found.source, change, hand, protect=True)
    became = edits.current(working, graphs.open_service(working.database, found.service))
    _refuse_unsound(found, value, list(entered.wrong(was, became, hand.at.date())))
    return effect


def _refuse_unsound(found: Proposal, value: Any, problems: list[str]) -> None:
    """Raises Refused for what is wrong with a curator's own value of a record's field."""
    # A text may well begin with "Data:" or "About:"; only an address is followed.
    if found.field.endswith(_ADDRESSES) and not is_safe_link(str(value)):
        problems.append(f"{found.field}: a link that would run code")
    if problems:
        raise Refused("; ".join(problems))


def _accept_add(
    working: WorkingCopy, found: Proposal, hand: Hand, value: Any
) -> tuple[Effect, ...]:
    _refuse_value(value)
    wanted = Wanted(found.kind, found.record_id, state="current")
    return write(working.database, found.source, [wanted], hand)


def _accept_withdraw(
    working: WorkingCopy, found: Proposal, hand: Hand, value: Any
) -> tuple[Effect, ...]:
    _refuse_value(value)
    gone = gone_with(working.database, found.source, (found.kind, found.record_id))
    needed = needed_by(working.database, found.source, gone[0], gone)
    if needed is not None:
        raise Refused(f"{' '.join(needed)} still points at it")
    wanted = [Wanted(kind, record_id, state="withdrawn") for kind, record_id in gone]
    return write(working.database, found.source, wanted, hand)


def _accept_edit(
    working: WorkingCopy, found: Proposal, hand: Hand, value: Any
) -> tuple[Effect, ...]:
    wanted = found.wanted if value is ASIS else value
    return edits.apply(working, found.service, {found.field: wanted}, hand)


def _accept_flag(
    working: WorkingCopy, found: Proposal, hand: Hand, value: Any
) -> tuple[Effect, ...]:
    """Somebody looked into it; what they found is an edit of its own."""
    del working, found
    _refuse_value(value)
    if not hand.reason.strip():
        raise Refused("say what came of it")
    return ()


_ACCEPT: Final[Mapping[str, Callable[..., tuple[Effect, ...]]]] = {
    "set": _accept_set,
    "add": _accept_add,
    "withdraw": _accept_withdraw,
    "edit": _accept_edit,
    "flag": _accept_flag,
}


def _refuse_value(value: Any) -> None:
    if value is not ASIS:
        raise Refused("this proposal has no value to change: accept it or reject it")


def _record(service: Service, fields: Iterable[str]) -> dict[str, Any]:
    record = service_record(service)
    return {field: record.get(field) for field in fields}


def _reversed(
    database: "sqlite_utils.Database", source: str, effects: Iterable[Effect]
) -> list[Wanted]:
    wanted = []
    for effect in effects:
        now = proposing.held_of(database, source, effect.kind, effect.id)
        if {"fields": now.fields, "state": now.state} != effect.after:
            raise Refused(f"{effect.kind} {effect.id} was changed since: edit it instead")
        before = effect.before or {"fields": now.fields, "state": "withdrawn"}
        wanted.append(Wanted(effect.kind, effect.id, before["fields"], before["state"]))
    return wanted
