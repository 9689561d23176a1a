"""Curators decide: edits last, proposals are taken, changed, refused, taken back; all audited."""

from functools import partial
from typing import Any

import pytest

from directory.working_copy import decisions, edits, graphs, history
from directory.working_copy.problems import NotHeld, Refused
from directory.working_copy.store import WorkingCopy
from tests.unit.directory.working_copy.curation import S1, S2, WHO, services
from tests.unit.directory.working_copy.sources import (
    NOW,
    SOURCE,
    changed,
    schedule,
    source,
    take,
    without,
)

accept = partial(decisions.accept, by=WHO, now=NOW)
reject = partial(decisions.reject, by=WHO, now=NOW)
undo = partial(decisions.undo, by=WHO, now=NOW, reason="a mistake")
edit = partial(edits.edit, by=WHO, now=NOW, reason="they told us")


@pytest.fixture
def published(working: WorkingCopy) -> WorkingCopy:
    """A working copy with two services whose records have been published."""
    take(working, source())
    with working.writing() as database:
        database.execute("UPDATE record SET published = 1")
    return working


def _offered(working: WorkingCopy, **fields: Any) -> int:
    take(working, changed(source(), "s1", **fields))
    (found,) = decisions.proposals(working)
    return found.id


def _dump(working: WorkingCopy) -> list[str]:
    """All records and links, whatever order they were written in."""
    return sorted(
        line
        for line in working.database.conn.iterdump()
        if line.startswith(('INSERT INTO "record"', 'INSERT INTO "protection"'))
    )


def test_an_edit_is_published_and_feeds_keep_off_it(working: WorkingCopy) -> None:
    take(working, source())
    edit(working, [S1], {"name": "Our name", "minimum_age": 16})
    assert services(working)[S1].name == "Our name"
    assert services(working)[S1].minimum_age == 16
    assert take(working, source()).tables["services"].unchanged == 2
    take(working, changed(source(), "s1", name="Their name", description="New words"))
    assert services(working)[S1].name == "Our name"
    assert services(working)[S1].description == "New words"
    (found,) = decisions.proposals(working)
    assert (found.field, found.was, found.wanted) == ("name", "Our name", "Their name")


def test_many_services_are_edited_at_once_or_none(working: WorkingCopy) -> None:
    take(working, source())
    edit(working, [S1, S2], {"cost": "free"})
    assert {it.cost for it in services(working).values()} == {"free"}
    before = _dump(working)
    with pytest.raises(NotHeld):
        edit(working, [S1, "no-such-service"], {"cost": "£2"})
    assert _dump(working) == before


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"status": "sleepy"}, "status: 'sleepy' is none of"),
        ({"colour": "green"}, "colour: not a field"),
        ({"minimum_age": "old"}, "minimum_age: 'old' is not a whole number"),
        ({"verified_on": "2026-11-23"}, "verified_on: is not for editing; note that somebody rang"),
        ({"id": S2}, "id: is not for editing"),
        ({"name": None}, "name: missing"),
    ],
)
def test_what_is_no_value_is_refused_with_its_field(
    working: WorkingCopy, changes: dict[str, Any], reason: str
) -> None:
    take(working, source())
    before = _dump(working)
    with pytest.raises(Refused, match=reason):
        edit(working, [S1], changes)
    assert _dump(working) == before


def test_an_accepted_change_is_so_and_can_be_taken_back(published: WorkingCopy) -> None:
    number = _offered(published, name="Their name")
    before = _dump(published)
    accept(published, number)
    assert services(published)[S1].name == "Their name"
    undo(published, number)
    assert _dump(published) == before
    assert decisions.proposal(published, number).state == "open"


def test_an_accepted_change_can_be_put_otherwise(published: WorkingCopy) -> None:
    number = _offered(published, name="Their name")
    accept(published, number, value="A better name")
    assert services(published)[S1].name == "A better name"
    take(published, source())
    assert services(published)[S1].name == "A better name"


def test_a_value_that_no_record_can_have_is_refused(published: WorkingCopy) -> None:
    number = _offered(published, name="Their name")
    with pytest.raises(Refused, match="email"):
        accept(published, _offered(published, email="a@b.example"), value="no address")
    assert decisions.proposal(published, number).state == "superseded"


def test_a_rejected_change_keeps_its_reason_and_is_not_offered_again(
    published: WorkingCopy,
) -> None:
    number = _offered(published, name="Their name")
    with pytest.raises(Refused, match="say why"):
        reject(published, number, reason=" ")
    reject(published, number, reason="they told us otherwise")
    found = decisions.proposal(published, number)
    assert (found.state, found.decision, found.decided_by) == (
        "rejected",
        "they told us otherwise",
        WHO,
    )
    take(published, changed(source(), "s1", name="Their name"))
    assert decisions.proposals(published) == ()
    assert services(published)[S1].name == "Service 1"


