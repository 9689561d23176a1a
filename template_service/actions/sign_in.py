"""Signing in and out; every attempt that fails for a known account is audited."""

from datetime import timedelta

from template_service import clock
from template_service.access import passwords, sessions
from template_service.errors import Unauthenticated
from template_service.records import audit, users
from template_service.service import Service


class WrongSignIn(Unauthenticated):
    """The username or the password is wrong; which of them is never said."""

    title = "The username or password is not right"


def limits_of(service: Service) -> sessions.Limits:
    """How long sessions live, from the settings."""
    return sessions.Limits(
        idle=timedelta(minutes=service.settings.session_idle_minutes),
        absolute=timedelta(hours=service.settings.session_absolute_hours),
    )


def sign_in(service: Service, *, username: str, password: str, previous: str | None = None) -> str:
    """Start a session and return the cookie's value; `previous` ends (rotation).

    Raises WrongSignIn, after the same time whether or not the account exists.
    """
    with service.store.read() as conn:
        account = users.by_username(conn, username.strip())
    checked = passwords.check_password(account, password)
    now = clock.now()
    with service.store.write() as conn:
        if account is not None:
            audit.append(
                conn,
                account.organisation_id,
                actor=f"user:{account.user_id}",
                action="sign-in" if checked.user else "sign-in-refused",
                at=now,
            )
        if checked.user is not None:
            if checked.rehash is not None:
                users.replace_password_hash(conn, checked.user, checked.rehash)
            sessions.end_old(conn, now=now, limits=limits_of(service))
            return sessions.start(conn, checked.user, now=now, previous=previous)
    raise WrongSignIn


def sign_out(service: Service, *, sid: str) -> None:
    """End the session of a cookie's value; an unknown one is no error."""
    with service.store.write() as conn:
        sessions.end(conn, sid)
