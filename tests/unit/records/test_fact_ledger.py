"""The ledger of facts and the people it is read from: counted once, in order of nothing known."""

import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from alembic import command

from template_service.errors import Conflict
from template_service.records import fact_history, fact_ledger
from template_service.records.fact_ledger import Entry, What
from template_service.records.keys import Keys
from template_service.records.migrations.upgrade import config
from template_service.records.people import PersonDetails, add_person, keep_opt_out, person
from template_service.records.store import Store
from tests.unit.records.practice import ANN, BY, NEIGHBOUR, NOW, PRACTICE, City, save

MONTH = "2026-11"
YEAR_START = datetime(2026, 4, 1, tzinfo=UTC)


def people_now(store: Store, *, year: int = 2026) -> list[fact_history.PersonYear]:
    with store.read() as conn:
        return list(
            fact_history.people_of_year(conn, year, year_start=YEAR_START, recent_since=YEAR_START)
        )


def test_a_person_has_another_id_each_year_and_under_other_keys() -> None:
    keys = Keys.generate()
    ids = {fact_ledger.person_year(keys, "9990000018", year) for year in (2025, 2026, 2027)}
    assert len(ids) == 3
    assert fact_ledger.person_year(keys, "9990000018", 2026) in ids
    assert fact_ledger.person_year(Keys.generate(), "9990000018", 2026) not in ids
    assert all(len(one) == 32 and "9990000018" not in one for one in ids)
    # Rotated keys read the same ledger.
    assert fact_ledger.person_year(keys.rotated(), "9990000018", 2026) in ids


def test_what_is_sealed_is_found_again_and_cannot_be_sealed_twice(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fact_ledger, "_BATCH", 2)
    entries = [
        Entry(PRACTICE, "a" * 32, "food", What.ASKED),
        Entry(PRACTICE, "a" * 32, "food", What.HELPED),
        Entry(NEIGHBOUR, "a" * 32, "money", What.ASKED),
        Entry(PRACTICE, "b" * 32, "food", What.NOT_OFFERED),
        Entry(PRACTICE, "c" * 32, "food", What.ASKED),
    ]
    with store.write() as conn:
        counts = fact_ledger.seal(conn, MONTH, entries, at=NOW)
    assert counts == {PRACTICE: 4, NEIGHBOUR: 1}
    with store.read() as conn:
        assert fact_ledger.is_sealed(conn, MONTH)
        assert not fact_ledger.is_sealed(conn, "2026-10")
        assert fact_ledger.counted(conn, [PRACTICE], "a" * 32) == {
            ("food", What.ASKED): MONTH,
            ("food", What.HELPED): MONTH,
        }
        both = fact_ledger.counted(conn, [PRACTICE, NEIGHBOUR], "a" * 32)
        assert both.keys() - {("food", What.ASKED), ("food", What.HELPED)} == {
            ("money", What.ASKED)
        }
    with store.write() as conn, pytest.raises(Conflict, match="sealed already"):
        fact_ledger.seal(conn, MONTH, [], at=NOW)


def test_a_later_month_does_not_move_what_was_counted(store: Store) -> None:
    entry = Entry(PRACTICE, "a" * 32, "food", What.ASKED)
    with store.write() as conn:
        fact_ledger.seal(conn, "2026-10", [entry], at=NOW)
        fact_ledger.seal(conn, MONTH, [entry], at=NOW)
        assert fact_ledger.counted(conn, [PRACTICE], "a" * 32) == {("food", What.ASKED): "2026-10"}


def test_a_sealing_that_fails_leaves_the_month_open(store: Store) -> None:
    unknown = Entry("nowhere", "a" * 32, "food", What.ASKED)
    with pytest.raises(sqlite3.IntegrityError), store.write() as conn:
        fact_ledger.seal(conn, MONTH, [unknown], at=NOW)
    with store.read() as conn:
        assert not fact_ledger.is_sealed(conn, MONTH)


@pytest.mark.parametrize("table", ["fact_ledger", "fact_month"])
@pytest.mark.parametrize("change", ["DELETE FROM {}", "UPDATE {} SET month = '2026-12'"])
def test_the_ledger_refuses_every_change(store: Store, table: str, change: str) -> None:
    with store.write() as conn:
        fact_ledger.seal(conn, MONTH, [Entry(PRACTICE, "a" * 32, "food", What.ASKED)], at=NOW)
    with pytest.raises(Exception, match=f"{table} refuses"), store.write() as conn:
        conn.exec_driver_sql(change.format(table))


