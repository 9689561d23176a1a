"""Imports: all is counted, nothing is lost, a bad row is no end, a break is no withdrawal."""

from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from directory.open_referral.records import Broken, Item, Quarantined, Record
from directory.working_copy import decisions, graphs
from directory.working_copy.problems import WorkingCopyBusy, WorkingCopyDamaged
from directory.working_copy.report import Counts
from directory.working_copy.store import WorkingCopy
from tests.unit.directory.working_copy.sources import (
    SOURCE,
    changed,
    organization,
    phone,
    schedule,
    service,
    source,
    take,
    without,
)


def _held(working: WorkingCopy) -> dict[tuple[str, str], Record]:
    return {(it.kind, it.id): it for it in graphs.records(working.database, SOURCE)}


def _reasons(found: Iterable[Quarantined]) -> dict[str, str]:
    return {row.id: row.reason for row in found}


def _mark_published(working: WorkingCopy) -> None:
    with working.writing() as database:
        database.execute("UPDATE record SET published = 1")


def test_the_first_import_is_all_new_and_the_second_all_unchanged(working: WorkingCopy) -> None:
    first = take(working, source(3))
    assert first.tables == {
        "services": Counts(read=3, new=3),
        "organizations": Counts(read=1, new=1),
        "phones": Counts(read=3, new=3),
    }
    second = take(working, source(3))
    assert second.tables["phones"] == Counts(read=3, unchanged=3)
    assert second.proposals == 0
    assert _held(working)["service", "s1"] == service(1)


def test_the_report_is_json_with_a_member_for_each_table(working: WorkingCopy) -> None:
    report = take(working, [Quarantined("phones", "phones.csv:2", "p1", "number: missing")])
    assert report.as_json() == {
        "phones": Counts(read=1, quarantined=1)._asdict(),
        "services": Counts()._asdict(),
        "quarantine": [
            {"table": "phones", "row": "phones.csv:2", "id": "p1", "reason": "number: missing"}
        ],
    }


def test_what_changes_before_it_is_published_or_edited_is_taken_over(working: WorkingCopy) -> None:
    take(working, source())
    report = take(working, changed(source(), "s1", name="Other", email="a@b.example"))
    assert report.tables["services"] == Counts(read=2, changed=1, unchanged=1)
    assert report.proposals == 0
    assert _held(working)["service", "s1"].fields["name"] == "Other"


def test_objects_and_fields_that_hsds_does_not_have_are_kept(working: WorkingCopy) -> None:
    strange = Record("pantry_shelf", "x", {"colour": "green", "deep": {"er": [1, None]}}, "x.csv:2")
    take(working, [*source(), strange])
    assert _held(working)["pantry_shelf", "x"] == strange


@pytest.mark.parametrize(
    ("items", "reasons"),
    [
        ([phone(9)], {"p9": "service_id: service s9 is not there"}),
        (
            [service(9, organization_id="o9"), phone(9)],
            {
                "s9": "organization_id: organization o9 is not there",
                "p9": "service_id: service s9 was not taken",
            },
        ),
        ([phone(1)], {"p1": "id: stands at phones.csv:2 already"}),
        (
            [
                organization("a", parent_organization_id="b"),
                organization("b", parent_organization_id="a"),
                service(9, organization_id="a"),
            ],
            {
                "a": "parent_organization_id: goes round in a circle: a -> b -> a",
                "b": "parent_organization_id: goes round in a circle: a -> b -> a",
                "s9": "organization_id: organization a was not taken",
            },
        ),
        (
            [Record("attribute", "x", {"link_id": "s7", "link_entity": "service"})],
            {"x": "link_id: service s7 is not there"},
        ),
        ([Record("phone", "n", {"number": 2**70})], {"n": "a value cannot be kept"}),
        ([Record("phone", "n", {"number": "\ud800"})], {"n": "a value cannot be kept"}),
        ([Record("phone", " ", {})], {"": "id: missing"}),
    ],
)
def test_a_bad_row_is_quarantined_with_its_reason_and_nothing_else_is(
    working: WorkingCopy, items: list[Item], reasons: dict[str, str]
) -> None:
    report = take(working, [*source(), *items])
    found = _reasons(report.quarantine)
    assert found.keys() == reasons.keys()
    assert all(found[name].startswith(reason) for name, reason in reasons.items())
    assert sum(counts.new for counts in report.tables.values()) == 5 + len(items) - len(reasons)


