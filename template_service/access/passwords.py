"""Passwords: argon2id, checked in the same time whether or not the account exists."""

from dataclasses import dataclass, field
from datetime import datetime
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.profiles import RFC_9106_LOW_MEMORY
from sqlalchemy import Connection

from template_service.access.placement import check_placement
from template_service.access.principal import Role
from template_service.errors import Invalid
from template_service.records import users
from template_service.records.users import User

# OWASP ASVS 5.0, 6.2.1 (at least 8 characters) and 6.2.9 (at least 64 must be possible); the upper
# bound only keeps one hash from costing as much as a caller likes.
MIN_LENGTH = 8
MAX_LENGTH = 256

# RFC 9106 section 4, second recommended option (64 MiB), for hosts that also do other work.
_HASHER = PasswordHasher.from_parameters(RFC_9106_LOW_MEMORY)


class WeakPassword(Invalid):
    """A password of an unfit length."""

    def __init__(self) -> None:
        super().__init__(f"A password has {MIN_LENGTH} to {MAX_LENGTH} characters")


@dataclass(frozen=True, slots=True)
class Checked:
    """Whose password was right, or None. `rehash` is a newer hash to keep, when one is due."""

    user: User | None
    rehash: str | None = field(default=None, repr=False)


def add_user(
    conn: Connection,
    organisation_id: str,
    *,
    username: str,
    name: str,
    role: Role,
    password: str,
    at: datetime,
) -> User:
    """Add an account to an organisation of the kind its role works at.

    Raises `WeakPassword`, `UnknownOrganisation`, `MisplacedRole` and `UsernameTaken`.
    """
    if not MIN_LENGTH <= len(password) <= MAX_LENGTH:
        raise WeakPassword
    check_placement(conn, role, organisation_id)
    return users.add_account(
        conn,
        organisation_id,
        username=username,
        name=name,
        role=role,
        password_hash=_HASHER.hash(password),
        at=at,
    )


def check_password(user: User | None, password: str) -> Checked:
    """Check a password; give None for an unknown username and it takes as long as for a known one.

    It takes tens of milliseconds on purpose: call it outside `Store.write()`.
    """
    hashed = _nobodys_hash() if user is None else user.password_hash
    try:
        _HASHER.verify(hashed, password[: MAX_LENGTH + 1])
    except (VerificationError, InvalidHashError):
        return Checked(None)
    if user is None:
        return Checked(None)
    return Checked(user, _HASHER.hash(password) if _HASHER.check_needs_rehash(hashed) else None)


@cache
def _nobodys_hash() -> str:
    return _HASHER.hash("nobody signs in with this")
