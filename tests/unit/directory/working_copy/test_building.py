"""What is published out of what was built before is what a fresh build gives, whatever changed."""

from collections.abc import Callable
from datetime import date, timedelta
from functools import partial
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from directory.artefact_building import Entry
from directory.open_referral.lens_reading import Context
from directory.open_referral.records import Item, Record, uuid_of
from directory.open_referral.service_lens import in_context
from directory.working_copy import building, edits
from directory.working_copy.clusters import Row, clusters
from directory.working_copy.staging import written
from directory.working_copy.store import WorkingCopy
from tests.unit.directory.working_copy.curation import S1, S2, WHO
from tests.unit.directory.working_copy.sources import (
    NOW,
    SOURCE,
    TODAY,
    organization,
    phone,
    schedule,
    service,
    source,
    take,
)

edit = partial(edits.edit, by=WHO, now=NOW, reason="they told us")
Made = tuple[dict[str, Entry | None], dict[tuple[str, str], bytes], dict[str, tuple[str, ...]]]


def _made(working: WorkingCopy, *, afresh: bool = False) -> Made:
    with working.writing() as database:
        if afresh:
            for table in ("built", "built_service", "built_document"):
                database.execute(f"DELETE FROM {table}")  # noqa: S608 -- one of three
        built, nested = building.build_all(working, lambda _: None)
    return (
        {f"{one.source}/{one.id}": _listed(one.entry) for one in built},
        {(one.kind, one.id): one.document for one in nested},
        {f"{one.source}/{one.id}": (*one.notes, one.problem) for one in built},
    )


def _listed(entry: Entry | None) -> Entry | None:
    return entry and entry._replace(filtered=list(entry.filtered), texts=list(entry.texts))


def _counting(monkeypatch: pytest.MonkeyPatch) -> Callable[[], list[str]]:
    """Tells which services were read since it was last asked."""
    seen: list[str] = []
    real = building._built

    def counted(one: Any) -> building.Built:
        seen.append(one.id)
        return real(one)

    def told() -> list[str]:
        found = sorted(seen)
        seen.clear()
        return found

    monkeypatch.setattr(building, "_built", counted)
    return told


def _two() -> list[Item]:
    """Two services of two organisations."""
    return [*source(1), organization("o2"), service(2, organization_id="o2"), phone(2)]


