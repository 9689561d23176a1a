"""The audit: append-only by trigger, and any tampering past the trigger is found."""

import sqlite3
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from template_service.records import audit
from template_service.records.audit import AuditEntry, Broken
from template_service.records.keys import Keys
from template_service.records.store import Store
from tests.unit.records.practice import CITY, NEIGHBOUR, NOW, PRACTICE, found_city


def _fill(store: Store, *organisations: str) -> None:
    with store.write() as conn:
        for minute, organisation_id in enumerate(organisations):
            audit.append(
                conn,
                organisation_id,
                actor="user:1",
                action="open-person",
                at=NOW + timedelta(minutes=minute),
                entities={"person": f"p{minute}"},
                detail={"reason": "care"},
            )


def test_entries_are_numbered_per_organisation_and_read_back(store: Store) -> None:
    _fill(store, PRACTICE, NEIGHBOUR, PRACTICE)
    with store.read() as conn:
        newest, oldest = audit.entries(conn, PRACTICE)
        assert audit.entries(conn, PRACTICE, limit=1, offset=1) == (oldest,)
        assert [entry.seq for entry in audit.entries(conn, NEIGHBOUR)] == [1]
        assert audit.entries(conn, CITY) == ()
        assert audit.verify(conn) is None
    assert newest == AuditEntry(
        PRACTICE,
        2,
        NOW + timedelta(minutes=2),
        "user:1",
        "open-person",
        {"person": "p2"},
        {"reason": "care"},
    )


def test_an_empty_audit_holds(store: Store) -> None:
    with store.read() as conn:
        assert audit.verify(conn) is None


@pytest.mark.parametrize("change", ["UPDATE audit SET actor = 'user:2'", "DELETE FROM audit"])
def test_the_store_refuses_to_change_or_remove_an_entry(store: Store, change: str) -> None:
    _fill(store, PRACTICE)
    with pytest.raises(Exception, match="audit refuses"), store.write() as conn:
        conn.exec_driver_sql(change)


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A closed store with six entries at one practice and two at another, as bytes."""
    path = tmp_path_factory.mktemp("audit") / "records.sqlite"
    city = found_city(path)
    _fill(city.store, *[PRACTICE] * 6, *[NEIGHBOUR] * 2)
    city.store.close()
    return path.read_bytes()


def _tampered(
    tmp_path: Path, content: bytes, *statements: tuple[str, dict[str, Any]]
) -> Broken | None:
    """What the audit says of a store that somebody changed behind its back."""
    path = tmp_path / "tampered.sqlite"
    path.write_bytes(content)
    with sqlite3.connect(path) as raw:
        raw.execute("DROP TRIGGER audit_no_update")
        raw.execute("DROP TRIGGER audit_no_delete")
        for statement, values in statements:
            raw.execute(statement, values)
    raw.close()
    store = Store.open(path, Keys.generate(), durable=False)
    with store.read() as conn:
        found = audit.verify(conn)
    store.close()
    return found


HERE = "organisation_id = :organisation_id AND seq = :seq"
CHANGES = {
    "actor": "UPDATE audit SET actor = 'user:2' WHERE ",
    "action": "UPDATE audit SET action = 'sign-out' WHERE ",
    "entities": "UPDATE audit SET entities = '{}' WHERE ",
    "detail": "UPDATE audit SET detail = '{}' WHERE ",
    "at": "UPDATE audit SET at = '2026-01-01 00:00:00.000000' WHERE ",
    "hash": "UPDATE audit SET hash = zeroblob(32) WHERE ",
}


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=36)
@given(seq=st.integers(1, 6), column=st.sampled_from(sorted(CHANGES)))
def test_any_changed_entry_is_found(tmp_path: Path, filled: bytes, seq: int, column: str) -> None:
    key = {"organisation_id": PRACTICE, "seq": seq}
    found = _tampered(tmp_path, filled, (CHANGES[column] + HERE, key))
    assert found == Broken(PRACTICE, seq)
    assert str(found) == f"entry {seq} of organisation {PRACTICE}"


@pytest.mark.parametrize("seq", range(1, 6))
def test_a_removed_entry_is_found_even_when_the_gap_is_closed(
    tmp_path: Path, filled: bytes, seq: int
) -> None:
    key = {"organisation_id": PRACTICE, "seq": seq}
    remove = (
        "DELETE FROM audit WHERE organisation_id = :organisation_id AND seq = :seq",
        key,
    )
    close = "UPDATE audit SET seq = seq - 1 WHERE organisation_id = :organisation_id AND seq > :seq"
    assert _tampered(tmp_path, filled, remove) == Broken(PRACTICE, seq)
    assert _tampered(tmp_path, filled, remove, (close, key)) == Broken(PRACTICE, seq)


def test_an_entry_moved_to_another_organisation_is_found(tmp_path: Path, filled: bytes) -> None:
    move = "UPDATE audit SET organisation_id = :there WHERE organisation_id = :here"
    found = _tampered(tmp_path, filled, (move, {"there": CITY, "here": NEIGHBOUR}))
    assert found == Broken(CITY, 1)


def test_an_entry_rewritten_with_a_fresh_hash_is_found_at_the_next(
    tmp_path: Path, filled: bytes
) -> None:
    path = tmp_path / "original.sqlite"
    path.write_bytes(filled)
    store = Store.open(path, Keys.generate(), durable=False)
    with store.read() as conn:
        rows = [row for row in audit._CHAIN.rows(conn) if row["organisation_id"] == PRACTICE]
    store.close()
    forged = audit._chained(rows[0]["hash"], {**rows[1], "actor": "user:2"})
    rewrite = "UPDATE audit SET actor = 'user:2', hash = :hash WHERE hash = :old_hash"
    hashes = {"hash": forged, "old_hash": rows[1]["hash"]}
    assert _tampered(tmp_path, filled, (rewrite, hashes)) == Broken(PRACTICE, 3)


def test_an_untouched_copy_holds(tmp_path: Path, filled: bytes) -> None:
    assert _tampered(tmp_path, filled) is None
