"""Sessions: limits in idle and total time, rotation, secrets kept only as hashes."""

from datetime import datetime, timedelta

import pytest

from template_service.access import sessions
from template_service.access.principal import Principal, Role
from template_service.access.sessions import Limits
from template_service.records.store import Store, StoreBusy
from template_service.records.users import User, add_account
from tests.unit.records.practice import NOW, PRACTICE

LIMITS = Limits(idle=timedelta(minutes=30), absolute=timedelta(hours=10))


@pytest.fixture
def user(store: Store) -> User:
    """An account; its password does not matter here."""
    with store.write() as conn:
        return add_account(
            conn,
            PRACTICE,
            username="someone",
            name="Dr Made Up",
            role=Role.CLINICIAN,
            password_hash="unused",
            at=NOW,
        )


@pytest.fixture
def sid(store: Store, user: User) -> str:
    """The cookie value of a session begun now."""
    with store.write() as conn:
        return sessions.start(conn, user, now=NOW)


def _who(store: Store, sid: str, at: datetime) -> Principal | None:
    return sessions.resolve(store, sid, now=at, limits=LIMITS)


def test_a_session_stands_for_its_account(store: Store, user: User, sid: str) -> None:
    found = _who(store, sid, NOW)
    assert found is not None
    assert (found.role, found.organisation_id) == (Role.CLINICIAN, PRACTICE)
    assert (found.name, found.user_id, found.token_id) == ("Dr Made Up", user.user_id, None)
    assert found.actor == f"user:{user.user_id}"


@pytest.mark.parametrize("value", ["", "nonsense", "0" * 43])
def test_an_unknown_value_stands_for_nobody(store: Store, sid: str, value: str) -> None:
    assert _who(store, value, NOW) is None


def test_an_idle_session_ends(store: Store, sid: str) -> None:
    assert _who(store, sid, NOW + timedelta(minutes=30)) is not None
    assert _who(store, sid, NOW + timedelta(minutes=61)) is None


def test_a_session_in_use_lives_to_its_absolute_limit(store: Store, sid: str) -> None:
    for minutes in range(20, 601, 20):
        assert _who(store, sid, NOW + timedelta(minutes=minutes)) is not None
    assert _who(store, sid, NOW + timedelta(minutes=601)) is None


def test_use_is_written_at_most_once_a_minute(store: Store, sid: str) -> None:
    def seen() -> object:
        with store.read() as conn:
            return conn.exec_driver_sql("SELECT seen_at FROM session").scalar_one()

    at_first = seen()
    _who(store, sid, NOW + timedelta(seconds=59))
    assert seen() == at_first
    _who(store, sid, NOW + timedelta(seconds=60))
    assert seen() != at_first


def test_a_busy_store_does_not_stop_anybody_reading(
    store: Store, sid: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy() -> None:
        raise StoreBusy

    monkeypatch.setattr(store, "write", busy)
    assert _who(store, sid, NOW + timedelta(minutes=5)) is not None


def test_signing_in_again_ends_what_the_browser_had(store: Store, user: User, sid: str) -> None:
    with store.write() as conn:
        new = sessions.start(conn, user, now=NOW, previous=sid)
    assert new != sid
    assert _who(store, sid, NOW) is None
    assert _who(store, new, NOW) is not None


def test_signing_out_ends_the_session_and_only_that_one(store: Store, user: User, sid: str) -> None:
    with store.write() as conn:
        other = sessions.start(conn, user, now=NOW)
        sessions.end(conn, sid)
        sessions.end(conn, "unknown")
    assert _who(store, sid, NOW) is None
    assert _who(store, other, NOW) is not None


def test_sessions_past_their_limit_are_swept(store: Store, user: User, sid: str) -> None:
    with store.write() as conn:
        young = sessions.start(conn, user, now=NOW + timedelta(hours=5))
        sessions.end_old(conn, now=NOW + timedelta(hours=11), limits=LIMITS)
        assert conn.exec_driver_sql("SELECT count(*) FROM session").scalar_one() == 1
    assert _who(store, young, NOW + timedelta(hours=5)) is not None


def test_the_value_itself_is_not_in_the_store(store: Store, sid: str) -> None:
    log = store.path.with_name(store.path.name + "-wal")
    assert sid.encode() not in store.path.read_bytes() + log.read_bytes()
