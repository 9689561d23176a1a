"""User accounts: who can sign in, in which role, at which organisation."""

from dataclasses import asdict, dataclass, field
from datetime import datetime
from uuid import uuid4

from sqlalchemy import Connection, bindparam, select

from template_service.errors import Conflict
from template_service.records import tables
from template_service.records.prepared import Prepared


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """An account. `username` is unique in the service, `password_hash` an argon2id string."""

    organisation_id: str
    user_id: str
    username: str
    name: str
    role: str
    password_hash: str = field(repr=False)
    created_at: datetime


class UsernameTaken(Conflict):
    """Somebody has this username."""

    def __init__(self) -> None:
        super().__init__("That username is taken")


_T = tables.user_account
_ADD = Prepared(_T.insert())
_BY_USERNAME = Prepared(select(_T).where(_T.c.username == bindparam("username")))
_WITH_ROLE = Prepared(
    select(_T.c.user_id).where(
        _T.c.organisation_id == bindparam("organisation_id"), _T.c.role == bindparam("role")
    )
)
_ALL = Prepared(select(_T).order_by(_T.c.username))
_REHASH = Prepared(
    _T.update()
    .where(
        _T.c.organisation_id == bindparam("organisation_id"),
        _T.c.user_id == bindparam("user_id"),
    )
    .values(password_hash=bindparam("password_hash"))
)


def add_account(
    conn: Connection,
    organisation_id: str,
    *,
    username: str,
    name: str,
    role: str,
    password_hash: str,
    at: datetime,
) -> User:
    """Keep a new account; raises `UsernameTaken`. `access.passwords.add_user` makes the hash."""
    if by_username(conn, username) is not None:
        raise UsernameTaken
    user = User(
        organisation_id=organisation_id,
        user_id=str(uuid4()),
        username=username,
        name=name,
        role=role,
        password_hash=password_hash,
        created_at=at,
    )
    _ADD.run(conn, **asdict(user))
    return user


def by_username(conn: Connection, username: str) -> User | None:
    """The account with a username, at whichever organisation, or None."""
    row = _BY_USERNAME.first(conn, username=username)
    return None if row is None else User(**row)


def has_role(conn: Connection, organisation_id: str, role: str) -> bool:
    """Whether anybody at an organisation has a role."""
    return _WITH_ROLE.first(conn, organisation_id=organisation_id, role=role) is not None


def accounts(conn: Connection) -> tuple[User, ...]:
    """Every account, by username."""
    return tuple(User(**row) for row in _ALL.rows(conn))


def replace_password_hash(conn: Connection, user: User, password_hash: str) -> None:
    """Keep a newer hash of the password of an account."""
    _REHASH.run(
        conn,
        organisation_id=user.organisation_id,
        user_id=user.user_id,
        password_hash=password_hash,
    )