def test_a_parent_of_the_same_kind_may_be_in_nobodys_source(working: WorkingCopy) -> None:
    report = take(working, [organization("a", parent_organization_id="elsewhere")])
    assert report.tables["organizations"] == Counts(read=1, new=1)


def test_a_long_chain_above_a_circle_is_told_once_each(working: WorkingCopy) -> None:
    chain = [
        Record("taxonomy_term", f"t{n}", {"name": "x", "parent_id": f"t{n + 1}"})
        for n in range(3_000)
    ]
    end = Record("taxonomy_term", "t3000", {"name": "x", "parent_id": "t2999"})
    report = take(working, [*chain, end])
    assert report.tables["taxonomy_terms"] == Counts(read=3_001, quarantined=3_001)


def test_a_row_that_became_bad_stays_as_it_was(working: WorkingCopy) -> None:
    take(working, source())
    bad = Quarantined("phones", "phones.csv:2", "p1", "number: blank")
    report = take(working, [*without(source(), "p1"), bad])
    assert report.tables["phones"] == Counts(read=2, unchanged=1, quarantined=1)
    assert ("phone", "p1") in _held(working)


def test_a_service_that_is_gone_stays_until_a_curator_agrees(working: WorkingCopy) -> None:
    take(working, source())
    report = take(working, without(source(), "s1", "p1"))
    assert report.tables["services"] == Counts(read=1, unchanged=1, withdrawn=1)
    assert report.tables["phones"] == Counts(read=1, unchanged=1, withdrawn=1)
    assert ("service", "s1") in _held(working)
    (found,) = decisions.proposals(working)
    assert (found.action, found.record_id) == ("withdraw", "s1")
    # The same once more says nothing new.
    again = take(working, without(source(), "s1", "p1"))
    assert again.tables["services"] == Counts(read=1, unchanged=1)
    assert len(decisions.proposals(working)) == 1


def test_a_service_that_comes_back_is_no_longer_proposed_for_withdrawal(
    working: WorkingCopy,
) -> None:
    take(working, source())
    take(working, without(source(), "s1", "p1"))
    report = take(working, source())
    assert report.tables["services"] == Counts(read=2, changed=1, unchanged=1)
    assert decisions.proposals(working) == ()


def test_a_part_that_is_gone_goes_where_nobody_published_or_edited(working: WorkingCopy) -> None:
    take(working, source())
    take(working, without(source(), "p1"))
    assert ("phone", "p1") not in _held(working)
    assert decisions.proposals(working) == ()


_BROKEN = Broken("phones", "phones.json[1]", "", "the text ends here")
_NO_KIND = Quarantined("documents", "document", "x", "its properties are of no one object")
_NO_ID = Quarantined("services", "services.csv:3", "", "id: missing")


@pytest.mark.parametrize(
    ("lost", "complete"), [(_BROKEN, False), (_NO_KIND, False), (_NO_ID, True), (None, False)]
)
def test_after_a_break_nothing_counts_as_withdrawn(
    working: WorkingCopy, lost: Quarantined | None, complete: bool
) -> None:
    take(working, source())
    items = [*without(source(), "s2"), *([lost] if lost else [])]
    report = take(working, items, complete=lost is not None)
    assert report.complete == complete
    assert report.tables["services"].withdrawn == 0
    assert decisions.proposals(working) == ()
    # Its phone still belongs to a service that is held.
    assert report.tables["phones"].unchanged == 2