def test_an_opt_out_is_kept_and_taken_back(city: City) -> None:
    key = (PRACTICE, city.person.person_id)
    with city.store.write() as conn:
        keep_opt_out(conn, *key, since=NOW)
        found = person(conn, *key)
        assert found is not None
        assert found.opted_out_at == NOW
        assert fact_history.opted_out_people(conn) == 1
        keep_opt_out(conn, *key, since=None)
        assert person(conn, *key) == city.person
        assert fact_history.opted_out_people(conn) == 0


def test_records_of_one_nhs_number_are_one_person_whose_objection_holds_everywhere(
    city: City,
) -> None:
    with city.store.write() as conn:
        moved = add_person(conn, NEIGHBOUR, ANN, at=NOW)
        save(conn, city.person.person_id)
    (one,) = people_now(city.store)
    assert one.records == ((PRACTICE, city.person.person_id),)
    with city.store.write() as conn:
        keep_opt_out(conn, NEIGHBOUR, moved.person_id, since=NOW)
    (one,) = people_now(city.store)
    assert one.records == ((PRACTICE, city.person.person_id), (NEIGHBOUR, moved.person_id))
    assert one.opted_out
    with city.store.write() as conn:
        keep_opt_out(conn, PRACTICE, city.person.person_id, since=NOW)
        assert fact_history.opted_out_people(conn) == 1


def test_people_without_a_number_are_each_themselves_and_the_order_tells_nothing(
    city: City,
) -> None:
    with city.store.write() as conn:
        made = [add_person(conn, PRACTICE, PersonDetails(), at=NOW).person_id for _ in range(12)]
        for person_id in made:
            save(conn, person_id)
    orders = []
    for year in (2026, 2027):
        found = people_now(city.store, year=year)
        assert [one.id for one in found] == sorted(one.id for one in found)
        assert len(found) == len(made)
        orders.append([one.records for one in found])
    assert orders[0] != orders[1]


def test_a_store_with_people_is_brought_up_and_nobody_objects_yet(tmp_path: Path) -> None:
    store = Store.open(tmp_path / "records.sqlite", Keys.generate(), durable=False)
    with store.write() as conn:
        command.upgrade(config(conn), "0002")
    with store.write() as conn:
        conn.exec_driver_sql("INSERT INTO organisation VALUES ('Y90001', 'A', 'practice', '', '')")
        conn.exec_driver_sql(
            "INSERT INTO person (organisation_id, person_id, created_at, active_at)"
            " VALUES ('Y90001', '1', '2026-11-22 09:00:00.000000', '2026-11-22 09:00:00.000000')"
        )
    store.migrate()
    with store.read() as conn:
        found = person(conn, "Y90001", "1")
        assert found is not None
        assert found.opted_out_at is None
        assert fact_history.opted_out_people(conn) == 0
    assert store.check() == ()
    store.close()


def test_only_people_of_the_year_are_read(city: City) -> None:
    with city.store.write() as conn:
        save(conn, city.person.person_id, at=YEAR_START - timedelta(seconds=1))
    assert people_now(city.store) == []
    with city.store.write() as conn:
        save(conn, city.person.person_id, at=YEAR_START)
    assert [one.recent for one in people_now(city.store)] == [True]


def test_the_states_of_a_response_come_in_order_and_end_before_the_month_does(city: City) -> None:
    moments = [NOW + timedelta(days=day) for day in (0, 1, 9)]
    with city.store.write() as conn:
        head = save(conn, city.person.person_id, at=moments[0]).head
        for number, at in enumerate(moments[1:], start=1):
            save(
                conn,
                city.person.person_id,
                response_id=head.response_id,
                base_revision=number,
                at=at,
                **BY,
            )
    span = {"since": YEAR_START, "before": moments[2]}
    with city.store.read() as conn:
        found = list(fact_history.saved_states(conn, PRACTICE, city.person.person_id, **span))
        last = fact_history.last_states(conn, PRACTICE, head.response_id, before=moments[2])
        assert last == found[-1]
        assert fact_history.last_states(conn, PRACTICE, head.response_id, before=NOW) is None
    assert [(one.revision, one.saved_at) for one in found] == [(1, moments[0]), (2, moments[1])]
    assert found[0].states[0]["id"] == "housing"
