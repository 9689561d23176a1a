"""Bearer tokens for systems: a role at an organisation, shown once, kept as a hash, with an end."""

import hashlib
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import uuid4

from sqlalchemy import Connection

from template_service.access.placement import check_placement
from template_service.access.principal import Principal, Role
from template_service.errors import Invalid
from template_service.records import tokens

# The prefix lets secret scanners recognise a token that leaked.
PREFIX = "ts_"
MAX_DAYS = 366
_SECRET_BYTES = 32


@dataclass(frozen=True, slots=True)
class Issued:
    """A new token. `token` is shown once and kept nowhere."""

    token_id: str
    token: str = field(repr=False)
    role: Role
    organisation_id: str
    expires_at: datetime


def token_create(
    conn: Connection,
    *,
    role: Role,
    organisation_id: str,
    days: int,
    now: datetime,
    name: str = "Connected system",
) -> Issued:
    """Make a token for a role at an organisation that lasts `days` (1 to `MAX_DAYS`).

    Raises `Invalid`, `UnknownOrganisation` and `MisplacedRole`.
    """
    if not 1 <= days <= MAX_DAYS:
        raise Invalid(f"A token lasts 1 to {MAX_DAYS} days")
    check_placement(conn, role, organisation_id)
    token = PREFIX + secrets.token_urlsafe(_SECRET_BYTES)
    row = tokens.TokenRow(
        organisation_id=organisation_id,
        token_id=str(uuid4()),
        secret_hash=_hash(token),
        role=role,
        name=name,
        created_at=now,
        expires_at=now + timedelta(days=days),
    )
    tokens.add(conn, row)
    return Issued(row.token_id, token, role, organisation_id, row.expires_at)


def resolve(conn: Connection, token: str, *, now: datetime) -> Principal | None:
    """Who a token stands for, or None when it is unknown, revoked or expired."""
    if not token.startswith(PREFIX):
        return None
    row = tokens.by_secret(conn, _hash(token))
    if row is None or row.expires_at <= now:
        return None
    return Principal(
        role=Role(row.role),
        organisation_id=row.organisation_id,
        name=row.name,
        token_id=row.token_id,
    )


def revoke(conn: Connection, organisation_id: str, token_id: str, *, now: datetime) -> bool:
    """End a token now; False when the organisation has no such token in force."""
    return tokens.revoke(conn, organisation_id, token_id, now)


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