def test_a_row_without_id_hides_its_own_kind_and_what_may_be_in_it(working: WorkingCopy) -> None:
    take(working, [*source(3), schedule(1, of=1)])
    unknown = Quarantined("phones", "phones.csv:2", "", "id: missing")
    report = take(working, [*without(source(3), "s1", "p1", "p2"), unknown])
    assert report.complete
    assert "phones" in report.unsure
    assert not {"services", "schedules"} & set(report.unsure)
    # No phone row, known or not, can be the service or its opening hours.
    assert report.tables["services"].withdrawn == report.tables["schedules"].withdrawn == 1
    assert report.tables["phones"].withdrawn == 0
    assert {("phone", "p1"), ("phone", "p2")} <= _held(working).keys()


_UUID = "6a3f5c0e-0d0e-4b52-9d8a-0d9f6f3e8a11"


@pytest.mark.parametrize("other", [_UUID.upper(), f"urn:uuid:{_UUID}", _UUID.replace("-", "")])
@pytest.mark.parametrize("plain_first", [True, False])
def test_two_ids_that_are_one_uuid_are_one_object(
    working: WorkingCopy, other: str, plain_first: bool
) -> None:
    ids = (_UUID, other) if plain_first else (other, _UUID)
    items = [organization(), *(service(1)._replace(id=it, place=f"x:{it}") for it in ids)]
    report = take(working, items)
    assert report.tables["services"] == Counts(read=2, new=1, quarantined=1)
    assert _reasons(report.quarantine) == {
        ids[1]: f"id: is the same UUID as {ids[0]} at x:{ids[0]}"
    }
    # The same UUID on objects of two kinds is nobody's mistake.
    assert take(working, [*items, phone(1, service_id=ids[0])._replace(id=other)]).tables[
        "phones"
    ] == Counts(read=1, new=1)


def test_only_a_whole_reading_tells_that_a_field_is_gone(working: WorkingCopy) -> None:
    take(working, changed(source(), "s1", description="Helps."))
    named_only = [Record("service", "s1", {"name": "Service 1"}, "service_at_locations page 1")]
    report = take(working, named_only, complete=False)
    assert report.tables["services"] == Counts(read=1, unchanged=1)
    renamed = [Record("service", "s1", {"name": "Other"}, "services page 1")]
    assert take(working, renamed, complete=False).tables["services"] == Counts(read=1, changed=1)
    held = _held(working)["service", "s1"].fields
    assert (held["name"], held["description"]) == ("Other", "Helps.")
    take(working, changed(source(), "s1", name="Other"))
    assert "description" not in _held(working)["service", "s1"].fields


def test_what_breaks_while_reading_leaves_everything_as_it_was(working: WorkingCopy) -> None:
    take(working, source())
    before = list(working.database.conn.iterdump())

    def broken() -> Iterator[Item]:
        yield service(7)
        raise OSError("the disk is gone")

    with pytest.raises(OSError, match="the disk is gone"):
        take(working, broken())
    assert list(working.database.conn.iterdump()) == before


def test_a_change_of_what_is_published_waits_field_by_field(working: WorkingCopy) -> None:
    take(working, source())
    _mark_published(working)
    now_says = changed(
        source(), "s1", name="Other", email="a@b.example", last_modified="2026-11-22"
    )
    report = take(working, now_says)
    assert report.tables["services"] == Counts(read=2, changed=1, unchanged=1)
    assert report.proposals == 2
    assert _held(working)["service", "s1"].fields["name"] == "Service 1"
    # What a system writes by itself needs nobody to agree.
    assert _held(working)["service", "s1"].fields["last_modified"] == "2026-11-22"
    found = {(it.field, it.was, it.wanted) for it in decisions.proposals(working)}
    assert found == {("name", "Service 1", "Other"), ("email", None, "a@b.example")}
    # The same again: the same two wait, no more.
    assert take(working, now_says).tables["services"] == Counts(read=2, unchanged=2)
    assert len(decisions.proposals(working)) == 2


def test_a_feed_that_takes_its_change_back_takes_back_the_proposal(working: WorkingCopy) -> None:
    take(working, source())
    _mark_published(working)
    take(working, changed(source(), "s1", name="Other"))
    assert take(working, source()).proposals == -1
    assert decisions.proposals(working) == ()
    assert _held(working)["service", "s1"] == service(1)


