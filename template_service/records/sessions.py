"""Sign-in sessions as the store keeps them: the secret only as its SHA-256."""

from dataclasses import asdict, dataclass, field
from datetime import datetime

from sqlalchemy import Connection, bindparam, select

from template_service.records import tables
from template_service.records.prepared import Prepared


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionRow:
    """A session of an account, with the account's name and role as they are now."""

    organisation_id: str
    session_id: str
    user_id: str
    started_at: datetime
    seen_at: datetime
    name: str
    role: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NewSession:
    """A session to keep; `secret_hash` is the SHA-256 of the cookie's value."""

    organisation_id: str
    session_id: str
    user_id: str
    secret_hash: bytes = field(repr=False)
    started_at: datetime
    seen_at: datetime


_T = tables.session
_USER = tables.user_account
_THIS = _T.c.secret_hash == bindparam("secret_hash")
_ADD = Prepared(_T.insert())
_BY_SECRET = Prepared(
    select(
        _T.c.organisation_id,
        _T.c.session_id,
        _T.c.user_id,
        _T.c.started_at,
        _T.c.seen_at,
        _USER.c.name,
        _USER.c.role,
    )
    .join_from(
        _T,
        _USER,
        (_T.c.organisation_id == _USER.c.organisation_id) & (_T.c.user_id == _USER.c.user_id),
    )
    .where(_THIS)
)
_TOUCH = Prepared(_T.update().where(_THIS).values(seen_at=bindparam("seen_at")))
_END = Prepared(_T.delete().where(_THIS))
_END_OLD = Prepared(_T.delete().where(_T.c.started_at < bindparam("before")))


def add(conn: Connection, session: NewSession) -> None:
    """Keep a new session."""
    _ADD.run(conn, **asdict(session))


def by_secret(conn: Connection, secret_hash: bytes) -> SessionRow | None:
    """The session of a secret, by one indexed read, or None."""
    row = _BY_SECRET.first(conn, secret_hash=secret_hash)
    return None if row is None else SessionRow(**row)


def touch(conn: Connection, secret_hash: bytes, at: datetime) -> None:
    """Note that a session was used."""
    _TOUCH.run(conn, secret_hash=secret_hash, seen_at=at)


def end(conn: Connection, secret_hash: bytes) -> None:
    """Remove a session; one that is not there is no error."""
    _END.run(conn, secret_hash=secret_hash)


def end_started_before(conn: Connection, before: datetime) -> None:
    """Remove the sessions that have outlived their absolute limit."""
    _END_OLD.run(conn, before=before)
