"""A source is taken out whole, and comes back as it was."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from directory import artefact
from directory.open_referral.records import Item, Record, uuid_of
from directory.working_copy import decisions, edits, graphs, history, publishing, rounds, taking_out
from directory.working_copy.problems import NotHeld, Refused
from directory.working_copy.repeating import keep_digest, repeated
from directory.working_copy.store import WorkingCopy
from directory.working_copy.taking_out import Holding
from tests.unit.directory.working_copy.curation import S1, S2, WHO, services
from tests.unit.directory.working_copy.sources import (
    NOW,
    SOURCE,
    TODAY,
    changed,
    organization,
    phone,
    service,
    source,
    take,
    without,
)

OTHER = "another"
take_out = partial(taking_out.take_out, by=WHO, now=NOW, reason="another county")
put_back = partial(taking_out.put_back, by=WHO, now=NOW)
edit = partial(edits.edit, by=WHO, now=NOW, reason="they rang")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "published"


@pytest.fixture
def publish(working: WorkingCopy, folder: Path) -> Callable[[], str]:
    """Publishes; gives the version, which the content alone decides."""

    def published() -> str:
        return publishing.publish(working, folder, now=NOW, today=TODAY, by=WHO).version

    return published


def in_use(folder: Path) -> set[str]:
    (current,) = [one.version for one in artefact.versions(folder) if one.current]
    return {one.id for one in artefact.services_of(folder, current)}


def state(working: WorkingCopy) -> list[tuple[object, ...]]:
    """All that a source and its curators have said, without the audit."""
    return [
        row
        for table in ("record", "link", "proposal", "protection", "care")
        for row in working.database.execute(f"SELECT * FROM {table} ORDER BY rowid").fetchall()  # noqa: S608
    ]


def with_own(number: int) -> list[Item]:
    """The source with a service at a place of its own."""
    place = {"service_id": f"s{number}", "location_id": "l1"}
    return [
        *source(),
        Record("location", "l1", {"location_type": "physical", "name": "Hall"}, "locations.csv:2"),
        Record("service_at_location", "sl1", place, "service_at_locations.csv:2"),
    ]


def test_out_published_without_it_in_again_published_as_before(
    working: WorkingCopy, folder: Path, publish: Callable[[], str]
) -> None:
    take(working, source(), name=OTHER)
    alone = publish()
    take(working, source(3))
    edit(working, [S1], {"email": "one@example.org", "cost": "free"})
    whole = publish()
    assert take_out(working, SOURCE) == Holding(3, 3, 1)
    assert publish() == alone
    assert in_use(folder) == {uuid_of(OTHER, "service", f"s{number}") for number in (1, 2)}
    report = take(working, source(3))
    assert report.returned
    assert report.tables["services"].unchanged == 3
    assert publish() == whole
    assert services(working)[S1].email == "one@example.org"
    assert not take(working, source(3)).returned


def test_put_back_leaves_nothing_behind_but_the_audit(
    working: WorkingCopy, publish: Callable[[], str]
) -> None:
    take(working, with_own(1))
    publish()
    take(working, without(changed(with_own(1), "p1", number="0113 496 0009"), "p2"))
    decisions.flag(working, S2, "closed", by="staff", now=NOW)
    before = state(working)
    waiting = decisions.proposals(working)
    assert {one.action for one in waiting} == {"set", "withdraw", "edit"}
    take_out(working, SOURCE)
    assert services(working) == {}
    assert decisions.proposals(working) == ()
    assert {one.decision for one in decisions.proposals(working, "superseded")} == {
        "another county"
    }
    put_back(working, SOURCE)
    assert state(working) == before
    assert decisions.proposals(working) == waiting


def test_who_and_why_stand_in_the_audit(working: WorkingCopy) -> None:
    take(working, source())
    assert taking_out.taken_out(working, SOURCE) is None
    take_out(working, SOURCE)
    found = taking_out.taken_out(working, SOURCE)
    assert found is not None
    assert (found.by, found.reason) == (WHO, "another county")
    put_back(working, SOURCE, reason="it is ours after all")
    assert taking_out.taken_out(working, SOURCE) is None
    done = [(one.action, one.reason) for one in history.changes(working, service_id=S1)]
    assert list(dict.fromkeys(done))[:2] == [
        ("source put back", "it is ours after all"),
        ("source taken out", "another county"),
    ]


def test_the_same_file_is_not_skipped(working: WorkingCopy) -> None:
    keep_digest(working, take(working, source()), "the file")
    before = services(working)
    take_out(working, SOURCE)
    found = repeated(working, SOURCE, "the file", now=NOW, by=WHO)
    assert found is not None
    assert found.returned
    assert services(working) == before


def test_of_another_file_only_what_it_holds_comes_back(working: WorkingCopy) -> None:
    take(working, source(2))
    edit(working, [S1], {"name": "Ours"})
    take_out(working, SOURCE)
    report = take(working, [*without(source(2), "s1", "p1"), service(3), phone(3)])
    assert report.returned
    assert decisions.proposals(working) == ()
    assert {one.name for one in services(working).values()} == {"Service 2", "Service 3"}
    # What was gone is offered once it is there again.
    take(working, source(3))
    assert {one.action for one in decisions.proposals(working)} == {"add"}


@pytest.mark.parametrize(
    "items", [(), (phone(9),), (organization(), service(7), service(8), service(9))]
)
def test_a_file_that_holds_little_of_the_source_withdraws_nothing_unasked(
    working: WorkingCopy, items: tuple[Item, ...]
) -> None:
    take(working, source())
    edit(working, [S1], {"name": "Ours"})
    before = services(working)
    take_out(working, SOURCE)
    assert take(working, items).returned
    assert before.items() <= services(working).items()
    assert "withdraw" in {one.action for one in decisions.proposals(working)}


def test_no_decision_is_taken_back_while_its_source_is_out(working: WorkingCopy) -> None:
    take(working, source())
    take(working, without(source(), "s1", "p1"))
    (waiting,) = decisions.proposals(working)
    decisions.accept(working, waiting.id, by=WHO, now=NOW)
    take_out(working, SOURCE)
    undo = partial(decisions.undo, working, waiting.id, by=WHO, now=NOW, reason="they still run")
    with pytest.raises(Refused, match="is taken out: put it back first"):
        undo()
    assert services(working) == {}
    put_back(working, SOURCE)
    undo()
    assert S1 in services(working)


def test_a_reading_that_breaks_off_brings_all_of_it_back(working: WorkingCopy) -> None:
    take(working, source())
    before = services(working)
    take_out(working, SOURCE)
    assert take(working, [phone(1)], complete=False).quarantine == ()
    assert services(working) == before


def test_what_a_curator_kept_against_its_source_comes_back(working: WorkingCopy) -> None:
    take(working, source())
    take(working, without(source(), "s1", "p1"))
    (waiting,) = decisions.proposals(working)
    decisions.reject(working, waiting.id, by=WHO, now=NOW, reason="they still run")
    before = services(working)
    take_out(working, SOURCE)
    take(working, without(source(), "s1", "p1"))
    assert services(working) == before
    assert decisions.proposals(working) == ()


def test_who_has_an_id_while_the_other_is_out_keeps_it(
    working: WorkingCopy, folder: Path, publish: Callable[[], str]
) -> None:
    shared = "11111111-1111-4111-8111-111111111111"
    one, other = ([organization(), replace_id(name, shared)] for name in ("First", "Second"))
    take(working, one)
    take(working, other, name=OTHER)
    publish()
    take_out(working, SOURCE)
    put_back(working, SOURCE)
    publish()
    assert name_in_use(folder) == "First"
    take_out(working, SOURCE)
    publish()
    assert name_in_use(folder) == "Second"
    put_back(working, SOURCE)
    (left,) = publishing.publish(working, folder, now=NOW, today=TODAY, by=WHO).left_out
    assert left.problem == f"its id is that of a service of {OTHER}"
    assert name_in_use(folder) == "Second"
    assert graphs.key_of(working.database, shared)[0] == OTHER
    take_out(working, OTHER)
    publish()
    put_back(working, OTHER)
    publish()
    assert name_in_use(folder) == "First"


def replace_id(name: str, record_id: str) -> Record:
    return service(1, name=name)._replace(id=record_id)


def name_in_use(folder: Path) -> str:
    (current,) = [one.version for one in artefact.versions(folder) if one.current]
    (found,) = artefact.services_of(folder, current)
    return found.name


def test_counted_are_those_a_curator_edited_dated_or_rang(working: WorkingCopy) -> None:
    take(working, [*with_own(4), *(it for n in (3, 4, 5) for it in (service(n), phone(n)))])
    ids = {n: uuid_of(SOURCE, "service", f"s{n}") for n in range(1, 6)}
    edit(working, [ids[1]], {"name": "Ours"})
    rounds.rang(working, ids[2], by=WHO, now=NOW, today=TODAY)
    noted = {"expires_on": TODAY, "funding_ends_on": None}
    edits.set_dates(working, ids[3], **noted, by=WHO, now=NOW, reason="")
    edit(working, [ids[4]], {"lat": 53.8, "lon": -1.5})
    assert taking_out.holding(working, SOURCE) == Holding(5, 0, 4)


def test_nothing_to_take_out_or_put_back_and_no_reason_are_refused(working: WorkingCopy) -> None:
    take(working, source())
    with pytest.raises(Refused, match="say why"):
        take_out(working, SOURCE, reason=" ")
    with pytest.raises(Refused, match="is not taken out"):
        put_back(working, SOURCE)
    with pytest.raises(Refused, match="no service of nobody"):
        take_out(working, "nobody")
    take_out(working, SOURCE)
    with pytest.raises(Refused, match=f"no service of {SOURCE} is in the directory"):
        take_out(working, SOURCE)
    with pytest.raises(NotHeld):
        graphs.key_of(working.database, S1)
