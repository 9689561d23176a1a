"""Access tokens as the store keeps them: the secret only as its SHA-256."""

from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, bindparam, select

from template_service.records import tables
from template_service.records.prepared import Prepared


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenRow:
    """A token of an organisation; `role` and `organisation_id` are all the rights it carries."""

    organisation_id: str
    token_id: str
    secret_hash: bytes = field(repr=False)
    role: str
    name: str
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None = None


class Bearer(NamedTuple):
    """What every request asks of a token that was not revoked."""

    organisation_id: str
    token_id: str
    role: str
    name: str
    expires_at: datetime


_T = tables.access_token
_ADD = Prepared(_T.insert())
_BY_SECRET = Prepared(
    select(*(_T.c[name] for name in Bearer._fields)).where(
        _T.c.secret_hash == bindparam("secret_hash"), _T.c.revoked_at.is_(None)
    )
)
_OF_ORGANISATION = Prepared(
    select(_T)
    .where(_T.c.organisation_id == bindparam("organisation_id"))
    .order_by(_T.c.created_at, _T.c.token_id)
)
_REVOKE = Prepared(
    _T.update()
    .where(
        _T.c.organisation_id == bindparam("organisation_id"),
        _T.c.token_id == bindparam("token_id"),
        _T.c.revoked_at.is_(None),
    )
    .values(revoked_at=bindparam("revoked_at"))
)


def add(conn: Connection, token: TokenRow) -> None:
    """Keep a new token."""
    _ADD.run(conn, **asdict(token))


def by_secret(conn: Connection, secret_hash: bytes) -> Bearer | None:
    """The token of a secret, by one indexed read; None when there is none or it was revoked."""
    row = _BY_SECRET.first(conn, secret_hash=secret_hash)
    return None if row is None else Bearer(**row)


def tokens_of(conn: Connection, organisation_id: str) -> tuple[TokenRow, ...]:
    """Every token of an organisation, oldest first."""
    return tuple(
        TokenRow(**row) for row in _OF_ORGANISATION.rows(conn, organisation_id=organisation_id)
    )


def revoke(conn: Connection, organisation_id: str, token_id: str, at: datetime) -> bool:
    """Revoke a token; False when the organisation has no such token in force."""
    key = {"organisation_id": organisation_id, "token_id": token_id}
    return _REVOKE.run(conn, **key, revoked_at=at) == 1