def test_nothing_is_decided_twice(published: WorkingCopy) -> None:
    number = _offered(published, name="Their name")
    accept(published, number)
    with pytest.raises(Refused, match="is accepted already"):
        reject(published, number, reason="late")
    with pytest.raises(NotHeld):
        accept(published, 999)


def test_what_was_changed_since_is_not_taken_back(published: WorkingCopy) -> None:
    number = _offered(published, name="Their name")
    accept(published, number)
    edit(published, [S1], {"name": "Our name"})
    with pytest.raises(Refused, match="was changed since"):
        undo(published, number)


def test_a_service_withdrawn_goes_with_all_its_parts_and_comes_back(
    published: WorkingCopy,
) -> None:
    take(published, without(source(), "s1", "p1"))
    (found,) = decisions.proposals(published)
    accept(published, found.id)
    held = {(it.kind, it.id) for it in graphs.records(published.database, SOURCE)}
    assert held == {("organization", "o1"), ("service", "s2"), ("phone", "p2")}
    undo(published, found.id)
    assert S1 in services(published)
    assert services(published)[S1].phone


def test_the_last_service_of_an_organisation_takes_it_along(published: WorkingCopy) -> None:
    take(published, source()[:0])
    first, second = decisions.proposals(published)
    accept(published, first.id)
    held = {it.id for it in graphs.records(published.database, SOURCE)}
    assert held == {"o1", "s2", "p2"}
    accept(published, second.id)
    assert list(graphs.records(published.database, SOURCE)) == []
    undo(published, second.id)
    assert {it.id for it in graphs.records(published.database, SOURCE)} == held


def test_a_withdrawn_service_that_its_source_has_again_is_offered(published: WorkingCopy) -> None:
    take(published, without(source(), "s1", "p1"))
    accept(published, decisions.proposals(published)[0].id)
    report = take(published, source())
    assert report.tables["services"].new == 1
    assert S1 not in services(published)
    for found in decisions.proposals(published):
        accept(published, found.id)
    assert S1 in services(published)


def test_a_part_offered_beside_what_is_published_is_taken_or_not(published: WorkingCopy) -> None:
    take(published, [*source(), schedule(1, of=1), schedule(2, of=2)])
    first, second = decisions.proposals(published)
    accept(published, first.id)
    reject(published, second.id, reason="they are closed then")
    assert services(published)[S1].schedules
    assert not services(published)[S2].schedules
    take(published, [*source(), schedule(1, of=1), schedule(2, of=2)])
    assert decisions.proposals(published) == ()


def test_staff_say_closed_full_or_wrong_and_a_curator_decides(working: WorkingCopy) -> None:
    take(working, source())
    edit(working, [S1], {"caution": "Ring first."})
    say = partial(decisions.flag, working, S1, by="somebody on the staff", now=NOW)
    (full,), (closed,), (wrong,) = say("full"), say("closed"), say("wrong", reason="other number")
    assert services(working)[S1].status == "active"
    accept(working, closed)
    accept(working, full)
    assert services(working)[S1].status == "temporarily closed"
    # What was there stays: it may be what keeps somebody safe.
    assert services(working)[S1].caution.startswith("Ring first. Staff heard on 23 November 2026")
    with pytest.raises(Refused, match="say what came of it"):
        accept(working, wrong)
    accept(working, wrong, reason="rang: the number is right")
    assert decisions.proposals(working) == ()
    with pytest.raises(Refused, match="not sleepy"):
        say("sleepy")


def test_an_organisation_offers_what_is_not_so_already(working: WorkingCopy) -> None:
    take(working, source())
    numbers = decisions.propose(
        working, S1, {"name": "New name", "status": "active"}, by="the organisation", now=NOW
    )
    (found,) = decisions.proposals(working)
    assert numbers == (found.id,)
    assert (found.origin, found.service, found.wanted) == ("organisation", S1, "New name")
    accept(working, found.id)
    assert services(working)[S1].name == "New name"
    with pytest.raises(Refused, match="verified_on"):
        decisions.propose(working, S1, {"verified_on": "2026-11-23"}, by="them", now=NOW)


def test_the_audit_says_who_when_what_and_why(published: WorkingCopy) -> None:
    number = _offered(published, name="Their name")
    accept(published, number, reason="rang them")
    latest = history.changes(published, service_id=S1, limit=2)
    decided, written = latest
    assert (decided.action, decided.was, decided.became) == ("accept", "open", "accepted")
    assert written == written._replace(
        at="2026-11-23T10:00:00+00:00",
        by=WHO,
        action="accept",
        kind="service",
        record_id="s1",
        field="name",
        was="Service 1",
        became="Their name",
        reason="rang them",
        proposal=number,
    )
    everything = history.changes(published, limit=1000)
    assert all(one.by and one.at and one.action for one in everything)
    assert {"import", "propose", "accept"} == {one.action for one in everything}
    assert history.changes(published, service_id=S2) == ()
