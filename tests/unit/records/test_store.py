"""The store: transactions, readers that cannot write, one writer between threads and processes."""

import fcntl
import os
import sqlite3
import threading
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.exc import OperationalError

from template_service.records import store as store_module
from template_service.records.keys import Keys
from template_service.records.migrations.upgrade import config
from template_service.records.organisations import Kind, Organisation, get, import_organisations
from template_service.records.store import SCHEMA_REVISION, Store, StoreBusy, StoreUnusable
from template_service.records.tables import metadata

SURGERY = Organisation(ods_code="Y90009", name="New Surgery", kind=Kind.PRACTICE)


def test_a_write_is_there_for_the_next_reader(store: Store) -> None:
    with store.write() as conn:
        import_organisations(conn, [SURGERY])
    with store.read() as conn:
        assert get(conn, SURGERY.ods_code) == SURGERY


def test_an_exception_rolls_the_whole_write_back(store: Store) -> None:
    with pytest.raises(ZeroDivisionError):
        _import_and_fail(store)
    with store.read() as conn:
        assert get(conn, SURGERY.ods_code) is None
    with store.write() as conn:
        import_organisations(conn, [SURGERY])


def _import_and_fail(store: Store) -> None:
    with store.write() as conn:
        import_organisations(conn, [SURGERY])
        raise ZeroDivisionError


def test_a_reader_sees_one_snapshot(store: Store) -> None:
    with store.read() as reader:
        assert get(reader, SURGERY.ods_code) is None
        with store.write() as writer:
            import_organisations(writer, [SURGERY])
        assert get(reader, SURGERY.ods_code) is None
    with store.read() as later:
        assert get(later, SURGERY.ods_code) == SURGERY


def test_a_reader_cannot_write(store: Store) -> None:
    with store.read() as conn, pytest.raises(sqlite3.OperationalError, match="readonly"):
        import_organisations(conn, [SURGERY])


def test_a_writer_does_not_nest_in_itself(store: Store) -> None:
    with store.write(), pytest.raises(RuntimeError, match="writing already"), store.write():
        pass


def test_writers_of_many_threads_take_turns(store: Store) -> None:
    with store.write() as conn:
        conn.exec_driver_sql("CREATE TABLE counter AS SELECT 0 AS n")

    def count() -> None:
        for _ in range(25):
            with store.write() as conn:
                n = conn.exec_driver_sql("SELECT n FROM counter").scalar_one()
                conn.exec_driver_sql("UPDATE counter SET n = ?", (n + 1,))

    threads = [threading.Thread(target=count) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with store.read() as conn:
        assert conn.exec_driver_sql("SELECT n FROM counter").scalar_one() == 200


def test_a_lock_of_another_process_ends_in_a_clear_error(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store_module, "BUSY_SECONDS", 0.02)
    other = os.open(f"{store.path}.lock", os.O_RDWR)
    fcntl.flock(other, fcntl.LOCK_EX)
    with pytest.raises(StoreBusy, match="Another program"), store.write():
        pass
    os.close(other)
    with store.write() as conn:
        import_organisations(conn, [SURGERY])


def test_a_lock_of_another_thread_ends_in_a_clear_error(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store_module, "BUSY_SECONDS", 0.02)
    caught: list[Exception] = []

    def write() -> None:
        try:
            with store.write():
                pass
        except StoreBusy as busy:
            caught.append(busy)

    with store.write():
        thread = threading.Thread(target=write)
        thread.start()
        thread.join()
    assert [str(error) for error in caught] == ["Another change is still being saved; try again"]


def test_two_stores_on_one_file_write_in_turn(store: Store, tmp_path: Path) -> None:
    other = Store.open(store.path, Keys.generate())
    with other.write() as conn:
        import_organisations(conn, [SURGERY])
    with store.write() as conn:
        assert get(conn, SURGERY.ods_code) == SURGERY
    other.close()
    assert store.check() == ()


def test_the_writer_is_durable_and_readers_never_checkpoint(tmp_path: Path) -> None:
    store = Store.open(tmp_path / "durable.sqlite", Keys.generate())
    store.migrate()
    with store.write() as conn:
        assert conn.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert conn.exec_driver_sql("PRAGMA synchronous").scalar() == 2
        assert conn.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
    with store.read() as conn:
        assert conn.exec_driver_sql("PRAGMA query_only").scalar() == 1
        with pytest.raises(OperationalError):
            conn.exec_driver_sql("PRAGMA wal_checkpoint(PASSIVE)")
    store.close()


def test_closing_folds_the_log_into_the_file_and_may_be_repeated(tmp_path: Path) -> None:
    store = Store.open(tmp_path / "records.sqlite", Keys.generate(), durable=False)
    store.migrate()
    with store.write() as conn:
        import_organisations(conn, [SURGERY])
    store.close()
    store.close()
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "records.sqlite",
        "records.sqlite.lock",
        "records.sqlite.turn",
    ]
    again = Store.open(f"sqlite:///{store.path}", Keys.generate())
    with again.read() as conn:
        assert get(conn, SURGERY.ods_code) == SURGERY
    again.close()


