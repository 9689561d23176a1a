"""Sessions: kept on the server, known by a random cookie value, limited in idle and total time."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid4

from sqlalchemy import Connection

from template_service.access.principal import Principal, Role
from template_service.errors import Unavailable
from template_service.records import sessions
from template_service.records.store import Store
from template_service.records.users import User

# OWASP ASVS 5.0, 7.2.3 asks for at least 128 bits.
_SECRET_BYTES = 32
# One durable write a minute says as much about idleness as one per request.
_TOUCH_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a session lives unused, and how long at all."""

    idle: timedelta = timedelta(minutes=30)
    absolute: timedelta = timedelta(hours=10)


def start(conn: Connection, user: User, *, now: datetime, previous: str | None = None) -> str:
    """Begin a session for an account; returns the cookie's value, which is kept only as a hash.

    `previous` is the value the browser had before signing in; that session ends, so that nobody can
    plant one (rotation).
    """
    if previous:
        end(conn, previous)
    sid = secrets.token_urlsafe(_SECRET_BYTES)
    sessions.add(
        conn,
        sessions.NewSession(
            organisation_id=user.organisation_id,
            session_id=str(uuid4()),
            user_id=user.user_id,
            secret_hash=_hash(sid),
            started_at=now,
            seen_at=now,
        ),
    )
    return sid


def resolve(store: Store, sid: str, *, now: datetime, limits: Limits) -> Principal | None:
    """Who a cookie's value stands for, or None when it is unknown or past a limit.

    Notes the use at most once a minute.
    """
    secret_hash = _hash(sid)
    with store.read() as conn:
        session = sessions.by_secret(conn, secret_hash)
    if session is None or _is_over(session, now, limits):
        return None
    if now - session.seen_at >= _TOUCH_EVERY:
        _touch(store, secret_hash, now)
    return Principal(
        role=Role(session.role),
        organisation_id=session.organisation_id,
        name=session.name,
        user_id=session.user_id,
        session_id=session.session_id,
    )


def end(conn: Connection, sid: str) -> None:
    """Sign out; a value that is not known is no error."""
    sessions.end(conn, _hash(sid))


def end_old(conn: Connection, *, now: datetime, limits: Limits) -> None:
    """Remove the sessions past their absolute limit."""
    sessions.end_started_before(conn, now - limits.absolute)


def _is_over(session: sessions.SessionRow, now: datetime, limits: Limits) -> bool:
    return now - session.seen_at > limits.idle or now - session.started_at > limits.absolute


def _touch(store: Store, secret_hash: bytes, now: datetime) -> None:
    try:
        with store.write() as conn:
            sessions.touch(conn, secret_hash, now)
    except Unavailable:
        # Reading pages must go on while the store cannot be written; the next request notes it.
        return


def _hash(sid: str) -> bytes:
    return hashlib.sha256(sid.encode()).digest()
