"""The services a process keeps are those that reading them all again would give."""

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from directory.open_referral.lens_reading import Context
from directory.open_referral.records import Record, uuid_of
from directory.taxonomies import NEED_VOCABULARY
from directory.working_copy import decisions, edits, pairs, rounds, services
from directory.working_copy.problems import WorkingCopyProblem
from directory.working_copy.services import Read, current_services
from directory.working_copy.store import WorkingCopy
from directory.working_copy.writing import Hand, State, Wanted, write
from tests.unit.directory.working_copy.curation import S1, S2, WHO
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


def afresh(working: WorkingCopy) -> tuple[Read, ...]:
    """The services as a process has them that read none before."""
    kept, services._SHELF.kept = services._SHELF.kept, None
    try:
        return current_services(working)
    finally:
        services._SHELF.kept = kept


def decide(working: WorkingCopy, way: Callable[..., None]) -> None:
    for found in decisions.proposals(working)[:1]:
        way(working, found.id, by=WHO, now=NOW, reason="so they said")


def take_back(working: WorkingCopy) -> None:
    for found in decisions.proposals(working, "accepted", "rejected")[:1]:
        decisions.undo(working, found.id, by=WHO, now=NOW, reason="a mistake")


def edit(working: WorkingCopy, which: str, **fields: object) -> None:
    edits.edit(working, [which], fields, by=WHO, now=NOW, reason="they told us")


def end(working: WorkingCopy, which: str) -> None:
    days = {"expires_on": TODAY - timedelta(days=1), "funding_ends_on": None}
    edits.set_dates(working, which, **days, by=WHO, now=NOW, reason="a letter")


STEPS: dict[str, Callable[[WorkingCopy], object]] = {
    "edit": lambda it: edit(it, S1, name="New name", needs=["food-aid"]),
    "edit the other": lambda it: edit(it, S2, organisation="Their own", postcode="LS1 1AA"),
    "rang": lambda it: rounds.rang(it, S1, by=WHO, now=NOW, today=TODAY),
    "end": lambda it: end(it, S2),
    "flag": lambda it: decisions.flag(it, S1, "closed", by="staff", now=NOW),
    "accept": lambda it: decide(it, decisions.accept),
    "reject": lambda it: decide(it, decisions.reject),
    "take back": take_back,
    "apart": lambda it: pairs.tell_apart(it, S1, S2, by=WHO, now=NOW, reason=""),
    "import": lambda it: take(it, changed(source(3), "s1", description="Soup")),
    "import another name": lambda it: take(it, [organization(name="X"), *source(3)[1:]]),
    "import less": lambda it: take(it, without(source(3), "s2", "p2")),
    "a phone moves": lambda it: take(it, changed(source(3), "p1", service_id="s2")),
    "another source": lambda it: take(it, source(1), name="another"),
    "published": lambda it: it.database.execute("UPDATE record SET published = 1"),
}


@settings(max_examples=40, deadline=None)
@given(st.lists(st.sampled_from(sorted(STEPS)), min_size=1, max_size=7))
def test_what_is_followed_is_what_is_read(
    emptied: Callable[[], WorkingCopy], steps: list[str]
) -> None:
    working = emptied()
    take(working, source(3))
    for step in steps:
        # Some steps cannot follow others.
        with suppress(WorkingCopyProblem):
            STEPS[step](working)
        assert current_services(working) == afresh(working), step


_TERMS: Final = (
    Record("taxonomy", "x", {"name": NEED_VOCABULARY}),
    Record("taxonomy_term", "t1", {"name": "Food", "code": "food-aid", "taxonomy_id": "x"}),
)
_ATTRIBUTE: Final = Record("attribute", "a1", {"link_id": "s1", "taxonomy_term_id": "t1"})
_OF_A_SERVICE: Final = {"link_entity": "service"}