def test_only_the_owner_can_read_the_files(tmp_path: Path) -> None:
    store = Store.open(tmp_path / "records.sqlite", Keys.generate(), durable=False)
    store.migrate()
    modes = {path.name: path.stat().st_mode & 0o777 for path in tmp_path.iterdir()}
    assert set(modes.values()) == {0o600}
    assert {"records.sqlite", "records.sqlite-wal"} <= set(modes)
    store.close()


def test_another_kind_of_database_is_refused() -> None:
    with pytest.raises(StoreUnusable, match="SQLite"):
        Store.open("postgresql://somewhere/records", Keys.generate())


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "records.sqlite"
    path.write_text("this is a shopping list " * 100)
    with pytest.raises(StoreUnusable, match="not a database"):
        Store.open(path, Keys.generate())


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StoreUnusable, match="No such file"):
        Store.open(tmp_path / "nowhere" / "records.sqlite", Keys.generate())


def test_a_full_disk_is_a_clear_error_and_nothing_is_saved(store: Store) -> None:
    with store.write() as conn:
        pages = conn.exec_driver_sql("PRAGMA page_count").scalar_one()
        conn.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
    many = [
        Organisation(ods_code=f"Z{n}", name="Made Up Surgery " * 20, kind=Kind.PRACTICE)
        for n in range(200)
    ]
    with pytest.raises(StoreUnusable, match="Nothing was saved: database or disk is full"):
        _import(store, many)
    with store.write() as conn:
        conn.exec_driver_sql("PRAGMA max_page_count = 1000000")
        assert get(conn, "Z0") is None
    _import(store, many)


def _import(store: Store, organisations: list[Organisation]) -> None:
    with store.write() as conn:
        import_organisations(conn, organisations)


def test_a_wrong_statement_is_not_taken_for_a_fault(store: Store) -> None:
    with pytest.raises(Exception, match="no such table") as caught, store.write() as conn:
        conn.exec_driver_sql("SELECT 1 FROM nowhere")
    assert not isinstance(caught.value, StoreUnusable)


def test_the_migrations_make_the_tables_that_the_code_uses(store: Store) -> None:
    with store.read() as conn:
        context = MigrationContext.configure(conn.engine.connect(), opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []
        assert context.connection is not None
        context.connection.close()


def test_the_schema_revision_is_the_last_migration(store: Store) -> None:
    assert ScriptDirectory.from_config(config()).get_current_head() == SCHEMA_REVISION
    assert store.schema_revision() == SCHEMA_REVISION


def test_migrating_again_changes_nothing(store: Store) -> None:
    assert store.migrate() == SCHEMA_REVISION
    assert store.check() == ()


def test_the_store_of_a_newer_version_is_left_alone(store: Store) -> None:
    with store.write() as conn:
        conn.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(StoreUnusable, match="newer version"):
        store.migrate()
    assert store.schema_revision() == "9999"


def test_an_empty_file_has_no_revision(tmp_path: Path) -> None:
    store = Store.open(tmp_path / "empty.sqlite", Keys.generate())
    assert store.schema_revision() is None
    store.close()


def test_what_is_kept_cannot_be_deleted(store: Store) -> None:
    with store.read() as conn:
        rows = conn.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        triggers = {str(name) for (name,) in rows}
    assert {name for name in triggers if name.endswith("_no_delete")} == {
        "audit_no_delete",
        "fact_ledger_no_delete",
        "fact_month_no_delete",
        "given_no_delete",
        "questionnaire_change_no_delete",
        "questionnaire_no_delete",
        "referral_event_no_delete",
        "referral_no_delete",
        "response_no_delete",
        "response_revision_no_delete",
        "urgent_card_no_delete",
    }