def test_a_later_change_takes_the_place_of_an_earlier_one(working: WorkingCopy) -> None:
    take(working, source())
    _mark_published(working)
    take(working, changed(source(), "s1", name="Other"))
    take(working, changed(source(), "s1", name="A third"))
    assert [it.wanted for it in decisions.proposals(working)] == ["A third"]


def test_new_parts_of_what_is_published_wait_and_new_services_do_not(working: WorkingCopy) -> None:
    take(working, source(1))
    _mark_published(working)
    report = take(working, [*source(2), schedule(1, of=1), schedule(2, of=2)])
    assert report.tables["schedules"] == Counts(read=2, new=2)
    assert {("service", "s2"), ("schedule", "h2")} <= _held(working).keys()
    assert ("schedule", "h1") not in _held(working)
    (found,) = decisions.proposals(working)
    assert (found.action, found.record_id) == ("add", "h1")


def test_what_is_offered_and_withdrawn_again_before_anybody_looked_is_gone(
    working: WorkingCopy,
) -> None:
    take(working, source(1))
    _mark_published(working)
    take(working, [*source(1), schedule(1, of=1)])
    take(working, source(1))
    assert decisions.proposals(working) == ()
    assert ("schedule", "h1") not in _held(working)


def test_two_sources_do_not_meet(working: WorkingCopy) -> None:
    take(working, source())
    report = take(working, source(1), name="another")
    assert report.tables["services"] == Counts(read=1, new=1)
    assert graphs.sources(working.database) == ("another", SOURCE)


def test_who_writes_alone_is_waited_for_and_told(working: WorkingCopy, path: Path) -> None:
    with WorkingCopy.open(path, wait=0.05) as other:
        with working.writing(), pytest.raises(WorkingCopyBusy, match="somebody else"):
            take(other, source())
        assert take(other, source()).tables["services"].new == 2


@pytest.mark.parametrize("content", [b"not a database at all, just text", b"\0" * 5000])
def test_a_file_that_is_no_working_copy_is_refused(path: Path, content: bytes) -> None:
    path.parent.mkdir()
    path.write_bytes(content)
    with pytest.raises(WorkingCopyDamaged):
        WorkingCopy.open(path)


def test_a_working_copy_of_another_version_is_refused(working: WorkingCopy, path: Path) -> None:
    working.database.execute("PRAGMA user_version = 99")
    with pytest.raises(WorkingCopyDamaged, match="version 99"):
        WorkingCopy.open(path)


_ids = st.sampled_from(["1", "2", "3", ""])
_organizations = st.builds(
    lambda own, above: Record("organization", own, {"parent_organization_id": above}), _ids, _ids
)
_services = st.builds(lambda own, of: Record("service", own, {"organization_id": of}), _ids, _ids)
_phones = st.builds(lambda own, of: Record("phone", own, {"service_id": of}), _ids, _ids)
_refused = st.builds(
    Quarantined, st.sampled_from(["phones", "odd"]), st.just("x"), _ids, st.just("bad")
)
_sources = st.lists(_organizations | _services | _phones | _refused, max_size=12)


@settings(max_examples=60)
@given(first=_sources, second=_sources)
def test_counts_add_up_whatever_a_source_holds(
    tmp_path_factory: pytest.TempPathFactory, first: list[Item], second: list[Item]
) -> None:
    with WorkingCopy.open(tmp_path_factory.mktemp("any") / "working.sqlite") as working:
        for items in (first, second, second):
            report = take(working, items)
            for counts in report.tables.values():
                taken = counts.new + counts.changed + counts.unchanged
                assert counts.read == taken + counts.quarantined
            assert sum(counts.read for counts in report.tables.values()) == len(items)
            assert len(report.quarantine) == sum(it.quarantined for it in report.tables.values())
        # The last was the same as the one before.
        assert all(it.new == it.changed == it.withdrawn == 0 for it in report.tables.values())
        held = {(it.kind, it.id) for it in graphs.records(working.database, SOURCE)}
        for record in graphs.records(working.database, SOURCE):
            for field, kind in (("organization_id", "organization"), ("service_id", "service")):
                owner = record.fields.get(field)
                assert not owner or (kind, owner) in held