@pytest.mark.parametrize(
    ("records", "which", "fields"),
    [
        pytest.param(
            [
                Record("location", "l1", {"name": "Hall"}),
                Record("service_at_location", "x2", {"service_id": "s2", "location_id": "l1"}),
                phone(9, service_id="s1", service_at_location_id="x2"),
            ],
            ("phone", "p9"),
            {"number": "0113 496 0001"},
            id="a phone of one service where another is",
        ),
        pytest.param(
            [
                Record("contact", "c1", {"service_id": "s1", "name": "The desk"}),
                phone(9, service_id="", contact_id="c1", organization_id="o1"),
            ],
            ("phone", "p9"),
            {"number": "0113 496 0001"},
            id="a phone of a contact of one service and of all of an organisation",
        ),
        pytest.param(
            [*_TERMS, _ATTRIBUTE],
            ("service", "s1"),
            {"description": "Soup"},
            id="an attribute that does not say of what kind it is",
        ),
        pytest.param(
            [Record("accessibility", "y1", {"service_id": "s1", "description": "A ramp"})],
            ("service", "s1"),
            {"description": "Soup"},
            id="a record that names a service, as its kind does not",
        ),
        pytest.param(
            [
                *_TERMS,
                _ATTRIBUTE._replace(fields={**_ATTRIBUTE.fields, **_OF_A_SERVICE}),
                phone(2)._replace(id="s1"),
            ],
            ("attribute", "a1"),
            {"link_entity": "phone"},
            id="an attribute goes to an object of another kind with the same id",
        ),
    ],
)
def test_a_change_is_followed_wherever_it_is_read(
    working: WorkingCopy, records: list[Record], which: tuple[str, str], fields: dict[str, str]
) -> None:
    take(working, [*source(), *records])
    before = current_services(working)
    (was,) = [
        it.fields for it in [*source(), *records] if isinstance(it, Record) and it[:2] == which
    ]
    with working.writing() as database:
        write(database, SOURCE, [Wanted(*which, {**was, **fields})], Hand(WHO, NOW, "edit"))
    after = current_services(working)
    assert after == afresh(working) != before


def test_what_waits_is_no_part_of_what_does_not(working: WorkingCopy) -> None:
    take(working, [*source(), organization("o2"), service(3, organization_id="o2")])
    with working.writing() as database:
        write(
            database, SOURCE, [Wanted("organization", "o2", state="proposed")], Hand(WHO, NOW, "")
        )
    before = current_services(working)
    for text in ("Soup", "Bread"):
        edit(working, uuid_of(SOURCE, "service", "s3"), description=text)
        assert current_services(working) == afresh(working) != before


def test_what_waited_is_followed_wherever_it_is_read(working: WorkingCopy) -> None:
    place = {"service_id": "s2", "location_id": "l1"}
    there = {"service_id": "s1", "service_at_location_id": "x2", "option": "Free"}
    records = [
        Record("location", "l1", {"name": "Hall"}),
        Record("service_at_location", "x2", place),
        Record("cost_option", "k1", there),
    ]
    take(working, [*source(), *records])
    before = []
    states: tuple[State, ...] = ("proposed", "current")
    for state in states:
        with working.writing() as database:
            write(database, SOURCE, [Wanted("cost_option", "k1", state=state)], Hand(WHO, NOW, ""))
        before.append(current_services(working))
    assert before[1] == afresh(working) != before[0]


def test_a_part_that_goes_to_another_service_leaves_the_first(working: WorkingCopy) -> None:
    take(working, source())
    STEPS["published"](working)
    STEPS["a phone moves"](working)
    assert all(one.service and one.service.phone for one in current_services(working))
    decide(working, decisions.accept)
    assert [len(one.service.phone) for one in current_services(working) if one.service] == [0, 2, 1]


def test_only_what_changed_is_read_again(
    working: WorkingCopy, monkeypatch: pytest.MonkeyPatch
) -> None:
    take(working, source(3))
    rounds.rang(working, S1, by=WHO, now=NOW, today=TODAY)
    before = current_services(working)
    monkeypatch.setattr(services, "_all", None)
    assert current_services(working) == before
    rounds.rang(working, S2, by=WHO, now=NOW, today=TODAY)
    after = current_services(working)
    assert [one is other for one, other in zip(before, after, strict=True)] == [True, False, True]


def test_what_was_never_written_is_never_kept(working: WorkingCopy) -> None:
    take(working, source())
    before = current_services(working)
    with suppress(RuntimeError), working.writing():
        edit(working, S1, name="Not so")
        edit(working, S1, cost="Free")
        assert current_services(working) != before
        raise RuntimeError
    # The last entry of the audit is now the same to the letter.
    edit(working, S1, name="So it is")
    edit(working, S1, cost="Free")
    assert current_services(working) == afresh(working)


def test_another_day_other_areas_and_another_file_are_read(
    working: WorkingCopy, tmp_path: Path, path: Path
) -> None:
    take(working, source())
    before = current_services(working)
    for context in (Context(today=TODAY), Context(areas={"leeds": "E08000035"})):
        with WorkingCopy.open(path, context=context) as again:
            assert current_services(again)[0] is not before[0]
    with WorkingCopy.open(tmp_path / "another.sqlite") as another:
        assert current_services(another) == ()
        take(another, [organization(), phone(9)])
        assert current_services(another) == ()