def test_only_what_changed_is_built_again(
    working: WorkingCopy, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = _counting(monkeypatch)
    take(working, [*_two(), schedule(1, of=1)])
    _made(working)
    assert read() == ["s1", "s2"]
    before = _made(working)
    assert read() == []
    assert _made(working, afresh=True) == before
    read()
    edit(working, [S1], {"name": "Another"})
    after = _made(working)
    assert read() == ["s1"]
    assert after[0][f"{SOURCE}/s2"] == before[0][f"{SOURCE}/s2"]
    # A source that no service changed in, dates of one that did not.
    dated = partial(edits.set_dates, by=WHO, now=NOW, reason="their letter")
    dated(working, S2, expires_on=TODAY, funding_ends_on=None)
    _made(working)
    assert read() == ["s2"]


def test_other_names_of_areas_and_other_code_build_all_again(
    working: WorkingCopy, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = _counting(monkeypatch)
    take(working, _two())
    _made(working)
    read()
    working.context = in_context(areas={"Leeds": "E08000035"})
    _made(working)
    assert read() == ["s1", "s2"]
    monkeypatch.setattr(building, "code_version", lambda: "another")
    _made(working)
    assert read() == ["s1", "s2"]


def test_the_day_counts_only_where_a_date_is_judged(
    working: WorkingCopy, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = _counting(monkeypatch)
    ends = (TODAY + timedelta(days=1)).isoformat()
    take(working, [*_two(), schedule(1, of=1, valid_to=ends)])
    for day in (TODAY, TODAY + timedelta(days=2)):
        working.context = in_context(today=day)
        read()
        found = _made(working)
    assert read() == ["s1"]
    assert found == _made(working, afresh=True)


def test_a_service_of_two_sources_is_never_taken_for_built(working: WorkingCopy) -> None:
    same = "6a3f5c0e-0d0e-4b52-9d8a-0d9f6f3e8a11"
    items: list[Item] = [*source(1), service(1)._replace(id=same), phone(1)._replace(id="px")]
    for name in ("a", "b"):
        take(working, items, name=name)
    first = _made(working)
    assert first == _made(working)
    assert first[2][f"b/{same}"][-1] == "its id is that of a service of a"
    take(working, source(1), name="a")
    with working.writing() as database:
        database.execute(
            "UPDATE record SET state = 'withdrawn' WHERE source = 'a' AND id = ?", (same,)
        )
    assert _made(working) == _made(working, afresh=True)


_LINKS = ("service", "organization", "location", "phone", "schedule", "attribute")
_ids = st.sampled_from(["1", "2", "3", "4"])
_texts = st.sampled_from(["a", "b", ""])


@st.composite
def _records(draw: st.DrawFn) -> Record:
    """Any record that names any other, known fields or not, its own kind's id or another's."""
    kind = draw(st.sampled_from([*_LINKS, "service_at_location", "taxonomy_term", "cost_option"]))
    fields: dict[str, Any] = {"name": draw(_texts), "description": draw(_texts)}
    for other in draw(st.lists(st.sampled_from(_LINKS), max_size=2, unique=True)):
        fields[f"{other}_id"] = draw(_ids)
    if kind == "attribute":
        fields |= {"link_id": draw(_ids), "taxonomy_term_id": draw(_ids)}
        fields |= {"link_entity": draw(st.sampled_from(["service", "services", "phone", ""]))}
    if kind in ("schedule", "cost_option") and draw(st.booleans()):
        fields |= {"valid_to": "2026-11-24", "option": "Fee", "freq": "WEEKLY", "byday": "MO"}
    return Record(kind, draw(_ids), fields, "x.csv:2")


_steps = st.lists(
    st.one_of(
        st.tuples(st.just("put"), st.lists(_records(), min_size=1, max_size=6)),
        st.tuples(st.just("state"), st.tuples(_ids, st.sampled_from(["current", "withdrawn"]))),
        st.tuples(st.just("day"), st.integers(0, 3)),
        st.tuples(st.just("dates"), _ids),
    ),
    min_size=2,
    max_size=6,
)


def _step(working: WorkingCopy, name: str, what: Any) -> None:
    if name == "day":
        working.context = Context(today=date(2026, 11, 23) + timedelta(days=what))
        return
    with working.writing() as database:
        run = database.execute
        if name == "put":
            for one in what:
                run("DELETE FROM record WHERE kind = ? AND id = ?", (one.kind, one.id))
                run(
                    "INSERT INTO record (source, kind, id, fields, digest, state, origin,"
                    " missing, published, uid, place)"
                    " VALUES (?, ?, ?, ?, '', 'current', 'source', 0, 0, ?, ?)",
                    (
                        SOURCE,
                        one.kind,
                        one.id,
                        written(one.fields).decode(),
                        uuid_of(SOURCE, one.kind, one.id),
                        one.place,
                    ),
                )
        elif name == "state":
            run("UPDATE record SET state = ? WHERE id = ?", (what[1], what[0]))
        else:
            edits.keep_dates(database, (SOURCE, what), {"verified_on": "2026-11-20"})


@settings(max_examples=120)
@given(steps=_steps)
def test_whatever_changes_what_was_built_before_is_as_if_built_afresh(
    emptied: Callable[[], WorkingCopy], steps: list[tuple[str, Any]]
) -> None:
    working = emptied()
    for step in steps:
        _step(working, *step)
        before = _made(working)
        assert _made(working) == before
    assert _made(working, afresh=True) == before


def test_small_numbers_as_ids_do_not_make_one_cluster_of_all() -> None:
    rows = [
        Row(kind, str(number), written(fields).decode(), "x")
        for number in (1, 2, 3)
        for kind, fields in (
            ("organization", {"name": "x"}),
            ("service", {"organization_id": str(number)}),
            ("phone", {"service_id": str(number)}),
        )
    ]
    assert clusters(rows) == ((), ((0, 1, 2), (3, 4, 5), (6, 7, 8)))
